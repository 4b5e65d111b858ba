from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core import shells
from keeplit.core.shells import Shell, Unsayable
from tests.conftest import real_part

VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
NASTY = "$(id) `id` ${HOME} \\ ' \" !! ; & | < > * ~ # %PATH% ^ \u2019 caf\u00e9\n\ttwo\r\n"


def run(program: str, script: str, name: str) -> bytes:
    """Return what a variable holds for a program that the shell starts after the lines."""
    shell = shutil.which(program)
    real_part(program, found=shell is not None)
    assert shell is not None
    show = f"{shutil.which('env')} -0"
    told = subprocess.run([shell, "-c", f"{script}{show}"], capture_output=True, check=True, timeout=60).stdout
    held = dict(line.partition(b"=")[::2] for line in told.split(b"\0") if line)
    return held.get(name.encode(), b"(unset)")


@given(VALUES)
def test_bash_gets_every_value_as_it_is(value: str) -> None:
    """Whatever a value holds, bash exports it unchanged and runs none of it."""
    assert value.encode() == run("bash", shells.exports(Shell.BASH, {"A_VALUE": value}), "A_VALUE")


@pytest.mark.parametrize("value", [NASTY, "", "'", "\\", "plain", "a'b\\'c", "-e", " x "])
@pytest.mark.parametrize("program", ["bash", "zsh", "fish"])
def test_each_shell_here_gets_odd_values_as_they_are(program: str, value: str) -> None:
    """Each shell that is on this machine exports what it was given."""
    lines = shells.exports(Shell(program), {"A_VALUE": value})
    assert value.encode() == run(program, lines, "A_VALUE")


def test_plain_lines_are_posix() -> None:
    """A value without control characters is set by every POSIX shell."""
    value = NASTY.replace("\n", "").replace("\t", "").replace("\r", "")
    assert value.encode() == run("sh", shells.exports(Shell.BASH, {"A_VALUE": value}), "A_VALUE")


def test_a_key_that_is_to_be_absent_is_unset() -> None:
    """None unsets the variable that the shell came with."""
    lines = shells.exports(Shell.BASH, {"HOME": None})
    assert run("bash", lines, "HOME") == b"(unset)"
    unset = {shell: shells.exports(shell, {"A": None}) for shell in Shell}
    assert unset == {
        Shell.BASH: "unset A\n",
        Shell.ZSH: "unset A\n",
        Shell.FISH: "set -e A\n",
        Shell.POWERSHELL: "Remove-Item Env:A -ErrorAction SilentlyContinue\n",
        Shell.CMD: 'set "A="\n',
    }


@given(VALUES, st.sampled_from(sorted(Shell)))
def test_one_variable_is_one_line(value: str, shell: Shell) -> None:
    """A shell that is fed line by line, as PowerShell's Invoke-Expression is, sees whole statements."""
    try:
        lines = shells.exports(shell, {"A": value})
    except Unsayable:
        assert shell is Shell.CMD
    else:
        assert len(lines.splitlines()) == 1


@pytest.mark.parametrize(
    ("shell", "value", "line"),
    [
        (Shell.BASH, "it's", "export A='it'\"'\"'s'"),
        (Shell.BASH, "a\nb'\\", "export A=$'a\\012b\\'\\\\'"),
        (Shell.BASH, "\x85", "export A=$'\\302\\205'"),
        (Shell.FISH, "it's\\", "set -gx A 'it\\'s\\\\'"),
        (Shell.FISH, "a\nb", "set -gx A 'a'\\x0a'b'"),
        (Shell.POWERSHELL, "it's $x \u2019", "$env:A = 'it''s $x \u2019\u2019'"),
        (Shell.POWERSHELL, "a\r\nb", "$env:A = 'a' + [char]13 + [char]10 + 'b'"),
        (Shell.CMD, "100% & more", 'set "A=100%% & more"'),
        (Shell.CMD, 'say "x" & y ^', 'set A=say ^"x^" ^& y ^^'),
    ],
)
def test_how_each_shell_is_spoken_to(shell: Shell, value: str, line: str) -> None:
    """The lines for shells that are not on every machine, by the rules of their quotes."""
    assert line + "\n" == shells.exports(shell, {"A": value})


@pytest.mark.parametrize(
    ("shell", "settings"),
    [
        (Shell.CMD, {"A": "two\nlines"}),
        (Shell.BASH, {"A;id": "x"}),
        (Shell.BASH, {"a": "x"}),
        (Shell.BASH, {"A\n": "x"}),
        (Shell.FISH, {"A": "x\0y"}),
    ],
)
def test_what_cannot_be_said_is_refused(shell: Shell, settings: dict[str, str | None]) -> None:
    """A name that is none, a null character, and what cmd cannot quote are refused, with the name and not the value."""
    with pytest.raises(Unsayable) as refused:
        shells.exports(shell, settings)
    assert "lines" not in str(refused.value)


@pytest.mark.parametrize(
    ("program", "shell"),
    [
        ("/bin/bash", Shell.BASH),
        ("/usr/bin/dash", Shell.BASH),
        ("-zsh", Shell.ZSH),
        ("C:\\Windows\\System32\\cmd.exe", Shell.CMD),
        ("/opt/bin/pwsh", Shell.POWERSHELL),
        ("fish", Shell.FISH),
        ("/bin/nu", None),
        ("", None),
    ],
)
def test_the_shell_is_known_by_its_program(program: str, shell: Shell | None) -> None:
    """What $SHELL names is one of those that are spoken, or none."""
    assert shell == shells.named(program)
