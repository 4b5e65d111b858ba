import os
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from keeplit.adapters import files
from keeplit.adapters.claude_settings import writing
from keeplit.adapters.claude_settings.written import WriteResult, Written
from keeplit.core.journal_entry import Changed
from keeplit.core.json_edit import Remove, Set, encode
from tests import conftest

OLD = b'{\r\n\t"z": 1.50, "env": {"FOREIGN": "\\u00e9"}\r\n}'
NEW = b'{\r\n\t"z": 1.50, "env": {"FOREIGN": "\\u00e9", "AWS_PROFILE": "work"}\r\n}'
WORK = (Set("env.AWS_PROFILE", encode("work")),)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give a settings file, alone in its folder."""
    folder = tmp_path / ".claude"
    folder.mkdir()
    (folder / "settings.json").write_bytes(OLD)
    return folder / "settings.json"


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Wait for nothing, and tell how often something would have been waited for."""
    waits: list[float] = []
    monkeypatch.setattr("keeplit.adapters.clock.sleep", waits.append)
    return waits


def digest(data: bytes) -> str:
    """Return what content is known by."""
    return sha256(data).hexdigest()


def names(place: Path) -> list[str]:
    """Return what lies in the file's folder."""
    return sorted(path.name for path in place.parent.iterdir())


def test_a_key_is_written_and_nothing_else(place: Path) -> None:
    """Every other byte, the mode and the folder stay as they are."""
    place.chmod(0o640)
    seen: list[tuple[bytes | None, bytes | None, tuple[Changed, ...]]] = []
    written = writing.write(place, WORK, expected=digest(OLD), before_commit=lambda *given: seen.append(given))
    assert place.read_bytes() == NEW
    assert written == Written(WriteResult.WRITTEN, digest(OLD), digest(NEW), written.changed)
    assert seen == [(OLD, NEW, written.changed)]
    assert [(one.key, one.before, one.after) for one in written.changed] == [("env.AWS_PROFILE", None, '"work"')]
    assert place.stat().st_mode & 0o777 == 0o640
    assert names(place) == ["settings.json"]


def test_a_file_that_is_as_wanted_is_not_touched(place: Path) -> None:
    """Nobody who watches it is woken, and nothing is written down."""
    place.write_bytes(NEW)
    before = place.stat()
    written = writing.write(place, WORK, expected=None, before_commit=lambda *_: pytest.fail("noted"))
    assert (written.result, written.before, written.after) == (WriteResult.UNCHANGED, digest(NEW), digest(NEW))
    assert (place.stat().st_ino, place.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("expected", ["", digest(b"else")])
def test_what_was_decided_on_other_content_is_not_written(place: Path, expected: str) -> None:
    """The file has moved: whoever decided decides again."""
    assert writing.write(place, WORK, expected=expected).result is WriteResult.MOVED
    assert writing.put(place, b"{}", expected=expected).result is WriteResult.MOVED
    assert writing.remove(place, expected=expected).result is WriteResult.MOVED
    assert place.read_bytes() == OLD


def test_what_another_program_writes_before_the_last_look_stands(place: Path) -> None:
    """Nothing of theirs is lost, and nothing is left beside the file."""
    theirs = b'{"theirs": true}'

    def meanwhile(*_: object) -> None:
        place.write_bytes(theirs)

    for expected in (digest(OLD), None):
        place.write_bytes(OLD)
        written = writing.write(place, WORK, expected=expected, before_commit=meanwhile)
        assert (written.result, place.read_bytes()) == (WriteResult.MOVED, theirs)
    place.write_bytes(OLD)
    assert writing.put(place, b"{}", expected=None, before_commit=meanwhile).result is WriteResult.MOVED
    assert place.read_bytes() == theirs
    place.write_bytes(OLD)
    assert writing.remove(place, expected=None, before_commit=meanwhile).result is WriteResult.MOVED
    assert place.read_bytes() == theirs
    assert names(place) == ["settings.json"]


def at_the_rename(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], object], *, after: bool = False) -> None:
    """Have something happen once in the very moment of the first rename, right before or right after it."""
    replace = os.replace
    left = [deed]

    def replaced(source: Path, target: Path) -> None:
        happens = left.pop() if left else None
        if happens is not None and not after:
            happens()
        replace(source, target)
        if happens is not None and after:
            happens()

    monkeypatch.setattr(os, "replace", replaced)


