import os
import sys
from pathlib import Path

import pytest

from keeplit.adapters import files
from keeplit.adapters.files import appending
from tests import conftest


def test_lines_follow_one_another(tmp_path: Path) -> None:
    """Each ends with a line end, and the file is only ours."""
    place = tmp_path / "journal"
    appending.append_line(place, b"one")
    appending.append_line(place, b"two")
    assert place.read_bytes() == b"one\ntwo\n"
    assert place.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("torn", [b"on", b"one\ntw"])
def test_a_torn_line_is_ended_and_never_continued(tmp_path: Path, torn: bytes) -> None:
    """What a kill left is a line of its own."""
    place = tmp_path / "journal"
    place.write_bytes(torn)
    appending.append_line(place, b"next")
    assert place.read_bytes() == torn + b"\nnext\n"


def test_a_line_that_does_not_fit_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills in the middle leaves the lines that were there, and says so."""
    place = tmp_path / "journal"
    appending.append_line(place, b"one")
    write = os.write

    def half(descriptor: int, data: bytes) -> int:
        if len(data) < 6:
            raise OSError(28, "No space left on device")
        return write(descriptor, data[:6])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(files.NotWritable, match="No space left"):
        appending.append_line(place, b"two two")
    assert place.read_bytes() == b"one\n"


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    """Nothing is added to what it points to."""
    (tmp_path / "victim").write_bytes(b"precious")
    (tmp_path / "journal").symlink_to(tmp_path / "victim")
    with pytest.raises(files.NotPrivate, match="is a link"):
        appending.append_line(tmp_path / "journal", b"one")
    assert (tmp_path / "victim").read_bytes() == b"precious"


def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    """Nothing of ours goes where another user reads it."""
    conftest.real_part("two users (run as root)", found=sys.platform != "win32" and os.geteuid() == 0)
    place = tmp_path / "journal"
    place.write_bytes(b"")
    os.chown(place, 65534, 65534)
    with pytest.raises(files.NotPrivate, match="belongs to another user"):
        appending.append_line(place, b"one")
    assert place.read_bytes() == b""


def test_a_folder_in_its_place_is_not_writable(tmp_path: Path) -> None:
    """The error says which file."""
    (tmp_path / "journal").mkdir()
    with pytest.raises(files.NotWritable, match="journal cannot be written"):
        appending.append_line(tmp_path / "journal", b"one")
