"""The three-way comparison of each key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from keeplit.core.journal_entry import Entry, Phase
from keeplit.core.settings_compared import Finding, compare, kept, wanted
from keeplit.core.settings_keys import AUTH_REFRESH, LAUNCH_MODEL, MODEL, PROFILE, REGION
from keeplit.core.settings_model import Agreed, SettingsMemory
from tests.core.drawn import NOON
from tests.core.made import MINUTE
from tests.core.made_settings import base, entry, remembered, settings

OWN = "env.MY_OWN"
STALE = "/old/keeplit login --for-claude"


@pytest.mark.parametrize(
    ("agreed", "value", "wants", "finding", "taken"),
    [
        # no base: the file's value is taken, whatever config.toml says
        (None, None, {}, None, None),
        (None, "a", {OWN: "a"}, Finding.SAME, Agreed("a", "a", names=True)),
        (None, "a", {OWN: "b"}, Finding.SAME, Agreed("a", "b", names=True)),
        (None, None, {OWN: None}, Finding.SAME, Agreed(None, None, names=True)),
        (None, "a", {OWN: None}, Finding.SAME, Agreed("a", None, names=True)),
        (None, None, {OWN: "a"}, Finding.UNSET, None),
        # nothing moved
        (Agreed("a"), "a", {}, Finding.SAME, Agreed("a")),
        (Agreed("a", "b", names=True), "a", {OWN: "b"}, Finding.SAME, Agreed("a", "b", names=True)),
        # the file moved
        (Agreed("a"), None, {}, Finding.MISSING, Agreed("a")),
        (Agreed("a"), "c", {}, Finding.CHANGED, Agreed("a")),
        (Agreed(None, None, names=True), "c", {OWN: None}, Finding.CHANGED, Agreed(None, None, names=True)),
        # config.toml moved
        (Agreed("a"), "a", {OWN: "b"}, Finding.CONFIG, Agreed("a")),
        (Agreed("a", "a", names=True), "a", {OWN: "b"}, Finding.CONFIG, Agreed("a", "a", names=True)),
        (Agreed("a", "a", names=True), "a", {OWN: None}, Finding.CONFIG, Agreed("a", "a", names=True)),
        (Agreed("a", "a", names=True), None, {OWN: "b"}, Finding.CONFIG, Agreed("a", "a", names=True)),
        (Agreed("a", "a", names=True), "a", {}, Finding.SAME, Agreed("a")),
        (Agreed("a", "a", names=True), None, {}, Finding.MISSING, Agreed("a")),
        # both moved
        (Agreed("a", "a", names=True), "b", {OWN: "b"}, Finding.SAME, Agreed("b", "b", names=True)),
        (Agreed("a", "a", names=True), "c", {OWN: "b"}, Finding.BOTH, Agreed("a", "a", names=True)),
        # taken back by a person
        (Agreed("a", released=True), None, {}, Finding.SAME, Agreed(None, released=True)),
        (Agreed("a", released=True), "c", {}, Finding.SAME, Agreed("c", released=True)),
        (Agreed("a", released=True), "c", {OWN: "b"}, Finding.CONFIG, Agreed("a", released=True)),
        (Agreed("a", released=True), "b", {OWN: "b"}, Finding.SAME, Agreed("b", "b", names=True)),
    ],
)
def test_each_key_is_compared_with_its_base(
    agreed: Agreed | None,
    value: str | None,
    wants: dict[str, str | None],
    finding: Finding | None,
    taken: Agreed | None,
) -> None:
    """What moved, and what the base would be if the file's value stood."""
    found = settings({OWN: value}, wanted=wants)
    known = remembered(found, {} if agreed is None else {OWN: agreed})
    expected = None if finding is None else (finding, taken)
    assert compare(found, known, NOON).get(OWN) == expected


