"""Processor time of a living process by the scheduler's own count, with the threads and children that end meanwhile."""

from __future__ import annotations

import os
from pathlib import Path
from time import monotonic, sleep

NANO = 1_000_000_000
LOOK_EVERY = 0.25
"""A thread that lives for less than this is not seen between two looks; those of the daemon and the flame are."""


def per_cent(process: int, seconds: float) -> float:
    """Watch a process for so many seconds; return per cent of one processor.

    A clock tick is 10 ms, which is a whole minute's promise; the scheduler counts in nanoseconds, but for each thread
    alone, and forgets those that ended: what each had worked when it was last seen is kept here. Children that ended
    are told in clock ticks, each call of a program that the process made among them.
    """
    before, children = _worked(process), _ended_children(process)
    seen, began = dict(before), monotonic()
    while monotonic() < began + seconds:
        sleep(min(LOOK_EVERY, seconds))
        seen |= _worked(process)
    used = sum(spent - before.get(thread, 0) for thread, spent in seen.items())
    used += _ended_children(process) - children
    return 100 * used / NANO / (monotonic() - began)


def _worked(process: int) -> dict[str, int]:
    """Return the nanoseconds that each thread has worked so far."""
    found = {}
    for task in Path(f"/proc/{process}/task").iterdir():
        try:
            found[task.name] = int((task / "schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended just now
    return found


def _ended_children(process: int) -> int:
    """Return the nanoseconds that children worked whose end the process has seen (proc(5): cutime and cstime)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[13:15])) * NANO // os.sysconf("SC_CLK_TCK")
