"""What makes two notices the same."""

from __future__ import annotations

from datetime import timedelta

from keeplit.core.causes import expiring, in_browser, needed_causes, needs_sign_in, sign_in_ended, warned_of
from keeplit.core.memory import SessionMemory
from tests.core.drawn import NOON
from tests.core.made import HOUR, MINUTE


def test_a_reminder_is_another_notice_than_the_first() -> None:
    """One notice for a token, and one more after "in 15 min"."""
    memory = SessionMemory(token="t1")
    assert needs_sign_in(memory, reminder=False) == "sign_in_needed:t1"
    assert needs_sign_in(memory, reminder=True) == "sign_in_needed:t1:again"


def test_a_reminder_is_noted_with_what_it_reminds_of() -> None:
    """Other causes stand alone, whatever they end in."""
    assert needed_causes("sign_in_needed:t1:again") == {"sign_in_needed:t1:again", "sign_in_needed:t1"}
    assert needed_causes("sign_in_needed:t1") == {"sign_in_needed:t1"}
    assert needed_causes("ended:r1:again") == {"ended:r1:again"}


def test_each_page_is_told_once() -> None:
    """A sign-in has one, and its news is another cause than the sign-in's end."""
    assert in_browser("r1") != in_browser("r2")
    assert in_browser("r1") != sign_in_ended("r1")


def test_each_sign_in_ends_once() -> None:
    """The news of a sign-in is told by its id."""
    assert sign_in_ended("r1") != sign_in_ended("r2")


def test_a_warning_of_nearly_the_same_end_is_the_same_warning() -> None:
    """An end that was learned and the same one proven differ by some minutes, another day's by hours."""
    told = (expiring(NOON, 30 * MINUTE),)
    assert warned_of(told, NOON + 9 * MINUTE, 30 * MINUTE)
    assert warned_of(told, NOON - 9 * MINUTE, 30 * MINUTE)
    assert not warned_of(told, NOON + HOUR, 30 * MINUTE)
    assert not warned_of(told, NOON, timedelta(minutes=10))
