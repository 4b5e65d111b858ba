"""What Claude Code runs while it waits: `keeplit statusline` and the hook of a start, from the published status.

Law: it always prints a row and ends well, since Claude Code blanks the line of a command that fails. Stdin is not
read: a person's own command (``--with``) gets it as it is; the row itself is made of the published status alone.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from keeplit.core.statusline import INSIDE, beside, row

SCHEMA = 1


def theirs(options: Sequence[str]) -> str | None:
    """Return the person's own command that the options name, empty for none; None where they are spelled otherwise."""
    match list(options):
        case []:
            return ""
        case ["--with", command]:
            return command
        case [option] if option.startswith("--with="):
            return option.removeprefix("--with=")
        case _:
            return None


def answer(
    data: bytes | None,
    command: str,
    environ: Mapping[str, str],
    seconds: float,
    offset: float,
    stdin: int | None = None,
) -> bytes:
    """Return what is printed for the published status `data` (None: no daemon lives) at a time in seconds since 1970.

    `offset` is the local time's distance from UTC in seconds; `stdin` is an open file instead of ours.
    """
    now, here = datetime.fromtimestamp(seconds, UTC), timedelta(seconds=offset)
    text = row(_document(data), now, here, colours=not environ.get("NO_COLOR"))
    if command and INSIDE not in environ:
        from keeplit.adapters import their_statusline  # late: subprocess costs a third of a start of Python

        text = beside(text, their_statusline.rows(command, _stdin() if stdin is None else stdin, environ))
    return f"{text}\n".encode(errors="replace")


def at_start(data: bytes | None, seconds: float, offset: float) -> bytes:
    """Return what the hook of a session's start prints, empty for nothing; arguments as of `answer`."""
    from keeplit.core import hooks

    said = hooks.at_start(_document(data), datetime.fromtimestamp(seconds, UTC), timedelta(seconds=offset))
    return json.dumps({"systemMessage": said}).encode() + b"\n" if said else b""


def _document(data: bytes | None) -> Mapping[str, object] | None:
    """Return the published status of a living daemon, of another version of keeplit too; empty where it is not one."""
    if data is None:
        return None
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) and document.get("schema") == SCHEMA else {}


def _stdin() -> int:
    """Return the file that Claude Code gives its status line; the empty one where a person typed the command."""
    from subprocess import DEVNULL  # their command loads it anyway

    try:
        return DEVNULL if sys.stdin is None or sys.stdin.isatty() else sys.stdin.fileno()
    except (OSError, ValueError):  # closed, or no file at all
        return DEVNULL
