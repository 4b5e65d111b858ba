"""Where the flame cannot be shown, one message holds every step for that desktop."""

from __future__ import annotations

import pytest

from keeplit.core.tray_help import INSTALL, family, os_release, sentence

UBUNTU = 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n# a comment = none\nnonsense\n'


@pytest.mark.parametrize(
    ("release", "known"),
    [
        (UBUNTU, "debian"),
        ("ID=debian", "debian"),
        ("ID='fedora'", "fedora"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"', "fedora"),
        ("ID=manjaro\nID_LIKE=arch", "arch"),
        ('ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"', "suse"),
        ("ID=nixos", ""),
        ("", ""),
    ],
)
def test_a_distribution_is_known_by_itself_or_its_family(release: str, known: str) -> None:
    """What it is like counts where it is not known itself."""
    assert family(os_release(release)) == known


@pytest.mark.parametrize("name", INSTALL)
def test_each_family_gets_its_own_commands(name: str) -> None:
    """Packages first, then what goes into keeplit's own place, then GNOME's extension."""
    said = sentence("no_pygobject", {"ID": name}, "ubuntu:GNOME")
    lines = said.splitlines()

    known = INSTALL[name]
    assert lines[1] == f"  1. {known.install} {known.typelib} {known.headers}"
    assert "pipx inject keeplit" in lines[2]
    assert f"{known.install} {known.extension}" in lines[3]


@pytest.mark.parametrize("desktop", ["GNOME", "KDE"])
def test_a_library_that_is_missing_alone_is_installed_alone(desktop: str) -> None:
    """Nobody builds what is there."""
    said = sentence("no_indicator", {"ID": "debian"}, desktop)

    assert "sudo apt install gir1.2-ayatanaappindicator3-0.1" in said
    assert "gcc" not in said
    assert "pipx" not in said


def test_a_desktop_with_a_tray_of_its_own_needs_no_extension() -> None:
    """The message is as short as can be."""
    assert "gnome" not in sentence("no_indicator", {"ID": "debian"}, "KDE")


def test_a_distribution_that_is_not_known_gets_the_names() -> None:
    """It has them under some name."""
    said = sentence("no_pygobject", {}, "GNOME")

    assert "AyatanaAppIndicator3" in said
    assert "AppIndicator and KStatusNotifierItem Support" in said


@pytest.mark.parametrize(
    ("code", "desktop", "part"),
    [
        ("no_display", "", "no DISPLAY"),
        ("no_bus", "", "D-Bus"),
        ("no_host", "XFCE", "add a system tray"),
        ("no_host", "GNOME", "gnome-shell-extension-appindicator"),
    ],
)
def test_each_reason_says_what_to_do_and_what_works_without(code: str, desktop: str, part: str) -> None:
    """Nobody is left without a next step."""
    said = sentence(code, {"ID": "debian"}, desktop)

    assert part in said
    assert said.endswith("keeplit status --watch")
