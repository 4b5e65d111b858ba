from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from keeplit.adapters import clock, files, notebook, own_command, paths, presence, programs, sign_in_files
from keeplit.core.deeds import Action, Do, Notice, Outcome, Result
from keeplit.core.model import Desk, Kind, Network, Session, SignIn, Verb
from keeplit.core.sign_in_flow import Page
from keeplit.engine import repair
from keeplit.engine.desk import RealDesk, is_empty
from keeplit.engine.living import prepare
from tests.desktop.bed import Bed, bed, until
from tests.desktop.notifications import Recorder

NOTICE = Action(Do.NOTIFY, "a" * 40, "needed:1", "The sign-in is over.", notice=Notice.SIGN_IN_NEEDED)
SESSION = Session("a" * 40, "acme", Kind.SSO_SESSION, "https://acme.awsapps.com/start", "us-east-1")
linux_only = pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="the desktop of Linux")


@pytest.fixture
def places() -> paths.Paths:
    """Give the paths of the test's own home."""
    found = paths.find(os.environ)
    prepare(found)
    return found


@pytest.fixture
def desk(places: paths.Paths) -> Iterator[RealDesk]:
    """Give the daemon's desk."""
    made = RealDesk(places, acts=True)
    yield made
    made.stop()


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Bed]:
    """Give a throw-away desktop."""
    with bed(tmp_path / "desktop") as made:
        yield made


