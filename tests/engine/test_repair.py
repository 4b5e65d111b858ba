from __future__ import annotations

import os
from typing import Any

import pytest

from keeplit.adapters import backups, clock, files, notebook
from keeplit.adapters.files import swapping
from keeplit.core.journal_entry import Phase
from keeplit.core.memory import Memory
from keeplit.core.settings_model import Agreed, SettingsMemory
from keeplit.engine import guarded
from keeplit.engine.living import prepare
from keeplit.engine.repair import Mended, State, Way, repair
from keeplit.engine.undo import undo
from tests.engine.written_by_commands import PROFILE, REGION, Desk, desk

BEDROCK = "env.CLAUDE_CODE_USE_BEDROCK"
GOOD = b'{"env": {"AWS_PROFILE": "work", "AWS_REGION": "eu-west-1", "CLAUDE_CODE_USE_BEDROCK": "1"}}'
AGREED = {PROFILE: Agreed("work"), REGION: Agreed("eu-west-1"), BEDROCK: Agreed("1")}


@pytest.fixture
def mine(own_home: object, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a home whose settings were agreed on."""
    monkeypatch.setattr(clock, "sleep", lambda _: None)
    found = desk()
    found.says(GOOD)
    prepare(found.paths)
    remember(found)
    return found


def remember(mine: Desk, **more: Any) -> None:
    """Let the daemon have agreed on what the settings say."""
    settings = SettingsMemory(path=str(mine.settings), agreed=AGREED, **{"last_good": "x", **more})
    notebook.write_memory(mine.paths.memory, Memory(settings=settings))


def mend(mine: Desk, way: Way = Way.WRITE) -> Mended:
    """Repair."""
    return repair(mine.paths, os.environ, way)


def test_what_is_as_agreed_needs_no_repair(mine: Desk) -> None:
    """Nothing is written, not even a line of the journal."""
    for way in Way:
        assert mend(mine, way).state is State.NOTHING
    assert (mine.settings.read_bytes(), mine.paths.journal.exists()) == (GOOD, False)


def test_what_is_missing_is_written_at_once(mine: Desk) -> None:
    """A missing key comes back without the 2 s of the guard, and an undo takes it out again."""
    damaged = GOOD.replace(b'"AWS_REGION": "eu-west-1", ', b"")
    mine.says(damaged)
    done = mend(mine)
    assert (done.state, [one.key for one in done.given.changed]) == (State.REPAIRED, [REGION])
    assert b'"AWS_REGION": "eu-west-1"' in mine.settings.read_bytes()
    (entry,) = mine.journal
    assert (entry.command, entry.phase) == ("repair", Phase.DONE)
    undo(mine.paths)
    assert mine.settings.read_bytes() == damaged


def test_what_one_person_changed_is_adopted(mine: Desk) -> None:
    """One changed value is a person's will, with a daemon or without: only what is missing is written."""
    mine.says(b'{"env": {"AWS_PROFILE": "theirs", "CLAUDE_CODE_USE_BEDROCK": "1"}}')
    assert [one.key for one in mend(mine).given.changed] == [REGION]
    assert b'"theirs"' in mine.settings.read_bytes()


def test_what_the_guard_asks_about_is_put_back(mine: Desk) -> None:
    """Two values changed at once, or all of ours gone, or Bedrock off: a repair is the answer to the question."""
    for damaged in (
        b'{"env": {"AWS_PROFILE": "theirs", "AWS_REGION": "theirs", "CLAUDE_CODE_USE_BEDROCK": "1"}}',
        b'{"theme": "dark"}',
        GOOD.replace(b'"1"', b'"0"'),
    ):
        mine.says(damaged)
        assert mend(mine).state is State.REPAIRED
        assert mend(mine).state is State.NOTHING
        assert b"theirs" not in mine.settings.read_bytes()
        assert b'"AWS_PROFILE": "work"' in mine.settings.read_bytes()


def test_what_the_config_names_is_written(mine: Desk) -> None:
    """A key that only config.toml names, and which is asked about once, is written by a repair."""
    mine.config.parent.mkdir(parents=True)
    mine.config.write_text('[claude]\nrepair = "off"\n[claude.env]\nMAX_THINKING_TOKENS = "0"\n')
    assert [one.key for one in mend(mine).given.changed] == ["env.MAX_THINKING_TOKENS"]


def test_a_rival_stays_and_is_named(mine: Desk) -> None:
    """A credential that somebody put there is not taken out; what else is missing is written."""
    mine.says(b'{"env": {"AWS_BEARER_TOKEN_BEDROCK": "a-secret", "AWS_PROFILE": "work", "AWS_REGION": "eu-west-1"}}')
    done = mend(mine)
    assert (done.state, [one.key for one in done.given.changed]) == (State.FAILED, [BEDROCK])
    assert "env.AWS_BEARER_TOKEN_BEDROCK wins" in done.given.fault
    assert "--accept" in done.given.fix
    assert b"a-secret" in mine.settings.read_bytes()
    assert "a-secret" not in repr(done) + done.given.fault


def test_the_file_is_accepted_as_it_is(mine: Desk) -> None:
    """Accepting writes the journal alone, with what the file says of each key that is not as agreed."""
    mine.says(b'{"env": {"AWS_PROFILE": "theirs", "AWS_REGION": "theirs too"}}')
    done = mend(mine, Way.ACCEPT)
    assert done.state is State.ACCEPTED
    (entry,) = mine.journal
    assert (entry.command, entry.phase, entry.digest_before) == ("accept", Phase.DONE, entry.digest_after)
    assert {one.key: (one.before, one.after) for one in entry.changed} == {
        PROFILE: ('"work"', '"theirs"'),
        REGION: ('"eu-west-1"', '"theirs too"'),
        BEDROCK: ('"1"', None),
    }
    assert mend(mine).state is State.NOTHING
    assert mine.settings.read_bytes() == b'{"env": {"AWS_PROFILE": "theirs", "AWS_REGION": "theirs too"}}'


def test_a_rival_is_accepted_without_its_value(mine: Desk) -> None:
    """An accepted rival is not asked about again, and its value is not in the journal."""
    mine.says(GOOD.replace(b"}}", b', "AWS_BEARER_TOKEN_BEDROCK": "a-secret"}}'))
    assert mend(mine, Way.ACCEPT).state is State.ACCEPTED
    assert b"a-secret" not in mine.paths.journal.read_bytes()
    assert mend(mine).state is State.NOTHING


def test_a_broken_file_is_told_and_its_last_good_copy_offered(mine: Desk) -> None:
    """A broken file is left as it is, with line and column; with the flag its last good copy takes its place."""
    remember(mine, last_good=backups.keep_backup(mine.paths, GOOD))
    broken = GOOD[:-1]
    mine.says(broken)
    for way in (Way.WRITE, Way.ACCEPT):
        done = mend(mine, way)
        assert (done.state, "line 1, column" in done.given.fault) == (State.FAILED, True)
        assert "keeplit repair --last-good" in done.given.fix
    assert mine.settings.read_bytes() == broken
    done = mend(mine, Way.LAST_GOOD)
    assert (done.state, done.given.whole, mine.settings.read_bytes()) == (State.RESTORED, True, GOOD)
    (entry,) = mine.journal
    assert backups.backup(mine.paths, entry.digest_before) == broken
    undo(mine.paths)
    assert mine.settings.read_bytes() == broken


def test_a_broken_file_without_a_copy_is_left_to_a_person(mine: Desk) -> None:
    """Where no good copy is kept that is said, and nothing is written."""
    remember(mine, last_good="")
    mine.says(b"{]")
    done = mend(mine, Way.LAST_GOOD)
    assert "no last good copy" in done.given.fault
    assert "--last-good" not in mend(mine).given.fix
    assert mine.settings.read_bytes() == b"{]"


def test_a_torn_file_is_waited_for(mine: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is half written is looked at again before it is called broken."""
    mine.says(GOOD[:-1])
    monkeypatch.setattr(clock, "sleep", lambda _: mine.says(GOOD))
    assert mend(mine).state is State.NOTHING


def test_no_file_is_made(mine: Desk) -> None:
    """Where there is none, it says which command makes one."""
    mine.says(None)
    for way in Way:
        done = mend(mine, way)
        assert (done.state, done.given.fix) == (State.NOT_SET_UP, "keeplit setup")
    assert not mine.settings.exists()


def test_a_closed_file_is_told(mine: Desk) -> None:
    """What cannot be read at all is neither repaired nor replaced."""
    mine.says(None)
    mine.settings.mkdir()
    assert [mend(mine, way).state for way in Way] == [State.FAILED] * 3


def test_a_write_that_fails_is_told(mine: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file cannot be written the fault is told, for a repair and for the last good copy."""
    remember(mine, last_good=backups.keep_backup(mine.paths, GOOD))

    def full(*_: object, **__: object) -> None:
        raise files.NotWritable("the disk is full")

    monkeypatch.setattr(swapping, "swap", full)
    mine.says(b"{}")
    assert (mend(mine).state, mend(mine).given.fault) == (State.FAILED, "the disk is full")
    mine.says(b"{]")
    assert mend(mine, Way.LAST_GOOD).given.fault == "the disk is full"


@pytest.mark.parametrize(("way", "damaged"), [(Way.WRITE, b'{"theme": 1}'), (Way.LAST_GOOD, b"{]")])
def test_a_writer_at_the_same_time_is_seen(
    mine: Desk, monkeypatch: pytest.MonkeyPatch, way: Way, damaged: bytes
) -> None:
    """A file that moved between our look and our write is judged again: what came meanwhile is not written over."""
    remember(mine, last_good=backups.keep_backup(mine.paths, b'{"good": 1}'))
    mine.says(damaged)
    door = "edit" if way is Way.WRITE else "put"
    real, new = getattr(guarded, door), iter([GOOD])

    def late(*given: Any, **more: Any) -> Any:
        mine.says(next(new, GOOD))
        return real(*given, **more)

    monkeypatch.setattr(guarded, door, late)
    assert mend(mine, way).state is State.NOTHING
    assert mine.settings.read_bytes() == GOOD
