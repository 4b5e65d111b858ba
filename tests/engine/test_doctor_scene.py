"""A scene is read once, and only where a check asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from keeplit.adapters import clock
from keeplit.adapters.paths import NoHome
from keeplit.core.settings_model import FileState
from keeplit.engine.doctor_scene import Scene
from keeplit.engine.whose import Meant
from tests.engine.lit_laptop import Laptop, laptop, write

ON = {"env": {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_PROFILE": "play", "AWS_REGION": "us-west-2"}}


@pytest.fixture
def mine(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop whose settings name a profile."""
    with laptop(own_home) as found:
        write(own_home / ".claude" / "settings.json", ON)
        yield found


def scene(mine: Laptop, **environ: str) -> Scene:
    """Return the scene of a laptop."""
    return Scene(mine.paths, {**mine.environ, **environ}, None)


def test_the_profile_is_claude_codes(mine: Laptop) -> None:
    """What the settings say wins over the shell, as it does for Claude Code."""
    found = scene(mine, AWS_PROFILE="work")

    assert isinstance(found.meant, Meant)
    assert (found.meant.profile.name, found.named_by_settings, found.region) == ("play", True, "us-west-2")


def test_without_settings_the_shell_says_it(mine: Laptop) -> None:
    """Then it is the shell that is named."""
    (mine.home / ".claude" / "settings.json").unlink()
    found = scene(mine, AWS_PROFILE="work", CLAUDE_CODE_USE_BEDROCK="1")

    assert isinstance(found.meant, Meant)
    assert (found.meant.profile.name, found.named_by_settings, found.region) == ("work", False, "us-east-1")
    assert (found.on_bedrock, found.tools) == (True, found.environ)


def test_a_projects_settings_count(mine: Laptop) -> None:
    """They stand above the user's."""
    write(mine.home / "project" / ".claude" / "settings.local.json", {"env": {"CLAUDE_CODE_USE_BEDROCK": "0"}})

    assert Scene(mine.paths, mine.environ, mine.home / "project").on_bedrock is False
    assert scene(mine).on_bedrock is True


def test_an_address_of_a_settings_file_gets_no_token(mine: Laptop) -> None:
    """What asks with a token is given the shell's environment and the profile alone."""
    env = {**ON["env"], "AWS_ENDPOINT_URL_SSO": "https://elsewhere.example"}
    write(mine.home / ".claude" / "settings.json", {"env": env})
    found = scene(mine)

    assert found.variables["AWS_ENDPOINT_URL_SSO"] == "https://elsewhere.example"
    assert found.tools["AWS_ENDPOINT_URL_SSO"] == mine.environ["AWS_ENDPOINT_URL_SSO"]


def test_settings_that_are_being_written_are_looked_at_again(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is torn for a moment while another program writes it."""
    place = mine.home / ".claude" / "settings.json"
    place.write_text("{")
    monkeypatch.setattr(clock, "sleep", lambda _: write(place, ON))

    assert scene(mine).settings.state is FileState.PRESENT


def test_settings_that_stay_torn_are(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """After three more looks."""
    (mine.home / ".claude" / "settings.json").write_text("{")
    waits: list[float] = []
    monkeypatch.setattr(clock, "sleep", waits.append)

    assert (scene(mine).settings.state, len(waits)) == (FileState.BROKEN, 3)


def test_nothing_is_written(mine: Laptop) -> None:
    """A look leaves every folder as it was."""
    before = sorted(mine.home.rglob("*"))
    found = scene(mine)
    found.read()
    _ = (found.judgement, found.explained, found.startup_lines, found.config)

    assert sorted(mine.home.rglob("*")) == before


def test_without_a_home_there_is_nothing_to_read() -> None:
    """Whoever asks is told."""
    with pytest.raises(NoHome, match="none"):
        _ = Scene(NoHome("none"), {}, None).facts
