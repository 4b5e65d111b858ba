"""The published status."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given

from keeplit.core.clocks import Case
from keeplit.core.deeds import Trouble
from keeplit.core.memory import Answer, Memory, SessionMemory, Unshown
from keeplit.core.model import FOREVER, Credential, Facts, Kind, Profile, Reading
from keeplit.core.notice import notice
from keeplit.core.plan import State, plan
from keeplit.core.view import MOST_ANSWERS, Status, Surroundings, in_words, rfc3339, state_of, status
from keeplit.core.words import both_clocks, headline
from tests.core import drawn
from tests.core.drawn import ACME, NOON, OLD
from tests.core.made import HOUR, MINUTE, SECOND, case, facts, record, seen, token

KNOWN = SessionMemory("t1", token_end=NOON + HOUR, signed_in_at=NOON)
AROUND = Surroundings("1.2.3", profile="work", region="eu-central-1", model="m", settings_path="/s.json")


def published(found: Facts, memory: Memory, now: datetime = NOON, around: Surroundings = AROUND) -> Status:
    """Return the status of a moment."""
    return status(found, memory, plan(State(found, memory), now), around, now)


@given(drawn.facts(), drawn.memories, drawn.near)
def test_any_state_can_be_published_and_said(found: Facts, memory: Memory, now: datetime) -> None:
    """As JSON and in words; what is remembered may be anything."""
    for remembered in (memory, notice(memory, found, 0.3, now)):
        document = published(found, remembered, now)
        assert json.loads(json.dumps(document)) == document
        assert headline(document, now)
        assert all(both_clocks(session, now, timedelta(hours=2)) for session in document["sessions"])
        assert all(trouble["title"] for trouble in document["troubles"])


def test_the_status_is_complete() -> None:
    """Each field of the design's contract, absolute times in UTC."""
    work = Profile("work", Credential.SSO, ACME.key)
    other = Profile("other", Credential.SSO, OLD.key)
    memory = Memory({ACME.key: KNOWN}, answers=(Answer("w1", "done", "joined"),))
    assert published(facts(seen(token())), memory, around=replace(AROUND, profiles=(work, other))) == {
        "schema": 1,
        "daemon": {"running": True, "version": "1.2.3"},
        "paused_until": None,
        "profile": "work",
        "region": "eu-central-1",
        "model": "m",
        "sessions": [
            {
                "name": "acme",
                "start_url": ACME.start_url,
                "kind": "sso-session",
                "state": "fresh",
                "access_expires_at": "2026-03-02T13:00:00Z",
                "refreshable": True,
                "signed_in_at": "2026-03-02T12:00:00Z",
                "session_ends_at": "2026-03-02T20:00:00Z",
                "session_ends_known": "estimated",
                "next_action": "refresh",
                "next_action_at": "2026-03-02T12:30:00Z",
                "profiles": ["work"],
            }
        ],
        "settings": {"path": "/s.json", "state": "unmanaged", "missing": [], "shadowed": []},
        "troubles": [],
        "answers": [{"id": "w1", "state": "done", "code": "joined"}],
        "notices": [],
    }


def test_a_notice_that_was_not_shown_is_published_while_it_is_news() -> None:
    """In words and without a code, for the interfaces that can show it; not for a session that is kept no more."""
    page = Unshown("page:r1", NOON, ACME.key, "in_browser", "A sign-in waits for you in the browser.", why="no_service")
    gone, settings = replace(page, session="b" * 40), replace(page, cause="gone:d1", session="", notice="")
    memory = Memory({ACME.key: KNOWN}, unshown=(page, gone, settings))
    assert published(facts(seen(token())), memory)["notices"] == [
        {
            "id": "page:r1",
            "title": "Signing in to acme: look at your browser",
            "text": "A sign-in waits for you in the browser.",
            "not_after": "2026-03-02T12:10:00Z",
        },
        {
            "id": "gone:d1",
            "title": "",
            "text": "A sign-in waits for you in the browser.",
            "not_after": "2026-03-02T12:10:00Z",
        },
    ]
    assert published(facts(seen(token())), memory, NOON + HOUR)["notices"] == []


def test_an_unchanged_state_is_an_unchanged_status() -> None:
    """Its times are absolute, so time alone changes nothing."""
    found, memory = facts(seen(token())), Memory({ACME.key: KNOWN})
    assert published(found, memory, NOON) == published(found, memory, NOON + MINUTE)


def test_a_session_without_a_token_has_no_times() -> None:
    """Null, not a guess."""
    (session,) = published(facts(seen()), Memory({ACME.key: SessionMemory(told=("sign_in_needed:",))}))["sessions"]
    assert (session["access_expires_at"], session["session_ends_at"], session["session_ends_known"]) == (
        None,
        None,
        "unknown",
    )
    assert (session["next_action"], session["next_action_at"], session["refreshable"]) == (None, None, False)


