from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import click
import pytest

from keeplit.adapters.paths import NoHome
from keeplit.core import explain as decoder
from keeplit.core.explain_text import MOST
from keeplit.ui import cli, explain_command
from tests.ui.typing_person import Typist

SHAPE = {"schema", "code", "title", "cause", "fix", "admin"}
FORBIDDEN = "An error occurred (ForbiddenException) when calling the GetRoleCredentials operation: No access"
DENIED = (
    "User: arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_ClaudeCode_0123456789abcdef/kim is not authorized to "
    "perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1:111122223333:inference-profile/"
    "us.anthropic.claude-sonnet-4-6 because no identity-based policy allows the bedrock:InvokeModel action"
)


class Pipe(io.TextIOWrapper):
    """A pipe that holds some bytes."""

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content))

    def isatty(self) -> bool:
        return False


class Terminal(Pipe):
    """A terminal at which nobody types."""

    def isatty(self) -> bool:
        return True


def piped(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """Give the command something to read."""
    monkeypatch.setattr(sys, "stdin", Pipe(content))


def test_an_error_is_explained(person: Typist) -> None:
    """Title, cause and one fix, which names the profile in use, and that there is a message to forward."""
    said = person.types("explain", FORBIDDEN)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0] == "You are signed in, but this role is not assigned to you"
    assert said.out.splitlines()[-1] == "A message for your administrator: the same with --for-admin"
    over = person.types("explain", "Error when retrieving token from sso: Token has expired and refresh failed")
    assert "Do: keeplit login --profile=work" in over.out


def test_words_that_were_not_quoted_are_one_text(person: Typist) -> None:
    """A person who forgets the quotes is understood."""
    assert person.types("explain", *FORBIDDEN.split()).code == 0


@pytest.mark.parametrize("arguments", [("explain",), ("explain", "-")])
def test_a_pipe_is_read(person: Typist, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    """Without a text, or with a dash, the pipe is read, whatever bytes it holds."""
    piped(monkeypatch, b"\xff\xfe" + FORBIDDEN.encode())
    assert "not assigned" in person.types(*arguments).out


def test_only_the_beginning_of_a_long_text_is_read(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a log that never ends the first part is read, and no more."""
    piped(monkeypatch, FORBIDDEN.encode() + b" x" * MOST)
    assert person.types("explain").code == 0
    assert len(sys.stdin.buffer.read()) > MOST / 2
    piped(monkeypatch, b"x " * MOST + FORBIDDEN.encode())
    assert person.types("explain").code == 1


def test_no_text_at_all_is_wrong_usage(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a terminal without a text it does not wait for ever, but says how to give one."""
    monkeypatch.setattr(sys, "stdin", Terminal(b""))
    said = person.types("explain")
    assert (said.code, said.out) == (2, "")
    assert "keeplit explain -" in said.err
    monkeypatch.setattr(sys, "stdin", None)
    assert person.types("explain").code == 2


def test_what_is_not_known_fails_and_says_so(person: Typist) -> None:
    """An unknown error goes to stderr with the next step, and ends with 1."""
    said = person.types("explain", "Segmentation fault")
    assert (said.code, said.out) == (1, "")
    assert "keeplit does not know this error" in said.err
    assert "Do: keeplit doctor" in said.err


def test_the_message_for_an_administrator(person: Typist) -> None:
    """`--for-admin` prints the message alone: who, what, where, and a statement to add."""
    said = person.types("explain", DENIED, "--for-admin")
    assert (said.code, said.err) == (0, "")
    assert "Who:     arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_ClaudeCode_0123456789abcdef/kim" in said.out
    assert '"arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6"' in said.out
    assert "Profile: work" in said.out


def test_nothing_to_forward(person: Typist) -> None:
    """Where an administrator can do nothing it is said what to do instead."""
    said = person.types("explain", "Unable to locate credentials", "--for-admin")
    assert (said.code, said.out) == (1, "")
    assert "an administrator can do nothing here" in said.err
    assert "keeplit login" in said.err


def test_as_json_it_is_one_object(person: Typist) -> None:
    """`--json` prints the documented object; what is empty is null."""
    told = person.types("explain", DENIED, "--json").json
    assert set(told) == SHAPE
    assert (told["schema"], told["code"]) == (1, "denied_identity")
    assert "ClaudeCode" in told["admin"]
    unknown = person.types("explain", "x", "--json")
    assert (unknown.code, unknown.json["code"], unknown.json["admin"]) == (1, "unknown", None)


def test_profile_and_region_can_be_said(person: Typist) -> None:
    """An error that came from elsewhere is explained for there."""
    text = "Token has expired and refresh failed"
    assert "--profile=other" in person.types("explain", text, "--profile", "other", "--region", "eu-west-1").out
    model = "Invocation of model ID anthropic.claude-opus-4-6-v1 with on-demand throughput isn't supported."
    assert "works from eu-west-1" in person.types("explain", model, "--region", "eu-west-1").out
    assert "works from us-east-1" in person.types("explain", model).out


def test_without_a_home_an_error_is_explained_too(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing of the user can be read, the text still can."""

    def none() -> Path:
        message = "no home"
        raise NoHome(message)

    monkeypatch.setattr(explain_command, "where", none)
    assert person.types("explain", FORBIDDEN).code == 0


def test_no_secret_and_no_escape_is_repeated(person: Typist) -> None:
    """What was pasted with a key and with colours comes back with neither."""
    said = person.types("explain", "\x1b[31mThe config profile (AKIAIOSFODNN7EXAMPLE) could not be found\x1b[0m")
    assert "AKIA" not in said.out
    assert "\x1b[31m" not in said.out


NAMED = re.compile(r"keeplit ([a-z]+)((?: (?!--)[A-Za-z]+)*)((?: (?:--[a-z-]+)(?:[ =](?!--)[\w{}-]+)?)*)")
MODULES = ("explain*", "old_advice*", "iam_*")


def commands_in(text: str) -> set[tuple[str, str, tuple[str, ...]]]:
    """Return the commands of ours that a text names: the command, the word after it, and the options."""
    return {
        (found[1], found[2].split(" ")[1] if found[2] else "", tuple(re.findall(r"--[a-z-]+", found[3])))
        for found in NAMED.finditer(text)
    }


def test_each_command_that_is_advised_exists() -> None:
    """Every command and option that a fix names is one that keeplit has."""
    core = Path(decoder.__file__).parent
    texts = [path.read_text("utf-8") for name in MODULES for path in sorted(core.glob(f"{name}.py"))]
    named = {one for text in texts for one in commands_in(text)}
    assert len(named) > 20
    context = click.Context(cli.cli)
    for word, after, options in sorted(named):
        command = cli.cli.get_command(context, word)
        if command is None:  # "keeplit writes", "keeplit asks": a sentence, not a command
            assert not options, word
            continue
        inner = command.commands.get(after, command) if isinstance(command, click.Group) else command
        known = {option for parameter in inner.params for option in parameter.opts}
        assert set(options) <= known, (word, after, options)
