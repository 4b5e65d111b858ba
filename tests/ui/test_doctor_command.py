"""`keeplit doctor` as a person sees it: the verdict first, and long only where something is to do."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import pytest

from keeplit.adapters import claude_code, login
from keeplit.core.check import Check, State
from keeplit.core.deeds import Outcome, Result
from keeplit.core.doctor_marks import fail, ok, skipped, warn
from keeplit.engine import doctor as engine
from keeplit.engine import doctor_local
from keeplit.engine.doctor_fix import Fixed
from keeplit.ui.doctor_command import _fixed, document, screen
from tests.ui.typing_person import Typist

LONG = "The token of acme has ended, and it is renewed as soon as keeplit runs, which it does not do just now."
FOUND = (
    ok("home", "HOME is there."),
    fail("token", LONG, "keeplit login --session=acme"),
    warn("disk", "The disk is nearly full.", "free disk space"),
    skipped("tray", "There is no screen."),
)


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for no programs of this machine."""
    monkeypatch.setattr(login, "_USUAL_PLACES", ())
    monkeypatch.setattr(claude_code, "FOLDERS", ())
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PATH", "")


def plain(text: str) -> str:
    """Return a screen without its colours."""
    return "".join(part.partition("m")[2] if at else part for at, part in enumerate(text.split("\x1b[")))


def test_the_verdict_comes_first_and_what_is_well_takes_a_line() -> None:
    """Each group has one line, and what is to do stands below it with its fix."""
    assert plain(screen(FOUND, 60)).splitlines() == [
        "1 thing is wrong, 1 to look at; 1 check is well.",
        "! This machine: 1 well",
        "  ! The disk is nearly full.",
        "    Do: free disk space",
        "· keeplit: 1 not looked at: There is no screen.",
        "✗ Sign-in",
        "  ✗ The token of acme has ended, and it is renewed as soon",
        "    as keeplit runs, which it does not do just now.",
        "    Do: keeplit login --session=acme",
    ]


@pytest.mark.parametrize("width", [20, 30, 60, 100])
def test_sentences_fit_the_terminal(width: int) -> None:
    """A command alone may be longer: it is copied."""
    lines = plain(screen(FOUND, width)).splitlines()[1:]

    assert max(len(line) for line in lines if "Do:" not in line) <= width


def test_a_name_cannot_steer_the_terminal() -> None:
    """What a file holds is shown, not obeyed."""
    assert "\x1b]0;" not in screen((fail("token", "acme\x1b]0;x\x07", "x"),), 60)


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


def test_what_was_mended_is_said() -> None:
    """As one object with the rest, or in lines before the checks."""
    fixed = [Fixed("helpers", "It runs keeplit.")]

    assert document(FOUND, fixed, "/x.zip")["fixed"] == [
        {"code": "helpers", "sentence": "It runs keeplit.", "done": True}
    ]
    assert document(FOUND, [], "")["fixed"] == []
    assert plain(screen(FOUND, 60, ["Mended: it."], "/x.zip")).splitlines()[1] == "Mended: it."
    assert screen(FOUND, 60, (), "/x.zip").endswith("without secrets: /x.zip")


def test_fixing_says_what_it_did(person: Typist) -> None:
    """And how it is taken back; where nothing can be mended, that."""
    settings = person.laptop.home / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"env": {"CLAUDE_CODE_USE_BEDROCK": "1"}, "awsAuthRefresh": "aws sso login"}))
    said = person.types("doctor", "--offline", "--fix")

    assert said.out.splitlines()[1].startswith("Mended: awsAuthRefresh in ")
    assert said.out.splitlines()[2] == "Take it back: keeplit undo"
    assert "Nothing of it can be mended without you." in person.types("doctor", "--offline", "--fix").out


def test_each_fix_is_taken_back_by_itself() -> None:
    """It is said when there are several; and where all is well, that there was nothing to mend."""
    mended = Fixed("helpers", "It runs keeplit.")

    assert _fixed([mended, mended], ())[-1] == "Take it back: keeplit undo, once for each"
    assert _fixed([mended, Fixed("x", "It could not.", done=False)], ())[-1] == "Take it back: keeplit undo"
    assert _fixed([], [one for one in FOUND if one.state is State.OK]) == ["There is nothing to mend."]


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


def test_checks_are_passed_on_as_they_are() -> None:
    """In their order, each whole."""
    assert document((Check("x", FOUND[1].state, "s", "f"),))["checks"] == [
        {"code": "x", "state": "fail", "sentence": "s", "fix": "f"}
    ]


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
