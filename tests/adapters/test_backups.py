import os
from hashlib import sha256
from pathlib import Path

import pytest

from keeplit.adapters import backups, files, paths


@pytest.fixture
def where(own_home: Path) -> paths.Paths:
    """Give the paths of an empty home."""
    return paths.find(os.environ)


def kept(where: paths.Paths) -> list[str]:
    """Return the names of the backups."""
    return sorted(path.name for path in where.backups.iterdir())


@pytest.mark.parametrize("data", [b"{}", b"", b"\xff" * 3_000_000])
def test_a_backup_comes_back_byte_for_byte(where: paths.Paths, data: bytes) -> None:
    """Under the digest of its content, and only ours."""
    digest = backups.keep_backup(where, data)
    assert digest == sha256(data).hexdigest()
    assert backups.backup(where, digest) == data
    assert (where.backups / digest).stat().st_mode & 0o777 == 0o600
    assert where.backups.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("digest", ["", "0" * 64, "../memory.json", "A" * 64])
def test_what_is_no_backup_is_none(where: paths.Paths, digest: str) -> None:
    """Nor is another file of ours."""
    assert backups.backup(where, digest) is None
    backups.keep_backup(where, b"one")
    assert backups.backup(where, digest) is None


def test_a_backup_is_what_its_name_says_or_none(where: paths.Paths) -> None:
    """One that was spoilt is not put back, and is mended by the next of its content."""
    digest = backups.keep_backup(where, b"one")
    (where.backups / digest).write_bytes(b"two")
    assert backups.backup(where, digest) is None
    backups.keep_backup(where, b"one")
    assert backups.backup(where, digest) == b"one"


def test_a_planted_link_is_no_backup(where: paths.Paths, own_home: Path) -> None:
    """What stands elsewhere is not ours."""
    digest = backups.keep_backup(where, b"one")
    (own_home / "one").write_bytes(b"one")
    (where.backups / digest).unlink()
    (where.backups / digest).symlink_to(own_home / "one")
    assert backups.backup(where, digest) is None


def aged(where: paths.Paths) -> None:
    """Make every backup a second older."""
    for path in where.backups.iterdir():
        before = path.stat().st_mtime_ns - 1_000_000_000
        os.utime(path, ns=(before, before))


def test_the_last_twenty_by_use_stay(where: paths.Paths) -> None:
    """What is used again is young again."""
    digests = []
    for number in range(20):
        digests.append(backups.keep_backup(where, b"%d" % number))
        aged(where)
    assert kept(where) == sorted(digests)
    backups.keep_backup(where, b"0")
    aged(where)
    newest = backups.keep_backup(where, b"new")
    assert kept(where) == sorted([*digests[:1], *digests[2:], newest])


def test_an_original_stays(where: paths.Paths) -> None:
    """What was there before keeplit is never too old."""
    original = backups.keep_backup(where, b"original", original=True)
    for number in range(30):
        aged(where)
        backups.keep_backup(where, b"%d" % number)
    assert len(kept(where)) == 21
    assert backups.backup(where, original) == b"original"


def test_what_is_no_backup_is_left_in_the_folder(where: paths.Paths) -> None:
    """A person's own copy is not ours to remove."""
    backups.keep_backup(where, b"first")
    (where.backups / "mine.json").touch()
    for number in range(25):
        backups.keep_backup(where, b"%d" % number)
    assert (where.backups / "mine.json").exists()
    assert len(kept(where)) == 21


def test_a_folder_that_cannot_be_made_is_said(where: paths.Paths) -> None:
    """No change is made without its backup."""
    where.state.parent.mkdir(parents=True)
    where.state.touch()
    with pytest.raises(files.FileTrouble):
        backups.keep_backup(where, b"one")
    assert backups.backup(where, sha256(b"one").hexdigest()) is None
