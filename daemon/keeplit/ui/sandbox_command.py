"""The command `sandbox`: a minute of the real daemon against an Identity Center of its own, or that one to use."""

import os
import shlex
import signal
import sys
from datetime import timedelta
from types import FrameType
from typing import TYPE_CHECKING

import click

from keeplit.core.aws_environment import IDENTITY
from keeplit.core.exit_codes import DONE, FAILED

if TYPE_CHECKING:
    from keeplit.sandbox.stage import Stage

LOG_TAIL = 12
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
UNSET = (
    *sorted(IDENTITY),
    "AWS_CA_BUNDLE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_REGION",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_BEDROCK_BASE_URL",
    *PROXIES,
    *(name.lower() for name in PROXIES),
)
"""What a person's shell may say that would lead a client past the sandbox."""


@click.command()
@click.option("--shell", is_flag=True, help="Leave it running; print the environment that points AWS clients at it.")
@click.option("--outlives", is_flag=True, help="The other world: the last access token outlives its sign-in.")
@click.option("--device", is_flag=True, help="Sign in by a printed code, as on a machine without an AWS CLI v2.")
@click.option("--tray", is_flag=True, help="Show the flame of the sandbox in your panel meanwhile.")
def sandbox(*, shell: bool, outlives: bool, device: bool, tray: bool) -> int:
    """Play a day of sign-ins, faults and recoveries in about a minute, without an AWS account.

    Exit code 0 only if every session stayed lit. Nothing of yours is read or changed.

    Example: keeplit sandbox
    """
    from keeplit.sandbox import scene

    signal.signal(signal.SIGTERM, interrupted)
    try:
        if shell:
            return leave_running(scene.free_stage(outlives=outlives, device=device), tray=tray)
        return play(outlives=outlives, device=device, tray=tray)
    except KeyboardInterrupt:
        click.echo("\nInterrupted. All that the sandbox started is ended, and its home is removed.", err=True)
        return FAILED


def interrupted(number: int, frame: FrameType | None) -> None:
    """Take SIGTERM for Ctrl-C, so that nothing is left behind."""
    del number, frame
    raise KeyboardInterrupt


def show_flame(stage: "Stage") -> None:
    """Show the flame in the person's panel; where it cannot be, the play goes on without."""
    said = stage.start_flame()
    if said:
        click.echo(said, err=True)


def play(*, outlives: bool, device: bool, tray: bool = False) -> int:
    """Give the play and return the exit code."""
    from keeplit.sandbox import scene
    from keeplit.sandbox.show import Show

    tempo = scene.OUTLIVES if outlives else scene.ORDINARY
    with scene.stage_of(tempo, outlives=outlives, device=device) as stage:
        show = Show(sys.stdout, tempo, coloured=coloured(), outlives=outlives, device=stage.device)
        if tray:
            show_flame(stage)
        show.introduce()
        verdict = scene.Scene(stage, show.tell, tempo, show.look).play()
        show.summarize(verdict, stage.log_tail(LOG_TAIL))
    if verdict.lit:
        click.echo("\nKeep your own lit:  pipx install .  then  keeplit setup")
    return DONE if verdict.lit else FAILED


def leave_running(stage: "Stage", *, tray: bool = False) -> int:
    """Print the environment and keep the sandbox with its daemon until Ctrl-C."""
    with stage:
        stage.start_daemon()
        if tray:
            show_flame(stage)
        for line in shell_lines(stage.variables(), sys.platform):
            click.echo(line)
        sys.stdout.flush()
        click.echo(
            "# Put these lines into another shell; there, for example: keeplit login, keeplit status --watch,"
            "\n# aws sts get-caller-identity --profile work. Ctrl-C here ends it all.",
            err=True,
        )
        while stage.daemon is not None and stage.daemon.poll() is None:
            stage.rest(timedelta(seconds=1))
        click.echo(f"keeplit: the sandbox's daemon ended ({stage.daemon_said()})", err=True)
    return FAILED


def shell_lines(variables: dict[str, str], platform: str) -> list[str]:
    """Return the lines that point a shell at the sandbox: POSIX, or PowerShell on Windows."""
    if platform == "win32":
        gone = [f"Remove-Item Env:{name} -ErrorAction Ignore" for name in UNSET if name.upper() == name]
        return [*gone, *(f"$env:{name} = '{_doubled(value)}'" for name, value in variables.items())]
    return [f"unset {' '.join(UNSET)}", *(f"export {name}={shlex.quote(value)}" for name, value in variables.items())]


def _doubled(value: str) -> str:
    return value.replace("'", "''")


def coloured() -> bool:
    """Tell whether a person looks at a terminal that takes colours (NO_COLOR: no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


COMMANDS = (sandbox,)