def test_a_session_that_the_plan_does_not_know_has_nothing_next() -> None:
    """A plan of other facts names no next action for it."""
    other = plan(State(facts(), Memory()), NOON)
    (session,) = status(facts(seen(token())), Memory(), other, AROUND, NOON)["sessions"]
    assert session["next_action"] is None


def test_a_pause_is_published_while_it_lasts() -> None:
    """One without an end has the last of all times."""
    assert published(facts(), Memory(paused_until=NOON + HOUR))["paused_until"] == "2026-03-02T13:00:00Z"
    assert published(facts(), Memory(paused_until=NOON))["paused_until"] is None
    assert published(facts(), Memory(paused_until=datetime.max.replace(tzinfo=UTC)))["paused_until"] == rfc3339(FOREVER)


def test_only_the_latest_answers_are_published() -> None:
    """The file stays small."""
    answers = tuple(Answer(f"w{number}", "done") for number in range(MOST_ANSWERS + 1))
    assert [answer["id"] for answer in published(facts(), Memory(answers=answers))["answers"]] == [
        f"w{number}" for number in range(1, MOST_ANSWERS + 1)
    ]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (case(token(), sign_in=record()), "signing_in"),
        (case(sign_in=record()), "signing_in"),
        (case(token()), "fresh"),
        (case(token(30 * MINUTE)), "renewing"),
        (case(token(), SessionMemory("t1", refused="t1")), "sign_in_soon"),
        (case(token(), SessionMemory("t1", capped="t1")), "sign_in_soon"),
        (case(token(), session=OLD), "fresh"),
        (case(token(refreshable=False), session=OLD), "fresh"),
        (case(token(5 * MINUTE, refreshable=False), session=OLD), "sign_in_soon"),
        (case(), "signed_out"),
        (case(token(-SECOND)), "signed_out"),
        (case(token(), SessionMemory("t1", rejected="t1")), "signed_out"),
        (case(memory=KNOWN, reading=Reading.TORN), "fresh"),
        (case(memory=replace(KNOWN, torn_since=NOON - 2 * SECOND), reading=Reading.TORN), "unknown"),
        (case(memory=replace(KNOWN, token_end=NOON), reading=Reading.TORN), "unknown"),
        (case(reading=Reading.TORN), "unknown"),
    ],
)
def test_a_session_is_in_one_of_six_states(found: Case, expected: str) -> None:
    """By section 5 of the design: a running sign-in before all, then what the token says."""
    assert state_of(found) == expected


def test_a_time_is_written_in_utc_to_the_second() -> None:
    """Wherever it was made; none stays none."""
    there = datetime(2026, 3, 2, 14, 0, 0, 999_999, tzinfo=timezone(2 * HOUR))
    assert rfc3339(there) == "2026-03-02T12:00:00Z"
    assert rfc3339(None) is None


def test_a_trouble_is_said_in_the_catalogues_words() -> None:
    """With the session and the detail filled in; a light one is information."""
    said = in_words(Trouble("network", "acme", "Timeout", light=True))
    assert said == {
        "code": "network",
        "severity": "info",
        "title": "AWS cannot be reached for acme",
        "detail": "The renewal failed: Timeout. It is tried again by itself.",
        "fix": "check the network, the proxy and the VPN",
    }
    assert "no reason was given" in in_words(Trouble("network", "acme"))["detail"]
    assert in_words(Trouble("network", "acme"))["severity"] == "warning"


@pytest.mark.parametrize(
    ("code", "name", "fix"),
    [
        ("signed_out", "acme", "keeplit login --session acme"),
        ("signed_out", "my work", "keeplit login --session 'my work'"),
        ("ends_soon", "it's $HOME; ls", "keeplit login --session 'it'\"'\"'s $HOME; ls'"),
        (
            "not_refreshable",
            "my work",
            (
                "add `sso_registration_scopes = sso:account:access` to [sso-session 'my work'], "
                "then: keeplit login --session 'my work'"
            ),
        ),
    ],
)
def test_a_fix_can_be_typed_as_it_stands(code: str, name: str, fix: str) -> None:
    """A name is one word of the shell, and of a section in AWS's own config; a title says it as it is."""
    said = in_words(Trouble(code, name))

    assert said["fix"] == fix
    assert name in said["title"]
    assert shlex.split(fix)[-1] == name


def test_a_trouble_that_the_catalogue_lacks_brings_its_own_words() -> None:
    """Its code, and where it is, make the title: it may be another version's."""
    said = in_words(Trouble("polish_broken", "config", "line 3", "remove it"))
    assert said == {
        "code": "polish_broken",
        "severity": "warning",
        "title": "Polish broken (config)",
        "detail": "line 3",
        "fix": "remove it",
    }
    assert in_words(Trouble("polish_broken"))["title"] == "Polish broken"


def test_the_kinds_are_said_as_the_config_says_them() -> None:
    """A reader of the status compares them with strings."""
    assert [str(kind) for kind in Kind] == ["sso-session", "legacy"]
