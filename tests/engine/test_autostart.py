from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from keeplit.adapters import autostart as adapter
from keeplit.adapters import clock, config, files, journal, own_command
from keeplit.adapters import paths as places
from keeplit.adapters.autostart import NotStartable, Standing
from keeplit.adapters.autostart import standing as tools
from keeplit.adapters.autostart.systemd import Systemd
from keeplit.adapters.autostart.xdg import Xdg
from keeplit.adapters.paths import Paths
from keeplit.core.model import Verb
from keeplit.core.service_files import Part
from keeplit.engine import ask, autostart, daemon_start, undo
from keeplit.engine.living import prepare
from tests.end_to_end.machine import stand_in

PROGRAM = "/opt/keeplit/bin/keeplit"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for the AWS CLI")


class Starter:
    """An autostart that notes what it is told."""

    def __init__(self, *standings: Standing, parts: tuple[Part, ...] = (Part.DAEMON,), name: str = "systemd") -> None:
        self.name = name
        self.parts = parts
        self.told: list[str] = []
        self.refuses = ""
        self._standings = standings

    def enable(self, program: str, *, start: bool = True) -> None:
        self.told.append(f"enable {program} {start}")
        if self.refuses:
            raise NotStartable(self.refuses)

    def disable(self) -> None:
        self.told.append("disable")

    def standings(self, program: str | None) -> tuple[Standing, ...]:
        return self._standings


class Bed:
    """A home, its environment, and the autostarts that are found there."""

    def __init__(self, paths: Paths, environ: dict[str, str]) -> None:
        self.paths = paths
        self.environ = environ
        self.starters: tuple[adapter.Autostart, ...] = ()
        self.begun: list[str] = []

    @property
    def noted(self) -> dict[str, str]:
        """Return what is recorded."""
        return dict(config.read(self.paths.config_file).environment)


@pytest.fixture
def bed(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bed:
    """Give a home with an installed keeplit and an AWS CLI v2, in which nothing is really started."""
    aws = stand_in(tmp_path / "aws", "aws", "#!/bin/sh\necho aws-cli/2.15.0 Python/3.11.6\n")
    environ = {"HOME": str(own_home), "PATH": f"{aws}{os.pathsep}/usr/bin", "USER": "sam", "DISPLAY": ":0"}
    found = Bed(places.find(environ), environ)

    def begin(*_: object) -> str:
        found.begun.append("daemon")
        return ""

    monkeypatch.setattr(own_command, "program", lambda _: PROGRAM)
    monkeypatch.setattr(adapter, "find", lambda *_: found.starters)
    monkeypatch.setattr(daemon_start, "begin", begin)
    return found


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
        assert autostart.disable(bed.paths, bed.environ).notes == ("The daemon that was started otherwise still runs.",)


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


def test_what_a_service_lacks_is_recorded(bed: Bed, tmp_path: Path) -> None:
    """The shell's proxies and the folders of its PATH are written down, by name told, and undone as one command."""
    bed.paths.config_file.parent.mkdir(parents=True)
    bed.paths.config_file.write_text('# mine\n[environment]\nLANG = "old"\n')
    gone, environment = tmp_path / "gone", tmp_path / "venv" / "bin"
    environment.mkdir(parents=True)
    path = os.pathsep.join(("relative", str(gone), str(environment), bed.environ["PATH"], "/usr/bin"))
    changes = {"PATH": path, "VIRTUAL_ENV": str(environment.parent), "HTTPS_PROXY": "http://p:1", "LANG": "new"}
    names, notes = autostart.record(bed.paths, {**bed.environ, **changes})
    assert (names, notes) == (("HTTPS_PROXY", "LANG", "PATH"), ())
    expected = {"LANG": "new", "HTTPS_PROXY": "http://p:1", "PATH": bed.environ["PATH"]}
    assert bed.noted == expected
    assert bed.paths.config_file.read_text().startswith("# mine\n")
    assert autostart.record(bed.paths, {**bed.environ, **changes}) == ((), ())
    assert {entry.command for entry in journal.read(bed.paths)} == {"autostart"}
    assert undo.undo(bed.paths).command is not None
    assert bed.noted == {"LANG": "old"}


def test_a_password_is_named_and_not_recorded(bed: Bed) -> None:
    """A proxy with a password is told by its name alone."""
    names, notes = autostart.record(bed.paths, {**bed.environ, "HTTPS_PROXY": "http://sam:hunter2@p:1"})
    assert names == ("PATH",)
    assert "HTTPS_PROXY holds a password" in notes[0]
    assert "hunter2" not in repr(notes) + bed.paths.config_file.read_text()


def test_aws_is_found_where_the_path_has_it_not(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where `aws` lies is recorded; where there is none, that is said."""
    monkeypatch.setattr("keeplit.adapters.login._USUAL_PLACES", [bed.environ["PATH"].split(os.pathsep)[0]])
    autostart.record(bed.paths, {**bed.environ, "PATH": "/usr/sbin"})
    assert bed.noted["PATH"] == f"/usr/sbin{os.pathsep}{bed.environ['PATH'].split(os.pathsep)[0]}"
    monkeypatch.setattr("keeplit.adapters.login._USUAL_PLACES", [])
    _, notes = autostart.record(bed.paths, {**bed.environ, "PATH": "/usr/sbin"})
    assert "AWS CLI v2 was not found" in notes[0]


def test_a_config_that_is_no_toml_is_left(bed: Bed) -> None:
    """A broken config.toml is said, and nothing is enabled before it is mended."""
    bed.paths.config_file.parent.mkdir(parents=True)
    bed.paths.config_file.write_text("[claude\n")
    bed.starters = (service,) = (Starter(),)
    with pytest.raises(files.FileTrouble, match="no TOML"):
        autostart.enable(bed.paths, bed.environ)
    assert service.told == []


def test_a_folder_that_is_closed_is_said(bed: Bed) -> None:
    """Where config.toml cannot be written, what to do is said."""
    bed.paths.config_file.parent.parent.mkdir(parents=True)
    bed.paths.config_file.parent.write_text("a file in the way")
    with pytest.raises(files.FileTrouble):
        autostart.record(bed.paths, bed.environ)


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
    monkeypatch.setattr(autostart, "END_WITHIN", 0.1)
    prepare(bed.paths)
    bed.starters = (Xdg(bed.paths.home, bed.environ),)
    with files.lock(bed.paths.daemon_lock, timeout=1.0):
        assert autostart.disable(bed.paths, bed.environ).notes == ("The daemon that was started otherwise still runs.",)


def test_the_next_login_starts_it_and_what_runs_is_left(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the desktop's entries alone: no daemon is started or ended, and what was recorded stays recorded."""
    bed.starters = (Xdg(bed.paths.home, bed.environ),)
    monkeypatch.setattr(autostart, "end", lambda *_: pytest.fail("the daemon was ended"))
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


def test_systems_that_end_what_they_let_go_are_left(bed: Bed) -> None:
    """There it is not known, and not changed."""
    bed.starters = (other,) = (Starter(name="launchd"),)
    assert autostart.starts_at_login(bed.paths, bed.environ) is None
    for starts in (True, False):
        with pytest.raises(NotStartable, match="keeplit autostart enable, or disable"):
            autostart.at_next_login(bed.paths, bed.environ, starts=starts)
    assert other.told == []
