"""What becomes of a notice that the desktop did not show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keeplit.core.causes import needs_sign_in
from keeplit.core.deeds import Action, Do, Notice, Outcome, Result, Trouble
from keeplit.core.memory import Memory, SessionMemory, Unshown
from keeplit.core.model import Desk, Facts, Policy
from keeplit.core.settings_model import SettingsMemory
from keeplit.core.unshown import MOST, SHOWN_FOR, after, again, news, no_notices, not_after
from tests.core.drawn import ACME, NOON
from tests.core.made import HOUR, MINUTE, SECOND

SHOWN = Outcome(Result.DONE)
NOBODY = Outcome(Result.NOT_SHOWN, "no_service")
SLOW = Outcome(Result.NOT_SHOWN, "no_answer")
SERVED, UNSERVED = Facts(desk=Desk(notices=True)), Facts(desk=Desk(notices=False))
NEEDED = "sign_in_needed:t1"


def showing(cause: str = NEEDED, session: str = ACME.key) -> Action:
    """Return the action of showing a notice."""
    return Action(Do.NOTIFY, session, cause, "The sign-in is over.", notice=Notice.SIGN_IN_NEEDED)


def pending(cause: str = NEEDED, session: str = ACME.key, **changes: object) -> Unshown:
    """Return a notice that nobody took at noon."""
    held = Unshown(cause, NOON, session, "sign_in_needed", "The sign-in is over.", why="no_service")
    return replace(held, **changes)  # type: ignore[arg-type]  # a test names fields as they are


def remembered(*unshown: Unshown, told: tuple[str, ...] = (NEEDED,)) -> Memory:
    """Return a memory of ACME, whose causes count as told."""
    return Memory({ACME.key: SessionMemory("t1", told=told)}, unshown=unshown)


def told(memory: Memory) -> tuple[str, ...]:
    """Return what ACME was told."""
    return memory.sessions[ACME.key].told


def test_a_notice_that_was_not_shown_is_kept() -> None:
    """With its words and the reason, and how often it was tried."""
    once = after(Memory(), showing(), NOBODY, NOON)
    assert once.unshown == (pending(),)
    twice = after(once, showing(), SLOW, NOON + MINUTE)
    assert twice.unshown == (pending(at=NOON + MINUTE, why="no_answer", tries=2),)


def test_only_the_latest_are_kept() -> None:
    """The status stays small."""
    memory = Memory()
    for number in range(MOST + 2):
        memory = after(memory, showing(f"c{number}"), NOBODY, NOON)
    assert [one.cause for one in memory.unshown] == [f"c{number}" for number in range(2, MOST + 2)]


def test_a_notice_that_nobody_wants_is_not_kept() -> None:
    """Who has switched notices off is not told by other ways, nor is anybody of a session that is kept no more."""
    for outcome in (Outcome(Result.NOT_SHOWN, "switched_off"), Outcome(Result.STALE, "not_in_use")):
        assert after(Memory(), showing(), outcome, NOON) == Memory()


def test_one_that_is_shown_brings_back_the_others() -> None:
    """What nobody took is told again if it is still true; nothing is left over."""
    memory = after(remembered(pending()), showing("ended:r1"), SHOWN, NOON + SECOND)
    assert (memory.unshown, told(memory)) == ((), ())
    untouched = remembered()
    assert after(untouched, showing(), SHOWN, NOON) is untouched


def test_what_may_have_been_seen_is_not_told_again() -> None:
    """A service that answers late may have shown it."""
    memory = after(remembered(pending(why="no_answer")), showing("ended:r1"), SHOWN, NOON + SECOND)
    assert (memory.unshown, told(memory)) == ((), (NEEDED,))


@pytest.mark.parametrize(("tries", "wait"), [(-3, 30), (1, 30), (2, 60), (6, 960), (99, 960)])
def test_it_is_tried_again_later_and_later(tries: int, wait: int) -> None:
    """From half a minute to a quarter of an hour; a clock that was set back is no reason to wait."""
    memory = remembered(pending(tries=tries))
    assert told(again(memory, SERVED, NOON + (wait - 1) * SECOND)) == (NEEDED,)
    assert told(again(memory, SERVED, NOON + wait * SECOND)) == ()
    assert told(again(memory, SERVED, NOON - SECOND)) == ()


def test_nobody_is_tried_where_nobody_shows_notices() -> None:
    """Not there, not known, or with nothing to show."""
    memory = remembered(pending())
    for facts in (UNSERVED, Facts()):
        assert again(memory, facts, NOON + HOUR) is memory
    assert again(remembered(), SERVED, NOON + HOUR) == remembered()


def test_a_reminder_is_told_again_with_what_it_reminds_of() -> None:
    """Else the first notice, which counts as told too, would hold it back."""
    reminder = needs_sign_in(SessionMemory("t1"), reminder=True)
    memory = remembered(pending(reminder), told=(reminder, NEEDED, "ended:r1"))
    assert told(again(memory, SERVED, NOON + HOUR)) == ("ended:r1",)


def test_a_question_about_the_settings_is_told_again() -> None:
    """It belongs to no session."""
    memory = Memory(settings=SettingsMemory(told=("gone:d1", "off:d1")), unshown=(pending("gone:d1", ""),))
    assert again(memory, SERVED, NOON + HOUR).settings.told == ("off:d1",)
    unknown = replace(memory, unshown=(pending("gone:d9", ""), pending("gone:d1", "b" * 40)))
    assert again(unknown, SERVED, NOON + HOUR) == unknown


def test_it_is_news_for_ten_minutes_and_not_past_what_it_tells_of() -> None:
    """Nobody is told at noon of a tab that opened before."""
    plain, tab = pending(), pending("signing_in:t1", about=NOON + 20 * SECOND)
    assert not_after(plain) == NOON + SHOWN_FOR
    assert not_after(replace(tab, about=NOON - HOUR)) == NOON
    memory = remembered(plain, tab)
    assert news(memory, NOON + 20 * SECOND) == (plain, tab)
    assert news(memory, NOON + 21 * SECOND) == (plain,)
    assert news(memory, NOON + 10 * MINUTE) == (plain,)
    assert news(memory, NOON + 10 * MINUTE + SECOND) == ()
    assert news(memory, NOON - SECOND) == ()


@pytest.mark.parametrize(
    ("facts", "why", "said"),
    [
        (SERVED, "", ""),
        (Facts(), "", ""),
        (UNSERVED, "", "No notification service runs on this desktop."),
        (UNSERVED, "no_answer", "No notification service runs on this desktop."),
        (SERVED, "no_service", ""),
        (Facts(), "no_service", "No notification service runs on this desktop."),
        (SERVED, "no_notifier", ""),
        (SERVED, "no_answer", "The notification service did not answer the last time."),
        (SERVED, "not_taken", "The system did not take the last notice of keeplit."),
        (SERVED, "OSError", "The last notice could not be shown (OSError)."),
        (replace(UNSERVED, policy=Policy(notify=False)), "", ""),
    ],
)
def test_that_notices_do_not_work_is_a_trouble(facts: Facts, why: str, said: str) -> None:
    """As far as it is known now; a service that came is none, and who wants no notices misses none."""
    memory = remembered(*([pending(why=why)] if why else []))
    assert no_notices(facts, memory) == ((Trouble("no_notices", detail=said),) if said else ())