def test_every_key_that_anybody_names_is_compared() -> None:
    """Those that are kept where they stand, those of config.toml, and those that were agreed."""
    found = settings({"env.OTHER": "1"}, wanted={OWN: "a"})
    known = remembered(found, {REGION: Agreed("eu-central-1"), "env.OLD": Agreed("x")})
    assert {*compare(found, known, NOON)} == {*base(), OWN, "env.OLD"}


@pytest.mark.parametrize(
    ("agreed", "expected"),
    [
        (Agreed(STALE), Finding.STALE_PATH),
        (Agreed("aws sso login"), Finding.STALE_PATH),
        (Agreed(STALE, released=True), Finding.SAME),
        (None, Finding.STALE_PATH),
    ],
)
def test_a_command_of_ours_that_is_gone_is_damage(agreed: Agreed | None, expected: Finding) -> None:
    """However it came there; not where a person took it back."""
    found = settings({AUTH_REFRESH: STALE}, stale=frozenset({AUTH_REFRESH}))
    known = remembered(found, {} if agreed is None else {AUTH_REFRESH: agreed})
    assert compare(found, known, NOON)[AUTH_REFRESH][0] is expected


@pytest.mark.parametrize("commands", [{}, {AUTH_REFRESH: STALE}])
def test_a_command_that_cannot_be_written_better_is_left(commands: Mapping[str, str]) -> None:
    """Where keeplit has no path of its own, or the same one."""
    found = settings({AUTH_REFRESH: STALE}, stale=frozenset({AUTH_REFRESH}), commands=commands)
    assert compare(found, remembered(found, {AUTH_REFRESH: Agreed(STALE)}), NOON)[AUTH_REFRESH][0] is Finding.SAME


USED = {PROFILE: ("play", "work")}
REGION_USED = {REGION: ("r", "s")}


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([], Finding.CHANGED),
        ([entry("use", USED)], Finding.STALE_COPY),
        ([entry("rule", USED, reason="config")], Finding.STALE_COPY),
        ([entry("use", USED), entry("use", REGION_USED)], Finding.STALE_COPY),
        ([entry("use", {PROFILE: ("x", "work")}), entry("use", USED)], Finding.STALE_COPY),
        ([entry("use", USED), entry("use", {PROFILE: ("x", "work")})], Finding.CHANGED),
        ([entry("use", USED), entry("use", {PROFILE: ("work", None)})], Finding.CHANGED),
        ([entry("use", {**USED, "env.NEW": (None, "n")})], Finding.STALE_COPY),
        ([entry("use", {**USED, **REGION_USED})], Finding.CHANGED),
        ([entry("use", USED), entry("use", {PROFILE: ("play", "work")}, phase=Phase.BEGUN)], Finding.CHANGED),
        ([entry("use", USED, 10 * MINUTE)], Finding.STALE_COPY),
        ([entry("use", USED, 10 * MINUTE + timedelta(seconds=1))], Finding.CHANGED),
        ([entry("use", USED, -MINUTE)], Finding.CHANGED),
        ([entry("use", USED, phase=Phase.BEGUN)], Finding.CHANGED),
        ([entry("use", {PROFILE: ("other", "work")})], Finding.CHANGED),
        ([entry("use", USED), entry("undo", {PROFILE: ("work", "play")})], Finding.CHANGED),
        ([entry("use", USED), entry("accept", {PROFILE: ("work", "play")})], Finding.CHANGED),
    ],
)
def test_what_we_replaced_a_moment_ago_is_a_stale_copy(entries: list[Entry], expected: Finding) -> None:
    """For ten minutes, where our last edit of the key is gone as a whole, unless a person took it back."""
    found = settings({PROFILE: "play"}, journal=tuple(entries))
    assert compare(found, remembered(found), NOON)[PROFILE][0] is expected


def test_an_old_copy_is_older_than_all_of_our_edits() -> None:
    """A key that was edited twice is part of it, though it holds what the first edit replaced."""
    both = (entry("use", {**USED, **REGION_USED}), entry("use", {REGION: ("s", "t")}))
    found = settings({PROFILE: "play", REGION: "r"}, journal=both)
    judged = compare(found, remembered(found, base({REGION: "t"})), NOON)
    assert (judged[PROFILE][0], judged[REGION][0]) == (Finding.STALE_COPY, Finding.STALE_COPY)


