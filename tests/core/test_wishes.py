"""Wishes, each taken once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given

from keeplit.core.causes import expiring
from keeplit.core.learn import MOST_ANSWERS
from keeplit.core.memory import Answer, Asked, Memory, SessionMemory
from keeplit.core.model import FOREVER, Desk, Facts, Seen, Verb, Wish
from keeplit.core.wishes import LONGEST_LATER, LONGEST_PAUSE, WISH_LIFE, take_wishes, taken_back
from tests.core import drawn
from tests.core.drawn import ACME, NOON
from tests.core.made import HOUR, MINUTE, SECOND, facts, record, seen, token

KNOWN = SessionMemory("t1", token_end=NOON + HOUR)
OVER = replace(KNOWN, refused="t1")


def taken(
    *wishes: Wish, before: SessionMemory = KNOWN, view: Seen | None = None, desk: Desk | None = None
) -> tuple[SessionMemory, list[tuple[str, str]]]:
    """Return what is remembered of ACME after wishes, and their answers."""
    memory = take_wishes(Memory({ACME.key: before}), facts(view or seen(token()), wishes=wishes, desk=desk), NOON)
    return memory.sessions[ACME.key], [(answer.state, answer.code) for answer in memory.answers]


def wish(verb: Verb, number: int = 1, *, duration: timedelta | None = None, of: str = "t1") -> Wish:
    """Return a wish about ACME."""
    return Wish(f"w{number}", verb, ACME.key, duration, of)


@given(drawn.facts(), drawn.memories, drawn.near)
def test_every_wish_gets_one_answer_and_is_taken_once(wanted: Facts, memory: Memory, now: datetime) -> None:
    """Whatever it says; the second look finds it answered."""
    once = take_wishes(memory, wanted, now)
    assert {wished.id for wished in wanted.wishes} <= {answer.id for answer in once.answers}
    assert take_wishes(once, wanted, now) == once


@pytest.mark.parametrize(
    ("duration", "until"),
    [
        (None, FOREVER),
        (HOUR, NOON + HOUR),
        (-HOUR, NOON),
        (timedelta.max, NOON + LONGEST_PAUSE),
    ],
)
def test_a_pause_lasts_as_long_as_it_says(duration: timedelta | None, until: datetime) -> None:
    """Without a duration until somebody resumes."""
    memory = take_wishes(Memory(), facts(wishes=(Wish("w1", Verb.PAUSE, duration=duration),)), NOON)
    assert memory == Memory({}, until, (Answer("w1", "done", "paused"),))
    resumed = take_wishes(memory, facts(wishes=(Wish("w2", Verb.RESUME),)), NOON)
    assert resumed.paused_until is None


@pytest.mark.parametrize("verb", [Verb.SIGN_IN, Verb.LOGOUT])
@pytest.mark.parametrize("not_after", [NOON - SECOND, NOON + 6 * MINUTE])
def test_a_late_wish_is_answered_and_done_with(not_after: datetime, verb: Verb) -> None:
    """And so is one from the future: after a clock was set back it would act for ever."""
    late = replace(wish(verb), not_after=not_after)
    assert taken(late) == (KNOWN, [("expired", "too_late")])


def test_a_wish_about_an_unknown_session_is_refused() -> None:
    """It may have gone out of use."""
    assert taken(replace(wish(Verb.SIGN_IN), session="nobody")) == (KNOWN, [("refused", "unknown_session")])


@pytest.mark.parametrize("verb", [Verb.SIGN_IN, Verb.REFRESH, Verb.EXTEND, Verb.LOGOUT])
def test_a_request_waits_for_its_action(verb: Verb) -> None:
    """For two minutes, or as long as it says."""
    after, answers = taken(wish(verb))
    assert after.asked == Asked(verb, "w1", NOON + WISH_LIFE)
    assert answers == [("waiting", str(verb))]
    limited, _ = taken(replace(wish(verb), not_after=NOON + MINUTE))
    assert limited.asked == Asked(verb, "w1", NOON + MINUTE)


def test_requests_alike_are_one() -> None:
    """Ten windows that ask for the same thing get it once."""
    after, answers = taken(wish(Verb.REFRESH, 1), wish(Verb.REFRESH, 2))
    assert after.asked == Asked(Verb.REFRESH, "w1", NOON + WISH_LIFE)
    assert answers == [("waiting", "refresh"), ("done", "joined")]


def test_who_joins_a_logout_hears_what_came_of_it() -> None:
    """Joined is not signed out: it may fail, or come too late."""
    after, answers = taken(wish(Verb.LOGOUT, 1), wish(Verb.LOGOUT, 2))
    assert after.asked == Asked(Verb.LOGOUT, "w1", NOON + WISH_LIFE)
    assert answers == [("waiting", "logout"), ("waiting", "w1")]
    memory = take_wishes(Memory({ACME.key: after}, answers=(Answer("w2", "waiting", "w1"),)), facts(), NOON + HOUR)
    assert memory.answers == (Answer("w2", "expired", "too_late"), Answer("w1", "expired", "too_late"))


def test_another_request_replaces_the_first() -> None:
    """Which is told so, instead of waiting for ever."""
    after, answers = taken(wish(Verb.REFRESH, 1), wish(Verb.SIGN_IN, 2))
    assert after.asked == Asked(Verb.SIGN_IN, "w2", NOON + WISH_LIFE)
    assert answers == [("refused", "replaced"), ("waiting", "sign_in")]


def test_a_request_that_cannot_be_met_is_answered_at_once() -> None:
    """Nothing to renew; or a sign-in that runs already, which is joined."""
    assert taken(wish(Verb.REFRESH), before=OVER) == (OVER, [("failed", "nothing_to_renew")])
    running = seen(token(), sign_in=record())
    assert taken(wish(Verb.SIGN_IN), view=running) == (KNOWN, [("done", "joined")])


@pytest.mark.parametrize("not_after", [NOON - SECOND, NOON + HOUR])
def test_a_request_that_waited_too_long_is_dropped(not_after: datetime) -> None:
    """Wherever its session is now."""
    stuck = replace(KNOWN, asked=Asked(Verb.SIGN_IN, "w1", not_after))
    memory = take_wishes(Memory({"elsewhere": stuck}), facts(), NOON)
    assert memory.sessions == {"elsewhere": KNOWN}
    assert memory.answers == (Answer("w1", "expired", "too_late"),)
    waiting = Memory({"elsewhere": replace(KNOWN, asked=Asked(Verb.SIGN_IN, "w1", NOON + MINUTE))})
    assert take_wishes(waiting, facts(), NOON) == waiting


def test_a_request_that_is_taken_back_waits_no_longer() -> None:
    """And what others asked for stays."""
    waiting = replace(KNOWN, asked=Asked(Verb.LOGOUT, "w1", NOON + MINUTE))
    other = replace(KNOWN, asked=Asked(Verb.REFRESH, "w2", NOON + MINUTE))
    memory = taken_back(Memory({"beta": other, ACME.key: waiting, "quiet": KNOWN}), "w1")
    assert memory.sessions == {"beta": other, ACME.key: KNOWN, "quiet": KNOWN}
    assert memory.answers == (Answer("w1", "refused", "taken_back"),)
    assert taken_back(memory, "w1") == memory


def test_a_rejected_token_is_the_one_that_was_rejected() -> None:
    """The 401 of an older one says nothing about this one."""
    assert taken(wish(Verb.REJECTED)) == (replace(KNOWN, rejected="t1"), [("done", "rejected")])
    assert taken(wish(Verb.REJECTED, of="t0")) == (KNOWN, [("done", "other_token")])
    assert taken(wish(Verb.REJECTED), view=seen())[1] == [("done", "other_token")]


def test_later_puts_off_what_is_due() -> None:
    """The browser of this token is used up; one notice comes after 15 min."""
    after, answers = taken(wish(Verb.LATER), before=replace(OVER, announced="t1", announced_at=NOON))
    assert after == replace(
        OVER, spent="t1", later_until=NOON + 15 * MINUTE, reminder=True, told=("sign_in_needed:t1",)
    )
    assert answers == [("done", "later")]


@pytest.mark.parametrize(
    ("duration", "expected"), [(HOUR, HOUR), (-HOUR, timedelta(0)), (timedelta.max, LONGEST_LATER)]
)
def test_later_is_at_most_half_a_day(duration: timedelta, expected: timedelta) -> None:
    """And never earlier than now."""
    assert taken(wish(Verb.LATER, duration=duration), before=OVER)[0].later_until == NOON + expected


def test_later_before_the_end_declines_no_browser() -> None:
    """It puts off the warning, which comes again; the browser at the end still opens."""
    warned = replace(KNOWN, capped="t1", told=(expiring(NOON + HOUR, HOUR), "ended:r1"))
    after, _ = taken(wish(Verb.LATER), before=warned)
    assert after == replace(warned, later_until=NOON + 15 * MINUTE, told=("ended:r1",))


def test_an_announced_browser_can_be_declined() -> None:
    """Also the one that would extend the day, before anything is over; and a notice without a token."""
    announced = replace(KNOWN, announced="t1", announced_at=NOON)
    assert taken(wish(Verb.CANCEL), before=announced)[0].spent == "t1"
    empty, _ = taken(wish(Verb.LATER), before=SessionMemory(), view=seen())
    assert (empty.reminder, empty.told) == (True, ("sign_in_needed:",))


def test_not_today_holds_until_local_midnight() -> None:
    """And brings one notice after it."""
    desk = Desk(NOON, utc_offset=2 * HOUR)
    after, answers = taken(wish(Verb.NOT_TODAY), before=OVER, desk=desk)
    assert (after.not_before, after.spent, after.reminder) == (NOON + 10 * HOUR, "t1", True)
    assert answers == [("done", "not_today")]
    early, _ = taken(wish(Verb.NOT_TODAY))
    assert (early.not_before is not None, early.spent, early.reminder) == (True, "", False)


def test_cancel_brings_no_reminder() -> None:
    """Nor does it do anything where nothing is due."""
    after, answers = taken(wish(Verb.CANCEL), before=replace(OVER, reminder=True))
    assert (after.spent, after.reminder, answers) == ("t1", False, [("done", "cancelled")])
    assert taken(wish(Verb.CANCEL))[0] == KNOWN


def test_a_browser_that_is_open_cannot_be_cancelled() -> None:
    """Only who sits before it can; a browser that was announced besides is still declined."""
    running = seen(token(), sign_in=record())
    assert taken(wish(Verb.CANCEL), before=OVER, view=running) == (OVER, [("failed", "under_way")])
    announced = replace(OVER, announced="t1", announced_at=NOON)
    after, answers = taken(wish(Verb.CANCEL), before=announced, view=running)
    assert (after.spent, answers) == ("t1", [("done", "cancelled")])


def test_a_wish_whose_file_cannot_be_deleted_keeps_its_answer() -> None:
    """However many answers come after it, or it would be taken again."""
    stuck = Wish("stuck", Verb.RESUME)
    memory = take_wishes(Memory(), facts(wishes=(stuck,)), NOON)
    for number in range(2 * MOST_ANSWERS):
        fresh = Wish(f"n{number}", Verb.RESUME)
        memory = take_wishes(memory, facts(wishes=(stuck, fresh)), NOON)
    assert "stuck" in {answer.id for answer in memory.answers}
    assert len(memory.answers) == MOST_ANSWERS


def test_a_wish_to_end_is_answered_and_changes_nothing_else() -> None:
    """The daemon ends when it sees the wish; what is remembered of the sessions stays."""
    before = Memory({ACME.key: KNOWN})
    after = take_wishes(before, facts(seen(token()), wishes=(Wish("w1", Verb.STOP, not_after=NOON + MINUTE),)), NOON)

    assert after == replace(before, answers=(Answer("w1", "done", "stopping"),))


def test_a_wish_to_end_that_comes_late_ends_nothing() -> None:
    """It was meant for a daemon that is long gone."""
    late = Wish("w1", Verb.STOP, not_after=NOON - SECOND)
    after = take_wishes(Memory(), facts(wishes=(late,)), NOON)

    assert after.answers == (Answer("w1", "expired", "too_late"),)
