"""The notice that the settings were repaired."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from keeplit.core.deeds import Action, Notice, Outcome, Result
from keeplit.core.learn import learn
from keeplit.core.memory import Memory
from keeplit.core.model import Desk, Policy
from keeplit.core.notice_of_repairs import repairs_are_told
from keeplit.core.plan import State, plan
from keeplit.core.settings_keys import PROFILE, REGION
from keeplit.core.settings_model import Repaired
from tests.core.drawn import NOON, quiet_hours
from tests.core.made import HOUR, MINUTE, SECOND
from tests.core.made_settings import facts, memory, remembered, settings

FOUND = settings()
BEFORE = Repaired(PROFILE, NOON - HOUR)
MENDED = remembered(FOUND, repaired=(BEFORE, Repaired(REGION, NOON), Repaired(PROFILE, NOON)))


def told(known: Memory, now: datetime = NOON) -> Action | None:
    """Return the notice where somebody sits at the desk."""
    return repairs_are_told(facts(FOUND, now=now), known, now)


def test_a_repair_is_told_once() -> None:
    """By the names of what was put back last, and never its values."""
    notice = told(memory(MENDED))
    assert notice is not None
    assert notice.notice is Notice.SETTINGS_REPAIRED
    assert notice.sentence.startswith("Put back as agreed: AWS_PROFILE, AWS_REGION.")
    after = learn(memory(MENDED), notice, Outcome(Result.DONE), NOON)
    assert told(after) is None
    another = replace(after.settings, repaired=(*MENDED.repaired, Repaired(REGION, NOON + MINUTE)))
    assert told(memory(another), NOON + MINUTE) is not None


@pytest.mark.parametrize("now", [NOON - SECOND, NOON + 5 * MINUTE + SECOND])
def test_an_old_repair_is_no_news(now: datetime) -> None:
    """Nor is one that is still to come: the clock was set back."""
    assert told(memory(MENDED), now) is None


def test_nobody_is_disturbed_by_it() -> None:
    """Paused, in quiet hours, at an empty desk, or with nothing repaired or no file that is kept."""
    assert told(memory(MENDED, paused=NOON + HOUR)) is None
    assert repairs_are_told(facts(FOUND, policy=Policy(quiet=quiet_hours(11, 13))), memory(MENDED), NOON) is None
    assert repairs_are_told(facts(FOUND, desk=Desk(NOON - HOUR)), memory(MENDED), NOON) is None
    assert told(memory(remembered(FOUND))) is None
    assert repairs_are_told(facts(settings(path="")), memory(MENDED), NOON) is None


def test_what_is_to_be_done_comes_first() -> None:
    """One action for the settings in a turn: a key that is missing again is put back before anything is said."""
    known = memory(MENDED)
    (said,) = plan(State(facts(FOUND), known), NOON).actions
    assert said.notice is Notice.SETTINGS_REPAIRED
    gone = settings({REGION: None})
    (done,) = plan(State(facts(gone), memory(remembered(gone, repaired=MENDED.repaired))), NOON).actions
    assert done.notice is None
