"""What the flame needs of a Linux desktop before pystray is loaded: a graphical session, its bus, PyGObject, a typelib.

Law: what is missing is said by a code of `keeplit.core.tray_help`; nothing is started or shown to find that out.
"""

import contextlib
import sys
from collections.abc import Iterator, Mapping

TYPELIBS = ("AyatanaAppIndicator3", "AppIndicator3")


class NoTray(Exception):  # noqa: N818  # it is said to a person
    """No icon can be shown here; its text is a code of `keeplit.core.tray_help`."""


def missing(environ: Mapping[str, str], bus: str) -> str:
    """Return the code of the first thing that is missing; empty where nothing is. PyGObject is loaded for it.

    `bus` is the address of the session's bus.
    """
    try:
        session(environ, bus)
        indicator()
    except NoTray as none:
        return str(none)
    return ""


def session(environ: Mapping[str, str], bus: str) -> None:
    """Raise `NoTray` where there is no graphical session, or no bus of one."""
    if not environ.get("DISPLAY") and not environ.get("WAYLAND_DISPLAY"):
        raise NoTray("no_display")
    if not bus:
        raise NoTray("no_bus")


@contextlib.contextmanager
def without(name: str) -> Iterator[None]:
    """Have imports of a module fail meanwhile, by the documented way; one that is loaded already stays."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # that is the way
    try:
        yield
    finally:
        del sys.modules[name]


def indicator() -> None:
    """Raise `NoTray` where what pystray needs on Linux is missing: it would fall back to a backend without a menu."""
    try:
        with without("ssl"):  # for asyncio, which comes with PyGObject and is not used here: 1.5 MB
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
