"""keeplit's row in Claude Code's status line: the settings' one slot, shared with a person's own command. Pure.

Law: a person's own command is never lost: it stands in ours (``--with``), word for word, and comes back when ours goes.
What else they set in the object stays. Source of the properties and of the shells: Claude Code's documentation of
`statusLine`. On Windows it is the bash of Git, else PowerShell: what stands there means the same to both, but a path of
ours with a space in it takes the bash.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from keeplit.core.own_command import PLAIN, recognised, spelled

KEY = "statusLine"
REFRESH_SECONDS = 30
"""So often the row is drawn anew while nothing happens: both clocks go on by themselves."""
HIDDEN = "keeplit's row is not shown here: {layer} have a status line of their own, which wins."
TO_SHOW = "take statusLine out there, or have it run: keeplit statusline --with 'the command that it runs now'"
SWITCHED_OFF = "keeplit's row is not shown here: {layer} say disableAllHooks, which switches the status line off too."
TO_SWITCH_ON = "take disableAllHooks out there"

FOR_WINDOWS = re.compile(
    r"(?P<program>[A-Za-z]:/[^\s\"']+|\"[A-Za-z]:/[^\"\n]+\") statusline(?: --with '(?P<theirs>[^'\"\n]+)')?"
)
NEVER_THERE = frozenset("'\"\n\r")  # the two shells read them in different ways


@dataclass(frozen=True, slots=True)
class Row:
    """What stands in the slot: whether keeplit's row does, through which program, and a person's own command."""

    ours: bool = False
    program: str = ""
    theirs: str = ""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Why keeplit's row is in the settings and not shown: a sentence, and what mends it."""

    sentence: str
    fix: str


def hidden(by: str, switched_off_by: str) -> Hidden | None:
    """Return why the row is not shown: by a layer that switches all off, else by one with a row of its own."""
    if switched_off_by:
        return Hidden(SWITCHED_OFF.format(layer=switched_off_by), TO_SWITCH_ON)
    return Hidden(HIDDEN.format(layer=by), TO_SHOW) if by else None


class NotComposable(ValueError):  # noqa: N818  # nothing went wrong: it is kept as it is
    """The slot holds something that ours cannot stand beside; the words say what to do."""


def read(value: object) -> Row:
    """Return what the slot holds; `value` is what the settings say, None where they have no such key."""
    command = value.get("command") if isinstance(value, Mapping) else None
    if not isinstance(command, str):
        return Row()
    found = FOR_WINDOWS.fullmatch(command)
    if found is not None and (own := recognised(found["program"])) is not None:
        return Row(ours=True, program=own.program, theirs=found["theirs"] or "")
    own = recognised(command)
    match own.arguments if own is not None else ():
        case ("statusline",):
            return Row(ours=True, program=own.program if own is not None else "")
        case ("statusline", "--with", theirs):
            return Row(ours=True, program=own.program if own is not None else "", theirs=theirs)
        case _:
            return Row(theirs=command)


def shared(value: object, program: str, *, windows: bool) -> dict[str, object]:
    """Return the object with keeplit's row in it, beside a person's own. Raises `NotComposable`."""
    if value is not None and (not isinstance(value, Mapping) or value.get("type", "command") != "command"):
        raise NotComposable("statusLine is of a kind that keeplit does not know, and stays as it is")
    kept = dict(value) if isinstance(value, Mapping) else {}
    found = read(value)
    arguments = ["statusline"]
    if found.theirs:
        arguments += ["--with", _quoted(found.theirs, windows=windows)]
    try:
        command = spelled(program, arguments, windows=windows)
    except ValueError as wrong:
        raise NotComposable(str(wrong)) from None
    if windows:
        command = " ".join([_for_both_shells(program), *arguments])
    return {
        "type": "command",
        **kept,
        "command": command,
        "refreshInterval": kept.get("refreshInterval", REFRESH_SECONDS),
    }


def alone(value: object) -> dict[str, object] | None:
    """Return the object as a person's own command had it, None where there was none; what is not ours stays."""
    found, kept = read(value), dict(value) if isinstance(value, Mapping) else {}
    if not found.ours:
        return kept or None
    if not found.theirs:
        return None
    if kept.get("refreshInterval") == REFRESH_SECONDS:
        del kept["refreshInterval"]
    return {**kept, "command": found.theirs}


def _quoted(command: str, *, windows: bool) -> str:
    if "\0" in command:
        raise NotComposable("the command of statusLine holds a null character, and stays as it is")
    if not windows:
        return "'" + command.replace("'", "'\"'\"'") + "'"
    if NEVER_THERE & set(command):
        words = "put it into a script of its own, name that one in statusLine, and try again"
        raise NotComposable(f"the command of statusLine cannot be quoted for Windows: {words}")
    return f"'{command}'"


def _for_both_shells(program: str) -> str:
    """Return a path on Windows: bash takes backslashes out, and what is quoted PowerShell would only print."""
    path = program.replace("\\", "/")
    if path.startswith("//") or "$" in path or "`" in path:
        raise NotComposable(f"keeplit lies at {program}, which not every shell of Windows can run")
    return path if PLAIN.fullmatch(path) else f'"{path}"'
