from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from keeplit.sandbox.claude import Claude, Second
from keeplit.sandbox.server import Sandbox
from tests.sandbox.conftest import NOON

ANSWER = "import sys, pathlib; print(pathlib.Path(sys.argv[1]).read_text()); print(sys.argv[2:], file=sys.stderr)"


@pytest.fixture
def printed(tmp_path: Path) -> Path:
    """Give the file whose content `keeplit credentials` prints here; without the file it fails."""
    return tmp_path / "printed"


@pytest.fixture
def claude(printed: Path, sandbox: Sandbox) -> Iterator[Claude]:
    """Give a pretend Claude for the profile work, in the sandbox's time."""
    made = Claude("work", (sys.executable, "-c", ANSWER, str(printed)), {}, sandbox.url, sandbox.clock)
    yield made
    made.close()


def keys_json(keys: dict[str, Any]) -> str:
    """Return role credentials as `keeplit credentials --format process` prints them."""
    end = datetime.fromtimestamp(keys["expiration"] / 1000, UTC)
    return json.dumps(
        {
            "Version": 1,
            "AccessKeyId": keys["accessKeyId"],
            "SecretAccessKey": keys["secretAccessKey"],
            "SessionToken": keys["sessionToken"],
            "Expiration": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        }
    )


def worked(claude: Claude, until: Callable[[Second], bool] = lambda _: True) -> Second:
    """Work, at most ten real seconds, until a second is as wanted."""
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        second = claude.work()
        if second is not None and until(second):
            return second
        time.sleep(0.02)
    pytest.fail("no such second came")


def test_good_credentials_are_lit(claude: Claude, printed: Path, role_keys: dict[str, Any]) -> None:
    """AWS takes what keeplit printed."""
    printed.write_text(keys_json(role_keys))
    assert worked(claude) == Second(NOON, lit=True)


def test_nothing_counts_before_the_first_answer(claude: Claude, printed: Path) -> None:
    """The first second begins with the first answer, good or bad."""
    assert claude.work() is None
    assert worked(claude).lit is False


def test_no_credentials_are_dark_with_the_reason(claude: Claude) -> None:
    """What keeplit complains of is the reason, and the exit code."""
    second = worked(claude)
    assert second.lit is False
    assert second.why.startswith("keeplit credentials (exit 1): FileNotFoundError")


@pytest.mark.parametrize("text", ["", "[]", '{"AccessKeyId": "A"}', '{"AccessKeyId": "A", "Expiration": "soon"}'])
def test_what_is_no_answer_is_dark(claude: Claude, printed: Path, text: str) -> None:
    """An answer that Claude Code could not read is none."""
    printed.write_text(text)
    assert worked(claude).lit is False


def test_credentials_are_kept_until_shortly_before_their_end(
    claude: Claude, printed: Path, role_keys: dict[str, Any], sandbox: Sandbox
) -> None:
    """A keeplit that fails meanwhile harms nobody; after the end it does, and AWS says so."""
    printed.write_text(keys_json(role_keys))
    assert worked(claude).lit
    printed.unlink()
    sandbox.clock.advance(timedelta(minutes=59))
    assert claude.work() == Second(sandbox.clock(), lit=True)
    sandbox.clock.advance(timedelta(minutes=1))
    second = worked(claude, lambda one: "keeplit credentials" in one.why)
    assert (second.lit, second.why.partition(" · ")[0]) == (False, "ExpiredToken")


def test_keys_that_aws_does_not_know_are_dark(claude: Claude, printed: Path, role_keys: dict[str, Any]) -> None:
    """A wrong session token is refused."""
    printed.write_text(keys_json({**role_keys, "sessionToken": "made up"}))
    assert worked(claude).why == "InvalidClientTokenId"


def test_no_secret_shows_in_its_repr(claude: Claude, printed: Path, role_keys: dict[str, Any]) -> None:
    """Keys are hidden."""
    printed.write_text(keys_json(role_keys))
    worked(claude)
    assert role_keys["accessKeyId"] not in repr(claude)
    assert role_keys["sessionToken"] not in repr(claude)


def test_aws_that_does_not_answer_is_dark(claude: Claude, printed: Path, role_keys: dict[str, Any]) -> None:
    """A port where nobody listens."""
    printed.write_text(keys_json(role_keys))
    worked(claude)
    claude.url = "http://127.0.0.1:9"
    second = worked(claude)
    assert (second.lit, second.why) == (False, "AWS does not answer (ConnectionRefusedError)")
