"""What one source tells about the desk; None, and `Network.UNKNOWN`, where it cannot tell."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from keeplit.core.model import Network

log = logging.getLogger(__name__)

T = TypeVar("T")
PATIENCE = 0.5


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds since the last input, whether the screen is locked, the network, and whether somebody shows notices."""

    idle: float | None = None
    locked: bool | None = None
    network: Network = Network.UNKNOWN
    notices: bool | None = None


NOTHING = Measured()


class Source(Protocol):
    """Something that measures the desk."""

    name: str

    def measure(self) -> Measured:
        """Return what is known now; within half a second, and raising nothing."""

    def stop(self) -> None:
        """Let go of connections and threads."""


class Patient:
    """Waits for a call no longer than half a second: a display that hangs must not hold the daemon up."""

    def __init__(self, name: str, seconds: float = PATIENCE) -> None:
        """Call nothing yet."""
        self._name = name
        self._seconds = seconds
        self._running: threading.Thread | None = None

    def call(self, deed: Callable[[], T], otherwise: T) -> T:
        """Return what `deed` returns; `otherwise` where it takes too long, or the one before still does."""
        if self._running is not None and self._running.is_alive():
            return otherwise
        answer = [otherwise]

        def work() -> None:
            try:
                answer[0] = deed()
            except Exception:
                log.exception("%s failed", self._name)

        self._running = threading.Thread(target=work, name=self._name, daemon=True)
        self._running.start()
        self._running.join(self._seconds)
        return otherwise if self._running.is_alive() else answer[0]
