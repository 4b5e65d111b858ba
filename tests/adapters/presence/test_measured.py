from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from keeplit.adapters.presence import linux, macos, windows, x11
from keeplit.adapters.presence.measured import NOTHING, Patient, Source
from tests.desktop.bed import bed


def test_a_quick_call_gives_its_answer() -> None:
    """Nothing is lost by waiting in another thread."""
    assert Patient("test").call(lambda: 7, 0) == 7


def test_a_call_that_raises_is_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    """What went wrong is in the log, and ends no thread aloud."""

    def fail() -> int:
        raise OSError("the display is gone")

    assert Patient("test").call(fail, 0) == 0
    assert "the display is gone" in caplog.text


def test_a_call_that_hangs_is_not_waited_for_and_not_repeated() -> None:
    """While it hangs nothing is known; once it ended, answers come again."""
    patient, gate, calls = Patient("test", seconds=0.05), threading.Event(), []

    def hang() -> str:
        calls.append(1)
        gate.wait(10)
        return "late"

    assert patient.call(hang, "unknown") == "unknown"
    assert patient.call(hang, "unknown") == "unknown"
    assert len(calls) == 1
    gate.set()
    assert patient._running is not None
    patient._running.join(10)
    assert patient.call(lambda: "now", "unknown") == "now"


# Every source keeps the same promises, wherever it is asked.


@pytest.fixture(params=["x11", "session bus", "system bus", "macos", "windows"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    """Give each source where nothing is that it could measure."""
    nowhere = f"unix:path={tmp_path}/none"
    made: dict[str, Source] = {
        "x11": x11.Display({"DISPLAY": ":4711"}),
        "session bus": linux.SessionBus(nowhere, lambda: None),
        "system bus": linux.SystemBus(nowhere, lambda: None),
        "macos": macos.Mac(),
        "windows": windows.Windows(),
    }
    return made[request.param]


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="there the system itself is measured")
def test_a_source_of_nothing_tells_nothing_and_again(source: Source) -> None:
    """Unknown is an answer, given at once; nothing is raised, not even after it was let go twice."""
    began = time.monotonic()
    told = [source.measure(), source.measure()]
    source.stop()
    source.stop()
    told.append(source.measure())
    source.stop()

    assert told == [NOTHING] * 3
    assert source.name
    assert time.monotonic() - began < 5.0


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="the bus of Linux")
@pytest.mark.parametrize("kind", [linux.SessionBus, linux.SystemBus])
def test_a_bus_that_hangs_holds_no_measuring_up(
    kind: Callable[[str, Callable[[], None]], Source], tmp_path: Path
) -> None:
    """Half a second is waited, once for all that would be asked."""
    with bed(tmp_path / "desktop") as desktop:
        made = kind(desktop.bus(), lambda: None)
        made.measure()
        daemon = desktop.running[-1]
        os.kill(daemon.pid, signal.SIGSTOP)
        began = time.monotonic()
        told = made.measure()
        waited = time.monotonic() - began
        os.kill(daemon.pid, signal.SIGCONT)
        made.stop()

    assert told == NOTHING
    assert waited < 1.5
