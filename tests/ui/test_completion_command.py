"""Tests of what `keeplit completion` prints, and of PowerShell's part, which no machine of ours can run."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from click.shell_completion import CompletionItem
from click.testing import CliRunner

from keeplit.ui.cli import COMPLETE, cli
from keeplit.ui.completion_command import PROGRAM, WHERE, PowerShell, completion


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
