from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from keeplit.adapters import autostart as adapter
from keeplit.adapters import clock, files, own_command
from keeplit.adapters import paths as places
from keeplit.adapters.autostart import NotStartable, Standing
from keeplit.adapters.autostart.xdg import Xdg
from keeplit.adapters.paths import Paths
from keeplit.core.model import Verb
from keeplit.core.service_files import Part
from keeplit.engine import ask, autostart, crashes, daemon_start
from keeplit.engine.autostart import starting
from keeplit.engine.living import prepare
from tests.engine.autostart_bed import PROGRAM, Bed, Starter

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for the AWS CLI")


def test_each_system_is_enabled(bed: Bed) -> None:
    """Every system starts its parts, the standing of all is told, and a daemon is seen to."""
    daemon = Starter(Standing(Part.DAEMON, enabled=True, running=True))
    tray = Starter(Standing(Part.TRAY, enabled=True), parts=(Part.TRAY,), name="xdg")
    bed.starters = (daemon, tray)
    report = autostart.enable(bed.paths, bed.environ)
    assert (daemon.told, tray.told) == ([f"enable {PROGRAM} True"], [f"enable {PROGRAM} True"])
    assert report.systems == ("systemd", "xdg")
    assert [(one.part, one.running) for one in report.parts] == [(Part.DAEMON, True), (Part.TRAY, False)]
    assert bed.begun == ["daemon"]
    assert report.notes == ()


def test_one_that_is_refused_keeps_no_other(bed: Bed) -> None:
    """Where systemd refuses the daemon, the tray is enabled all the same, and then the refusal is said."""
    daemon, tray = Starter(), Starter(parts=(Part.TRAY,), name="xdg")
    daemon.refuses = "no manager"
    bed.starters = (daemon, tray)
    with pytest.raises(NotStartable, match="no manager"):
        autostart.enable(bed.paths, bed.environ)
    assert tray.told == [f"enable {PROGRAM} True"]


