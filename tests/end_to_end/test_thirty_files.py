"""Thirty settings files as people write them, through the one door: lock, backup, journal, write, and all back."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from keeplit.adapters import backups, claude_settings, journal, own_command, paths
from keeplit.adapters.claude_settings.written import WriteResult
from keeplit.core.journal_entry import Phase
from keeplit.core.json_edit import Change, Remove, Set, encode, inverse
from keeplit.core.settings_model import FileState
from keeplit.engine import guarded

FILES = sorted((Path(__file__).parent.parent / "data" / "settings").glob("*.json"))
every_file = pytest.mark.parametrize("given", FILES, ids=[path.stem for path in FILES])


def test_there_are_thirty() -> None:
    """None is lost on the way into a package or a checkout."""
    assert len(FILES) == 30


@every_file
def test_each_is_edited_on_disk_and_given_back(given: Path, own_home: Path) -> None:
    """A switch, then a removal, then both undone: the file is the old one byte for byte, its mode kept, all told."""
    mine = paths.find({"HOME": str(own_home)})
    place = own_home / ".claude" / "settings.json"
    place.parent.mkdir()
    place.write_bytes(given.read_bytes())
    place.chmod(0o640)
    found = claude_settings.read(place)
    assert (found.state, found.data) == (FileState.PRESENT, given.read_bytes())

    commands = own_command.commands({"HOME": str(own_home)})
    switch: list[Change] = [Set(key, encode(command)) for key, command in commands.items()]
    switch += [Set("env.AWS_PROFILE", '"switched"'), Set("env.AWS_REGION", '"eu-south-2"'), Set("model", '"haiku"')]
    first = guarded.edit(mine, place, switch, expected=found.digest, command="use", group="one")
    assert first.result is WriteResult.WRITTEN
    says = json.loads(place.read_bytes())
    assert (says["env"]["AWS_PROFILE"], says["env"]["AWS_REGION"], says["model"]) == ("switched", "eu-south-2", "haiku")
    assert {key: says[key] for key in commands} == commands

    gone = [Remove("model"), Remove("env.AWS_PROFILE")]
    second = guarded.edit(mine, place, gone, expected=first.after, command="use", group="two")
    assert (second.result, "model" in json.loads(place.read_bytes())) == (WriteResult.WRITTEN, False)

    for written in (second, first):
        back = inverse(written.changed)
        undone = guarded.edit(mine, place, back, expected=None, command="undo", group="three")
        assert (undone.result, undone.after) == (WriteResult.WRITTEN, written.before)

    assert place.read_bytes() == given.read_bytes()
    assert os.name == "nt" or place.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in place.parent.iterdir()] == ["settings.json"]
    assert [entry.phase for entry in journal.read(mine)] == [Phase.DONE] * 4
    assert backups.backup(mine, found.digest) == given.read_bytes()
