"""The icon on a stand-in for pystray and GTK: only what differs is asked for, words are changed in place."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from keeplit.core.tray_entries import LINE, Click, Entry
from keeplit.ui import tray_icon
from keeplit.ui.tray_icon import TrayIcon, written


class Item:
    """An entry: of pystray's and of GTK's at once."""

    def __init__(
        self, text: str, action: Any, checked: Any = None, *, radio: bool = False, enabled: bool = True
    ) -> None:
        self.text, self.action, self.radio, self.enabled = text, action, radio, enabled
        self.checked = checked(self) if checked is not None else None

    def get_label(self) -> str:
        return self.text

    def get_child(self) -> Item:
        return self

    def set_text(self, text: str) -> None:
        self.text = text

    def get_submenu(self) -> Any:
        return self.action


class Menu:
    """A menu: of pystray's and of GTK's at once."""

    SEPARATOR = Item("", None)

    def __init__(self, *items: Item) -> None:
        self.items = items

    def get_children(self) -> tuple[Item, ...]:
        return self.items


class Icon:
    """An icon that counts what it is asked for."""

    def __init__(self, name: str, title: str) -> None:
        self.asked: list[str] = []
        self.fails = False
        self._menu_handle: Any = None

    def __setattr__(self, name: str, value: Any) -> None:
        if name in {"menu", "icon", "title", "visible"}:
            if self.fails:
                raise OSError("the panel is gone")
            self.asked.append(name)
            if name == "menu":
                object.__setattr__(self, "_menu_handle", value)
        object.__setattr__(self, name, value)

    def run(self, setup: Callable[[Any], None]) -> None:
        setup(self)

    def stop(self) -> None:
        self.asked.append("stop")


@pytest.fixture
def icon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrayIcon:
    """Give the icon, its loop's thread being this one."""
    library = ModuleType("pystray")
    library.Icon, library.Menu, library.MenuItem = Icon, Menu, Item  # type: ignore[attr-defined]
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(TrayIcon, "_kind", lambda self: Icon)
    monkeypatch.setattr(TrayIcon, "_on_ui", lambda self, deed: deed())
    return TrayIcon(library, tmp_path / "tray")


def show(icon: TrayIcon, *entries: Entry, face: str = "fresh", title: str = "work") -> list[str]:
    """Show something and return what was asked of the library for it."""
    before = len(icon._icon.asked)
    icon.show(face, lambda: "picture", title, entries)  # type: ignore[arg-type,return-value]
    return [asked for asked in icon._icon.asked[before:] if asked != "visible"]


def flat(menu: Menu) -> Iterator[Item]:
    """Give all entries of a menu."""
    for item in menu.items:
        yield item
        if isinstance(item.action, Menu):
            yield from flat(item.action)


def test_only_what_differs_is_asked_for(icon: TrayIcon) -> None:
    """The library makes a whole menu, and a file of a picture, each time it is asked."""
    assert show(icon, Entry("a")) == ["menu", "icon", "title"]
    assert show(icon, Entry("a")) == []
    assert show(icon, Entry("a"), title="home") == ["title"]
    assert show(icon, Entry("a"), face="paused", title="home") == ["icon"]
    assert show(icon, Entry("a"), LINE, face="paused", title="home") == ["menu"]


def test_words_are_changed_where_they_stand(icon: TrayIcon) -> None:
    """Submenus too; no new menu is made."""
    show(icon, Entry("in 34 min"), LINE, Entry("More", children=(Entry("b", Click.RENEW, "acme"),)))

    assert show(icon, Entry("in 33 min"), LINE, Entry("Less", children=(Entry("c", Click.RENEW, "acme"),))) == []
    assert [item.text for item in flat(icon._icon._menu_handle)] == ["in 33 min", "", "Less", "c"]


@pytest.mark.parametrize("handle", [None, Menu(), Menu(Item("More", Menu()))])
def test_a_menu_that_is_not_as_it_should_be_is_made_anew(icon: TrayIcon, handle: Menu | None) -> None:
    """Whatever took an entry out of it."""
    show(icon, Entry("More", children=(Entry("b"),)))
    icon._icon._menu_handle = handle

    assert show(icon, Entry("More", children=(Entry("c"),))) == ["menu"]


