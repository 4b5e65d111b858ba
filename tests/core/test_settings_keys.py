"""The keys, and what config.toml wants of them."""

from __future__ import annotations

import pytest

from keeplit.core.settings_keys import (
    CREDENTIAL_EXPORT,
    HAIKU,
    KEPT,
    LAUNCH_MODEL,
    MODEL,
    PROFILE,
    REGION,
    RIVALS,
    SKIP_AUTH,
    Claude,
    in_effect,
    is_off,
    rivals,
    seen_by,
    wanted,
)
from tests.core.drawn import OURS


def test_what_nobody_names_is_not_wanted() -> None:
    """An empty [claude] leaves the file as it is."""
    assert wanted(Claude(), {PROFILE: "work"}, OURS) == {}


def test_each_key_of_the_config_has_its_place_in_the_file() -> None:
    """Further variables under their own names."""
    claude = Claude("work", "eu-central-1", "opus", "haiku", env={"MAX_THINKING_TOKENS": "1024"})
    assert wanted(claude, {}, OURS) == {
        PROFILE: "work",
        REGION: "eu-central-1",
        MODEL: "opus",
        HAIKU: "haiku",
        "env.MAX_THINKING_TOKENS": "1024",
    }


def test_the_model_stands_where_the_file_has_it() -> None:
    """A file that uses ANTHROPIC_MODEL would not notice a `model`."""
    assert wanted(Claude(model="opus"), {LAUNCH_MODEL: "sonnet"}, {}) == {LAUNCH_MODEL: "opus"}


def test_an_isolated_profile_comes_from_our_command() -> None:
    """It is taken out of the environment only where something else gives the credentials."""
    claude = Claude("work", isolate=True)
    assert wanted(claude, {}, OURS) == {PROFILE: None, CREDENTIAL_EXPORT: OURS[CREDENTIAL_EXPORT]}
    assert wanted(claude, {}, {}) == {}
    assert wanted(Claude(isolate=True), {}, OURS) == {}


@pytest.mark.parametrize(
    ("claude", "said", "expected"),
    [
        (Claude(), {}, ("", "", "")),
        (Claude("work", "r", "m"), {}, ("work", "r", "m")),
        (Claude("work", "r", "m"), {PROFILE: "play", REGION: "s", MODEL: "n"}, ("play", "s", "n")),
        (Claude("work", isolate=True), {PROFILE: "play"}, ("work", "", "")),
        (Claude(isolate=True), {PROFILE: "play"}, ("play", "", "")),
        (Claude(), {MODEL: "n", LAUNCH_MODEL: "o"}, ("", "", "o")),
    ],
)
def test_the_file_says_what_is_used(claude: Claude, said: dict[str, str], expected: tuple[str, str, str]) -> None:
    """Else config.toml; of an isolated profile config.toml alone knows."""
    assert in_effect(claude, said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, ()),
        ({RIVALS[0]: "", SKIP_AUTH: "0"}, ()),
        ({SKIP_AUTH: "1"}, (SKIP_AUTH,)),
        ({RIVALS[0]: "key", SKIP_AUTH: "true"}, RIVALS),
    ],
)
def test_a_rival_counts_where_it_is_on(said: dict[str, str], expected: tuple[str, ...]) -> None:
    """An empty key and a switch that is off bypass nothing."""
    assert rivals(said) == expected


@pytest.mark.parametrize(("value", "off"), [("0", True), (" False", True), ("", True), ("1", False), ("odd", False)])
def test_a_switch_is_off_by_its_value(value: str, off: bool) -> None:  # noqa: FBT001
    """An empty one counts as unset."""
    assert is_off(value) == off


@pytest.mark.parametrize(
    ("key", "removed", "expected"),
    [
        (MODEL, False, "new"),
        (PROFILE, False, "new"),
        (REGION, False, "running"),
        (REGION, True, "new"),
        ("awsAuthRefresh", True, "running"),
    ],
)
def test_who_sees_a_change_is_known(key: str, removed: bool, expected: str) -> None:  # noqa: FBT001
    """What is read at the start of a session, or taken out of `env`, only new ones see."""
    assert seen_by(key, removed=removed) == expected


def test_rivals_are_not_kept() -> None:
    """A credential of somebody else is never put back."""
    assert not set(RIVALS) & set(KEPT)
