"""Whether a tray host is there: asked of a real bus and a real X server, and of nobody."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from keeplit.adapters import tray_host
from tests.conftest import real_part
from tests.desktop.bed import Bed, bed, until
from tests.desktop.tray_host import TrayHost


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Bed]:
    """Give a private bus."""
    with bed(tmp_path / "bed") as found:
        found.bus()
        yield found


def test_a_host_that_registered_shows_icons(mine: Bed) -> None:
    """Before it comes and after it went, nothing does."""
    assert tray_host.shows_icons(mine.environment) is False
    with TrayHost(mine.environment["DBUS_SESSION_BUS_ADDRESS"]):
        assert tray_host.shows_icons(mine.environment) is True
    assert tray_host.shows_icons(mine.environment) is False


def test_x_has_an_older_kind_of_tray(mine: Bed) -> None:
    """A panel that owns its selection shows icons too."""
    real_part("trayer", found=shutil.which("trayer") is not None)
    display = mine.screen()
    assert not tray_host.has_old_tray(display)
    mine.start(["trayer"])
    until(lambda: tray_host.has_old_tray(display))
    assert tray_host.shows_icons(mine.environment) is True


@pytest.mark.parametrize("display", ["", ":4711"])
def test_no_display_has_no_tray(display: str) -> None:
    """One that is not there is no error."""
    assert not tray_host.has_old_tray(display)


def test_without_a_bus_nothing_is_known() -> None:
    """Nobody can be asked."""
    assert tray_host.shows_icons({}) is None


def test_other_systems_show_icons(monkeypatch: pytest.MonkeyPatch) -> None:
    """It needs no question."""
    monkeypatch.setattr(sys, "platform", "darwin")

    assert tray_host.shows_icons({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}) is None


def test_the_bus_of_the_run_folder_is_found(tmp_path: Path) -> None:
    """A name in the environment comes first; a socket that is not there is none."""
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    assert tray_host.session_bus(environ) == ""
    (tmp_path / "bus").touch()
    assert tray_host.session_bus(environ) == f"unix:path={tmp_path}/bus"
    assert tray_host.session_bus({**environ, "DBUS_SESSION_BUS_ADDRESS": "tcp:"}) == "tcp:"
    assert tray_host.session_bus({}) == ""


def test_the_distribution_says_what_it_is(tmp_path: Path) -> None:
    """The first file that is there counts; none is no error."""
    release = tmp_path / "os-release"
    release.write_text("ID=debian\n")

    assert tray_host.os_release((str(tmp_path / "none"), str(release))) == "ID=debian\n"
    assert tray_host.os_release((str(tmp_path / "none"),)) == ""
    assert tray_host.desktop({"XDG_CURRENT_DESKTOP": "GNOME"}) == "GNOME"
