"""`keeplit doctor` as a person types it: its exit code, its options, and what it leaves behind."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import pytest

from keeplit.adapters import claude_code, login
from keeplit.core.deeds import Outcome, Result
from keeplit.engine import doctor as engine
from keeplit.engine import doctor_local
from tests.ui.typing_person import Typist


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for no programs of this machine."""
    monkeypatch.setattr(login, "_USUAL_PLACES", ())
    monkeypatch.setattr(claude_code, "FOLDERS", ())
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PATH", "")


def test_without_a_terminal_there_are_no_colours(person: Typist) -> None:
    """And the exit code is that of the checks."""
    person.laptop.sign_in()
    said = person.types("doctor", "--offline")

    assert (said.code, said.err, "\x1b" in said.out) == (1, "", False)
    assert said.out.splitlines()[0].endswith("checks are well.")
    assert "CLAUDE_CODE_USE_BEDROCK is missing" in said.out


def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch, person: Typist) -> None:
    """In a terminal too."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    coloured = person.types("doctor", "--offline").out
    monkeypatch.setenv("NO_COLOR", "1")

    assert "\x1b[" in coloured
    assert "\x1b[" not in person.types("doctor", "--offline").out


def test_json_is_one_object(person: Typist) -> None:
    """And it says the same."""
    said = person.types("doctor", "--offline", "--json")

    assert (said.code, said.err, said.json["schema"]) == (1, "", 1)
    assert {one["state"] for one in said.json["checks"]} <= {"ok", "warn", "fail", "skipped"}
    assert set(said.json) == {"schema", "checks"}


def test_fixing_says_what_it_did(person: Typist) -> None:
    """And how it is taken back; where nothing can be mended, that."""
    settings = person.laptop.home / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"env": {"CLAUDE_CODE_USE_BEDROCK": "1"}, "awsAuthRefresh": "aws sso login"}))
    said = person.types("doctor", "--offline", "--fix")

    assert said.out.splitlines()[1].startswith("Mended: awsAuthRefresh in ")
    assert said.out.splitlines()[2] == "Take it back: keeplit undo"
    assert "Nothing of it can be mended without you." in person.types("doctor", "--offline", "--fix").out


def test_a_bundle_is_told_by_its_path(person: Typist) -> None:
    """The file is there."""
    said = person.types("doctor", "--offline", "--bundle")

    assert Path(said.out.splitlines()[-1].rpartition(": ")[2]).is_file()


def test_without_a_home_there_is_an_answer(monkeypatch: pytest.MonkeyPatch, person: Typist) -> None:
    """The check says so; a bundle has no place to lie in."""
    monkeypatch.setenv("HOME" if os.name != "nt" else "USERPROFILE", "/nowhere/at/all")
    said, bundle = person.types("doctor", "--offline"), person.types("doctor", "--offline", "--bundle")

    assert (said.code, said.err) == (1, "")
    assert "✗ This machine" in said.out
    assert (bundle.code, bundle.err.startswith("keeplit: there is no bundle: ")) == (1, True)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome(Result.DONE), "took the notice"),
        (Outcome(Result.NOT_SHOWN, "no_service", "no notification service runs"), "not shown: no notification service"),
    ],
)
def test_a_notice_is_shown_when_asked_for(
    monkeypatch: pytest.MonkeyPatch, person: Typist, outcome: Outcome, said: str
) -> None:
    """Without a terminal nobody is asked whether they saw it."""
    monkeypatch.setattr(engine, "show_notice", lambda _: outcome)
    found = person.types("doctor", "--offline", "--notice", "--json").json["checks"]

    assert [said in one["sentence"] for one in found if one["code"] == "notices"] == [True]


@pytest.mark.parametrize(("seen", "state"), [(True, "ok"), (False, "warn")])
def test_in_a_terminal_the_person_is_asked(
    monkeypatch: pytest.MonkeyPatch, person: Typist, *, seen: bool, state: str
) -> None:
    """Only they can say."""
    monkeypatch.setattr(engine, "show_notice", lambda _: Outcome(Result.DONE))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.confirm", lambda *_, **__: seen)
    found = person.types("doctor", "--offline", "--notice", "--json").json["checks"]

    assert [one["state"] for one in found if one["code"] == "notices"] == [state]


def test_what_breaks_stands_in_the_log_alone(monkeypatch: pytest.MonkeyPatch, person: Typist) -> None:
    """The person reads a sentence; the traceback is kept for whoever mends it."""
    monkeypatch.setattr(doctor_local, "rivals", lambda _: 1 / 0)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # as in a process of its own
    said = person.types("doctor", "--offline")

    assert (said.code, said.err, "This check itself broke (ZeroDivisionError)" in said.out) == (1, "", True)
    assert "Traceback" in person.laptop.paths.log.read_text()


def test_a_look_leaves_no_log(person: Typist) -> None:
    """Where nothing broke."""
    person.types("doctor", "--offline")

    assert not person.laptop.paths.state.exists()
