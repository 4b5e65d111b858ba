"""The icon in the panel, and its menu; the loop is pystray's, in the main thread.

Law: the library is asked for something only when that differs from what is shown, and in the loop's own thread; where
only words of the menu changed, an open one keeps its entries; a click that raises ends nothing.
"""

import logging
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import TYPE_CHECKING, Any

from keeplit.core.labels import notice
from keeplit.core.tray_entries import LINE, Entry, shape
from keeplit.ui import tray_systems
from keeplit.ui.tray_library import session_bus
from keeplit.ui.tray_systems import Pictures

if TYPE_CHECKING:
    from PIL import Image

log = logging.getLogger(__name__)

NAME = "keeplit"
Entries = tuple[Entry, ...]


class TrayIcon:
    """One icon with a menu."""

    def __init__(self, library: ModuleType, folder: Path) -> None:
        """Show nothing yet; `folder` is a private one for pictures."""
        self._library = library
        self._clicked: Callable[[Entry], None] = _nowhere
        self._face: object = None
        self._title = ""
        self._entries: Entries = ()
        self._pictures = Pictures(folder)
        self._icon = self._kind()(NAME, title=NAME)

    def _kind(self) -> Any:  # noqa: ANN401  # pystray has no types
        base = self._library.Icon
        if sys.platform == "darwin":
            return tray_systems.mac(base, tray_systems.template)
        if sys.platform == "win32":
            return tray_systems.windows(base, sys.modules[base.__module__].win32.PostMessage)
        return tray_systems.linux(base, self._pictures)

    def run(self, clicked: Callable[[Entry], None], ready: Callable[[], None], ended: Callable[[], None]) -> None:
        """Run the loop until `stop`.

        `clicked` is called with the entry of each click, in the loop's thread: it must not wait. `ready` is called once
        in a thread of its own when things can be shown; `ended` at SIGINT and SIGTERM, and where the session's bus goes
        away, which nothing brings back to this process.
        """

        def setup(icon: object) -> None:
            del icon
            self._on_ui(lambda: _listen(ended))
            ready()

        self._clicked = clicked
        self._icon.run(setup)
        self._pictures.clear()

    def show(self, face: object, image: "Callable[[], Image.Image]", title: str, entries: Entries) -> None:
        """Show these from now on; `face` names the picture, which is drawn only where another one is shown."""
        self._on_ui(lambda: self._apply(face, image, title, entries))

    def _apply(self, face: object, image: "Callable[[], Image.Image]", title: str, entries: Entries) -> None:
        try:
            if entries != self._entries and not self._relabelled(entries):
                self._icon.menu = self._library.Menu(*self._items(entries))
            self._entries = entries
            if face != self._face:
                self._icon.icon = image()
            self._face = face
            if title != self._title:
                self._icon.title = title
            self._title = title
            self._icon.visible = True
        except Exception:
            log.exception("the panel took no change")
            self._face, self._title, self._entries = None, "", ()  # all of it once more with the next one

    def _relabelled(self, entries: Entries) -> bool:
        """Whether nothing but words differs, and the menu has them now: its entries stay, an open menu stays whole."""
        if not sys.platform.startswith("linux") or shape(entries) != shape(self._entries):
            return False
        return _relabel(self._icon._menu_handle, entries)  # noqa: SLF001  # pystray's only way is a new menu

    def _items(self, entries: Entries) -> Iterator[Any]:
        item, menu = self._library.MenuItem, self._library.Menu
        for entry in entries:
            if entry == LINE:
                yield menu.SEPARATOR
            elif entry.children:
                yield item(written(entry.label), menu(*self._items(entry.children)))
            else:
                checked = None if entry.checked is None else _always(value=entry.checked)
                click = self._click(entry)
                yield item(written(entry.label), click, checked=checked, radio=entry.radio, enabled=entry.enabled)

    def _click(self, entry: Entry) -> Callable[[Any, Any], None]:
        def click(icon: object, item: object) -> None:
            del icon, item
            try:
                self._clicked(entry)
            except Exception:
                log.exception("the click on %r failed", entry.label)
            if entry.checked is not None and sys.platform.startswith("linux"):
                self._on_ui(self._unmark)

        return click

    def _unmark(self) -> None:
        """Make the menu anew: GTK turned the mark of what was clicked by itself, whatever comes of the click."""
        self._icon.menu = self._library.Menu(*self._items(self._entries))

    def notify(self, title: str, text: str) -> bool:
        """Show a notice by the panel itself, where nobody else does; return whether that is tried. Nothing is raised.

        On Linux pystray would ask the very service that is missing. A Mac shows it by a program of its own, which is
        waited for in no thread of ours that matters; Windows takes it in the loop's thread.
        """
        if sys.platform.startswith("linux"):
            return False
        title, text = notice(title, text)
        if sys.platform == "darwin":
            Thread(target=self._notify, args=(title, text), name="keeplit-notice", daemon=True).start()
        else:
            self._on_ui(lambda: self._notify(title, text))
        return True

    def _notify(self, title: str, text: str) -> None:
        try:
            # Windows shows none without a text, a Mac none without a title.
            self._icon.notify(text or title, title or NAME)
        except Exception as error:  # noqa: BLE001  # a Mac's raises; each system has errors of its own
            log.info("the panel showed no notice: %s", type(error).__name__)

    def _on_ui(self, deed: Callable[[], None]) -> None:
        """Do something in the thread of the loop."""
        if sys.platform == "darwin":
            from PyObjCTools import AppHelper

            AppHelper.callAfter(deed)
        elif sys.platform == "win32":
            self._icon.call(deed)
        else:
            from gi.repository import GLib

            def once() -> bool:
                deed()
                return False

            GLib.idle_add(once)

    def stop(self) -> None:
        """End the loop; from any thread."""
        self._on_ui(self._icon.stop)


