"""The guard's judgement: what is taken, put back, asked about, and left alone."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.settings import MOST_REPAIRS, REPAIRS, SETTLE, has_settled, judge, put_back, repairs, sight
from keeplit.core.settings_compared import Finding, compare, kept
from keeplit.core.settings_keys import (
    AUTH_REFRESH,
    CREDENTIAL_EXPORT,
    MODEL,
    PROFILE,
    REGION,
    RIVALS,
    SKIP_AUTH,
    USE_BEDROCK,
)
from keeplit.core.settings_model import (
    Agreed,
    Edit,
    FileState,
    Repair,
    Repaired,
    Settings,
    SettingsMemory,
    Why,
)
from tests.core import drawn
from tests.core.drawn import NOON, OURS
from tests.core.made import HOUR, MINUTE, SECOND
from tests.core.made_settings import ANOTHER, base, entry, remembered, said, settings

STALE = "/old/keeplit login --for-claude"


@st.composite
def settled(draw: st.DrawFn) -> tuple[Settings, SettingsMemory]:
    """Draw a file that has been as it is for long enough, beside any base."""
    found = draw(drawn.settings)
    return found, replace(draw(drawn.settings_memories), path=found.path, seen=sight(found), since=NOON - HOUR)


# The laws, for every state.


@given(settled(), drawn.near)
def test_the_same_state_is_judged_the_same(state: tuple[Settings, SettingsMemory], now: datetime) -> None:
    """A judgement depends on nothing but its arguments, and changes none of them."""
    twin = copy.deepcopy(state)
    assert judge(*state, now) == judge(*twin, now)
    assert state == twin


@given(drawn.settings, drawn.settings_memories, drawn.times)
def test_what_has_not_settled_is_not_written(found: Settings, known: SettingsMemory, now: datetime) -> None:
    """Nor asked about, nor is a base given up."""
    judged = judge(found, known, now)
    if not judged.settled:
        assert (judged.edits, judged.question, judged.unset) == ((), None, ())
        assert not known.agreed or judged.agreed == known.agreed


@given(settled())
def test_a_value_that_a_person_changed_is_never_written_over(state: tuple[Settings, SettingsMemory]) -> None:
    """Written is only what is missing, what we replaced ourselves a moment ago, a path of ours, or config.toml's."""
    found, known = state
    findings = {key: finding for key, (finding, _) in compare(found, known, NOON).items()}
    before = {changed.key for one in found.journal for changed in one.changed}
    for edit in judge(found, known, NOON).edits:
        value, agreed = found.values.get(edit.key), known.agreed.get(edit.key)
        assert edit.value != value
        assert findings[edit.key] in {*REPAIRS, Finding.CONFIG}
        untouched = value is None or agreed is None or value == agreed.value or agreed.released
        assert untouched or edit.key in before or edit.key in found.stale


@given(settled())
def test_a_question_and_a_write_never_meet(state: tuple[Settings, SettingsMemory]) -> None:
    """While one is asked, nothing is written, and nothing is agreed that it is about."""
    found, known = state
    judged = judge(found, known, NOON)
    if judged.question is not None:
        assert judged.edits == ()
        assert judged.question.why is Why.DAMAGED or judged.agreed == known.agreed


@given(settled())
def test_what_was_written_is_not_written_again(state: tuple[Settings, SettingsMemory]) -> None:
    """A file that holds what was wanted of it is as agreed."""
    found, known = state
    edits = judge(found, known, NOON).edits
    values = {**found.values, **{edit.key: edit.value for edit in edits}}
    later = replace(found, values={key: value for key, value in values.items() if value is not None}, stale=frozenset())
    again = {edit.key for edit in judge(later, replace(known, seen=sight(later)), NOON).edits}
    assert not again & {edit.key for edit in edits if edit.rule in REPAIRS - {"stale_path"}}


