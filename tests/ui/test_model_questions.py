from __future__ import annotations

import sys

import click
import pytest

from tests.ui.typing_person import Typist

SONNET = "us.anthropic.claude-sonnet-5"


def test_a_check_costs_nothing_and_says_each_thing(person: Typist) -> None:
    """On the screen and as one object."""
    person.laptop.sign_in()
    said = person.types("models", "--check", "sonnet")
    assert (said.code, said.out.splitlines()[-1]) == (0, "It may be used.")
    told = person.types("models", "--check", SONNET, "--json").json
    assert (told["schema"], told["model"], told["region"], told["allowed"]) == (1, SONNET, "us-east-1", True)
    assert [one["code"] for one in told["checks"]][:2] == ["model_listed", "model_region"]
    assert person.laptop.calls("Converse") == []


def test_the_call_is_made_where_it_is_asked_for(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its flag, or by a yes in a terminal."""
    person.laptop.sign_in()
    assert person.types("models", "--check", SONNET, "--call", "--json").json["checks"][-1]["code"] == "model_call"
    assert len(person.laptop.calls("Converse")) == 1

    class Tty:
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Tty())
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(click, "confirm", lambda *_, **__: True)
    said = person.types("models", "--check", SONNET)
    assert said.code == 0, said
    assert len(person.laptop.calls("Converse")) == 2


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (("--check", "nonsense"), 2),
        (("--where", "nonsense"), 2),
        (("--check", SONNET, "--where", SONNET), 2),
        (("--call",), 2),
        (("--region", "us-east-1", "--region", "eu-west-1"), 2),
        (("--check", SONNET, "--region", "us-east-9"), 2),
        (("--where", SONNET, "--region", "us-east-9"), 2),
        (("--check", "eu.anthropic.claude-opus-5"), 1),
        (("--where", "claude-2-1", "--region", "us-east-1"), 1),
    ],
)
def test_what_cannot_be_answered_ends_with_its_code(person: Typist, given: tuple[str, ...], code: int) -> None:
    """Wrong usage is 2, a no is 1, and each has its sentence."""
    person.laptop.sign_in()
    said = person.types("models", *given)
    assert said.code == code, said
    assert said.err + said.out


def test_without_a_sign_in_a_person_is_sent_to_it(person: Typist) -> None:
    """Exit 3, as everywhere; without any profile it is 4."""
    assert person.types("models", "--check", SONNET).code == 3
    said = person.types("models", "--where", SONNET, "--region", "us-east-1")
    assert (said.code, said.out, said.err.count("you need to sign in")) == (3, "", 1), said
    person.laptop.configure("")
    (person.laptop.home / ".aws" / "config").write_text("")
    assert person.types("models", "--where", SONNET).code == 4


def test_where_a_model_is_comes_from_each_region_itself(person: Typist) -> None:
    """With where its requests run, and when it ends."""
    person.laptop.sign_in()
    given = ("models", "--where", "claude-3-haiku", "--region", "us-east-1", "--region", "ap-southeast-4")
    said = person.types(*given)
    assert said.code == 0, said
    assert "us.anthropic.claude-3-haiku-20240307-v1:0  us-east-1 us-east-2 us-west-2  legacy, ends" in said.out
    assert "from ap-southeast-4: no\n" in said.out
    regions = person.types(*given, "--json").json["regions"]
    assert [one["region"] for one in regions] == ["us-east-1", "ap-southeast-4"]
    (one,) = regions[0]["profiles"]
    assert (one["prefix"], one["everywhere"], one["legacy"], one["ends_at"][-1]) == ("us", False, True, "Z")
