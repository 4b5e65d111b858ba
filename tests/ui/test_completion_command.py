"""Tests of what `keeplit completion` prints and answers; PowerShell's part can be run by no machine of ours."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from click.shell_completion import CompletionItem, FishComplete, ZshComplete
from click.testing import CliRunner

from keeplit.ui.cli import COMPLETE, cli
from keeplit.ui.completion_command import PROGRAM, WHERE, Bash, Fish, PowerShell, Zsh, completion, joined


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_each_shell_is_told_where_it_goes(shell: str) -> None:
    """The first line says so, and the rest names keeplit's own variable."""
    said = CliRunner().invoke(completion, [shell], standalone_mode=False)
    assert said.output.splitlines()[0] == WHERE[shell]
    assert (COMPLETE in said.output, PROGRAM in said.output) == (True, True)


@pytest.mark.parametrize(
    ("line", "word", "expected"),
    [
        ("keeplit u", "u", ([], "u")),
        ("keeplit use ", "", (["use"], "")),
        ("keeplit use --profile wo", "wo", (["use", "--profile"], "wo")),
        ("keeplit", "", ([], "")),
    ],
)
def test_the_words_that_powershell_gives(
    line: str, word: str, expected: tuple[list[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line up to the cursor, and the word at it."""
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", word)
    assert PowerShell(cli, {}, PROGRAM, COMPLETE).get_completion_args() == expected


@pytest.mark.parametrize(
    ("begun", "expected"),
    [
        ("w", "work"),
        ("--profile=w", "--profile=work"),
        ("--profile=", "--profile=work"),
        ("x=w", "work"),
        ("-", "work"),
    ],
)
def test_a_value_that_is_joined_to_its_option_keeps_it(begun: str, expected: str) -> None:
    """The whole word is replaced; what is said about the value stays."""
    (item,) = joined([CompletionItem("work", help="an account")], begun)
    assert (item.value, item.help) == (expected, "an account")


def test_what_is_mended_of_clicks_own_is_still_there() -> None:
    """A later click that has other words for it would be as broken as before, in silence."""
    assert Zsh.source_template != ZshComplete.source_template
    assert Fish.source_template != FishComplete.source_template


@pytest.mark.parametrize(
    ("line", "word", "expected"),
    [("keeplit autos", "autos", "autostart"), ("keeplit completion 'ba", "ba", "bash"), ("keeplit autos", "other", "")],
)
def test_bash_is_answered_with_what_replaces_the_word(
    line: str, word: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its line up to the cursor and the text that it replaces come in variables."""
    monkeypatch.setenv("COMP_LINE", line)
    monkeypatch.setenv("COMP_WORD", word)
    assert Bash(cli, {}, PROGRAM, COMPLETE).complete() == expected


@pytest.mark.parametrize(("about", "expected"), [("an account", "corp\\\\work"), (None, "corp\\work")])
def test_a_backslash_for_zsh(about: str | None, expected: str) -> None:
    """Twice where something is said about the value, or zsh takes it away."""
    made = Zsh(cli, {}, PROGRAM, COMPLETE).format_completion(CompletionItem("corp\\work", help=about))
    assert made.split("\n")[1] == expected


def test_powershell_quotes_what_it_would_read_otherwise() -> None:
    """A comma makes a list there, and a dollar a variable; paths, options and models stay as they are."""
    (pattern,) = re.findall(r"-match '([^']*)'", PowerShell.source_template)
    odd = [name for name in ("a,b", "my work", "it's", "$HOME", "a;b", "a&b", "#x", "@x") if re.search(pattern, name)]
    assert odd == ["a,b", "my work", "it's", "$HOME", "a;b", "a&b", "#x", "@x"]
    assert [name for name in ("--profile=a-b", "C:\\x.y", "us.anthropic_x:0") if re.search(pattern, name)] == []


@pytest.mark.parametrize("line", ["keeplit nonsense ", "keeplit nonsense --pro", "keeplit autostart nonsense "])
def test_tab_hears_of_no_mistake(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command that is none is told once it is run: a sentence would stand within the line that is typed."""
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", "2")
    Zsh(cli, {}, PROGRAM, COMPLETE).complete()
    assert capsys.readouterr().err == ""


def test_a_value_for_powershell() -> None:
    """A tab between the value and what it is about."""
    made = PowerShell(cli, {}, PROGRAM, COMPLETE)
    assert made.format_completion(CompletionItem("work", help="an account")) == "work\tan account"


def test_the_installed_command_answers_powershell() -> None:
    """The variables that the script sets bring the values, one a line."""
    environ = {**os.environ, COMPLETE: "powershell_complete", "COMP_WORDS": "keeplit autostart", "COMP_CWORD": "autos"}
    said = subprocess.run(
        [sys.executable, "-m", "keeplit.ui.fast"], env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert [line.partition("\t")[0] for line in said.stdout.splitlines()] == ["autostart"]