@given(settled())
def test_no_key_is_mended_more_than_three_times_an_hour(state: tuple[Settings, SettingsMemory]) -> None:
    """The fourth time is left to a person."""
    found, known = state
    for edit in judge(found, known, NOON).edits:
        lately = [one for one in known.repaired if one.key == edit.key and NOON - HOUR <= one.at <= NOON]
        assert edit.rule not in REPAIRS or len(lately) < MOST_REPAIRS


@given(settled())
def test_a_first_look_changes_nothing(state: tuple[Settings, SettingsMemory]) -> None:
    """The file wins where there is no base, whatever config.toml says."""
    found = replace(state[0], stale=frozenset())
    assert judge(found, replace(state[1], agreed={}), NOON).edits == ()


# Case by case.


def test_what_is_as_agreed_is_left() -> None:
    """There is nothing to do, and nothing to say."""
    found = settings()
    judged = judge(found, remembered(found), NOON)
    assert (judged.agreed, judged.edits, judged.question, judged.damaged) == (base(), (), None, False)


def test_a_first_look_takes_what_the_file_says_at_once() -> None:
    """Whatever config.toml says beside it; what only config.toml names is asked about once it has settled."""
    found = settings({MODEL: None}, wanted={PROFILE: "play", MODEL: "opus"})
    fresh = SettingsMemory(found.path)
    expected = {**base(), PROFILE: Agreed("work", "play", names=True)}
    del expected[MODEL]
    assert judge(found, fresh, NOON).agreed == expected
    judged = judge(found, remembered(found, {}), NOON)
    assert (judged.agreed, judged.unset, judged.edits) == (expected, (MODEL,), ())


def test_a_missing_key_is_put_back() -> None:
    """With the value that was agreed."""
    found = settings({REGION: None})
    judged = judge(found, remembered(found), NOON)
    assert judged.edits == (Edit(REGION, "eu-central-1", "missing"),)
    assert (judged.missing, judged.damaged, judged.agreed) == ((REGION,), True, base())


def test_a_helper_of_ours_is_put_back_by_its_path_of_today() -> None:
    """A person's own command as it was."""
    found = settings()
    known = remembered(found, base({AUTH_REFRESH: STALE, CREDENTIAL_EXPORT: "my-own --export"}))
    assert judge(found, known, NOON).edits == (
        Edit(AUTH_REFRESH, OURS[AUTH_REFRESH], "missing"),
        Edit(CREDENTIAL_EXPORT, "my-own --export", "missing"),
    )
    assert put_back(replace(found, commands={}), known, NOON)[AUTH_REFRESH] == STALE


def test_a_command_of_ours_that_is_gone_is_replaced() -> None:
    """Though the file did not change."""
    found = settings({AUTH_REFRESH: STALE}, stale=frozenset({AUTH_REFRESH}))
    judged = judge(found, remembered(found, base({AUTH_REFRESH: STALE})), NOON)
    assert judged.edits == (Edit(AUTH_REFRESH, OURS[AUTH_REFRESH], "stale_path"),)


def test_what_a_person_changed_is_adopted() -> None:
    """A single key; it is the base from then on."""
    found = settings({REGION: "us-west-2"})
    judged = judge(found, remembered(found), NOON)
    assert (judged.agreed, judged.edits, judged.question) == (base({REGION: "us-west-2"}), (), None)


def test_what_config_says_anew_is_written() -> None:
    """An adopted value gives way to it."""
    found = settings({REGION: "us-west-2"}, wanted={REGION: "r2"})
    known = remembered(found, {**base(), REGION: Agreed("us-west-2", "r1", names=True)})
    assert judge(found, known, NOON).edits == (Edit(REGION, "r2", "config"),)


def test_a_profile_is_isolated_by_one_write() -> None:
    """One key comes, the other goes."""
    found = settings({CREDENTIAL_EXPORT: "mine"}, wanted={PROFILE: None, CREDENTIAL_EXPORT: OURS[CREDENTIAL_EXPORT]})
    judged = judge(found, remembered(found, base({CREDENTIAL_EXPORT: "mine"})), NOON)
    assert set(judged.edits) == {
        Edit(PROFILE, None, "config"),
        Edit(CREDENTIAL_EXPORT, OURS[CREDENTIAL_EXPORT], "config"),
    }


