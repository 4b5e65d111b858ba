"""The real flame on a desktop without a screen: memory, processor, growth, and how soon a change is seen.

    python tests/bench/tray_figures.py [--seconds 60] [--changes 10000] [--every 0.005]

Law: the flame is a process of its own on a real bus, and the panel is a tray host; memory and processor time are the
kernel's figures. It shows ten changes a second at most, so of faster ones it shows the latest; with ``--every 0.1``
each is shown.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[2]))  # so that it runs as a script too

from keeplit.adapters import clock
from keeplit.core.aws_dates import write_date
from keeplit.sandbox.clients import write_home
from tests.bench import processor
from tests.core.lit_status import session, status
from tests.desktop.bed import until
from tests.desktop.tray_desk import Desk, desk
from tests.desktop.tray_host import Item, TrayHost

NOWHERE = "http://127.0.0.1:9"
SETTLES_IN = 6.0
LOOK_EVERY = 0.002
LOOKS = 40
STATES = ("fresh", "signed_out", "sign_in_soon", "renewing")
FIRST = 60
DRAWN = "NewIcon"
MEBI = 1024


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured: seconds, MiB, per cent of one processor, milliseconds."""

    shown_after: float
    resident: float
    private: float
    processor: float
    seen_after: tuple[float, ...]  # title and picture, in order
    growth: float
    drawn: int  # how many pictures were put into the panel meanwhile


def measure(seconds: float = 30.0, changes: int = 10_000, every: float = 0.005, looks: int = LOOKS) -> Figures:
    """Start a flame, let it rest, and change what it shows."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        home.mkdir()
        base = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "XDG_", "CLAUDE"))}
        with mock.patch.dict(os.environ, {**base, "HOME": str(home)}, clear=True):
            write_home(home, NOWHERE)
            with (
                desk(Path(folder, "bed"), home) as mine,
                TrayHost(mine.bed.environment["DBUS_SESSION_BUS_ADDRESS"]) as host,
            ):
                mine.keep()
                return _measured(mine, host, seconds, changes, every, looks)


def _measured(mine: Desk, host: TrayHost, seconds: float, changes: int, every: float, looks: int) -> Figures:
    mine.publish(_status(0))
    started = monotonic()
    process = mine.flame()
    item = host.item()
    shown_after = monotonic() - started
    sleep(SETTLES_IN)
    busy = processor.per_cent(process.pid, seconds)
    resident, private = (_memory(process.pid, name) for name in ("Rss", "Private_Dirty"))
    seen_after = tuple(sorted(_seen(mine, item, number) for number in range(1, looks + 1)))
    _changes(mine, max(changes // 10, FIRST), every)  # what the first ones take is no growth
    warm, drawn = _memory(process.pid, "Rss"), item.heard[DRAWN]
    _changes(mine, changes, every)
    growth = _memory(process.pid, "Rss") - warm
    return Figures(shown_after, resident, private, busy, seen_after, growth, item.heard[DRAWN] - drawn)


def _status(number: int) -> Any:
    ends = write_date(clock.now() + timedelta(minutes=34 + number % 20))
    return status(session(access_expires_at=ends, state=STATES[number % len(STATES)]), profile=f"work-{number}")


def _seen(mine: Desk, item: Item, number: int) -> float:
    """Return how many milliseconds after it was published a change is in the title and in the picture."""
    picture = item.picture()
    sleep(0.25 + number % 7 / 50)
    started = monotonic()
    mine.publish(_status(number))
    _until(lambda: item.title.startswith(f"work-{number}:") and item.picture() not in {picture, b""})
    return 1000 * (monotonic() - started)


def _until(true: Callable[[], bool]) -> None:
    until(true, within=10.0, what="a change")
    sleep(LOOK_EVERY)


def _changes(mine: Desk, count: int, every: float) -> None:
    """Publish again and again. Each file is made elsewhere: in a folder as busy as that the flame looks every 2 s."""
    made = mine.bed.folder / "next.json"
    for number in range(count):
        made.write_text(json.dumps(_status(number)))
        made.chmod(0o600)
        made.replace(mine.paths.status)
        sleep(every)
    sleep(1.0)


def _memory(process: int, name: str) -> float:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / MEBI


def main() -> None:
    """Print the figures, each beside its promise."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--changes", type=int, default=10_000)
    parser.add_argument("--every", type=float, default=0.005)
    given = parser.parse_args()
    found = measure(given.seconds, given.changes, given.every)
    print(f"shown after          {found.shown_after:8.2f} s     at most 1")
    print(f"resident at rest     {found.resident:8.1f} MiB   at most 60")
    print(f"private at rest      {found.private:8.1f} MiB")
    print(f"processor at rest    {found.processor:8.3f} %     at most 0.05")
    worst = found.seen_after[int(len(found.seen_after) * 0.95)]
    print(f"a change seen, p95   {worst:8.0f} ms    at most 300")
    print(f"growth               {found.growth:8.1f} MiB   {given.changes} changes, {found.drawn} of them drawn")


if __name__ == "__main__":
    main()
