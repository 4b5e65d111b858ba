"""The flame's two threads: what differs is shown once, clicks are done one after the other, nothing ends them."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from keeplit.adapters import clock, files, sign_in_files
from keeplit.adapters import paths as places
from keeplit.adapters.paths import Paths
from keeplit.core.model import SignIn
from keeplit.core.sign_in_flow import Page
from keeplit.core.tray_entries import Click, Entry
from keeplit.core.view import rfc3339
from keeplit.engine import daemon_start, published, tray_clicks
from keeplit.engine.living import prepare
from keeplit.engine.tray_choices import Chooser
from keeplit.engine.tray_clicks import Told
from keeplit.ui import tray_flame
from keeplit.ui.tray_flame import Flame
from tests.core.lit_status import session, status
from tests.desktop.bed import until

ACME = "https://acme.awsapps.com/start"


class Panel:
    """Remembers what it was shown, and what was said and left."""

    def __init__(self) -> None:
        self.shown: list[tuple[object, str, tuple[Entry, ...]]] = []
        self.spoken: list[tuple[str, str]] = []
        self.left = 0

    def show(self, face: object, image: Callable[[], Any], title: str, entries: tuple[Entry, ...]) -> None:
        assert image().size == (64, 64)
        self.shown.append((face, title, entries))

    def speak(self, title: str, text: str) -> None:
        self.spoken.append((title, text))

    def leave(self) -> None:
        self.left += 1

    @property
    def header(self) -> str:
        """The first line of the menu."""
        return self.shown[-1][2][0].label


@pytest.fixture
def paths(own_home: Path) -> Paths:
    """Give the paths of a home with our folders."""
    found = places.find(os.environ)
    prepare(found)
    return found


@pytest.fixture
def panel() -> Panel:
    """Give a panel."""
    return Panel()


@pytest.fixture
def flame(paths: Paths, panel: Panel) -> Flame:
    """Give a flame whose threads do not run."""
    return Flame(paths, os.environ, panel, panel.leave, panel.speak)


def publish(paths: Paths, **changes: Any) -> None:
    """Write a status as the daemon does."""
    files.replace(paths.status, json.dumps(status(session(**changes))).encode())


def test_what_is_shown_already_is_not_shown_again(flame: Flame, panel: Panel, paths: Paths) -> None:
    """A knock without a change touches no panel."""
    publish(paths, state="signed_out", next_action=None, access_expires_at=None)
    with files.lock(paths.daemon_lock, timeout=1.0):
        for _ in range(3):
            flame.once()
    assert [title for _, title, _ in panel.shown] == ["work: signed out · nothing to renew"]


def test_the_first_look_waits_for_no_choices(flame: Flame, panel: Panel) -> None:
    """The icon first; what can be chosen comes with the next look."""
    flame.once(choosing=False)
    assert "Region" not in {entry.label for entry in panel.shown[-1][2]}
    flame.once()
    assert "Region" in {entry.label for entry in panel.shown[-1][2]}


def test_choices_are_read_again_when_a_file_changes(
    flame: Flame, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not for each look."""
    flame.once()
    before = flame.choices
    flame.once()
    assert flame.choices is before
    paths.config_file.parent.mkdir(parents=True)
    files.replace(paths.config_file, b'[[preset]]\nname = "far"\nregion = "eu-west-1"\n')
    flame.once()
    assert flame.choices.presets == ("far",)