def test_whoever_only_looks_connects_to_nothing(places: paths.Paths) -> None:
    """A command knows neither a person nor a service that shows notices."""
    looking = RealDesk(places, acts=False)
    seen = looking.look({"DISPLAY": ":4711", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"})
    shown = looking.notifier.show(NOTICE, "Sign in", "Now.", ())
    lacking = looking.lacking({})
    looking.stop()

    assert (seen.last_input_at, seen.network) == (None, Network.UNKNOWN)
    assert shown == Outcome(Result.NOT_SHOWN, "no_notifier")
    assert lacking == {}


@linux_only
def test_a_desktop_that_comes_later_is_found(desk: RealDesk, desktop: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The daemon may have started before it; what names it is in the process's environment from then on."""
    monkeypatch.delenv("DISPLAY", raising=False)
    before = desk.look({"PATH": os.environ["PATH"]})
    desktop.bus()
    desktop.screen()
    after = desk.look(desktop.environment)

    assert before.last_input_at is None
    assert after.last_input_at is not None
    assert os.environ["DISPLAY"] == desktop.environment["DISPLAY"]
    for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.delenv(name)


@linux_only
def test_the_same_desktop_is_not_connected_twice(desk: RealDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look costs a question, and no new connection."""
    made: list[int] = []
    find = presence.find

    def counted(*told: object) -> presence.Presence:
        made.append(1)
        return find(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(presence, "find", counted)
    monkeypatch.setenv("DISPLAY", ":4711")
    for _ in range(3):
        desk.look({"DISPLAY": ":4711"})

    assert made == [1]


@linux_only
@pytest.mark.parametrize(
    ("button", "verb", "length"),
    [
        ("Sign in", Verb.SIGN_IN, None),
        ("Extend", Verb.EXTEND, None),
        ("In 15 min", Verb.LATER, timedelta(minutes=15)),
        ("Not today", Verb.NOT_TODAY, None),
    ],
)
def test_a_pressed_button_becomes_a_wish(
    desk: RealDesk,
    places: paths.Paths,
    desktop: Bed,
    button: str,
    verb: Verb,
    length: timedelta | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """For the session of the notice; the daemon reads it as any other."""
    address = desktop.bus()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    with Recorder(address) as service:
        desk.look(desktop.environment)
        desk.notifier.show(NOTICE, "Sign in to acme", "The sign-in is over.", (button,))
        service.press(service.wait(), button)
        until(lambda: notebook.read_wishes(places.wishes).wishes)
    (wish,) = notebook.read_wishes(places.wishes).wishes

    assert (wish.verb, wish.session, wish.duration) == (verb, NOTICE.session, length)
    assert (wish.not_after is not None) is (verb in {Verb.SIGN_IN, Verb.EXTEND})


@pytest.mark.parametrize(("button", "way"), [("Restore", repair.Way.WRITE), ("Keep as it is", repair.Way.ACCEPT)])
def test_an_answer_about_the_settings_is_done_at_once(
    desk: RealDesk, button: str, way: repair.Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `keeplit repair` does it."""
    asked: list[repair.Way] = []
    monkeypatch.setattr(repair, "repair", lambda *told: asked.append(told[-1]))
    desk.pressed(NOTICE, button)

    assert asked == [way]


class Shows:
    """A notifier that keeps what it is given."""

    def __init__(self) -> None:
        self.notes: list[tuple[str, str, tuple[str, ...]]] = []

    def show(self, action: Action, title: str, text: str, buttons: tuple[str, ...]) -> Outcome:
        self.notes.append((title, text, buttons))
        return Outcome(Result.DONE)

    def stop(self) -> None:
        """Let nothing go."""


@pytest.fixture
def shows(desk: RealDesk) -> Shows:
    """Give a notifier in the place of the desktop's."""
    made = Shows()
    desk.__dict__["notifier"] = made
    return made


def test_the_notice_of_a_page_says_its_host_and_code(desk: RealDesk, places: paths.Paths, shows: Shows) -> None:
    """Read from the record when it is shown; the page of another sign-in, or one that is over, is not shown."""
    now = clock.now()
    running = SignIn("r1", SESSION.key, SESSION.start_url, now)
    files.private_folder(places.own)
    told = Action(Do.NOTIFY, SESSION.key, "page:r1", "A sign-in waits.", notice=Notice.IN_BROWSER)
    with files.lock(sign_in_files.sign_in_lock(places.own, SESSION.start_url), timeout=5):
        sign_in_files.write(places.own, running, Page("https://device.example/?user_code=ABCD-EFGH", "ABCD-EFGH"))
        desk.show(told, SESSION, now)
        desk.show(replace(told, reason="page:r2"), SESSION, now)
    desk.show(told, SESSION, now)

    title = "Signing in to acme: look at your browser"
    assert shows.notes == [
        (title, "The page begins at device.example. Allow it only if it shows the code ABCD-EFGH.", ()),
        (title, "A sign-in waits.", ()),
        (title, "A sign-in waits.", ()),
    ]


@pytest.mark.parametrize(
    ("notice", "words"),
    [(Notice.SETTINGS_REPAIRED, ["undo", "--list"]), (Notice.SETTINGS_QUESTION, ["status"])],
)
def test_show_opens_a_terminal(
    desk: RealDesk, shows: Shows, notice: Notice, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what says more; where none can be opened a notice says what to type."""
    opened: list[list[str]] = []
    asked = replace(NOTICE, notice=notice, session="")
    monkeypatch.setattr(own_command, "program", lambda _: "/opt/keeplit")

    def opens(command: list[str], environ: object) -> str:
        del environ
        opened.append(command)
        return ""

    monkeypatch.setattr(programs, "in_terminal", opens)
    desk.pressed(asked, "Show")
    monkeypatch.setattr(programs, "in_terminal", lambda command, _: f"Type it in one: {' '.join(command)}")
    desk.pressed(asked, "Show")
    monkeypatch.setattr(own_command, "program", lambda _: None)
    desk.pressed(asked, "Show")

    typed = " ".join(words)
    assert opened == [["/opt/keeplit", *words]]
    assert [text for _, text, _ in shows.notes] == [
        f"Type it in one: /opt/keeplit {typed}",
        f"Type in a terminal: keeplit {typed}",
    ]


def test_a_wish_to_sign_in_ends_with_its_time(desk: RealDesk, places: paths.Paths) -> None:
    """A daemon that was stuck opens no browser an hour after the click."""
    before = clock.now()
    desk.pressed(NOTICE, "Sign in")
    (wish,) = notebook.read_wishes(places.wishes).wishes

    assert wish.not_after is not None
    assert before < wish.not_after <= clock.now() + timedelta(minutes=2)


@pytest.mark.parametrize(
    ("seen", "empty"),
    [
        (Desk(), False),
        (Desk(locked=True), True),
        (Desk(last_input_at=clock.now() + timedelta(days=1)), False),
        (Desk(last_input_at=clock.now() - timedelta(minutes=6)), True),
    ],
)
def test_a_desk_is_empty_where_that_is_known(seen: Desk, monkeypatch: pytest.MonkeyPatch, *, empty: bool) -> None:
    """Locked, or untouched for five minutes; what nobody knows is no reason to refuse a person."""

    class Says:
        def look(self) -> Desk:
            return seen

        def stop(self) -> None:
            """Let nothing go."""

    monkeypatch.setattr(presence, "find", lambda *_: Says())

    assert is_empty({}) is empty
