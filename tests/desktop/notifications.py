"""A notification service without a screen: it keeps the notices that it is given, and can press their buttons."""

# No `from __future__ import annotations`: dbus-fast reads the signatures of a service from its annotations.

import asyncio
import threading
from dataclasses import dataclass
from typing import Any, Self

from tests.desktop.bed import until
from tests.desktop.dbus_library import DBusError, MessageBus, ServiceInterface, dbus_method, dbus_signal

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
DISMISSED, CLOSED = 2, 3
PRESSED_AFTER = 0.3
"""Seconds in which nobody can press: desktop-notifier knows a notice a moment after its number has come."""


@dataclass
class Note:
    """One notice as it was given."""

    id: int
    title: str
    text: str
    buttons: dict[str, str]  # what it says -> its key
    open: bool = True


class _Service(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(NAME)
        self.notes: list[Note] = []
        self.slow = 0.0
        self.refuses = ""  # why

    @dbus_method()
    async def Notify(  # noqa: N802
        self,
        app: "s",  # type: ignore[name-defined]  # noqa: F821
        replaces: "u",  # type: ignore[name-defined]  # noqa: F821
        icon: "s",  # type: ignore[name-defined]  # noqa: F821
        title: "s",  # type: ignore[name-defined]  # noqa: F821
        text: "s",  # type: ignore[name-defined]  # noqa: F821
        actions: "as",  # type: ignore[valid-type]  # noqa: F722
        hints: "a{sv}",  # type: ignore[valid-type]  # noqa: F722
        expires: "i",  # type: ignore[name-defined]  # noqa: F821
    ) -> "u":  # type: ignore[name-defined]  # noqa: F821
        await asyncio.sleep(self.slow)
        if self.refuses:
            raise DBusError("org.example.Refused", self.refuses)
        buttons = {said: key for key, said in zip(actions[::2], actions[1::2], strict=True) if key != "default"}
        self.notes.append(Note(len(self.notes) + 1, title, text, buttons))
        return len(self.notes)

    @dbus_method()
    def CloseNotification(self, number: "u") -> None:  # type: ignore[name-defined]  # noqa: F821, N802
        self.notes[number - 1].open = False
        self.NotificationClosed(number, CLOSED)

    @dbus_method()
    def GetCapabilities(self) -> "as":  # type: ignore[valid-type]  # noqa: F722, N802
        return ["actions", "body"]

    @dbus_method()
    def GetServerInformation(self) -> "ssss":  # type: ignore[name-defined]  # noqa: F821, N802
        return ["recorder", "keeplit", "1", "1.2"]

    @dbus_signal()
    def NotificationClosed(self, number: int, reason: int) -> "uu":  # type: ignore[name-defined]  # noqa: F821, N802
        return [number, reason]

    @dbus_signal()
    def ActionInvoked(self, number: int, key: str) -> "us":  # type: ignore[name-defined]  # noqa: F821, N802
        return [number, key]


class Recorder:
    """The service on a bus, in a thread of its own."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.service = _Service()
        self.bus: MessageBus | None = None

    def __enter__(self) -> Self:
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self.loop).result(10)
        return self

    async def _start(self) -> None:
        self.bus = await MessageBus(bus_address=self.address).connect()
        self.bus.export(PATH, self.service)
        await self.bus.request_name(NAME)

    def __exit__(self, *ended: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()

    async def _end(self) -> None:
        if self.bus is not None:
            self.bus.disconnect()
        slow = asyncio.all_tasks() - {asyncio.current_task()}
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)

    @property
    def notes(self) -> list[Note]:
        """All notices, oldest first."""
        return self.service.notes

    def wait(self, count: int = 1) -> Note:
        """Return the latest notice once there are so many."""
        until(lambda: len(self.notes) >= count, what=f"notice {count}")
        return self.notes[-1]

    def press(self, note: Note, button: str) -> None:
        """Press a button, as dunst and the desktops do: the notice then closes."""
        key, note.open = note.buttons[button], False

        def pressed() -> None:
            self.service.ActionInvoked(note.id, key)
            self.service.NotificationClosed(note.id, DISMISSED)

        self.loop.call_soon_threadsafe(self.loop.call_later, PRESSED_AFTER, pressed)

    def within(self, deed: Any) -> None:
        """Call `deed` in the service's own thread."""
        self.loop.call_soon_threadsafe(deed)