def test_a_stale_copy_is_written_over() -> None:
    """A session that lived through our change wrote back what it remembered."""
    found = settings({PROFILE: "play"}, journal=(entry("use", {PROFILE: ("play", "work")}),))
    judged = judge(found, remembered(found), NOON)
    assert (judged.edits, judged.agreed) == ((Edit(PROFILE, "work", "stale_copy"),), base())


def test_a_model_that_is_gone_alone_was_chosen() -> None:
    """The "Default" of Claude Code's /model takes it out; lost with another key it comes back with that."""
    found = settings({MODEL: None})
    judged = judge(found, remembered(found), NOON)
    assert (judged.agreed, judged.edits, judged.missing, judged.damaged) == (base({MODEL: None}), (), (), False)
    both = settings({MODEL: None, REGION: None})
    assert {edit.key for edit in judge(both, remembered(both), NOON).edits} == {MODEL, REGION}


def test_a_model_that_config_names_is_put_back() -> None:
    """A person wrote it down there."""
    found = settings({MODEL: None}, wanted={MODEL: "opus"})
    known = remembered(found, {**base(), MODEL: Agreed("opus", "opus", names=True)})
    assert judge(found, known, NOON).edits == (Edit(MODEL, "opus", "missing"),)


def test_a_model_chosen_a_moment_ago_is_adopted() -> None:
    """Though it is the one that `use` replaced: /model writes it."""
    found = settings({MODEL: "sonnet"}, journal=(entry("use", {MODEL: ("sonnet", "opus")}),))
    judged = judge(found, remembered(found), NOON)
    assert (judged.edits, judged.agreed) == ((), base({MODEL: "sonnet"}))


ALL_GONE = dict.fromkeys(base())


@pytest.mark.parametrize(
    ("changes", "why", "keys"),
    [
        (ALL_GONE, Why.GONE, tuple(sorted(base()))),
        ({USE_BEDROCK: "0"}, Why.OFF, (USE_BEDROCK,)),
        ({USE_BEDROCK: ""}, Why.OFF, (USE_BEDROCK,)),
        ({USE_BEDROCK: "0", REGION: None}, Why.OFF, (USE_BEDROCK,)),
        ({SKIP_AUTH: "1"}, Why.RIVAL, (SKIP_AUTH,)),
        ({SKIP_AUTH: "1", PROFILE: "x", REGION: "y"}, Why.RIVAL, (SKIP_AUTH,)),
        ({PROFILE: "x", REGION: "y"}, Why.CHANGED, (PROFILE, REGION)),
        ({PROFILE: "x", REGION: "y", MODEL: None}, Why.CHANGED, (PROFILE, REGION, MODEL)),
        ({REGION: "y", MODEL: None}, Why.CHANGED, (REGION, MODEL)),
    ],
)
def test_what_may_be_somebodys_will_is_one_question(
    changes: dict[str, str | None], why: Why, keys: tuple[str, ...]
) -> None:
    """And nothing is written or adopted while it stands."""
    found = settings(changes)
    judged = judge(found, remembered(found), NOON)
    assert judged.question is not None
    assert (judged.question.why, judged.question.keys) == (why, keys)
    assert (judged.edits, judged.agreed, judged.damaged) == ((), base(), True)


@pytest.mark.parametrize(
    "changes",
    [
        {USE_BEDROCK: None},
        {USE_BEDROCK: "true"},
        {PROFILE: None, REGION: None, MODEL: None},
        {REGION: "y", PROFILE: None},
        {MODEL: None},
        {SKIP_AUTH: "0"},
        {"env.MY_OWN": "1"},
    ],
)
def test_what_is_plain_is_no_question(changes: dict[str, str | None]) -> None:
    """Some missing keys, one changed one, or what is not ours."""
    found = settings(changes)
    assert judge(found, remembered(found), NOON).question is None