def _nowhere(entry: Entry) -> None:
    """Take a click before the loop runs."""
    log.info("nobody takes the click on %s", entry.click)


def _always(*, value: bool) -> Callable[[object], bool]:
    def always(item: object) -> bool:
        del item
        return value

    return always


def _relabel(menu: Any, entries: Entries) -> bool:  # noqa: ANN401  # a Gtk.Menu
    """Give the entries of a menu their new words; False where they are not the same entries."""
    items = menu.get_children() if menu is not None else []
    if len(items) != len(entries):
        return False
    for item, entry in zip(items, entries, strict=True):
        if entry != LINE and item.get_label() != entry.label:
            # Not `set_label`: that is sent to the panel with single underscores, which mark a key there.
            item.get_child().set_text(entry.label)
        if entry.children and not _relabel(item.get_submenu(), entry.children):
            return False
    return True


def _listen(ended: Callable[[], None]) -> None:
    """Take SIGINT and SIGTERM back from the library, and hear of the bus; in the main thread."""

    def end(number: int, frame: object = None) -> None:
        del frame
        log.info("told to end by signal %d", number)
        ended()

    if sys.platform == "darwin":
        from PyObjCTools import MachSignals  # Python's own handlers wait for Python code to run, in the Mac's loop long

        for number in (signal.SIGINT, signal.SIGTERM):
            MachSignals.signal(number, end)
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    if sys.platform == "win32":
        from keeplit.ui import tray_signals

        tray_signals.wake_on_signal(ended)
        return

    def gone(*told: object) -> None:
        del told
        log.warning("the session's bus went away")
        ended()

    bus = session_bus()
    if bus is not None:
        bus.connection.connect("closed", gone)


def written(label: str) -> str:
    """Return a label so that the system shows it as it is: on Windows an ampersand underlines what follows."""
    return label.replace("&", "&&") if sys.platform == "win32" else label
