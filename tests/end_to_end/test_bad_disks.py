from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import real_part
from tests.end_to_end.machine import KEEPLIT, Machine, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mounts and capabilities")

SOON = timedelta(minutes=1)
STRANGER = 54321
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
OVERRIDES = "-dac_override,-dac_read_search,-fowner"
needs_root = pytest.mark.skipif(not IS_ROOT, reason="only root can mount, or give files to others")


def plain(desk: Machine, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a keeplit command as a person: root's power to read and write everything is given up first."""
    if not IS_ROOT:
        return desk.run(*arguments)
    real_part("setpriv", found=shutil.which("setpriv") is not None)
    return desk.program("setpriv", f"--bounding-set={OVERRIDES}", *KEEPLIT, *arguments)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount a small disk over a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Fill the disk to its last byte, and return what fills it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 1024):
                pass
        except OSError:
            return ballast
    return ballast


def test_a_cache_that_cannot_be_written_burns_nothing(desk: Machine) -> None:
    """With ~/.aws read-only nothing is asked of AWS: no refresh token is burnt, no browser opens, and it is told."""
    desk.laptop.sign_in(SOON)
    before = desk.laptop.token_file.read_bytes()
    folders = [desk.home / ".aws", desk.home / ".aws" / "sso", desk.laptop.token_file.parent]
    for folder in folders:
        folder.chmod(0o500)
    try:
        turns = [plain(desk, "daemon", "--once") for _ in range(2)]
        login, claude = plain(desk, "login"), plain(desk, "login", "--for-claude", "--profile", "work")
        shown = plain(desk, "status", "--json")
    finally:
        for folder in folders:
            folder.chmod(0o700)
    assert [turn.returncode for turn in turns] == [1, 0], turns  # the second waits for the back-off
    assert desk.codes() & {"cache_not_writable"}
    assert (login.returncode, claude.returncode) == (1, 1)
    assert "cannot be" in login.stderr
    assert "cannot be" in claude.stderr
    assert {"cache_not_writable"} <= {one["code"] for one in json.loads(shown.stdout)["troubles"]}
    assert desk.laptop.calls("CreateToken") == desk.laptop.calls("RegisterClient") == []
    assert desk.tabs == 0
    assert desk.laptop.token_file.read_bytes() == before
    desk.laptop.paths.memory.unlink()
    assert desk.run("daemon", "--once").returncode == 0
    assert desk.laptop.calls("CreateToken") == ["200"]


