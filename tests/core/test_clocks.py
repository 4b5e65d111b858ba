"""The two clocks of a session, by section 3 of the design."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from keeplit.core.clocks import (
    AFTER_END,
    Certainty,
    alive,
    announced_at,
    browser_due_at,
    case_of,
    cases,
    end_of_sign_in,
    extends_by_itself,
    is_paused,
    margin,
    refresh_due_at,
    registration_dead,
    renewable,
    sign_in_due_at,
    torn_for,
    usual_life,
    work_ends_at,
)
from keeplit.core.memory import Memory, SessionMemory
from keeplit.core.model import FOREVER, Desk, Extend, Kind, Policy, Reading
from tests.core.drawn import ACME, NOON, OLD, TWIN, URL
from tests.core.made import HOUR, MINUTE, SECOND, case, facts, seen, token


@pytest.mark.parametrize(
    ("life", "jitter", "expected"),
    [
        (HOUR, 0.0, 30 * MINUTE),
        (8 * HOUR, 0.0, 30 * MINUTE),
        (20 * MINUTE, 0.0, 10 * MINUTE),
        (HOUR, 1.0, 33 * MINUTE),
        (HOUR, -1.0, 27 * MINUTE),
        (HOUR, float("nan"), 30 * MINUTE),
        (HOUR, 1e9, 30 * MINUTE),
        (-HOUR, 0.0, 30 * MINUTE),
    ],
)
def test_the_margin_is_half_the_life_and_half_an_hour_at_most(
    life: timedelta, jitter: float, expected: timedelta
) -> None:
    """With ±10 % of jitter; a life or a jitter that cannot be true counts as the usual one."""
    assert margin(SessionMemory(life=life, jitter=jitter)) == expected


def test_a_token_is_due_at_its_margin() -> None:
    """And at once where the portal rejected it, or where the clock was set back and it has more left than it lives."""
    assert refresh_due_at(case(token())) == NOON + 30 * MINUTE
    assert refresh_due_at(case(token(), SessionMemory("t1", rejected="t1"))) == NOON
    assert refresh_due_at(case(token(3 * HOUR))) == NOON
    assert refresh_due_at(case(token(3 * HOUR), SessionMemory("other"))) == NOON + 150 * MINUTE
    assert refresh_due_at(case()) is None


@pytest.mark.parametrize(
    ("memory", "expected"),
    [
        (SessionMemory("t1"), True),
        (SessionMemory("t1", refused="t1"), False),
        (SessionMemory("t1", refused="t0"), True),
        (SessionMemory("t1", dead_registration="t1"), False),
        (SessionMemory("t1", capped="t1"), False),
        (SessionMemory("t1", capped="t1", rejected="t1"), True),
    ],
)
def test_a_conclusion_counts_for_the_token_that_it_names(memory: SessionMemory, expected: bool) -> None:  # noqa: FBT001
    """What was concluded about an older token does not stop the renewal of this one."""
    assert renewable(case(token(), memory)) is expected


def test_a_token_without_a_refresh_token_or_registration_is_not_renewed() -> None:
    """A registration's own date ends it, too."""
    assert not renewable(case(token(refreshable=False)))
    assert not renewable(case(token(registered=NOON)))
    assert renewable(case(token(registered=NOON + SECOND)))
    assert not registration_dead(case())


def test_a_person_has_to_sign_in_when_nothing_renews_the_token() -> None:
    """At once where the service said so, 5 s after a known end, at `lead` where nothing else is known."""
    alone = token(refreshable=False)
    assert sign_in_due_at(case()) is None
    assert sign_in_due_at(case(token())) is None
    assert sign_in_due_at(case(token(), SessionMemory("t1", refused="t1"))) == NOON
    assert sign_in_due_at(case(alone, SessionMemory("t1", rejected="t1"))) == NOON
    assert sign_in_due_at(case(token(registered=NOON))) == NOON
    assert sign_in_due_at(case(token(), SessionMemory("t1", capped="t1"))) == NOON + HOUR + AFTER_END
    assert sign_in_due_at(case(alone, SessionMemory("t1", end_did_not_move=True))) == NOON + HOUR + AFTER_END
    assert sign_in_due_at(case(alone)) == NOON + 50 * MINUTE
    assert sign_in_due_at(case(alone, SessionMemory("t1", life=10 * MINUTE))) == NOON + 55 * MINUTE


def test_how_well_the_end_of_a_sign_in_is_known() -> None:
    """Known from a refusal or a proven end, learned from an earlier sign-in, estimated from the usual eight hours."""
    held = token()
    since = SessionMemory("t1", signed_in_at=NOON - HOUR)
    assert end_of_sign_in(case()) == (None, Certainty.UNKNOWN)
    assert end_of_sign_in(case(held)) == (None, Certainty.UNKNOWN)
    assert end_of_sign_in(case(held, SessionMemory("t1", refused="t1"))) == (None, Certainty.UNKNOWN)
    refused = SessionMemory("t1", refused="t1", ends_at=NOON - MINUTE)
    assert end_of_sign_in(case(held, refused)) == (NOON - MINUTE, Certainty.KNOWN)
    assert end_of_sign_in(case(held, SessionMemory("t1", capped="t1"))) == (held.expires_at, Certainty.KNOWN)
    assert end_of_sign_in(case(held, since)) == (NOON + 7 * HOUR, Certainty.ESTIMATED)
    assert end_of_sign_in(case(held, replace(since, length=4 * HOUR))) == (NOON + 3 * HOUR, Certainty.LEARNED)


