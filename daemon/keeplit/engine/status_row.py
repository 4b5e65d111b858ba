"""keeplit's row in Claude Code's status line: put in beside a person's own command, and taken out again.

Law: both are edits through the one door, with journal and backup, so that `undo` and `reset` take them back; only the
bytes of the one key change. Settings that are not there are not made for a row.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from keeplit.adapters import journal, own_command
from keeplit.adapters.claude_settings.written import WriteResult
from keeplit.adapters.paths import Paths
from keeplit.core.exit_codes import NOT_SET_UP
from keeplit.core.json_edit import Change, Remove, Set, encode
from keeplit.core.own_statusline import KEY, NotComposable, Row, alone, read, shared
from keeplit.core.settings_model import FileState
from keeplit.core.undoing import meaning
from keeplit.engine import guarded, using
from keeplit.engine.choosing import Refused

COMMAND = "statusline"
TRIES = 5
NO_FILE = "there is no {place} yet: keeplit setup makes it, then the same command again"
NO_PROGRAM = "keeplit has no path of its own here, so Claude Code could not run it: install it, then once more"


@dataclass(frozen=True, slots=True)
class Done:
    """What the slot holds now, in which file, and whether that is new."""

    file: Path
    row: Row
    changed: bool = False


Wanted = Callable[[using.Files], object]
"""What the slot is to hold, by what the settings say; None: no such key."""


def standing(paths: Paths, environ: Mapping[str, str]) -> Done | Refused:
    """Return what the slot holds; nothing is changed."""
    found = using.look(paths, environ)
    return found if isinstance(found, Refused) else Done(found.place, read(_value(found)))


def put_in(paths: Paths, environ: Mapping[str, str], *, group: str = "") -> Done | Refused:
    """Put keeplit's row in, beside a person's own; one of an old path of ours is mended. `group`: of the journal."""
    program = own_command.program(environ)
    if program is None:
        return Refused(NO_PROGRAM)

    def wanted(found: using.Files) -> dict[str, object] | None:
        return shared(_value(found), program, windows=os.name == "nt")

    return _tried(paths, environ, wanted, group)


def take_out(paths: Paths, environ: Mapping[str, str], *, group: str = "") -> Done | Refused:
    """Take keeplit's row out; a person's own command comes back as it was."""

    def wanted(found: using.Files) -> object:
        value = _value(found)
        return _before(paths, found.place, value) if read(value).ours else value

    return _tried(paths, environ, wanted, group)


def _tried(paths: Paths, environ: Mapping[str, str], wanted: Wanted, group: str) -> Done | Refused:
    import uuid

    group = group or uuid.uuid4().hex
    for _ in range(TRIES):
        found = using.look(paths, environ)
        if isinstance(found, Refused):
            return found
        if found.settings.state is FileState.ABSENT:
            return Refused(NO_FILE.format(place=found.place), NOT_SET_UP)
        try:
            value = wanted(found)
        except NotComposable as why:
            return Refused(str(why))
        if value == _value(found):
            return Done(found.place, read(value))
        change: Change = Remove(KEY) if value is None else Set(KEY, encode(value))
        written = guarded.edit(
            paths, found.place, [change], expected=found.settings.digest, command=COMMAND, group=group
        )
        if written.as_wanted:
            return Done(found.place, read(value), changed=True)
        if written.result is not WriteResult.MOVED:
            return Refused(f"{written.fault}. Do: {written.fix}, then the same command again")
    return Refused("another program changes the settings again and again; try once more in a moment")


def _value(found: using.Files) -> object:
    document = found.settings.document
    return document.value.get(KEY) if document is not None else None


def _before(paths: Paths, place: Path, value: object) -> object:
    """Return what stood there before ours: as the journal has it, where nobody changed it since; else from ours."""
    for entry in reversed(journal.read(paths)):
        for one in entry.changed:
            if one.key == KEY and entry.file == str(place) and entry.done:
                was = meaning(one.before)
                known = meaning(one.after) == value and not read(was).ours
                return was if known else alone(value)
    return alone(value)