@needs_root
def test_a_read_only_disk_burns_nothing(desk: Machine) -> None:
    """The same on a read-only mount, as containers have it, where nobody may write, root included."""
    desk.laptop.sign_in(SOON)
    aws = str(desk.home / ".aws")
    subprocess.run(["mount", "--bind", aws, aws], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", aws], check=True)
        turned, login = desk.run("daemon", "--once"), desk.run("login")
    finally:
        subprocess.run(["umount", "-l", aws], check=True)
    assert (turned.returncode, "Do: make ~/.aws" in turned.stderr) == (1, True), turned.stderr
    assert login.returncode == 1
    assert "cannot be" in login.stderr
    assert "Traceback" not in login.stderr + turned.stderr
    assert "cache_not_writable" in desk.codes()
    assert desk.laptop.sandbox.log.since() == ()
    assert desk.tabs == 0


@needs_root
def test_a_full_disk_burns_no_refresh_token(desk: Machine) -> None:
    """With the disk of ~/.aws full nothing is asked of AWS; once there is room, the token is renewed."""
    desk.laptop.sign_in(SOON)
    token = desk.laptop.token_file.read_bytes()
    with small_disk(desk.home / ".aws" / "sso", "64k") as disk:
        desk.laptop.token_file.parent.mkdir()
        desk.laptop.token_file.write_bytes(token)
        ballast = fill(disk)
        assert desk.run("daemon", "--once").returncode == 1
        assert desk.codes() >= {"cache_not_writable"}
        assert desk.laptop.calls("CreateToken") == []
        assert desk.laptop.token_file.read_bytes() == token
        ballast.unlink()
        desk.laptop.paths.memory.unlink()
        assert desk.run("daemon", "--once").returncode == 0
        assert desk.laptop.calls("CreateToken") == ["200"]
        assert desk.laptop.token_file.read_bytes() != token
        assert [path.name for path in desk.laptop.token_file.parent.iterdir()] == [desk.laptop.token_file.name]


@needs_root
def test_a_full_disk_of_our_own_stops_no_renewal(desk: Machine) -> None:
    """With the disk of our own state full the token is renewed all the same, and it is told once there is room."""
    desk.laptop.sign_in(SOON)
    before = desk.digest
    with small_disk(desk.laptop.paths.state, "64k") as disk:
        assert desk.run("daemon", "--once").returncode == 0
        desk.laptop.paths.memory.unlink()
        desk.laptop.sign_in(SOON)
        before = desk.digest
        ballast = fill(disk)
        daemon = desk.start("daemon")
        until(lambda: desk.digest not in {before, ""}, what="a renewal")
        ballast.unlink()
        until(desk.is_fresh, what="the status")
        daemon.terminate()
        _, err = daemon.communicate(timeout=5)
        assert daemon.returncode == 0
        assert err == ""


def test_a_file_that_may_not_grow_burns_nothing(desk: Machine) -> None:
    """Where a file may hold 512 bytes no token can be written, so none is asked for."""
    import resource

    desk.laptop.sign_in(SOON)
    before = desk.laptop.token_file.read_bytes()

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))

    assert desk.run("daemon", "--once", preexec_fn=limit).returncode == 1
    assert desk.laptop.calls("CreateToken") == []
    assert desk.laptop.token_file.read_bytes() == before


@needs_root
def test_a_token_of_another_user_is_told(desk: Machine) -> None:
    """A token file that `sudo aws` left as another user's is told as unreadable, and no browser opens for it."""
    desk.laptop.sign_in()
    os.chown(desk.laptop.token_file, STRANGER, STRANGER)
    for _ in range(2):
        assert plain(desk, "daemon", "--once").returncode == 0
    until(lambda: plain(desk, "daemon", "--once").returncode == 0 and "token_file_unreadable" in desk.codes())
    assert desk.tabs == 0
    assert desk.laptop.calls("CreateToken") == []


@needs_root
@pytest.mark.parametrize("name", ["state", "wishes", "asked"])
def test_a_folder_of_another_user_is_an_error(desk: Machine, name: str) -> None:
    """A folder of ours that belongs to somebody else is an error with a sentence, never a fallback."""
    desk.laptop.sign_in()
    assert desk.run("daemon", "--once").returncode == 0
    os.chown(getattr(desk.laptop.paths, name), STRANGER, STRANGER)
    said = desk.run("daemon", "--once")
    assert (said.returncode, said.stdout) == (1, "")
    assert "belongs to another user" in said.stderr
    assert "Traceback" not in said.stderr


@needs_root
def test_a_memory_of_another_user_is_not_believed(desk: Machine) -> None:
    """A memory.json that belongs to somebody else is not read; the daemon goes on without it and says so."""
    desk.laptop.sign_in(SOON)
    assert desk.run("daemon", "--once").returncode == 0
    os.chown(desk.laptop.paths.memory, STRANGER, STRANGER)
    desk.laptop.sign_in(SOON)
    before = desk.digest
    assert desk.run("daemon", "--once").returncode == 0
    assert desk.digest != before
    assert "memory_unreadable" in desk.codes()


