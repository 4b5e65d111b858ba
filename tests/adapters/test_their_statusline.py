"""Tests of a person's own status line command: its rows, and nothing of it where it fails, hangs or never ends."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from keeplit.adapters import their_statusline
from keeplit.adapters.their_statusline import MOST_BYTES

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for sh")

SLOW = "(your own status line takes over 0.5 s)"
ENVIRON = {"PATH": os.environ["PATH"], "COLUMNS": "80"}


def rows(command: str, given: bytes, environ: Mapping[str, str], patience: float = 20) -> str:
    """Return what a command prints that is given these bytes."""
    with tempfile.TemporaryFile() as stdin:
        stdin.write(given)
        stdin.seek(0)
        return their_statusline.rows(command, stdin.fileno(), environ, patience)


def test_it_gets_the_same_stdin_and_environment() -> None:
    """What it prints comes back as it is, colours included."""
    assert (
        rows('printf "\\033[32m%s %s\\033[0m" "$(cat)" "$COLUMNS"', b'{"a": 1}', ENVIRON)
        == '\x1b[32m{"a": 1} 80\x1b[0m'
    )


@pytest.mark.parametrize("command", ["exit 3", "echo half; exit 1", "no-such-program-anywhere", "true", "a\0b"])
def test_a_command_that_fails_or_says_nothing_gives_no_rows(command: str) -> None:
    """Claude Code would blank its line; ours stays."""
    assert rows(command, b"{}", ENVIRON) == ""


def test_one_that_does_not_read_what_it_is_given() -> None:
    """A broken pipe is no failure of theirs."""
    assert rows("echo here", b"x" * 1_000_000, ENVIRON) == "here\n"


def test_one_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    """After the patience it is said that it was too slow, and nothing of it lives on."""
    mark = tmp_path / "pid"
    began = time.monotonic()
    assert rows(f"sleep 60 & echo $! > '{mark}'; echo early; wait", b"{}", ENVIRON, patience=0.5) == SLOW
    assert time.monotonic() - began < 10
    child = int(mark.read_text())
    for _ in range(100):
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            break
        time.sleep(0.05)
    else:
        pytest.fail("what it started lives on")


def test_bytes_that_are_no_text_and_too_many_of_them() -> None:
    """They are shown as well as may be, and not without end."""
    assert rows("printf 'a\\377b'", b"", ENVIRON) == "a\N{REPLACEMENT CHARACTER}b"
    assert rows(f"head -c {MOST_BYTES - 1} /dev/zero | tr '\\0' x", b"", ENVIRON) == "x" * (MOST_BYTES - 1)
    assert rows("yes", b"", ENVIRON) == ""


def test_a_long_stdin_reaches_it_whole() -> None:
    """Half a JSON is none."""
    assert rows("wc -c", b"x" * 3_000_000, ENVIRON).strip() == "3000000"


def test_what_it_leaves_in_the_background_is_not_waited_for(tmp_path: Path) -> None:
    """It is over, and its rows are there; what goes on in the background, a cache that is filled, goes on."""
    mark = tmp_path / "mark"
    os.mkfifo(mark)
    assert rows(f"cat '{mark}' & echo here", b"", ENVIRON) == "here\n"
    with mark.open("w") as lives_on:  # blocks until somebody reads
        lives_on.write("done")


def test_the_shell_is_the_one_that_claude_code_takes(tmp_path: Path) -> None:
    """On Windows the bash of Git, wherever it is said to be or is found; PowerShell without one, never cmd."""
    shell = their_statusline._shell
    assert shell("x", {}, windows=False) == ["/bin/sh", "-c", "x"]
    assert shell("x", {"PATH": "/bin"}, windows=True)[0::4] == ["powershell.exe", "x"]
    for folder in ("said", "Git/bin", "Git/cmd", "Programs/Git/bin"):
        (tmp_path / folder).mkdir(parents=True)
    places = {
        "CLAUDE_CODE_GIT_BASH_PATH": (tmp_path / "said" / "bash.exe", tmp_path / "said" / "bash.exe"),
        "PATH": (tmp_path / "Git" / "cmd", tmp_path / "Git" / "bin" / "bash.exe"),
        "ProgramFiles": (tmp_path, tmp_path / "Git" / "bin" / "bash.exe"),
        "LOCALAPPDATA": (tmp_path, tmp_path / "Programs" / "Git" / "bin" / "bash.exe"),
    }
    for name, (value, bash) in places.items():
        assert shell("x", {name: str(value)}, windows=True)[0] == "powershell.exe"
        bash.touch()
        found, *rest = shell("x", {name: str(value)}, windows=True)
        assert (Path(found).resolve(), rest) == (bash.resolve(), ["-c", "x"])
        bash.unlink()
