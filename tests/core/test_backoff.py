"""What is remembered of an attempt delays the next one, but never for longer than it may."""

from __future__ import annotations

from datetime import timedelta

from keeplit.core.backoff import LONGEST_BACKOFF, Backoff
from tests.core.drawn import NOON
from tests.core.made import HOUR, SECOND


def test_a_delay_ends_when_it_said() -> None:
    """A back-off holds until its delay has passed, to the second."""
    backoff = Backoff(1, NOON, 10 * SECOND)
    assert backoff.until(NOON + 9 * SECOND) == NOON + 10 * SECOND
    assert backoff.until(NOON + 10 * SECOND) is None


def test_a_delay_that_cannot_be_true_does_not_count() -> None:
    """None at all, one from the future, or a negative one: the next attempt may start now."""
    assert Backoff().until(NOON) is None
    assert Backoff(1, NOON + SECOND, HOUR).until(NOON) is None
    assert Backoff(1, NOON, -HOUR).until(NOON) is None


def test_no_delay_is_longer_than_the_longest() -> None:
    """Whatever was written down, five minutes are the most."""
    assert Backoff(1, NOON, timedelta.max).until(NOON) == NOON + LONGEST_BACKOFF
