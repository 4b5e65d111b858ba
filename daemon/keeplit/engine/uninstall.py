"""`keeplit uninstall`: files as they were before keeplit, nothing started at login, and nothing of our own left.

Law: first nothing is started any more and what runs has ended, then the files are given back, and only when all of
them are is the journal removed that knows how. AWS's own caches stay.
"""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from keeplit.adapters import claude_settings, clock, config, files, sign_in_files
from keeplit.adapters.paths import Paths
from keeplit.core import own_statusline
from keeplit.core.own_command import HELPERS, recognised
from keeplit.core.service_files import Part
from keeplit.engine import autostart, status_row
from keeplit.engine.choosing import Refused
from keeplit.engine.reset import reset
from keeplit.engine.undo import Given

END_WITHIN, LOOK_EVERY = 8.0, 0.1
STILL_RUNS = {
    Part.TRAY: "the tray still runs; choose Quit in its menu, then once more",
    Part.DAEMON: "a daemon still runs and does not end; end it (Ctrl-C where it runs), then once more",
}


@dataclass(frozen=True, slots=True)
class Removed:
    """What an uninstall came to; `why_not` says why nothing of our own was removed."""

    given: tuple[Given, ...] = ()
    removed: tuple[Path, ...] = ()
    pointing: tuple[str, ...] = ()  # keys of Claude Code's settings that still run keeplit
    why_not: str = ""


def goes(paths: Paths) -> tuple[Path, ...]:
    """Return what of our own is there, and is removed."""
    return tuple(path for path in (paths.config_file, paths.state, paths.own) if os.path.lexists(path))


def uninstall(paths: Paths, environ: Mapping[str, str]) -> Removed:
    """Take keeplit's work back and remove what is its own. Raises `FileTrouble`."""
    place = _settings(paths, environ)
    autostart.disable(paths, environ)
    for part, sentence in STILL_RUNS.items():
        if part is Part.DAEMON:
            autostart.end(paths, environ)
        if autostart.runs(paths, part):
            return Removed(why_not=sentence)
    if not _cancelled(paths):
        return Removed(why_not="a sign-in waits for its browser and does not end; close its tab, then once more")
    given = reset(paths) if os.path.lexists(paths.journal) else ()
    if any(one.fault for one in given):
        return Removed(given, why_not="not every file could be given back; see to that, then once more")
    given = _without_row(paths, environ, place, given)
    gone = tuple(path for path in goes(paths) if _remove(path))
    for folder in (paths.config_file.parent, paths.own.parent, paths.aws):
        with suppress(OSError):  # something of the person's own is in it, or it is gone
            folder.rmdir()
    return Removed(given, gone, _pointing(place))


def _cancelled(paths: Paths) -> bool:
    """Ask each sign-in to end, whose runner would write its record anew; whether all of them did."""
    for sign_in in sign_in_files.running(paths.own):
        sign_in_files.ask_cancel(paths.own, sign_in)
    until = clock.monotonic() + END_WITHIN
    while sign_in_files.running(paths.own):
        if clock.monotonic() >= until:
            return False
        clock.sleep(LOOK_EVERY)
    return True


def _settings(paths: Paths, environ: Mapping[str, str]) -> Path:
    """Return where Claude Code's settings lie, as config.toml says while there is one."""
    ours = config.read(paths.config_file)
    return claude_settings.path({**ours.environment, **environ}, ours.settings)


def _without_row(paths: Paths, environ: Mapping[str, str], place: Path, given: tuple[Given, ...]) -> tuple[Given, ...]:
    """Take our row out of the status line also where somebody changed it since: a person's own stands in it."""
    if not _row(place).ours or _settings(paths, environ) != place:
        return given
    done = status_row.take_out(paths, environ)
    if isinstance(done, Refused):
        return given
    return tuple(replace(one, left=tuple(key for key in one.left if key != own_statusline.KEY)) for one in given)


def _row(place: Path) -> own_statusline.Row:
    document = claude_settings.read(place).document
    return own_statusline.read(document.value.get(own_statusline.KEY) if document is not None else None)


def _pointing(place: Path) -> tuple[str, ...]:
    found = claude_settings.read(place)
    values = found.document.strings() if found.document is not None else {}
    helpers = [key for key in HELPERS if key in values and recognised(values[key]) is not None]
    return (*helpers, *((own_statusline.KEY,) if _row(place).ours else ()))


def _remove(path: Path) -> bool:
    """Remove a file, or a folder of our own with what is in it; a link is removed and never followed."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
            path.with_name(f".{path.name}.keeplit").unlink(missing_ok=True)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise files.NotWritable(f"{path} cannot be removed: {error.strerror}; remove it yourself") from None
    return True
