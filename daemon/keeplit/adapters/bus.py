"""D-Bus, asked without starting anything: one connection a bus, in a thread of its own. The one user of dbus-fast.

Law: a question is answered within half a second or not at all, no service is activated by asking it, and a bus that
went away is looked for again. A signal only knocks.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, TypeVar

from keeplit.adapters import clock

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

log = logging.getLogger(__name__)

PATIENCE = 0.5
AGAIN_AFTER = 10.0
DBUS = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
PROPERTIES = "org.freedesktop.DBus.Properties"
T = TypeVar("T")


class Bus:
    """One bus by its address; `heard` is told the member and body of each signal that `rules` match."""

    def __init__(
        self,
        address: str,
        rules: tuple[str, ...] = (),
        heard: Callable[[str, list[Any]], None] | None = None,
    ) -> None:
        """Connect to nothing yet."""
        self.address = address
        self._rules = rules
        self._heard = heard
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bus: MessageBus | None = None
        self._tried: float | None = None
        self._lock = threading.Lock()

    def ask(self, name: str, path: str, interface: str, member: str, signature: str = "", *body: object) -> list[Any]:
        """Return what a method answers; nothing where nobody does, or it refuses."""
        return self._within(self._call(name, path, interface, member, signature, list(body))) or []

    def property(self, name: str, path: str, interface: str, member: str) -> Any:  # noqa: ANN401  # a variant holds any type
        """Return the value of a property; None where there is none."""
        found = self.ask(name, path, PROPERTIES, "Get", "ss", interface, member)
        return found[0].value if found else None

    def properties(self, name: str, path: str, interface: str) -> dict[str, Any]:
        """Return all properties of an interface."""
        found = self.ask(name, path, PROPERTIES, "GetAll", "s", interface)
        return {key: variant.value for key, variant in found[0].items()} if found else {}

    def listen(self) -> None:
        """Connect, so that signals knock from now on."""
        self._within(self._connected())

    def stop(self) -> None:
        """Disconnect and end the thread."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is None:
            return
        if self._bus is not None:
            loop.call_soon_threadsafe(self._bus.disconnect)
        loop.call_soon_threadsafe(loop.stop)

    def _within(self, work: Coroutine[Any, Any, T]) -> T | None:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=run_loop, args=(self._loop,), name="keeplit-bus", daemon=True).start()
            loop = self._loop
        future = asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, PATIENCE), loop)
        try:
            return future.result(PATIENCE * 2)
        except (TimeoutError, CancelledError):
            future.cancel()
            return None
        except Exception as error:  # noqa: BLE001  # dbus-fast raises what the socket raises, and errors of its own
            log.info("%s: %s", self.address, type(error).__name__)
            self._bus = None
            return None

    async def _connected(self) -> "MessageBus | None":
        if self._bus is not None and self._bus.connected:
            return self._bus
        now = clock.monotonic()
        if self._tried is not None and now - self._tried < AGAIN_AFTER:
            return None
        self._tried = now
        from dbus_fast.aio import MessageBus

        bus = await MessageBus(bus_address=self.address).connect()
        bus.add_message_handler(self._signal)
        for rule in self._rules:
            await bus.call(_message(*DBUS, "AddMatch", "s", [rule]))
        self._bus = bus
        return bus

    async def _call(
        self, name: str, path: str, interface: str, member: str, signature: str, body: list[Any]
    ) -> list[Any]:
        bus = await self._connected()
        if bus is None:
            return []
        answer = await bus.call(_message(name, path, interface, member, signature, body))
        return [] if answer.error_name else list(answer.body)

    def _signal(self, message: "Message") -> None:
        from dbus_fast import MessageType

        # The bus tells a new connection of its own name: nobody listens for that.
        wanted = message.sender != DBUS[0] or message.member == "NameOwnerChanged"
        if self._heard is not None and message.message_type is MessageType.SIGNAL and wanted:
            self._heard(message.member or "", list(message.body))


def _message(name: str, path: str, interface: str, member: str, signature: str, body: list[Any]) -> "Message":
    from dbus_fast import Message, MessageFlag

    return Message(
        destination=name,
        path=path,
        interface=interface,
        member=member,
        signature=signature,
        body=body,
        flags=MessageFlag.NO_AUTOSTART,
    )


def run_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Run a loop in this thread until it is stopped, and close it: it holds three descriptors."""
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def session_address(environ: Mapping[str, str]) -> str:
    """Return the session bus's address; empty where there is none."""
    if environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return environ["DBUS_SESSION_BUS_ADDRESS"]
    socket = os.path.join(environ.get("XDG_RUNTIME_DIR") or "", "bus")  # noqa: PTH118  # an address is text
    return f"unix:path={socket}" if os.path.isabs(socket) and os.path.exists(socket) else ""  # noqa: PTH110, PTH117


def system_address(environ: Mapping[str, str]) -> str:
    """Return the system bus's address; empty where there is none."""
    if environ.get("DBUS_SYSTEM_BUS_ADDRESS"):
        return environ["DBUS_SYSTEM_BUS_ADDRESS"]
    socket = "/run/dbus/system_bus_socket"
    return f"unix:path={socket}" if os.path.exists(socket) else ""  # noqa: PTH110  # as above
