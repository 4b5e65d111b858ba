"""The session's bus, asked by the library that the icon has loaded anyway: another one would cost 10 MB."""

import logging
from typing import Any

log = logging.getLogger(__name__)

PATIENCE = 500  # milliseconds
PROPERTIES = "org.freedesktop.DBus.Properties"


class SessionBus:
    """A connection of Gio's; asking starts nothing."""

    def __init__(self, connection: Any) -> None:  # noqa: ANN401  # it has no types
        """Take a connection."""
        self.connection = connection

    def ask(self, name: str, path: str, interface: str, member: str, signature: str = "", *body: object) -> list[Any]:
        """Return what a method answers; nothing where nobody does, or it refuses."""
        from gi.repository import Gio, GLib

        flags = Gio.DBusCallFlags.NO_AUTO_START
        told = GLib.Variant(f"({signature})", body)
        try:
            answer = self.connection.call_sync(name, path, interface, member, told, None, flags, PATIENCE, None)
        except GLib.Error as error:
            log.info("%s.%s: %s", interface, member, error.message)
            return []
        return list(answer.unpack())

    def property(self, name: str, path: str, interface: str, member: str) -> Any:  # noqa: ANN401  # a variant holds any type
        """Return the value of a property; None where there is none."""
        found = self.ask(name, path, PROPERTIES, "Get", "ss", interface, member)
        return found[0] if found else None
