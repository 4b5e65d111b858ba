import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from keeplit.adapters import backups, claude_settings, files, journal, paths
from keeplit.adapters.claude_settings.written import WriteResult
from keeplit.core.journal_entry import Changed, Entry, Phase
from keeplit.core.json_edit import Remove, Set, encode, inverse
from keeplit.engine import guarded
from tests import conftest

OLD = b'{"env": {"FOREIGN": "1"}}'
NEW = b'{"env": {"FOREIGN": "1", "AWS_PROFILE": "work"}}'
WORK = (Set("env.AWS_PROFILE", encode("work")),)


@pytest.fixture
def where(own_home: Path) -> paths.Paths:
    """Give the paths of a home that has a settings file."""
    (own_home / ".claude").mkdir()
    (own_home / ".claude" / "settings.json").write_bytes(OLD)
    return paths.find(os.environ)


def settings(where: paths.Paths) -> Path:
    """Return the settings file."""
    return where.home / ".claude" / "settings.json"


def digest(data: bytes) -> str:
    """Return what content is known by."""
    return sha256(data).hexdigest()


def test_an_edit_is_in_the_journal_with_its_backup(where: paths.Paths) -> None:
    """What is needed to take it back: who, why, each key, and the whole file from before."""
    written = guarded.edit(
        where, settings(where), WORK, expected=digest(OLD), command="rule", group="g", reason="missing"
    )
    assert (written.result, settings(where).read_bytes()) == (WriteResult.WRITTEN, NEW)
    (entry,) = journal.read(where)
    assert (entry.command, entry.group, entry.reason, entry.phase) == ("rule", "g", "missing", Phase.DONE)
    assert (entry.file, entry.changed) == (str(settings(where)), written.changed)
    assert (entry.digest_before, entry.digest_after) == (digest(OLD), digest(NEW))
    assert backups.backup(where, entry.digest_before) == OLD
    lines = where.journal.read_text().splitlines()
    assert ['"begun"' in line for line in lines] == [True, False]


def test_an_edit_is_taken_back_byte_for_byte(where: paths.Paths) -> None:
    """By what the journal says of it alone."""
    guarded.edit(where, settings(where), WORK, expected=None, command="use", group="g")
    (entry,) = journal.read(where)
    written = guarded.edit(
        where,
        settings(where),
        inverse(entry.changed),
        expected=entry.digest_after,
        command="undo",
        group="g2",
        undoes="g",
    )
    assert (written.result, settings(where).read_bytes()) == (WriteResult.WRITTEN, OLD)
    assert [one.undoes for one in journal.read(where)] == ["", "g"]


def test_what_was_there_before_keeplit_is_kept_for_good(where: paths.Paths) -> None:
    """However often the file is changed after that; and again after it was given back."""
    for number in range(25):
        guarded.edit(where, settings(where), [Set("model", f'"{number}"')], expected=None, command="use", group="g")
    assert backups.backup(where, digest(OLD)) == OLD
    guarded.put(where, settings(where), OLD, expected=None, command="reset", group="r")
    settings(where).write_bytes(b'{"theirs": 1}')
    for number in range(25):
        guarded.edit(where, settings(where), [Set("model", f'"{number}"')], expected=None, command="use", group="g")
    assert backups.backup(where, digest(b'{"theirs": 1}')) == b'{"theirs": 1}'


def test_nothing_to_change_leaves_no_trace(where: paths.Paths) -> None:
    """Neither in the journal nor among the backups."""
    written = guarded.edit(where, settings(where), [Remove("model")], expected=None, command="use", group="g")
    assert written.result is WriteResult.UNCHANGED
    assert journal.read(where) == ()
    assert not where.backups.exists()


def test_a_stale_decision_changes_nothing(where: paths.Paths) -> None:
    """The file is no longer what was decided on."""
    written = guarded.edit(where, settings(where), WORK, expected=digest(b"{}"), command="rule", group="g")
    assert (written.result, settings(where).read_bytes()) == (WriteResult.MOVED, OLD)
    assert journal.read(where) == ()


