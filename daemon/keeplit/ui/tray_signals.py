"""Signals for a loop that waits in the system, where no handler of Python's runs: Windows' loop of messages."""

import signal
import socket
import threading
from collections.abc import Callable

Deed = Callable[[], None]
_kept: list[socket.socket] = []  # what only the system's signal handler uses


def wake_on_signal(ended: Deed) -> Deed:
    """Call `ended` at each signal, in a thread: a loop that waits in the system lets no handler of Python's run.

    Returns what takes it back.
    """
    reader, writer = socket.socketpair()
    writer.settimeout(0)
    signal.set_wakeup_fd(writer.fileno())

    def wait() -> None:
        with reader:
            while reader.recv(1):
                ended()

    def stop() -> None:
        signal.set_wakeup_fd(-1)
        writer.close()
        thread.join()

    thread = threading.Thread(target=wait, name="keeplit-signals", daemon=True)
    thread.start()
    _kept.append(writer)
    return stop
