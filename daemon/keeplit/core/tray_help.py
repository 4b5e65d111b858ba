"""What to install where the flame cannot be shown, for the desktop and the distribution at hand. Pure.

Law: one message holds all that is missing and the commands for it; a distribution that is not known gets the names.
"""

from collections.abc import Mapping

# Per family: what pystray is built on, and GNOME's extension that shows icons of others.
BUILD = "pkg-config gcc"
INSTALL = {
    "debian": (
        f"sudo apt install gir1.2-ayatanaappindicator3-0.1 libgirepository1.0-dev libcairo2-dev python3-dev {BUILD}",
        "sudo apt install gnome-shell-extension-appindicator",
    ),
    "fedora": (
        f"sudo dnf install libayatana-appindicator-gtk3 gobject-introspection-devel cairo-devel python3-devel {BUILD}",
        "sudo dnf install gnome-shell-extension-appindicator",
    ),
    "arch": (
        f"sudo pacman -S libayatana-appindicator gobject-introspection cairo {BUILD}",
        "sudo pacman -S gnome-shell-extension-appindicator",
    ),
    "suse": (
        f"sudo zypper install typelib-1_0-AyatanaAppIndicator3-0_1 gobject-introspection-devel cairo-devel {BUILD}",
        "sudo zypper install gnome-shell-extension-appindicator",
    ),
}
NAMES = "the headers of GObject introspection and cairo, a C compiler, and the typelib AyatanaAppIndicator3"
EXTENSION = 'the GNOME extension "AppIndicator and KStatusNotifierItem Support"'
INTO = (
    "then into keeplit's own place: pipx inject keeplit 'PyGObject<3.51' "
    "(or with uv: uv tool install --with 'PyGObject<3.51' keeplit)"
)
WITHOUT = "Without it: keeplit status --watch"


def family(release: Mapping[str, str]) -> str:
    """Return the family of a distribution from the keys of its os-release file; empty where it is none we know."""
    names = [release.get("ID", ""), *release.get("ID_LIKE", "").split()]
    aliases = {"ubuntu": "debian", "rhel": "fedora", "centos": "fedora", "opensuse": "suse", "sles": "suse"}
    found = (aliases.get(name, name) for name in names)
    return next((name for name in found if name in INSTALL), "")


def os_release(text: str) -> dict[str, str]:
    """Return the keys of an os-release file."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def sentence(code: str, release: Mapping[str, str], desktop: str) -> str:
    """Return why no icon is shown, and every step that is needed. `desktop` is XDG_CURRENT_DESKTOP."""
    packages, extension = INSTALL.get(family(release), (f"install {NAMES}", f"install {EXTENSION}"))
    gnome = "gnome" in desktop.lower()
    shell = f"{extension}, log out and in, and switch it on in the Extensions app" if gnome else ""
    match code:
        case "no_display":
            return f"The flame needs a graphical session, and there is none here (no DISPLAY). {WITHOUT}"
        case "no_bus":
            return f"The flame needs the session's D-Bus, and none answers here. Start it in your desktop. {WITHOUT}"
        case "no_host":
            how = shell or "add a system tray (status notifier) to your panel"
            return f"Nothing on this desktop shows tray icons; the flame waits for it. Do: {how}. {WITHOUT}"
        case _:
            steps = [packages, INTO, *([shell] if shell else [])]
            lines = "\n".join(f"  {number}. {step}" for number, step in enumerate(steps, 1))
            return f"The flame needs more than Python here. Do:\n{lines}\n{WITHOUT}"
