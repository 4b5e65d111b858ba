from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import click
import pytest

from keeplit.adapters import autostart as adapter
from keeplit.adapters import clock, files
from keeplit.adapters.autostart import Standing
from keeplit.adapters.autostart.xdg import Xdg
from keeplit.core.service_files import Part
from keeplit.engine import autostart, crashes, daemon_start
from keeplit.engine.living import prepare
from keeplit.ui import autostart_command
from tests.ui.typing_person import Typist

KEYS = {"part", "enabled", "running", "since", "last_exit", "restarts", "current", "why_not", "fix"}


@pytest.fixture(autouse=True)
def plain_desktop(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the desktop start keeplit, whatever this machine has, and start no daemon now."""
    monkeypatch.setattr(adapter, "find", lambda home, environ: (Xdg(home, environ),))
    monkeypatch.setattr(daemon_start, "begin", lambda *_: "")


def stands(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let the daemon stand so."""
    one = Standing(**{"part": Part.DAEMON, "enabled": True, **changes})
    monkeypatch.setattr(autostart, "status", lambda *_: autostart.Report(("systemd",), (one,)))


def test_it_is_enabled_and_disabled(person: Typist) -> None:
    """Each command says how it stands then, and what takes it back."""
    said = person.types("autostart", "status")
    assert said.code == 0
    assert "daemon: does not start at login, not running" in said.out
    assert "Do: keeplit autostart enable" in said.out
    said = person.types("autostart", "enable")
    assert (said.code, said.err) == (0, "")
    assert "Recorded in config.toml for the service: " in said.out
    assert "daemon: starts at login, not running\n  Why: it does not run, and the next login starts it\n" in said.out
    assert said.out.endswith("tray: starts at login, not running\n")
    said = person.types("autostart", "disable")
    assert (said.code, said.out) == (
        0,
        "keeplit is no longer started at login. Start it so again: keeplit autostart enable\n",
    )
    assert "does not start" in person.types("autostart", "status").out


@pytest.mark.parametrize("command", ["enable", "status", "disable"])
def test_json_is_one_object(person: Typist, command: str) -> None:
    """With --json each command prints one documented object and nothing else."""
    told = person.types("autostart", command, "--json").json
    assert set(told) == {"schema", "systems", "parts", "recorded", "notes"}
    assert (told["schema"], told["systems"]) == (1, ["xdg"])
    assert [one["part"] for one in told["parts"]] == ["daemon", "tray"]
    assert {key for one in told["parts"] for key in one} == KEYS
    assert [one["enabled"] for one in told["parts"]] == [command == "enable"] * 2


def test_all_that_is_known_is_said(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Since when it runs, how often it was started anew, how it ended, and why it does not run."""
    stands(monkeypatch, running=True, since=clock.now() - timedelta(minutes=3), restarts=2, last_exit="signal KILL")
    said = person.types("autostart", "status").out
    assert said == "daemon: starts at login, running for 3 min, started anew 2 times, last end: signal KILL\n"
    stands(monkeypatch, running=True, restarts=1)
    assert person.types("autostart", "status").out == "daemon: starts at login, running, started anew once\n"
    stands(monkeypatch, running=False, why_not="it failed\x1b[2J", fix="keeplit logs")
    said = person.types("autostart", "status").out
    assert said == "daemon: starts at login, not running\n  Why: it failed\\x1b[2J\n  Do: keeplit logs\n"
    stands(monkeypatch, running=None)
    assert "not known whether it runs" in person.types("autostart", "status").out
    stands(monkeypatch, since=clock.now())
    assert person.types("autostart", "status", "--json").json["parts"][0]["since"].endswith("Z")


def test_what_still_runs_is_said(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that does not end is named."""
    monkeypatch.setattr(autostart, "end", lambda *_: None)
    prepare(person.laptop.paths)
    with files.lock(person.laptop.paths.daemon_lock, timeout=1.0):
        assert "The daemon that was started otherwise still runs." in person.types("autostart", "disable").out


def test_an_uninstall_asks_first(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody can be asked it says --yes and does nothing; whoever says no keeps everything."""
    said = person.types("uninstall")
    assert (said.code, "say --yes" in said.err) == (2, True)
    assert "becomes what it was before, Claude Code's settings and the AWS config too." in said.out
    assert str(person.laptop.paths.config_file) in said.out
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    answers = [False, True]
    monkeypatch.setattr(click, "confirm", lambda _: answers.pop(0))
    said = person.types("uninstall")
    assert (said.code, said.out.splitlines()[-1]) == (0, "Nothing was done.")
    assert person.laptop.paths.config_file.exists()
    assert person.types("uninstall").code == 0
    assert not person.laptop.paths.config_file.exists()


def test_an_uninstall_says_what_it_could_not_do(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """A helper that is not ours to remove, and a daemon that still runs, end it with 1 and what to do."""
    monkeypatch.setattr(autostart, "end", lambda *_: None)
    settings = person.laptop.home / ".claude" / "settings.json"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text('{"awsAuthRefresh": "/opt/keeplit login --for-claude"}')
    prepare(person.laptop.paths)
    with files.lock(person.laptop.paths.daemon_lock, timeout=1.0):
        said = person.types("uninstall", "--yes")
        assert (said.code, "a daemon still runs" in said.err) == (1, True)
    said = person.types("uninstall", "--yes")
    assert (said.code, "awsAuthRefresh of Claude Code's settings still runs keeplit" in said.err) == (1, True)


def test_an_uninstall_says_what_it_left(person: Typist) -> None:
    """What cannot be given back is said with its file, and what somebody else changed is named."""
    assert person.types("autostart", "enable").code == 0
    person.laptop.paths.config_file.write_text("[broken\n")
    said = person.types("uninstall", "--yes")
    assert (said.code, os.fspath(person.laptop.paths.config_file) in said.err) == (1, True)
    assert "not every file could be given back" in said.err
    person.laptop.paths.config_file.write_text('[environment]\nPATH = "/mine"\n')
    said = person.types("uninstall", "--yes")
    assert (said.code, "environment.PATH in" in said.out) == (0, True)


def test_the_commands_are_offered() -> None:
    """Both are in the list from which the command line is made."""
    assert [command.name for command in autostart_command.COMMANDS] == ["autostart", "uninstall"]


def test_systemd_says_how_it_ended(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service's end is noted and shown by status, the third crash is told; a daemon that runs has not ended."""
    told: list[str] = []
    monkeypatch.setattr(crashes, "tell", lambda *_: told.append("notice"))
    monkeypatch.setenv("SERVICE_RESULT", "signal")
    monkeypatch.setenv("EXIT_CODE", "killed")
    monkeypatch.setenv("EXIT_STATUS", "KILL")
    assert person.types("autostart", "ended").code == 0
    assert not person.laptop.paths.state.exists()
    prepare(person.laptop.paths)
    with files.lock(person.laptop.paths.daemon_lock, timeout=1.0):
        assert person.types("autostart", "ended").code == 0
    assert crashes.read(person.laptop.paths).last is None
    for _ in range(4):
        said = person.types("autostart", "ended")
        assert (said.code, said.out, said.err) == (0, "", "")
    assert told == ["notice"]
    assert "last end: signal KILL" in person.types("autostart", "status").out
    assert "ended" not in person.types("autostart", "--help").out.partition("Commands:")[2]
