"""Kills at random: of a daemon at a step or moment, of its worker while AWS is asked, of a write-back, of a runner."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from time import sleep

import pytest

from keeplit.adapters import clock, files, sign_in_files
from keeplit.core.model import SignInCode
from keeplit.engine import sign_in
from keeplit.sandbox.clients import ACME
from tests.conftest import SOAK
from tests.end_to_end.machine import Machine, until
from tests.end_to_end.test_kills import OLD, Killer, end_runners, killer_of, sound, tabs, turn

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="children are read from /proc")

DAEMONS, WRITES, RUNNERS = (1000, 2000, 300) if SOAK else (30, 200, 10)
HALF = 0.5
LONGEST_BACKOFF = timedelta(minutes=1, seconds=15)


def killed_somehow(desk: Machine, killer: Killer, random: Random, steps: int, lasts: float) -> str:
    """Make a turn of the daemon that is killed at a random step or moment, or whose worker is; return which."""
    way = random.choice(("step", "moment", "worker"))
    more: dict[str, object] = {} if way == "step" else {"after": random.uniform(0, lasts), "worker": way == "worker"}
    step = random.randint(1, steps) if way == "step" else 0
    killer.order("turn", step, desk.home, environ=desk.environ, **more)
    return way


def next_at(desk: Machine) -> datetime:
    """Return when the session's next action is due, as published."""
    return datetime.fromisoformat(desk.session()["next_action_at"])


def killed_at_random(desk: Machine, killer: Killer, count: int, seed: int) -> Counter[str]:
    """Kill a daemon that renews, again and again; the next one goes on from whatever is there."""
    random = Random(seed)
    desk.laptop.sign_in(timedelta(minutes=1))
    whole = clock.now()
    steps = int(turn(desk, killer)["steps"])
    lasts = (clock.now() - whole).total_seconds()
    came: Counter[str] = Counter()
    for number in range(count):
        desk.laptop.sign_in(timedelta(minutes=1))
        before = desk.digest
        calls = desk.laptop.calls("CreateToken").count("200")
        way = killed_somehow(desk, killer, random, steps, lasts)
        sound(desk)
        turn(desk, killer)
        sound(desk)
        spent = desk.laptop.calls("CreateToken").count("200") - calls
        if desk.digest != before:
            came[f"{way}: renewed"] += 1
        elif spent:
            came[f"{way}: lost"] += 1  # AWS takes a refresh token once, and its answer had nobody left to hear it
        else:
            assert (way, next_at(desk) <= clock.now() + LONGEST_BACKOFF) == ("worker", True), (seed, number)
            came[f"{way}: tried again soon"] += 1
        assert list(desk.laptop.token_file.parent.glob(".*.keeplit")) == [], (seed, number)
    return came


def kills(desk: Machine, waiting_cli: Path, count: int) -> None:
    """Kill daemons, and look at what came of it."""
    desk.put_first(waiting_cli)
    with killer_of(desk.environ) as killer:
        came = killed_at_random(desk, killer, count, seed=count)
    print(dict(came))
    renewed = sum(times for how, times in came.items() if how.endswith("renewed"))
    assert sum(came.values()) == count
    assert renewed > count / 2, came
    assert tabs(desk) == 0


def test_a_daemon_killed_at_random(desk: Machine, waiting_cli: Path) -> None:
    """Eight kills: the next daemon renews, no file is torn, and no browser opens for it."""
    kills(desk, waiting_cli, 8)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_a_daemon_killed_thousands_of_times(desk: Machine, waiting_cli: Path) -> None:
    """Thousands of kills: the next daemon renews, no file is torn, and no browser opens for it."""
    kills(desk, waiting_cli, DAEMONS)


