from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from keeplit.adapters import paths as places
from keeplit.engine import shell_environment
from keeplit.engine.choosing import Refused

ENV = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_PROFILE": "play", "AWS_REGION": "us-east-1", "THEIRS": "x"}


def said(home: Path, config: str, settings: object) -> Mapping[str, str | None] | Refused:
    """Return the variables for these two files."""
    paths = places.find(os.environ)
    for file, text in ((paths.config_file, config), (home / ".claude" / "settings.json", json.dumps(settings))):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return shell_environment.variables(paths, os.environ)


def test_config_toml_comes_before_the_settings(own_home: Path) -> None:
    """What it names wins; what it does not is as the settings say; others' variables stay."""
    config = '[claude]\nprofile = "work"\nhaiku = "h"\n[claude.env]\nFOO = "bar"\n'
    assert said(own_home, config, {"model": "m", "env": ENV, "awsAuthRefresh": "x"}) == {
        "CLAUDE_CODE_USE_BEDROCK": "1",
        "AWS_PROFILE": "work",
        "AWS_REGION": "us-east-1",
        "FOO": "bar",
        "ANTHROPIC_DEFAULT_HAIKU_MODEL": "h",
        "ANTHROPIC_MODEL": "m",
    }


@pytest.mark.parametrize(
    ("config", "settings", "model"),
    [
        ("", {"model": "m"}, "m"),
        ("", {"model": "m", "env": {"ANTHROPIC_MODEL": "n"}}, "n"),
        ('[claude]\nmodel = "c"\n', {"model": "m"}, "c"),
        ('[claude]\nmodel = "c"\n', {"model": "m", "env": {"ANTHROPIC_MODEL": "n"}}, "c"),
    ],
)
def test_the_model_is_a_variable_too(own_home: Path, config: str, settings: object, model: str) -> None:
    """A shell knows `model` as ANTHROPIC_MODEL, which wins where the settings have both."""
    assert said(own_home, config, settings) == {"ANTHROPIC_MODEL": model}


def test_an_isolated_profile_is_unset(own_home: Path) -> None:
    """The shell must not keep the one it has."""
    found = said(own_home, '[claude]\nprofile = "work"\nisolate = true\n', {"env": {"AWS_REGION": "r"}})
    assert found == {"AWS_PROFILE": None, "AWS_REGION": "r"}


def test_a_credential_of_the_settings_is_not_given_out(own_home: Path) -> None:
    """A key that bypasses the profile comes only where config.toml itself names it."""
    settings = {"env": {"AWS_BEARER_TOKEN_BEDROCK": "s3cret", "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1"}}
    assert said(own_home, "", settings) == {}
    config = '[claude.env]\nCLAUDE_CODE_SKIP_BEDROCK_AUTH = "1"\n'
    assert said(own_home, config, settings) == {"CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1"}


def test_broken_settings_are_refused(own_home: Path) -> None:
    """Nothing is said of a file that cannot be read."""
    assert isinstance(said(own_home, "", []), Refused)
