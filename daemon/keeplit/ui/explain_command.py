"""The command that explains an error: `explain`. It reads a text, asks nobody, and changes nothing."""

import os
import sys

import click

from keeplit.adapters.files import FileTrouble
from keeplit.adapters.paths import NoHome
from keeplit.core.exit_codes import DONE, FAILED, USAGE
from keeplit.core.explain import UNKNOWN, Explained
from keeplit.core.explain import explain as decode
from keeplit.core.explain_text import MOST
from keeplit.ui import json_answer
from keeplit.ui.cli import fail, where
from keeplit.ui.looking import printable

SCHEMA = 1
STDIN = "-"
NO_TEXT = 'give the text of an error: keeplit explain "TEXT", or COMMAND 2>&1 | keeplit explain -'


@click.command()
@click.argument("text", nargs=-1)
@click.option("--for-admin", is_flag=True, help="Print the message that an administrator needs, ready to forward.")
@click.option("--profile", default="", help="The profile that met the error, where it is not the one in use.")
@click.option("--region", default="", help="The region that was called, where it is not the one in use.")
@json_answer.option()
def explain(*, text: tuple[str, ...], for_admin: bool, profile: str, region: str, as_json: bool) -> int:
    """Say what an error of AWS, Bedrock or Claude Code means, and what mends it.

    Without a text, or for "-", it is read from a pipe. Nothing that looks like a secret is repeated.

    Example: aws sts get-caller-identity 2>&1 | keeplit explain -
    """
    given = _given(text)
    named, called = _in_use(profile, region)
    found = decode(given, profile=named, region=called)
    code = FAILED if found.code == UNKNOWN else DONE
    if as_json:
        json_answer.answer(document(found))
        return code
    if for_admin and found.admin:
        click.echo("\n".join(map(printable, found.admin.splitlines())))
        return code
    if for_admin:
        raise fail(printable(f"an administrator can do nothing here: {found.title}. Do: {found.fix}"))
    click.echo(screen(found), err=found.code == UNKNOWN)
    return code


def document(found: Explained) -> dict[str, object]:
    """Return what was found as ``--json`` prints it; `admin` is null where there is nothing to forward."""
    return {
        "schema": SCHEMA,
        "code": found.code,
        "title": found.title,
        "cause": found.cause,
        "fix": found.fix,
        "admin": found.admin or None,
    }


def screen(found: Explained) -> str:
    """Return what was found as a person reads it: title, cause, fix, and that there is a message to forward."""
    lines = [click.style(printable(found.title), bold=True), printable(found.cause), printable(f"Do: {found.fix}")]
    if found.admin and "--for-admin" not in found.fix:
        lines.append("A message for your administrator: the same with --for-admin")
    return "\n".join(lines)


def _given(text: tuple[str, ...]) -> str:
    """Return the text of the arguments, else of the pipe: no more of it than is read."""
    if text and text != (STDIN,):
        return " ".join(text)[:MOST]
    if not text and (sys.stdin is None or sys.stdin.isatty()):
        raise fail(NO_TEXT, USAGE)
    return sys.stdin.buffer.read(MOST).decode(errors="replace")


def _in_use(profile: str, region: str) -> tuple[str, str]:
    """Return the profile and the region that are in use, where they can be known; what was said comes first."""
    if profile and region:
        return profile, region
    try:
        from keeplit.engine import models, whose

        sources = whose.read(where(), os.environ, profile or None, for_claude=True)
        named = sources.name if sources.said_by else ""
        return named, region or models.region(where(), os.environ, profile or None)
    except (NoHome, FileTrouble):
        return profile, region  # an error is explained on the poorest machine too


COMMANDS = (explain,)
