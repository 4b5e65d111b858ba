from __future__ import annotations

import sys
from pathlib import Path

import pytest

from keeplit.adapters.autostart import NotStartable, systemd
from keeplit.adapters.autostart import standing as tools
from keeplit.adapters.autostart.systemd import Systemd
from keeplit.adapters.autostart.xdg import Xdg
from keeplit.core.service_files import Part
from keeplit.engine import autostart
from keeplit.engine.autostart import next_login, starting
from tests.engine.autostart_bed import Bed, Starter

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for the AWS CLI")


def test_the_next_login_starts_it_and_what_runs_is_left(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the desktop's entries alone: no daemon is started or ended, and what was recorded stays recorded."""
    bed.starters = (Xdg(bed.paths.home, bed.environ),)
    monkeypatch.setattr(starting, "end", lambda *_: pytest.fail("the daemon was ended"))
    autostart.record(bed.paths, {**bed.environ, "HTTPS_PROXY": "http://p:1"})
    before = bed.noted
    found = []
    for starts in (True, False):
        autostart.at_next_login(bed.paths, {**bed.environ, "HTTPS_PROXY": "http://q:1", "PATH": "/"}, starts=starts)
        found.append(autostart.starts_at_login(bed.paths, bed.environ))
    assert found == [True, False]
    assert (bed.begun, bed.noted) == ([], before)


def test_an_entry_that_the_desktop_switched_off_starts_nothing(bed: Bed) -> None:
    """It lies there, and says that it is off."""
    bed.starters = (desktop,) = (Xdg(bed.paths.home, bed.environ),)
    autostart.at_next_login(bed.paths, bed.environ, starts=True)
    desktop.entry(Part.TRAY).write_text("[Desktop Entry]\nHidden=true\n")
    assert autostart.starts_at_login(bed.paths, bed.environ) is False


def test_systemd_is_told_not_to_start_it_and_ends_nothing(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The unit is disabled without ``--now``; where systemd refuses, that is said."""
    called: list[tuple[str, ...]] = []
    bed.starters = (service,) = (Systemd(bed.paths.home, bed.environ),)
    link = service.unit.parent / "default.target.wants" / "keeplit.service"

    def call(*command: str, environ: object) -> tools.Called:
        called.append(command)
        if len(called) == 1:
            return tools.Called(1, "", "no bus")
        link.unlink()
        return tools.Called(0, "", "")

    monkeypatch.setattr(tools, "call", call)
    link.parent.mkdir(parents=True)
    link.write_text("")
    assert autostart.starts_at_login(bed.paths, bed.environ) is True
    with pytest.raises(NotStartable, match="no bus"):
        autostart.at_next_login(bed.paths, bed.environ, starts=False)
    autostart.at_next_login(bed.paths, bed.environ, starts=False)
    assert called == [("systemctl", "--user", "disable", "keeplit.service")] * 2
    assert autostart.starts_at_login(bed.paths, bed.environ) is False


def test_what_is_enabled_for_everybody_starts_at_login(
    bed: Bed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`systemctl --global enable` is seen, cannot be switched off here, which is said, and not where it is masked."""
    for_all = tmp_path / "keeplit.service"
    monkeypatch.setattr(systemd, "FOR_ALL", for_all)
    monkeypatch.setattr(next_login, "FOR_ALL", for_all)
    monkeypatch.setattr(tools, "call", lambda *_, **__: tools.Called(0, "", ""))
    bed.starters = (service,) = (Systemd(bed.paths.home, bed.environ),)
    found = [autostart.starts_at_login(bed.paths, bed.environ)]
    for_all.symlink_to("/usr/lib/systemd/user/keeplit.service")
    found.append(autostart.starts_at_login(bed.paths, bed.environ))
    with pytest.raises(NotStartable, match="enabled it for everybody"):
        autostart.at_next_login(bed.paths, bed.environ, starts=False)
    service.unit.parent.mkdir(parents=True)
    service.unit.symlink_to("/dev/null")
    autostart.at_next_login(bed.paths, bed.environ, starts=False)
    found.append(autostart.starts_at_login(bed.paths, bed.environ))
    assert found == [False, True, False]
    assert {service.unit, for_all} <= set(
        autostart.marks(bed.paths, bed.environ)
    )  # the flame looks anew when they change


def test_systems_that_end_what_they_let_go_are_left(bed: Bed) -> None:
    """There it is not known, and not changed."""
    bed.starters = (other,) = (Starter(name="launchd"),)
    assert autostart.starts_at_login(bed.paths, bed.environ) is None
    for starts in (True, False):
        with pytest.raises(NotStartable, match="keeplit autostart enable, or disable"):
            autostart.at_next_login(bed.paths, bed.environ, starts=starts)
    assert other.told == []
