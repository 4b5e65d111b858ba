from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click
import pytest

from keeplit import __version__
from keeplit.adapters.files import NotPrivate
from keeplit.ui import cli
from tests.ui.typing_person import Typist

ROWS = 24  # of a terminal, the last one for the prompt
TALLER = {"keeplit setup": 28}  # an option for each question that setup asks
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


@pytest.mark.parametrize("raised", [KeyboardInterrupt, click.Abort])
def test_an_interrupt_in_a_terminal_begins_one_row(
    person: Typist, monkeypatch: pytest.MonkeyPatch, raised: type[BaseException]
) -> None:
    """After the ^C that the terminal wrote, whoever hears it first ends the row."""

    def interrupted() -> None:
        raise raised

    monkeypatch.setattr("keeplit.ui.looking.where", interrupted)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert person.types("status").err == "\nInterrupted; nothing is left half done.\n"


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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
@pytest.mark.usefixtures("own_home")
@pytest.mark.parametrize("words", [["--version"], ["--help"], ["status"]])
def test_a_full_disk_is_a_sentence(words: list[str]) -> None:
    """What cannot be written is said where it can be, be it answered by the whole or in haste."""
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "keeplit.ui.fast", *words]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    said = "keeplit: what is to be said cannot be written: No space left on device\n"
    assert (ended.returncode, ended.stderr) == (1, said)


def test_the_first_page_fits_a_terminal_and_leaves_no_command_out(
    person: Typist, monkeypatch: pytest.MonkeyPatch
) -> None:
    """24 rows of 80 columns, the last of them for the prompt; each name once, where a newcomer looks for it."""
    monkeypatch.setenv("COLUMNS", "80")
    rows = person.types("--help").out.splitlines()
    assert len(rows) <= ROWS - 1
    assert [row for row in rows if len(row) > 80] == []
    found = [re.match(r"(?:  |For shells and Claude Code: )([a-z, ]+?)(?:  |$)", row) for row in rows[5:]]
    assert sorted(name for names in found if names for name in names[1].split(", ")) == sorted(cli.TABLE)


def test_the_first_page_and_tab_wait_for_no_command() -> None:
    """Neither imports one: all of them together cost four starts of Python."""
    script = (
        "import sys, click; from keeplit.ui import cli; context = click.Context(cli.cli); cli.cli.get_help(context);"
        "offered = cli.cli.shell_complete(context, ''); print(*(one.value for one in offered));"
        "print(*(name for name in sys.modules if name.startswith('keeplit.ui.')))"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True).stdout
    assert said.splitlines() == [" ".join(cli.TABLE), "keeplit.ui.cli"]


def test_tab_offers_commands_and_options() -> None:
    """By what is begun, each with a word about it."""
    context = click.Context(cli.cli, help_option_names=["-h", "--help"])
    offered = [(one.value, one.help) for one in cli.cli.shell_complete(context, "log")]
    assert offered == [(name, cli.TABLE[name][1]) for name in ("logs", "login", "logout")]
    assert [one.value for one in cli.cli.shell_complete(context, "--v")] == ["--version"]


def every_command(context: click.Context) -> Iterator[click.Context]:
    """Give a context for each command and sub-command that a person is shown."""
    yield context
    if isinstance(group := context.command, click.Group):
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert (command is not None, command and command.name) == (True, name)
            if command and not command.hidden:
                yield from every_command(click.Context(command, parent=context, info_name=name))


def meant(words: list[str]) -> str:
    """Return the command that words lead to; wrong usage of any of them raises."""
    context = cli.cli.make_context("keeplit", words)
    while isinstance(group := context.command, click.Group) and (rest := [*context._protected_args, *context.args]):
        name, command, rest = group.resolve_command(context, rest)
        assert command is not None
        context = command.make_context(name, rest, parent=context)
    return context.command_path


def test_each_help_fits_a_screen_with_an_example_that_can_be_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 80 columns: the example whole on one row, understood by the command line itself, and of that very command."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.json").touch()
    monkeypatch.setenv("COLUMNS", "80")
    long = {}
    for context in every_command(click.Context(cli.cli, info_name="keeplit", **cli.cli.context_settings)):
        path, rows = context.command_path, context.get_help().splitlines()
        assert [row for row in rows if len(row) > 80] == [], path
        if len(rows) >= ROWS:
            long[path] = len(rows)
        examples = [found[1] for row in rows if (found := re.match(r"  Example: (.+?)(?:  |$)", row))]
        assert len(examples) == 1, path
        typed = re.findall(r"\bkeeplit ([^|\")]+)", examples[0])
        assert next(meant(shlex.split(words)) for words in typed).startswith(path), examples[0]
    assert long == TALLER


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
