"""The long lists: radio entries, grouped by session, cut into what fits a screen, models by family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.tray_entries import LINE, Choices, Click, Entry, ModelChoice, ProfileChoice
from keeplit.core.tray_lists import MOST_FLAT, MOST_TOGETHER, switching, together
from tests.core.drawn import NOON
from tests.core.lit_status import HOUR, session, status

OPUS = ModelChoice("us.anthropic.claude-opus-5", "Claude Opus 5", "opus")
HAIKU = ModelChoice("us.anthropic.claude-haiku-5", "", "haiku")


def inside(choices: Choices, name: str, **changes: Any) -> tuple[Entry, ...]:
    """Return what is under one entry."""
    found = switching(status(**changes), choices, NOON)
    return next(entry.children for entry in found if entry.label.startswith(name))


def leaves(entries: Sequence[Entry]) -> list[Entry]:
    """Return all entries that open nothing, and are no lines."""
    return [leaf for e in entries for leaf in (leaves(e.children) if e.children else [e]) if leaf != LINE]


def profiles(count: int, sessions: int = 1) -> tuple[ProfileChoice, ...]:
    """Return so many profiles of so many sessions."""
    return tuple(ProfileChoice(f"p{number}", f"s{number % sessions}", "111122223333") for number in range(count))


def test_a_profile_says_its_account_and_state() -> None:
    """The state is its session's; the current one is checked."""
    choices = Choices(profiles=(ProfileChoice("work", "acme", "111122223333"), ProfileChoice("home", "", "")))
    work, home = inside(choices, "Profile")

    assert work == Entry("work · 111122223333 · signed in", Click.PROFILE, "work", checked=True, radio=True)
    assert home == Entry("home", Click.PROFILE, "home", checked=False, radio=True)


def test_what_a_hand_wrote_into_a_config_spoils_no_menu() -> None:
    """Signs that a panel takes for an end, or not at all, are left out; the click has them as they are."""
    odd = Choices(profiles=(ProfileChoice("work", "acme", "1\ud800\n2"),), regions=("eu\x00-x",))
    (work,), (region,) = inside(odd, "Profile"), inside(odd, "Region")

    assert (work.label, region.label) == ("work · 1 2 · signed in", "eu -x")
    assert region.value == "eu\x00-x"


def test_many_profiles_are_grouped_by_session_the_current_one_first() -> None:
    """Each group is a menu of its own."""
    many = (*profiles(MOST_FLAT, 3), ProfileChoice("work", "s2"), ProfileChoice("lonely"))
    groups = inside(Choices(profiles=many), "Profile")

    assert [group.label for group in groups] == ["s2", "s0", "s1", "without a session"]
    assert {entry.value for entry in leaves(groups)} == {one.name for one in many}


def test_many_profiles_of_one_session_need_no_group() -> None:
    """They go on under More."""
    found = inside(Choices(profiles=profiles(MOST_TOGETHER + 1)), "Profile")

    assert [entry.label for entry in found[-1].children] == ["p25 · 111122223333"]


@given(st.lists(st.booleans(), max_size=120))
def test_nothing_is_lost_by_cutting(shape: list[bool]) -> None:
    """Every entry is there, in its order; no list is too long, none begins or ends with a line, whatever came in."""
    entries = tuple(LINE if line else Entry(str(number), Click.REGION) for number, line in enumerate(shape))
    found = together(entries)

    assert leaves(found) == [entry for entry in entries if entry != LINE]
    here = found
    while True:
        assert len(here) <= MOST_TOGETHER + 1
        rest = [entry for entry in here if entry.children]
        if not rest:
            break
        assert here[-2] != LINE
        here = rest[0].children


def test_200_profiles_are_all_there() -> None:
    """In groups, each of which fits."""
    found = inside(Choices(profiles=profiles(200, 4)), "Profile")

    assert len(leaves(found)) == 200
    assert max(len(group.children) for group in found) <= MOST_TOGETHER + 1


def test_a_preset_that_is_in_use_is_checked() -> None:
    """The others are not."""
    found = inside(Choices(presets=("work", "home"), preset="home"), "Preset")

    assert [(entry.label, entry.checked) for entry in found] == [("work", False), ("home", True)]


def test_models_stand_by_family_with_their_age() -> None:
    """The one in use is checked, also with the mark of the long context; a line is between families."""
    choices = Choices(models=(OPUS, HAIKU), models_at=NOON - 2 * HOUR)
    found = inside(choices, "Model", model=f"{OPUS.id}[1m]")

    assert [entry.label for entry in found] == [
        "Claude Opus 5 us.anthropic.claude-opus-5",
        "-",
        "us.anthropic.claude-haiku-5",
        "-",
        "Refresh the list (2 h 00 min old)",
    ]
    assert [entry.checked for entry in found] == [True, None, False, None, None]


def test_a_pinned_model_that_no_list_has_is_shown() -> None:
    """It stands first and cannot be clicked: it is in use already."""
    first, line, refresh = inside(Choices(), "Model", model="my-model")

    assert first == Entry("my-model", checked=True, radio=True)
    assert (line, refresh.label, refresh.click) == (LINE, "Get the list", Click.REFRESH_MODELS)


def test_regions_are_a_radio_list() -> None:
    """The one in use is checked."""
    found = inside(Choices(regions=("us-east-1", "eu-west-1")), "Region")

    assert [(entry.value, entry.checked) for entry in found] == [("us-east-1", True), ("eu-west-1", False)]


def test_what_has_no_choice_is_not_offered() -> None:
    """Without profiles, presets and regions there are no such entries."""
    assert [entry.label for entry in switching(status(session()), Choices(), NOON)] == ["Model (new sessions)"]


@pytest.mark.parametrize("name", ["snake_case", "a & b", "\U0001f525 hot", "\u05e2\u05d1\u05d5\u05d3\u05d4"])
def test_a_click_holds_the_name_as_it_is(name: str) -> None:
    """Whatever is shown, what is done is done with the very name."""
    (entry,) = inside(Choices(profiles=(ProfileChoice(name),)), "Profile")

    assert entry.value == name
    assert name in entry.label
