from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from keeplit.sandbox.claude import Second
from keeplit.sandbox.clients import environment
from keeplit.sandbox.clockwork import wall
from keeplit.sandbox.scene import Scene
from keeplit.sandbox.stage import Stage
from keeplit.sandbox.verdict import Verdict
from keeplit.ui import sandbox_command
from keeplit.ui.sandbox_command import COMMANDS, UNSET, coloured, sandbox, shell_lines

LIT = {"work": (Second(wall(), lit=True),)}


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    """Give the test back its own way to end."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def run(*arguments: str) -> tuple[int, str]:
    """Run the command and return its exit code and all that it printed."""
    context = click.Context(sandbox)
    result = CliRunner().invoke(sandbox, arguments, standalone_mode=False, obj=context)
    code = result.return_value if isinstance(result.return_value, int) else result.exit_code
    return code, result.output


@pytest.mark.parametrize(
    ("complaints", "code", "says"), [((), 0, "Every session stayed lit."), (("It broke.",), 1, "  - It broke.")]
)
def test_the_exit_code_is_the_verdict(
    monkeypatch: pytest.MonkeyPatch, complaints: tuple[str, ...], code: int, says: str
) -> None:
    """0 only without a complaint; else 1, and what is wrong is said."""
    monkeypatch.setattr(Scene, "play", lambda _: Verdict(LIT, (), complaints))
    returned, printed = run("--device")
    assert (returned, says in printed) == (code, True)
    assert ("Keep your own lit:  pipx install .  then  keeplit setup" in printed) == (code == 0)


def test_ctrl_c_is_a_failure_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends with 1, as every command does, says that all is ended, and the home is gone."""
    homes: list[Path] = []

    def interrupt(scene: Scene) -> Verdict:
        homes.append(scene.stage.home)
        raise KeyboardInterrupt

    monkeypatch.setattr(Scene, "play", interrupt)
    code, printed = run("--device")
    assert (code, "Interrupted. All that the sandbox started is ended" in printed) == (1, True)
    assert [home.exists() for home in homes] == [False]


def test_sigterm_is_ctrl_c() -> None:
    """So that a supervisor leaves nothing behind either."""
    with pytest.raises(KeyboardInterrupt):
        sandbox_command.interrupted(15, None)


def test_a_shell_is_pointed_at_the_sandbox(tmp_path: Path) -> None:
    """A POSIX shell that obeys the lines has the sandbox's variables, and none that would lead past it."""
    home = tmp_path / "it's a home"
    wanted = environment(home, "http://127.0.0.1:1")
    script = "\n".join([*shell_lines(wanted, "linux"), "env -0"])
    theirs = dict.fromkeys((*UNSET, "HOME"), "theirs") | {"PATH": os.environ["PATH"]}
    told = subprocess.run(["sh", "-c", script], env=theirs, capture_output=True, check=True).stdout.decode()
    got = dict(line.split("=", 1) for line in told.split("\0") if line)
    assert {name: got.get(name) for name in wanted} == wanted
    assert set(UNSET).isdisjoint(got)
    assert "AWS_PROFILE" in UNSET


def test_powershell_is_pointed_at_the_sandbox() -> None:
    """Windows gets its own words, quotes doubled."""
    lines = shell_lines({"HOME": "C:\\it's"}, "win32")
    assert lines[-1] == "$env:HOME = 'C:\\it''s'"
    assert "Remove-Item Env:AWS_PROFILE -ErrorAction Ignore" in lines


def test_shell_ends_with_its_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the daemon ends by itself, the command says so and fails; the lines were printed before."""
    monkeypatch.setattr(Stage, "start_daemon", lambda made: setattr(made, "daemon", Ended()))
    code, printed = run("--shell", "--device")
    assert (code, "the sandbox's daemon ended (exit 5; tinder)" in printed) == (1, True)
    assert "export AWS_ENDPOINT_URL_SSO_OIDC=http://127.0.0.1:" in printed


class Ended:
    """A daemon that ended at once; `said` is written where its errors go."""

    def poll(self) -> int:
        return 5

    returncode = 5


@pytest.fixture(autouse=True)
def last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a daemon that never ran have said something."""
    monkeypatch.setattr(Stage, "daemon_said", lambda _: "exit 5; tinder")


def test_no_colour_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither without a terminal, nor with NO_COLOR, nor on a dumb one."""

    class Terminal:
        def isatty(self) -> bool:
            return True

    assert not coloured()
    monkeypatch.setattr("sys.stdout", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    assert coloured()
    monkeypatch.setenv("NO_COLOR", "1")
    assert not coloured()
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not coloured()


def test_the_command_is_in_the_group() -> None:
    """The command line takes it from here."""
    assert [command.name for command in COMMANDS] == ["sandbox"]


@pytest.mark.parametrize("said", ["", "keeplit: The flame needs a panel"])
def test_the_flame_is_shown_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    """Where it cannot be, that is said, and the play goes on."""
    monkeypatch.setattr(Scene, "play", lambda _: Verdict(LIT, (), ()))
    monkeypatch.setattr(Stage, "start_flame", lambda _: said)
    code, printed = run("--device", "--tray")

    assert (code, "The flame needs a panel" in printed) == (0, bool(said))
