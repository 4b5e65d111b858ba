from __future__ import annotations

from pathlib import Path

import pytest

from keeplit.adapters.autostart import NotStartable
from keeplit.adapters.autostart.xdg import Xdg
from keeplit.core.service_files import Part

PROGRAM = "/opt/keeplit/bin/keeplit"


def test_the_entries_lie_where_desktops_look(tmp_path: Path) -> None:
    """XDG_CONFIG_HOME counts where it is absolute, else the home's .config."""
    for environ, folder in (
        ({"XDG_CONFIG_HOME": str(tmp_path / "moved")}, tmp_path / "moved"),
        ({"XDG_CONFIG_HOME": "relative"}, tmp_path / ".config"),
        ({}, tmp_path / ".config"),
    ):
        Xdg(tmp_path, environ).enable(PROGRAM)
        names = sorted(path.name for path in (folder / "autostart").iterdir())
        assert names == ["keeplit-tray.desktop", "keeplit.desktop"]


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled = false"])
def test_what_a_person_switched_off_is_said(tmp_path: Path, line: str) -> None:
    """Desktops switch an entry off by a line in it; enabling writes it anew."""
    xdg = Xdg(tmp_path, {})
    xdg.enable(PROGRAM)
    path = xdg.entry(Part.TRAY)
    path.write_text(f"[Desktop Entry]\n{line}\n")
    daemon, tray = xdg.standings(PROGRAM)
    assert (daemon.enabled, tray.enabled) == (True, False)
    assert line in tray.why_not
    xdg.enable(PROGRAM)
    assert [one.enabled for one in xdg.standings(PROGRAM)] == [True, True]


def test_a_part_that_is_no_longer_its_own_is_removed(tmp_path: Path) -> None:
    """Where systemd starts the daemon from now on, the desktop's entry of it goes."""
    Xdg(tmp_path, {}).enable(PROGRAM)
    tray = Xdg(tmp_path, {}, (Part.TRAY,))
    tray.enable(PROGRAM)
    assert [tray.entry(part).exists() for part in Part] == [False, True]
    assert [one.part for one in tray.standings(PROGRAM)] == [Part.TRAY]


def test_an_equals_sign_is_refused(tmp_path: Path) -> None:
    """A desktop entry can run no such program."""
    with pytest.raises(NotStartable, match="install keeplit elsewhere"):
        Xdg(tmp_path, {}).enable("/opt/a=b/keeplit")
