import json
from pathlib import Path

import pytest

from keeplit.adapters import claude_settings


def settings(own_home: Path, text: str | bytes) -> dict[str, str]:
    """Write the user's settings file and return the environment that leads to it."""
    place = own_home / ".claude" / "settings.json"
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(text if isinstance(text, bytes) else text.encode())
    return {"HOME": str(own_home)}


def test_the_users_file_is_the_usual_one(own_home: Path) -> None:
    """~/.claude/settings.json, or where CLAUDE_CONFIG_DIR moved it, or the file that config.toml names."""
    environ = {"HOME": str(own_home)}
    assert claude_settings.path(environ) == own_home / ".claude" / "settings.json"
    moved = {**environ, "CLAUDE_CONFIG_DIR": str(own_home / "elsewhere")}
    assert claude_settings.path(moved, "user") == own_home / "elsewhere" / "settings.json"
    assert claude_settings.path(environ, "/project/.claude/settings.json") == Path("/project/.claude/settings.json")


def test_a_user_that_is_not_known_is_no_error(own_home: Path) -> None:
    """Whatever config.toml names, a turn does not fail for it."""
    assert claude_settings.path({}, "~nobody-of-that-name/x.json") == Path("~nobody-of-that-name/x.json")
    assert claude_settings.profile({}, "~nobody-of-that-name/x.json") == ""
    assert claude_settings.profile({"HOME": str(own_home)}, "a\0b") == ""


def test_the_profile_is_read_from_env(own_home: Path) -> None:
    """What Claude Code's sessions get is what counts."""
    environ = settings(own_home, json.dumps({"env": {"AWS_PROFILE": "work", "AWS_REGION": "us-west-2"}}))
    assert claude_settings.profile(environ) == "work"
    assert claude_settings.value(environ, "user", "AWS_REGION") == "us-west-2"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", "null", '{"env": 1}', '{"env": {"AWS_PROFILE": 7}}', "{}", b"\xff\xfe", "[" * 100_000],
    ids=range(10),
)
def test_a_file_that_says_nothing_names_no_profile(own_home: Path, text: str | bytes) -> None:
    """Torn, wrong-typed or empty: nothing is guessed, and the file stays as it is."""
    environ = settings(own_home, text)
    before = claude_settings.path(environ).read_bytes()
    assert claude_settings.profile(environ) == ""
    assert claude_settings.path(environ).read_bytes() == before


def test_no_file_names_no_profile(own_home: Path) -> None:
    """Somebody without Claude Code has no settings."""
    assert claude_settings.profile({"HOME": str(own_home)}) == ""
