"""Every figure in one table, with what it was measured on: ``make bench``.

Law: a figure stands beside its promise, measured in this very run; ratios are pair by pair, since machines are noisy.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # so that it runs as a script too

import pytest

from tests.bench import (
    big_turns,
    hot_commands,
    living_daemon,
    ninety_days,
    offline_doctor,
    settings_window,
    tray_figures,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure and the most it may be."""

    what: str
    found: float
    most: float
    unit: str

    @property
    def over(self) -> bool:
        """Whether it is more than it may be."""
        return not self.found <= self.most  # what is no number keeps no promise

    def __str__(self) -> str:
        """Return its line of the table."""
        verdict = "OVER" if self.over else "ok"
        return f"{self.what:<72} {self.found:9.3f}  at most {self.most:>7g} {self.unit:<11} {verdict}"


def figures() -> Iterator[Figure]:
    """Measure everything, one after the other, so that nothing disturbs its neighbour."""
    for ratio in hot_commands.measure():
        yield Figure(f"{ratio.what} ({ratio.milliseconds:.0f} ms)", ratio.ratio, ratio.promised, f"x {ratio.against}")
    doctor = offline_doctor.measure()
    worked = f"{doctor.processor:.2f} s of processor"
    yield Figure(f"doctor --offline, AWS CLI asked ({worked})", doctor.seconds, offline_doctor.PROMISED, "s")
    rests, published = living_daemon.measure()
    for row in rests:
        yield Figure(f"daemon {row.what}: private memory", row.private, 30, "MiB")
        yield Figure(f"daemon {row.what}: resident memory", row.resident, 48, "MiB")
        yield Figure(f"daemon {row.what}: processor", row.processor, 0.02, "%")
        yield Figure(f"daemon {row.what}: turns", row.turns, 2, "a minute")
    worst = published[int(len(published) * 0.99)]
    yield Figure("token file changed, status published: p99", worst, 100, "ms")
    small, large = big_turns.measure()
    yield Figure("a turn with 1,000 profiles and 200 sessions, config unchanged", large.unchanged, 20, "ms")
    yield Figure("the same, config changed", large.changed, 80, "ms")
    yield Figure(
        "the same against a tenth of the size, config changed", large.changed / small.changed, 12, "x (linear)"
    )


def of_the_flame() -> Iterator[Figure]:
    """Measure the flame's process on a bus of its own; nothing where this machine has no tray's parts."""
    try:
        found = tray_figures.measure()
    except pytest.skip.Exception as missing:
        print(f"the flame is not measured: {missing}")
        return
    yield Figure("flame: shown after its start", found.shown_after, 1, "s")
    yield Figure("flame at rest: resident memory", found.resident, 60, "MiB")
    yield Figure("flame at rest: processor", found.processor, 0.05, "%")
    yield Figure("status published, flame changed: p95", found.seen_after[int(len(found.seen_after) * 0.95)], 300, "ms")
    yield Figure("flame: growth over 10,000 changes", found.growth, 1, "MiB")


def of_the_settings() -> Iterator[Figure]:
    """Measure how long another program's write of the settings could be lost to ours."""
    found = settings_window.measure()
    yield Figure("settings: from the last look to the rename, p99", found.p99 / 1000, 1, "ms")
    yield Figure("settings: one guarded write with journal and backup, median", found.write, 50, "ms")


def ninety() -> Iterator[Figure]:
    """Print the ninety days, then what they promise."""
    laptops, took = ninety_days.show(ninety_days.arguments())
    print()
    yield Figure("the ninety days on one core", took, 20, "s")
    alone = sum(laptop.rows["keeplit"].alone() for laptop in laptops)
    yield Figure("prompts of keeplit in them with nobody there", alone, 0, "prompts")


def main() -> None:
    """Print the table, the ninety days last; the last line counts the broken promises."""
    print(f"Measured on {platform.platform()}, {os.cpu_count()} processors, Python {platform.python_version()}\n")
    shown = []
    for part in (figures, of_the_flame, of_the_settings, ninety):
        for figure in part():
            print(figure, flush=True)
            shown.append(figure)
        print()
    print(f"{sum(figure.over for figure in shown)} of {len(shown)} figures were OVER")


if __name__ == "__main__":
    main()
