"""Times that cannot be true are brought to the nearest that can; all others stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from keeplit.core import plausible
from keeplit.core.memory import SessionMemory
from keeplit.core.model import Desk, Policy
from tests.core.drawn import NOON
from tests.core.made import HOUR, seen, token

DAWN = datetime.min.replace(tzinfo=UTC)
DUSK = datetime.max.replace(tzinfo=UTC)


def test_what_can_be_true_is_the_same_object() -> None:
    """Nothing is copied where nothing is wrong."""
    memory = SessionMemory(signed_in_at=NOON, length=HOUR)
    bare = SessionMemory()
    view, policy, desk = seen(token()), Policy(), Desk(utc_offset=HOUR)
    assert plausible.remembered(memory) is memory
    assert plausible.remembered(bare) is bare
    assert plausible.seen(view) is view
    assert plausible.seen(seen()) == seen()
    assert plausible.policy(policy) is policy
    assert plausible.desk(desk) is desk


def test_a_memory_is_brought_into_the_range_that_can_be_reckoned_with() -> None:
    """Its times end in the year 9000 and begin in 1970, its lengths are a century at most."""
    wild = SessionMemory(signed_in_at=DAWN, ends_at=DUSK, life=timedelta.min, length=timedelta.max)
    tame = plausible.remembered(wild)
    assert (tame.signed_in_at, tame.ends_at) == (plausible.EARLIEST, plausible.LATEST)
    assert (tame.life, tame.length) == (-plausible.CENTURY, plausible.CENTURY)
    assert tame.announced_at is None
    assert plausible.remembered(replace(wild, length=None)).length is None


def test_a_token_of_the_last_year_ends_when_time_is_still_reckoned() -> None:
    """Some tools write the year 9999 for "never"."""
    forever = seen(replace(token(), expires_at=DUSK))
    held = plausible.seen(forever).token
    assert held is not None
    assert held.expires_at == plausible.LATEST


def test_a_negative_lead_is_none() -> None:
    """A policy asks for no time beyond an end."""
    policy = plausible.policy(Policy(lead=-HOUR, warn_before=(-HOUR, HOUR, timedelta.max)))
    assert (policy.lead, policy.warn_before) == (timedelta(0), (timedelta(0), HOUR, plausible.CENTURY))


def test_a_local_clock_is_at_most_a_day_away() -> None:
    """An offset from UTC of years is one of a day."""
    assert plausible.desk(Desk(utc_offset=timedelta.max)).utc_offset == plausible.DAY
