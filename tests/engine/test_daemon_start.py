"""Starting the daemon from an interface: once, detached, and told where it does not come up."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from keeplit.adapters import files, own_command
from keeplit.adapters import paths as places
from keeplit.adapters.paths import Paths
from keeplit.engine import daemon_start
from keeplit.engine.living import is_running, prepare
from tests.desktop.bed import until


@pytest.fixture
def paths(own_home: Path) -> Paths:
    """Give the paths of a home with our folders."""
    found = places.find(os.environ)
    prepare(found)
    return found


def stand_in(monkeypatch: pytest.MonkeyPatch, *command: str) -> None:
    """Let another program be started in the daemon's place."""

    def named(environ: object) -> Sequence[str]:
        return command

    monkeypatch.setattr(daemon_start, "command", named)


def test_a_daemon_is_started_and_lives_on(paths: Paths) -> None:
    """It holds the lock, in a session of its own, and has published."""
    assert daemon_start.begin(paths, os.environ) == ""
    assert is_running(paths)
    until(paths.status.exists)
    started = paths.log.read_text().split("keeplit starts, process ")[1].split()[0]
    assert os.getsid(int(started)) == int(started)
    os.kill(int(started), signal.SIGTERM)
    until(lambda: not is_running(paths))


def test_a_daemon_that_lives_is_left_alone(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """No second one is started."""
    stand_in(monkeypatch, "/nowhere")
    with files.lock(paths.daemon_lock, timeout=1.0):
        assert daemon_start.begin(paths, os.environ) == ""


def test_one_that_ends_at_once_is_told(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its exit code and where to look."""
    stand_in(monkeypatch, sys.executable, "-c", "raise SystemExit(7)")

    assert daemon_start.begin(paths, os.environ) == "The daemon ended at once (7). See why: keeplit daemon"


def test_a_program_that_is_not_there_is_told(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the system's words."""
    stand_in(monkeypatch, "/nowhere/keeplit")

    expected = "The daemon could not be started: No such file or directory"
    assert daemon_start.begin(paths, os.environ) == expected


def test_one_that_does_not_come_up_is_waited_for_no_longer(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may still come."""
    stand_in(monkeypatch, sys.executable, "-c", "import time; time.sleep(1)")

    assert daemon_start.begin(paths, os.environ, within=0.2) == "The daemon does not come up. See why: keeplit logs"


def test_without_a_path_of_its_own_keeplit_runs_by_its_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it was started itself."""

    def program(environ: object) -> None:
        """Know no path."""

    monkeypatch.setattr(own_command, "program", program)

    assert daemon_start.command({}) == [sys.executable, "-P", "-m", "keeplit.ui.fast", "daemon"]