def meanwhile(monkeypatch: pytest.MonkeyPatch, where: paths.Paths, *contents: bytes) -> None:
    """Have another program write the settings whenever our backup is kept, until it has written all of `contents`."""
    keep, left = backups.keep_backup, list(contents)

    def kept(found: paths.Paths, data: bytes, *, original: bool = False) -> str:
        if left:
            settings(where).write_bytes(left.pop(0))
        return keep(found, data, original=original)

    monkeypatch.setattr(backups, "keep_backup", kept)


def test_what_began_and_changed_nothing_is_no_edit(where: paths.Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program wrote between the journal's line and the rename: theirs stands."""
    meanwhile(monkeypatch, where, b'{"theirs": 1}')
    written = guarded.edit(where, settings(where), WORK, expected=digest(OLD), command="rule", group="g")
    assert (written.result, settings(where).read_bytes()) == (WriteResult.MOVED, b'{"theirs": 1}')
    assert journal.read(where) == ()
    assert journal.look(where).problem is None


def test_a_command_that_decided_on_nothing_tries_again(where: paths.Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person just asked for is written beside what another program wrote, and is one edit."""
    meanwhile(monkeypatch, where, b'{"theirs": 1}', b'{"theirs": 2}')
    written = guarded.edit(where, settings(where), [Set("model", '"a"')], expected=None, command="use", group="g")
    assert (written.result, settings(where).read_bytes()) == (WriteResult.WRITTEN, b'{"theirs": 2, "model": "a"}')
    (entry,) = journal.read(where)
    assert backups.backup(where, entry.digest_before) == b'{"theirs": 2}'


def test_a_program_that_never_rests_wins(where: paths.Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some tries it is said, and nothing of theirs is lost."""
    meanwhile(monkeypatch, where, *(b'{"theirs": %d}' % number for number in range(9)))
    written = guarded.edit(where, settings(where), WORK, expected=None, command="use", group="g")
    assert (written.result, written.fix) == (WriteResult.MOVED, "try again")
    assert b"theirs" in settings(where).read_bytes()


def test_whole_files_are_put_and_removed_through_the_same_door(where: paths.Paths) -> None:
    """Each is in the journal, with its backup, and what it means by key."""
    changed = (Changed("model", None, '"a"'),)
    put = guarded.put(
        where, settings(where), b'{"model": "a"}', expected=digest(OLD), command="reset", group="g", changed=changed
    )
    gone = guarded.remove(where, settings(where), expected=put.after, command="reset", group="h", changed=changed)
    assert (put.result, gone.result, settings(where).exists()) == (WriteResult.WRITTEN, WriteResult.WRITTEN, False)
    first, second = journal.read(where)
    assert (first.changed, first.digest_after, second.digest_before, second.digest_after) == (
        changed,
        put.after,
        put.after,
        "",
    )
    made = guarded.edit(where, settings(where), WORK, expected="", command="use", group="i", create=True)
    assert (made.result, journal.read(where)[-1].digest_before) == (WriteResult.WRITTEN, "")


@pytest.mark.parametrize("broken", ["state", "journal", "backups"])
def test_without_a_journal_nothing_is_changed(where: paths.Paths, broken: str) -> None:
    """What could not be taken back is not done: a state folder that is no folder, or cannot be written."""
    place: Path = getattr(where, broken)
    place.parent.mkdir(parents=True, exist_ok=True)
    if broken == "journal":
        place.mkdir()
    else:
        place.touch()
    written = guarded.edit(where, settings(where), WORK, expected=None, command="use", group="g")
    assert written.result is WriteResult.NOT_WRITABLE
    assert str(place) in written.fault
    assert settings(where).read_bytes() == OLD
    assert [path.name for path in settings(where).parent.iterdir()] == ["settings.json"]


def test_a_full_disk_of_our_own_changes_nothing(where: paths.Paths) -> None:
    """No room for the backup or the journal: the settings stay as they are; once there is room, they are written."""
    where.state.mkdir(parents=True)
    size = ["mount", "-t", "tmpfs", "-o", "size=16k,mode=0700", "tmpfs", str(where.state)]
    mounted = subprocess.run(size, capture_output=True, check=False)
    conftest.real_part("a small disk to fill (mount as root)", found=mounted.returncode == 0)
    try:
        (where.state / "ballast").write_bytes(b"x" * (16 << 10))
        full = guarded.edit(where, settings(where), WORK, expected=None, command="use", group="g")
        assert (full.result, "No space left" in full.fault) == (WriteResult.NOT_WRITABLE, True)
        assert (settings(where).read_bytes(), journal.read(where)) == (OLD, ())
        (where.state / "ballast").unlink()
        assert guarded.edit(where, settings(where), WORK, expected=None, command="use", group="g").as_wanted
        assert (len(journal.read(where)), journal.look(where).problem) == (1, None)
    finally:
        subprocess.run(["umount", "-l", where.state], check=True)


def test_a_journal_that_fails_at_the_end_leaves_the_edit_begun(
    where: paths.Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full by then: that it landed shows in the file."""
    append = journal.append

    def only_begun(found: paths.Paths, entry: Entry) -> None:
        if entry.phase is Phase.DONE:
            raise files.NotWritable("the disk is full")
        append(found, entry)

    monkeypatch.setattr(journal, "append", only_begun)
    assert guarded.edit(where, settings(where), WORK, expected=None, command="use", group="g").as_wanted
    (entry,) = journal.read(where)
    assert (entry.phase, entry.digest_after) == (Phase.BEGUN, digest(settings(where).read_bytes()))


def test_one_edit_at_a_time(where: paths.Paths, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock is the file's own, by whatever links it is reached; another file is not held up."""
    monkeypatch.setattr(guarded, "LOCK_SECONDS", 0.05)
    (own_home / "link.json").symlink_to(settings(where))
    (own_home / "other.json").write_bytes(b"{}")
    with files.lock(guarded._lock(where, settings(where)), 1.0):
        busy = guarded.edit(where, own_home / "link.json", WORK, expected=None, command="use", group="g")
        other = guarded.edit(where, own_home / "other.json", WORK, expected=None, command="use", group="g")
    assert (busy.result, "held by another process" in busy.fault) == (WriteResult.NOT_WRITABLE, True)
    assert other.result is WriteResult.WRITTEN
    assert settings(where).read_bytes() == OLD


CROWD = """
import os, sys
from pathlib import Path
from keeplit.adapters import paths
from keeplit.core.json_edit import Set
from keeplit.engine import guarded
where, file, name = paths.find(os.environ), Path(sys.argv[1]), sys.argv[2]
for number in range(15):
    change = [Set(f"env.{name}_{number}", '"1"')]
    assert guarded.edit(where, file, change, expected=None, command="use", group=name).as_wanted
"""


def test_commands_that_race_lose_nothing(where: paths.Paths) -> None:
    """Each key of each of them is in the file, and each edit in the journal follows the one before."""
    crowd = [subprocess.Popen([sys.executable, "-c", CROWD, settings(where), name]) for name in "ABC"]
    assert [one.wait(60) for one in crowd] == [0, 0, 0]
    document = claude_settings.read(settings(where)).document
    assert document is not None
    assert document.strings().keys() == {"env.FOREIGN"} | {f"env.{name}_{n}" for name in "ABC" for n in range(15)}
    entries = journal.read(where)
    assert len(entries) == 45
    assert {entry.phase for entry in entries} == {Phase.DONE}
    chain = [digest(OLD), *(entry.digest_after for entry in entries)]
    assert [entry.digest_before for entry in entries] == chain[:-1]
