import os
import signal
import subprocess
import sys
import time
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


HELD = """
import sys, time
from pathlib import Path
from keeplit.adapters import files
held = files.try_lock(Path(sys.argv[1]))
print("held" if held is not None else "not", flush=True)
time.sleep(60)
"""
REPLACED = """
import os, sys, time
from pathlib import Path
from keeplit.adapters import files
place, step = Path(sys.argv[1]), sys.argv[2]

def stop():
    print("here", flush=True)
    time.sleep(60)

if step == "before": stop()
prepared = files.prepare(place, b"x" * 9000)
if step == "prepared": stop()
prepared._fill(b"new" * 3000)
if step == "filled": stop()
prepared._close()
if step == "closed": stop()
files._replace(prepared.temporary, place)
if step == "replaced": stop()
"""


def killed_at(place: Path, step: str) -> None:
    """Replace a file in a process of its own, and kill that without warning at one step."""
    child = subprocess.Popen([sys.executable, "-c", REPLACED, place, step], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"here\n"
    child.send_signal(signal.SIGKILL)
    child.wait(10)
    child.stdout.close()


@pytest.mark.parametrize("step", ["before", "prepared", "filled", "closed", "replaced"])
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


def test_a_lock_dies_with_its_holder(folder: Path) -> None:
    """Liveness is the lock: a kill frees it at once, without anyone's help."""
    place = folder / "daemon.lock"
    holder = subprocess.Popen([sys.executable, "-c", HELD, place], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    assert files.is_held(place) is True
    assert files.try_lock(place) is None
    with pytest.raises(files.Busy, match=r"daemon\.lock has been held"), files.lock(place, 0.05):
        pytest.fail("the lock was given twice")
    holder.send_signal(signal.SIGKILL)
    holder.wait(10)
    holder.stdout.close()
    assert files.is_held(place) is False
    with files.lock(place, 0.0):
        assert files.is_held(place) is True
    assert files.is_held(place) is False


def test_a_look_at_a_lock_makes_and_takes_nothing(folder: Path) -> None:
    """Whether a daemon runs is asked often, by everyone."""
    place = folder / "daemon.lock"
    assert files.is_held(place) is False
    assert not place.exists()


def test_a_lock_waits_as_long_as_it_was_told(folder: Path) -> None:
    """A look holds the lock for a moment, and whoever takes it outlasts that."""
    place = folder / "daemon.lock"
    first = files.try_lock(place)
    assert first is not None
    began = time.monotonic()
    assert files.try_lock(place, 0.2) is None
    assert time.monotonic() - began >= 0.2
    first.close()
    second = files.try_lock(place)
    assert second is not None
    second.close()


def test_a_lock_that_cannot_be_made_is_said(folder: Path) -> None:
    """The error says which lock: here a folder stands in its place."""
    (folder / "a.lock").mkdir()
    with pytest.raises(files.NotWritable, match=r"a\.lock cannot be taken"):
        files.try_lock(folder / "a.lock")