@pytest.mark.skipif(sys.platform == "win32", reason="nothing that is open is replaced there")
def test_what_another_program_writes_in_the_very_moment_gets_the_change(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its whole file stands, with our key in it, and the journal is told of what that was made of."""
    theirs, both = b'{"env": {"NEW": "1"}}', b'{"env": {"NEW": "1", "AWS_PROFILE": "work"}}'
    at_the_rename(monkeypatch, lambda: place.write_bytes(theirs))
    seen: list[tuple[bytes | None, bytes | None, tuple[Changed, ...]]] = []
    written = writing.write(place, WORK, expected=None, before_commit=lambda *given: seen.append(given))
    assert place.read_bytes() == both
    assert (written.result, written.before, written.after) == (WriteResult.WRITTEN, digest(theirs), digest(both))
    assert [given[:2] for given in seen] == [(OLD, NEW), (theirs, both)]
    assert names(place) == ["settings.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="nothing that is open is replaced there")
def test_whole_bytes_give_way_to_what_was_written_in_the_very_moment(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no change to make on theirs, so they are given back, and whoever decided decides again."""
    at_the_rename(monkeypatch, lambda: place.write_bytes(b'{"theirs": 1}'))
    written = writing.put(place, b"{}", expected=None)
    assert (written.result, place.read_bytes()) == (WriteResult.MOVED, b'{"theirs": 1}')


@pytest.mark.skipif(sys.platform == "win32", reason="nothing that is open is replaced there")
def test_whole_bytes_of_another_format_give_way_too(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """config.toml is written by a person's editor, in the very moment."""
    place.write_bytes(b"a = 1")
    at_the_rename(monkeypatch, lambda: place.write_bytes(b"theirs = 1"))
    assert writing.put(place, b"a = 2", expected=None).result is WriteResult.MOVED
    assert place.read_bytes() == b"theirs = 1"


@pytest.mark.skipif(sys.platform == "win32", reason="nothing that is open is replaced there")
def test_what_cannot_take_the_change_leaves_ours(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their late file has no room for our key: what was written stands."""
    full = b'{"a": "' + b"x" * ((2 << 20) - 9) + b'"}'
    at_the_rename(monkeypatch, lambda: place.write_bytes(full))
    assert writing.write(place, WORK, expected=None).result is WriteResult.WRITTEN
    assert place.read_bytes() == NEW


def test_a_file_that_is_written_again_at_once_is_told(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours was written, and does not stand: it is looked at again."""
    at_the_rename(monkeypatch, lambda: place.write_bytes(OLD), after=True)
    written = writing.write(place, WORK, expected=None)
    assert (written.result, written.stands) == (WriteResult.WRITTEN, False)
    assert place.read_bytes() == OLD


def test_a_torn_file_is_read_again_and_never_taken_for_an_empty_one(
    place: Path, monkeypatch: pytest.MonkeyPatch, hurried: list[float]
) -> None:
    """A command waits for the other program; the daemon, which decided on something, does not."""
    place.write_bytes(b'{"a"')
    assert writing.write(place, WORK, expected=digest(OLD)).result is WriteResult.MOVED
    assert hurried == []
    written = writing.write(place, WORK, expected=None)
    assert (written.result, "line 1, column 5" in written.fault, bool(written.fix)) == (WriteResult.REFUSED, True, True)
    assert sum(hurried) == pytest.approx(1.0)
    assert place.read_bytes() == b'{"a"'
    monkeypatch.setattr("keeplit.adapters.clock.sleep", lambda _: place.write_bytes(OLD))
    assert writing.write(place, WORK, expected=None).result is WriteResult.WRITTEN
    assert place.read_bytes() == NEW


def test_no_file_is_made_unless_it_is_asked_for(tmp_path: Path) -> None:
    """A repair makes none; `use` does, with its folders, for the person alone."""
    place = tmp_path / "deep" / ".claude" / "settings.json"
    written = writing.write(place, WORK, expected="")
    assert (written.result, written.fault) == (WriteResult.REFUSED, f"there is no {place}")
    assert not place.parent.parent.exists()
    assert writing.write(place, [Remove("model")], expected="", create=True).result is WriteResult.UNCHANGED
    assert writing.write(place, WORK, expected="", create=True).result is WriteResult.WRITTEN
    assert place.read_bytes() == b'{\n  "env": {\n    "AWS_PROFILE": "work"\n  }\n}\n'
    modes = [oct(path.stat().st_mode & 0o777) for path in (place, place.parent, place.parent.parent)]
    assert modes == ["0o600", "0o700", "0o700"]


def test_a_file_that_came_meanwhile_is_not_replaced_by_a_new_one(tmp_path: Path) -> None:
    """Claude Code made it in the same moment."""
    place = tmp_path / "settings.json"

    def meanwhile(*_: object) -> None:
        place.write_bytes(OLD)

    written = writing.write(place, WORK, expected="", create=True, before_commit=meanwhile)
    assert (written.result, place.read_bytes()) == (WriteResult.MOVED, OLD)


def test_folders_that_no_file_came_into_go_again(tmp_path: Path) -> None:
    """What could not be written leaves nothing."""

    def fails(*_: object) -> None:
        raise files.NotWritable("the journal cannot be written: No space left on device")

    place = tmp_path / "deep" / ".claude" / "settings.json"
    written = writing.write(place, WORK, expected="", create=True, before_commit=fails)
    assert (written.result, "the journal" in written.fault) == (WriteResult.NOT_WRITABLE, True)
    assert list(tmp_path.iterdir()) == [tmp_path / "home"]


def test_links_stay_and_their_target_is_replaced(place: Path, tmp_path: Path) -> None:
    """The temporary file is in the target's folder, and mode and links are kept."""
    target = tmp_path / "dotfiles" / "real.json"
    target.parent.mkdir()
    place.rename(target)
    target.chmod(0o644)
    (tmp_path / "middle").symlink_to("dotfiles/real.json")
    place.symlink_to("../middle")
    assert writing.write(place, WORK, expected=None).result is WriteResult.WRITTEN
    assert (place.is_symlink(), (tmp_path / "middle").is_symlink(), target.is_symlink()) == (True, True, False)
    assert (target.read_bytes(), target.stat().st_mode & 0o777) == (NEW, 0o644)
    assert (names(place), names(target)) == (["settings.json"], ["real.json"])
    assert writing.remove(place, expected=digest(NEW)).result is WriteResult.WRITTEN
    assert (place.is_symlink(), target.exists()) == (True, False)


def test_a_link_that_leads_nowhere_is_told_or_given_its_target(tmp_path: Path) -> None:
    """Only who asks for a new file gets one, where the link leads."""
    link = tmp_path / "settings.json"
    link.symlink_to("dotfiles/real.json")
    refused = writing.write(link, WORK, expected=None)
    assert (refused.result, "is a link to" in refused.fault) == (WriteResult.REFUSED, True)
    assert writing.write(link, WORK, expected=None, create=True).result is WriteResult.WRITTEN
    assert link.is_symlink()
    assert (tmp_path / "dotfiles" / "real.json").read_bytes().startswith(b"{")


def test_a_circle_of_links_is_refused(tmp_path: Path) -> None:
    """Whatever is asked for."""
    one = tmp_path / "one.json"
    one.symlink_to(one)
    for written in (
        writing.write(one, WORK, expected=None, create=True),
        writing.put(one, b"{}", expected=None, create=True),
        writing.remove(one, expected=None),
    ):
        assert (written.result, "circle" in written.fault) == (WriteResult.REFUSED, True)
    assert one.is_symlink()


def test_a_read_only_file_stays(place: Path) -> None:
    """It is refused with the command that lifts it."""
    place.chmod(0o444)
    written = writing.write(place, WORK, expected=None)
    assert (written.result, written.fix, written.before) == (WriteResult.REFUSED, f"chmod u+w {place}", digest(OLD))
    assert (place.read_bytes(), names(place)) == (OLD, ["settings.json"])


def test_a_file_with_room_for_nothing_more_stays(place: Path) -> None:
    """Claude Code could not start with what it would become."""
    full = b'{"a": "' + b"x" * ((2 << 20) - 9) + b'"}'
    place.write_bytes(full)
    written = writing.write(place, WORK, expected=digest(full))
    assert (written.result, "after the edit" in written.fault) == (WriteResult.REFUSED, True)
    assert place.read_bytes() == full


def test_a_file_of_two_mebibytes_is_written(place: Path) -> None:
    """With all its bytes."""
    large = b'{"a": "' + b"x" * ((2 << 20) - 100) + b'", "env": {}}'
    place.write_bytes(large)
    assert writing.write(place, WORK, expected=digest(large)).result is WriteResult.WRITTEN
    assert place.read_bytes() == large.replace(b"{}", b'{"AWS_PROFILE": "work"}')


def test_a_read_only_disk_is_not_writable(place: Path) -> None:
    """The file stands as it was, and nothing lies beside it, whatever was to be done."""
    folder = str(place.parent)
    mounted = subprocess.run(["mount", "--bind", folder, folder], capture_output=True, check=False)
    conftest.real_part("a disk to make read-only (mount as root)", found=mounted.returncode == 0)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
        for written in (
            writing.write(place, WORK, expected=None),
            writing.put(place, b"{}", expected=None),
            writing.remove(place, expected=None),
        ):
            assert (written.result, "Read-only file system" in written.fault) == (WriteResult.NOT_WRITABLE, True)
        assert (place.read_bytes(), names(place)) == (OLD, ["settings.json"])
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_another_users_file_is_kept_theirs_or_left(place: Path) -> None:
    """Root writes it and leaves it theirs; anybody else cannot, and does not."""
    conftest.real_part("two users (run as root)", found=sys.platform != "win32" and os.geteuid() == 0)
    os.chown(place, 12345, 54321)
    place.chmod(0o664)
    assert writing.write(place, WORK, expected=None).result is WriteResult.WRITTEN
    found = place.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (12345, 54321, 0o664)


def test_a_full_disk_changes_nothing(place: Path) -> None:
    """The room is taken first; the old file stands, alone."""
    disk = place.parent / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk], capture_output=True, check=False
    )
    conftest.real_part("a small disk to fill (mount as root)", found=mounted.returncode == 0)
    try:
        full = disk / "settings.json"
        full.write_bytes(b'{"a": "' + b"x" * 9000 + b'"}')
        before = full.read_bytes()
        written = writing.write(full, WORK, expected=None, before_commit=lambda *_: pytest.fail("noted"))
        assert (written.result, "No space left" in written.fault) == (WriteResult.NOT_WRITABLE, True)
        assert (full.read_bytes(), names(full)) == (before, ["settings.json"])
    finally:
        subprocess.run(["umount", disk], check=True)


def test_whole_bytes_come_back_over_a_broken_file(place: Path) -> None:
    """A backup is put back whole, where somebody asked for it."""
    place.write_bytes(b'{"broken')
    written = writing.put(place, OLD, expected=digest(b'{"broken'), changed=(Changed("model", None, '"a"'),))
    assert (written.result, written.before, written.after) == (WriteResult.WRITTEN, digest(b'{"broken'), digest(OLD))
    assert [one.key for one in written.changed] == ["model"]
    assert place.read_bytes() == OLD
    assert writing.put(place, OLD, expected=None).result is WriteResult.UNCHANGED


def test_what_is_gone_already_is_as_wanted(tmp_path: Path) -> None:
    """Removing nothing changes nothing."""
    assert writing.remove(tmp_path / "settings.json", expected="").result is WriteResult.UNCHANGED


def test_a_change_that_would_spoil_any_file_is_a_fault_of_ours(place: Path) -> None:
    """It is raised, and nothing is touched."""
    with pytest.raises(ValueError, match="cannot have this value"):
        writing.write(place, [Set("model", "7 7")], expected=None)
    assert place.read_bytes() == OLD


def test_what_would_be_written_is_tried_without_writing(place: Path) -> None:
    """Nothing stands in the way: no byte changes, nothing is left, and a file that is missing is not made."""
    assert writing.refusal(place, WORK, expected=digest(OLD)) is None
    assert (place.read_bytes(), names(place)) == (OLD, ["settings.json"])
    assert writing.refusal(place, (Remove("model"),), expected=digest(OLD)) is None
    absent = place.parent / "deep" / "settings.json"
    assert writing.refusal(absent, WORK, expected="") is None
    assert names(place) == ["settings.json"]


def test_what_would_not_be_written_is_known_before(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another content, a read-only file, one that would be too large, one that the system protects, a closed folder."""

    def result(expected: bytes = OLD) -> WriteResult | None:
        found = writing.refusal(place, WORK, expected=digest(expected))
        return None if found is None else found.result

    assert result(NEW) is WriteResult.MOVED
    place.chmod(0o400)
    assert result() is WriteResult.REFUSED
    place.chmod(0o600)
    with monkeypatch.context() as patched:
        patched.setattr(os, "access", lambda *_: False)  # as chattr +i has it
        assert result() is WriteResult.NOT_WRITABLE
    with monkeypatch.context() as patched:
        patched.setattr("keeplit.core.json_edit.MOST_BYTES", len(OLD))
        large = writing.refusal(place, WORK, expected=digest(OLD))
        assert large is not None
        assert (
            large.fault
            == f"{place}, it would have {len(NEW)} bytes after the edit, and Claude Code reads {len(OLD)} at most"
        )
    (place.parent / f".{place.name}.keeplit").mkdir()
    assert result() is WriteResult.NOT_WRITABLE
    assert place.read_bytes() == OLD
