"""What pystray 0.19.5 lacks on each system, put right in a class derived from its own icon. It is not imported here.

On all: its menu is rebuilt only when it is told to be, not after every click too.
Linux: the menu is built at once, so that its words can be changed where they stand; pictures lie in a private folder
    and stay while a panel may still read them, where pystray writes to the shared one and removes too early.
macOS: an open menu keeps its own callbacks (pystray would take the click for an entry of the newer one); the picture is
    as sharp as the screen and coloured by the system; no icon in the Dock.
Windows: a menu is not taken away while it is open; the left button opens it too; work is done in the loop's thread; a
    log-out is not refused, and who closes its window, an installer for one, ends it.

Of pystray's macOS and Windows parts, read line by line and never run here, this is left as it is. macOS: entries that
exclude each other have a check mark like the others. Windows: what NIM_ADD and NIM_MODIFY come to is not looked at, so
that an icon that is asked for before Explorer runs comes with its TaskbarCreated; the picture is one of 32 pixels, made
smaller by the system.
"""

import logging
import queue
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

PICTURES_KEPT = 8
MENUS_KEPT = 3
WM_DEED = 0x8000 + 17  # of WM_APP's range
WM_CLOSE, WM_QUERY_END, WM_END = 0x0010, 0x0011, 0x0016  # of the log-out: WM_QUERYENDSESSION, WM_ENDSESSION
LEFT_UP, RIGHT_UP = 0x0202, 0x0205
MARGIN = 4  # points of the menu bar that stay free
ACCESSORY = 1  # NSApplicationActivationPolicyAccessory
Deed = Callable[[], None]


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
    from keeplit.ui.icons import png  # late: without a panel no picture is drawn

    return png(image)


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
            self._message_handlers |= {
                WM_DEED: self._on_deed,
                WM_CLOSE: self._on_stop,
                WM_QUERY_END: _agrees,
                WM_END: self._on_end,
            }

        def _on_notify(self, wide: int, low: int) -> None:
            if low not in {LEFT_UP, RIGHT_UP}:
                super()._on_notify(wide, low)  # while a menu is open too: the pointer moves over the icon
                return
            if self._open:
                return  # Windows opens no second one
            self._open = True
            try:
                super()._on_notify(wide, RIGHT_UP)
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

        def _on_end(self, wide: int, low: int) -> None:
            if wide:  # else somebody else refused
                self._on_stop(wide, low)

        def call(self, deed: Deed) -> None:
            """Do something in the loop's thread."""
            self._deeds.put(deed)
            post(self._hwnd, WM_DEED, 0, 0)

    return NotifyIcon


def _agrees(wide: int, low: int) -> int:
    """Let the person log out: to a message that it does not know pystray answers 0, which here is no."""
    del wide, low
    return 1
