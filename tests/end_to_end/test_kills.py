from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from keeplit.adapters import sign_in_files
from keeplit.core.model import Kind, Session, SignInCode
from keeplit.engine import sign_in
from keeplit.sandbox.clients import ACME
from tests.end_to_end import killing
from tests.end_to_end.machine import Machine, machine, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


@dataclass
class Killer:
    """The process that forks those that are killed."""

    process: subprocess.Popen[str]

    def order(self, do: str, step: int, inside: Path, **more: object) -> dict[str, Any]:
        """Have something done, killed at its `step` (0: never), and return what came of it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": do, "step": step, "inside": str(inside), **more}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@contextmanager
def killer_of(environ: dict[str, str]) -> Iterator[Killer]:
    """Start the process that forks."""
    command = [sys.executable, killing.__file__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ) as process:
        yield Killer(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def killer() -> Iterator[Killer]:
    """Give a killer in the test's own environment."""
    with killer_of(dict(os.environ)) as found:
        yield found


def steps(killer: Killer, do: str, inside: Path, **more: object) -> int:
    """Return how many steps a deed has, by doing it once."""
    done = killer.order(do, 0, inside, **more)
    assert (done["killed"], done["code"]) == (False, 0), done
    assert done["steps"] > 0
    return int(done["steps"])


OLD = {
    "startUrl": ACME,
    "region": "us-east-1",
    "accessToken": "old-access",
    "expiresAt": "2026-03-02T12:05:00Z",
    "clientId": "client",
    "clientSecret": "secret",
    "registrationExpiresAt": "2026-05-30T00:00:00Z",
    "refreshToken": "old-refresh",
    "note": "of another tool",
}


def test_a_kill_leaves_the_old_token_or_the_new_one(killer: Killer, tmp_path: Path) -> None:
    """Killed at every step of a token's write-back, the file holds the old token or the new one, whole and 0600."""
    cache, own = tmp_path / "cache", tmp_path / "own"
    cache.mkdir()
    key = "a" * 40
    file = cache / f"{key}.json"
    order = {"cache": str(cache), "own": str(own), "key": key, "start_url": ACME}
    order["digest"] = sha256(b"old-access").hexdigest()[:32]

    def restore() -> None:
        shutil.rmtree(own, ignore_errors=True)
        for left in cache.iterdir():
            left.unlink()
        file.write_text(json.dumps(OLD))
        file.chmod(0o600)

    restore()
    count = steps(killer, "token", tmp_path, **order)
    assert count > 8
    seen = set()
    for step in range(1, count + 1):
        restore()
        assert killer.order("token", step, tmp_path, **order)["killed"], step
        told = json.loads(file.read_bytes())
        seen.add((told["accessToken"], told["refreshToken"]))
        assert told["note"] == OLD["note"]
        assert file.stat().st_mode & 0o777 == 0o600
        assert len(list(cache.iterdir())) <= 2, step
        if told["accessToken"] == "old-access":
            assert killer.order("token", 0, tmp_path, **order)["code"] == 0, step
        assert [path.name for path in cache.iterdir()] == [file.name] or told["accessToken"] == "new-access"
    assert seen == {("old-access", "old-refresh"), ("new-access", "new-refresh")}


def test_a_kill_leaves_a_file_whole(killer: Killer, tmp_path: Path) -> None:
    """Killed at every step of replacing a file, it leaves the old bytes or the new ones, and nothing in the way."""
    file = tmp_path / "file.json"
    file.write_text("old")
    order = {"path": str(file), "data": "new" * 5000}
    count = steps(killer, "replace", tmp_path, **order)
    seen = set()
    for step in range(1, count + 1):
        file.write_text("old")
        assert killer.order("replace", step, tmp_path, **order)["killed"]
        seen.add(file.read_text())
    assert seen == {"old", "new" * 5000}
    assert killer.order("replace", 0, tmp_path, **order)["code"] == 0
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [file.name]


def sound(desk: Machine) -> None:
    """Check that every file of ours and the token can be read."""
    paths = desk.laptop.paths
    for path in (paths.memory, paths.status, desk.laptop.token_file):
        if path.exists():
            assert isinstance(json.loads(path.read_bytes()), dict), path
            assert path.stat().st_mode & 0o777 == 0o600, path