def test_values_put_back_one_after_the_other_are_a_persons() -> None:
    """The first was adopted, so the last of them is no copy of the file."""
    found = settings({PROFILE: "play", REGION: "r"}, journal=(entry("use", {**USED, **REGION_USED}),))
    assert compare(found, remembered(found, base({REGION: "s"})), NOON)[PROFILE][0] is Finding.STALE_COPY
    known = remembered(found, base({REGION: "s", PROFILE: "play"}))
    assert compare(found, known, NOON)[REGION] == (Finding.CHANGED, Agreed("s"))
    same = settings({PROFILE: "play"}, journal=(entry("use", {**USED, MODEL: ("opus", "opus")}),))
    assert compare(same, remembered(same), NOON)[PROFILE][0] is Finding.STALE_COPY


@pytest.mark.parametrize(
    ("changes", "wants", "entries", "expected"),
    [
        ({MODEL: None}, {}, [], Finding.CHANGED),
        ({MODEL: None, "env.ANTHROPIC_BEDROCK_REGION_PREFIX": "eu"}, {}, [], Finding.CHANGED),
        ({MODEL: None, REGION: "r"}, {}, [], Finding.CHANGED),
        ({MODEL: None}, {MODEL: "opus"}, [], Finding.MISSING),
        ({MODEL: None, REGION: None}, {}, [], Finding.MISSING),
        ({MODEL: None, PROFILE: "play"}, {}, [entry("use", USED)], Finding.MISSING),
        ({MODEL: "sonnet"}, {}, [entry("use", {MODEL: ("sonnet", "opus")})], Finding.CHANGED),
        ({MODEL: "sonnet", PROFILE: "play"}, {}, [entry("use", {MODEL: ("sonnet", "opus"), **USED})], Finding.CHANGED),
    ],
)
def test_the_model_is_chosen_in_claude_code(
    changes: dict[str, str | None], wants: dict[str, str | None], entries: list[Entry], expected: Finding
) -> None:
    """What /model writes is never a stale copy; what it takes out is missing beside other losses alone."""
    found = settings(changes, wanted=wants, journal=tuple(entries))
    known = remembered(found, {**base(), MODEL: Agreed("opus", wants.get(MODEL), MODEL in wants)})
    assert compare(found, known, NOON)[MODEL][0] is expected


def test_the_model_stays_where_it_was_agreed() -> None:
    """The variable that is missing now is still where config.toml's model belongs."""
    found = settings(wanted={MODEL: "opus", REGION: "r"})
    assert wanted(found, remembered(found)) == {MODEL: "opus", REGION: "r"}
    assert wanted(found, remembered(found, base({LAUNCH_MODEL: "x"}))) == {LAUNCH_MODEL: "opus", REGION: "r"}
    assert wanted(settings(wanted={REGION: "r"}), remembered(found, base({LAUNCH_MODEL: "x"}))) == {REGION: "r"}


def test_a_mistake_in_config_takes_nothing_back() -> None:
    """What it named before stands, so that its correction asks for nothing anew."""
    agreed = {REGION: Agreed("adopted", "r", names=True), MODEL: Agreed("opus")}
    found = settings({REGION: "adopted"}, wanted={PROFILE: "work"}, sure=False)
    known = remembered(found, agreed)
    assert wanted(found, known) == {REGION: "r", PROFILE: "work"}
    assert compare(found, known, NOON)[REGION] == (Finding.SAME, agreed[REGION])


def test_what_is_kept_is_agreed_and_not_taken_back() -> None:
    """Nor is a key kept that is to be absent."""
    agreed = {PROFILE: Agreed("work"), REGION: Agreed(None), MODEL: Agreed("opus", released=True)}
    assert kept(SettingsMemory(agreed=agreed)) == {PROFILE: "work"}
