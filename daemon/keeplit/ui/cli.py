"""The command line: what a person types, on top of the engine. Each command says what it did and what comes next.

Law (section 5 of the design): 0 done, 1 failed, 2 wrong usage, 3 a person must sign in, 4 not set up; with ``--json``
one object on stdout and nothing else.
"""

import os
import sys
from datetime import timedelta

import click

from keeplit import __version__
from keeplit.adapters import paths as places
from keeplit.adapters.files import FileTrouble
from keeplit.adapters.paths import NoHome, Paths

DONE, FAILED, USAGE, SIGN_IN, NOT_SET_UP = 0, 1, 2, 3, 4


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


def fail(sentence: str, code: int = FAILED) -> "click.exceptions.Exit":
    """Say on stderr what went wrong and what to do; return the exit to raise."""
    click.echo(f"keeplit: {sentence}", err=True)
    return click.exceptions.Exit(code)


def where() -> Paths:
    """Return the paths of this user."""
    return places.find(os.environ)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="keeplit")
def cli() -> None:
    """Keep AWS sign-ins lit while Claude Code runs on Amazon Bedrock.

    keeplit renews IAM Identity Center tokens silently, and asks for a sign-in only when one is over and you are there.
    """


def main() -> int:
    """Run the command line and return its exit code; what a person can mend is said in one sentence."""
    # The commands add themselves to the group.
    from keeplit.ui import autostart_command as starting
    from keeplit.ui import keeping, looking, mending, models_command, sandbox_command, signing, switching, tray

    for module in (keeping, looking, models_command, mending, signing, switching, tray, starting, sandbox_command):
        for command in module.COMMANDS:
            cli.add_command(command)
    try:
        result = cli.main(prog_name="keeplit", standalone_mode=False)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.exceptions.Abort:
        click.echo("Interrupted; nothing is left half done.", err=True)
        return FAILED
    except click.ClickException as wrong:
        wrong.show()
        return wrong.exit_code
    except (NoHome, FileTrouble) as trouble:
        click.echo(f"keeplit: {trouble}", err=True)
        return FAILED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return result if isinstance(result, int) else DONE
