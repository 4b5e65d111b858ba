"""Files: read with a limit, replaced whole or not at all, private folders, locks that die with their holder.

    FileTrouble           what a person can mend; its text says where and how
    ├── NotPrivate        a folder or file of ours is a link, another user's, or open to others
    ├── NotWritable       it cannot be written: rights, a read-only or a full disk
    ├── NotReadable       it cannot be read, or is larger than it may be
    └── Busy              a lock was held too long

Law: a reader sees the old bytes or the new ones. The new ones are prepared beside the file, on the same disk, before
anything is done that cannot be undone; a kill leaves one temporary file at most, and the next writer takes its name.
"""

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from keeplit.adapters import clock

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
OPEN_TO_OTHERS = 0o077
LIMIT = 1 << 20
SHARING_TRIES = 20
SHARING_WAIT = 0.05
LOOK_EVERY = 0.02
NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
CLOEXEC = getattr(os, "O_CLOEXEC", 0)
Held = contextlib.ExitStack


class FileTrouble(Exception):  # noqa: N818  # the tree is drawn above
    """Something about a file that a person can mend."""


class NotPrivate(FileTrouble):
    """One of our own folders or files is not only ours."""


class NotWritable(FileTrouble):
    """It cannot be written."""


class NotReadable(FileTrouble):
    """It cannot be read."""


class Busy(FileTrouble):
    """Someone else held the lock too long."""


def read(path: Path, limit: int = LIMIT) -> bytes | None:
    """Return the bytes of anyone's file, links followed; None where there is none. Raises `NotReadable`."""
    return _read(path, limit, 0)


def read_own(path: Path, limit: int = LIMIT) -> bytes | None:
    """Return the bytes of a file of ours; None where there is none. Raises `NotPrivate`, `NotReadable`."""
    if path.is_symlink():
        raise NotPrivate(f"{path} is a link, and nobody but keeplit may write there: remove it")
    return _read(path, limit, NOFOLLOW, own=True)


def _read(path: Path, limit: int, flags: int, *, own: bool = False) -> bytes | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | CLOEXEC | flags | getattr(os, "O_NONBLOCK", 0))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise NotReadable(f"{path} cannot be read: {error.strerror}") from None
    try:
        if own:
            _verify_owner(path, os.fstat(descriptor))
        data = b""
        while len(data) <= limit and (more := os.read(descriptor, limit + 1 - len(data))):
            data += more
    except OSError as error:
        raise NotReadable(f"{path} cannot be read: {error.strerror}") from None
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise NotReadable(f"{path} is larger than {limit} bytes, so it is not what it should be")
    return data


def _verify_owner(path: Path, found: os.stat_result) -> None:
    if sys.platform != "win32" and found.st_uid != os.geteuid():
        raise NotPrivate(f"{path} belongs to another user: remove it, or give it back with chown")


def private_folder(path: Path) -> Path:
    """Make a folder of ours, or verify that it is only ours; one that is too open is closed. Raises `FileTrouble`."""
    try:
        path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        raise NotWritable(f"the folder {path} cannot be made: {error.strerror}") from None
    if not stat.S_ISDIR(found.st_mode):
        raise NotPrivate(f"{path} must be a folder of its own and is a link: remove it")
    _verify_owner(path, found)
    if sys.platform != "win32" and found.st_mode & OPEN_TO_OTHERS:
        path.chmod(PRIVATE_FOLDER)
    return path


class Prepared:
    """The replacement of one file, its room on the disk already taken."""

    def __init__(self, path: Path, size_hint: bytes, mode: int = PRIVATE_FILE) -> None:
        """Make the temporary file beside `path` and fill it with `size_hint`. Raises `NotWritable`."""
        self.path = path
        self.temporary = path.with_name(f".{path.name}.keeplit")
        self._descriptor = -1
        try:
            self._descriptor = _temporary(self.temporary, mode)
            self._fill(size_hint)
        except OSError as error:
            self.drop()
            raise NotWritable(f"{path} cannot be written: {error.strerror}") from None

    def _fill(self, data: bytes) -> None:
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]
        os.ftruncate(self._descriptor, len(data))
        os.fsync(self._descriptor)

    def commit(self, data: bytes) -> None:
        """Put `data` in place of the file. Raises `NotWritable`; the old file then stands as it was."""
        try:
            self._fill(data)
            self._close()
            _replace(self.temporary, self.path)
        except OSError as error:
            self.drop()
            raise NotWritable(f"{self.path} cannot be written: {error.strerror}") from None
        _sync_folder(self.path.parent)

    def drop(self) -> None:
        """Give the temporary file up."""
        self._close()
        with contextlib.suppress(OSError):
            self.temporary.unlink()

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        if self._descriptor >= 0:
            self.drop()


def _temporary(path: Path, mode: int) -> int:
    """Open the temporary file; what a kill left there, or somebody planted, is removed and never followed."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | NOFOLLOW | CLOEXEC | getattr(os, "O_BINARY", 0), mode)


def _replace(source: Path, target: Path) -> None:
    """Rename over; on Windows that fails while someone has the target open, so it is tried for a second."""
    for _ in range(SHARING_TRIES):
        try:
            source.replace(target)
        except PermissionError:
            if sys.platform != "win32":
                raise
            clock.sleep(SHARING_WAIT)
        else:
            return
    source.replace(target)


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # Windows opens no folder
        descriptor = os.open(folder, os.O_RDONLY | CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def prepare(path: Path, size_hint: bytes, mode: int = PRIVATE_FILE) -> Prepared:
    """Return a replacement of `path` whose room on the disk is taken. Raises `NotWritable`."""
    return Prepared(path, size_hint, mode)


def replace(path: Path, data: bytes, mode: int = PRIVATE_FILE) -> None:
    """Put `data` in place of `path`, whole or not at all. Raises `NotWritable`."""
    with prepare(path, data, mode) as prepared:
        prepared.commit(data)


def replace_if_changed(path: Path, data: bytes, mode: int = PRIVATE_FILE) -> bool:
    """Put `data` in place of `path` where that changes it, and return whether it did. Raises `FileTrouble`."""
    if read_own(path, max(LIMIT, len(data))) == data:
        return False
    replace(path, data, mode)
    return True


def try_lock(path: Path, wait: float = 0.0) -> Held | None:
    """Take a lock that dies with this process, given back by closing it; None where another has it for `wait` s."""
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=wait, mode=PRIVATE_FILE)
    try:
        lock.acquire(poll_interval=LOOK_EVERY)
    except Timeout:
        return None
    except OSError as error:
        raise NotWritable(f"the lock {path} cannot be taken: {error.strerror}") from None
    held = contextlib.ExitStack()
    held.callback(lock.release)
    return held


@contextlib.contextmanager
def lock(path: Path, timeout: float) -> Iterator[None]:
    """Hold a lock. Raises `Busy` where it is someone else's for `timeout` seconds."""
    held = try_lock(path, timeout)
    if held is None:
        raise Busy(f"{path.name} has been held by another process for {timeout:.0f} s; try again")
    with held:
        yield


def is_held(path: Path) -> bool:
    """Whether someone holds the lock. A shared look: it may delay whoever takes the lock, by no more than itself."""
    if sys.platform == "win32":
        if not path.exists():
            return False
        held = try_lock(path)
        if held is not None:
            held.close()
        return held is None
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDONLY | CLOEXEC | NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
