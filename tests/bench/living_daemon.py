"""The real daemon at rest and under noise: memory, processor, turns, and how soon a change is published.

    python tests/bench/living_daemon.py [--seconds 60] [--changes 200]

Law: the daemon is a process of its own, as installed; memory and processor time are the kernel's figures, and its turns
are those that it writes into its own log.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[2]))  # so that it runs as a script too

from keeplit.adapters import clock, files
from keeplit.adapters import paths as places
from keeplit.core.aws_dates import write_date
from tests.bench import processor
from tests.bench.hot_commands import keeplit_command
from tests.engine.lit_laptop import Laptop, laptop

NOISE_EVERY = 0.01
STARTS_WITHIN = 15.0
SETTLES_IN = 5.0
PUBLISHED_WITHIN = 5.0
LOOK_EVERY = 0.001
MEBI = 1024


@dataclass(frozen=True, slots=True)
class Rest:
    """A stretch of the daemon's life: MiB private and resident, per cent of one processor, turns a minute."""

    what: str
    private: float
    resident: float
    processor: float
    turns: float


@contextmanager
def daemon() -> Iterator[tuple[Laptop, int]]:
    """Give a laptop whose one session is lit for an hour, and the process id of its daemon."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        home.mkdir()
        others = ("XDG_", "CLAUDE", "KEEPLIT_")
        base = {name: value for name, value in os.environ.items() if not name.startswith(others)}
        with mock.patch.dict(os.environ, {**base, "HOME": str(home)}, clear=True), laptop(home) as mine:
            mine.sign_in(timedelta(minutes=59))
            mine.configure('[claude]\nprofile = "work"\n[log]\nlevel = "debug"\n')
            running = subprocess.Popen(
                [*keeplit_command(), "daemon"], env=mine.environ, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            try:
                until = monotonic() + STARTS_WITHIN
                while not mine.paths.status.exists() and monotonic() < until:
                    sleep(LOOK_EVERY)
                sleep(SETTLES_IN)
                yield mine, running.pid
            finally:
                running.send_signal(signal.SIGTERM)
                running.wait(10)


def rest(mine: Laptop, process: int, what: str, seconds: float) -> Rest:
    """Watch the daemon for a while."""
    turns, began = turns_in(mine), monotonic()
    busy = processor.per_cent(process, seconds)
    lasted = monotonic() - began
    private, resident = memory(process)
    return Rest(what, private, resident, busy, 60 * (turns_in(mine) - turns) / lasted)


@contextmanager
def noise(folder: Path) -> Iterator[None]:
    """Let other files of a watched folder change a hundred times a second."""
    ending = threading.Event()

    def change() -> None:
        number = 0
        while not ending.wait(NOISE_EVERY):
            number += 1
            (folder / f"other-{number % 7}.json").write_text(str(number))

    changing = threading.Thread(target=change)
    changing.start()
    try:
        yield
    finally:
        ending.set()
        changing.join()


def turns_in(mine: Laptop) -> int:
    """Return how many turns the daemon has written down."""
    return sum(": turn " in line for line in mine.paths.log.read_text().splitlines())


def memory(process: int) -> tuple[float, float]:
    """Return the private and the resident memory in MiB."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    kibi = {name: int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines)}
    return (kibi["Private_Clean"] + kibi["Private_Dirty"]) / MEBI, kibi["Rss"] / MEBI


def publishing(mine: Laptop, changes: int) -> list[float]:
    """Change the whole token file again and again; return the milliseconds until the status tells, sorted."""
    took: list[float] = []
    fields = mine.token
    for number in range(changes):
        ends = write_date(clock.now() + timedelta(minutes=50, seconds=number % 500))
        fields = {**fields, "accessToken": f"{fields['accessToken']}x"[-400:], "expiresAt": ends}
        began = monotonic()
        files.replace(mine.token_file, json.dumps(fields).encode())
        while ends not in read_status(mine.paths) and monotonic() - began < PUBLISHED_WITHIN:
            sleep(LOOK_EVERY)
        took.append(1000 * (monotonic() - began))
        sleep(0.25 + 0.01 * (number % 13))
    return sorted(took)


def read_status(paths: places.Paths) -> str:
    """Return the published status as it lies there."""
    try:
        return paths.status.read_text()
    except FileNotFoundError:
        return ""


def measure(seconds: float = 60.0, changes: int = 200) -> tuple[tuple[Rest, ...], list[float]]:
    """Return the daemon's stretches of life, and the sorted milliseconds from change to publication."""
    with daemon() as (mine, process):
        idle = rest(mine, process, "at rest", seconds)
        published = publishing(mine, changes)
        with noise(mine.token_file.parent):
            sleep(SETTLES_IN)
            noisy = rest(mine, process, "100 foreign changes a second", seconds)
        return (idle, noisy), published


def main() -> None:
    """Print the figures."""
    wanted = ArgumentParser(description=__doc__)
    wanted.add_argument("--seconds", type=float, default=60.0)
    wanted.add_argument("--changes", type=int, default=200)
    chosen = wanted.parse_args()
    rests, took = measure(chosen.seconds, chosen.changes)
    for row in rests:
        print(
            f"{row.what:<30} {row.private:5.1f} MiB private  {row.resident:5.1f} MiB resident  "
            f"{row.processor:7.4f} % CPU  {row.turns:4.1f} turns a minute"
        )
    middle, worst = took[len(took) // 2], took[min(len(took) - 1, int(len(took) * 0.99))]
    print(f"token file changed, published: {middle:.0f} ms in the middle, {worst:.0f} ms at p99, {len(took)} times")


if __name__ == "__main__":
    main()
