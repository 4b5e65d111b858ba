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


NO_DESKTOP = "No desktop is known to the daemon: neither its environment nor systemd's user manager names a display."
NOT_TOLD = "Nothing on {here} tells the daemon when you last typed."


class Presence(Protocol):
    """What tells about the desk."""

    def look(self) -> Desk:
        """Return what is known now."""

    def stop(self) -> None:
        """Let go of connections and threads."""


class Unknown:
    """The desk where neither presence nor the network can be known; the wake and the local time can."""

    def __init__(self, wake: clock.WakeWatch, blind: str = "") -> None:
        """Take the watch that notices wakes, and why no more can be known."""
        self._wake = wake
        self._blind = blind

    def look(self) -> Desk:
        """Return the desk with the last wake and the local clock's offset."""
        offset = clock.utc_offset(clock.now())
        return Desk(None, woke_at=self._wake.look(), network=Network.UNKNOWN, utc_offset=offset, blind=self._blind)

    def stop(self) -> None:
        """Nothing is held."""


class Measuring:
    """The desk as several sources see it together."""

    def __init__(self, wake: clock.WakeWatch, sources: "Sequence[Source]", blind: str = "") -> None:
        """Measure nothing yet; `blind` says why where none of the sources knows when somebody typed last."""
        self._wake = wake
        self._blind = blind
        self.sources = tuple(sources)

    def look(self) -> Desk:
        """Return what all sources say now."""
        measured = [_measured(source) for source in self.sources]
        now = clock.now()
        idle = min((m.idle for m in measured if m.idle is not None), default=None)
        notices = {m.notices for m in measured} - {None}
        networks = {m.network for m in measured} - {Network.UNKNOWN}
        heard = [at for at in (getattr(source, "woke_at", None) for source in self.sources) if isinstance(at, datetime)]
        return Desk(
            last_input_at=None if idle is None else now - timedelta(seconds=idle),
            locked=any(m.locked for m in measured),
            woke_at=max((self._wake.look(), *(at for at in heard if at <= now))),
            network=networks.pop() if len(networks) == 1 else Network.UNKNOWN,
            utc_offset=clock.utc_offset(now),
            notices=True in notices if notices else None,
            blind=self._blind if idle is None else "",
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
    if environ is None:
        return Unknown(wake)
    sources, blind = _sources(environ, knock), _why_blind(environ)
    return Measuring(wake, sources, blind) if sources else Unknown(wake, blind)


def _why_blind(environ: Mapping[str, str]) -> str:
    """Return why nothing may tell when somebody typed last, for a person."""
    if sys.platform in {"darwin", "win32"}:
        return NOT_TOLD.format(here="this system")
    if environ.get("WAYLAND_DISPLAY") or environ.get("XDG_SESSION_TYPE") == "wayland":
        return NOT_TOLD.format(here="this Wayland desktop")
    return NOT_TOLD.format(here="the X display") if environ.get("DISPLAY") else NO_DESKTOP


def _sources(environ: Mapping[str, str], knock: Callable[[], None]) -> "Sequence[Source]":
    if sys.platform == "darwin":
        from keeplit.adapters.presence.macos import Mac

        return (Mac(),)
    if sys.platform == "win32":
        from keeplit.adapters.presence.windows import Windows

        return (Windows(),)
    from keeplit.adapters import bus
    from keeplit.adapters.presence import linux, x11

    display = bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
    session, system = bus.session_address(environ), bus.system_address(environ)
    found = (
        x11.found(environ),
        linux.SessionBus(session, knock, display=display) if session else None,
        linux.SystemBus(system, knock, environ.get("XDG_SESSION_ID", "")) if system else None,
    )
    return tuple(source for source in found if source is not None)
