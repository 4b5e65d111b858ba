import os
import sys
from pathlib import Path

import pytest

from keeplit.adapters import files
from tests import conftest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give an empty folder."""
    made = tmp_path / "folder"
    made.mkdir()
    return made


def test_a_file_that_is_not_there_is_none(folder: Path) -> None:
    """Absent is an answer, and so is a folder that is a file."""
    (folder / "file").touch()
    assert files.read(folder / "gone") is None
    assert files.read(folder / "file" / "inside") is None
    assert files.read_own(folder / "gone") is None


def test_a_huge_file_is_refused_unread(folder: Path) -> None:
    """A file that cannot be what it should be costs no memory."""
    (folder / "huge").write_bytes(b"x" * 101)
    assert files.read(folder / "huge", 101) == b"x" * 101
    with pytest.raises(files.NotReadable, match="larger than 100 bytes"):
        files.read(folder / "huge", 100)


def test_a_folder_in_a_files_place_cannot_be_read(folder: Path) -> None:
    """The error is ours, with its place."""
    with pytest.raises(files.NotReadable, match="cannot be read"):
        files.read(folder)


def test_our_own_files_are_never_links(folder: Path) -> None:
    """A link among our files was planted; other people's files may be links."""
    (folder / "real").write_bytes(b"text")
    (folder / "link").symlink_to(folder / "real")
    assert files.read(folder / "link") == b"text"
    with pytest.raises(files.NotPrivate, match="is a link"):
        files.read_own(folder / "link")


def test_another_users_file_is_not_ours(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another user put there is not believed."""
    (folder / "memory.json").write_bytes(b"{}")
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(files.NotPrivate, match="belongs to another user"):
        files.read_own(folder / "memory.json")
    with pytest.raises(files.NotPrivate, match="belongs to another user"):
        files.private_folder(folder)


def test_a_private_folder_is_made_and_one_too_open_is_closed(folder: Path) -> None:
    """Nobody else looks into our folders, whatever the umask was."""
    made = files.private_folder(folder / "a" / "b")
    assert made.stat().st_mode & 0o777 == 0o700
    made.chmod(0o755)
    files.private_folder(made)
    assert made.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_closed_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a disk without modes, or a read-only one, it stays open to others, and that is said."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    folder.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(files.NotPrivate, match="cannot be closed: Read-only"):
        files.private_folder(folder)


def test_another_users_folder_is_not_ours(folder: Path) -> None:
    """It is not used, and not taken over."""
    conftest.real_part("two users (run as root)", found=sys.platform != "win32" and os.geteuid() == 0)
    os.chown(folder, 65534, 65534)
    with pytest.raises(files.NotPrivate, match="belongs to another user"):
        files.private_folder(folder)
    assert folder.stat().st_uid == 65534


def test_every_byte_is_read_as_it_is(folder: Path) -> None:
    """Line ends and the byte that ends a text on Windows are bytes like any other."""
    data = b"a\r\nb\nc\rd\x1ae\x00"
    files.replace(folder / "bytes", data)
    assert files.read(folder / "bytes") == data


def test_a_pipe_in_a_files_place_does_not_block(folder: Path) -> None:
    """Nobody writes into it, and nobody waits for that."""
    conftest.real_part("named pipes", found=sys.platform != "win32")
    os.mkfifo(folder / "pipe")
    assert files.read(folder / "pipe") == b""


def test_a_link_in_a_folders_place_is_an_error(folder: Path) -> None:
    """A bad folder is an error and never a fallback."""
    (folder / "real").mkdir()
    (folder / "state").symlink_to(folder / "real")
    with pytest.raises(files.NotPrivate, match="is a link: remove it"):
        files.private_folder(folder / "state")


def test_a_folder_that_cannot_be_made_is_said(folder: Path) -> None:
    """A file stands where the folder should be."""
    (folder / "file").touch()
    with pytest.raises(files.NotWritable, match="cannot be made"):
        files.private_folder(folder / "file" / "state")
