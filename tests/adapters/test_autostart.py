from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from keeplit.adapters import autostart
from keeplit.adapters.autostart import Autostart, NotStartable
from keeplit.adapters.autostart.launchd import Launchd
from keeplit.adapters.autostart.systemd import Systemd
from keeplit.adapters.autostart.windows import Windows
from keeplit.adapters.autostart.xdg import Xdg
from keeplit.core.service_files import Part
from tests.adapters.autostart.tools import Tools, tools

pytestmark = pytest.mark.skipif(os.name != "posix", reason="shell scripts stand in for the tools")

PROGRAM, MOVED = "/opt/a b/keeplit", "/opt/new/keeplit"
EVERY: tuple[Callable[[Path, dict[str, str]], Autostart], ...] = (Systemd, Launchd, Windows, Xdg)


@pytest.fixture
def machine(tmp_path: Path, own_home: Path) -> Tools:
    """Give the tools of every system."""
    return tools(tmp_path / "tools", own_home)


@pytest.fixture(params=EVERY, ids=lambda kind: kind.__name__)
def starter(request: pytest.FixtureRequest, machine: Tools) -> Autostart:
    """Give each autostart in turn, on a machine where nothing is started."""
    made: Autostart = request.param(machine.home, machine.environ)
    return made


def enabled(starter: Autostart, program: str | None = PROGRAM) -> list[tuple[bool, bool]]:
    """Return for each part whether it is started at login, and whether it is this very program."""
    return [(one.enabled, one.current) for one in starter.standings(program)]


def test_at_first_nothing_is_started(starter: Autostart, machine: Tools) -> None:
    """Each part says why it is not started and what to do, and looking changes nothing."""
    found = starter.standings(PROGRAM)
    assert [one.part for one in found] == list(starter.parts)
    assert [one.enabled for one in found] == [False] * len(found)
    assert all(one.why_not and one.fix for one in found)
    assert machine.files() == []


def test_what_is_enabled_is_said_to_be(starter: Autostart) -> None:
    """Once enabled, each part is started at login, and nothing is left to say against it."""
    starter.enable(PROGRAM)
    assert enabled(starter) == [(True, True)] * len(starter.parts)
    assert [(one.why_not, one.fix) for one in starter.standings(PROGRAM)] == [("", "")] * len(starter.parts)


def test_twice_is_once(starter: Autostart, machine: Tools) -> None:
    """Enabling again changes no file, and ends and starts nothing that runs."""
    starter.enable(PROGRAM)
    before = {path: path.stat().st_mtime_ns for path in machine.home.rglob("*") if path.is_file()}
    machine.forget()
    starter.enable(PROGRAM)
    assert {path: path.stat().st_mtime_ns for path in machine.home.rglob("*") if path.is_file()} == before
    said = [*machine.calls("systemctl"), *machine.calls("launchctl"), *machine.calls("schtasks")]
    ending = ("start", "restart", "bootout", "bootstrap", "/run", "/end")
    assert [line for line in said if set(line.split()) & set(ending)] == []
    assert enabled(starter) == [(True, True)] * len(starter.parts)


def test_a_program_that_moved_is_seen_and_mended(starter: Autostart) -> None:
    """Another program than the one that is started is said, and enabling puts it in its place."""
    starter.enable(PROGRAM)
    assert enabled(starter, MOVED) == [(True, False)] * len(starter.parts)
    assert enabled(starter, None) == [(True, True)] * len(starter.parts)
    starter.enable(MOVED)
    assert enabled(starter, MOVED) == [(True, True)] * len(starter.parts)


def test_disabled_leaves_nothing(starter: Autostart, machine: Tools) -> None:
    """Disabling removes each file and folder, also a second time, and where nothing was enabled."""
    starter.disable()
    starter.enable(PROGRAM)
    assert enabled(starter) == [(True, True)] * len(starter.parts)
    for _ in range(2):
        starter.disable()
        assert [path for path in machine.files() if path not in {"Library", "Library/Logs", ".config"}] == []
        assert [one for one, _ in enabled(starter)] == [False] * len(starter.parts)
    assert [path.name for path in machine.folder.glob("task-*")] + list(machine.folder.glob("loaded-*")) == []


def test_a_path_that_cannot_be_started_is_refused(starter: Autostart, machine: Tools) -> None:
    """A control character is refused with a sentence, before anything is written."""
    with pytest.raises(NotStartable, match="control characters"):
        starter.enable("/opt/new\nline/keeplit")
    assert machine.files() == []
    assert enabled(starter, "/opt/new\nline/keeplit") == [(False, True)] * len(starter.parts)


def test_a_path_that_cannot_be_started_is_not_what_is(starter: Autostart) -> None:
    """Asked for such a path, what is started is not it."""
    starter.enable(PROGRAM)
    assert [current for _, current in enabled(starter, "/opt/new\nline/keeplit")] == [False] * len(starter.parts)


@pytest.mark.skipif(sys.platform != "linux", reason="which of two ways Linux has")
def test_linux_has_two_ways(machine: Tools, tmp_path: Path) -> None:
    """With systemd it starts the daemon and the desktop the tray; without, the desktop starts both."""
    with_systemd = autostart.find(machine.home, machine.environ, booted=tmp_path)
    assert [(one.name, one.parts) for one in with_systemd] == [("systemd", (Part.DAEMON,)), ("xdg", (Part.TRAY,))]
    for environ, booted in ((machine.environ, tmp_path / "none"), ({"PATH": str(tmp_path)}, tmp_path)):
        without = autostart.find(machine.home, environ, booted=booted)
        assert [(one.name, one.parts) for one in without] == [("xdg", tuple(Part))]


@pytest.mark.parametrize(("platform", "name"), [("darwin", "launchd"), ("win32", "windows")])
def test_each_other_system_has_its_own(
    machine: Tools, monkeypatch: pytest.MonkeyPatch, platform: str, name: str
) -> None:
    """A Mac has launchd and Windows its scheduler, each for both parts."""
    monkeypatch.setattr(sys, "platform", platform)
    found = autostart.find(machine.home, machine.environ)
    assert [(one.name, one.parts) for one in found] == [(name, tuple(Part))]


def test_lingering_is_a_file_of_logind(tmp_path: Path) -> None:
    """Whoever lingers has a file of that name."""
    (tmp_path / "sam").touch()
    assert autostart.lingers({"USER": "sam"}, tmp_path)
    assert autostart.lingers({"LOGNAME": "sam"}, tmp_path)
    assert not autostart.lingers({"USER": "kim"}, tmp_path)
    assert not autostart.lingers({}, tmp_path)
