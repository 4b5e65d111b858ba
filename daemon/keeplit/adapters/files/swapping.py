"""Compare and swap: a file that other programs write too is replaced only while it still holds what was read.

Law: it is read again in the last moment, and what lies between that and the rename is the window in which another
program's work can be lost. One that writes in place, as Claude Code does, is seen in it: the file that was replaced is
kept open, and what came into it meanwhile is handed back.
"""

import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from keeplit.adapters import clock
from keeplit.adapters.files.reading import BINARY, CLOEXEC, NOFOLLOW, PRIVATE_FILE, NotWritable
from keeplit.adapters.files.writing import prepare, sync_folder

LATE_LOOKS = 50
LATE_WAIT = 0.02
NONBLOCK = getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True, slots=True)
class Swapped:
    """Whether the file was replaced; `late` is what another program wrote into the old one in that very moment."""

    done: bool
    late: bytes | None = field(default=None, repr=False)


def nothing() -> None:
    """Do nothing before the file is replaced."""


def swap(
    path: Path,
    before: bytes | None,
    after: bytes,
    *,
    mode: int = PRIVATE_FILE,
    owner: tuple[int, int] | None = None,
    first: Callable[[], None] = nothing,
    whole: Callable[[bytes], bool] = bool,
) -> Swapped:
    """Put `after` in place of the file where it still is `before` (None: where there is none). Raises `NotWritable`.

    `first` is called once all is prepared. `whole` tells whether what came late is complete: it is waited for, 1 s.
    """
    with prepare(path, after, mode, owner) as prepared, _LastLook(path, before) as look:
        first()
        return Swapped(done=True, late=look.late(whole)) if prepared.commit(after, look.still) else Swapped(done=False)


def remove(path: Path, before: bytes, *, first: Callable[[], None] = nothing) -> bool:
    """Remove the file where it still is `before`, and return whether it was. Raises `NotWritable`."""
    first()
    with _LastLook(path, before) as look:
        still = look.still()
    if still:
        try:
            path.unlink()
        except OSError as error:
            raise NotWritable(f"{path} cannot be removed: {error.strerror}") from None
        sync_folder(path.parent)
    return still


class _LastLook:
    """The file as it is in the last moment; it stays open, for what comes late into it."""

    def __init__(self, path: Path, before: bytes | None) -> None:
        self._path = path
        self._before = before
        self._descriptor = -1

    def still(self) -> bool:
        """Whether the file is what it was."""
        self._close()
        try:
            self._descriptor = os.open(self._path, os.O_RDONLY | BINARY | CLOEXEC | NOFOLLOW | NONBLOCK)
            if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
                return False
            return self._content() == self._before
        except FileNotFoundError:
            return self._before is None
        except OSError:  # a link now, or closed to us
            return False
        finally:
            if sys.platform == "win32":  # nothing that is open can be replaced there
                self._close()

    def late(self, whole: Callable[[bytes], bool]) -> bytes | None:
        """Return what was written into the old file after the last look, once it is whole; None for nothing."""
        if self._descriptor < 0:
            return None
        with suppress(OSError):
            last = self._content()
            for _ in range(LATE_LOOKS):
                if last == self._before:
                    return None
                clock.sleep(LATE_WAIT)
                now = self._content()
                if now == last and whole(now):
                    return now
                last = now
        return None

    def _content(self) -> bytes:
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        most = max(len(self._before or b"") + 1, os.fstat(self._descriptor).st_size + 1)
        data = b""
        while len(data) < most and (more := os.read(self._descriptor, most - len(data))):
            data += more
        return data

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        self._close()
