from __future__ import annotations

import gc
import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from keeplit.adapters import notify
from keeplit.core.deeds import Action, Do, Notice, Outcome, Result
from tests.conftest import real_part
from tests.desktop.bed import Bed, until
from tests.desktop.notifications import NAME, Note, Recorder

ACTION = Action(Do.NOTIFY, "a" * 40, "signing_in:1", "The sign-in is over.", notice=Notice.SIGNING_IN)
BUTTONS = ("Sign in", "In 15 min", "Not today")
pytestmark = pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="the notices of Linux desktops")


def nothing(action: Action, button: str) -> None:
    """Be told of a button, and do nothing."""


@pytest.fixture
def address(desktop: Bed, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give a session bus that this process finds too."""
    found = desktop.bus()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", found)
    return found


@pytest.fixture
def pressed() -> list[tuple[str, str]]:
    """Give the list of pressed buttons: session and what it says."""
    return []


@pytest.fixture
def notifier(pressed: list[tuple[str, str]]) -> Iterator[notify.Desktop]:
    """Give the notifier under test."""
    made = notify.Desktop(lambda action, button: pressed.append((action.session, button)))
    yield made
    made.stop()


def test_where_no_notice_can_be_shown_that_is_the_outcome() -> None:
    """Nothing is raised and nothing waits: the caller goes on as if nobody had looked."""
    nowhere = notify.find()
    outcome = nowhere.show(ACTION, "Signing in", "A tab will open.", ("Sign in",))
    nowhere.stop()

    assert outcome == Outcome(Result.NOT_SHOWN, "no_notifier")


def test_whoever_is_told_of_buttons_gets_notices() -> None:
    """Without anybody to tell, a button would do nothing."""
    assert isinstance(notify.find(nothing), notify.Desktop)


def test_a_notice_is_shown_as_it_was_given(address: str, notifier: notify.Desktop) -> None:
    """Its title, its text, and its buttons in their order."""
    with Recorder(address) as service:
        outcome = notifier.show(ACTION, "Signing in to acme in 20 s", "The sign-in is over.", BUTTONS)
        note = service.wait()

    assert outcome == Outcome(Result.DONE)
    assert (note.title, note.text) == ("Signing in to acme in 20 s", "The sign-in is over.")
    assert tuple(note.buttons) == BUTTONS


@pytest.mark.parametrize("button", BUTTONS)
def test_each_button_tells_which_it_was(
    address: str, notifier: notify.Desktop, pressed: list[tuple[str, str]], button: str
) -> None:
    """And for which session; pressed once, it is told once."""
    with Recorder(address) as service:
        notifier.show(ACTION, "Sign in", "Now.", BUTTONS)
        service.press(service.wait(), button)
        until(lambda: pressed)

    assert pressed == [(ACTION.session, button)]


def test_a_later_notice_takes_the_place_of_the_earlier_one_of_its_session(
    address: str, notifier: notify.Desktop
) -> None:
    """One at a time; another session's stays."""
    with Recorder(address) as service:
        for title, session in (("one", "a"), ("other", "b"), ("two", "a")):
            notifier.show(replace(ACTION, session=session), title, "", ())
        service.wait(3)
        until(lambda: not service.notes[0].open)

    assert [(note.title, note.open) for note in service.notes] == [("one", False), ("other", True), ("two", True)]


def test_without_a_service_nothing_is_tried(address: str, pressed: list[tuple[str, str]]) -> None:
    """Each try would leave a connection behind."""
    notifier = notify.Desktop(nothing, served=lambda: False)
    try:
        outcome = notifier.show(ACTION, "Sign in", "Now.", ())
    finally:
        notifier.stop()

    assert (outcome.result, outcome.code) == (Result.NOT_SHOWN, "no_service")


def test_a_service_that_is_not_there_is_an_outcome(address: str, notifier: notify.Desktop) -> None:
    """Even where somebody said that it was; the log does not say what the notice says."""
    outcome = notifier.show(ACTION, "Sign in", "Now.", ())

    assert (outcome.result, outcome.code) == (Result.NOT_SHOWN, "not_taken")


def test_a_service_that_refuses_is_an_outcome_and_is_tried_again(address: str, notifier: notify.Desktop) -> None:
    """The next notice may find it better."""
    with Recorder(address) as service:
        service.service.refuses = "this service takes no notices"
        refused = notifier.show(ACTION, "one", "", ())
        service.service.refuses = ""
        taken = notifier.show(ACTION, "two", "", ())

    assert (refused.code, taken.result) == ("not_taken", Result.DONE)


def test_a_slow_service_holds_nobody_up_for_long(
    address: str, notifier: notify.Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon has more to do than to wait for a notice."""
    monkeypatch.setattr(notify, "PATIENCE", 0.3)
    with Recorder(address) as service:
        service.service.slow = 5.0
        began = time.monotonic()
        outcome = notifier.show(ACTION, "Sign in", "Now.", ())
        waited = time.monotonic() - began

    assert (outcome.result, outcome.code) == (Result.NOT_SHOWN, "no_answer")
    assert waited < 3.0


def test_a_service_that_ends_and_begins_again_is_found(
    address: str, notifier: notify.Desktop, pressed: list[tuple[str, str]]
) -> None:
    """Its notices are shown, and their buttons work."""
    with Recorder(address):
        notifier.show(ACTION, "one", "", ())
    gone = notifier.show(ACTION, "two", "", ())
    with Recorder(address) as service:
        notifier.show(ACTION, "three", "", ("Sign in",))
        service.press(service.wait(), "Sign in")
        until(lambda: pressed)

    assert gone.result is Result.NOT_SHOWN
    assert pressed == [(ACTION.session, "Sign in")]


def test_a_button_that_raises_is_logged_and_ends_nothing(address: str, caplog: pytest.LogCaptureFixture) -> None:
    """The next one works."""
    told: list[str] = []

    def press(action: Action, button: str) -> None:
        told.append(button)
        raise OSError("the wishes cannot be written")

    notifier = notify.Desktop(press)
    try:
        with Recorder(address) as service:
            for count in (1, 2):
                notifier.show(ACTION, "Sign in", "", ("Sign in",))
                service.press(service.wait(count), "Sign in")
                until(lambda wanted=count: len(told) == wanted)  # type: ignore[misc]
            until(lambda: caplog.text.count("did nothing") == 2)
    finally:
        notifier.stop()

    assert told == ["Sign in", "Sign in"]


def test_no_log_says_what_a_notice_says(
    address: str, notifier: notify.Desktop, caplog: pytest.LogCaptureFixture
) -> None:
    """It may hold a device code, even at the finest level."""
    caplog.set_level(logging.DEBUG)
    with Recorder(address) as service:
        notifier.show(ACTION, "Sign in", "The page shows ABCD-EFGH.", ())
        service.service.refuses = "this service takes no notices"
        notifier.show(ACTION, "Sign in", "The page shows ABCD-EFGH.", ())

    assert "ABCD-EFGH" not in caplog.text


def test_no_log_repeats_what_a_service_says(
    address: str, notifier: notify.Desktop, caplog: pytest.LogCaptureFixture
) -> None:
    """Its refusal may quote the notice."""
    caplog.set_level(logging.DEBUG, "keeplit")
    caplog.set_level(logging.DEBUG, "desktop_notifier")
    with Recorder(address) as service:
        service.service.refuses = "ABCD-EFGH is no text"
        notifier.show(ACTION, "Sign in", "The page shows ABCD-EFGH.", ())
    said = [record.getMessage() + (record.exc_text or "") for record in caplog.records if ours(record)]

    assert [line for line in said if "ABCD-EFGH" in line] == []


def ours(record: logging.LogRecord) -> bool:
    """Tell whether a line is the daemon's: the pretended service logs too."""
    return record.name.startswith(("keeplit", "desktop_notifier"))


def test_another_service_is_not_given_the_numbers_of_the_one_before(
    address: str, pressed: list[tuple[str, str]]
) -> None:
    """It counts from one again: the number of our old notice may be another program's notice there."""
    environ = {"DBUS_SESSION_BUS_ADDRESS": address}
    notifier = notify.Desktop(nothing, lambda: notify.served(environ))
    try:
        with Recorder(address):
            notifier.show(ACTION, "ours", "", ())
        with Recorder(address) as other:
            other.service.notes.append(Note(1, "a program's", "", {}))
            notifier.show(ACTION, "ours again", "", ())
            other.wait(2)
    finally:
        notifier.stop()

    assert [(note.title, note.open) for note in other.notes] == [("a program's", True), ("ours again", True)]


def test_two_hundred_notices_leave_nothing_behind(address: str) -> None:
    """Shown, refused, or in vain: no connection, no thread, and no notice that the library remembers for ever."""
    environ = {"DBUS_SESSION_BUS_ADDRESS": address}
    asking, unasked = notify.Desktop(nothing, lambda: notify.served(environ)), notify.Desktop(nothing)
    began = held()
    try:
        with Recorder(address) as service:
            before = shown(asking, 5, service)
            shown(asking, 200, service)
            until(lambda: held() <= before, what="what was held after five")
            remembered = asking._notifier
            assert remembered is not None
            assert len(remembered._backend._notification_cache) == 1
            service.service.refuses = "no"
            for _ in range(10):
                asking.show(ACTION, "refused", "", ())
        for notifier in (asking, unasked):
            for _ in range(10):
                notifier.show(ACTION, "in vain", "", ())
    finally:
        asking.stop()
        unasked.stop()

    until(lambda: held() <= began, what="the end of all connections and threads")


def shown(notifier: notify.Desktop, count: int, service: Recorder) -> tuple[int, int]:
    """Show so many notices and return what is held then."""
    already = len(service.notes)
    for _ in range(count):
        assert notifier.show(ACTION, "Sign in", "Now.", BUTTONS).result is Result.DONE
    service.wait(already + count)
    return held()


def held() -> tuple[int, int]:
    """Return how many descriptors and threads this process has."""
    gc.collect()  # what earlier tests left
    return len([*Path("/proc/self/fd").iterdir()]), threading.active_count()


def test_real_dunst_shows_it_and_its_button_is_told(
    desktop: Bed, address: str, notifier: notify.Desktop, pressed: list[tuple[str, str]]
) -> None:
    """A notification service that people run, on a real X display."""
    real_part("dunst", found=shutil.which("dunst") is not None and shutil.which("dunstctl") is not None)
    desktop.screen()
    # Its context menu is a program that is given the buttons as lines and prints the chosen one.
    menu = desktop.folder / "menu"
    menu.write_text('#!/bin/sh\nexec grep "^#Sign in"\n')
    menu.chmod(0o700)
    (desktop.folder / "dunstrc").write_text(f"[global]\ndmenu = {menu}\n")
    desktop.start(["dunst", "-config", desktop.folder / "dunstrc"], log="dunst")
    until(lambda: desktop.owns(NAME, address), what="dunst")
    environ = {**os.environ, **desktop.environment}
    outcome = notifier.show(ACTION, "Sign in to acme", "The sign-in is over.", ("Sign in",))
    count = subprocess.run(["dunstctl", "count", "displayed"], env=environ, capture_output=True, text=True, check=True)

    def chosen() -> bool:
        """Open the menu until it was there to be opened: a notice is drawn some time after it was taken."""
        subprocess.run(["dunstctl", "context"], env=environ, check=True)
        time.sleep(0.2)
        return bool(pressed)

    until(chosen)

    assert (outcome.result, count.stdout.strip()) == (Result.DONE, "1")
    assert pressed == [(ACTION.session, "Sign in")]


def test_a_desktop_is_served_where_somebody_shows_notices(desktop: Bed, address: str) -> None:
    """Before and after there is nobody; a bus that is not there serves nobody either."""
    environ = {"DBUS_SESSION_BUS_ADDRESS": address}
    before = notify.served(environ)
    with Recorder(address):
        during = notify.served(environ)

    assert (before, notify.served(environ), notify.served({})) == ("", "", "")
    assert during.startswith(":")


def test_nobody_is_started_before_there_is_a_display(desktop: Bed) -> None:
    """A daemon begins at boot: what fails then is started no more when the desktop comes."""
    desktop.startable(NAME, "/bin/false")
    environ = {"DBUS_SESSION_BUS_ADDRESS": desktop.bus()}

    assert notify.served(environ) == ""
    assert notify.served({**environ, "DISPLAY": ":4711"}) == notify.STARTABLE
    assert notify.served({**environ, "WAYLAND_DISPLAY": "wayland-0"}) == notify.STARTABLE


def test_a_service_that_does_not_start_has_shown_nothing(desktop: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the notice can be shown again."""
    desktop.startable(NAME, "/bin/sleep 20")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", desktop.bus())
    monkeypatch.setattr(notify, "PATIENCE", 0.3)
    notifier = notify.Desktop(nothing, lambda: notify.STARTABLE)
    try:
        outcome = notifier.show(ACTION, "Sign in", "Now.", ())
    finally:
        notifier.stop()

    assert outcome.code == "not_started"


def test_a_button_that_would_do_nothing_is_not_offered(
    address: str, notifier: notify.Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a Mac a press is told to a loop that the daemon does not run; the text says where to answer."""
    monkeypatch.setattr(sys, "platform", "darwin")
    with Recorder(address) as service:
        notifier.show(ACTION, "Sign in", "Now.", BUTTONS)
        asked = service.wait()
        notifier.show(ACTION, "Signed in", "Work goes on.", ())
        told = service.wait(2)

    assert (asked.buttons, asked.text) == ({}, f"Now. {notify.ELSEWHERE}")
    assert told.text == "Work goes on."


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_elsewhere_the_system_itself_shows_notices(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no bus to ask."""
    monkeypatch.setattr(sys, "platform", system)

    assert notify.served({}) == system


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no notice is read as markup")
def test_no_text_is_taken_for_markup() -> None:
    """A line of a log with angle brackets reads the same to a service that knows markup and to one that knows none."""
    assert notify.plain("<b>a & b</b>") == "\u2039b\u203aa & b\u2039/b\u203a"
