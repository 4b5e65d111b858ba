from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from keeplit.adapters import clock, notebook, paths, presence
from keeplit.core.deeds import Action, Do, Notice, Outcome, Result
from keeplit.core.model import Desk, Network, Verb
from keeplit.engine import repair
from keeplit.engine.desk import RealDesk, is_empty
from keeplit.engine.living import prepare
from tests.desktop.bed import Bed, bed, until
from tests.desktop.notifications import Recorder

NOTICE = Action(Do.NOTIFY, "a" * 40, "needed:1", "The sign-in is over.", notice=Notice.SIGN_IN_NEEDED)
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
    assert (wish.not_after is not None) is (verb is Verb.SIGN_IN)


@pytest.mark.parametrize(("button", "way"), [("Repair", repair.Way.WRITE), ("Keep as it is", repair.Way.ACCEPT)])
def test_an_answer_about_the_settings_is_done_at_once(
    desk: RealDesk, button: str, way: repair.Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `keeplit repair` does it."""
    asked: list[repair.Way] = []
    monkeypatch.setattr(repair, "repair", lambda *told: asked.append(told[-1]))
    desk.pressed(NOTICE, button)

    assert asked == [way]


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
