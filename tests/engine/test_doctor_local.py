"""What is seen of the config, the sign-ins, their rivals and Claude Code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from keeplit.adapters import aws_config, claude_code
from keeplit.core import registration_file
from keeplit.core.aws_cli import Found
from keeplit.engine import doctor_local
from keeplit.engine.doctor_scene import Scene
from keeplit.engine.whose import Unclear
from tests.engine.lit_laptop import Laptop, laptop, write

ENV = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_PROFILE": "work"}


@pytest.fixture
def mine(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop with settings."""
    with laptop(own_home) as found:
        write(own_home / ".claude" / "settings.json", {"env": ENV})
        yield found


def scene(mine: Laptop, **environ: str) -> Scene:
    """Return the scene of a laptop."""
    return Scene(mine.paths, {**mine.environ, **environ}, mine.home / "project")


@pytest.mark.parametrize(
    ("sentence", "what", "fix"),
    [
        ("it is gone. Do: add it", "it is gone.", "add it"),
        ("it has none. Add it to x, or: keeplit setup", "it has none", "add it to x, or: keeplit setup"),
        (
            "there is no 'x'. See which there are: keeplit profiles",
            "there is no 'x'.",
            "see which there are: keeplit profiles",
        ),
        ("it is odd", "it is odd", "keeplit profiles"),
    ],
)
def test_a_sentence_is_parted_from_its_next_step(sentence: str, what: str, fix: str) -> None:
    """A check says what is wrong, and apart from that what to do."""
    assert doctor_local._parted(Unclear("unknown_profile", sentence)) == (what, fix)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (
            "no_profile",
            "no profile is named. Name one: --profile P, or AWS_PROFILE. See which there are: keeplit profiles",
        ),
        ("no_sso_profile", "the AWS config has no SSO profile. Make one: keeplit setup"),
    ],
)
def test_who_has_no_profile_is_led_through_everything(code: str, sentence: str) -> None:
    """`doctor` has no --profile to name one with."""
    what, fix = doctor_local._parted(Unclear(code, sentence))

    assert (sentence.startswith(f"{what}. "), fix) == (True, "keeplit setup")


def test_a_sign_in_region_that_is_none_is_named(mine: Laptop) -> None:
    """Its address cannot be reached, which would be taken for the network's fault."""
    config = mine.home / ".aws" / "config"
    config.write_text(config.read_text().replace("us-east-1", "us-esat-1"))
    found = [one for one in doctor_local.config(scene(mine), Found()).problems if one.code == "sso_region"]

    assert {one.where for one in found} >= {"acme", "old"}
    assert {
        "AWS has no region 'us-esat-1'; did you mean 'us-west-1' or 'us-east-1'" in one.sentence for one in found
    } == {True}


def test_a_profile_that_nothing_renews_is_no_riddle() -> None:
    """Whoever has chosen it needs no list of profiles, but the way to one that is renewed."""
    said = Unclear(
        "nothing_to_renew", "profile 'x' uses access keys: keeplit has nothing to do for it. See which there are"
    )

    assert doctor_local._parted(said) == (
        "profile 'x' uses access keys: keeplit has nothing to do for it.",
        "for one that keeplit renews: keeplit setup",
    )


def test_the_profile_is_named_by_the_settings(mine: Laptop) -> None:
    """Not by the variable, through which the tools are told of it."""
    assert doctor_local.config(scene(mine), Found()).said_by == "Claude Code's settings"
    assert doctor_local.config(scene(mine, AWS_PROFILE="work"), Found()).said_by == "AWS_PROFILE"


def test_the_places_of_rivals_are_found(mine: Laptop) -> None:
    """The settings file with its line, the startup file with its line, else the shell."""
    write(mine.home / ".claude" / "settings.json", {"env": {**ENV, "AWS_BEARER_TOKEN_BEDROCK": "x"}})
    (mine.home / ".zshrc").write_text("\nexport AWS_ACCESS_KEY_ID=AKIA\n")
    seen = doctor_local.rivals(scene(mine, AWS_ACCESS_KEY_ID="AKIA", AWS_SESSION_TOKEN="t"))

    assert seen.places["AWS_BEARER_TOKEN_BEDROCK"] == (f"{mine.home}/.claude/settings.json, line 1",)
    assert seen.places["AWS_ACCESS_KEY_ID"] == (f"{mine.home}/.zshrc, line 2",)
    assert seen.places["AWS_SESSION_TOKEN"] == ("this shell",)
    assert seen.values["AWS_BEARER_TOKEN_BEDROCK"] == "x"


@pytest.mark.parametrize(("text", "said"), [("", "is empty"), ("{", "is broken"), (None, "cannot be read")])
def test_a_broken_registration_is_seen(mine: Laptop, text: str | None, said: str) -> None:
    """Whatever is wrong with it."""
    mine.sign_in()
    session = next(one for one in aws_config.read(mine.environ, None).sessions if one.name == "acme")
    place = mine.token_file.with_name(registration_file.name(session))
    if text is None:
        place.mkdir()
    else:
        place.write_text(text)

    assert said in doctor_local.sign_ins(scene(mine)).registrations[session.key]


def test_only_full_names_are_pins(mine: Laptop) -> None:
    """An alias, and what Claude Code alone knows, is looked up anew each time."""
    env = {**ENV, "ANTHROPIC_DEFAULT_OPUS_MODEL": "us.anthropic.claude-opus-5", "ANTHROPIC_MODEL": "opus"}
    write(mine.home / ".claude" / "settings.json", {"env": env, "model": "opusplan"})

    assert doctor_local.pins(scene(mine)) == {"env.ANTHROPIC_DEFAULT_OPUS_MODEL": "us.anthropic.claude-opus-5"}


def test_claude_code_is_seen_with_its_layers(mine: Laptop) -> None:
    """Which one decides, and who may write the file."""
    (mine.home / ".claude" / "settings.json").chmod(0o622)
    write(mine.home / "project" / ".claude" / "settings.json", {"env": {"CLAUDE_CODE_USE_BEDROCK": "0"}})
    seen = doctor_local.claude(scene(mine), claude_code.Found(Path("/x/claude"), "2.1.240"))

    assert (seen.path, seen.version, seen.open_to_others) == ("/x/claude", "2.1.240", "write")
    assert "project" in seen.shadowed["env.CLAUDE_CODE_USE_BEDROCK"]
    assert (seen.only_shell, seen.older_session, seen.damaged, seen.question) == (False, False, (), "")


def test_what_waits_for_an_answer_is_said(mine: Laptop) -> None:
    """A key that only config.toml names is asked about."""
    mine.configure('[claude.env]\nTEAM = "lamp"\n')

    assert "TEAM" in doctor_local.claude(scene(mine), claude_code.Found()).question
