import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from keeplit.adapters import files
from keeplit.adapters.files import swapping
from tests import conftest


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give a file that holds "old", alone in its folder."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "settings.json").write_bytes(b"old")
    return folder / "settings.json"


def alone(place: Path) -> bool:
    """Whether nothing else lies in the folder."""
    return list(place.parent.iterdir()) == [place]


def test_a_file_that_is_what_was_read_is_replaced(place: Path) -> None:
    """With the mode that is asked for, and nothing is left beside it."""
    assert swapping.swap(place, b"old", b"new", mode=0o640) == swapping.Swapped(done=True)
    assert place.read_bytes() == b"new"
    assert place.stat().st_mode & 0o777 == 0o640
    assert alone(place)


def writing(place: Path, data: bytes) -> Callable[[], None]:
    """Return what another program does."""

    def write() -> None:
        place.write_bytes(data)

    return write


@pytest.mark.parametrize("meanwhile", [b"", b"ol", b"older", b"other", b"old" * 100_000])
def test_a_file_that_is_no_longer_what_was_read_stays(place: Path, meanwhile: bytes) -> None:
    """Another program wrote before the last look: its bytes stand."""
    done = swapping.swap(place, b"old", b"new", first=writing(place, meanwhile))
    assert done == swapping.Swapped(done=False)
    assert place.read_bytes() == meanwhile
    assert alone(place)


def test_a_file_that_went_or_came_meanwhile_has_changed(place: Path) -> None:
    """No file is a state like any other."""
    assert swapping.swap(place, b"old", b"new", first=place.unlink).done is False
    assert not place.exists()
    assert swapping.swap(place, None, b"new", first=writing(place, b"theirs")).done is False
    assert place.read_bytes() == b"theirs"
    place.unlink()
    assert swapping.swap(place, None, b"new").done is True
    assert place.read_bytes() == b"new"


def test_a_link_or_a_pipe_put_in_its_place_is_left(place: Path, tmp_path: Path) -> None:
    """Whatever it is now, it is not what was read."""
    (tmp_path / "victim").write_bytes(b"old")

    def linked() -> None:
        place.unlink()
        place.symlink_to(tmp_path / "victim")

    assert swapping.swap(place, b"old", b"new", first=linked).done is False
    assert place.is_symlink()
    assert (tmp_path / "victim").read_bytes() == b"old"
    if sys.platform != "win32":
        place.unlink()
        os.mkfifo(place)
        assert swapping.swap(place, b"", b"new").done is False


def test_an_error_before_the_swap_leaves_nothing(place: Path) -> None:
    """What must be written down first and cannot be: the file stays, and no temporary file does."""

    def fails() -> None:
        raise files.NotWritable("the journal cannot be written")

    with pytest.raises(files.NotWritable, match="journal"):
        swapping.swap(place, b"old", b"new", first=fails)
    assert place.read_bytes() == b"old"
    assert alone(place)


def written_at_the_rename(monkeypatch: pytest.MonkeyPatch, place: Path, *pieces: bytes) -> None:
    """Have another program truncate the file right before it is replaced, and write it in pieces, slowly."""
    replace = os.replace
    late = list(pieces)
    opened: list[int] = []

    def replaced(source: Path, target: Path) -> None:
        if not opened:
            opened.append(os.open(place, os.O_WRONLY | os.O_TRUNC))
        replace(source, target)

    def slept(_: float) -> None:
        if late:
            os.write(opened[0], late.pop(0))
        elif opened[0] >= 0:
            os.close(opened[0])
            opened[0] = -1

    monkeypatch.setattr(os, "replace", replaced)
    monkeypatch.setattr("keeplit.adapters.clock.sleep", slept)


@pytest.mark.skipif(sys.platform == "win32", reason="nothing that is open is replaced there")
def test_what_is_written_in_the_very_moment_is_handed_back(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that writes in place, slowly, between the last look and the rename, is heard to its end."""
    written_at_the_rename(monkeypatch, place, b"the", b"irs", b" }")
    done = swapping.swap(place, b"old", b"new", whole=lambda data: data.endswith(b"}"))
    assert done == swapping.Swapped(done=True, late=b"theirs }")
    assert place.read_bytes() == b"new"


@pytest.mark.skipif(sys.platform == "win32", reason="nothing that is open is replaced there")
def test_what_is_never_whole_is_no_content(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that was killed while it wrote leaves nothing worth keeping."""
    written_at_the_rename(monkeypatch, place, b"the")
    assert swapping.swap(place, b"old", b"new", whole=lambda data: data.endswith(b"}")) == swapping.Swapped(done=True)


@pytest.mark.skipif(sys.platform == "win32", reason="nothing that is open is replaced there")
def test_the_same_bytes_written_again_are_nothing_new(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file says what it said."""
    written_at_the_rename(monkeypatch, place, b"old")
    assert swapping.swap(place, b"old", b"new").late is None


def test_a_file_is_removed_only_as_it_was_read(place: Path) -> None:
    """What another program wrote meanwhile is not deleted."""
    assert swapping.remove(place, b"else") is False
    assert swapping.remove(place, b"old", first=writing(place, b"theirs")) is False
    assert place.read_bytes() == b"theirs"
    assert swapping.remove(place, b"theirs") is True
    assert not place.exists()
    assert swapping.remove(place, b"theirs") is False


def test_a_file_that_cannot_be_removed_is_said(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is closed to us."""

    def closed(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "unlink", closed)
    with pytest.raises(files.NotWritable, match="cannot be removed: Permission denied"):
        swapping.remove(place, b"old")
    assert place.read_bytes() == b"old"


def test_the_owner_is_kept(place: Path) -> None:
    """Root that writes a person's file leaves it theirs, with its mode."""
    conftest.real_part("two users (run as root)", found=sys.platform != "win32" and os.geteuid() == 0)
    assert swapping.swap(place, b"old", b"new", mode=0o644, owner=(65534, 65534)).done
    found = place.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o7777) == (65534, 65534, 0o644)


def test_an_owner_that_cannot_be_kept_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can give a file away but root: the old file stays, and nothing is left beside it."""
    conftest.real_part("two users (run as root)", found=sys.platform != "win32" and os.geteuid() == 0)
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "settings.json").write_bytes(b"old")
    os.chown(folder, 65534, 65534)
    monkeypatch.chdir(folder)
    os.seteuid(65534)
    try:
        with pytest.raises(files.NotWritable, match="Operation not permitted"):
            swapping.swap(Path("settings.json"), b"old", b"new", owner=(1, 1))
    finally:
        os.seteuid(0)
    assert [path.name for path in folder.iterdir()] == ["settings.json"]
    assert (folder / "settings.json").read_bytes() == b"old"
