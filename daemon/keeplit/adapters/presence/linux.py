"""The desk by D-Bus: Mutter's idle time, the screen savers' lock, logind's session and sleep, the network's state.

Sources: org.gnome.Mutter.IdleMonitor (milliseconds), org.freedesktop.login1 (IdleHint, IdleSinceHint, LockedHint,
Active, PrepareForSleep), org.freedesktop.NetworkManager (State), org.freedesktop.network1 (OnlineState), and
org.freedesktop.Notifications. GetSessionIdleTime of org.freedesktop.ScreenSaver is not used: desktops do not agree
whether it counts seconds or milliseconds, and under Wayland it may say nothing but 0, as if somebody were always there.
"""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from keeplit.adapters import clock
from keeplit.adapters.bus import DBUS, Bus
from keeplit.adapters.presence.measured import Measured
from keeplit.core.model import Network

MILLISECONDS = 1000.0
MICROSECONDS = 1_000_000.0
SAVERS = (
    ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    ("org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver"),
    ("org.mate.ScreenSaver", "/org/mate/ScreenSaver"),
)
LOGIN = "org.freedesktop.login1"
NETWORK = "org.freedesktop.NetworkManager"
NETWORKD = "org.freedesktop.network1"
ONLINE = {"online": Network.UP, "partial": Network.UP, "offline": Network.DOWN}
NOTICES = "org.freedesktop.Notifications"
SITE_OR_MORE = 60  # NM_STATE_CONNECTED_SITE
DISCONNECTED = (10, 20)  # asleep, disconnected
SESSION_RULES = (
    *(f"type='signal',interface='{name}',member='ActiveChanged'" for name, _ in SAVERS),
    f"type='signal',sender='{DBUS[0]}',member='NameOwnerChanged',arg0='{NOTICES}'",
)
SYSTEM_RULES = (
    f"type='signal',interface='{LOGIN}.Manager',member='PrepareForSleep'",
    f"type='signal',interface='{LOGIN}.Session',member='Unlock'",
    f"type='signal',interface='{NETWORK}',member='StateChanged'",
)


class SessionBus:
    """What the desktop's own services know."""

    name = "session bus"

    def __init__(self, address: str, knock: Callable[[], None], *, display: bool = True) -> None:
        """Connect to nothing yet; without a display nothing that shows notices can be started."""
        self._knock = knock
        self._display = display
        self._bus = Bus(address, SESSION_RULES, self._heard)

    def _heard(self, member: str, body: list[Any]) -> None:
        del member, body
        self._knock()

    def measure(self) -> Measured:
        """Return Mutter's idle time and the screen saver's lock, as far as there are such services."""
        answer = self._bus.ask(*DBUS, "ListNames")
        names = set(answer[0]) if answer else set()
        return Measured(idle=self._idle(names), locked=self._locked(names), notices=self._notices(names))

    def _notices(self, names: set[str]) -> bool | None:
        """Return whether somebody shows notices, or would be started to."""
        if not names:
            return None  # the bus does not answer
        if NOTICES in names or not self._display:
            return NOTICES in names
        return any(NOTICES in found for found in self._bus.ask(*DBUS, "ListActivatableNames"))

    def _idle(self, names: set[str]) -> float | None:
        if "org.gnome.Mutter.IdleMonitor" not in names:
            return None
        monitor = "org.gnome.Mutter.IdleMonitor"
        found = self._bus.ask(monitor, "/org/gnome/Mutter/IdleMonitor/Core", monitor, "GetIdletime")
        return found[0] / MILLISECONDS if found else None

    def _locked(self, names: set[str]) -> bool | None:
        answers = [self._bus.ask(name, path, name, "GetActive") for name, path in SAVERS if name in names]
        known = [bool(answer[0]) for answer in answers if answer]
        return any(known) if known else None

    def stop(self) -> None:
        """Let go of the bus."""
        self._bus.stop()


class SystemBus:
    """What logind and NetworkManager know; a resume is heard, and its time kept."""

    name = "system bus"

    def __init__(self, address: str, knock: Callable[[], None], session: str = "") -> None:
        """Connect to nothing yet; `session` is the id of the login session, where the environment says it."""
        self._knock = knock
        self._session = session
        self._bus = Bus(address, SYSTEM_RULES, self._heard)
        self.woke_at: datetime | None = None

    def _heard(self, member: str, body: list[Any]) -> None:
        if member == "PrepareForSleep" and body and not body[0]:
            self.woke_at = clock.now()
        self._knock()

    def measure(self) -> Measured:
        """Return what the login session and the network say; nobody else is asked where the bus does not answer."""
        answer = self._bus.ask(*DBUS, "ListNames")
        names = set(answer[0]) if answer else set()
        path = self._path() if LOGIN in names else ""
        session = self._bus.properties(LOGIN, path, f"{LOGIN}.Session") if path else {}
        return Measured(idle=_idle(session), locked=_locked(session), network=self._network(names))

    def _path(self) -> str:
        """Return the object of the person's graphical session; empty where logind knows none."""
        manager = ("/org/freedesktop/login1", f"{LOGIN}.Manager")
        if self._session:
            found = self._bus.ask(LOGIN, *manager, "GetSession", "s", self._session)
            if found:
                return str(found[0])
        user = self._bus.ask(LOGIN, *manager, "GetUser", "u", os.getuid()) if hasattr(os, "getuid") else []
        shown = self._bus.property(LOGIN, user[0], f"{LOGIN}.User", "Display") if user else None
        return str(shown[1]) if shown and shown[0] else ""

    def _network(self, names: set[str]) -> Network:
        if NETWORK not in names:
            place = ("/org/freedesktop/network1", f"{NETWORKD}.Manager", "OnlineState")
            told = self._bus.property(NETWORKD, *place) if NETWORKD in names else None
            return ONLINE.get(str(told), Network.UNKNOWN)
        state = self._bus.property(NETWORK, "/org/freedesktop/NetworkManager", NETWORK, "State")
        if not isinstance(state, int):
            return Network.UNKNOWN
        if state >= SITE_OR_MORE:
            return Network.UP
        return Network.DOWN if state in DISCONNECTED else Network.UNKNOWN

    def stop(self) -> None:
        """Let go of the bus."""
        self._bus.stop()


def _idle(session: Mapping[str, Any]) -> float | None:
    """Return how long logind has called a session idle; one that is not idle says nothing of the last input."""
    since = session.get("IdleSinceHint")
    if not session.get("IdleHint") or not isinstance(since, int) or since <= 0:
        return None
    return max(0.0, (clock.now() - datetime.fromtimestamp(since / MICROSECONDS, UTC)).total_seconds())


def _locked(session: Mapping[str, Any]) -> bool | None:
    """Return whether a session is locked, or another one has the screen."""
    if "LockedHint" not in session:
        return None
    return bool(session["LockedHint"]) or not session.get("Active", True)