def test_one_key_alone_is_put_back_though_it_is_all() -> None:
    """Only the loss of two and more looks like somebody's will."""
    found = settings(dict.fromkeys(base()))
    assert judge(found, remembered(found, {REGION: Agreed("r")}), NOON).edits == (Edit(REGION, "r", "missing"),)


def test_all_keys_that_config_wants_gone_may_go() -> None:
    """What is as config.toml says is nobody's damage."""
    found = settings(dict.fromkeys(base()), wanted={PROFILE: None, REGION: None})
    assert judge(found, remembered(found, {PROFILE: Agreed("a"), REGION: Agreed("b")}), NOON).question is None


def test_bedrock_may_be_switched_off_in_config() -> None:
    """What both say is no question; nor is it one where it was off before."""
    found = settings({USE_BEDROCK: "0"}, wanted={USE_BEDROCK: "0"})
    assert judge(found, remembered(found), NOON).question is None
    off = settings({USE_BEDROCK: "false"})
    assert judge(off, remembered(off, base({USE_BEDROCK: "0"})), NOON).question is None


def test_a_rival_that_was_agreed_is_none() -> None:
    """Nor is one that config.toml names."""
    found = settings({RIVALS[0]: "key"})
    assert judge(found, remembered(found, rivals=RIVALS), NOON).question is None
    named = settings({RIVALS[0]: "key"}, wanted={RIVALS[0]: "key"})
    assert judge(named, remembered(named), NOON).question is None


def test_stale_copies_are_not_several_changes() -> None:
    """They are written over, and the one that a person changed is adopted."""
    journal = (entry("use", {PROFILE: ("play", "work"), REGION: ("r", "eu-central-1")}),)
    found = settings({PROFILE: "play", REGION: "r", MODEL: "sonnet"}, journal=journal)
    judged = judge(found, remembered(found), NOON)
    assert {edit.key for edit in judged.edits} == {PROFILE, REGION}
    assert judged.agreed == base({MODEL: "sonnet"})


def test_keys_that_were_let_go_may_come_back() -> None:
    """A person who accepted an empty file fills it again; what config.toml wants absent still counts as ours."""
    found = settings()
    gone = {key: Agreed(None) for key in said()}
    judged = judge(found, remembered(found, gone), NOON)
    assert (judged.question, judged.agreed) == (None, base())
    absent = {key: Agreed(None, None, names=True) for key in (PROFILE, REGION)}
    named = settings(wanted={PROFILE: None, REGION: None})
    question = judge(named, remembered(named, absent), NOON).question
    assert question is not None
    assert question.why is Why.CHANGED


def test_where_both_moved_a_person_is_asked() -> None:
    """Neither wins by itself."""
    found = settings({REGION: "y"}, wanted={REGION: "z"})
    judged = judge(found, remembered(found), NOON)
    assert judged.question is not None
    assert (judged.question.why, judged.question.keys) == (Why.BOTH, (REGION,))


def test_a_question_is_the_same_as_long_as_its_keys_are() -> None:
    """What else changes in the file makes it no other one; another value does."""
    found = settings({PROFILE: "x", REGION: "y"})
    other = settings({PROFILE: "x", REGION: "y", "env.MY_OWN": "1"}, digest=ANOTHER)
    third = settings({PROFILE: "x", REGION: "z"})
    first, same, another = (judge(one, remembered(one), NOON).question for one in (found, other, third))
    assert first == same
    assert first != another


def test_repair_may_ask_first() -> None:
    """Then what is missing is a question, too; what config.toml says waits for its answer."""
    found = settings({REGION: None}, repair=Repair.ASK, wanted={MODEL: "sonnet"})
    judged = judge(found, remembered(found), NOON)
    assert judged.question is not None
    assert (judged.question.why, judged.question.keys, judged.edits) == (Why.DAMAGED, (REGION,), ())
    whole = settings(repair=Repair.ASK, wanted={MODEL: "sonnet"})
    assert judge(whole, remembered(whole), NOON).edits == (Edit(MODEL, "sonnet", "config"),)


