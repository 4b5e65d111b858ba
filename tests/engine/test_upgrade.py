from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import keeplit
from keeplit.adapters import own_command
from keeplit.core.deeds import Plan
from keeplit.engine import upgrade
from keeplit.engine.upgrade import NotRestarted, Upgrade
from tests.end_to_end.machine import stand_in

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a program that runs cannot be replaced there")

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LATER = Plan((), NOON + timedelta(minutes=1))


class Disk:
    """The package and the program as they lie on the disk."""

    def __init__(self, folder: Path) -> None:
        self.package = folder / "__init__.py"
        self.program = folder / "bin" / "keeplit"
        self.install("1.0")

    def install(self, release: str, script: str = "") -> None:
        """Install a release; `script`: what its program does instead of telling it."""
        self.package.unlink(missing_ok=True)
        self.package.write_text(f"# {release} {script}\n")
        said = script or f'echo "$*" >> "{self.program}.calls"; echo "keeplit, version {release}"'
        stand_in(self.program.parent, "keeplit", f"#!/bin/sh\n{said}\n")

    @property
    def asked(self) -> int:
        """Return how often the program was asked for its release."""
        calls = Path(f"{self.program}.calls")
        return calls.read_text().count("--version\n") if calls.exists() else 0


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    """Give a disk on which 1.0 is installed."""
    made = Disk(tmp_path)
    monkeypatch.setattr(keeplit, "__file__", str(made.package))
    monkeypatch.setattr(own_command, "program", lambda _: str(made.program))
    return made


def ready(found: Upgrade, planned: Plan = LATER, *, busy: bool = False) -> bool:
    """Whether the moment has come."""
    return found.ready(planned, NOON, busy=busy)


def test_what_did_not_change_is_not_asked(disk: Disk) -> None:
    """As long as the package is the same file nothing is run."""
    found = Upgrade(os.environ, "1.0")
    assert [ready(found), ready(found), found.found] == [False, False, False]
    assert disk.asked == 0


def test_a_new_release_is_started_once(disk: Disk) -> None:
    """Another release is ready as soon as it is there, and the same file is not looked at again."""
    found = Upgrade(os.environ, "1.0")
    disk.install("1.1")
    assert (ready(found), found.found, disk.asked) == (True, True, 1)
    assert (ready(found), disk.asked) == (False, 1)


def test_a_calm_moment_is_waited_for(disk: Disk) -> None:
    """While something is done, or about to be, nothing is restarted."""
    found = Upgrade(os.environ, "1.0")
    disk.install("1.1")
    assert not ready(found, busy=True)
    assert not ready(found, Plan((), NOON + timedelta(seconds=4)))
    assert disk.asked == 0
    assert ready(found)


def test_the_same_release_again_is_nothing_new(disk: Disk) -> None:
    """A package that was installed again, or a release that this very process was started for, changes nothing."""
    found = Upgrade(os.environ, "1.0")
    disk.install("1.0", 'echo "keeplit, version 1.0"')
    assert not ready(found)
    found = Upgrade({upgrade.ONCE: "1.1"}, "1.0")
    disk.install("1.1")
    assert not ready(found)


@pytest.mark.parametrize("script", ["exit 1", "echo Traceback; exit 0", "echo 'keeplit, version 1.1'; exit 3"])
def test_half_a_release_is_left_alone(disk: Disk, script: str) -> None:
    """A program that does not tell its release is not started; once it does, it is."""
    found = Upgrade(os.environ, "1.0")
    disk.install("1.1", script)
    assert [ready(found), ready(found)] == [False, False]
    disk.install("1.1")
    assert ready(found)


def test_a_package_that_is_gone_is_asked_after(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the old folder is removed the program that leads to the new one is asked; without one nothing is done."""
    found = Upgrade(os.environ, "1.0")
    disk.install("1.1")
    disk.package.unlink()
    monkeypatch.setattr(own_command, "program", lambda _: None)
    assert not ready(found)
    monkeypatch.setattr(own_command, "program", lambda _: str(disk.program) + "-gone")
    assert not ready(found)
    monkeypatch.setattr(own_command, "program", lambda _: str(disk.program))
    assert ready(found)


def test_it_becomes_the_new_one(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process goes on as the new daemon, which is told for which release it was started."""
    became: list[tuple[str, list[str], str]] = []
    monkeypatch.setattr(os, "execve", lambda path, words, environ: became.append((path, words, environ[upgrade.ONCE])))
    found = Upgrade(os.environ, "1.0")
    disk.install("1.1")
    assert ready(found)
    found.restart()
    assert became == [(str(disk.program), [str(disk.program), "daemon"], "1.1")]


def test_one_that_cannot_be_started_is_a_failure(disk: Disk) -> None:
    """The old daemon then ends with a failure, so whatever started it starts it anew."""
    found = Upgrade(os.environ, "1.0")
    disk.install("1.1")
    assert ready(found)
    disk.program.unlink()
    with pytest.raises(NotRestarted, match="cannot be started"):
        found.restart()


def test_a_frozen_one_looks_at_its_program(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no package lies on the disk, the program itself is what a new release replaces."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(disk.program))
    found = Upgrade({}, "1.0")
    disk.package.unlink()
    assert ready(found) is False
    disk.program.unlink()
    disk.install("1.1")
    assert ready(found) is True
