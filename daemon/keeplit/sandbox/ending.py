"""How what the sandbox started is ended: gently first, and without a second Ctrl-C hurrying it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import current_thread, main_thread

ENDS_WITHIN = 4.0
INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C and SIGTERM off; to other threads than the main one they do not come anyway."""
    with ExitStack() as undo:
        if current_thread() is main_thread():
            for number in INTERRUPTIONS:
                undo.callback(signal.signal, number, signal.signal(number, signal.SIG_IGN))
        yield


def end(child: subprocess.Popen[bytes]) -> None:
    """End a process gently, then at once."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