def test_a_look_that_fails_is_told_and_no_more(flame: Flame, panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    """The flame goes on, and is well again with the next look."""
    answers: list[Any] = [RuntimeError("on purpose"), published.NOTHING]

    def read(*told: object) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(published, "read", read)
    flame.once()
    assert panel.header == "The flame is not up to date (RuntimeError). See: keeplit logs"
    flame.told = ""
    flame.once()
    assert panel.header.startswith("keeplit is not running")


def test_choices_that_cannot_be_read_hide_no_state(
    flame: Flame, panel: Panel, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is published is shown and watched all the same, and the fault is told."""

    def fails(self: object) -> None:
        raise RuntimeError("on purpose")

    watched: list[dict[Path, Any]] = []

    class Watched:
        def names(self, folders: dict[Path, Any]) -> bool:
            watched.append(folders)
            return False

    monkeypatch.setattr(Chooser, "stamp", fails)
    publish(paths, state="signed_out")
    with files.lock(paths.daemon_lock, timeout=1.0):
        flame.once(Watched())  # type: ignore[arg-type]

    assert panel.header == "The flame is not up to date (RuntimeError). See: keeplit logs"
    assert panel.shown[-1][1].startswith("work: signed out")
    assert paths.status.name in watched[0][paths.state]


def test_what_was_told_goes_after_a_while(flame: Flame, panel: Panel) -> None:
    """An answer of this morning is no news."""
    flame.tell("Renewed")
    flame.once(choosing=False)
    assert panel.header == "Renewed"
    for later in (timedelta(0), timedelta(hours=1)):  # a clock that was set back makes it stay no longer
        flame.told_until = clock.now() + later
        flame.once(choosing=False)
        assert panel.header.startswith("keeplit is not running")


@pytest.mark.parametrize(
    ("not_after", "since", "said"),
    [
        (None, timedelta(seconds=4), "keeplit 0.1.0 is keeping watch"),
        (None, timedelta(seconds=1), "You are signed out"),
        (timedelta(minutes=5), timedelta(seconds=4), "You are signed out"),
    ],
)
def test_what_a_click_came_to_is_told_until_things_take_a_turn(
    flame: Flame,
    panel: Panel,
    paths: Paths,
    monkeypatch: pytest.MonkeyPatch,
    not_after: timedelta | None,
    since: timedelta,
    said: str,
) -> None:
    """Once signed in nobody is told that they are signed out; what the click itself brought about is no such turn.

    A notice stays for as long as it says.
    """
    began = clock.now()
    publish(paths, state="signing_in")
    with files.lock(paths.daemon_lock, timeout=1.0):
        flame.once(choosing=False)
        flame.tell("You are signed out", None if not_after is None else began + not_after)
        flame.once(choosing=False)
        assert panel.header == "You are signed out"
        publish(paths, state="fresh")
        monkeypatch.setattr(clock, "now", lambda: began + since)
        flame.once(choosing=False)

    assert panel.header == said


def test_a_notice_is_in_the_menu_no_longer_than_it_is_news(flame: Flame, panel: Panel) -> None:
    """Nor longer than any other word."""
    flame.tell("Signing in in 20 s", clock.now() + timedelta(seconds=20))
    assert flame.told_until < clock.now() + timedelta(seconds=21)
    flame.tell("Sign in", clock.now() + timedelta(days=1))
    assert flame.told_until <= clock.now() + tray_flame.TOLD_FOR


@pytest.mark.parametrize(
    ("what", "told", "spoken"),
    [
        (Click.RENEW, Told("Renewed"), []),
        (Click.PROFILE, Told("Claude Code uses play"), [("Profile a{b", "Claude Code uses play")]),
        (Click.RENEW, Told("It is over", failed=True), [("That did not work", "It is over")]),
        (Click.OPEN_LOG, Told(), []),
    ],
)
def test_what_a_click_came_to_is_told(
    flame: Flame,
    panel: Panel,
    what: Click,
    told: Told,
    spoken: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In the menu; a switch and what failed in a notice too, since the menu is closed by then."""
    monkeypatch.setattr(tray_clicks.Clicks, "do", lambda self, entry: told)
    flame.do(Entry("said", what, "a{b"))

    assert (flame.told, panel.spoken) == (told.sentence, spoken)


@pytest.mark.parametrize(("told", "left"), [(Told(), 1), (Told("It did not answer", failed=True), 0)])
def test_quitting_all_ends_the_flame_where_the_daemon_ends(
    flame: Flame, panel: Panel, told: Told, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it stays, and says why."""
    monkeypatch.setattr(tray_clicks.Clicks, "do", lambda self, entry: told)
    flame.do(Entry("Quit", Click.QUIT_ALL))

    assert panel.left == left


def test_both_threads_do_their_work_until_they_are_stopped(flame: Flame, panel: Panel, paths: Paths) -> None:
    """A status that is published is shown, a click done, a quit waits behind no other click."""
    with files.lock(paths.daemon_lock, timeout=1.0):
        flame.start(lights=False)
        until(lambda: panel.shown)
        publish(paths, state="signed_out")
        until(lambda: panel.shown[-1][1].startswith("work: signed out"))
        flame.clicked(Entry("said", Click.OPEN_SETTINGS, str(paths.home / "none.json")))
        until(lambda: "does not exist yet" in flame.told)
        flame.clicked(Entry("Quit", Click.QUIT))
        assert panel.left == 1
    until(lambda: panel.shown[-1][1] == "keeplit is not running: nothing is renewed")
    flame.stop()
    until(lambda: not [one for one in threading.enumerate() if one.name in {"keeplit-run", "keeplit-work"}])


def test_a_daemon_is_started_where_none_comes(flame: Flame, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once; what goes wrong is told. One that lives already is left alone."""
    begun: list[object] = []

    def begin(*told: object) -> str:
        begun.append(told)
        return "It ended at once"

    monkeypatch.setattr(daemon_start, "begin", begin)
    with files.lock(paths.daemon_lock, timeout=1.0):
        flame.light(wait=0.0)
    assert begun == []
    flame.light(wait=0.0)
    assert (len(begun), flame.told) == (1, "It ended at once")


def test_a_flame_that_ends_starts_nothing(flame: Flame, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was quit before the daemon's time came."""
    monkeypatch.setattr(daemon_start, "begin", lambda *told: pytest.fail("it was started"))
    flame.stop()
    flame.light(wait=60.0)
    assert flame.told == ""


def test_what_the_desktop_did_not_show_is_told_once(flame: Flame, panel: Panel, monkeypatch: Any) -> None:
    """By a notice and in the menu, from the published status alone; a daemon that is gone has no news."""
    not_after = rfc3339(clock.now() + timedelta(minutes=5))
    notices = [{"id": "1", "title": "Sign in to acme", "text": "It ended", "not_after": not_after}]
    for runs in (True, True, False):
        now = status(session(), notices=notices, daemon={"running": runs, "version": "1"})
        monkeypatch.setattr(published, "read", lambda paths, at, now=now: now)
        flame.once()
    flame.clicks.put(None)
    flame.work()
    flame.once()

    assert panel.spoken == [("Sign in to acme", "It ended")]
    assert panel.header == "Sign in to acme. It ended"


def test_the_page_of_a_sign_in_is_told_with_its_code(flame: Flame, panel: Panel, paths: Paths) -> None:
    """It is in its own record, and in no status: whoever is asked for it compares it, here too."""
    page = Page("https://device.sso.us-east-1.amazonaws.com/?user_code=ABCD-EFGH", "ABCD-EFGH")
    not_after = str(rfc3339(clock.now() + timedelta(minutes=5)))
    with files.lock(sign_in_files.sign_in_lock(paths.own, ACME), timeout=5):
        sign_in_files.write(paths.own, SignIn("r1", "a" * 40, ACME, clock.now()), page)
        flame.clicks.put({"id": "page:r1", "title": "Signing in", "text": "It waits.", "not_after": not_after})
        flame.clicks.put(None)
        flame.work()
    flame.once()

    assert panel.header == "Code ABCD-EFGH at device.sso.us-east-1.amazonaws.com: allow no other"
    assert panel.spoken[0][1].endswith("the code ABCD-EFGH.")


def test_a_notice_that_fails_ends_no_clicks(flame: Flame, panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told in the menu, and the next click is done."""
    nowhere: dict[str, str] = {}
    monkeypatch.setattr(flame, "speak", lambda title, text: nowhere[title])
    monkeypatch.setattr(tray_clicks.Clicks, "do", lambda clicks, entry: Told())
    not_after = str(rfc3339(clock.now() + timedelta(minutes=5)))
    flame.clicks.put({"id": "1", "title": "Sign in", "text": "It ended", "not_after": not_after})
    flame.clicks.put(None)
    flame.work()
    flame.once()
    assert panel.header == "That failed (KeyError). See: keeplit logs"
    flame.clicks.put(Entry("Quit", Click.QUIT_ALL))
    flame.clicks.put(None)
    flame.work()

    assert panel.left == 1


def test_a_daemon_that_dies_just_after_a_look_is_seen_soon(
    flame: Flame, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lived when it was read what to show: the wait that begins later knows that, and ends at its first look."""
    monkeypatch.setattr(tray_flame, "LOOK_EVERY", 0.01)
    with files.lock(paths.daemon_lock, timeout=1.0):
        flame.once()
    started = clock.monotonic()
    flame._wait()

    assert clock.monotonic() - started < 5.0
