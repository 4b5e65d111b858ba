"""Whether a person is there and the network is up: the interface, and the backend for where neither can be known.

Law: unknown is an answer of its own. A backend reports what it measured and decides nothing; `keeplit.core.permission`
does.
"""

from typing import Protocol

from keeplit.adapters import clock
from keeplit.core.model import Desk, Network


class Presence(Protocol):
    """What tells about the desk."""

    def look(self) -> Desk:
        """Return what is known now."""


class Unknown:
    """The desk where neither presence nor the network can be known; the wake and the local time can."""

    def __init__(self, wake: clock.WakeWatch) -> None:
        """Take the watch that notices wakes."""
        self._wake = wake

    def look(self) -> Desk:
        """Return the desk with the last wake and the local clock's offset."""
        return Desk(None, woke_at=self._wake.look(), network=Network.UNKNOWN, utc_offset=clock.utc_offset(clock.now()))


def find(wake: clock.WakeWatch) -> Presence:
    """Return the best backend for this machine; there is only `Unknown` yet."""
    return Unknown(wake)
