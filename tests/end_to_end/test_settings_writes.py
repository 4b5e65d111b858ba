from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from random import Random
from statistics import median
from time import monotonic_ns, sleep

import pytest

from keeplit.adapters import backups, claude_settings, journal, paths
from keeplit.core.journal_entry import Phase
from keeplit.core.json_edit import Set, edit, encode
from tests.conftest import SOAK
from tests.end_to_end.test_kills import Killer, steps

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")

ROOT = Path(__file__).parents[2]
WRITERS = (sys.executable, "-m", "tests.end_to_end.settings_writers")
WRITES, KILLS = (20_000, 1000) if SOAK else (1000, 100)
OLD = b'{\r\n\t"permissions": {"allow": ["Bash(ls:*)"]},\r\n\t"env": {"THEIRS": "\\u00e9", "AWS_PROFILE": "home"}\r\n}'


@contextmanager
def killer() -> Iterator[Killer]:
    """Start the process that forks those that write settings, and are killed."""
    command = [*WRITERS, "kill"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        yield Killer(process)
        assert process.stdin is not None
        process.stdin.close()


class Desk:
    """A home with a settings file behind a link, and what a write of it is to leave."""

    def __init__(self, home: Path) -> None:
        self.paths = paths.find(os.environ)
        self.place = home / ".claude" / "settings.json"
        self.target = home / "dotfiles" / "settings.json"
        self.order: dict[str, object] = {
            "place": str(self.place),
            "environ": dict(os.environ),
            "deed": "edit",
            "profile": "work",
        }
        for file in (self.place, self.target):
            file.parent.mkdir()
        self.place.symlink_to("../dotfiles/settings.json")

    def afresh(self, before: bytes | None = OLD) -> None:
        """Put everything back to before the first write."""
        shutil.rmtree(self.paths.state, ignore_errors=True)
        for left in self.target.parent.iterdir():
            left.unlink()
        if before is not None:
            self.target.write_bytes(before)
            self.target.chmod(0o640)

    def content(self) -> bytes | None:
        """Return the file's bytes; None where there is none."""
        return self.target.read_bytes() if self.target.exists() else None

    def sound(self, old: bytes | None, new: bytes | None) -> Phase | None:
        """Check all that a kill must not spoil; return the phase of the last edit in the journal, if it is there."""
        assert self.content() in {old, new}
        assert self.place.is_symlink()
        if self.target.exists():
            assert self.target.stat().st_mode & 0o777 == (0o600 if old is None else 0o640)
        names = {path.name for path in self.target.parent.iterdir()}
        assert names <= {"settings.json", ".settings.json.keeplit"}
        found = journal.look(self.paths)
        assert found.problem is None or "one line" in found.problem.sentence
        phase = found.entries[-1].phase if found.entries else None
        if self.content() == new:
            assert phase is not None, "changed, and the journal does not know"
            before = found.entries[-1].digest_before
            assert backups.backup(self.paths, before) == old
        if phase is Phase.DONE:
            assert self.content() == new
        return phase


def after(before: bytes, profile: str) -> bytes:
    """Return the file with its profile changed."""
    return edit(before.decode(), [Set("env.AWS_PROFILE", encode(profile))]).text.encode()


@pytest.mark.parametrize("deed", ["edit", "make", "remove"])
def test_a_kill_leaves_the_old_settings_or_the_new_ones(own_home: Path, deed: str) -> None:
    """Killed at every step of a guarded write, the file is the old one or the new one, and the journal can be read."""
    desk = Desk(own_home)
    old = None if deed == "make" else OLD
    new = None if deed == "remove" else after(OLD, "work")
    desk.order["deed"] = deed
    seen, count = Counter[str](), 0
    with killer() as found:
        for _ in range(2):  # the first one makes the folders above ours too
            desk.afresh(old)
            count = steps(found, "edit", own_home, **desk.order)
        if deed == "make":
            new = desk.content()
        assert count > 15
        for step in range(1, count + 1):
            desk.afresh(old)
            assert found.order("edit", step, own_home, **desk.order)["killed"], step
            phase = desk.sound(old, new)
            seen[f"{'new' if desk.content() == new else 'old'}, {phase}"] += 1
            # Whoever comes next finds nothing in the way, takes the orphan over and glues no line to a torn one.
            assert found.order("edit", 0, own_home, **desk.order)["code"] == 0, step
            assert desk.content() == new
            assert [path.name for path in desk.target.parent.iterdir()] == ([] if new is None else ["settings.json"])
            assert desk.sound(old, new) is not None
    print(f"{deed}: {count} steps, {dict(seen)}")
    assert {"old, None", "old, begun", "new, begun", "new, done"} <= seen.keys()


def killed_at_random(desk: Desk, count: int, seed: int) -> Counter[str]:
    """Kill writes at random steps, one after the other, without ever cleaning up between them."""
    random, came = Random(seed), Counter[str]()
    desk.afresh()
    with killer() as found:
        whole = steps(found, "edit", desk.paths.home, **desk.order)
        for number in range(count):
            before = desk.target.read_bytes()
            profile = f"profile-{number}"
            desk.order["profile"] = profile
            killed = found.order("edit", random.randint(1, whole), desk.paths.home, **desk.order)
            now = desk.target.read_bytes()
            assert now in {before, after(before, profile)}, (seed, number)
            entries = {entry.changed[0].after: entry for entry in journal.read(desk.paths)}
            entry = entries.get(encode(profile))
            assert now == before or entry is not None, (seed, number)
            assert entry is None or entry.phase is Phase.BEGUN or now != before, (seed, number)
            assert len(list(desk.target.parent.iterdir())) <= 2
            came[f"{'killed' if killed['killed'] else 'done'}: {'old' if now == before else 'new'}"] += 1
        assert found.order("edit", 0, desk.paths.home, **desk.order)["code"] == 0
    assert [path.name for path in desk.target.parent.iterdir()] == ["settings.json"]
    return came


def test_kills_at_random_lose_nothing(own_home: Path) -> None:
    """Twenty kills, one upon the other: old or new each time, and every change that landed is in the journal."""
    print(dict(killed_at_random(Desk(own_home), 20, seed=1)))


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_thousand_kills_lose_nothing(own_home: Path) -> None:
    """The same, a thousand times."""
    came = killed_at_random(Desk(own_home), KILLS, seed=KILLS)
    print(dict(came))
    assert came["killed: old"] > KILLS / 10
    assert came["killed: new"] > KILLS / 10


def torn_reads(place: Path, writers: list[subprocess.Popen[bytes]]) -> list[tuple[int, int]]:
    """Read the file until the writers are done, and return when it was read torn."""
    torn = []
    while any(writer.poll() is None for writer in writers):
        start = monotonic_ns()
        try:
            json.loads(place.read_bytes())
        except ValueError:
            torn.append((start, monotonic_ns()))
        sleep(0.0005)
    return torn


def overlaps(one: tuple[int, int], others: list[list[int]]) -> bool:
    """Whether a span of time meets any of others, which follow one another."""
    last = bisect_right(others, one[1], key=itemgetter(0)) - 1
    return last >= 0 and others[last][1] >= one[0]


def raced(home: Path, writes: int, seed: int) -> None:
    """Let keeplit and a program like Claude Code write one file; nothing of theirs is lost, nothing torn by us."""
    place = home / ".claude" / "settings.json"
    place.parent.mkdir()
    place.write_text(json.dumps({"model": "opus", "env": {"THEIRS": "1"}, "seq": 0, "theirs": {}}, indent=2))
    writers = [
        subprocess.Popen([*WRITERS, role, str(place), str(writes), str(seed)], cwd=ROOT) for role in ("claude", "ours")
    ]
    try:
        torn = torn_reads(place, writers)
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
    assert [writer.returncode for writer in writers] == [0, 0]
    claude, ours = (json.loads(place.with_name(f"{role}.said").read_text()) for role in ("claude", "ours"))
    opened, windows = claude["opened"], ours["windows"]
    lengths = sorted((end - start) / 1000 for start, end in windows)
    outside = [number for number in claude["lost"] if not overlaps(opened[number], windows)]
    by_us = [read for read in torn if not overlaps(read, opened)]
    print(
        f"{len(opened)} writes of theirs and {ours['ended']} of ours; from the last look to the rename: median"
        f" {median(lengths):.0f}, p99 {lengths[int(len(lengths) * 0.99)]:.0f}, at most {lengths[-1]:.0f} microseconds;"
        f" within it, lost: {len(claude['lost'])}, seen and kept: {claude['came_back']}; read torn: {len(torn)}"
    )
    assert (outside, by_us) == ([], [])
    assert claude["lost"] == []
    found = claude_settings.read(place)
    assert found.document is not None
    assert found.document.value["seq"] == len(opened) >= writes


@pytest.mark.timeout(300)
def test_two_writers_lose_nothing(own_home: Path) -> None:
    """A program that truncates and writes slowly from a stale copy keeps every key of its own beside our writes."""
    raced(own_home, 100, seed=1)


@pytest.mark.soak
@pytest.mark.timeout(14_400)
def test_two_writers_for_long_lose_nothing(own_home: Path) -> None:
    """The same for twenty thousand writes of each."""
    raced(own_home, WRITES, seed=2)
