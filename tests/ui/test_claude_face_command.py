"""Tests of `keeplit statusline` and `keeplit hook` as a person and Claude Code type them."""

from __future__ import annotations

import io
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from keeplit.core.statusline import NOT_RUNNING
from keeplit.core.view import rfc3339
from keeplit.engine import for_claude
from keeplit.sandbox.clockwork import wall
from keeplit.ui import fast
from tests.core.lit_status import session, status
from tests.engine.lit_laptop import write
from tests.ui.typing_person import Typist

THEIRS = {"type": "command", "command": "echo 'mine'", "padding": 0}


@pytest.fixture
def settings(own_home: Path) -> Path:
    """Give Claude Code's settings, with a status line of the person's own."""
    place = own_home / ".claude" / "settings.json"
    write(place, {"statusLine": THEIRS})
    return place


def slot(place: Path) -> Any:
    """Return what stands in the status line's slot."""
    return json.loads(place.read_bytes())["statusLine"]


def test_in_and_out_in_words(person: Typist, settings: Path) -> None:
    """Each says what became of a person's own command, and how it is taken back; a second time changes nothing."""
    said = person.types("statusline", "--install")
    assert said.out.splitlines() == [
        f"keeplit's row is in Claude Code's status line ({settings}). Out again: keeplit statusline --remove",
        "Your own command stays beside it: echo 'mine'",
    ]
    assert slot(settings)["padding"] == 0
    again = person.types("statusline", "--install")
    assert again.out.splitlines()[0] == f"keeplit's row is in {settings} already."
    out = person.types("statusline", "--remove")
    assert out.out.splitlines() == [
        f"keeplit's row is out of {settings}.",
        "Your own command is as it was: echo 'mine'",
    ]
    assert slot(settings) == THEIRS
    assert person.types("statusline", "--remove").out == (f"keeplit's row is not in {settings}; nothing was changed.\n")


def test_a_project_that_hides_the_row_is_told_of(
    person: Typist, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is put in, in that project's folder alone; to take it out it does not matter."""
    project = tmp_path / "project"
    write(project / ".claude" / "settings.json", {"statusLine": {"type": "command", "command": "git branch"}})
    monkeypatch.chdir(project)
    said = person.types("statusline", "--install")
    assert said.code == 0
    assert said.out.splitlines()[-1] == (
        f"keeplit's row is not shown here: the project's settings ({project}/.claude/settings.json) have a status line "
        "of their own, which wins. "
        "Do: take statusLine out there, or have it run: keeplit statusline --with 'the command that it runs now'"
    )
    assert "not shown" not in person.types("statusline", "--remove").out
    monkeypatch.chdir(tmp_path)
    assert "not shown" not in person.types("statusline", "--install").out


def test_what_cannot_be_done_is_said(person: Typist, settings: Path) -> None:
    """Both at once; settings that cannot be read: exit codes, and not a byte changed."""
    assert person.types("statusline", "--install", "--remove").code == 2
    settings.write_bytes(b"\xef\xbb\xbf{}")
    refused = person.types("statusline", "--install")
    assert (refused.code, "byte order mark" in refused.err) == (1, True)
    assert settings.read_bytes() == b"\xef\xbb\xbf{}"


def test_the_row_by_the_slow_way(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever way the options are spelled it is the same row, and it ends well."""
    monkeypatch.setenv("NO_COLOR", "1")
    said = person.types("statusline")
    assert (said.code, said.out) == (0, f"\N{FIRE} {NOT_RUNNING}\n")


def test_the_hook_of_a_start(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """One JSON object with what a person sees; nothing at all while all is well."""
    assert person.types("hook", "session-start").out == ""
    soon = wall() + timedelta(minutes=10)
    told = status(session(session_ends_at=rfc3339(soon), access_expires_at=rfc3339(soon + timedelta(hours=1))))
    monkeypatch.setattr(fast, "published", lambda _: json.dumps(told).encode())
    said = person.types("hook", "session-start")
    assert (said.code, list(said.json)) == (0, ["systemMessage"])
    assert "the sign-in of acme ends" in said.json["systemMessage"]


@pytest.mark.parametrize(("given", "ran"), [(b'{"error": "rate_limit"}', 0), (b"{}", 1), (None, 1)])
def test_the_hook_of_a_failed_turn(
    person: Typist, monkeypatch: pytest.MonkeyPatch, given: bytes | None, ran: int
) -> None:
    """Claude Code's JSON comes on stdin; without one it recovers, for the matcher has said why it was called."""
    runs: list[Any] = []

    def run(*arguments: Any) -> int:
        runs.append(arguments)
        return 3

    monkeypatch.setattr(for_claude, "run", run)
    monkeypatch.setattr(sys, "stdin", None if given is None else io.TextIOWrapper(io.BytesIO(given)))
    assert (person.types("hook", "stop-failure").code, len(runs)) == (3 if ran else 0, ran)
