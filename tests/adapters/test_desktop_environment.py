from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from keeplit.adapters import desktop_environment
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


@posix
def test_it_is_asked_twice_a_minute(tmp_path: Path) -> None:
    """An answer is kept for half a minute, and so is none."""
    environ = said(tmp_path, "exit 1")
    now = [0.0]
    manager = Manager(lambda: now[0])
    for at in (0.0, 29.0, 30.0, 59.0):
        now[0] = at
        assert manager.lacking(environ) == {}
    assert asked(tmp_path) == 2


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
