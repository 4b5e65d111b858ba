from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from keeplit.sandbox.clients import ACME
from keeplit.sandbox.faults import Fault
from keeplit.sandbox.nouns import Lifetimes
from tests.end_to_end.machine import PRESENT, Machine, machine, seconds, until

pytestmark = pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="command lines are read in /proc")

LOOK_EVERY = 0.02


class Eye:
    """Everything that any process of this home shows of itself to others: its command line."""

    def __init__(self, desk: Machine) -> None:
        """See nothing yet."""
        self.desk = desk
        self.seen: set[bytes] = set()
        self.ended = threading.Event()

    def watch(self) -> None:
        """Look until told to stop."""
        while not self.ended.wait(LOOK_EVERY):
            for folder in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    self.seen.add((folder / "cmdline").read_bytes())


@contextmanager
def eye(desk: Machine) -> Iterator[Eye]:
    """Watch command lines for as long as this lasts."""
    watching = Eye(desk)
    thread = threading.Thread(target=watching.watch)
    thread.start()
    try:
        yield watching
    finally:
        watching.ended.set()
        thread.join()


def may_hold_secrets(desk: Machine, path: Path) -> bool:
    """Whether AWS's own caches, or our private copies of them, are what `path` belongs to."""
    aws = desk.home / ".aws"
    places = (aws / "sso" / "cache", aws / "cli" / "cache", desk.laptop.paths.own)
    return any(place in path.parents for place in places)


def test_nothing_secret_is_written_anywhere_else(own_home: Path, aws_cli_v2: Path) -> None:
    """In a whole life of the daemon, with its log at debug, no secret is in any other file, argument or output."""
    said: list[str] = []
    with machine(own_home, lifetimes=Lifetimes(access_token=seconds(12))) as desk, eye(desk) as watching:
        desk.configure(PRESENT + '[log]\nlevel = "debug"\n')
        (desk.home / "v2").mkdir()
        (desk.home / "v2" / "aws").symlink_to(aws_cli_v2)
        desk.put_first(desk.home / "v2")
        login = desk.run("login")
        assert login.returncode == 0, login.stderr
        daemon = desk.daemon()
        first = desk.digest
        until(lambda: desk.digest != first, what="a renewal")
        desk.laptop.sandbox.faults.inject("CreateToken", Fault("garbage", times=1))
        desk.laptop.sandbox.faults.inject("GetRoleCredentials", Fault("html", times=1))
        said += [desk.run("credentials", "--format", "claude").stderr, desk.run("login", "--for-claude").stdout]
        until(lambda: not desk.laptop.sandbox.faults.armed(), what="the end of the faults")
        said += [desk.run("credentials", "--format", "claude").stderr]
        second = desk.run("login")
        until(desk.is_fresh, what="a lit session after the faults")
        desk.laptop.sandbox.sessions.reject(ACME)
        claude = desk.run("login", "--for-claude", "--profile", "work")
        for one in (login, second, claude, desk.run("status"), desk.run("status", "--json"), desk.run("profiles")):
            said += [one.stdout, one.stderr]
        logs = desk.run("logs", "-n", "100000")
        assert ": turn " in logs.stdout
        daemon.terminate()
        said += [logs.stdout, logs.stderr, *daemon.communicate(timeout=5)]
        said.append(desk.run("logout").stdout)
        secrets = {secret.encode() for secret in desk.laptop.sandbox.secrets() if len(secret) > 11}
        assert len(secrets) > 10
        written = [path for path in desk.home.rglob("*") if path.is_file()]
        assert desk.laptop.paths.log in written
        assert desk.laptop.paths.status in written
        leaks = {
            str(path.relative_to(desk.home))
            for path in written
            if not may_hold_secrets(desk, path) and any(secret in path.read_bytes() for secret in secrets)
        }
        assert leaks == set()
        assert [line for line in said if any(secret.decode() in line for secret in secrets)] == []
        assert any(b"aws_worker" in line for line in tuple(watching.seen)), "nothing was watched"
        assert [line for line in tuple(watching.seen) if any(secret in line for secret in secrets)] == []


def test_the_search_finds_what_it_looks_for(desk: Machine) -> None:
    """A secret that is planted in a file of ours is found: the search above can fail."""
    desk.laptop.sign_in()
    secrets = desk.laptop.sandbox.secrets()
    token = desk.laptop.token
    assert {token["accessToken"], token["refreshToken"], token["clientSecret"], token["clientId"]} <= secrets
    planted = desk.home / "planted"
    planted.write_text(json.dumps(token))
    assert not may_hold_secrets(desk, planted)
    assert may_hold_secrets(desk, desk.laptop.token_file)
    assert any(secret in planted.read_text() for secret in secrets)
