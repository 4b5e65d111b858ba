from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from keeplit.adapters import clock, desktop_environment
from keeplit.adapters.desktop_environment import Manager, parsed
from tests.end_to_end.machine import stand_in

posix = pytest.mark.skipif(os.name != "posix", reason="a shell stands in for systemctl")


def said(folder: Path, script: str) -> dict[str, str]:
    """Give the environment of a service whose systemctl does this."""
    stand_in(folder, "systemctl", f'#!/bin/sh\necho "$*" >> {folder}/asked\n{script}')
    return {"PATH": f"{folder}{os.pathsep}{os.defpath}"}


def asked(folder: Path) -> int:
    """Return how often the manager was asked."""
    note = folder / "asked"
    return len(note.read_text().splitlines()) if note.exists() else 0


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b"A=plain", "plain"),
        (b"A=", ""),
        (b"A=a=b", "a=b"),
        (b"A=$'two words'", "two words"),
        (rb"A=$'it\'s \"q\" \\ \n\t\x41\303\251\a'", 'it\'s "q" \\ \n\tAé\a'),
        (b"A=$'\xc3\xa9'", "é"),
        (rb'A="old \"style\" \$x"', 'old "style" $x'),
        (b"A=$'open", "$'open"),
    ],
)
def test_the_managers_quotes_are_read(line: bytes, value: str) -> None:
    """Both ways in which releases of systemd quote a value are read, and what is neither stands as it is."""
    assert parsed(b"B=1\nno variable\n" + line + b"\n") == {"B": "1", "A": value}


@posix
def test_what_is_lacking_comes_from_the_manager(tmp_path: Path) -> None:
    """Only the desktop's variables are taken, and none that the service has itself."""
    environ = said(
        tmp_path, "echo DISPLAY=:7; echo 'XAUTHORITY=$'\\''/a b'\\'; echo LD_PRELOAD=x; echo XDG_RUNTIME_DIR=/r"
    )
    manager = Manager()
    assert manager.lacking(environ) == {"DISPLAY": ":7", "XAUTHORITY": "/a b", "XDG_RUNTIME_DIR": "/r"}
    assert manager.lacking({**environ, "XDG_RUNTIME_DIR": "/own"}) == {"DISPLAY": ":7", "XAUTHORITY": "/a b"}
    assert (tmp_path / "asked").read_text() == "--user show-environment\n"


@posix
@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_who_has_a_display_asks_nobody(tmp_path: Path, name: str) -> None:
    """With a display in the environment nothing is added and nobody is asked."""
    environ = said(tmp_path, "echo DISPLAY=:7")
    assert Manager().lacking({**environ, name: "wayland-1"}) == {}
    assert asked(tmp_path) == 0


class Machine:
    """A systemctl that only counts, a clock, and the two folders where displays have their sockets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runtime, self.sockets = folder / "runtime", folder / "sockets"
        for place in (self.runtime, self.sockets):
            place.mkdir()
            self.changed(place, ago=3600)
        self.environ = {**said(folder, "exit 1"), "XDG_RUNTIME_DIR": str(self.runtime)}
        self.now = 0.0
        self.manager = Manager(lambda: self.now)

    def changed(self, place: Path, ago: float) -> None:
        """Let a socket have come or gone so many seconds ago."""
        at = clock.now().timestamp() - ago
        os.utime(place, (at, at))

    def asks(self, *times: float) -> list[float]:
        """Look at these seconds; return those at which the manager was asked."""
        found = []
        for self.now in times:
            before = asked(self.folder)
            assert self.manager.lacking(self.environ) == {}
            found += [self.now] * (asked(self.folder) - before)
        return found


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Give a machine whose displays have come and gone an hour ago."""
    made = Machine(tmp_path)
    monkeypatch.setattr(desktop_environment, "X_SOCKETS", str(made.sockets))
    return made


@posix
def test_at_rest_it_is_asked_every_ten_minutes(machine: Machine) -> None:
    """Where no display came or went, an answer is kept for ten minutes, and so is none."""
    assert machine.asks(0, 30, 60, 599, 600, 660, 1199, 1200) == [0, 600, 1200]


@posix
@pytest.mark.parametrize("place", ["runtime", "sockets"])
def test_a_display_that_comes_is_asked_about(machine: Machine, place: str) -> None:
    """A socket that came a moment ago has it asked at each turn, until the session has had its two minutes."""
    assert machine.asks(0, 60) == [0]
    machine.changed(getattr(machine, place), ago=1)
    assert machine.asks(61, 90, 91, 121) == [61, 91, 121]
    machine.changed(getattr(machine, place), ago=121)
    assert machine.asks(151, 181, 750, 751) == [151, 751]


@posix
def test_a_clock_set_back_only_asks_more(machine: Machine) -> None:
    """A change that is still to come counts as one of just now."""
    machine.changed(machine.sockets, ago=-3600)
    assert machine.asks(0, 29, 30, 59, 60) == [0, 30, 60]


@posix
def test_folders_that_are_not_there_say_nothing(machine: Machine) -> None:
    """Where neither folder is, it is asked every ten minutes, and once more when one is made."""
    machine.runtime.rmdir()
    machine.sockets.rmdir()
    assert machine.asks(0, 60, 120) == [0]
    machine.sockets.mkdir()
    assert machine.asks(180) == [180]


@posix
def test_a_manager_that_hangs_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever does not answer in time says nothing."""
    monkeypatch.setattr(desktop_environment, "PATIENCE", 0.1)
    assert Manager().lacking(said(tmp_path, "exec sleep 30")) == {}


def test_without_systemd_there_is_nothing(tmp_path: Path) -> None:
    """Where there is no systemctl, or none that can be run, nothing is known."""
    assert Manager().lacking({"PATH": str(tmp_path)}) == {}
    if sys.platform != "win32":
        stand_in(tmp_path, "systemctl", "#!/nonexistent/interpreter\n")
        assert Manager().lacking({"PATH": str(tmp_path)}) == {}
