"""Whether a person is there and the network is up: the interface, the sources of this system, what they say together.

Law: unknown is an answer of its own. A source reports what it measured and decides nothing; `keeplit.core.permission`
does. Of several idle times the shortest counts, since every source sees only part of the input; one that says locked
is enough; the network is down only where somebody knows it.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from keeplit.adapters import clock
from keeplit.core.model import Desk, Network

if TYPE_CHECKING:
    from keeplit.adapters.presence.measured import Measured, Source


class Presence(Protocol):
    """What tells about the desk."""

    def look(self) -> Desk:
        """Return what is known now."""

    def stop(self) -> None:
        """Let go of connections and threads."""


class Unknown:
    """The desk where neither presence nor the network can be known; the wake and the local time can."""

    def __init__(self, wake: clock.WakeWatch) -> None:
        """Take the watch that notices wakes."""
        self._wake = wake

    def look(self) -> Desk:
        """Return the desk with the last wake and the local clock's offset."""
        return Desk(None, woke_at=self._wake.look(), network=Network.UNKNOWN, utc_offset=clock.utc_offset(clock.now()))

    def stop(self) -> None:
        """Nothing is held."""


class Measuring:
    """The desk as several sources see it together."""

    def __init__(self, wake: clock.WakeWatch, sources: "Sequence[Source]") -> None:
        """Measure nothing yet."""
        self._wake = wake
        self.sources = tuple(sources)

    def look(self) -> Desk:
        """Return what all sources say now."""
        measured = [_measured(source) for source in self.sources]
        now = clock.now()
        idle = min((m.idle for m in measured if m.idle is not None), default=None)
        networks = {m.network for m in measured} - {Network.UNKNOWN}
        heard = [at for at in (getattr(source, "woke_at", None) for source in self.sources) if isinstance(at, datetime)]
        return Desk(
            last_input_at=None if idle is None else now - timedelta(seconds=idle),
            locked=any(m.locked for m in measured),
            woke_at=max((self._wake.look(), *(at for at in heard if at <= now))),
            network=networks.pop() if len(networks) == 1 else Network.UNKNOWN,
            utc_offset=clock.utc_offset(now),
        )

    def stop(self) -> None:
        """Let every source go."""
        for source in self.sources:
            source.stop()


def _measured(source: "Source") -> "Measured":
    try:
        return source.measure()
    except Exception:
        import logging  # late: whoever only looks measures nothing

        logging.getLogger(__name__).exception("%s told nothing of the desk", source.name)
        from keeplit.adapters.presence.measured import NOTHING

        return NOTHING


def find(
    wake: clock.WakeWatch, environ: Mapping[str, str] | None = None, knock: Callable[[], None] = lambda: None
) -> Presence:
    """Return what can tell about this machine's desk; `environ` names the display and the buses, none is asked before.

    `knock` is called, from another thread, when a screen is unlocked, the machine wakes, or the network changes.
    """
    sources = _sources(environ, knock) if environ is not None else ()
    return Measuring(wake, sources) if sources else Unknown(wake)


def _sources(environ: Mapping[str, str], knock: Callable[[], None]) -> "Sequence[Source]":
    if sys.platform == "darwin":
        from keeplit.adapters.presence.macos import Mac

        return (Mac(),)
    if sys.platform == "win32":
        from keeplit.adapters.presence.windows import Windows

        return (Windows(),)
    from keeplit.adapters import bus
    from keeplit.adapters.presence import linux, x11

    session, system = bus.session_address(environ), bus.system_address(environ)
    found = (
        x11.found(environ),
        linux.SessionBus(session, knock) if session else None,
        linux.SystemBus(system, knock, environ.get("XDG_SESSION_ID", "")) if system else None,
    )
    return tuple(source for source in found if source is not None)
