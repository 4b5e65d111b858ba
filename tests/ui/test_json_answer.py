from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from keeplit.ui import cli, json_answer
from tests.ui.typing_person import Said, Typist, typist


@pytest.fixture
def person(own_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Typist]:
    """Give somebody at a laptop, signed in nowhere."""
    with typist(own_home, monkeypatch, capsys) as someone:
        yield someone


def refusal(said: Said) -> tuple[int, dict[str, object]]:
    """Return the exit code and the one object, whose sentence stands on stderr too."""
    told = json.loads(said.out)
    assert (set(told), told["schema"]) == ({"schema", "error", "exit_code"}, 1)
    assert said.err.endswith(f"keeplit: {told['error']}\n")
    return said.code, told


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["use", "--profile", "wrok", "--json"], 1, "did you mean 'work'"),
        (["use", "--model", "opus", "--json"], 3, "full id"),
        (["usage", "--json"], 3, "keeplit login"),
        (["iam", "check", "--json", "--policy", "nowhere.json"], 1, "there is no nowhere.json"),
    ],
)
def test_a_refused_command_prints_one_object(person: Typist, arguments: list[str], code: int, says: str) -> None:
    """The sentence of stderr and the exit code."""
    ended, told = refusal(person.types(*arguments))
    assert (ended, told["exit_code"]) == (code, code)
    assert says in str(told["error"])


def test_a_command_with_an_object_of_its_own_prints_that_one(person: Typist) -> None:
    """What it looked for and did not find is no refusal: the object says it of each region."""
    told = person.types("models", "--json", "--where", "sonnet").json
    assert ("error" in told, "model" in told) == (False, True)


def test_not_set_up_is_an_object_too(person: Typist) -> None:
    """Exit 4 says so as well."""
    person.laptop.configure("")
    ended, told = refusal(person.types("use", "--json"))
    assert (ended, told["exit_code"]) == (4, 4)


def test_a_home_that_is_missing_is_an_object_too(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ends a command from within the adapters is answered in the same way."""
    monkeypatch.setenv("HOME", "/nonexistent")
    monkeypatch.setenv("USERPROFILE", "/nonexistent")
    ended, told = refusal(person.types("undo", "--list", "--json"))
    assert (ended, "/nonexistent" in str(told["error"])) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["use", "--model", "gpt-4", "--json"],
        ["use", "--json", "--nonsense"],
        ["usage", "--json", "--days", "none"],
        ["repair", "--json", "--accept", "--last-good"],
    ],
)
def test_wrong_usage_is_said_on_stderr_alone(person: Typist, arguments: list[str]) -> None:
    """Whoever mistypes an option gets no object: `--json` itself may be the one that was not read."""
    said = person.types(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err


def test_without_json_nothing_is_on_stdout(person: Typist) -> None:
    """A person reads stderr."""
    said = person.types("use", "--profile", "wrok")
    assert (said.code, said.out) == (1, "")


def commands(group: click.Group) -> Iterator[tuple[str, ...]]:
    """Give every command that takes `--json`, with its arguments' names."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        if isinstance(found, click.Group):
            yield from ((name, *inner) for inner in commands(found))
        if any("--json" in one.opts for one in found.params):
            yield (name,)


def test_every_command_answers_in_the_same_way() -> None:
    """No command has a `--json` of its own, which a refusal would not know of."""
    found = list(commands(cli.cli))
    assert ("status",) in found
    assert ("iam", "check") in found
    for names in found:
        at: click.Command = cli.cli
        for name in names:
            assert isinstance(at, click.Group)
            inner = at.get_command(click.Context(at), name)
            assert inner is not None
            at = inner
        option = next(one for one in at.params if "--json" in one.opts)
        assert (names, option.callback) == (names, json_answer.option()(click.Command(None)).params[0].callback)


def test_an_answer_is_not_followed_by_a_refusal(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever fails after the answer says why on stderr: stdout holds one object."""

    @click.command()
    @json_answer.option()
    def command(*, as_json: bool) -> None:
        assert as_json
        json_answer.answer({"schema": 1})
        raise cli.fail("it failed later")

    with pytest.raises(SystemExit):
        command(["--json"])
    assert capsys.readouterr() == ('{"schema": 1}\n', "keeplit: it failed later\n")


@pytest.mark.parametrize(
    ("encoding", "name", "spelled"),
    [("utf-8", "é", '"é"'), ("ascii", "é", '"\\u00e9"'), ("utf-8", "\udcff", '"\\udcff"')],
)
def test_what_cannot_be_spelled_is_escaped(
    monkeypatch: pytest.MonkeyPatch, encoding: str, name: str, spelled: str
) -> None:
    """A poor locale, and a folder whose name is no text, cost no answer."""
    kept = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(kept, encoding, write_through=True))
    json_answer.answer({"name": name})
    assert kept.getvalue().decode(encoding) == f'{{"name": {spelled}}}\n'
