import os
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
    child.kill()
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


def test_a_file_that_is_closed_to_us_under_the_temporary_name_is_removed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One run as root, killed while it wrote, must not end every later renewal of the user."""
    conftest.real_part("two users (run as root)", found=sys.platform != "win32" and os.geteuid() == 0)
    nobody = 65534
    os.chown(folder, nobody, nobody)
    (folder / ".token.json.keeplit").write_bytes(b"root's")
    (folder / ".token.json.keeplit").chmod(0o600)
    monkeypatch.chdir(folder)  # the folders above are root's alone
    os.seteuid(nobody)
    try:
        files.replace(Path("token.json"), b"new")
        assert files.read_own(Path("token.json")) == b"new"
    finally:
        os.seteuid(0)
    assert [path.name for path in folder.iterdir()] == ["token.json"]


def test_a_folder_that_is_closed_to_us_is_not_writable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only ~/.aws is said as it is, and nothing is left in it."""
    conftest.real_part("two users (run as root)", found=sys.platform != "win32" and os.geteuid() == 0)
    monkeypatch.chdir(folder)
    folder.chmod(0o755)
    os.seteuid(65534)
    try:
        with pytest.raises(files.NotWritable, match="Permission denied"):
            files.prepare(Path("token.json"), b"new")
    finally:
        os.seteuid(0)
    assert list(folder.iterdir()) == []


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


def test_a_disk_that_fills_before_the_end_leaves_the_old_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came out larger than the room that was taken may still not fit."""
    place = folder / "token.json"
    files.replace(place, b"old")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with files.prepare(place, b"room") as prepared:
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(files.NotWritable, match="No space left"):
            prepared.commit(b"much more than there was room for")
    assert place.read_bytes() == b"old"
    assert list(folder.iterdir()) == [place]


def test_a_rename_that_fails_leaves_the_old_file_and_no_orphan(folder: Path) -> None:
    """A folder stands in the file's place."""
    (folder / "token.json").mkdir()
    (folder / "token.json" / "inside").touch()
    with pytest.raises(files.NotWritable, match=r"token\.json cannot be written"):
        files.replace(folder / "token.json", b"new")
    assert list(folder.iterdir()) == [folder / "token.json"]


def test_a_file_too_large_to_be_ours_is_replaced(folder: Path) -> None:
    """It must not keep the daemon from writing for ever after."""
    place = folder / "status.json"
    place.write_bytes(b" " * (files.LIMIT + 1))
    assert files.replace_if_changed(place, b"{}") is True
    assert place.read_bytes() == b"{}"


def test_a_link_in_the_files_place_is_said_and_stays(folder: Path) -> None:
    """Whoever planted it does not decide where keeplit writes."""
    victim = folder / "victim"
    victim.write_bytes(b"precious")
    (folder / "status.json").symlink_to(victim)
    with pytest.raises(files.NotPrivate, match="is a link"):
        files.replace_if_changed(folder / "status.json", b"{}")
    assert victim.read_bytes() == b"precious"


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
