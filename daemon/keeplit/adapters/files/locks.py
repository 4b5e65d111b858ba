"""Locks that die with their holder: whether someone lives is asked of the lock, never of a process id."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from keeplit.adapters.files.reading import CLOEXEC, NOFOLLOW, PRIVATE_FILE, Busy, NotWritable, refuse_link

LOOK_EVERY = 0.02
Held = contextlib.ExitStack


def try_lock(path: Path, wait: float = 0.0) -> Held | None:
    """Take a lock that dies with this process, given back by closing it; None where another has it for `wait` s.

    Raises `NotPrivate`, `NotWritable`.
    """
    from filelock import FileLock, Timeout

    refuse_link(path)  # older releases of the library follow one, and empty what it points to
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
