"""The commands that Claude Code itself runs: `statusline`, which also puts its row in and out, and `hook`."""

import os
import sys

import click

from keeplit.adapters import clock
from keeplit.core.exit_codes import DONE
from keeplit.engine import hook as hook_engine
from keeplit.engine import layers, status_row
from keeplit.engine.choosing import Refused
from keeplit.engine.status_row import Done
from keeplit.ui import fast
from keeplit.ui import statusline as lines
from keeplit.ui.cli import fail, where
from keeplit.ui.looking import printable

MOST_STDIN = 1 << 20
BESIDE = "Your own command stays beside it: {theirs}"
RESTORED = "Your own command is as it was: {theirs}"
IN = "keeplit's row is in Claude Code's status line ({file}). Out again: keeplit statusline --remove"
IN_ALREADY = "keeplit's row is in {file} already."
OUT = "keeplit's row is out of {file}."
NOT_IN = "keeplit's row is not in {file}; nothing was changed."


@click.command()
@click.option("--with", "theirs", default="", metavar="COMMAND", help="Your own status line, shown beside the row.")
@click.option("--install", is_flag=True, help="Put the row into Claude Code's status line, beside your own.")
@click.option("--remove", is_flag=True, help="Take it out; your own comes back as it was.")
def statusline(*, theirs: str, install: bool, remove: bool) -> int:
    """Print one row for Claude Code's status line: the profile, and a clock when it matters.

    Example: keeplit statusline --install
    """
    if install and remove:
        raise click.UsageError("say --install or --remove")
    paths = where()
    if not install and not remove:
        now = clock.now()
        offset = clock.utc_offset(now).total_seconds()
        row = lines.answer(fast.published(str(paths.state)), theirs, os.environ, now.timestamp(), offset)
        click.echo(row.decode(), nl=False, color=True)
        return DONE
    done = (status_row.put_in if install else status_row.take_out)(paths, os.environ)
    if isinstance(done, Refused):
        raise fail(done.sentence, done.exit_code)
    for line in _told(done, install=install):
        click.echo(printable(line))
    hidden = layers.explain(paths, os.environ, layers.working_folder()).row_hidden if install else None
    if hidden is not None:
        click.echo(printable(f"{hidden.sentence} Do: {hidden.fix}"))
    return DONE


def _told(done: Done, *, install: bool) -> list[str]:
    if install:
        head, tail = (IN if done.changed else IN_ALREADY), BESIDE
    else:
        head, tail = (OUT if done.changed else NOT_IN), RESTORED if done.changed else ""
    theirs = [tail.format(theirs=done.row.theirs)] if done.row.theirs and tail else []
    return [head.format(file=done.file), *theirs]


@click.command()
@click.argument("event", type=click.Choice(["session-start", "stop-failure"]))
def hook(*, event: str) -> int:
    """Answer one of Claude Code's hooks; its JSON comes on stdin.

    session-start says, in one message, that under 30 minutes are left. stop-failure brings dead credentials back, and
    a notice says when you can go on.

    Example: keeplit hook session-start
    """
    paths = where()
    if event == "session-start":
        now = clock.now()
        offset = clock.utc_offset(now).total_seconds()
        click.echo(lines.at_start(fast.published(str(paths.state)), now.timestamp(), offset).decode(), nl=False)
        return DONE
    given = b"" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.buffer.read(MOST_STDIN)
    return hook_engine.turn_failed(paths, os.environ, given)


COMMANDS = (statusline, hook)
