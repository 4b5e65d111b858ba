"""The log as it is written: what `logs -f` shows, over the log's rotations.

Law: a file is known by its identity, not by its name, and each is read on from where it was left, the oldest first: so
what was written between the last look and a rotation, which stands in keeplit.log.1 by then, is neither lost nor shown
twice. The files are held open, so that no new one gets the identity of one that is gone. Not so on Windows, where a
file that somebody holds cannot be renamed, and where an identity does not come again.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO

HELD = sys.platform != "win32"
Identity = tuple[int, int]


class Following:
    """The log at `path` and the `kept` older ones, each with how far it was read; the older ones count as read."""

    def __init__(self, path: Path, kept: int) -> None:
        """Open nothing yet."""
        older = [path.with_name(f"{path.name}.{number}") for number in range(1, kept + 1)]
        self.places = (path, *older)
        self.held = ExitStack()
        self.read: dict[Identity, int] = {}
        for place in older:
            with suppress(OSError):
                self.read[_identity(place.stat())] = place.stat().st_size

    def more(self) -> bytes:
        """Return what was written since the last look, all of the log at the first. Raises `OSError`."""
        with ExitStack() as opened:
            found = dict(self._opened(opened))
            parts = [_rest(file, self.read.get(one, 0)) for one, file in reversed(found.items())]
            self.read = {one: file.tell() for one, file in found.items()}
            self.held.close()
            if HELD:
                self.held = opened.pop_all()
        return b"".join(parts)

    def _opened(self, stack: ExitStack) -> Iterator[tuple[Identity, BinaryIO]]:
        """Give the files, the newest first: what is rotated meanwhile is met twice, and the other way round not at all.

        A second meeting is the same file at the same place in the order.
        """
        for place in self.places:
            with suppress(FileNotFoundError):
                file = stack.enter_context(place.open("rb"))
                yield _identity(os.fstat(file.fileno())), file

    def close(self) -> None:
        """Hold nothing any more."""
        self.held.close()


def _identity(seen: os.stat_result) -> Identity:
    return seen.st_dev, seen.st_ino


def _rest(file: BinaryIO, start: int) -> bytes:
    """Return what a file holds from `start` on; all of one that is shorter, since it was emptied meanwhile."""
    size = file.seek(0, os.SEEK_END)
    file.seek(start if start <= size else 0)
    return file.read()