def turn(desk: Machine, killer: Killer, step: int = 0) -> dict[str, Any]:
    """Make a turn of the daemon, killed at a step or whole."""
    return killer.order("turn", step, desk.home, environ=desk.environ)


def refreshed_at_every_step(desk: Machine, killer: Killer, every: int) -> None:
    """Kill the daemon at steps of a turn that renews; the next daemon goes on from whatever is there."""
    desk.laptop.sign_in(timedelta(minutes=1))
    count = int(turn(desk, killer)["steps"])
    answers = {"renewed": 0, "lost": 0}
    for step in range(1, count + 1, every):
        desk.laptop.sign_in(timedelta(minutes=1))
        before = desk.digest
        calls = desk.laptop.calls("CreateToken").count("200")
        killed = turn(desk, killer, step)
        assert killed["killed"] or killed["steps"] < step
        sound(desk)
        turn(desk, killer)
        sound(desk)
        spent = desk.laptop.calls("CreateToken").count("200") - calls
        # Only an answer that was under way when the kill came can be lost: AWS takes a refresh token once.
        answers["renewed" if desk.digest != before else "lost"] += 1
        assert desk.digest != before or spent == 1, step
        temporary = [path.name for path in desk.laptop.token_file.parent.glob(".*.keeplit")]
        assert temporary == [], step
    assert answers["renewed"] > answers["lost"], answers
    assert not (desk.home / "tabs").exists()


def test_a_daemon_killed_while_it_renews(desk: Machine, waiting_cli: Path) -> None:
    """Killed at steps of a renewal, the daemon's next start renews, and no browser opens for it."""
    desk.put_first(waiting_cli)
    with killer_of(desk.environ) as killer:
        refreshed_at_every_step(desk, killer, every=9)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_daemon_killed_at_every_step_of_a_renewal(desk: Machine, waiting_cli: Path) -> None:
    """Killed at every step of a renewal, the daemon's next start renews."""
    desk.put_first(waiting_cli)
    with killer_of(desk.environ) as killer:
        refreshed_at_every_step(desk, killer, every=1)


def announced(desk: Machine) -> bool:
    """Whether a sign-in was announced."""
    sessions = json.loads(desk.laptop.paths.memory.read_bytes())["sessions"]
    return any(session["announced_at"] for session in sessions.values())


def announced_earlier(desk: Machine) -> None:
    """Move the announcement of a sign-in 30 s back: its 20 s are over."""
    memory = json.loads(desk.laptop.paths.memory.read_bytes())
    for session in memory["sessions"].values():
        if session["announced_at"]:
            then = datetime.fromisoformat(session["announced_at"]) - timedelta(seconds=30)
            session["announced_at"] = then.isoformat()
    desk.laptop.paths.memory.write_text(json.dumps(memory))


def tabs(desk: Machine) -> int:
    """Return how many tabs the waiting CLI opened."""
    file = desk.home / "tabs"
    return len(file.read_text().splitlines()) if file.exists() else 0


def end_runners(desk: Machine) -> None:
    """Kill whatever signs in."""
    for pid in desk.runners() + desk.processes("sleep"):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until(lambda: not desk.runners(), what="the end of the runners")


def signed_in_at_every_step(desk: Machine, killer: Killer, every: int) -> None:
    """Kill the daemon at steps of the turn that opens a browser, then the runner too; there is never a second tab."""
    desk.laptop.sign_in(timedelta(minutes=1))
    desk.laptop.sandbox.sessions.revoke(ACME)
    until(lambda: turn(desk, killer)["code"] == 0 and announced(desk), what="the announcement")
    announced_earlier(desk)
    paths = desk.laptop.paths
    kept = {folder: desk.home.with_name(f"kept-{number}") for number, folder in enumerate((paths.state, paths.own))}
    for folder, copy in kept.items():
        shutil.copytree(folder, copy)
    count = int(turn(desk, killer)["steps"])
    until(lambda: tabs(desk) == 1, what="the tab of a turn that was not killed")
    for step in range(1, count + 1, every):
        end_runners(desk)
        (desk.home / "tabs").unlink(missing_ok=True)
        for folder, copy in kept.items():
            shutil.rmtree(folder)
            shutil.copytree(copy, folder)
        turn(desk, killer, step)
        sound(desk)
        for _ in range(2):
            announced_earlier(desk)
            turn(desk, killer)
        until(lambda: tabs(desk) == 1 or not desk.runners(), what=f"a tab, or no runner, at step {step}")
        end_runners(desk)
        for _ in range(3):
            announced_earlier(desk)
            turn(desk, killer)
        assert tabs(desk) == 1, step
        assert desk.runners() == [], step
        sound(desk)


