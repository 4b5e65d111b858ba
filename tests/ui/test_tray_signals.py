"""A signal is heard while the main thread waits in the system."""

from __future__ import annotations

import os
import signal
import sys
import threading

import pytest

from keeplit.ui.tray_signals import wake_on_signal


@pytest.mark.skipif(sys.platform == "win32", reason="a signal to oneself ends the process there")
def test_a_signal_is_heard_while_the_loop_waits_in_the_system() -> None:
    """The thread hears of it without a line of Python run in the main one."""
    heard = threading.Event()
    before = signal.signal(signal.SIGUSR1, lambda number, frame: None)
    stop = wake_on_signal(heard.set)
    try:
        os.kill(os.getpid(), signal.SIGUSR1)
        assert heard.wait(5.0)
    finally:
        stop()
        signal.signal(signal.SIGUSR1, before)
