"""What is done about the settings, and when they are looked at again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from hypothesis import given

from keeplit.core.backoff import Backoff
from keeplit.core.deeds import Do, Notice, Outcome, Result
from keeplit.core.learn import learn
from keeplit.core.memory import Memory
from keeplit.core.model import Desk, Facts, Policy
from keeplit.core.notice import notice
from keeplit.core.settings_keys import MODEL, PROFILE, REGION
from keeplit.core.settings_model import Edit, FileState, Repaired, Settings
from keeplit.core.settings_rules import SettingsStep, step
from tests.core import drawn
from tests.core.drawn import NOON
from tests.core.made import HOUR, MINUTE, SECOND
from tests.core.made_settings import facts, memory, remembered, settings

LOST = settings({REGION: None})
TWO_CHANGED = settings({REGION: "x", PROFILE: "y"})


def stepped(found: Settings, **more: object) -> SettingsStep:
    """Return what is done about settings that have settled; `more` are fields of the memory."""
    return step(facts(found), memory(remembered(found, **more)), NOON)


@given(drawn.facts(), drawn.memories, drawn.outcomes, drawn.near)
def test_nothing_is_done_twice_at_once(seen: Facts, known: Memory, outcome: Outcome, now: datetime) -> None:
    """Whatever came of a write or a notice, it is not planned again before something changed or time passed."""
    known = notice(known, seen, 0.3, now)
    later = now + 3 * SECOND
    known = notice(known, seen, 0.3, later)
    action = step(seen, known, later).action
    if action is not None:
        learned = learn(known, action, outcome, later)
        assert step(seen, learned, later).action != action
        assert step(seen, notice(learned, seen, 0.3, later), later).action != action
        assert learned.sessions == known.sessions


@given(drawn.facts(), drawn.memories, drawn.near)
def test_a_pause_stops_writes_and_notices(seen: Facts, known: Memory, now: datetime) -> None:
    """Whatever the file is."""
    assert step(seen, replace(known, paused_until=now + HOUR), now).action is None


@given(drawn.facts(), drawn.memories, drawn.near)
def test_the_loop_of_an_hour_mends_a_key_three_times_at_most(seen: Facts, known: Memory, now: datetime) -> None:
    """With a file that another program breaks again at once, for ever."""
    known = replace(known, settings=replace(known.settings, repaired=()))
    seen = replace(seen, settings=replace(seen.settings, journal=()))
    mended: dict[str, int] = {}
    for _ in range(12):
        known = notice(known, seen, 0.3, now)
        action = step(seen, known, now).action
        if action is not None:
            for edit in action.edits:
                if edit.rule != "config":
                    mended[edit.key] = mended.get(edit.key, 0) + 1
            known = learn(known, action, Outcome(Result.DONE), now)
        now += 2 * SECOND
    assert all(count <= 3 for count in mended.values())


def test_no_settings_are_nothing_to_do() -> None:
    """Where nobody looked."""
    assert step(Facts(), Memory(), NOON) == SettingsStep()


def test_what_is_due_is_written_at_once() -> None:
    """As it was decided on, and no value is said: it may be a secret."""
    found = settings({REGION: None, MODEL: None}, wanted={PROFILE: "play"})
    action = stepped(found).action
    assert action is not None
    assert (action.do, action.session, action.token, action.reason) == (Do.EDIT_SETTINGS, "", "d1", "config+missing")
    assert set(action.edits) == {
        Edit(REGION, "eu-central-1", "missing"),
        Edit(MODEL, "opus", "missing"),
        Edit(PROFILE, "play", "config"),
    }
    said = "AWS_PROFILE: changed in config.toml; AWS_REGION, model: missing. Writing the settings file."
    assert action.sentence == said


def test_a_write_that_failed_waits() -> None:
    """As long as its back-off says."""
    failed = Backoff(1, NOON, MINUTE, "not_writable")
    assert stepped(LOST, write=failed) == SettingsStep(None, (NOON + MINUTE,))
    assert stepped(LOST, write=Backoff(1, NOON - MINUTE, MINUTE, "not_writable")).action is not None


def test_a_question_is_told_once() -> None:
    """With its buttons, and no write beside it."""
    asked = stepped(TWO_CHANGED)
    assert asked.action is not None
    assert (asked.action.do, asked.action.notice) == (Do.NOTIFY, Notice.SETTINGS_QUESTION)
    assert asked.action.sentence == "Several keys changed at once in the settings file (AWS_PROFILE, AWS_REGION)."
    assert stepped(TWO_CHANGED, told=(asked.action.reason,)) == SettingsStep()


def test_what_only_config_names_is_asked_about_once() -> None:
    """After what is due was written."""
    found = settings({REGION: None}, wanted={"env.NEW": "n"})
    first, second = stepped(found), stepped(settings(wanted={"env.NEW": "n"}))
    assert first.action is not None
    assert second.action is not None
    assert (first.action.do, second.action.notice) == (Do.EDIT_SETTINGS, Notice.SETTINGS_QUESTION)
    assert stepped(settings(wanted={"env.NEW": "n"}), told=(second.action.reason,)).action is None


def test_a_stop_is_told_once_and_ends_after_an_hour() -> None:
    """An hour after the first of the three."""
    rows = tuple(Repaired(REGION, NOON - ago * MINUTE) for ago in (20, 40, 10))
    stopped = stepped(LOST, repaired=rows)
    assert stopped.action is not None
    assert "AWS_REGION back three times" in stopped.action.sentence
    assert stopped.looks == (NOON + 20 * MINUTE + SECOND,)
    assert stepped(LOST, repaired=rows, told=(stopped.action.reason,)).action is None


@pytest.mark.parametrize(
    ("desk", "policy", "expected"),
    [
        (Desk(), Policy(), True),
        (Desk(NOON), Policy(), True),
        (Desk(NOON - HOUR), Policy(), False),
        (Desk(NOON - HOUR), Policy(always_present=True), True),
        (Desk(NOON), Policy(quiet=(time(11), time(13))), False),
    ],
)
def test_an_empty_desk_is_told_nothing(desk: Desk, policy: Policy, expected: bool) -> None:  # noqa: FBT001
    """Nor is anybody in quiet hours: it waits."""
    found = step(facts(TWO_CHANGED, desk, policy), memory(remembered(TWO_CHANGED)), NOON)
    assert (found.action is not None) == expected
    if not expected:
        assert found.for_person or found.looks == (NOON + HOUR,)


def test_a_pause_holds_both_back() -> None:
    """The looks go on."""
    for found in (LOST, TWO_CHANGED):
        known = memory(remembered(found, written_at=NOON), NOON + HOUR)
        assert step(facts(found), known, NOON) == SettingsStep(None, (NOON + 5 * SECOND, NOON + 30 * SECOND))


@pytest.mark.parametrize(
    ("since", "at"), [(NOON, 2 * SECOND), (NOON - SECOND, SECOND), (NOON + HOUR, 2 * SECOND), (None, 2 * SECOND)]
)
def test_what_has_not_settled_is_looked_at_when_it_has(since: datetime | None, at: timedelta) -> None:
    """Two seconds after it was first seen so."""
    assert stepped(LOST, since=since) == SettingsStep(None, (NOON + at,))


@pytest.mark.parametrize("state", [FileState.BROKEN, FileState.CLOSED])
def test_a_torn_file_is_looked_at_again_in_a_second(state: FileState) -> None:
    """For two seconds; then its next change knocks."""
    found = settings(state=state)
    assert stepped(found, since=NOON) == SettingsStep(None, (NOON + SECOND,))
    assert stepped(found) == SettingsStep()


@pytest.mark.parametrize(
    ("written", "looks"),
    [
        (NOON, (5, 30)),
        (NOON - 5 * SECOND, (25,)),
        (NOON - 30 * SECOND, ()),
        (NOON + SECOND, (6,)),
        (NOON + HOUR, ()),
        (datetime.max.replace(tzinfo=NOON.tzinfo), ()),
    ],
)
def test_the_file_is_looked_at_again_after_a_write(written: datetime, looks: tuple[int, ...]) -> None:
    """A live session may write a stale copy back; a write in the future is none."""
    found = stepped(settings(), written_at=written)
    assert found == SettingsStep(None, tuple(NOON + away * SECOND for away in looks))
