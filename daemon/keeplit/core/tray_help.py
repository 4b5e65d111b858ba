"""What to install where the flame cannot be shown, for the desktop and the distribution at hand. Pure.

Law: one message holds all that is missing and the commands for it; a distribution that is not known gets the names.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Packages:
    """How a family of distributions installs, and what it calls each part."""

    install: str
    typelib: str
    headers: str  # and a compiler: PyGObject is built on the machine
    extension: str = "gnome-shell-extension-appindicator"  # of GNOME, which shows no icons of others


INSTALL = {
    "debian": Packages(
        "sudo apt install",
        "gir1.2-ayatanaappindicator3-0.1",
        "libgirepository1.0-dev libcairo2-dev python3-dev pkg-config gcc",
    ),
    "fedora": Packages(
        "sudo dnf install",
        "libayatana-appindicator-gtk3",
        "gobject-introspection-devel cairo-devel cairo-gobject-devel python3-devel pkg-config gcc",
    ),
    "arch": Packages(
        "sudo pacman -S",
        "libayatana-appindicator",
        "gobject-introspection cairo pkgconf gcc",
    ),
    "suse": Packages(
        "sudo zypper install",
        "typelib-1_0-AyatanaAppIndicator3-0_1",
        "gobject-introspection-devel cairo-devel python3-devel pkg-config gcc",
    ),
}
UNKNOWN = Packages(
    "install",
    "the typelib AyatanaAppIndicator3",
    "the headers of GObject introspection and cairo, a C compiler",
    'the GNOME extension "AppIndicator and KStatusNotifierItem Support"',
)
INTO = (
    "then into keeplit's own place: pipx inject keeplit 'PyGObject<3.51' "
    "(or with uv: uv tool install --with 'PyGObject<3.51' keeplit)"
)
WHY = {
    "no_display": "The flame needs a graphical session, and there is none here (no DISPLAY)",
    "no_bus": "The flame needs the session's D-Bus, and none answers here",
    "no_host": "Nothing on this desktop shows tray icons; the flame waits for it",
    "no_indicator": "The flame needs more than Python here: a library of the system's is missing (AppIndicator)",
    "no_pygobject": "The flame needs more than Python here: PyGObject is missing",
}
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


def why(code: str) -> str:
    """Return why no icon is shown."""
    return WHY.get(code, WHY["no_pygobject"])


def steps(code: str, release: Mapping[str, str], desktop: str) -> tuple[str, ...]:
    """Return every step that is needed, in order. `desktop` is XDG_CURRENT_DESKTOP."""
    known = INSTALL.get(family(release), UNKNOWN)
    gnome = "gnome" in desktop.lower()
    switch = "log out and in, and switch it on in the Extensions app"
    shell = (f"{known.install} {known.extension}, {switch}",) if gnome else ()
    match code:
        case "no_display":
            return ("log in to a desktop",)
        case "no_bus":
            return ("start it in your desktop",)
        case "no_host":
            return shell or ("add a system tray (status notifier) to your panel",)
        case "no_indicator":
            return (f"{known.install} {known.typelib}", *shell)
        case _:
            together = " " if known is not UNKNOWN else ", "
            return (f"{known.install} {known.typelib}{together}{known.headers}", INTO, *shell)


def sentence(code: str, release: Mapping[str, str], desktop: str) -> str:
    """Return why no icon is shown, every step that is needed, and what does without."""
    todo = steps(code, release, desktop)
    if len(todo) == 1:
        return f"{why(code)}. Do: {todo[0]}. {WITHOUT}"
    lines = "\n".join(f"  {number}. {step}" for number, step in enumerate(todo, 1))
    return f"{why(code)}. Do:\n{lines}\n{WITHOUT}"
