"""Notices on the desktop, with buttons. The one user of desktop-notifier; its event loop stays in here.

Law: showing never blocks for long and never raises; a notice that could not be shown is an outcome. A pressed button is
told to whoever made the notifier, in a thread of its own. What a notice says is in no log: it may hold a device code.
"""

import asyncio
import contextlib
import logging
import sys
import threading
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, Protocol

from keeplit.adapters.bus import DBUS, Bus, run_loop, session_address
from keeplit.core.deeds import Action, Outcome, Result

if TYPE_CHECKING:
    from desktop_notifier import DesktopNotifier

log = logging.getLogger(__name__)

PATIENCE = 3.0
LAST_WORDS = 0.1
NAME = "keeplit"
SERVICE = "org.freedesktop.Notifications"
STARTABLE = "startable"
ELSEWHERE = "Answer in the flame's menu, or in a terminal: keeplit status"
NO_MARKUP = str.maketrans(
    "<>", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
)
Pressed = Callable[[Action, str], None]
Served = Callable[[], str | bool]
"""Tells who shows notices, by a name that changes with them; false where nobody does."""


class Notifier(Protocol):
    """What shows notices."""

    def show(self, action: Action, title: str, text: str, buttons: tuple[str, ...]) -> Outcome:
        """Show a notice; a pressed button becomes a wish."""

    def stop(self) -> None:
        """Let go of connections and threads."""


class Nowhere:
    """The notifier of a machine without notices: `status` shows what they would have said."""

    def show(self, action: Action, title: str, text: str, buttons: tuple[str, ...]) -> Outcome:
        """Show nothing."""
        del action, title, text, buttons
        return Outcome(Result.NOT_SHOWN, "no_notifier")

    def stop(self) -> None:
        """Nothing is held."""


class Desktop:
    """Notices by the desktop's own service: one at a time for each session, the later in place of the earlier."""

    def __init__(self, pressed: Pressed, served: Served = lambda: True) -> None:
        """Connect to nothing yet. `served` tells whether anybody shows notices: asking in vain would leak."""
        self._pressed = pressed
        self._served = served
        self._by: str | bool = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._notifier: DesktopNotifier | None = None
        self._shown: dict[str, str] = {}

    def show(self, action: Action, title: str, text: str, buttons: tuple[str, ...]) -> Outcome:
        """Show a notice and say whether the service took it."""
        by = self._served()
        if by != self._by and self._by not in {False, STARTABLE}:
            self._let_go()  # another service gives our old numbers to others' notices, and we would close those
        self._by = by
        if not by:
            return Outcome(Result.NOT_SHOWN, "no_service", "no notification service runs on this desktop")
        try:
            taken = self._within(self._show(action, title, text, buttons))
        except (TimeoutError, CancelledError):
            self._let_go()
            if by == STARTABLE:  # it was asked what it can do, and not yet to show anything
                return Outcome(Result.NOT_SHOWN, "not_started", "the notification service could not be started")
            return Outcome(Result.NOT_SHOWN, "no_answer", "the notification service does not answer")
        except Exception as error:  # noqa: BLE001  # each system's service raises its own
            log.info("a notice could not be shown: %s", type(error).__name__)
            taken = False
        if not taken:
            self._let_go()
            return Outcome(Result.NOT_SHOWN, "not_taken", "the notification service did not take the notice")
        return Outcome(Result.DONE)

    async def _show(self, action: Action, title: str, text: str, buttons: tuple[str, ...]) -> bool:
        from desktop_notifier import Button, Urgency

        notifier = self._made()
        if not await notifier.get_capabilities():
            return False  # the library's dummy: a Mac's program outside a bundle, an old Windows
        taken: list[bool] = []

        def told(button: str) -> Callable[[], None]:
            return lambda: self._tell(action, button)

        earlier = self._shown.pop(action.session, None)
        if earlier is not None:
            with contextlib.suppress(KeyError):
                await notifier.clear(earlier)
        identifier = await notifier.send(
            title,
            plain(text if answered(buttons) or not buttons else f"{text} {ELSEWHERE}"),
            urgency=Urgency.Normal,
            buttons=[Button(title=button, on_pressed=told(button)) for button in answered(buttons)],
            on_dispatched=lambda: taken.append(True),
        )
        if taken:
            self._shown[action.session] = identifier
        return bool(taken)

    def _made(self) -> "DesktopNotifier":
        if self._notifier is None:
            from desktop_notifier import DesktopNotifier

            logging.getLogger("desktop_notifier").setLevel(logging.CRITICAL)  # it logs notices, and what services say
            self._notifier = DesktopNotifier(app_name=NAME, app_icon=None)
        return self._notifier

    def _let_go(self) -> None:
        """Forget the library's notifier: the next notice makes a new one. It leaves its connection open by itself."""
        notifier, self._notifier = self._notifier, None
        self._shown.clear()
        backend = notifier._backend if notifier is not None else None  # noqa: SLF001  # it has no way to close it
        bus = getattr(backend, "bus", None)
        if bus is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(bus.disconnect)

    def _tell(self, action: Action, button: str) -> None:
        """Tell of a pressed button, not in the loop: whoever is told may write files."""

        def tell() -> None:
            try:
                self._pressed(action, button)
            except Exception:
                log.exception("the button %r did nothing", button)

        threading.Thread(target=tell, name="keeplit-button", daemon=True).start()

    def _within(self, work: Coroutine[Any, Any, bool]) -> bool:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=run_loop, args=(self._loop,), name="keeplit-notices", daemon=True).start()
        return asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, PATIENCE), self._loop).result(PATIENCE * 2)

    def stop(self) -> None:
        """End the loop; notices that are shown stay, their buttons no longer do anything."""
        self._let_go()
        loop, self._loop = self._loop, None
        if loop is not None:
            loop.call_soon_threadsafe(
                loop.call_later, LAST_WORDS, loop.stop
            )  # a connection ends in the loop's next turn


def plain(text: str) -> str:
    """Return a text that no service takes for markup, and that reads the same to one that knows none."""
    return text.translate(NO_MARKUP) if sys.platform == "linux" else text


def answered(buttons: tuple[str, ...]) -> tuple[str, ...]:
    """Return the buttons whose press is told here: on a Mac none, since that takes a CFRunLoop in the main thread."""
    return () if sys.platform == "darwin" else buttons


def served(environ: Mapping[str, str]) -> str:
    """Return who shows notices on this desktop, `STARTABLE` where somebody would be started to; empty for nobody.

    Elsewhere than on Linux the system does. Nobody is started before there is a display: at boot a service fails
    without one, and too often for systemd to start it once the desktop is there.
    """
    if sys.platform in {"darwin", "win32"}:
        return sys.platform
    address = session_address(environ)
    if not address:
        return ""
    bus = Bus(address)
    try:
        owner = bus.ask(*DBUS, "GetNameOwner", "s", SERVICE)
        if owner or not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
            return str(owner[0]) if owner else ""
        return STARTABLE if any(SERVICE in names for names in bus.ask(*DBUS, "ListActivatableNames")) else ""
    finally:
        bus.stop()


def find(pressed: Pressed | None = None, served: Served = lambda: True) -> Notifier:
    """Return what shows notices here; without anybody to tell of a pressed button, none are shown."""
    return Nowhere() if pressed is None else Desktop(pressed, served)
