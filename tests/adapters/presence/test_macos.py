from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from keeplit.adapters.presence.macos import Mac
from keeplit.adapters.presence.measured import NOTHING, Measured


@pytest.fixture
def quartz(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Play a Mac whose window server says what the test wants; what a real one says is not known here."""
    server = SimpleNamespace(
        session={},
        CGEventSourceSecondsSinceLastEventType=lambda source, kind: 12.5 if (source, kind) == (1, 0xFFFFFFFF) else -1,
    )
    server.CGSessionCopyCurrentDictionary = lambda: server.session
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setitem(sys.modules, "Quartz", server)
    return server


@pytest.mark.parametrize(
    ("session", "measured"),
    [
        ({"kCGSSessionOnConsoleKey": True}, Measured(12.5, locked=False)),
        ({"kCGSSessionOnConsoleKey": True, "CGSSessionScreenIsLocked": True}, Measured(12.5, locked=True)),
        ({"kCGSSessionOnConsoleKey": False}, Measured(12.5, locked=True)),
        (None, NOTHING),
    ],
)
def test_the_window_server_says_how_long_and_whether_locked(
    quartz: SimpleNamespace, session: dict[str, bool] | None, measured: Measured
) -> None:
    """Whoever else has the screen is not there; no window server, no answer."""
    quartz.session = session

    assert Mac().measure() == measured


@pytest.mark.skipif(sys.platform == "darwin", reason="there it answers")
def test_on_another_system_it_tells_nothing() -> None:
    """It is asked nowhere else."""
    source = Mac()
    source.stop()

    assert source.measure() == NOTHING