def test_wrong_modes_are_mended(desk: Machine) -> None:
    """Folders and files of ours that are open to others are closed by the daemon's next start."""
    desk.laptop.sign_in(SOON)
    assert desk.run("daemon", "--once").returncode == 0
    paths = desk.laptop.paths
    folders = (paths.state, paths.wishes, paths.asked, paths.own)
    mine = (paths.memory, paths.status, paths.log)
    for folder in folders:
        folder.chmod(0o755)
    for file in mine:
        file.chmod(0o666)
    desk.laptop.token_file.chmod(0o644)
    desk.laptop.sign_in(SOON)
    assert desk.run("daemon", "--once").returncode == 0
    assert [oct(folder.stat().st_mode & 0o777) for folder in folders] == ["0o700"] * 4
    assert [oct(file.stat().st_mode & 0o777) for file in (*mine, desk.laptop.token_file)] == ["0o600"] * 4


@pytest.mark.parametrize("name", ["state", "wishes", "own"])
def test_a_folder_that_others_can_write_to_is_an_error(desk: Machine, name: str) -> None:
    """What lies in it may be theirs: nothing is done, and the sentence says what to look at."""
    desk.laptop.sign_in(SOON)
    assert desk.run("daemon", "--once").returncode == 0
    folder: Path = getattr(desk.laptop.paths, name)
    folder.chmod(0o777)
    desk.laptop.sign_in(SOON)
    done = desk.run("daemon", "--once")
    shown = desk.codes() if done.returncode == 0 else set()
    assert done.returncode == 1 or shown & {"cache_not_writable", "unexpected", "state_not_writable"}, (done, shown)
    assert "others can write to" in done.stderr or shown
    assert oct(folder.stat().st_mode & 0o777) == "0o777"


@pytest.mark.parametrize("name", ["status", "memory", "log"])
def test_a_planted_link_is_never_followed(desk: Machine, name: str) -> None:
    """A link planted in place of a file of ours is not written through."""
    desk.laptop.sign_in(SOON)
    target = desk.home / "precious"
    target.write_text("mine")
    place: Path = getattr(desk.laptop.paths, name)
    place.parent.mkdir(parents=True)
    place.symlink_to(target)
    said = desk.run("daemon", "--once")
    assert target.read_text() == "mine"
    assert "Traceback" not in said.stderr
    if name == "log":
        assert (said.returncode, "is a link" in said.stderr) == (1, True)
    else:
        assert said.returncode == 0
        assert desk.laptop.calls("CreateToken") == ["200"]


@pytest.mark.parametrize("name", ["wishes", "asked", "own"])
def test_a_planted_folder_is_never_followed(desk: Machine, name: str) -> None:
    """A link planted in place of a folder of ours is an error, and nothing is put where it points."""
    desk.laptop.sign_in(SOON)
    target = desk.home / "elsewhere"
    target.mkdir()
    place: Path = getattr(desk.laptop.paths, name)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)
    said = desk.run("daemon", "--once")
    assert list(target.iterdir()) == []
    assert "Traceback" not in said.stderr
    if name == "own":
        assert (said.returncode, desk.laptop.calls("CreateToken")) == (1, [])
        assert "cache_not_writable" in desk.codes()
    else:
        assert (said.returncode, "is a link" in said.stderr) == (1, True)


def test_a_planted_temporary_is_never_followed(desk: Machine) -> None:
    """A link planted under the name of the token's temporary file is replaced, and what it points to stays."""
    desk.laptop.sign_in(SOON)
    before = desk.digest
    target = desk.home / "precious"
    target.write_text("mine")
    token = desk.laptop.token_file
    (token.parent / f".{token.name}.keeplit").symlink_to(target)
    assert desk.run("daemon", "--once").returncode == 0
    assert target.read_text() == "mine"
    assert desk.digest != before
    assert token.is_symlink() is False


def test_a_planted_lock_is_never_followed(desk: Machine) -> None:
    """A link planted in place of the daemon's lock is an error, and its target is not emptied."""
    desk.laptop.sign_in()
    target = desk.home / "precious"
    target.write_text("mine")
    lock = desk.laptop.paths.daemon_lock
    lock.parent.mkdir(parents=True)
    lock.symlink_to(target)
    said = desk.run("daemon", "--once")
    assert target.read_text() == "mine"
    assert said.returncode == 1
    assert "Traceback" not in said.stderr
