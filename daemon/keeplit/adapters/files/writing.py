"""A file is replaced whole or not at all, by one writer at a time, with its room on the disk taken before."""

import contextlib
import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Self

from keeplit.adapters import clock
from keeplit.adapters.files.reading import CLOEXEC, LIMIT, NOFOLLOW, PRIVATE_FILE, NotReadable, NotWritable, read_own

if sys.platform != "win32":
    import fcntl

SHARING_TRIES = 40
SHARING_WAIT = 0.05
# How opening the temporary file fails where a link, or a file of another user, was left there.
PLANTED = frozenset({errno.ELOOP, errno.EACCES, errno.EPERM})


class Prepared:
    """The replacement of one file, its room on the disk already taken."""

    def __init__(
        self, path: Path, size_hint: bytes, mode: int = PRIVATE_FILE, owner: tuple[int, int] | None = None
    ) -> None:
        """Make the temporary file beside `path` and fill it with `size_hint`. Raises `NotWritable`.

        `owner`: the user and group that the file is to have; None: whoever writes it.
        """
        self.path = path
        self.temporary = path.with_name(f".{path.name}.keeplit")
        self._descriptor = -1
        self._ours = False
        self._held: bytes | None = None
        try:
            self._descriptor = _temporary(self.temporary, mode)
            self._ours = True
            _give(self._descriptor, owner, mode)
            self._fill(size_hint)
        except OSError as error:
            self.drop()
            raise NotWritable(f"{path} cannot be written: {error.strerror}") from None

    def _fill(self, data: bytes) -> None:
        if self._held == data:
            return
        self._held = None
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]
        os.ftruncate(self._descriptor, len(data))
        os.fsync(self._descriptor)
        self._held = data

    def commit(self, data: bytes, still: Callable[[], bool] | None = None) -> bool:
        """Put `data` in place of the file. Raises `NotWritable`; the old file then stands as it was.

        `still` is asked in the last moment; where it says no, nothing is replaced, and the answer is False.
        """
        try:
            self._fill(data)
            if sys.platform == "win32":
                self._close()
            if not _replace(self.temporary, self.path, still):
                self.drop()
                return False
            self._ours = False
            self._close()
        except OSError as error:
            self.drop()
            raise NotWritable(f"{self.path} cannot be written: {error.strerror}") from None
        sync_folder(self.path.parent)
        return True

    def drop(self) -> None:
        """Give the temporary file up; without its lock it is no longer ours to remove."""
        if not self._ours:
            return
        self._ours = False
        if sys.platform == "win32":
            self._close()
        with contextlib.suppress(OSError):
            self.temporary.unlink()
        self._close()

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        self.drop()


def _temporary(path: Path, mode: int) -> int:
    """Open the temporary file and own it: whoever comes second waits until the first has renamed or dropped it.

    The name is fixed, so that a kill leaves one orphan at most, which the next writer takes over. What somebody planted
    there, a link or another user's file, is removed and never followed.
    """
    for _ in range(SHARING_TRIES):
        descriptor = _opened(path, mode)
        if descriptor is not None:
            return descriptor
        clock.sleep(SHARING_WAIT)
    raise OSError(errno.EBUSY, "another process is writing it")


if sys.platform == "win32":

    def _opened(path: Path, mode: int) -> int | None:
        """Make the file anew; one that is open elsewhere can neither be deleted nor made."""
        try:
            path.unlink(missing_ok=True)
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_BINARY, mode)
        except (FileExistsError, PermissionError):
            return None

else:

    def _opened(path: Path, mode: int) -> int | None:
        """Open the file and lock it; None where it is another's, or no longer the one of that name."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | NOFOLLOW | CLOEXEC, mode)
        except OSError as error:
            if error.errno not in PLANTED:
                raise
            try:
                path.unlink()
            except OSError:
                raise error from None
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            found, named = os.fstat(descriptor), path.lstat()
            planted = found.st_uid != os.geteuid() or found.st_nlink != 1
            if os.path.samestat(found, named) and not planted:
                os.fchmod(descriptor, mode)
                return descriptor
            if planted and os.path.samestat(found, named):
                path.unlink()
        except (BlockingIOError, FileNotFoundError):
            pass  # another writer has it, or has just renamed it
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        return None


def _give(descriptor: int, owner: tuple[int, int] | None, mode: int) -> None:
    """Give the temporary file to its owner; the mode comes after, since a change of owner can take from it."""
    if sys.platform == "win32" or owner is None:
        return
    found = os.fstat(descriptor)
    if (found.st_uid, found.st_gid) != owner:
        os.fchown(descriptor, *owner)
        os.fchmod(descriptor, mode)


def _replace(source: Path, target: Path, still: Callable[[], bool] | None = None) -> bool:
    """Rename over; on Windows that fails while someone has the target open, so it is tried for a second."""
    for _ in range(SHARING_TRIES):
        if still is not None and not still():
            return False
        try:
            source.replace(target)
        except PermissionError:
            if sys.platform != "win32":
                raise
            clock.sleep(SHARING_WAIT)
        else:
            return True
    raise PermissionError(errno.EBUSY, "another program has it open all the time")


def sync_folder(folder: Path) -> None:
    """Have the names in a folder written to the disk, where the system can."""
    with contextlib.suppress(OSError):  # Windows opens no folder
        descriptor = os.open(folder, os.O_RDONLY | CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def prepare(path: Path, size_hint: bytes, mode: int = PRIVATE_FILE, owner: tuple[int, int] | None = None) -> Prepared:
    """Return a replacement of `path` whose room on the disk is taken. Raises `NotWritable`."""
    return Prepared(path, size_hint, mode, owner)


def replace(path: Path, data: bytes, mode: int = PRIVATE_FILE) -> None:
    """Put `data` in place of `path`, whole or not at all. Raises `NotWritable`."""
    with prepare(path, data, mode) as prepared:
        prepared.commit(data)


def replace_if_changed(path: Path, data: bytes, mode: int = PRIVATE_FILE) -> bool:
    """Put `data` in place of `path` where that changes it, and return whether it did. Raises `FileTrouble`."""
    with contextlib.suppress(NotReadable):  # too large, or closed to us: whatever it is, it is not `data`
        if read_own(path, max(LIMIT, len(data))) == data:
            return False
    replace(path, data, mode)
    return True
