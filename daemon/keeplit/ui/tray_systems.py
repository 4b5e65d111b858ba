"""What pystray 0.19.5 lacks on each system, put right in a class derived from its own icon. It is not imported here.

On all: its menu is rebuilt only when it is told to be, not after every click too.
Linux: the menu is built at once, so that its words can be changed where they stand; pictures lie in a private folder
    and stay while a panel may still read them, where pystray writes to the shared one and removes too early.
macOS: an open menu keeps its own callbacks (pystray would take the click for an entry of the newer one); the picture is
    as sharp as the screen and coloured by the system; no icon in the Dock.
Windows: a menu is not taken away while it is open; the left button opens it too; work is done in the loop's thread.
"""

import io
import logging
import queue
import signal
import socket
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

PICTURES_KEPT = 8
MENUS_KEPT = 3
WM_DEED = 0x8000 + 17  # of WM_APP's range
LEFT_UP, RIGHT_UP = 0x0202, 0x0205
MARGIN = 4  # points of the menu bar that stay free
ACCESSORY = 1  # NSApplicationActivationPolicyAccessory
Deed = Callable[[], None]
_kept: list[socket.socket] = []  # what only the system's signal handler uses


def quiet(base: Any) -> Any:  # noqa: ANN401  # pystray has no types
    """Return an icon that calls back and does nothing more."""

    class Quiet(base):  # type: ignore[misc]
        def _handler(self, callback: Any) -> Any:  # noqa: ANN401
            def inner(*told: object, **more: object) -> None:
                del told, more
                callback(self)

            return inner

    return Quiet


def linux(base: Any, pictures: "Pictures") -> Any:  # noqa: ANN401
    """Return the icon for an AppIndicator."""

    class Indicator(quiet(base)):  # type: ignore[misc]
        def _update_menu(self) -> None:
            self._menu_handle = self._create_menu(self.menu) or self._create_default_menu()
            self._appindicator.set_menu(self._menu_handle)

        def _update_fs_icon(self) -> None:
            self._icon_path = str(pictures.save(self.icon))
            self._icon_valid = True

        def _remove_fs_icon(self) -> None:
            self._icon_valid = False

    return Indicator


class Pictures:
    """A private folder with the last pictures, each named by what it holds."""

    def __init__(self, folder: Path) -> None:
        """Take the folder, and what an earlier process left in it, away."""
        self.folder = folder
        self.kept: list[Path] = []
        folder.mkdir(mode=0o700, exist_ok=True)
        self.clear()

    def save(self, image: Any) -> Path:  # noqa: ANN401  # a picture of Pillow's
        """Return the file of a picture."""
        data = _png(image)
        path = self.folder / f"{sha256(data).hexdigest()[:16]}.png"
        if path not in self.kept or not path.exists():
            path.write_bytes(data)
        self.kept = [*(one for one in self.kept if one != path), path]
        for old in self.kept[:-PICTURES_KEPT]:
            old.unlink(missing_ok=True)
        self.kept = self.kept[-PICTURES_KEPT:]
        return path

    def clear(self) -> None:
        """Remove every picture."""
        for path in self.folder.glob("*.png"):
            path.unlink(missing_ok=True)


def _png(image: Any) -> bytes:  # noqa: ANN401
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


class Callbacks:
    """The callbacks of the last few menus, by numbers that are never given twice."""

    def __init__(self) -> None:
        """Hold none."""
        self._next = 0
        self._menus: list[dict[int, Callable[[object], None]]] = []

    def begin(self) -> None:
        """Begin a new menu; those of old ones are forgotten."""
        self._menus = [*self._menus[1 - MENUS_KEPT :], {}]

    def append(self, callback: Callable[[object], None]) -> None:
        """Give a callback the next number."""
        self._menus[-1][self._next] = callback
        self._next += 1

    def __len__(self) -> int:
        return self._next

    def __getitem__(self, number: int) -> Callable[[object], None]:
        """Return a callback; one that does nothing for a number that is forgotten."""
        return next((menu[number] for menu in reversed(self._menus) if number in menu), _nothing)


def _nothing(icon: object) -> None:
    """Do nothing for an entry of a menu that was open for long."""
    log.info("a click on a menu that is no longer known: %s", type(icon).__name__)


def mac(base: Any, template: Callable[[bytes, float], Any]) -> Any:  # noqa: ANN401
    """Return the icon for the menu bar; `template` makes a picture of the system's from PNG, so many points high."""

    class StatusItem(quiet(base)):  # type: ignore[misc]
        _icon_image: Any

        def __init__(self, *given: object, **more: object) -> None:
            super().__init__(*given, **more)
            self._callbacks = Callbacks()
            self._app.setActivationPolicy_(ACCESSORY)

        def _update_menu(self) -> None:
            self._callbacks.begin()
            menu = self._create_menu(self.menu, self._callbacks)
            self._status_item.setMenu_(menu)
            self._menu_handle = (menu, self._callbacks) if menu else None

        def _assert_image(self) -> None:
            if not self._icon_image:
                self._icon_image = template(_png(self._icon), self._status_bar.thickness())
                self._status_item.button().setImage_(self._icon_image)

    return StatusItem


def template(data: bytes, points: float) -> Any:  # noqa: ANN401
    """Return a picture of macOS's that it colours by itself, for a menu bar so many points high."""
    import AppKit
    import Foundation

    image = AppKit.NSImage.alloc().initWithData_(Foundation.NSData(data))
    image.setSize_((points - MARGIN, points - MARGIN))
    image.setTemplate_(True)  # Objective-C takes no names
    return image


def windows(base: Any, post: Callable[[Any, int, int, int], object]) -> Any:  # noqa: ANN401
    """Return the icon for the notification area; `post` is the system's PostMessage."""

    class NotifyIcon(quiet(base)):  # type: ignore[misc]
        def __init__(self, *given: object, **more: object) -> None:
            self._deeds: queue.SimpleQueue[Deed] = queue.SimpleQueue()
            self._open = self._late = False
            super().__init__(*given, **more)
            self._message_handlers[WM_DEED] = self._on_deed

        def _on_notify(self, wide: int, low: int) -> None:
            self._open = low in {LEFT_UP, RIGHT_UP}
            try:
                super()._on_notify(wide, RIGHT_UP if low == LEFT_UP else low)
            finally:
                self._open = False
                if self._late:
                    self._late = False
                    super()._update_menu()

        def _update_menu(self) -> None:
            if self._open:
                self._late = True
            else:
                super()._update_menu()

        def _on_deed(self, wide: int, low: int) -> None:
            del wide, low
            while not self._deeds.empty():
                self._deeds.get()()

        def call(self, deed: Deed) -> None:
            """Do something in the loop's thread."""
            self._deeds.put(deed)
            post(self._hwnd, WM_DEED, 0, 0)

    return NotifyIcon


def wake_on_signal(ended: Deed) -> Deed:
    """Call `ended` at each signal, in a thread: a loop that waits in the system lets no handler of Python's run.

    Returns what takes it back.
    """
    reader, writer = socket.socketpair()
    writer.settimeout(0)
    signal.set_wakeup_fd(writer.fileno())

    def wait() -> None:
        with reader:
            while reader.recv(1):
                ended()

    def stop() -> None:
        signal.set_wakeup_fd(-1)
        writer.close()
        thread.join()

    thread = threading.Thread(target=wait, name="keeplit-signals", daemon=True)
    thread.start()
    _kept.append(writer)
    return stop
