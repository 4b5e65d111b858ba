"""A person who types keeplit commands: the whole command line, in this process, and what it came to."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from keeplit.adapters import logfile
from keeplit.ui import cli
from tests.engine.lit_laptop import Laptop, laptop


@dataclass(frozen=True, slots=True)
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Return the one object on stdout; anything else on it is an error."""
        told: dict[str, Any] = json.loads(self.out)
        return told


@dataclass(frozen=True, slots=True)
class Typist:
    """Somebody at a laptop."""

    laptop: Laptop
    capsys: pytest.CaptureFixture[str]

    def types(self, *arguments: str) -> Said:
        """Type a command and read what it says."""
        self.capsys.readouterr()
        quiet = mock.patch.object(logfile, "open_log")
        with mock.patch.object(sys, "argv", ["keeplit", *arguments]), quiet:
            try:
                code = cli.main()
            except SystemExit as ended:
                code = int(ended.code or 0)
        told = self.capsys.readouterr()
        return Said(code, told.out, told.err)


@contextmanager
def typist(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Typist]:
    """Give somebody at a laptop whose profile is in use; the environment is this process's own."""
    with laptop(home) as mine:
        mine.configure('[claude]\nprofile = "work"\n')
        for name, value in mine.environ.items():
            monkeypatch.setenv(name, value)
        yield Typist(mine, capsys)
