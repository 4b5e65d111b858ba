"""The settings file as a turn sees it, and the daemon's writes of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from keeplit.adapters import backups, claude_settings, clock, journal, own_command, settings_layers
from keeplit.adapters import paths as places
from keeplit.adapters.paths import Paths
from keeplit.core.deeds import Action, Do, Result
from keeplit.core.journal_entry import Entry, Phase
from keeplit.core.memory import Memory
from keeplit.core.model import Problem
from keeplit.core.settings_keys import AUTH_REFRESH, BEARER_TOKEN, PROFILE, REGION, Claude
from keeplit.core.settings_memory import KEPT_AGAIN, WAITS
from keeplit.core.settings_model import Agreed, Edit, FileState, Repair, SettingsMemory
from keeplit.engine import cut_off
from keeplit.engine import guard as guards
from keeplit.engine.guard import TRIES, Guard
from keeplit.engine.living import prepare
from keeplit.engine.notes import Sign, note

TEXT = '{\n\t"env": {"AWS_PROFILE": "work", "AWS_REGION": "eu-central-1"},\n\t"odd": 1.50\n}'
OURS = {AUTH_REFRESH: "/opt/keeplit login --for-claude"}


@pytest.fixture
def paths(own_home: Path) -> Paths:
    """Give the places of a home with Claude Code's settings."""
    found = places.find({"HOME": str(own_home)})
    prepare(found)
    (own_home / ".claude").mkdir()
    settings_file(found).write_text(TEXT)
    return found


def settings_file(paths: Paths) -> Path:
    """Return the settings file of a home."""
    return paths.home / ".claude" / "settings.json"


def environ(paths: Paths) -> dict[str, str]:
    """Return the environment of a home."""
    return {"HOME": str(paths.home)}


def edit(digest: str, *edits: Edit) -> Action:
    """Return the action of writing these keys."""
    return Action(Do.EDIT_SETTINGS, "", "missing", "…", token=digest, edits=edits)


def test_the_file_is_seen_beside_what_config_wants(paths: Paths) -> None:
    """With its digest, which is what a write is decided on."""
    claude = Claude("play", repair=Repair.ASK)
    seen = Guard(paths).look(environ(paths), claude, whole=False)
    assert (seen.path, seen.state, seen.repair) == (str(settings_file(paths)), FileState.PRESENT, Repair.ASK)
    assert seen.values == {PROFILE: "work", REGION: "eu-central-1"}
    assert (seen.wanted, seen.commands, seen.stale, seen.journal) == ({PROFILE: "play"}, {}, frozenset(), ())
    assert len(seen.digest) == 64


