"""A process that is killed at a step of its own choosing: ``python tests/end_to_end/killing.py``, orders on stdin.

An order is one line of JSON, ``{"do": …, "step": N, "environ": …}``: a child is forked that does it and is ended by
SIGKILL at its N-th step, a step being anything that changes a file or starts a process (and just after it, too). With
``"after": S`` it is ended after so many seconds; with ``"worker": true`` its own children are, and it goes on. The
answer is one line: ``{"killed": true|false, "steps": how many there were, "code": its exit code}``. The parent never
starts a thread, so that the fork is a clean one.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

EVENTS = frozenset(
    {"os.rename", "os.remove", "os.mkdir", "os.truncate", "os.chmod", "subprocess.Popen", "os.utime", "os.link"}
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Steps:
    """Counts steps, and ends the process at the one that was asked for."""

    def __init__(self, last: int, inside: str) -> None:
        """Count only what happens to files `inside`, and processes."""
        self.last = last
        self.inside = inside
        self.count = 0

    def step(self) -> None:
        """Make one step."""
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(self, event: str, given: tuple[Any, ...]) -> None:
        """See what the process does."""
        if event == "open":
            path, _, flags = given
            if isinstance(flags, int) and flags & WRITING and str(path).startswith(self.inside):
                self.step()
        elif event in EVENTS:
            self.step()

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Let a function that raises no audit event be a step before and after it."""

        def stepped(*given: Any) -> Any:
            self.step()
            done = function(*given)
            self.step()
            return done

        return stepped


def write_token(order: dict[str, Any]) -> int:
    """Renew a token by an answer of our own, through the real write-back."""
    from keeplit.core.deeds import Outcome, Result
    from keeplit.core.model import Kind, Session
    from keeplit.core.secrets import NewToken
    from keeplit.engine import renewal

    cache, own = Path(order["cache"]), Path(order["own"])
    session = Session(order["key"], "acme", Kind.SSO_SESSION, order["start_url"], "us-east-1")
    answer = NewToken(access_token="new-access", expires_in=3600, refresh_token="new-refresh")
    outcome = renewal.refresh(
        cache,
        own,
        session,
        order["digest"],
        lambda _: (Outcome(Result.DONE), answer),
        lambda: datetime(2026, 3, 2, 12, tzinfo=UTC) + timedelta(),
        lambda _: None,
    )
    return 0 if outcome.result is Result.DONE else 1


def replace_file(order: dict[str, Any]) -> int:
    """Replace a file."""
    from keeplit.adapters import files

    files.replace(Path(order["path"]), order["data"].encode())
    return 0


def make_turn(order: dict[str, Any]) -> int:
    """Make one turn of the daemon."""
    os.environ.clear()
    os.environ.update(order["environ"])
    from keeplit.adapters import paths
    from keeplit.engine import run
    from keeplit.engine.world import real_world

    where = paths.find(os.environ)
    run.once(real_world(where, publishes=True), where)
    return 0


DEEDS = {"token": write_token, "replace": replace_file, "turn": make_turn}


def install(steps: Steps) -> None:
    """Count the steps of this process from now on."""
    os.write, os.fsync, os.replace = steps.around(os.write), steps.around(os.fsync), steps.around(os.replace)
    sys.addaudithook(steps.audit)


def child(order: dict[str, Any], say: int) -> int:
    """Do what is ordered, step by step."""
    steps = Steps(order["step"], order["inside"])
    install(steps)
    code = DEEDS[order["do"]](order)
    count = steps.count
    steps.last = 0
    os.write(say, str(count).encode())
    return code


def kill_later(pid: int, order: dict[str, Any]) -> None:
    """End a child, or its children, after a while; where it is gone by then, nothing is killed."""
    ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    until = time.monotonic() + order["after"]
    while ended is None and time.monotonic() < until:
        time.sleep(min(0.002, order["after"]))
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    victims = [str(pid)]
    if order["worker"]:
        threads = Path(f"/proc/{pid}/task").glob("*/children") if ended is None else ()
        victims = [child for thread in threads for child in thread.read_text().split()]
    for victim in victims:
        with suppress(ProcessLookupError):
            os.kill(int(victim), signal.SIGKILL)


def main() -> None:
    """Obey orders until there are no more."""
    import keeplit.engine.run
    import keeplit.engine.world  # noqa: F401  # loaded once, for every child

    for line in sys.stdin:
        order = json.loads(line)
        hear, say = os.pipe()
        pid = os.fork()
        if pid == 0:
            code = 70
            try:
                code = child(order, say)
            finally:
                sys.stderr.flush()
                os._exit(code)
        os.close(say)
        if "after" in order:
            kill_later(pid, order)
        _, ended = os.waitpid(pid, 0)
        with os.fdopen(hear) as pipe:
            steps = pipe.read()
        answer = {"killed": os.WIFSIGNALED(ended), "steps": int(steps or 0), "code": os.waitstatus_to_exitcode(ended)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
