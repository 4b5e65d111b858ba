"""Loads pystray, its one user, or says by a code why no icon can be shown here.

pystray 0.19.5 has faults that are met here and in `keeplit.ui.tray_systems`: without a display its import raises what
Xlib raises; its X11 backend has no menu and dead-locks; on Linux it raises at the end of its loop where no notification
service is, resets the handler of SIGINT, and lets a session bus that goes away end the process.
"""

import logging
import os
import sys
from collections.abc import Mapping
from types import ModuleType

from keeplit.adapters import tray_host
from keeplit.adapters.tray_parts import NoTray, indicator, session
from keeplit.ui.tray_bus import SessionBus

log = logging.getLogger(__name__)


def loaded(environ: Mapping[str, str] = os.environ) -> ModuleType:
    """Return pystray with a backend that has a menu. Raises `NoTray`."""
    on_linux = sys.platform.startswith("linux")
    if on_linux:
        session(environ, tray_host.session_bus(environ))
        os.environ["PYSTRAY_BACKEND"] = "appindicator"  # the others have no menu, or no host on today's desktops
        os.environ.setdefault("GDK_GL", "disable")  # the first program of a display would load OpenGL, 50 MB
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
