import signal
import subprocess
import sys
from pathlib import Path

import pytest

from keeplit.adapters import files
from tests import conftest

REPLACED = """
import os, sys, time
from pathlib import Path
from keeplit.adapters import files
from keeplit.adapters.files import writing
place, step = Path(sys.argv[1]), sys.argv[2]

def stop():
    print("here", flush=True)
    time.sleep(60)

if step == "before": stop()
prepared = files.prepare(place, b"x" * 9000)
if step == "prepared": stop()
prepared._fill(b"new" * 3000)
if step == "filled": stop()
writing._replace(prepared.temporary, place)
if step == "replaced": stop()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give an empty folder."""
    made = tmp_path / "folder"
    made.mkdir()
    return made


def killed_at(place: Path, step: str) -> None:
    """Replace a file in a process of its own, and kill that without warning at one step."""
    child = subprocess.Popen([sys.executable, "-c", REPLACED, place, step], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"here\n"
    child.send_signal(signal.SIGKILL)
    child.wait(10)
    child.stdout.close()


@pytest.mark.parametrize("step", ["before", "prepared", "filled", "replaced"])
def test_a_kill_leaves_the_old_file_or_the_new_one(folder: Path, step: str) -> None:
    """A reader finds one of the two whole, with one orphan at most, and the next writer takes its place."""
    place = folder / "token.json"
    files.replace(place, b"old")
    killed_at(place, step)
    assert place.read_bytes() == (b"new" * 3000 if step == "replaced" else b"old")
    assert len(list(folder.iterdir())) <= 2
    files.replace(place, b"next")
    assert place.read_bytes() == b"next"
    assert list(folder.iterdir()) == [place]


def test_a_file_is_replaced_with_its_mode_from_the_first_byte(folder: Path) -> None:
    """A token is nobody else's to read, at no moment."""
    place = folder / "token.json"
    with files.prepare(place, b"x") as prepared:
        assert prepared.temporary.stat().st_mode & 0o777 == 0o600
        prepared.commit(b"secret")
    assert place.stat().st_mode & 0o777 == 0o600
    assert not prepared.temporary.exists()


def test_what_is_not_committed_leaves_nothing(folder: Path) -> None:
    """An error between preparing and committing leaves the old file alone."""
    place = folder / "token.json"
    files.replace(place, b"old")
    with files.prepare(place, b"room"):
        pass
    assert place.read_bytes() == b"old"
    assert list(folder.iterdir()) == [place]


def test_a_link_planted_under_the_temporary_name_is_not_followed(folder: Path) -> None:
    """Someone else's file must not be overwritten through us."""
    victim = folder / "victim"
    victim.write_bytes(b"precious")
    (folder / ".token.json.keeplit").symlink_to(victim)
    files.replace(folder / "token.json", b"new")
    assert victim.read_bytes() == b"precious"
    assert (folder / "token.json").read_bytes() == b"new"


def test_a_folder_that_is_missing_is_not_writable(folder: Path) -> None:
    """The error says which file could not be written."""
    with pytest.raises(files.NotWritable, match=r"gone/token\.json cannot be written"):
        files.replace(folder / "gone" / "token.json", b"new")


def test_a_full_disk_shows_before_anything_is_done(folder: Path) -> None:
    """The room is taken by preparing, and a failure leaves the old file and no orphan."""
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk], capture_output=True, check=False
    )
    conftest.real_part("a small disk to fill (mount as root)", found=mounted.returncode == 0)
    try:
        place = disk / "token.json"
        files.replace(place, b"old")
        with pytest.raises(files.NotWritable, match="No space left"):
            files.prepare(place, b"x" * 65536)
        assert place.read_bytes() == b"old"
        assert list(disk.iterdir()) == [place]
    finally:
        subprocess.run(["umount", disk], check=True)


def test_an_unchanged_file_is_not_written_again(folder: Path) -> None:
    """Its time stays, so that nobody who watches it is woken."""
    place = folder / "status.json"
    assert files.replace_if_changed(place, b"one") is True
    before = place.stat().st_ino, place.stat().st_mtime_ns
    assert files.replace_if_changed(place, b"one") is False
    assert (place.stat().st_ino, place.stat().st_mtime_ns) == before
    assert files.replace_if_changed(place, b"two") is True


CROWD = """
import sys
from pathlib import Path
from keeplit.adapters import files
place, mark = Path(sys.argv[1]), sys.argv[2]
for number in range(60):
    files.replace(place, (mark * (500 + 37 * number)).encode())
"""


def test_many_writers_at_once_tear_nothing(folder: Path) -> None:
    """Each finds its turn, and a reader sees one writer's whole bytes at any moment."""
    place = folder / "role.json"
    files.replace(place, b"a" * 500)
    crowd = [subprocess.Popen([sys.executable, "-c", CROWD, place, mark]) for mark in "abcd"]
    torn: list[bytes] = []
    while any(writer.poll() is None for writer in crowd):
        data = files.read(place)
        assert data is not None
        if len(set(data)) != 1 or (len(data) - 500) % 37:
            torn.append(data)
    assert torn == []
    assert [writer.returncode for writer in crowd] == [0, 0, 0, 0]
    assert list(folder.iterdir()) == [place]


def test_a_second_name_planted_for_the_temporary_file_is_not_written_through(folder: Path) -> None:
    """A hard link to someone's file under the temporary name is removed, not filled."""
    victim = folder / "victim"
    victim.write_bytes(b"precious")
    (folder / ".token.json.keeplit").hardlink_to(victim)
    files.replace(folder / "token.json", b"new")
    assert victim.read_bytes() == b"precious"
    assert (folder / "token.json").read_bytes() == b"new"


def test_a_writer_that_never_ends_is_not_waited_for_for_ever(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one says that another process writes, and the first one's file is untouched."""
    place = folder / "token.json"
    with files.prepare(place, b"first") as prepared:
        monkeypatch.setattr("keeplit.adapters.files.writing.SHARING_WAIT", 0.001)
        with pytest.raises(files.NotWritable, match="another process is writing it"):
            files.replace(place, b"second")
        prepared.commit(b"first")
    assert place.read_bytes() == b"first"
