import subprocess
import sys
import time
from pathlib import Path

import pytest

from keeplit.adapters import files

HELD = """
import sys, time
from pathlib import Path
from keeplit.adapters import files
held = files.try_lock(Path(sys.argv[1]))
print("held" if held is not None else "not", flush=True)
time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give an empty folder."""
    made = tmp_path / "folder"
    made.mkdir()
    return made


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
    holder.kill()
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


def test_a_link_in_a_locks_place_is_refused(folder: Path) -> None:
    """What it points to is neither emptied nor locked."""
    victim = folder / "victim"
    victim.write_bytes(b"precious")
    (folder / "a.lock").symlink_to(victim)
    with pytest.raises(files.NotPrivate, match="is a link"):
        files.try_lock(folder / "a.lock")
    assert files.is_held(folder / "a.lock") is False
    assert victim.read_bytes() == b"precious"


def test_a_lock_that_cannot_be_made_is_said(folder: Path) -> None:
    """The error says which lock: here a folder stands in its place."""
    (folder / "a.lock").mkdir()
    with pytest.raises(files.NotWritable, match=r"a\.lock cannot be taken"):
        files.try_lock(folder / "a.lock")
