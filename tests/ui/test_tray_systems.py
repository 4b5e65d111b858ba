"""What is put right in pystray's icons: with a stand-in for each system's own, since two of them cannot run here."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image

from keeplit.ui import tray_systems
from keeplit.ui.tray_systems import (
    LEFT_UP,
    MENUS_KEPT,
    PICTURES_KEPT,
    RIGHT_UP,
    WM_CLOSE,
    WM_DEED,
    WM_END,
    WM_QUERY_END,
    Callbacks,
    Pictures,
)


class Base:
    """What pystray's icons have in common: a click rebuilds the menu."""

    def __init__(self, *given: object, **more: object) -> None:
        self.rebuilt = 0
        self.menu: Any = ()
        self._message_handlers: dict[int, Callable[[int, int], None]] = {}
        self._hwnd = 7
        self.stopped = 0
        self.notified: list[int] = []
        self.while_open: Callable[[], None] = lambda: None
        self._app, self._status_item, self._status_bar = Calls(), Calls(), Calls(thickness=22.0)
        self._appindicator = Calls()
        self._icon_image: Any = None
        self._icon: Any = None
        self.icon: Any = None
        self._menu_handle: Any = None
        self._icon_path = ""
        self._icon_valid = False

    def _update_menu(self) -> None:
        self.rebuilt += 1

    def _create_menu(self, descriptors: Any, callbacks: Any = None) -> Any:
        for descriptor in descriptors:
            if callbacks is not None:
                callbacks.append(self._handler(descriptor))
        return list(descriptors)

    def _create_default_menu(self) -> Any:
        return ["default"]

    def _handler(self, callback: Any) -> Any:
        raise NotImplementedError

    def _on_notify(self, wide: int, low: int) -> None:
        self.notified.append(low)
        self.while_open()

    def _on_stop(self, wide: int, low: int) -> None:
        self.stopped += 1


class Calls:
    """Remembers what it is called with; gives what it is told to."""

    def __init__(self, **answers: object) -> None:
        self.answers = answers
        self.made: list[tuple[str, tuple[object, ...]]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*given: object) -> Any:
            self.made.append((name, given))
            return self.answers.get(name, self)

        return call


def image(colour: str = "red") -> Image.Image:
    """Return a picture."""
    return Image.new("RGBA", (4, 4), colour)


def test_a_click_does_what_it_says_and_rebuilds_nothing() -> None:
    """pystray's own handler makes the menu anew after each."""
    icon = tray_systems.quiet(Base)()
    clicked: list[object] = []
    icon._handler(clicked.append)("whatever", the="library gives")

    assert (clicked, icon.rebuilt) == ([icon], 0)


def test_on_linux_the_menu_is_there_at_once(tmp_path: Path) -> None:
    """Its words can be changed where they stand; without entries it is pystray's own."""
    icon = tray_systems.linux(Base, Pictures(tmp_path / "tray"))()
    icon._update_menu()
    assert icon._menu_handle == ["default"]
    icon.menu = ("one",)
    icon._update_menu()
    assert icon._menu_handle == ["one"]
    assert icon._appindicator.made[-1] == ("set_menu", (["one"],))


def test_on_linux_a_picture_lies_in_our_folder(tmp_path: Path) -> None:
    """It stays there while a panel may still read it."""
    icon = tray_systems.linux(Base, Pictures(tmp_path / "tray"))()
    icon.icon = image()
    icon._update_fs_icon()
    first = Path(icon._icon_path)
    assert (first.parent, icon._icon_valid) == (tmp_path / "tray", True)
    icon._remove_fs_icon()
    assert (first.exists(), icon._icon_valid) == (True, False)


def test_pictures_are_kept_by_what_they_hold(tmp_path: Path) -> None:
    """The same one is one file; only the last few stay, and what an earlier process left goes."""
    folder = tmp_path / "tray"
    folder.mkdir()
    (folder / "left.png").touch()
    pictures = Pictures(folder)
    paths = [pictures.save(image(f"#0000{number:02x}")) for number in range(PICTURES_KEPT + 3)]
    assert pictures.save(image(f"#0000{PICTURES_KEPT:02x}")) == paths[PICTURES_KEPT]
    assert {path.name for path in folder.iterdir()} == {path.name for path in paths[3:]}
    with Image.open(paths[-1]) as found:
        assert found.size == (4, 4)
    paths[-1].unlink()
    assert pictures.save(image(f"#0000{PICTURES_KEPT + 2:02x}")).exists()
    pictures.clear()
    assert list(folder.iterdir()) == []


def test_numbers_of_callbacks_are_never_given_twice() -> None:
    """An old menu's number is its own entry, and after a while nothing; never another's."""
    callbacks, called = Callbacks(), []
    for menu in range(MENUS_KEPT + 2):
        callbacks.begin()
        for entry in range(2):
            callbacks.append(lambda icon, what=(menu, entry): called.append(what))  # type: ignore[misc]
    for number in range(len(callbacks)):
        callbacks[number]("icon")
    callbacks[999]("icon")

    assert called == [(menu, entry) for menu in range(2, MENUS_KEPT + 2) for entry in range(2)]