def writes_killed_at_random(folder: Path, count: int, seed: int) -> Counter[str]:
    """Kill the write-back of a renewed token; the file is the old one or the new one, and the next try succeeds."""
    random = Random(seed)
    cache, own = folder / "cache", folder / "own"
    cache.mkdir()
    file = cache / f"{'a' * 40}.json"
    order: dict[str, object] = {"cache": str(cache), "own": str(own), "key": file.stem, "start_url": ACME}
    order["digest"] = sha256(OLD["accessToken"].encode()).hexdigest()[:32]
    came: Counter[str] = Counter()
    with killer_of(dict(os.environ)) as killer:
        for number in range(count):
            files.replace(file, json.dumps(OLD).encode())
            moment = {"after": random.uniform(0, 0.03), "worker": False} if random.random() < HALF else {}
            killed = killer.order("token", 0 if moment else random.randint(1, 30), folder, **order, **moment)
            told = json.loads(file.read_bytes())
            came[f"{told['accessToken']}{', killed' if killed['killed'] else ''}"] += 1
            assert (told["accessToken"][:3], told["note"]) == (told["refreshToken"][:3], OLD["note"]), (seed, number)
            assert file.stat().st_mode & 0o777 == 0o600
            if told["accessToken"] == OLD["accessToken"]:
                assert killer.order("token", 0, folder, **order)["code"] == 0, (seed, number)
    assert all(left == file for left in cache.iterdir())
    return came


def test_a_write_back_killed_at_random(tmp_path: Path) -> None:
    """Two dozen kills: the old token or the new one, whole."""
    assert sum(writes_killed_at_random(tmp_path, 24, seed=24).values()) == 24


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_write_back_killed_thousands_of_times(tmp_path: Path) -> None:
    """Thousands of kills: the old token or the new one, whole."""
    came = writes_killed_at_random(tmp_path, WRITES, seed=WRITES)
    print(dict(came))
    assert set(came) >= {"old-access, killed", "new-access, killed"}


def runs(own: Path, key: str) -> bool:
    """Whether the record of a sign-in says that its runner lives."""
    record = sign_in_files.read(own, key)
    return record is not None and record.running


def runners_killed_at_random(desk: Machine, count: int, seed: int) -> Counter[str]:
    """Kill runners of unasked sign-ins; a tab that opened is always one that is remembered."""
    random = Random(seed)
    desk.laptop.sign_in()
    paths, key = desk.laptop.paths, desk.laptop.token_file.stem
    digest = sha256(desk.digest.encode()).hexdigest()[:32]
    came: Counter[str] = Counter()
    for number in range(count):
        (desk.home / "tabs").unlink(missing_ok=True)
        shutil.rmtree(paths.own, ignore_errors=True)
        sign_in.begin(paths, desk.environ, sign_in.Request(f"{number}", key, digest, asked=False))
        sleep(random.uniform(0, 0.3))
        for pid in desk.runners():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        # A child that is just being born holds the lock with it, until it has become another program.
        until(lambda: not desk.runners() and not runs(paths.own, key), within=10, what="the end of the runner")
        opened, record = tabs(desk), sign_in_files.read(paths.own, key)
        end_runners(desk)
        assert opened <= 1, (seed, number)
        if record is not None:
            assert (record.code, record.asked, record.token) == (SignInCode.FAILED, False, digest), (seed, number)
            assert json.loads(desk.laptop.token_file.read_bytes())
        came[f"{opened} tabs, {'no ' if record is None else ''}record"] += 1
    assert came["1 tabs, no record"] == 0, came
    return came


def test_a_runner_killed_at_random(desk: Machine, waiting_cli: Path) -> None:
    """Three kills: whatever opened is written down."""
    desk.put_first(waiting_cli)
    assert sum(runners_killed_at_random(desk, 3, seed=3).values()) == 3


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_runner_killed_hundreds_of_times(desk: Machine, waiting_cli: Path) -> None:
    """Hundreds of kills: whatever opened is written down."""
    desk.put_first(waiting_cli)
    came = runners_killed_at_random(desk, RUNNERS, seed=RUNNERS)
    print(dict(came))
    assert sum(came.values()) == RUNNERS