def test_a_daemon_killed_while_it_opens_a_browser(desk: Machine, waiting_cli: Path) -> None:
    """Killed at steps of the turn that opens a browser, and its runner after it, there is one tab and no second one."""
    desk.put_first(waiting_cli)
    with killer_of(desk.environ) as killer:
        signed_in_at_every_step(desk, killer, every=5)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_daemon_killed_at_every_step_of_a_sign_in(desk: Machine, waiting_cli: Path) -> None:
    """Killed at every step of the turn that opens a browser, there is one tab and no second one."""
    desk.put_first(waiting_cli)
    with killer_of(desk.environ) as killer:
        signed_in_at_every_step(desk, killer, every=1)


HOOK = """
import os, sys
if "keeplit.engine.sign_in_runner" in sys.orig_argv:
    sys.path.insert(0, {folder!r})
    import killing
    killing.install(killing.Steps(int(os.environ["DIES_AT"]), os.environ["HOME"]))
"""
"""Python runs it at its start: a runner of this home counts its steps, and dies at one of them."""


def runner_killed_at_every_step(desk: Machine, hook: Path, every: int) -> None:
    """Kill runners of unasked sign-ins at their steps; a tab that opened is always one that is remembered."""
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(HOOK.format(folder=str(Path(killing.__file__).parent)))
    desk.laptop.sign_in()
    paths, cache = desk.laptop.paths, desk.laptop.token_file
    session = Session(cache.stem, "acme", Kind.SSO_SESSION, ACME, "us-east-1")
    digest = sha256(desk.digest.encode()).hexdigest()[:32]
    opened = []
    step = 1
    while True:
        (desk.home / "tabs").unlink(missing_ok=True)
        shutil.rmtree(paths.own, ignore_errors=True)
        wanted = sign_in.Request(f"{step}", session.key, digest, asked=False)
        environ = {**desk.environ, "PYTHONPATH": str(hook), "DIES_AT": str(step)}
        outcome = sign_in.begin(paths, environ, wanted)
        until(lambda: not desk.runners() or tabs(desk), what="the runner's death, or its tab")
        until(lambda: not desk.runners() or desk.record().page, what="the runner's death, or its page")
        if desk.runners() and outcome.code == "running":
            end_runners(desk)
            break
        # A process that is being ended has lost its command line a moment before it lets go of its lock.
        until(lambda: not sign_in_files.running(paths.own), what="the dead runner's lock")
        record = sign_in_files.read(paths.own, session.key)
        opened.append(tabs(desk))
        if record is None:
            assert tabs(desk) == 0, step
        else:
            assert (record.code, record.asked, record.token) == (SignInCode.FAILED, False, digest), step
        end_runners(desk)
        step += every
    assert len(opened) > 2
    assert set(opened) <= {0, 1}


def test_a_runner_killed_while_it_signs_in(desk: Machine, waiting_cli: Path, tmp_path: Path) -> None:
    """Killed at any step, an unasked runner leaves a record that it was there before a tab could open."""
    desk.put_first(waiting_cli)
    runner_killed_at_every_step(desk, tmp_path / "hook", every=3)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_runner_killed_at_every_step(desk: Machine, waiting_cli: Path, tmp_path: Path) -> None:
    """Killed at every step, an unasked runner leaves a record that it was there before a tab could open."""
    desk.put_first(waiting_cli)
    runner_killed_at_every_step(desk, tmp_path / "hook", every=1)


def test_two_machines_do_not_meet(tmp_path: Path, own_home: Path) -> None:
    """What is killed for one home is not counted for another: a killer's steps are those inside its folder."""
    with machine(own_home) as desk, killer_of(desk.environ) as killer:
        file = desk.home / "file"
        inside = killer.order("replace", 0, desk.home, path=str(file), data="x")["steps"]
        outside = killer.order("replace", 0, tmp_path / "other", path=str(file), data="x")["steps"]
        assert inside > outside
