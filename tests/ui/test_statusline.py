"""Tests of `keeplit statusline` as Claude Code runs it: always one row of ours, and theirs beside it."""

from __future__ import annotations

import io
import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keeplit.core.statusline import INSIDE, NOT_RUNNING, OTHER_VERSION
from keeplit.ui.statusline import answer, theirs

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PLAIN = {"NO_COLOR": "1", "PATH": "/usr/bin:/bin"}


def published(**more: Any) -> bytes:
    """Return a published status whose sign-in ends in twenty minutes."""
    end = f"{NOW + timedelta(minutes=20):%Y-%m-%dT%H:%M:%SZ}"
    session = {"name": "acme", "state": "fresh", "profiles": ["work"], "session_ends_known": "known"}
    told = {"schema": 1, "profile": "work", "sessions": [{**session, "session_ends_at": end}]}
    return json.dumps(told | more).encode()


def said(data: bytes | None, command: str = "", given: bytes = b"{}", *, inside: str = "") -> str:
    """Return what is printed two hours east of Greenwich, without colours."""
    with tempfile.TemporaryFile() as stdin:
        stdin.write(given)
        stdin.seek(0)
        return answer(
            data, command, PLAIN | ({INSIDE: inside} if inside else {}), NOW.timestamp(), 7200, stdin.fileno()
        ).decode()


def test_the_row_of_a_published_status() -> None:
    """The clock is the local one."""
    assert said(published()) == "\N{FIRE} work · sign-in ends 14:20, in 20 min\n"


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"{", b'{"schema": 2}', b"\xff", b"[" * 100_000])
def test_without_a_status_it_says_what_to_do(data: bytes) -> None:
    """No daemon; one whose status cannot be read, or is of a later kind."""
    assert said(None) == f"\N{FIRE} {NOT_RUNNING}\n"
    assert said(data) == f"\N{FIRE} {OTHER_VERSION}\n"


def test_colours_unless_they_are_not_wanted() -> None:
    """NO_COLOR takes them away."""
    assert answer(published(), "", {}, NOW.timestamp(), 0).startswith(b"\x1b[33m")


@pytest.mark.skipif(sys.platform == "win32", reason="the command is written for sh")
def test_beside_a_persons_own_command() -> None:
    """It gets what Claude Code gave; where it fails, ours stands alone."""
    assert said(published(), "cat; echo; echo second", b"theirs").endswith("in 20 min  theirs\nsecond\n")
    assert said(published(), "echo lost; exit 1") == said(published())


@pytest.mark.skipif(sys.platform == "win32", reason="the command is written for sh")
def test_a_command_that_runs_keeplit_again_is_not_run_without_end() -> None:
    """It is told that it stands in one; theirs that only looks like ours by its path runs as every other."""
    assert said(published(), f"echo ${INSIDE} keeplit statusline").endswith("  1 keeplit statusline\n")
    assert said(published(), "echo theirs", inside="1") == said(published())


@pytest.mark.skipif(sys.platform == "win32", reason="the command is written for sh")
@pytest.mark.parametrize("closed", [True, False])
def test_without_a_stdin_theirs_gets_an_empty_one(monkeypatch: pytest.MonkeyPatch, *, closed: bool) -> None:
    """None at all, or one that is no file."""
    monkeypatch.setattr(sys, "stdin", None if closed else io.StringIO())
    assert answer(published(), "wc -c", PLAIN, NOW.timestamp(), 0).split()[-1] == b"0"


@pytest.mark.skipif(sys.platform == "win32", reason="the command is written for sh")
def test_stdin_of_a_terminal_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who types the command gives no JSON."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    assert answer(published(), "cat; echo x", PLAIN, NOW.timestamp(), 0).endswith(b"  x\n")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ""),
        (["--with", "ccusage statusline"], "ccusage statusline"),
        (["--with=a b"], "a b"),
        (["--with", "/opt/keeplit statusline --with x"], "/opt/keeplit statusline --with x"),
        (["--with"], None),
        (["--install"], None),
    ],
)
def test_the_options_as_they_are_written_into_the_settings(options: list[str], expected: str | None) -> None:
    """What is spelled otherwise goes the slow way."""
    assert theirs(options) == expected
