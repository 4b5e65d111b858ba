"""Tests of keeplit's row in Claude Code's status line: in and out, with every other byte as it was."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from keeplit.adapters import claude_settings, journal, own_command
from keeplit.adapters import paths as places
from keeplit.adapters.paths import Paths
from keeplit.core.own_statusline import Row
from keeplit.engine import reset, status_row, undo
from keeplit.engine.choosing import Refused
from keeplit.engine.status_row import Done

PROGRAM = "/opt/keeplit/bin/keeplit"
SLOT = '{"type":"command", "command":"echo \\u00e9 \\"x\\"", "padding": 0}'
OLD = f'{{\r\n\t"model": "opus",\r\n\t"statusLine" : {SLOT},\r\n\t"hooks": {{}}\r\n}}'


class Desk:
    """A home with settings, and what is done to them."""

    def __init__(self, home: Path) -> None:
        self.environ = dict(os.environ)
        self.paths: Paths = places.find(self.environ)
        self.file = home / ".claude" / "settings.json"

    def having(self, text: str) -> Desk:
        """Give the settings these bytes."""
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_bytes(text.encode())
        return self

    def slot(self) -> Any:
        """Return what the slot holds."""
        return json.loads(self.file.read_bytes()).get("statusLine")

    def put_in(self) -> Done | Refused:
        return status_row.put_in(self.paths, self.environ)

    def take_out(self) -> Done | Refused:
        return status_row.take_out(self.paths, self.environ)


@pytest.fixture
def desk(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a home without settings, where keeplit has a path of its own."""
    monkeypatch.setattr(own_command, "program", lambda environ: PROGRAM)
    return Desk(own_home)


def test_in_beside_their_own_and_out_again(desk: Desk) -> None:
    """Ours runs theirs; out again every byte is as it was."""
    desk.having(OLD)
    done = desk.put_in()
    assert done == Done(desk.file, Row(ours=True, program=PROGRAM, theirs='echo \u00e9 "x"'), changed=True)
    assert shlex.split(desk.slot()["command"]) == [PROGRAM, "statusline", "--with", 'echo \u00e9 "x"']
    before, after = OLD.encode().split(SLOT.encode())
    text = desk.file.read_bytes()
    assert (text.startswith(before), text.endswith(after)) == (True, True)
    assert desk.take_out() == Done(desk.file, Row(theirs='echo \u00e9 "x"'), changed=True)
    assert json.loads(desk.file.read_bytes()) == json.loads(OLD)


def test_a_second_time_changes_nothing(desk: Desk) -> None:
    """Neither in nor out; the journal has one entry for each that did."""
    desk.having("{}")
    assert [isinstance(desk.put_in(), Done) for _ in range(2)] == [True, True]
    assert len([entry for entry in journal.read(desk.paths) if entry.done]) == 1
    desk.take_out()
    assert desk.take_out() == Done(desk.file, Row())
    assert desk.file.read_text() == "{}"


@pytest.mark.parametrize("back", ["undo", "reset"])
def test_undo_and_reset_give_every_byte_back(desk: Desk, back: str) -> None:
    """As for every edit of ours."""
    desk.having(OLD).put_in()
    if back == "undo":
        undo.undo(desk.paths, 1)
    else:
        given = reset.reset(desk.paths)
        assert [one.left for one in given] == [()]
    assert desk.file.read_bytes() == OLD.encode()


def test_an_old_path_of_ours_is_mended(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an installer moved is found again, and theirs stays beside it."""
    desk.having(OLD).put_in()
    monkeypatch.setattr(own_command, "program", lambda environ: "/new/keeplit")
    done = desk.put_in()
    assert isinstance(done, Done)
    assert (done.row.program, done.row.theirs, done.changed) == ("/new/keeplit", 'echo \u00e9 "x"', True)
    desk.take_out()
    assert json.loads(desk.file.read_bytes()) == json.loads(OLD)


def test_what_a_person_changed_beside_ours_stays(desk: Desk) -> None:
    """Their padding, set after ours came, is not taken back with ours."""
    desk.having("{}").put_in()
    slot = {**desk.slot(), "padding": 2}
    desk.having(json.dumps({"statusLine": slot}))
    desk.take_out()
    assert desk.slot() is None
    assert status_row.standing(desk.paths, desk.environ) == Done(desk.file, Row())


@pytest.mark.parametrize(
    ("text", "why", "code"),
    [
        (None, "there is no", 4),
        ("{", "line 1, column 2", 1),
        ('{"statusLine": "mine"}', "stays as it is", 1),
    ],
)
def test_settings_that_cannot_have_it_stay_as_they_are(desk: Desk, text: str | None, why: str, code: int) -> None:
    """No file, a broken one, a slot of another kind: a sentence, and not a byte changed."""
    if text is not None:
        desk.having(text)
    refused = desk.put_in()
    assert isinstance(refused, Refused)
    assert (why in refused.sentence, refused.exit_code) == (True, code)
    assert (desk.file.read_text() if desk.file.exists() else None) == text


def test_without_a_program_nothing_is_put_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Claude Code could not run it."""
    monkeypatch.setattr(own_command, "program", lambda environ: None)
    assert isinstance(desk.having("{}").put_in(), Refused)
    assert desk.file.read_text() == "{}"


def test_a_writer_at_the_same_time_is_given_way(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What they wrote stands, and ours comes beside it."""
    desk.having("{}")
    looks: list[Path] = []

    def look(place: Path) -> claude_settings.Contents:
        found = claude_settings.reading.read(place)
        if not looks:
            desk.having('{"theirs": 1}')
        looks.append(place)
        return found

    monkeypatch.setattr(claude_settings, "read", look)
    assert isinstance(desk.put_in(), Done)
    told = json.loads(desk.file.read_bytes())
    assert (told["theirs"], told["statusLine"]["type"]) == (1, "command")


def test_the_row_is_nothing_that_the_daemon_guards(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who takes the row out by hand has taken it out: no repair, no question, no trouble."""
    desk.having('{"env": {"AWS_PROFILE": "work"}}').put_in()
    environ = {**desk.environ, "PATH": "/usr/bin:/bin"}
    keeplit = Path(__file__).parents[2] / ".venv" / "bin" / "keeplit"
    if not keeplit.exists():
        pytest.skip("keeplit is not installed beside the tests")
    run = [str(keeplit), "daemon", "--once"]
    subprocess.run(run, env=environ, check=True, capture_output=True, timeout=60)
    desk.having('{"env": {"AWS_PROFILE": "work"}}')
    for _ in range(2):
        subprocess.run(run, env=environ, check=True, capture_output=True, timeout=60)
    status = subprocess.run(
        [str(keeplit), "status", "--json"], env=environ, check=True, capture_output=True, timeout=60
    ).stdout
    assert json.loads(status)["settings"]["state"] in {"ok", "unmanaged"}
    assert desk.slot() is None
