"""The command line: what a person types, on top of the engine. Each command says what it did and what comes next.

Law (section 5 of the design): 0 done, 1 failed, 2 wrong usage, 3 a person must sign in, 4 not set up; with ``--json``
one object on stdout and nothing else.
"""

import errno
import os
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from importlib import import_module
from math import isnan
from typing import TYPE_CHECKING, Any, TypeVar

import click

from keeplit import __version__
from keeplit.adapters import paths as places
from keeplit.adapters.files import FileTrouble
from keeplit.adapters.paths import NoHome, Paths
from keeplit.core.exit_codes import DONE, FAILED, USAGE

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Decorated = TypeVar("Decorated", bound=Callable[..., Any] | click.Command)
COMPLETE = "_KEEPLIT_COMPLETE"  # a shell that completes says so by this variable
# Each command: the module in `keeplit.ui` whose COMMANDS hold it, and what Tab says about it.
TABLE: Mapping[str, tuple[str, str]] = {
    "setup": ("setup_command", "Guide through everything, once"),
    "status": ("looking", "Show both clocks, and what is wrong"),
    "logs": ("keeping", "Show the daemon's log"),
    "doctor": ("doctor_command", "Find what keeps Claude Code from working"),
    "explain": ("explain_command", "Say what an error text means, and what to do"),
    "login": ("signing", "Sign in through the browser"),
    "logout": ("signing", "Sign out of one session"),
    "extend": ("signing", "Begin a new day: sign out, and in again"),
    "pause": ("keeping", "Open no browser and change no file for a while"),
    "resume": ("keeping", "End a pause"),
    "use": ("switching", "Show or switch profile, region and model"),
    "env": ("switching", "Print the settings as exports of a shell"),
    "profiles": ("looking", "List the profiles of the AWS config"),
    "models": ("models_command", "List a region's models, and what you may use"),
    "repair": ("mending", "Put back what is missing of the settings"),
    "undo": ("mending", "Take the last change back"),
    "reset": ("mending", "Bring back what was there before keeplit"),
    "usage": ("usage_command", "Show tokens, calls and cost by model and day"),
    "iam": ("iam_command", "Print the IAM policies that it needs, and check yours"),
    "tray": ("tray", "Show the flame"),
    "autostart": ("autostart_command", "Start with the computer, or no more"),
    "daemon": ("keeping", "Keep watch in the foreground"),
    "sandbox": ("sandbox_command", "Watch it live through a made-up day: no AWS needed"),
    "uninstall": ("autostart_command", "Undo everything that keeplit did"),
    "credentials": ("signing", "Print role credentials"),
    "statusline": ("claude_face_command", "Print one row for Claude Code's status line"),
    "hook": ("claude_face_command", "Answer a hook of Claude Code"),
    "completion": ("completion_command", "Print what makes Tab work"),
}
# All of them on a terminal of 24 rows, with one row left for the prompt.
PAGE = """\
  Example: keeplit setup         More of each: keeplit COMMAND --help

Begin, and when something is wrong:
  setup                Guide through everything, once
  status, logs         Show both clocks and what is wrong; show the daemon's log
  doctor, explain      Find what is wrong and mend it; say what an error means
Sign in:
  login, logout        Sign in through the browser; sign out
  extend               Begin a new day: sign out, and in again
  pause, resume        Open no browser and change no file for a while
What Claude Code uses:
  use, env             Show or switch profile, region and model; print exports
  profiles, models     List what there is, and what you may use
  repair, undo, reset  Put back what is missing, the last change, or everything
  usage, iam           Show calls and cost; print the policies that it needs
The keeper:
  tray, autostart      Show the flame; start at login, or no more
  daemon, sandbox      Keep watch in the foreground; watch a made-up day
  uninstall            Undo everything that keeplit did
For shells and Claude Code: credentials, statusline, hook, completion
"""


