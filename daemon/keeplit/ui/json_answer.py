"""The one object that ``--json`` prints: what was found, or why there is nothing to print.

Law (section 5 of the design): one documented object on stdout and nothing else, also where a command is refused. Wrong
usage is the exception: that is said on stderr alone, since the options may not even have been read.
"""

import json
import sys
from collections.abc import Callable, Mapping
from enum import Enum, auto

import click

from keeplit.ui.cli import Decorated

KEY = "keeplit.json"
HELP = "Print one JSON object and nothing else."
SCHEMA = 1


class Answer(Enum):
    """How far the answer is."""

    WANTED = auto()
    PRINTED = auto()


def _wanted(context: click.Context, parameter: click.Parameter, value: bool) -> bool:  # noqa: ARG001, FBT001  # click's
    if value:
        context.meta[KEY] = Answer.WANTED
    return value


def option(text: str = HELP) -> Callable[[Decorated], Decorated]:
    """Return the option ``--json`` of a command, as its argument `as_json`."""
    return click.option("--json", "as_json", is_flag=True, is_eager=True, callback=_wanted, help=text)


def answer(document: Mapping[str, object]) -> None:
    """Print the object; what stdout cannot spell is escaped, as JSON can."""
    text = json.dumps(document, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:  # a name that is no UTF-8, or a locale that is poor
        text = json.dumps(document)
    click.echo(text)
    context = click.get_current_context(silent=True)
    if context is not None and KEY in context.meta:
        context.meta[KEY] = Answer.PRINTED


def refused(sentence: str, exit_code: int) -> None:
    """Print why a command was refused, where ``--json`` was said and nothing is printed yet."""
    context = click.get_current_context(silent=True)
    if context is not None and context.meta.get(KEY) is Answer.WANTED:
        answer({"schema": SCHEMA, "error": sentence, "exit_code": exit_code})
