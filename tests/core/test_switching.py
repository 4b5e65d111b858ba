from __future__ import annotations

import pytest

from keeplit.core import switching
from keeplit.core.settings_keys import HAIKU, LAUNCH_MODEL, OLD_HAIKU, PROFILE, REGION, USE_BEDROCK, Claude, Preset
from keeplit.core.switching import Asked

COMMANDS = {"awsAuthRefresh": "/bin/keeplit login --for-claude", "awsCredentialExport": "/bin/keeplit credentials"}
OURS = {"awsAuthRefresh": "/old/keeplit login --for-claude", "awsCredentialExport": "keeplit credentials"}
FULL = {USE_BEDROCK: "1", PROFILE: "work", REGION: "us-east-1", **COMMANDS}


def changes(
    asked: Asked,
    values: dict[str, str],
    claude: Claude | None = None,
    commands: dict[str, str] = COMMANDS,
    profile: str = "work",
) -> dict[str, str | None]:
    """Return what is to change in the settings."""
    before = claude or Claude()
    after = switching.config_after(asked, before, profile)
    return switching.settings_changes(asked, after, values, commands, profile, "us-east-1")


def config(asked: Asked, before: Claude) -> dict[str, switching.Value]:
    """Return what is to change in config.toml."""
    return switching.config_changes(before, switching.config_after(asked, before, "file"))


def test_nothing_asked_is_nothing() -> None:
    """A command without options asks for nothing; each option asks for something."""
    assert Asked().nothing
    assert not Asked(isolate=False).nothing
    assert not Asked(replace_helpers=True).nothing


def test_new_settings_get_all_that_bedrock_needs() -> None:
    """Where there is nothing yet, the switch, the profile, the region and both helpers are written."""
    assert changes(Asked(profile="work"), {}) == FULL


def test_what_is_so_already_is_not_written() -> None:
    """The same command again changes nothing, and a switch that is on stays as it is spelled."""
    assert changes(Asked(profile="work", region="us-east-1"), FULL) == {}
    assert changes(Asked(profile="work"), {**FULL, USE_BEDROCK: "TRUE"}) == {}
    assert changes(Asked(profile="work"), {**FULL, USE_BEDROCK: ""}) == {USE_BEDROCK: "1"}


def test_only_what_was_asked_for_changes() -> None:
    """What a person wrote into the settings stays, whatever config.toml says, until they ask for that key."""
    claude = Claude(profile="work", region="eu-west-1", model="a", haiku="h")
    values = {**FULL, PROFILE: "play", "model": "b", HAIKU: "i"}
    assert changes(Asked(model="c"), values, claude) == {"model": "c"}
    assert changes(Asked(haiku="c"), values, claude) == {HAIKU: "c"}
    assert changes(Asked(profile="work"), values, claude) == {PROFILE: "work"}
    assert changes(Asked(env={"A": "1"}), values, claude) == {"env.A": "1"}


def test_what_config_toml_names_and_the_settings_lack_comes_too() -> None:
    """A command that was killed between the two files is finished by the next one."""
    claude = Claude(profile="work", region="us-east-1", model="a", haiku="h", env={"A": "1"})
    assert changes(Asked(profile="work"), FULL, claude) == {"model": "a", HAIKU: "h", "env.A": "1"}


def test_the_model_stands_where_the_settings_have_it() -> None:
    """A file that uses ANTHROPIC_MODEL, which wins over `model`, gets it there."""
    assert changes(Asked(model="c"), {**FULL, LAUNCH_MODEL: "b"}) == {LAUNCH_MODEL: "c"}


def test_an_isolated_profile_stands_in_config_toml_alone() -> None:
    """AWS_PROFILE goes, the profile is in config.toml, and back."""
    asked = Asked(isolate=True)
    assert config(asked, Claude()) == {"claude.profile": "file", "claude.isolate": True}
    assert config(asked, Claude(profile="work")) == {"claude.isolate": True}
    assert changes(asked, FULL) == {PROFILE: None}
    assert changes(asked, {key: value for key, value in FULL.items() if key != PROFILE}) == {}
    isolated = Claude(profile="work", isolate=True)
    assert config(Asked(isolate=False), isolated) == {"claude.isolate": False}
    assert changes(Asked(isolate=False), {**FULL, PROFILE: "other"}, isolated) == {PROFILE: "work"}


def test_beside_an_isolated_profile_a_person_may_have_another() -> None:
    """AWS_PROFILE is then for the commands that Claude runs, and no switch of Bedrock's profile touches it."""
    isolated = Claude(profile="work", isolate=True)
    assert changes(Asked(profile="play"), {**FULL, PROFILE: "mine"}, isolated, profile="play") == {}
    assert config(Asked(profile="play"), isolated) == {"claude.profile": "play"}


def test_a_persons_own_helper_stays() -> None:
    """Ours are brought up to date, a person's own only where they say so."""
    own = {**FULL, "awsAuthRefresh": "aws sso login --profile work"}
    assert changes(Asked(profile="work"), own) == {}
    assert changes(Asked(replace_helpers=True), own) == {"awsAuthRefresh": COMMANDS["awsAuthRefresh"]}
    assert changes(Asked(profile="work"), {**FULL, **OURS}) == COMMANDS
    assert changes(Asked(profile="work"), {**FULL, **OURS}, commands={}) == {}


