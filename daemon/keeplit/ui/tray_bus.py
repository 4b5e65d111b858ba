"""The session's bus, asked by the library that the icon has loaded anyway: another one would cost 10 MB."""

import logging
from html import escape
from typing import Any

log = logging.getLogger(__name__)

PATIENCE = 500  # milliseconds
STARTS_WITHIN = 3000  # a service that has to be started first
PROPERTIES = "org.freedesktop.DBus.Properties"
NOTICES = ("org.freedesktop.Notifications", "/org/freedesktop/Notifications", "org.freedesktop.Notifications")


class SessionBus:
    """A connection of Gio's; asking starts nothing."""

    def __init__(self, connection: Any) -> None:  # noqa: ANN401  # it has no types
        """Take a connection."""
        self.connection = connection
        self._shown = 0

    def ask(self, name: str, path: str, interface: str, member: str, signature: str = "", *body: object) -> list[Any]:
        """Return what a method answers; nothing where nobody does, or it refuses."""
        from gi.repository import Gio

        return self._call((name, path, interface, member), signature, body, Gio.DBusCallFlags.NO_AUTO_START, PATIENCE)

    def property(self, name: str, path: str, interface: str, member: str) -> Any:  # noqa: ANN401  # a variant holds any type
        """Return the value of a property; None where there is none."""
        found = self.ask(name, path, PROPERTIES, "Get", "ss", interface, member)
        return found[0] if found else None

    def show(self, title: str, text: str) -> bool:
        """Show a notice in the place of the last one, and return whether the desktop's service took it.

        One that is not there is started, if it can be. Source: freedesktop.org's Desktop Notifications 1.2.
        """
        can = self._notices("GetCapabilities")
        body = escape(text, quote=False) if can and "body-markup" in can[0] else text
        told: tuple[object, ...] = ("keeplit", self._shown, "", title, body, [], {}, -1)
        shown = self._notices("Notify", "susssasa{sv}i", *told) if can else []
        self._shown = shown[0] if shown else 0
        return bool(shown)

    def _notices(self, member: str, signature: str = "", *body: object) -> list[Any]:
        from gi.repository import Gio

        return self._call((*NOTICES, member), signature, body, Gio.DBusCallFlags.NONE, STARTS_WITHIN)

    def _call(
        self, method: tuple[str, str, str, str], signature: str, body: tuple[object, ...], flags: object, patience: int
    ) -> list[Any]:
        from gi.repository import GLib

        told = GLib.Variant(f"({signature})", body)
        try:
            answer = self.connection.call_sync(*method, told, None, flags, patience, None)
        except GLib.Error as error:
            log.info("%s.%s: %s", *method[2:], error.message)
            return []
        return list(answer.unpack())