def test_our_commands_are_looked_for_where_they_matter(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the daemon, with one of ours in the file, and to isolate a profile."""
    monkeypatch.setattr(own_command, "commands", lambda _: OURS)
    guard = Guard(paths)
    assert guard.look(environ(paths), Claude(), whole=False).commands == {}
    assert guard.look(environ(paths), Claude(), whole=True).commands == OURS
    assert guard.look(environ(paths), Claude(isolate=True), whole=False).commands == OURS
    settings_file(paths).write_text('{"awsAuthRefresh": "/gone/keeplit login --for-claude"}')
    seen = guard.look(environ(paths), Claude(), whole=False)
    assert (seen.commands, seen.stale) == (OURS, frozenset({AUTH_REFRESH}))


def test_a_file_that_cannot_be_read_says_what_it_said_last(paths: Paths) -> None:
    """A daemon that starts then says what was agreed; another file begins anew."""
    guard = Guard(paths)
    guard.look(environ(paths), Claude(), whole=False)
    settings_file(paths).write_text("{")
    seen = guard.look(environ(paths), Claude(), whole=False)
    assert (seen.state, seen.values[PROFILE], "line 1" in seen.fault) == (FileState.BROKEN, "work", True)
    memory = Memory(settings=SettingsMemory(agreed={PROFILE: Agreed("agreed")}))
    assert Guard(paths).look(environ(paths), Claude(), whole=False, recall=lambda: memory).values == {PROFILE: "agreed"}
    other = paths.home / "other.json"
    other.write_text("[")
    assert guard.look(environ(paths), Claude(settings=str(other)), whole=False).values == {}


def test_a_mistake_in_config_changes_no_file(paths: Paths) -> None:
    """The file that was kept is kept on."""
    memory = Memory(settings=SettingsMemory(str(settings_file(paths))))
    unknown = Claude(settings="/elsewhere.json", sure=False)
    seen = Guard(paths).look(environ(paths), unknown, whole=False, recall=lambda: memory)
    assert (seen.path, seen.sure) == (str(settings_file(paths)), False)
    assert Guard(paths).look(environ(paths), unknown, whole=False).path == "/elsewhere.json"


def test_a_file_that_is_gone_says_nothing(paths: Paths) -> None:
    """Neither does it break anything."""
    guard = Guard(paths)
    guard.look(environ(paths), Claude(), whole=False)
    settings_file(paths).unlink()
    seen = guard.look(environ(paths), Claude(), whole=False)
    assert (seen.state, seen.values, seen.digest) == (FileState.ABSENT, {}, "")


def entry(paths: Paths, name: str, file: Path | None = None) -> Entry:
    """Return an entry about a file, the settings by default."""
    return Entry(name, name, clock.now(), "use", str(file or settings_file(paths)), (), "", "", phase=Phase.DONE)


def test_the_journal_of_this_file_is_read(paths: Paths) -> None:
    """Not that of others; a link's target is the same file."""
    target = paths.home / "dotfiles.json"
    settings_file(paths).rename(target)
    settings_file(paths).symlink_to(target)
    for name, file in (("e1", None), ("e2", paths.config_file), ("e3", target)):
        journal.append(paths, entry(paths, name, file))
    seen = Guard(paths).look(environ(paths), Claude(), whole=False)
    assert [one.id for one in seen.journal] == ["e1", "e3"]


def test_a_journal_that_cannot_be_read_is_told(paths: Paths) -> None:
    """What stood there cannot be undone; the lines that can be read count."""
    guard = Guard(paths)
    journal.append(paths, entry(paths, "e1"))
    with paths.journal.open("a") as file:
        file.write("{\n")
    assert [one.id for one in guard.look(environ(paths), Claude(), whole=False).journal] == ["e1"]
    assert guard.problem is not None
    assert guard.problem.code == "journal_unreadable"
    paths.journal.unlink()
    guard.look(environ(paths), Claude(), whole=False)
    assert guard.problem is None


def test_a_command_that_writes_meanwhile_is_waited_for(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is read again when the journal grew; one that grows for ever is not."""
    guard, read = Guard(paths), claude_settings.read
    times: list[Path] = []
    journal.append(paths, entry(paths, "e0"))

    def slow(place: Path, most: int = 1) -> object:
        times.append(place)
        if len(times) <= most:
            journal.append(paths, entry(paths, f"e{len(times)}"))
        return read(place)

    monkeypatch.setattr(claude_settings, "read", slow)
    seen = guard.look(environ(paths), Claude(), whole=False)
    assert ([one.id for one in seen.journal], len(times)) == (["e0", "e1"], 2)
    times.clear()
    monkeypatch.setattr(claude_settings, "read", lambda place: slow(place, 99))
    guard.look(environ(paths), Claude(), whole=False)
    assert len(times) == TRIES


@pytest.mark.parametrize("whole", [False, True])
def test_what_stands_above_the_file_is_named(paths: Paths, monkeypatch: pytest.MonkeyPatch, *, whole: bool) -> None:
    """Each key that a higher layer decides, and a credential in it: the daemon sees what whoever looks does."""
    folder = paths.home / "managed"
    monkeypatch.setattr(guards, "managed_folder", lambda _: str(folder))
    monkeypatch.setattr(settings_layers, "MANAGED_FOLDER", folder)
    guard = Guard(paths)
    assert guard.look(environ(paths), Claude("play"), whole=whole).shadowed == {}
    folder.mkdir()
    file = folder / "managed-settings.json"
    file.write_text('{"env": {"AWS_PROFILE": "theirs", "AWS_BEARER_TOKEN_BEDROCK": "made-up", "AWS_REGION": "x"}}')
    seen = guard.look(environ(paths), Claude("play"), whole=whole)
    layer = f"the managed settings ({file})"
    assert (seen.shadowed, seen.bypassed) == ({PROFILE: layer, REGION: layer}, {BEARER_TOKEN: layer})
    file.write_text('{"env": {"CLAUDE_CODE_SKIP_BEDROCK_AUTH": "0"}}')
    seen = guard.look(environ(paths), Claude("play"), whole=whole)
    assert (seen.shadowed, seen.bypassed) == ({}, {})


def test_only_what_was_decided_is_written(paths: Paths) -> None:
    """Every other byte stays, and the journal says which rule it was."""
    guard = Guard(paths)
    seen = guard.look(environ(paths), Claude(), whole=True)
    outcome = guard.write(edit(seen.digest, Edit(REGION, None, "config"), Edit(PROFILE, "play", "config")), seen.path)
    assert outcome.result is Result.DONE
    assert settings_file(paths).read_text() == '{\n\t"env": {"AWS_PROFILE": "play"},\n\t"odd": 1.50\n}'
    (done,) = journal.read(paths)
    assert (done.command, done.reason, done.phase) == ("rule", "missing", Phase.DONE)
    later = guard.look(environ(paths), Claude(), whole=True)
    assert guard.write(edit(later.digest, Edit(PROFILE, "play", "missing")), later.path).result is Result.SUPERSEDED


def test_a_file_that_moved_is_left_alone(paths: Paths) -> None:
    """It is looked at again, and decided on anew."""
    guard = Guard(paths)
    seen = guard.look(environ(paths), Claude(), whole=True)
    settings_file(paths).write_text("{}")
    assert guard.write(edit(seen.digest, Edit(REGION, "x", "missing")), seen.path).result is Result.STALE
    assert settings_file(paths).read_text() == "{}"


def test_a_file_that_is_not_to_be_written_is_not(paths: Paths) -> None:
    """The outcome says why, and what to do."""
    guard = Guard(paths)
    settings_file(paths).chmod(0o400)
    seen = guard.look(environ(paths), Claude(), whole=True)
    outcome = guard.write(edit(seen.digest, Edit(REGION, "x", "missing")), seen.path)
    assert outcome.result is Result.REFUSED
    assert "read-only" in outcome.detail
    assert settings_file(paths).name in outcome.detail


def test_the_last_good_content_is_kept(paths: Paths) -> None:
    """What is another by now is not kept for it."""
    guard = Guard(paths)
    seen = guard.look(environ(paths), Claude(), whole=True)
    guard.keep_backup("another")
    assert not paths.backups.exists() or not list(paths.backups.iterdir())
    guard.keep_backup(seen.digest)
    assert backups.backup(paths, seen.digest) == TEXT.encode()


def test_no_value_is_seen_in_what_is_logged(paths: Paths) -> None:
    """A gateway's key may stand among them."""
    settings_file(paths).write_text(json.dumps({"env": {"MY_KEY": "s3cret"}}))
    seen = Guard(paths).look(environ(paths), Claude(env={"MY_KEY": "s3cret"}), whole=True)
    assert "s3cret" not in repr(replace(seen))
    assert "s3cret" not in repr(Edit("env.MY_KEY", "s3cret", "missing"))
    assert "s3cret" not in repr(Agreed("s3cret", "s3cret"))


def test_a_daemon_ends_what_was_cut_off(paths: Paths) -> None:
    """A turn writes its end into the journal, and sees it at once; a look writes nothing."""
    note(paths, str(settings_file(paths)), Sign("undo", "g"), {PROFILE}, WAITS)
    seen = [Guard(paths).look(environ(paths), Claude(), whole=whole).journal for whole in (False, True, True)]
    assert [[entry.reason for entry in entries] for entries in seen] == [[WAITS], *[[WAITS, KEPT_AGAIN]] * 2]


def test_half_an_undo_is_a_problem(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the daemon, and of whoever only looks."""
    note(paths, str(settings_file(paths)), Sign("undo", "g"), {PROFILE}, WAITS)
    found = Problem("undo_cut_off", "half", "again")
    for name in ("end", "half"):
        monkeypatch.setattr(cut_off, name, lambda _: found)
    for whole in (False, True):
        guard = Guard(paths)
        guard.look(environ(paths), Claude(), whole=whole)
        assert guard.problem == found
