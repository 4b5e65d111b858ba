from __future__ import annotations

import ctypes
import sys

import pytest

from keeplit.adapters.presence.measured import NOTHING
from keeplit.adapters.presence.windows import LastInput, Windows


def test_the_structure_is_the_documented_one() -> None:
    """LASTINPUTINFO is two unsigned 32-bit numbers: its size, and a count of milliseconds."""
    assert ctypes.sizeof(LastInput) == 8
    assert [name for name, _ in LastInput._fields_] == ["size", "time"]


@pytest.mark.skipif(sys.platform == "win32", reason="there it answers")
def test_on_another_system_it_tells_nothing() -> None:
    """It is asked nowhere else."""
    source = Windows()
    source.stop()

    assert source.measure() == NOTHING


@pytest.mark.skipif(sys.platform != "win32", reason="its functions are Windows's own")
def test_windows_says_how_long_nothing_was_touched() -> None:
    """A real session answers with a time that is not negative."""
    measured = Windows().measure()

    assert measured.idle is None or measured.idle >= 0