def test_an_estimate_that_passed_was_none() -> None:
    """A sign-in that outlives what was learned of it has no known end."""
    since = SessionMemory("t1", signed_in_at=NOON - 9 * HOUR)
    assert end_of_sign_in(case(token(), since)) == (None, Certainty.UNKNOWN)
    assert end_of_sign_in(case(token(), replace(since, length=HOUR))) == (None, Certainty.UNKNOWN)


def test_work_ends_where_no_refresh_can_go_on() -> None:
    """At the token's end, or at a learned end; an estimate drives nothing."""
    since = SessionMemory("t1", signed_in_at=NOON - HOUR)
    assert work_ends_at(case()) is None
    assert work_ends_at(case(token(refreshable=False))) == NOON + HOUR
    assert work_ends_at(case(token(), since)) is None
    assert work_ends_at(case(token(), replace(since, length=4 * HOUR))) == NOON + 3 * HOUR


def test_a_rejected_token_is_dead_before_its_time() -> None:
    """A token lives until its end, unless the portal refused it."""
    assert alive(case(token()))
    assert not alive(case(token(timedelta(0))))
    assert not alive(case(token(), SessionMemory("t1", rejected="t1")))


def test_the_day_extends_itself_before_a_known_end_only() -> None:
    """With ``extend = "auto"`` and a living token; else the browser is due when a sign-in is."""
    auto = Policy(extend=Extend.AUTO)
    capped = SessionMemory("t1", capped="t1")
    assert extends_by_itself(case(token(), capped, policy=auto))
    assert not extends_by_itself(case(token(), capped))
    assert not extends_by_itself(case(token(), SessionMemory("t1", signed_in_at=NOON), policy=auto))
    assert not extends_by_itself(case(token(-HOUR), capped, policy=auto))
    assert browser_due_at(case(token(), capped, policy=auto)) == NOON + 50 * MINUTE
    assert browser_due_at(case(token(), capped)) == NOON + HOUR + AFTER_END


def test_an_announcement_holds_for_its_token_and_a_minute() -> None:
    """One of another token, from the future or of long ago does not count."""
    fresh = SessionMemory("t1", announced="t1", announced_at=NOON - 20 * SECOND)
    assert announced_at(case(token(), fresh)) == NOON - 20 * SECOND
    assert announced_at(case(token(), replace(fresh, announced="t0"))) is None
    assert announced_at(case(token(), replace(fresh, announced_at=None))) is None
    assert announced_at(case(token(), replace(fresh, announced_at=NOON + SECOND))) is None
    assert announced_at(case(token(), replace(fresh, announced_at=NOON - 61 * SECOND))) is None
    assert announced_at(case(memory=fresh)) is None


def test_an_announced_browser_is_promised_to_one_session() -> None:
    """The others with its start URL see that, the one itself does not."""
    announced = SessionMemory("t1", announced="t1", announced_at=NOON)
    memory = Memory({ACME.key: announced, TWIN.key: announced})
    found = cases(facts(seen(token(), ACME), seen(token(), TWIN), seen(token(), OLD)), memory, NOON)
    assert [case.promised for case in found] == [frozenset(), {URL}, {URL}]


def test_a_case_is_found_by_its_key() -> None:
    """A session that is not in use has none; times that cannot be true are mended on the way."""
    desk = Desk(utc_offset=timedelta.max)
    found = case_of(facts(seen(token()), desk=desk), Memory(paused_until=FOREVER), NOON, ACME.key)
    assert found is not None
    assert (found.key, found.paused, found.facts.desk.utc_offset) == (ACME.key, True, timedelta(days=1))
    assert case_of(facts(seen(token())), Memory(), NOON, TWIN.key) is None


def test_a_pause_ends() -> None:
    """At its time, and not before."""
    assert is_paused(Memory(paused_until=NOON + SECOND), NOON)
    assert not is_paused(Memory(paused_until=NOON), NOON)
    assert not is_paused(Memory(), NOON)


def test_a_file_is_torn_since_it_was_seen_so() -> None:
    """A whole file is not torn, whatever is remembered."""
    memory = SessionMemory(torn_since=NOON - MINUTE)
    assert torn_for(case(memory=memory, reading=Reading.TORN)) == MINUTE
    assert torn_for(case(reading=Reading.TORN)) == timedelta(0)
    assert torn_for(case(token(), memory)) == timedelta(0)


def test_a_legacy_token_usually_lives_eight_hours() -> None:
    """And one of an sso-session one hour."""
    assert (usual_life(Kind.LEGACY), usual_life(Kind.SSO_SESSION)) == (8 * HOUR, HOUR)
