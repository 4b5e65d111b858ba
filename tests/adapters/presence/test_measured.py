from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from keeplit.adapters.presence.measured import Patient

if TYPE_CHECKING:
    import pytest


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
