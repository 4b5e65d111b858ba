from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keeplit.core.settings_keys import Claude, Preset
from keeplit.core.switching import Asked
from keeplit.engine import choosing
from keeplit.engine.choosing import Chosen, Refused
from tests.engine.lit_laptop import Laptop, laptop

US, EU = "us.anthropic.claude-opus-5", "eu.anthropic.claude-opus-5"
PROFILE, REGION = "env.AWS_PROFILE", "env.AWS_REGION"
SET = {PROFILE: "work", REGION: "us-east-1"}
KEYS = "\n[profile keys]\naws_access_key_id = AKIA\naws_secret_access_key = x\n"


@pytest.fixture(scope="module")
def lit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """Give one laptop on a sandbox for all, signed in to acme."""
    with laptop(tmp_path_factory.mktemp("lit") / "home") as found:
        found.sign_in()
        yield found


@pytest.fixture
def mine(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> Laptop:
    """Give the laptop, with this process's environment as its own."""
    for name, value in lit.environ.items():
        monkeypatch.setenv(name, value)
    return lit


def choose(
    mine: Laptop, values: dict[str, str], claude: Claude | None = None, typed: Asked | None = None, **asked: Any
) -> Chosen | Refused:
    """Return what comes of what was asked for."""
    wanted = Asked(**asked)
    return choosing.choose(mine.paths, mine.environ, wanted, claude or Claude(), values, typed or wanted)


def chosen(mine: Laptop, values: dict[str, str], claude: Claude | None = None, **asked: Any) -> Chosen:
    """Return what was chosen."""
    found = choose(mine, values, claude, **asked)
    assert isinstance(found, Chosen)
    return found


def refused(mine: Laptop, values: dict[str, str], **asked: Any) -> Refused:
    """Return why nothing was."""
    found = choose(mine, values, **asked)
    assert isinstance(found, Refused)
    return found


def test_a_preset_is_found_by_its_name() -> None:
    """One that is not there is answered with the nearest and with all that are."""
    home, gateway = Preset("home", profile="play"), Preset("gateway", region="us-east-1")
    assert choosing.of_preset(Asked(), "home", (home, gateway)) == Asked(profile="play")
    missing = choosing.of_preset(Asked(), "hoem", (home, gateway, Preset("")))
    assert isinstance(missing, Refused)
    assert ("did you mean 'home'" in missing.sentence, "'home', 'gateway'." in missing.sentence) == (True, True)
    none = choosing.of_preset(Asked(), "home", ())
    assert isinstance(none, Refused)
    assert "has no [[preset]]" in none.sentence


def test_a_preset_that_stands_twice_is_refused_with_its_lines() -> None:
    """Which of them is meant only the person knows."""
    twice = choosing.of_preset(Asked(), "home", (Preset("home", profile="a"), Preset("home", profile="b")), (3, 9))
    assert isinstance(twice, Refused)
    assert ("in the lines 3 and 9" in twice.sentence, twice.exit_code) == (True, 1)


def test_the_profile_and_region_that_are_used_then(mine: Laptop) -> None:
    """What was asked for, else what the settings say, else config.toml, else the profile's own region."""
    assert (chosen(mine, {}, profile="play").profile, chosen(mine, {}, profile="play").region) == ("play", "us-west-2")
    found = chosen(mine, SET, profile="play")
    assert (found.profile, found.region) == ("play", "us-east-1")
    assert "the profile's own is us-west-2" in found.notes[0]
    assert chosen(mine, SET, profile="play", region="us-west-2").notes == ()
    assert chosen(mine, {}, Claude(profile="work", region="us-west-2"), isolate=True).region == "us-west-2"
    assert chosen(mine, SET, Claude(profile="play"), env={"A": "1"}).profile == "work"


@pytest.mark.parametrize(
    ("profile", "says", "exit_code"),
    [("wrok", "did you mean 'work'", 1), ("keys", "access keys", 1), ("-x", "there is no profile '-x'", 1)],
)
def test_a_profile_that_cannot_sign_in_is_refused(mine: Laptop, profile: str, says: str, exit_code: int) -> None:
    """It is not there, or nothing of it can be renewed; no option is named that was not typed."""
    file = mine.home / ".aws" / "config"
    before = file.read_text()
    file.write_text(before + KEYS)
    try:
        found = refused(mine, SET, profile=profile)
    finally:
        file.write_text(before)
    assert (says in found.sentence, found.exit_code, "named by" in found.sentence) == (True, exit_code, False)


def test_without_any_profile_it_is_not_set_up(mine: Laptop) -> None:
    """Nothing names one: exit code 4, and how to name one."""
    found = refused(mine, {}, region="us-east-1")
    assert (found.exit_code, "--profile" in found.sentence) == (4, True)


@pytest.mark.parametrize(
    ("region", "near"),
    [
        ("us-wst-2", "'us-west-2'"),
        ("US-EAST-1", "'us-east-1'"),
        ("eu-central", "'eu-central-1'"),
        ("x", "'x'. One looks like us-east-1"),
    ],
)
def test_a_region_that_is_none_is_refused(mine: Laptop, region: str, near: str) -> None:
    """With the nearest ones of botocore's list; what one looks like is said only where none is near."""
    found = refused(mine, SET, region=region)
    assert (near in found.sentence, found.exit_code) == (True, 2)
    assert ("did you mean" in found.sentence) is not ("looks like" in found.sentence)


@pytest.mark.parametrize(
    "wrong",
    [
        {"region": "us-wst-2"},
        {"model": "gpt-4"},
        {"haiku": "sonett"},
        {"env": {"ANTHROPIC_DEFAULT_OPUS_MODEL": "opsu"}},
    ],
)
def test_what_is_no_name_is_wrong_usage_where_it_was_typed(mine: Laptop, wrong: dict[str, Any]) -> None:
    """A preset with such a name is refused in the same words, but the command line was right."""
    typed, of_preset = refused(mine, SET, **wrong), refused(mine, SET, typed=Asked(), **wrong)
    assert (typed.exit_code, of_preset.exit_code) == (2, 1)
    assert typed.sentence == of_preset.sentence


def test_a_variable_that_cannot_be_set_is_wrong_usage(mine: Laptop) -> None:
    """Before anything else is looked at."""
    assert refused(mine, SET, env={"A": "1", "b": "2"}).exit_code == 2


def test_models_are_answered_from_the_regions_own_list(mine: Laptop) -> None:
    """Aliases, Anthropic's ids and further pins come out as ids of the list; other variables as they are."""
    env = {"ANTHROPIC_DEFAULT_OPUS_MODEL": "opus", "OTHER": "opus", "ANTHROPIC_DEFAULT_SONNET_MODEL": ""}
    found = chosen(mine, SET, model="opus", haiku="haiku", env=env)
    assert found.asked.model == US
    assert re.match(r"us\.anthropic\.claude-.*haiku", found.asked.haiku)
    assert found.asked.env == {**env, "ANTHROPIC_DEFAULT_OPUS_MODEL": US}
    travels = chosen(mine, SET, model="global.anthropic.claude-opus-5")
    assert "any commercial region" in travels.notes[0]


def test_a_model_of_another_region_is_refused_with_the_right_one(mine: Laptop) -> None:
    """The prefix of another part of the world does not work here."""
    assert US in refused(mine, SET, model=EU).sentence


def test_without_a_list_a_full_id_passes_unchecked_and_an_alias_does_not(mine: Laptop) -> None:
    """Nobody is signed in to the session of `client`: what fits is taken and said, an alias needs the list."""
    there = {PROFILE: "client", REGION: "eu-central-1"}
    found = chosen(mine, there, profile="client", model=EU)
    assert (found.asked.model, "not checked" in found.notes[0]) == (EU, True)
    alias = refused(mine, there, profile="client", model="opus")
    assert (alias.exit_code, "full id" in alias.sentence) == (3, True)
    assert refused(mine, there, profile="client", model=US).exit_code == 1


def test_a_region_is_refused_for_models_that_stay_behind(mine: Laptop) -> None:
    """Every pin that cannot work there is named, with what to say too."""
    values = {**SET, PROFILE: "client", "model": US, "env.ANTHROPIC_DEFAULT_OPUS_MODEL": US}
    said = refused(mine, values, region="eu-central-1").sentence
    assert "model (us.anthropic" in said
    assert "Say too: --model ID --env ANTHROPIC_DEFAULT_OPUS_MODEL=ID (see: keeplit models" in said
    found = chosen(mine, values, region="eu-central-1", model=EU, env={"ANTHROPIC_DEFAULT_OPUS_MODEL": EU})
    assert (found.region, found.asked.model) == ("eu-central-1", EU)
    assert chosen(mine, {**values, "model": "opus"}, region="us-west-2").region == "us-west-2"


def test_the_nearest_right_one_is_named_for_what_stays_behind(mine: Laptop) -> None:
    """Where the other region's list is known, the id to say is in the sentence."""
    values = {**SET, "env.ANTHROPIC_MODEL": EU}
    said = refused(mine, values, region="us-west-2").sentence
    assert f"ANTHROPIC_MODEL ({EU}). Say too: --model {US}" in said


def test_the_deprecated_haiku_is_checked_like_any_model(mine: Laptop) -> None:
    """What is moved is written as the list has it, or refused."""
    old = {**SET, "env.ANTHROPIC_SMALL_FAST_MODEL": "haiku"}
    assert chosen(mine, old, migrate_haiku=True).asked.haiku.startswith("us.anthropic.")
    wrong = {**SET, "env.ANTHROPIC_SMALL_FAST_MODEL": EU}
    assert US in refused(mine, wrong, migrate_haiku=True).sentence


def test_the_files_are_only_read(mine: Laptop, own_home: Path) -> None:
    """To choose writes neither config.toml nor the settings."""
    chosen(mine, SET, profile="play", model="opus")
    assert not mine.paths.config_file.exists()
    assert not (mine.home / ".claude").exists()
