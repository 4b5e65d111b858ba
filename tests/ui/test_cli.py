from __future__ import annotations

import os
from datetime import timedelta

import click
import pytest

from keeplit import __version__
from keeplit.adapters.files import NotPrivate
from keeplit.ui import cli
from tests.ui.typing_person import Typist

COMMANDS = ("status", "profiles", "login", "logout", "extend", "pause", "resume", "logs", "daemon", "credentials")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("45s", 45), ("30m", 1800), ("8h", 28800), ("1h30m", 5400), ("2d", 172800), ("1.5h", 5400), (" 10M ", 600)],
)
def test_a_duration_is_read_as_people_write_it(text: str, seconds: float) -> None:
    """Numbers with s, m, h and d, one after the other."""
    assert cli.Duration().convert(text, None, None) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "soon", "10", "m", "-5m", "1h30", "1..5h", "0s", "99999d", "5 minutes", "1²m"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """A unit is needed, nothing is negative or empty, and nothing lasts longer than ten years."""
    with pytest.raises(click.BadParameter, match="is no duration"):
        cli.Duration().convert(text, None, None)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_an_example(person: Typist, command: str) -> None:
    """The help of each command tells what it does and shows one as it is typed."""
    for option in ("--help", "-h"):
        said = person.types(command, option)
        assert (said.code, said.err) == (0, "")
        assert "keeplit " + command in said.out.partition("Usage:")[2].partition("\n")[2]
    assert command in person.types("--help").out


BAD_USAGE = [
    ["no-such-command"],
    ["status", "--no-such-option"],
    ["login", "--timeout", "soon"],
    ["login", "--timeout", "0"],
    ["login", "--profile", "a", "--session", "b"],
    ["login", "surplus"],
    ["pause", "whenever"],
    ["credentials", "--format", "xml"],
    ["logs", "-n", "-1"],
    ["daemon", "--twice"],
    ["profiles", "--yaml"],
    ["logout", "surplus"],
    ["extend", "--timeout", "9999999"],
    ["resume", "now"],
]


@pytest.mark.parametrize("arguments", BAD_USAGE, ids=" ".join)
def test_bad_usage_is_2(person: Typist, arguments: list[str]) -> None:
    """What makes no sense ends with 2, with one message on stderr, and does nothing."""
    said = person.types(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err
    assert "Traceback" not in said.err
    assert person.laptop.sandbox.log.since() == ()
    assert not person.laptop.paths.wishes.exists() or list(person.laptop.paths.wishes.iterdir()) == []


def test_nothing_typed_shows_the_commands(person: Typist) -> None:
    """`keeplit` alone shows what there is."""
    said = person.types()
    assert "Usage: keeplit" in said.out + said.err
    assert all(command in said.out + said.err for command in COMMANDS)


def test_the_version_is_told(person: Typist) -> None:
    """`--version` names it."""
    assert person.types("--version").out == f"keeplit, version {__version__}\n"


def test_an_interrupt_is_a_sentence(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends a command with 1 and a sentence."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("keeplit.ui.looking.where", interrupted)
    said = person.types("status")
    assert (said.code, "nothing is left half done" in said.err) == (1, True)


def test_a_file_that_is_not_ours_is_a_sentence(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person can mend is said in one sentence, without a traceback."""

    def refused() -> None:
        raise NotPrivate("the folder X must be a folder of its own and is a link: remove it")

    monkeypatch.setattr("keeplit.ui.looking.where", refused)
    said = person.types("status")
    assert (said.code, said.err) == (1, "keeplit: the folder X must be a folder of its own and is a link: remove it\n")


def test_a_missing_home_is_a_sentence(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a home the message says what to set."""
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, "/nonexistent/home")
    said = person.types("status")
    assert (said.code, "set HOME" in said.err) == (1, True)


def test_a_reader_that_has_gone_is_a_failure(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe that is closed ends a command with 1 and without a word."""
    put: list[tuple[int, int]] = []

    def gone() -> None:
        raise BrokenPipeError

    monkeypatch.setattr("keeplit.ui.looking.where", gone)
    monkeypatch.setattr(os, "dup2", lambda source, target: put.append((source, target)))
    monkeypatch.setattr("sys.stdout.fileno", lambda: 1, raising=False)
    said = person.types("status")
    assert (said.code, said.err, len(put)) == (1, "", 1)


def test_every_command_stands_in_the_help_and_can_be_imported() -> None:
    """By its own name, with an example in its own help; the first screen needs none of them."""
    context = click.Context(cli.cli)
    names = cli.cli.list_commands(context)
    assert len(names) == len(set(names))
    for name in names:
        command = cli.cli.get_command(context, name)
        assert command is not None
        assert (command.name, "Example" in (command.help or "") or "keeplit" in (command.help or "")) == (name, True)
    told = cli.cli.get_help(context)
    assert [name for name in names if f"\n  {name} " not in told] == []


@pytest.mark.parametrize(
    ("typed", "expected"), [("statu", "Did you mean: keeplit status"), ("xyzzy", "See: keeplit --help")]
)
def test_a_name_that_is_none_is_answered_with_the_nearest(
    typed: str, expected: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong usage, and the next step."""
    monkeypatch.setattr("sys.argv", ["keeplit", typed])
    assert (cli.main(), expected in capsys.readouterr().err) == (2, True)


@pytest.mark.parametrize(("wish", "colours"), [("1", False), ("", None)])
def test_no_color_takes_colours_away(
    person: Typist, monkeypatch: pytest.MonkeyPatch, wish: str, colours: object
) -> None:
    """In a terminal too; without it click decides by where the output goes."""
    seen: list[object] = []
    monkeypatch.setattr(cli.cli, "main", lambda **given: seen.append(given["color"]))
    monkeypatch.setenv("NO_COLOR", wish)
    assert (person.types("status").code, seen) == (0, [colours])