def test_on_a_mac_an_open_menu_keeps_its_callbacks() -> None:
    """A click on a menu that was made before is the click it says, in no Dock."""
    icon = tray_systems.mac(Base, lambda data, points: (data, points))()
    clicked: list[str] = []
    icon.menu = (lambda icon: clicked.append("extend"),)
    icon._update_menu()
    _, callbacks = icon._menu_handle
    old = len(callbacks) - 1
    icon.menu = (lambda icon: clicked.append("pause"),)
    icon._update_menu()
    icon._menu_handle[1][old](icon)

    assert clicked == ["extend"]
    assert icon._app.made == [("setActivationPolicy_", (1,))]
    icon.menu = ()
    icon._update_menu()
    assert icon._menu_handle is None


def test_on_a_mac_the_picture_is_made_once() -> None:
    """Of the whole PNG and the bar's height: the system makes it as sharp as the screen."""
    icon = tray_systems.mac(Base, lambda data, points: (data, points))()
    icon._icon = image()
    icon._assert_image()
    icon._assert_image()
    data, points = icon._icon_image

    assert Image.open(io.BytesIO(data)).size == (4, 4)
    assert points == 22.0
    assert [name for name, _ in icon._status_item.made] == ["button", "setImage_"]


def test_on_a_mac_a_template_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system colours it by itself."""
    picture = Calls()
    app_kit, foundation = ModuleType("AppKit"), ModuleType("Foundation")
    app_kit.NSImage, foundation.NSData = picture, bytes  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "AppKit", app_kit)
    monkeypatch.setitem(sys.modules, "Foundation", foundation)
    picture.answers["alloc"] = picture

    assert tray_systems.template(b"png", 22.0) is picture
    assert picture.made[1:] == [
        ("initWithData_", (b"png",)),
        ("setSize_", ((18.0, 18.0),)),
        ("setTemplate_", (True,)),
    ]


@pytest.fixture
def posted() -> list[tuple[object, ...]]:
    """Give the messages that were posted."""
    return []


@pytest.fixture
def notify_icon(posted: list[tuple[object, ...]]) -> Any:
    """Give the icon for Windows, on a stand-in."""
    return tray_systems.windows(Base, lambda *message: posted.append(message))()


def test_on_windows_the_left_button_opens_the_menu_too(notify_icon: Any) -> None:
    """What the pointer does else is passed on."""
    for low in (LEFT_UP, RIGHT_UP, 0x0200):
        notify_icon._on_notify(0, low)

    assert notify_icon.notified == [RIGHT_UP, RIGHT_UP, 0x0200]


def test_on_windows_an_open_menu_is_not_taken_away(notify_icon: Any) -> None:
    """A new one waits until it is closed, and comes once."""

    def changes() -> None:
        notify_icon._update_menu()
        notify_icon._update_menu()
        assert notify_icon.rebuilt == 0

    notify_icon.while_open = changes
    notify_icon._on_notify(0, RIGHT_UP)
    assert notify_icon.rebuilt == 1
    notify_icon._update_menu()
    assert notify_icon.rebuilt == 2


def test_on_windows_the_pointer_over_an_open_menu_changes_nothing(notify_icon: Any) -> None:
    """The icon hears of it meanwhile; a second click opens no second menu."""

    def moves() -> None:
        if notify_icon.notified[-1] == RIGHT_UP:
            notify_icon._on_notify(0, 0x0200)
            notify_icon._on_notify(0, RIGHT_UP)
            notify_icon._update_menu()
            assert notify_icon.rebuilt == 0

    notify_icon.while_open = moves
    notify_icon._on_notify(0, RIGHT_UP)
    assert notify_icon.notified == [RIGHT_UP, 0x0200]
    assert notify_icon.rebuilt == 1


@pytest.mark.parametrize(
    ("message", "wide", "answer", "ends"),
    [(WM_CLOSE, 0, None, 1), (WM_QUERY_END, 0, 1, 0), (WM_END, 1, None, 1), (WM_END, 0, None, 0)],
)
def test_on_windows_nobody_is_kept_from_logging_out(
    notify_icon: Any, message: int, wide: int, answer: int | None, ends: int
) -> None:
    """It agrees, and ends when that is sure, or when its window is closed."""
    assert notify_icon._message_handlers[message](wide, 0) == answer
    assert notify_icon.stopped == ends


def test_on_windows_a_menu_that_fails_is_closed(notify_icon: Any) -> None:
    """The next change is shown again."""

    def fails() -> None:
        raise OSError("no foreground")

    notify_icon.while_open = fails
    with pytest.raises(OSError, match="foreground"):
        notify_icon._on_notify(0, RIGHT_UP)
    notify_icon._update_menu()
    assert notify_icon.rebuilt == 1


def test_on_windows_work_is_done_in_the_loops_thread(notify_icon: Any, posted: list[tuple[object, ...]]) -> None:
    """It is put down and the loop is knocked; the loop does all of it, in order."""
    done: list[int] = []
    for number in range(3):
        notify_icon.call(lambda number=number: done.append(number))
    assert (done, posted) == ([], [(7, WM_DEED, 0, 0)] * 3)
    notify_icon._message_handlers[WM_DEED](0, 0)
    assert done == [0, 1, 2]