@pytest.mark.parametrize(
    ("claude", "values", "commands", "says"),
    [
        (Claude(), {}, {}, ""),
        (Claude(isolate=True), {}, COMMANDS, ""),
        (Claude(isolate=True), OURS, COMMANDS, ""),
        (Claude(isolate=True), {}, {}, "no path of its own"),
        (Claude(isolate=True), {"awsCredentialExport": "mine | jq"}, COMMANDS, "--replace-helpers"),
    ],
)
def test_isolation_needs_our_own_helper(
    claude: Claude, values: dict[str, str], commands: dict[str, str], says: str
) -> None:
    """Where the profile cannot come through awsCredentialExport, it is not taken out of the environment."""
    said = switching.cannot_isolate(Asked(isolate=True), claude, values, commands)
    assert (says in said) is True
    assert bool(said) is bool(says)
    assert not switching.cannot_isolate(Asked(replace_helpers=True), claude, {"awsCredentialExport": "x"}, COMMANDS)


def test_a_preset_fills_what_was_not_said() -> None:
    """What is said beside a preset comes first; what neither says stays unasked."""
    preset = Preset("home", profile="play", region="eu-west-1", model="m")
    assert Asked(profile="play", region="us-east-1", model="m") == switching.with_preset(
        Asked(region="us-east-1"), preset
    )


def test_the_deprecated_variable_is_moved_on_request() -> None:
    """Its model becomes the Haiku one where there is none yet, and it goes from both files."""
    values = {**FULL, OLD_HAIKU: "old"}
    assert switching.with_old_haiku(Asked(), values) == Asked()
    asked = Asked(migrate_haiku=True)
    assert switching.with_old_haiku(asked, values) == Asked(migrate_haiku=True, haiku="old")
    assert switching.with_old_haiku(asked, {**values, HAIKU: "new"}) == asked
    moved = switching.with_old_haiku(asked, values)
    assert changes(moved, values) == {HAIKU: "old", OLD_HAIKU: None}
    assert changes(asked, FULL) == {}
    before = Claude(env={"ANTHROPIC_SMALL_FAST_MODEL": "old", "A": "1"})
    assert config(moved, before) == {"claude.haiku": "old", "claude.env.ANTHROPIC_SMALL_FAST_MODEL": None}


def test_config_toml_gets_what_was_asked_for_and_nothing_else() -> None:
    """Each option has its key; what is so already is not written."""
    asked = Asked("work", "us-east-1", "m", "h", {"A": "1", "B": "2"})
    assert config(asked, Claude(profile="work", env={"B": "3"})) == {
        "claude.region": "us-east-1",
        "claude.model": "m",
        "claude.haiku": "h",
        "claude.env.A": "1",
        "claude.env.B": "2",
    }
    assert config(Asked(replace_helpers=True), Claude(profile="work")) == {}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("FOO", "bar", ""),
        ("_F1", "", ""),
        ("foo", "bar", "capital letters"),
        ("1F", "bar", "capital letters"),
        ("F-O", "bar", "capital letters"),
        ("", "bar", "capital letters"),
        ("AWS_PROFILE", "x", "--profile"),
        ("AWS_REGION", "x", "--region"),
        ("ANTHROPIC_MODEL", "x", "--model"),
        ("ANTHROPIC_DEFAULT_HAIKU_MODEL", "x", "--haiku"),
        ("ANTHROPIC_SMALL_FAST_MODEL", "x", "--haiku"),
        ("CLAUDE_CODE_USE_BEDROCK", "0", "by `keeplit use` itself"),
        ("FOO", "a\0b", "null character"),
    ],
)
def test_variables_that_cannot_be_set_here(name: str, value: str, says: str) -> None:
    """A name that is none, one that has an option of its own, and a value that no process can hold are refused."""
    said = switching.wrong_variable(name, value)
    assert (says in said, bool(said)) == (True, bool(says))


def test_what_a_person_should_know() -> None:
    """Kept helpers, the deprecated variable, rivals, and what stays when the isolation ends, each in a sentence."""
    assert switching.notes(Asked(), FULL, FULL) == []
    after = {**FULL, "awsAuthRefresh": "mine", OLD_HAIKU: "x", "env.AWS_BEARER_TOKEN_BEDROCK": "secret"}
    said = switching.notes(Asked(), FULL, after)
    assert ["--replace-helpers" in said[0], "--migrate-haiku" in said[1], "AWS_BEARER_TOKEN" in said[2]] == [True] * 3
    assert "secret" not in "".join(said)
    ended = switching.notes(Asked(isolate=False), {REGION: "x"}, FULL)
    assert ["awsCredentialExport stays" in one for one in ended] == [True]
    assert switching.notes(Asked(isolate=False), {REGION: "x"}, {PROFILE: "x"}) == []


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        (PROFILE, "work", "work"),
        ("claude.isolate", True, True),
        ("env.FOO", "é" * 100, "é" * 100),
        ("env.FOO", "", ""),
        (PROFILE, None, None),
        ("env.MY_TOKEN", "s3cret", "(hidden)"),
        ("claude.env.MY_TOKEN", "s3cret", "(hidden)"),
        ("awsAuthRefresh", "login --password s3cret", "(hidden)"),
        ("awsAuthRefresh", COMMANDS["awsAuthRefresh"], COMMANDS["awsAuthRefresh"]),
    ],
)
def test_what_can_be_a_secret_is_not_shown(key: str, value: switching.Value, shown: switching.Value) -> None:
    """Keys of our own are shown as they are; a variable that sounds like a secret and a person's command are not."""
    assert shown == switching.shown(key, value)
