"""How times, states and notices are said to a person."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from keeplit.core.catalogue import CATALOGUE
from keeplit.core.deeds import Action, Do, Notice, Trouble
from keeplit.core.memory import Memory, Unshown
from keeplit.core.model import FOREVER
from keeplit.core.plan import State, plan
from keeplit.core.sign_in_flow import Page
from keeplit.core.view import SessionStatus, Status, Surroundings, in_words, rfc3339, status
from keeplit.core.words import (
    ACTIONS,
    COLOURS,
    STATES,
    as_told,
    both_clocks,
    clock_time,
    headline,
    notice_text,
    page_line,
    parse_time,
    span,
    told_again,
    unpromised,
)
from tests.core.drawn import ACME, NOON
from tests.core.made import HOUR, MINUTE, SECOND, facts

BARE: SessionStatus = {
    "name": "acme",
    "start_url": ACME.start_url,
    "kind": "sso-session",
    "state": "fresh",
    "access_expires_at": None,
    "refreshable": True,
    "signed_in_at": None,
    "session_ends_at": None,
    "session_ends_known": "unknown",
    "next_action": None,
    "next_action_at": None,
    "profiles": [],
}


def published(paused_until: datetime | None, *, running: bool = True) -> Status:
    """Return the status of a keeplit with nothing to keep."""
    memory = Memory(paused_until=paused_until)
    return status(facts(), memory, plan(State(facts(), memory), NOON), Surroundings("1.2.3", running), NOON)


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (-HOUR, "0 s"),
        (timedelta(0), "0 s"),
        (45 * SECOND, "45 s"),
        (59.6 * SECOND, "1 min"),
        (34 * MINUTE, "34 min"),
        (119 * MINUTE, "119 min"),
        (125 * MINUTE, "2 h 05 min"),
        (47 * HOUR, "47 h 00 min"),
        (49 * HOUR, "2 days"),
    ],
)
def test_a_length_is_said_as_a_person_says_it(length: timedelta, said: str) -> None:
    """In the unit that fits."""
    assert span(length) == said


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-02T12:00:00Z", NOON),
        ("2026-03-02T14:00:00+02:00", NOON),
        ("2026-03-02T12:00:00", NOON),
        ("noon", None),
        (None, None),
    ],
)
def test_a_time_of_a_status_is_read(text: str | None, at: datetime | None) -> None:
    """A time without a zone is UTC, and what is none is no time."""
    assert parse_time(text) == at


def test_a_clock_time_has_its_day_where_it_is_not_today() -> None:
    """By the local clock."""
    assert clock_time(NOON, NOON, 2 * HOUR) == "14:00"
    assert clock_time(NOON, NOON, 12 * HOUR) == "00:00"
    assert clock_time(NOON + 13 * HOUR, NOON, timedelta(0)) == "Tue 03 Mar 01:00"


def test_both_clocks_are_said_in_one_line() -> None:
    """What comes next, and when the sign-in ends and how well that is known."""
    session: SessionStatus = {
        **BARE,
        "next_action": "refresh",
        "next_action_at": rfc3339(NOON + 34 * MINUTE),
        "session_ends_at": rfc3339(NOON + 5 * HOUR),
        "session_ends_known": "estimated",
    }
    assert both_clocks(session, NOON, HOUR) == "renews itself in 34 min · sign-in ends 18:00 (estimated)"
    assert both_clocks(session, NOON + 6 * HOUR, HOUR) == "renews itself now · sign-in ended 18:00 (estimated)"


def test_without_a_next_action_the_token_itself_is_said() -> None:
    """Its end, past or to come; without one there is nothing to renew."""
    session: SessionStatus = {**BARE, "access_expires_at": rfc3339(NOON)}
    assert both_clocks(session, NOON - MINUTE, HOUR) == "token ends in 1 min"
    assert both_clocks(session, NOON + MINUTE, HOUR) == "token ended 1 min ago"
    assert both_clocks(BARE, NOON, HOUR) == "nothing to renew"


def test_a_token_that_aws_rejected_has_no_time_left() -> None:
    """Whatever its date says; one that ended did end."""
    session: SessionStatus = {
        **BARE,
        "state": "signed_out",
        "access_expires_at": rfc3339(NOON),
        "session_ends_at": rfc3339(NOON - HOUR),
    }
    assert both_clocks(session, NOON - MINUTE, HOUR) == "sign-in ended 12:00"
    assert both_clocks(session, NOON + MINUTE, HOUR) == "token ended 1 min ago · sign-in ended 12:00"


def test_an_action_of_a_newer_version_is_said_by_its_name() -> None:
    """A status may come from a daemon that knows more."""
    session: SessionStatus = {**BARE, "next_action": "polish", "next_action_at": rfc3339(NOON)}
    assert both_clocks(session, NOON, HOUR) == "polish now"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (published(None), "keeplit 1.2.3 is keeping watch"),
        (published(NOON + HOUR), "keeplit is paused for 60 min; tokens are still renewed silently"),
        (published(FOREVER), "keeplit is paused until you resume; tokens are still renewed silently"),
        (
            published(None, running=False),
            "keeplit is not running: nothing is renewed. Start it: keeplit autostart enable, or keeplit daemon",
        ),
        (
            published(NOON + 8 * HOUR, running=False),
            (
                "keeplit is not running: nothing is renewed, and it is paused for 8 h 00 min. "
                "Start it: keeplit autostart enable, or keeplit daemon"
            ),
        ),
        (
            published(FOREVER, running=False),
            (
                "keeplit is not running: nothing is renewed, and it is paused until you resume. "
                "Start it: keeplit autostart enable, or keeplit daemon"
            ),
        ),
    ],
)
def test_the_headline_says_the_whole(document: Status, said: str) -> None:
    """Whether it runs, and whether it is paused."""
    assert headline(document, NOON) == said


@pytest.mark.parametrize(("state", "told"), [("renewing", "fresh"), ("signed_out", "signed_out")])
def test_without_a_daemon_nothing_is_said_to_come(state: str, told: str) -> None:
    """No action, no renewal that is under way, no promise; the document itself stays as it is."""
    session: SessionStatus = {**BARE, "state": state, "next_action": "refresh", "next_action_at": rfc3339(NOON)}
    blind, network = (in_words(Trouble(code, "acme", "Timeout")) for code in ("presence_unknown", "network"))
    document: Status = {**published(None, running=False), "sessions": [session], "troubles": [blind, network]}
    running: Status = {**document, "daemon": {"running": True, "version": "1.2.3"}}
    before = json.dumps(document)

    said = as_told(document)

    assert said["sessions"] == [{**session, "state": told, "next_action": None, "next_action_at": None}]
    assert said["troubles"] == [{**network, "detail": "The renewal failed: Timeout."}]
    assert {**said, "sessions": [session], "troubles": [blind, network]} == document
    assert json.dumps(document) == before
    assert as_told(running) == running


@pytest.mark.parametrize("code", CATALOGUE)
def test_whatever_is_promised_can_be_left_out(code: str) -> None:
    """What only a daemon does is a sentence of its own, and never all that a trouble says."""
    text = unpromised(CATALOGUE[code].text)
    assert "again by itself" not in text
    assert "again every" not in text
    assert text.endswith((".", "}"))


def test_a_pause_that_ended_since_is_none() -> None:
    """A status is shown later than it was written."""
    assert headline(published(NOON + HOUR, running=False), NOON + 2 * HOUR).startswith(
        "keeplit is not running: nothing is renewed. "
    )
    assert headline(published(NOON + HOUR), NOON + 2 * HOUR) == "keeplit 1.2.3 is keeping watch"


@pytest.mark.parametrize(
    ("notice", "title", "buttons"),
    [
        (Notice.SIGNING_IN, "Signing in to acme in 20 s", ("Sign in", "In 15 min", "Not today")),
        (Notice.SIGN_IN_NEEDED, "Sign in to acme", ("Sign in", "In 15 min", "Not today")),
        (Notice.EXPIRING, "The sign-in of acme ends in 20 s", ("Extend", "In 15 min")),
        (Notice.SIGNED_IN, "Signed in to acme", ()),
        (Notice.SIGN_IN_FAILED, "No sign-in to acme", ("Sign in", "In 15 min", "Not today")),
        (Notice.END_DID_NOT_MOVE, "acme still ends when it did", ("Extend",)),
        (Notice.IN_BROWSER, "Signing in to acme: look at your browser", ()),
        (Notice.SETTINGS_REPAIRED, "Claude Code's settings are repaired", ("Show",)),
        (Notice.SETTINGS_QUESTION, "Claude Code's settings changed", ("Restore", "Keep as it is", "Show")),
        (None, "acme", ()),
    ],
)
def test_a_notice_has_a_title_a_text_and_its_buttons(
    notice: Notice | None, title: str, buttons: tuple[str, ...]
) -> None:
    """The title says what and when, the buttons what can be done."""
    action = Action(Do.NOTIFY, ACME.key, "cause", "Because.", notice=notice, about=NOON + 20 * SECOND)
    said, text, offered = notice_text(action, "acme", NOON)
    assert (said, tuple(offered)) == (title, buttons)
    assert text in {"Because.", "It cannot be renewed silently.", "Work goes on."}


def test_every_state_has_a_word_and_a_colour() -> None:
    """And every action a word."""
    assert set(STATES) == set(COLOURS)
    assert {str(do) for do in Do} == set(ACTIONS)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (
            Page("https://device.sso.us-east-1.amazonaws.com/", "ABCD-EFGH"),
            "The page begins at device.sso.us-east-1.amazonaws.com. Allow it only if it shows the code ABCD-EFGH.",
        ),
        (
            Page("https://oidc.us-east-1.amazonaws.com/authorize?x=1"),
            "The page begins at oidc.us-east-1.amazonaws.com.",
        ),
        (Page("https://acme.example/", "\x1b]0;"), "The page begins at acme.example."),
        (Page("nowhere", "ABCD-EFGH"), "Because."),
        (None, "Because."),
    ],
)
def test_the_notice_of_a_page_says_what_to_compare(page: Page | None, said: str) -> None:
    """Host and code, never the address; a page that cannot be named is not guessed at."""
    action = Action(Do.NOTIFY, ACME.key, "page:r1", "Because.", notice=Notice.IN_BROWSER)
    assert notice_text(action, "acme", NOON, page)[1] == said


def test_a_notice_that_was_not_shown_is_said_as_it_was_then() -> None:
    """The status stays the same while time passes; a kind of another version has its sentence."""
    one = Unshown("signing_in:t1", NOON, ACME.key, "signing_in", "It is over.", NOON + 20 * SECOND)
    assert told_again(one, "acme") == ("Signing in to acme in 20 s", "It is over.")
    assert told_again(replace(one, notice="polished"), "acme") == ("acme", "It is over.")


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (Page("https://d.example.com/", "ABCD-EFGH"), "Code ABCD-EFGH at d.example.com: allow no other"),
        (Page("https://d.example.com/"), "The page begins at d.example.com."),
        (Page("https://d.example.com/", "\x1b]0;"), "The page begins at d.example.com."),
        (Page("nowhere", "ABCD-EFGH"), ""),
        (None, ""),
    ],
)
def test_a_menu_says_the_code_first(page: Page | None, said: str) -> None:
    """What is long is cut there, and the code is what counts."""
    assert page_line(page) == said
