from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from keeplit.ui import following
from keeplit.ui.following import Following

WINDOWS = sys.platform == "win32"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a log is to be."""
    return tmp_path / "keeplit.log"


@pytest.fixture(params=["not held"] if WINDOWS else ["held", "not held"])
def log(path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Following]:
    """Give the following of that log with so many older ones that none goes, as on Windows and elsewhere."""
    monkeypatch.setattr(following, "HELD", request.param == "held")
    with closing(Following(path, 50)) as one:
        yield one


def write(path: Path, line: str) -> None:
    """Write a line as the daemon does."""
    with path.open("a") as file:
        file.write(f"{line}\n")


def rotate(path: Path, kept: int = 50) -> None:
    """Put the log aside as `logging` does; of `kept` older ones the oldest goes."""
    places = [path, *(path.with_name(f"keeplit.log.{number}") for number in range(1, kept + 1))]
    for older, newer in reversed(list(zip(places[1:], places, strict=False))):
        if newer.exists():
            newer.replace(older)


def test_a_log_is_shown_once_over_many_rotations(path: Path, log: Following) -> None:
    """What was written right before each, and right after it, in order; where nothing is new, nothing."""
    shown = b""
    for number in range(20):
        write(path, f"{number} before")
        rotate(path)
        write(path, f"{number} after")
        shown += log.more()
        assert log.more() == b""
    assert shown.decode().split("\n")[:-1] == [
        f"{number} {when}" for number in range(20) for when in ("before", "after")
    ]


@pytest.mark.skipif(WINDOWS, reason="files that are held open while they are renamed")
def test_no_new_log_is_taken_for_one_that_is_gone(path: Path) -> None:
    """With two older ones kept: the new log would get the identity of what goes, and is as long."""
    with closing(Following(path, 2)) as log:
        shown = b""
        for number in range(10, 60):
            write(path, str(number))
            rotate(path, 2)
            write(path, str(-number))
            shown += log.more()
        assert shown.decode().split() == [str(one) for number in range(10, 60) for one in (number, -number)]


def test_logs_that_were_rotated_between_two_looks_are_shown_whole(path: Path, log: Following) -> None:
    """The older one first."""
    write(path, "1")
    assert log.more() == b"1\n"
    for line in ("2", "3", "4"):
        write(path, line)
        rotate(path)
    assert log.more() == b"2\n3\n4\n"
    write(path, "5")
    assert log.more() == b"5\n"


@pytest.mark.skipif(WINDOWS, reason="files that are held open while they are renamed")
def test_what_is_written_late_into_an_older_log_is_shown(path: Path, log: Following) -> None:
    """A sign-in that began before the rotation holds the file that is put aside."""
    with path.open("a") as late:
        write(path, "1")
        rotate(path)
        write(path, "2")
        assert log.more() == b"1\n2\n"
        late.write("3\n")
        late.flush()
        assert log.more() == b"3\n"


def test_the_older_logs_were_there_before(path: Path) -> None:
    """They are not shown, with and without a log beside them."""
    write(path, "1")
    rotate(path)
    with closing(Following(path, 2)) as log:
        assert log.more() == b""
        write(path, "2")
        assert log.more() == b"2\n"
    with closing(Following(path, 2)) as log:
        assert log.more() == b"2\n"


def test_a_log_that_was_emptied_begins_anew(path: Path, log: Following) -> None:
    """By a person who empties it by hand."""
    write(path, "a long line")
    log.more()
    path.write_text("new\n")
    assert log.more() == b"new\n"


def test_a_log_that_cannot_be_read_is_an_error(path: Path, log: Following) -> None:
    """Which whoever asked tells."""
    path.mkdir()
    with pytest.raises(OSError, match=r"keeplit\.log"):
        log.more()
