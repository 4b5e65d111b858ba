from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest

from keeplit.sandbox.nouns import Lifetimes
from tests.end_to_end.machine import HOUR, Machine, machine, seconds, until

LIVES = Lifetimes(access_token=seconds(20), session=8 * HOUR)
PROVIDER = """
import sys, time
from botocore.exceptions import SSOTokenLoadError
from botocore.session import Session
from botocore.tokens import SSOTokenProvider

session = Session(profile="work")
end = time.monotonic() + float(sys.argv[1])
tokens = set()
while time.monotonic() < end:
    try:
        tokens.add(SSOTokenProvider(session).load_token().get_frozen_token().token)
    except (SSOTokenLoadError, KeyError, ValueError) as torn:
        print(type(torn), file=sys.stderr)  # AWS CLI 2.9.19 writes in place
    time.sleep(0.05)
print(len(tokens))
"""
"""Real botocore, which thinks that a token with under 15 min left is due, and so refreshes whenever it may."""


def raced(desk: Machine, aws: Path, lasting: float, providers: int) -> None:
    """Let the daemon, real botocore and the real CLI renew one token with single-use refresh tokens for a while."""
    desk.laptop.sign_in(seconds(20))
    first = desk.digest
    desk.daemon()
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROVIDER, str(lasting)],
            env=desk.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(providers)
    ]
    desk.started += running
    end = monotonic() + lasting
    said = []
    while monotonic() < end:
        asked = (str(aws), "sts", "get-caller-identity", "--profile", "work", "--output", "json")
        first_try = desk.program(*asked)
        # Another one of its kind may be writing the file in place just now; who is locked out is so the second time.
        said.append(first_try if first_try.returncode == 0 else desk.program(*asked))
        for path in (desk.home / ".aws" / "cli" / "cache").glob("*"):
            path.unlink()
    for provider in running:
        out, err = provider.communicate(timeout=60)
        assert provider.returncode == 0, err
        assert int(out) >= 2
    assert [one.stderr for one in said if one.returncode] == []
    assert {json.loads(one.stdout)["Account"] for one in said} == {"111122223333"}
    assert desk.digest != first
    assert desk.laptop.calls("CreateToken").count("200") >= 2
    until(lambda: desk.session().get("state") in {"fresh", "renewing"}, what="a lit session")
    before = desk.digest
    until(lambda: desk.digest != before, within=60, what="one more renewal, by whoever is left")
    token = desk.laptop.token
    assert datetime.fromisoformat(token["expiresAt"]) > datetime.now(UTC) - timedelta(seconds=1)
    assert token["refreshToken"]
    assert desk.tabs == 0
    assert desk.record() is None


def test_nobody_is_locked_out(own_home: Path, aws_cli_v2: Path) -> None:
    """Real botocore and the real CLI race the daemon with rotating single-use tokens, and nobody is locked out."""
    with machine(own_home, lifetimes=LIVES) as desk:
        raced(desk, aws_cli_v2, lasting=10, providers=1)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_nobody_is_locked_out_for_long(own_home: Path, aws_cli_v2: Path) -> None:
    """The same with four programs and for ten minutes of renewals every few seconds."""
    minutes = 10 if os.environ.get("KEEPLIT_SOAK") == "1" else 1
    with machine(own_home, lifetimes=LIVES) as desk:
        raced(desk, aws_cli_v2, lasting=60 * minutes, providers=4)


def test_a_token_that_another_tool_strips_is_renewed(own_home: Path) -> None:
    """A tool that renews and drops the refresh token locks nobody out: our private copy has it."""
    with machine(own_home, lifetimes=LIVES) as desk:
        desk.laptop.sign_in(seconds(20))
        desk.daemon()
        until((desk.laptop.paths.own / f"{desk.laptop.token_file.stem}.token.json").exists)
        token = desk.laptop.token
        del token["refreshToken"]
        desk.laptop.token_file.write_text(json.dumps(token))
        before = desk.digest
        until(lambda: desk.digest not in {before, ""}, what="a renewal")
        assert desk.laptop.token["refreshToken"]


def test_a_file_that_is_written_in_place_is_never_taken_for_signed_out(own_home: Path) -> None:
    """While another tool writes the token file in place again and again, the session is never said to be signed out."""
    with machine(own_home) as desk:
        desk.laptop.sign_in()
        desk.daemon()
        until(desk.is_fresh)
        whole = desk.laptop.token_file.read_text()
        states = set()
        end = monotonic() + 4
        while monotonic() < end:
            with desk.laptop.token_file.open("w") as file:
                sleep(0.02)
                file.write(whole[: len(whole) // 2])
                file.flush()
                sleep(0.02)
                file.write(whole[len(whole) // 2 :])
            states.add(desk.session().get("state"))
            sleep(0.03)
        until(desk.is_fresh)
        assert states == {"fresh"}
        assert desk.tabs == 0
