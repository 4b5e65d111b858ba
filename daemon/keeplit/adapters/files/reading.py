"""What can be wrong with a file, reading with a limit, and folders that are only ours."""

import os
import stat
import sys
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
OPEN_TO_OTHERS = 0o077
WRITABLE_BY_OTHERS = 0o022
LIMIT = 1 << 20
NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
CLOEXEC = getattr(os, "O_CLOEXEC", 0)
# Without it Windows turns line ends and ends a file at its first 0x1A.
BINARY = getattr(os, "O_BINARY", 0)


class FileTrouble(Exception):  # noqa: N818  # the tree is drawn in the package
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
    refuse_link(path)
    return _read(path, limit, NOFOLLOW, own=True)


def refuse_link(path: Path) -> None:
    """Raise `NotPrivate` where a link stands among our files: it was planted."""
    if os.path.islink(path):  # noqa: PTH114  # Path.is_symlink raises where a folder above is closed to us
        raise NotPrivate(f"{path} is a link, and nobody but keeplit may write there: remove it")


def _read(path: Path, limit: int, flags: int, *, own: bool = False) -> bytes | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | BINARY | CLOEXEC | flags | getattr(os, "O_NONBLOCK", 0))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise NotReadable(f"{path} cannot be read: {error.strerror}") from None
    try:
        if own:
            verify_own(path, os.fstat(descriptor))
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


def verify_own(path: Path, found: os.stat_result) -> None:
    """Raise `NotPrivate` where a file or folder of ours is another user's."""
    if sys.platform != "win32" and found.st_uid != os.geteuid():
        raise NotPrivate(f"{path} belongs to another user: remove it, or give it back with chown")


def private_folder(path: Path) -> Path:
    """Make a folder of ours, or verify that it is only ours. Raises `FileTrouble`.

    One that others may read is closed to them; one that they could write to is not trusted, since what lies in it may
    be theirs.
    """
    try:
        missing = [path, *path.parents]
        for folder in reversed(missing[: next((n for n, one in enumerate(missing) if os.path.lexists(one)), 0)]):
            folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        raise NotWritable(f"the folder {path} cannot be made: {error.strerror}") from None
    if not stat.S_ISDIR(found.st_mode):
        raise NotPrivate(f"{path} must be a folder of its own and is a link: remove it")
    verify_own(path, found)
    if sys.platform != "win32" and found.st_mode & WRITABLE_BY_OTHERS:
        raise NotPrivate(f"others can write to {path}: look at what lies in it, then: chmod 700 {path}")
    if sys.platform != "win32" and found.st_mode & OPEN_TO_OTHERS:
        try:
            path.chmod(PRIVATE_FOLDER)
        except OSError as error:
            raise NotPrivate(f"{path} is open to others and cannot be closed: {error.strerror}") from None
    return path