class Duration(click.ParamType[timedelta]):
    """A length of time: 45s, 30m, 8h, 1h30m, 2d."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the duration that `value` spells."""
        from keeplit.core import config_values

        try:
            length = config_values.duration(str(value))
        except config_values.Wrong:
            length = timedelta(0)
        if not length:
            self.fail(f"{value!r} is no duration: write for example 45s, 30m, 8h or 1h30m", param, ctx)
        return length


class Number(click.FloatRange):
    """A number in a range: NaN lies in none, though it compares as if it did."""

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number that `value`, a text where a person typed it, spells."""
        number: float = super().convert(value, param, ctx)
        if isnan(number):
            self.fail(f"{value!r} is no number", param, ctx)
        return number


def fail(sentence: str, code: int = FAILED) -> "click.exceptions.Exit":
    """Say on stderr what went wrong and what to do, and with ``--json`` on stdout too; return the exit to raise."""
    click.echo(f"keeplit: {sentence}", err=True)
    if code != USAGE:
        from keeplit.ui import json_answer  # whoever completes, or reads the first page, needs it not

        json_answer.refused(sentence, code)
    return click.exceptions.Exit(code)


def not_empty(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """Return what an option says; one that says nothing, as an unset variable of a script does, is wrong usage."""
    if value is not None and not value.strip() and not context.resilient_parsing:
        raise fail(f"{option.opts[-1]} wants a value, and got an empty one. Leave it out, or name one", USAGE)
    return value


def where() -> Paths:
    """Return the paths of this user."""
    return places.find(os.environ)


class Commands(click.Group):
    """The group whose commands are imported as they are named: all of them together cost four starts of Python."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's own names
        """Return the names in the order in which a newcomer meets them."""
        return list(TABLE)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command of a name; None where there is none."""
        if cmd_name not in TABLE:
            return None
        commands: tuple[click.Command, ...] = import_module(f"keeplit.ui.{TABLE[cmd_name][0]}").COMMANDS
        return next(command for command in commands if command.name == cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; what a person can mend is said in one sentence, also where ``--json`` was asked for."""
        try:
            return super().invoke(ctx)
        except (NoHome, FileTrouble) as trouble:
            raise fail(str(trouble)) from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is meant; a name that is none is answered with the nearest one."""
        from difflib import get_close_matches

        if args[0] not in (known := self.list_commands(ctx)) and not ctx.resilient_parsing:  # Tab hears of no mistake
            near = get_close_matches(args[0], known, 1)
            like = f"Did you mean: keeplit {near[0]}" if near else "See: keeplit --help"
            ctx.fail(f"There is no command {args[0]!r}. {like}")
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the page of commands, without importing one."""
        formatter.write(PAGE)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Offer the commands out of the table: Tab waits for no import either."""
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return [CompletionItem(name, help=about) for name, (_, about) in TABLE.items() if name.startswith(incomplete)]


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="keeplit")
def cli() -> None:
    """Keep AWS sign-ins lit while Claude Code runs on Amazon Bedrock."""


def main() -> int:
    """Run the command line and return its exit code; what a person can mend is said in one sentence."""
    if COMPLETE in os.environ:
        import_module("keeplit.ui.completion_command")  # PowerShell's part is there
    try:
        colours = False if os.environ.get("NO_COLOR") else None  # no-color.org; None: where a terminal shows them
        result = cli.main(prog_name="keeplit", standalone_mode=False, color=colours)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.exceptions.Abort as ended:
        # A terminal has written ^C where the cursor stood; where click heard that itself it has ended the row.
        row = "\n" if ended.__cause__ is None and sys.stderr.isatty() else ""
        click.echo(f"{row}Interrupted; nothing is left half done.", err=True)
        return FAILED
    except click.ClickException as wrong:
        wrong.show()
        return wrong.exit_code
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO) and not isinstance(error, BrokenPipeError):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            click.echo(f"keeplit: what is to be said cannot be written: {error.strerror}", err=True)
        return FAILED
    return result if isinstance(result, int) else DONE
