from __future__ import annotations

import os
from pathlib import Path

import pytest

from keeplit.adapters import clock
from keeplit.adapters import paths as places
from keeplit.adapters.files import FileTrouble
from keeplit.engine import using
from keeplit.engine.choosing import Refused
from keeplit.engine.using import Files, Using

CONFIG = (
    '[claude]\nprofile = "work"\nhaiku = "h"\nisolate = true\n[[preset]]\nname = "home"\n[[preset]]\nregion = "x"\n'
)


def write(file: Path, text: str) -> None:
    """Write a file, and its folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_both_files_together_say_what_is_used(own_home: Path) -> None:
    """The settings come first, an isolated profile out of config.toml; presets without a name cannot be taken."""
    paths = places.find(os.environ)
    write(paths.config_file, CONFIG)
    write(own_home / ".claude" / "settings.json", '{"model": "m", "env": {"AWS_PROFILE": "x", "AWS_REGION": "r"}}')
    found = using.look(paths, os.environ)
    assert isinstance(found, Files)
    assert found.using(found.ours.claude, found.values) == Using("work", "r", "m", "h", isolate=True, presets=("home",))


def test_files_that_are_not_there_say_nothing(own_home: Path) -> None:
    """A newcomer has neither; the settings are where CLAUDE_CONFIG_DIR says."""
    environ = {**os.environ, "CLAUDE_CONFIG_DIR": str(own_home / "moved")}
    found = using.look(places.find(environ), environ)
    assert isinstance(found, Files)
    assert (found.config.data, found.values, found.place) == (None, {}, own_home / "moved" / "settings.json")
    assert found.using(found.ours.claude, {}).profile == ""


def test_settings_that_stay_torn_are_refused_with_the_place(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are looked at for a second; then line, column and what to do are said."""
    waited: list[float] = []
    monkeypatch.setattr(clock, "sleep", waited.append)
    write(own_home / ".claude" / "settings.json", '{"env": {')
    found = using.look(places.find(os.environ), os.environ)
    assert isinstance(found, Refused)
    assert ("line 1" in found.sentence, "Do: " in found.sentence) == (True, True)
    assert 0.9 < sum(waited) < 1.5


def test_settings_that_are_torn_for_a_moment_are_read_then(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Claude Code writes its settings in place."""
    file = own_home / ".claude" / "settings.json"
    write(file, '{"env": {')
    monkeypatch.setattr(clock, "sleep", lambda _: file.write_text('{"model": "m"}'))
    found = using.look(places.find(os.environ), os.environ)
    assert isinstance(found, Files)
    assert found.values == {"model": "m"}


def test_a_broken_config_toml_is_an_error(own_home: Path) -> None:
    """It is never taken for an empty one."""
    paths = places.find(os.environ)
    write(paths.config_file, "[claude")
    with pytest.raises(FileTrouble, match=r"config\.toml is no TOML"):
        using.look(paths, os.environ)
