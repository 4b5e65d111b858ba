"""Whether anything on this desktop shows tray icons: a host for StatusNotifierItem, or X's older kind of tray.

Source: freedesktop.org's StatusNotifierItem and System Tray Protocol specifications. An answer that cannot be had is
None; what is asked here starts nothing.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from keeplit.adapters.bus import Bus

DBUS = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
WATCHER, WATCHER_PATH = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"
RELEASE = ("/etc/os-release", "/usr/lib/os-release")


class Asked(Protocol):
    """The session's bus, as `keeplit.adapters.bus` asks it, or the flame by what it has loaded anyway."""

    def ask(self, name: str, path: str, interface: str, member: str, signature: str = "", *body: object) -> list[Any]:
        """Return what a method answers; nothing where nobody does."""

    def property(self, name: str, path: str, interface: str, member: str) -> Any:  # noqa: ANN401  # a variant
        """Return the value of a property; None where there is none."""


def shows_icons(environ: Mapping[str, str], bus: Asked | None = None) -> bool | None:
    """Whether an icon would be shown; None where that is not known: other systems show them always."""
    if not sys.platform.startswith("linux") or not session_bus(environ):
        return None
    if bus is not None:
        there = _has_host(bus)
    else:
        own = _bus(environ)
        there = _has_host(own)
        own.stop()
    return there or has_old_tray(environ.get("DISPLAY", ""))


def _bus(environ: Mapping[str, str]) -> "Bus":
    from keeplit.adapters.bus import Bus  # asyncio is 6 MB

    return Bus(session_bus(environ))


def session_bus(environ: Mapping[str, str]) -> str:
    """Return the address of the session's bus; empty where there is none. Nobody's library may launch one for us."""
    folder = environ.get("XDG_RUNTIME_DIR")
    socket = f"{folder}/bus" if folder else ""
    usual = f"unix:path={socket}" if socket and os.path.exists(socket) else ""  # noqa: PTH110  # Path's own raises where it may not look
    return environ.get("DBUS_SESSION_BUS_ADDRESS") or usual


def _has_host(bus: Asked) -> bool:
    registered = "IsStatusNotifierHostRegistered"
    return owned(bus, WATCHER) and bool(bus.property(WATCHER, WATCHER_PATH, WATCHER, registered))


def owned(bus: Asked, name: str) -> bool:
    """Whether somebody owns a name on the bus."""
    return bus.ask(*DBUS, "NameHasOwner", "s", name) == [True]


def has_old_tray(display: str) -> bool:
    """Whether somebody owns the first screen's tray on an X display."""
    if not display:
        return False
    import ctypes
    import ctypes.util

    try:
        library = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
    except OSError:
        return False
    for function, answer in (("XOpenDisplay", ctypes.c_void_p), ("XInternAtom", ctypes.c_ulong)):
        getattr(library, function).restype = answer
    library.XGetSelectionOwner.restype = ctypes.c_ulong
    address = library.XOpenDisplay(display.encode())
    if not address:
        return False
    opened = ctypes.c_void_p(address)
    try:
        selection = ctypes.c_ulong(library.XInternAtom(opened, b"_NET_SYSTEM_TRAY_S0", 0))
        return bool(library.XGetSelectionOwner(opened, selection))
    finally:
        library.XCloseDisplay(opened)


def os_release(places: tuple[str, ...] = RELEASE) -> str:
    """Return the text of this distribution's os-release file; empty where there is none."""
    for place in places:
        try:
            return Path(place).read_text("utf-8", "replace")
        except OSError:
            continue
    return ""


def desktop(environ: Mapping[str, str] = os.environ) -> str:
    """Return the names of the desktop, as the session says them."""
    return environ.get("XDG_CURRENT_DESKTOP", "")
