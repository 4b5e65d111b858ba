"""Tests of what Tab offers for a value: names out of the files at hand, and nothing where they cannot be read."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from keeplit.adapters import config, paths
from keeplit.ui import completing
from keeplit.ui.completing import Complete

CONFIG = """
[profile work]
sso_session = acme
sso_account_id = 111122223333
sso_role_name = Developer
[profile play]
sso_session = acme
sso_account_id = 444455556666
sso_role_name = Admin
[sso-session acme]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-central-1
"""


def offered(complete: Complete, begun: str = "") -> list[tuple[str, str | None]]:
    """Return what is offered for a word that was begun."""
    command = click.Command("x", params=[click.Option(["--profile"])])
    return [(one.value, one.help) for one in complete(click.Context(command), command.params[0], begun)]


@pytest.fixture
def home(own_home: Path) -> Path:
    """Give a home with an AWS config and two presets."""
    (own_home / ".aws").mkdir()
    (own_home / ".aws" / "config").write_text(CONFIG)
    found = paths.find({"HOME": str(own_home)})
    found.config_file.parent.mkdir(parents=True)
    found.config_file.write_text('[[preset]]\nname = "day"\nprofile = "work"\n[[preset]]\nname = "night"\n')
    return own_home


def test_profiles_sessions_and_presets(home: Path) -> None:
    """Each with a word about it."""
    assert offered(completing.profiles) == [("work", "111122223333 Developer"), ("play", "444455556666 Admin")]
    assert offered(completing.profiles, "p") == [("play", "444455556666 Admin")]
    assert offered(completing.sessions) == [("acme", "https://acme.awsapps.com/start")]
    assert offered(completing.presets) == [("day", "work"), ("night", None)]


def test_regions_and_models(home: Path) -> None:
    """Regions by what is begun; models by alias where no list was asked yet."""
    assert {"eu-central-1", "eu-central-2"} <= {name for name, _ in offered(completing.regions, "eu-c")}
    assert offered(completing.models, "so") == [("sonnet", None)]


def test_a_name_that_would_steer_the_terminal_is_not_offered(home: Path) -> None:
    """Neither itself, nor where it is what is said about another one."""
    with (home / ".aws" / "config").open("a") as config:
        config.write("[profile bad\x1b[31m]\nsso_session = acme\n")
        config.write("[profile odd]\nsso_session = acme\nsso_account_id = 1\nsso_role_name = a\x1b[31m\n")
    assert offered(completing.profiles, "bad") == []
    assert offered(completing.profiles, "odd") == [("odd", None)]


def test_what_cannot_be_read_offers_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback goes into the line that is typed."""
    (home / ".aws" / "config").write_bytes(b"[profile \xff")
    assert offered(completing.profiles) == []

    def fails(_place: Path) -> config.Config:
        raise OSError

    monkeypatch.setattr(config, "read", fails)
    assert offered(completing.presets) == []
