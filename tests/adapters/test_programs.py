from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from keeplit.adapters import programs
from tests.desktop.bed import until

pytestmark = pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="the programs of Linux desktops")


def planted(folder: Path, name: str, says: str = 'printf "%s\\n" "$@"') -> Path:
    """Put a program on the PATH that writes down what it was given, and return where."""
    folder.mkdir(exist_ok=True)
    told = folder / f"{name}.told"
    program = folder / name
    program.write_text(f'#!/bin/sh\n{{ {says}; }} > "{told}.part" && mv "{told}.part" "{told}"\n')
    program.chmod(0o700)
    return told


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Give an environment whose programs are those that the test plants, and the shell's own."""
    return {"PATH": f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin"}


def test_a_file_is_opened_by_the_persons_program(tmp_path: Path, environ: dict[str, str]) -> None:
    """Its name may hold anything: it is one word of a list."""
    told = planted(tmp_path / "bin", "xdg-open")
    file = tmp_path / "set $(touch no); tings.json"
    file.write_text("{}")

    assert programs.open_file(file, environ) == ""
    until(told.exists)
    assert told.read_text() == f"{file}\n"
    assert not (tmp_path / "no").exists()


def test_a_file_that_is_not_there_is_said(tmp_path: Path, environ: dict[str, str]) -> None:
    """Nothing is opened."""
    assert programs.open_file(tmp_path / "none", environ) == f"{tmp_path / 'none'} does not exist yet."


def test_without_an_opener_the_place_is_said(tmp_path: Path) -> None:
    """A person can open it by hand."""
    (tmp_path / "log").write_text("")

    said = programs.open_file(tmp_path / "log", {"PATH": str(tmp_path)})

    assert said == f"No program opens files here (xdg-open is missing); the file is {tmp_path / 'log'}"


@pytest.mark.parametrize("terminal", programs.TERMINALS, ids=lambda one: one[0])
def test_a_command_runs_in_the_terminal_that_is_there(tmp_path: Path, terminal: tuple[str, ...]) -> None:
    """Each is told in its own way, and the window stays until somebody has read it."""
    told = planted(tmp_path / "bin", terminal[0])
    environ = {"PATH": str(tmp_path / "bin")}
    (tmp_path / "bin" / "mv").symlink_to("/bin/mv")

    assert programs.in_terminal(["keeplit", "status", "--watch"], environ) == ""
    until(told.exists)
    assert told.read_text().splitlines() == [
        *terminal[1:],
        sys.executable,
        "-P",
        "-m",
        "keeplit.adapters.programs",
        "keeplit",
        "status",
        "--watch",
    ]


@pytest.mark.parametrize("odd", ["a b", "$(id)", "x;y", "it's", '"', "a&b", "", "two\nlines"])
def test_a_word_stays_a_word(tmp_path: Path, odd: str, environ: dict[str, str]) -> None:
    """A terminal is given a list, and no shell reads it."""
    told = planted(tmp_path / "bin", "x-terminal-emulator")

    assert programs.in_terminal(["keeplit", odd], environ) == ""
    until(told.exists)
    assert told.read_text().endswith(f"keeplit\n{odd}\n")


def test_without_a_terminal_the_command_is_said(tmp_path: Path) -> None:
    """A person can type it."""
    said = programs.in_terminal(["keeplit", "status"], {"PATH": str(tmp_path)})

    assert said == "There is no terminal to open here. Type it in one: keeplit status"


def test_a_program_that_cannot_be_started_is_said(tmp_path: Path) -> None:
    """Its file may not be a program."""
    (tmp_path / "xterm").write_text("no program")
    (tmp_path / "xterm").chmod(0o700)

    said = programs.in_terminal(["keeplit", "status"], {"PATH": str(tmp_path)})

    assert said == "xterm could not be started: Exec format error."


def test_the_last_words_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command is run, its exit code is kept, and the window waits for Enter."""
    monkeypatch.setattr(sys, "argv", ["programs", sys.executable, "-c", "raise SystemExit(3)"])
    asked: list[str] = []
    monkeypatch.setattr("builtins.input", asked.append)

    assert programs.main() == 3
    assert asked == ["\nEnter closes this window. "]
