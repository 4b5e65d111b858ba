"""Loads pystray, its one user, or says by a code why no icon can be shown here.

pystray 0.19.5 has faults that are met here and in `keeplit.ui.tray_systems`: without a display its import raises what
Xlib raises; its X11 backend has no menu and dead-locks; on Linux it raises at the end of its loop where no notification
service is, resets the handler of SIGINT, and lets a session bus that goes away end the process.
"""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from types import ModuleType

from keeplit.adapters import tray_host
from keeplit.ui.tray_bus import SessionBus

log = logging.getLogger(__name__)

TYPELIBS = ("AyatanaAppIndicator3", "AppIndicator3")
ARENAS, MAPPED_FROM = -8, -3  # of glibc's mallopt


class NoTray(Exception):  # noqa: N818  # it is said to a person
    """No icon can be shown here; its text is a code of `keeplit.core.tray_help`."""


def loaded(environ: Mapping[str, str] = os.environ) -> ModuleType:
    """Return pystray with a backend that has a menu. Raises `NoTray`."""
    on_linux = sys.platform.startswith("linux")
    if on_linux:
        session(environ)
        os.environ["PYSTRAY_BACKEND"] = "appindicator"  # the others have no menu, or no host on today's desktops
        os.environ.setdefault("GDK_GL", "disable")  # the first program of a display would load OpenGL, 50 MB
        _thrifty()
        indicator()
    try:
        import pystray
    except Exception as error:  # noqa: BLE001  # without a display Xlib raises errors of its own
        log.info("no tray: %s", type(error).__name__)
        raise NoTray("no_display") from None
    if not pystray.Icon.HAS_MENU:
        raise NoTray("no_indicator")
    if on_linux:
        _mend()
    return pystray  # type: ignore[no-any-return]  # it has no types


def session(environ: Mapping[str, str]) -> None:
    """Raise `NoTray` where there is no graphical session, or no bus of one."""
    if not environ.get("DISPLAY") and not environ.get("WAYLAND_DISPLAY"):
        raise NoTray("no_display")
    if not tray_host.session_bus(environ):
        raise NoTray("no_bus")


def _thrifty() -> None:
    """Have glibc keep one pool for all threads and give large pieces back: some MB less for a process of days."""
    import ctypes

    with contextlib.suppress(AttributeError, OSError):  # other C libraries have none of it
        library = ctypes.CDLL(None)
        library.mallopt(ARENAS, 1)
        library.mallopt(MAPPED_FROM, 1 << 17)


@contextlib.contextmanager
def _without_ssl() -> Iterator[None]:
    """Have asyncio, which comes with PyGObject and is not used here, do without OpenSSL: 1.5 MB."""
    if "ssl" in sys.modules:
        yield
        return
    sys.modules["ssl"] = None  # type: ignore[assignment]  # the documented way to make an import fail
    try:
        yield
    finally:
        del sys.modules["ssl"]


def indicator() -> None:
    """Raise `NoTray` where what pystray needs on Linux is missing: it would fall back to a backend without a menu."""
    try:
        with _without_ssl():
            import gi
    except ImportError:
        raise NoTray("no_pygobject") from None
    for name in TYPELIBS:
        try:
            gi.require_version("Gtk", "3.0")
            gi.require_version(name, "0.1")
        except ValueError:
            continue
        return
    raise NoTray("no_indicator")


_kept: list[SessionBus] = []  # the bus is a weak singleton


def _mend() -> None:
    """Take pystray's own notifier away, and let a bus that goes away leave the process alone."""
    from gi.repository import Gio, GLib
    from pystray._util import notify_dbus

    class Silent:
        """Notices are shown elsewhere; without a service the original makes the loop raise."""

        def notify(self, *told: object) -> None:
            """Show nothing."""

        def hide(self) -> None:
            """Nothing was shown."""

    notify_dbus.Notifier = Silent
    GLib.set_prgname("keeplit")  # what panels call us where they name programs
    try:
        bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
    except GLib.Error as error:
        log.info("no session bus: %s", error.message)
        raise NoTray("no_bus") from None
    bus.set_exit_on_close(False)
    _kept.append(SessionBus(bus))


def session_bus() -> SessionBus | None:
    """Return the bus that the icon is shown by; None on other systems than Linux."""
    return next(iter(_kept), None)