def test_repair_may_be_switched_off() -> None:
    """The damage is seen, and what config.toml says is still written."""
    found = settings({REGION: None}, repair=Repair.OFF, wanted={MODEL: "sonnet"})
    judged = judge(found, remembered(found), NOON)
    assert (judged.edits, judged.damaged, judged.left) == ((Edit(MODEL, "sonnet", "config"),), True, (REGION,))
    mended = settings({REGION: None}, wanted={MODEL: "sonnet"})
    assert judge(mended, remembered(mended), NOON).left == ()


@pytest.mark.parametrize(
    ("ago", "stopped"),
    [
        ([MINUTE, 2 * MINUTE, HOUR], True),
        ([MINUTE, 2 * MINUTE, HOUR + SECOND], False),
        ([MINUTE, 2 * MINUTE, -SECOND], False),
        ([MINUTE, 2 * MINUTE], False),
    ],
)
def test_the_fourth_repair_within_an_hour_is_not_made(ago: list[timedelta], stopped: bool) -> None:  # noqa: FBT001
    """Other keys are put back all the same; times in the future do not count."""
    found = settings({REGION: None, MODEL: None})
    known = remembered(found, repaired=tuple(Repaired(REGION, NOON - one) for one in ago))
    judged = judge(found, known, NOON)
    assert judged.stopped == ((REGION,) if stopped else ())
    assert {edit.key for edit in judged.edits} == {MODEL} | (set() if stopped else {REGION})
    assert repairs(known, MODEL, NOON) == ()


@pytest.mark.parametrize("state", [FileState.BROKEN, FileState.CLOSED])
def test_a_file_that_cannot_be_read_is_not_judged(state: FileState) -> None:
    """It is never taken for an empty one."""
    found = settings(state=state, values={})
    judged = judge(found, remembered(found), NOON)
    assert (judged.agreed, judged.edits, judged.missing, judged.question) == (base(), (), (), None)


def test_a_file_that_is_gone_is_damage_and_not_made() -> None:
    """All that was agreed is missing; without a base nothing is."""
    found = settings(state=FileState.ABSENT, values={})
    judged = judge(found, remembered(found), NOON)
    assert (set(judged.missing), judged.damaged, judged.edits) == (set(base()), True, ())
    assert not judge(found, remembered(found, {}), NOON).damaged


@pytest.mark.parametrize(
    ("since", "expected"), [(NOON - SETTLE, True), (NOON - SETTLE + SECOND, False), (NOON + HOUR, False), (None, False)]
)
def test_a_file_settles_in_two_seconds(since: datetime | None, expected: bool) -> None:  # noqa: FBT001
    """A time in the future has not passed."""
    found = settings()
    assert has_settled(found, remembered(found, since=since), NOON) == expected


def test_anything_new_to_judge_has_to_settle() -> None:
    """Other bytes, other wishes of config.toml, another state; of a broken file its bytes do not matter."""
    found = settings()
    others = (settings(digest=ANOTHER), settings(wanted={MODEL: "x"}), settings(state=FileState.ABSENT))
    assert len({sight(one) for one in (found, *others)}) == 4
    broken = settings(state=FileState.BROKEN)
    assert sight(broken) == sight(replace(broken, digest=ANOTHER))
    assert has_settled(found, remembered(found), NOON)
    assert not any(has_settled(one, remembered(found), NOON) for one in others)


def test_a_persons_repair_writes_ours_over_everything() -> None:
    """What both say otherwise, what was changed, what is unset, and what is missing."""
    wants = {REGION: "z", "env.NEW": "n"}
    found = settings({PROFILE: "x", REGION: "y", MODEL: None}, wanted=wants)
    assert put_back(found, remembered(found), NOON) == {PROFILE: "work", REGION: "z", MODEL: "opus", "env.NEW": "n"}
    assert kept(remembered(found)) == said()