def test_other_systems_make_a_new_menu(icon: TrayIcon, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their menus are no GTK's."""
    monkeypatch.setattr(sys, "platform", "darwin")
    show(icon, Entry("a"))

    assert show(icon, Entry("b")) == ["menu"]


def test_entries_become_the_librarys(icon: TrayIcon) -> None:
    """What is checked, what is one of several, what cannot be clicked."""
    show(icon, Entry("a"), LINE, Entry("b", Click.REGION, "r", checked=True, radio=True), Entry("c", Click.UNDO))
    a, line, b, c = icon._icon._menu_handle.items

    assert [(item.checked, item.radio, item.enabled) for item in (a, b, c)] == [
        (None, False, False),
        (True, True, True),
        (None, False, True),
    ]
    assert line is Menu.SEPARATOR


def test_a_click_is_told_with_its_entry(icon: TrayIcon, caplog: pytest.LogCaptureFixture) -> None:
    """One that raises is logged, and no more; before the loop runs there is nobody to tell."""
    caplog.set_level("INFO")
    entry = Entry("a", Click.UNDO)
    show(icon, entry)
    (item,) = icon._icon._menu_handle.items
    item.action(None, None)
    assert "nobody takes the click" in caplog.text
    clicked: list[Entry] = []
    icon._clicked = clicked.append
    item.action(None, None)
    assert clicked == [entry]

    def fails(entry: Entry) -> None:
        raise RuntimeError("on purpose")

    icon._clicked = fails
    item.action(None, None)
    assert "on purpose" in caplog.text


@pytest.mark.parametrize(("checked", "made"), [(True, 1), (False, 1), (None, 0)])
def test_a_mark_that_a_click_turned_is_turned_back(icon: TrayIcon, checked: bool | None, made: int) -> None:  # noqa: FBT001
    """GTK turns it by itself; only what is true then is marked."""
    show(icon, Entry("Start at login", Click.AT_LOGIN, checked=checked))
    before = icon._icon.asked.count("menu")
    icon._icon.menu.items[0].action(icon, None)

    assert icon._icon.asked.count("menu") - before == made
    assert icon._icon.menu.items[0].checked is checked


def test_a_panel_that_takes_no_change_gets_all_of_it_again(icon: TrayIcon, caplog: pytest.LogCaptureFixture) -> None:
    """With the next one; nothing is raised into the loop."""
    show(icon, Entry("a"))
    icon._icon.fails = True
    show(icon, Entry("a"), title="home")
    icon._icon.fails = False

    assert show(icon, Entry("a"), title="home") == ["menu", "icon", "title"]
    assert "the panel took no change" in caplog.text


def test_the_loop_is_run_and_its_pictures_go_with_it(icon: TrayIcon, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signals are taken in its thread before anything is shown."""
    heard: list[Callable[[], None]] = []
    monkeypatch.setattr(tray_icon, "_listen", heard.append)
    (icon._pictures.folder / "left.png").touch()
    ready: list[bool] = []

    def ended() -> None:
        """Be told of a signal."""

    icon.run(lambda entry: None, lambda: ready.append(True), ended)
    icon.stop()

    assert (heard, ready, icon._icon.asked[-1]) == ([ended], [True], "stop")
    assert list(icon._pictures.folder.iterdir()) == []


@pytest.mark.parametrize(("platform", "label"), [("linux", "a & b_c"), ("darwin", "a & b_c"), ("win32", "a && b_c")])
def test_an_ampersand_is_shown_as_one(platform: str, label: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows takes a single one for a mark under the next letter."""
    monkeypatch.setattr(sys, "platform", platform)

    assert written("a & b_c") == label


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_the_panel_shows_a_notice_as_its_system_takes_it(icon: TrayIcon, system: str, monkeypatch: Any) -> None:
    """Each line as long as Windows takes, and never empty; a Mac's is shown in a thread that nobody waits for."""
    shown: list[tuple[str, str]] = []
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(tray_icon, "Thread", AtOnce)
    icon._icon.notify = lambda text, title: shown.append((title, text))
    assert icon.notify("Sign in\nto acme", "x" * 999)
    assert icon.notify("", "")
    assert icon.notify("Signed in", "")

    assert [(title, len(text)) for title, text in shown] == [("Sign in to acme", 250), ("keeplit", 0), ("Signed in", 9)]


def test_a_panel_that_refuses_a_notice_ends_nothing(icon: TrayIcon, monkeypatch: Any) -> None:
    """Not even a thread."""

    def refuse(text: str, title: str) -> None:
        raise OSError("no osascript")

    monkeypatch.setattr(sys, "platform", "win32")
    icon._icon.notify = refuse

    assert icon.notify("Signed in", "Work goes on.")


def test_on_linux_nobody_is_asked_twice(icon: TrayIcon) -> None:
    """The panel's way there is the service that was asked before."""
    icon._icon.notify = None

    assert not icon.notify("Signed in", "Work goes on.")


class AtOnce:
    """A thread that is this one."""

    def __init__(self, target: Callable[..., None], args: tuple[str, str], name: str, *, daemon: bool) -> None:
        self.start = lambda: target(*args)
