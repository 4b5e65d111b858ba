"""How long another program's write of the settings could be lost to ours: ``python tests/bench/settings_window.py``.

That is the time between the last look at the file and the rename that replaces it. What a program writes in place then
is seen and kept all the same; only one that replaces the file as we do can lose there.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import monotonic_ns
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[2]))  # so that it runs as a script too

from keeplit.adapters import paths as places
from keeplit.core.json_edit import Set, encode
from keeplit.engine import guarded

WRITES = 300
MICROSECOND = 1_000
MILLISECOND = 1_000_000
LIKE_A_PERSONS = 8 << 10  # bytes


@dataclass(frozen=True, slots=True)
class Window:
    """The window in microseconds, and the milliseconds of a whole write with its journal and backup."""

    median: float
    p99: float
    write: float


@contextmanager
def watched(target: Path) -> Iterator[list[tuple[int, int]]]:
    """Give the windows of all writes of a file: from the end of the last read before a rename to the rename's end."""
    windows: list[tuple[int, int]] = []
    last_read = 0
    read, rename = os.read, os.replace

    def reading(descriptor: int, length: int) -> bytes:
        nonlocal last_read
        data = read(descriptor, length)
        last_read = monotonic_ns()
        return data

    def renaming(source: Any, goal: Any) -> None:
        rename(source, goal)
        if Path(goal) == target:
            windows.append((last_read, monotonic_ns()))

    with mock.patch.object(os, "read", reading), mock.patch.object(os, "replace", renaming):
        yield windows


def measure(writes: int = WRITES) -> Window:
    """Write one key of a settings file of usual size again and again, and measure."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("KEEPLIT_BENCH")) as folder:
        home = Path(folder).resolve()
        state = home / "state"
        found = places.find({**os.environ, "HOME": folder, "USERPROFILE": folder})
        paths = replace(found, state=state, journal=state / "journal.jsonl", backups=state / "backups")
        target = home / "settings.json"
        target.write_text(f'{{"permissions": {{"allow": [{encode("x" * LIKE_A_PERSONS)}]}}}}')
        took = []
        with watched(target) as windows:
            for number in range(writes):
                start = monotonic_ns()
                change = [Set("env.AWS_PROFILE", encode(f"profile-{number}"))]
                written = guarded.edit(paths, target, change, expected=None, command="use", group="bench", create=True)
                took.append(monotonic_ns() - start)
                if not written.as_wanted:
                    raise RuntimeError(written.fault)
    lengths = sorted(end - start for start, end in windows)
    return Window(
        median(lengths) / MICROSECOND, lengths[int(len(lengths) * 0.99)] / MICROSECOND, median(took) / MILLISECOND
    )


def main() -> None:
    """Print it."""
    found = measure()
    print(f"last look to rename: median {found.median:.0f} microseconds, p99 {found.p99:.0f}")
    print(f"one guarded write: median {found.write:.1f} ms")


if __name__ == "__main__":
    main()