def test_without_an_executable_nothing_is_enabled(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keeplit that has no path of its own cannot be started at login, and nothing is written."""
    monkeypatch.setattr(own_command, "program", lambda _: None)
    with pytest.raises(NotStartable, match="install it"):
        autostart.enable(bed.paths, bed.environ)
    assert not bed.paths.config_file.exists()


def test_a_daemon_that_runs_otherwise_is_left(bed: Bed) -> None:
    """A daemon in a terminal goes on, nothing is started beside it, and its lock says that it runs."""
    service = Starter(Standing(Part.DAEMON, enabled=True, running=False))
    bed.starters = (service,)
    prepare(bed.paths)
    with files.lock(bed.paths.daemon_lock, timeout=1.0):
        report = autostart.enable(bed.paths, bed.environ)
        assert service.told == [f"enable {PROGRAM} False"]
        assert (report.parts[0].running, report.parts[0].why_not) == (
            True,
            "the daemon that runs was started otherwise",
        )
        left = autostart.disable(bed.paths, bed.environ).notes[0]
        assert left == "The daemon that was started otherwise still runs."


def test_a_flame_that_goes_on_is_told(bed: Bed) -> None:
    """A desktop ends no tray: who disables it hears that it is still there, and how it ends."""
    bed.starters = (Starter(Standing(Part.TRAY, enabled=False), parts=(Part.TRAY,), name="xdg"),)
    prepare(bed.paths)
    with files.lock(bed.paths.state / "tray.lock", timeout=1.0):
        (note,) = autostart.disable(bed.paths, bed.environ).notes
    assert note == "The tray still runs; choose Quit in its menu to end it."


def test_what_is_enabled_for_everybody_is_told(bed: Bed) -> None:
    """An administrator's word stands; the way around it for one person is named."""
    bed.starters = (Starter(Standing(Part.DAEMON, enabled=True, running=False)),)
    (note,) = autostart.disable(bed.paths, bed.environ).notes
    assert "systemctl --user mask keeplit.service" in note


def test_the_service_itself_is_not_taken_for_another(bed: Bed) -> None:
    """The daemon that the service runs holds the lock too; it is enabled, not left alone."""
    bed.starters = (service,) = (Starter(Standing(Part.DAEMON, enabled=True, running=True)),)
    prepare(bed.paths)
    with files.lock(bed.paths.daemon_lock, timeout=1.0):
        autostart.enable(bed.paths, bed.environ)
    assert service.told == [f"enable {PROGRAM} True"]


def test_a_lock_says_who_runs_where_the_system_does_not(bed: Bed) -> None:
    """Where a desktop started it, the part's own lock says whether it runs."""
    bed.starters = (Starter(Standing(Part.DAEMON, enabled=True), Standing(Part.TRAY, enabled=False)),)
    prepare(bed.paths)
    with files.lock(bed.paths.state / "tray.lock", timeout=1.0):
        daemon, tray = autostart.status(bed.paths, bed.environ).parts
    assert (daemon.running, tray.running, tray.why_not) == (False, True, "")


def test_a_daemon_that_is_gone_is_told(bed: Bed) -> None:
    """Where the desktop starts it at login alone, one that was killed is said to be gone, how, and what to do."""
    bed.starters = (Starter(Standing(Part.DAEMON, enabled=True), Standing(Part.TRAY, enabled=True)),)
    prepare(bed.paths)
    crashes.began(bed.paths, clock.now())
    daemon, tray = autostart.status(bed.paths, bed.environ).parts
    assert (daemon.running, daemon.since, daemon.last_exit) == (False, None, "without a word")
    assert (daemon.why_not, daemon.fix) == (
        "it does not run, and the next login starts it",
        "keeplit logs, then: keeplit autostart enable",
    )
    assert (tray.running, tray.why_not, tray.fix) == (False, "", "")


def test_an_old_entry_is_told(bed: Bed) -> None:
    """An entry that starts another keeplit is a note that says how to mend it; one that is off is not."""
    bed.starters = (
        Starter(Standing(Part.DAEMON, enabled=True, current=False), Standing(Part.TRAY, enabled=False, current=False)),
    )
    (note,) = autostart.status(bed.paths, bed.environ).notes
    assert note.startswith(f"The daemon is started by another keeplit than this one ({PROGRAM})")


def test_a_machine_without_a_screen_is_told_of_lingering(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a display, systemd's services end with the last login, unless the person lingers."""
    bed.starters = (Starter(Standing(Part.DAEMON, enabled=True, running=True)),)
    del bed.environ["DISPLAY"]
    assert "loginctl enable-linger" in autostart.enable(bed.paths, bed.environ).notes[0]
    monkeypatch.setattr(adapter, "lingers", lambda _: True)
    assert autostart.enable(bed.paths, bed.environ).notes == ()


def test_a_config_that_is_no_toml_is_left(bed: Bed) -> None:
    """A broken config.toml is said, and nothing is enabled before it is mended."""
    bed.paths.config_file.parent.mkdir(parents=True)
    bed.paths.config_file.write_text("[claude\n")
    bed.starters = (service,) = (Starter(),)
    with pytest.raises(files.FileTrouble, match="no TOML"):
        autostart.enable(bed.paths, bed.environ)
    assert service.told == []


def test_the_real_systems_are_found(own_home: Path) -> None:
    """Whatever this machine has, looking at it changes nothing."""
    environ = dict(os.environ)
    before = sorted(own_home.rglob("*"))
    report = autostart.status(places.find(environ), environ)
    assert {one.part for one in report.parts} == set(Part)
    assert [one.enabled for one in report.parts] == [False, False]
    assert sorted(own_home.rglob("*")) == before


def test_the_desktops_way_starts_a_daemon_now(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the desktop starts it at the next login only, a daemon is started at once, and what fails is told."""
    monkeypatch.setattr(daemon_start, "begin", lambda *_: "The daemon does not come up. See why: keeplit logs")
    bed.starters = (Xdg(bed.paths.home, bed.environ),)
    report = autostart.enable(bed.paths, bed.environ)
    assert report.notes == ("The daemon does not come up. See why: keeplit logs",)
    assert [one.enabled for one in report.parts] == [True, True]


def test_a_daemon_is_asked_to_end(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the desktop starts it, disabling asks the daemon to end, and waits for that; where none runs, nobody is."""
    asked: list[Verb] = []
    prepare(bed.paths)
    bed.starters = (Xdg(bed.paths.home, bed.environ),)
    lock = files.try_lock(bed.paths.daemon_lock)
    assert lock is not None

    def wish(paths: Paths, environ: object, verb: Verb) -> None:
        asked.append(verb)

    monkeypatch.setattr(ask, "wish", wish)
    monkeypatch.setattr(clock, "sleep", lambda _: lock.close())
    assert autostart.disable(bed.paths, bed.environ).notes == ()
    assert asked == [Verb.STOP]
    assert autostart.disable(bed.paths, bed.environ).notes == ()
    assert asked == [Verb.STOP]


def test_a_daemon_that_does_not_end_is_told(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that hangs is waited for a moment, and then named."""
    monkeypatch.setattr(ask, "wish", lambda *_: None)
    monkeypatch.setattr(starting, "END_WITHIN", 0.1)
    prepare(bed.paths)
    bed.starters = (Xdg(bed.paths.home, bed.environ),)
    with files.lock(bed.paths.daemon_lock, timeout=1.0):
        assert autostart.disable(bed.paths, bed.environ).notes == ("The daemon that was started otherwise still runs.",)
