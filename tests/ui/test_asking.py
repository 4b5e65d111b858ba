import os
import shutil
import sys
from typing import Any

import click
import pytest
import questionary

from keeplit.ui import asking
from keeplit.ui.asking import Asker, Choice, NeedsAnswer

CHOICES = (Choice("a", "the first"), Choice("b", "the second"))
MANY = tuple(Choice(str(number), f"number {number}") for number in range(12))


class Asked:
    """A question of the library, as it was asked, and what the person does."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.told: dict[str, Any] = {}

    def __call__(self, question: str, **told: Any) -> "Asked":
        self.told = {"question": question, **told}
        return self

    def unsafe_ask(self) -> Any:
        if isinstance(self.answer, type):
            raise self.answer
        return self.answer


@pytest.fixture
def asker(monkeypatch: pytest.MonkeyPatch) -> Asker:
    """Give somebody who can be asked, in a terminal with room."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((80, 24)))
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Asker(asks=True)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Give a terminal of three lines, and what is typed in it, line by line."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((80, 3)))
    lines: list[str] = []
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: lines.pop(0))
    return lines


def test_a_choice_is_made_with_arrow_keys(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proposed one is under the cursor; of many, letters find one."""
    asked = Asked("b")
    monkeypatch.setattr(questionary, "select", asked)
    assert asker.choose("Which?", CHOICES, default="b", flag="--x") == "b"
    assert (asked.told["default"], asked.told["use_search_filter"]) == ("b", False)
    asker.choose("Which?", MANY, default="gone", flag="--x")
    assert (asked.told["default"], asked.told["use_search_filter"]) == (None, True)
    assert "color_depth" not in asked.told


def test_no_color_reaches_the_library(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is one bit deep then."""
    asked = Asked(answer=True)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(questionary, "confirm", asked)
    assert asker.confirm("Sure?", default=None, flag="--x") is True
    assert asked.told["color_depth"].name == "DEPTH_1_BIT"


def test_a_question_that_comes_again_proposes_what_was_answered(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    """But where that was proposed anyway, a proposal that has changed since counts; and nothing of it lasts afresh."""
    asked = {name: Asked(answer) for name, answer in (("select", "b"), ("text", "mine"), ("confirm", False))}
    for name, one in asked.items():
        monkeypatch.setattr(questionary, name, one)

    def round_of(who: Asker, name: str) -> tuple[Any, ...]:
        who.choose("Which?", CHOICES, default="a", flag="--x")
        who.text("What?", default=name, flag="--x")
        who.confirm("Sure?", default=True, flag="--x")
        return tuple(one.told["default"] for one in asked.values())

    assert [round_of(asker, name) for name in ("theirs", "mine", "new")] == [
        ("a", "theirs", True),
        ("b", "mine", False),
        ("b", "new", False),
    ]
    assert round_of(asker.afresh(), "theirs") == ("a", "theirs", True)


def test_another_proposal_counts_more_than_an_answer_to_the_last(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile's name that a person typed for one account is not proposed for another one."""
    asked = Asked("mine")
    monkeypatch.setattr(questionary, "text", asked)
    shown = []
    for name in ("production", "production", "development"):
        asker.text("Name?", default=name, flag="--x")
        shown.append(asked.told["default"])
    assert shown == ["production", "mine", "development"]


def test_a_text_is_judged_as_it_is_typed(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library gets the fault as its sentence, and white space around the text does not count."""
    asked = Asked(" right ")
    monkeypatch.setattr(questionary, "text", asked)
    fault = {"right": ""}.get
    assert asker.text("What?", default=None, flag="--x", fault=lambda text: fault(text, "wrong")) == "right"
    assert (asked.told["validate"]("left"), asked.told["validate"](" right ")) == ("wrong", True)
    assert asked.told["validate_while_typing"] is True
    assert asker.text("What?", default=None, flag="--x", fault=lambda text: f"{text} is wrong " * 9) == "right"
    assert asked.told["validate"]("it").endswith("it is …")  # it has one line


@pytest.mark.parametrize("ended", [KeyboardInterrupt, EOFError])
def test_ctrl_c_is_an_abort(asker: Asker, monkeypatch: pytest.MonkeyPatch, ended: type[BaseException]) -> None:
    """As everywhere in the command line; Ctrl-D too."""
    monkeypatch.setattr(questionary, "select", Asked(ended))
    with pytest.raises(click.Abort):
        asker.choose("Which?", CHOICES, default=None, flag="--x")


def test_a_small_terminal_takes_numbers(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Each choice on a line of its own; a number that is none is asked for again."""
    typed += ["9", "2", ""]
    asker = Asker(asks=True)
    assert asker.choose("Which?", CHOICES, default=None, flag="--x") == "b"
    assert "  1  the first\n  2  the second\n" in capsys.readouterr().out
    assert asker.choose("Which one?", CHOICES, default="a", flag="--x") == "a"


def test_a_small_terminal_takes_text_and_yes(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong is said, and asked for again."""
    typed += ["bad", "good", "y"]
    asker = Asker(asks=True)
    assert asker.text("What?", default=None, flag="--x", fault=lambda text: "no" if text == "bad" else "") == "good"
    assert "keeplit: no\n" in capsys.readouterr().err
    assert asker.confirm("Sure?", default=False, flag="--x") is True


def test_a_terminal_that_moves_no_cursor_counts_as_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """`dumb`, or none named."""
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((80, 24)))
    found = []
    for name in ("xterm", "dumb", ""):
        monkeypatch.setenv("TERM", name)
        found.append(asking._roomy())
    assert found == [True, False, False]


def test_where_nobody_is_asked_defaults_are_taken() -> None:
    """And where there is none, the flag is named."""
    asker = Asker(asks=False)
    assert asker.choose("Which?", CHOICES, default="b", flag="--x") == "b"
    assert asker.text("What?", default="", flag="--x") == ""
    assert asker.confirm("Sure?", default=False, flag="--x") is False
    for ask in (asker.choose, asker.text, asker.confirm):
        with pytest.raises(NeedsAnswer, match=r"which\? Say it: --x ID"):
            ask("Which?", *([CHOICES] if ask == asker.choose else []), default=None, flag="--x ID")


def test_nobody_is_asked_without_a_terminal_or_with_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ends must be one."""

    class Tty:
        def isatty(self) -> bool:
            return True

    assert not Asker.here(yes=False).asks
    monkeypatch.setattr(sys, "stdin", Tty())
    monkeypatch.setattr(sys, "stdout", Tty())
    assert (Asker.here(yes=False).asks, Asker.here(yes=True).asks) == (True, False)
