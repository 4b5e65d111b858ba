"""Where Claude Code's settings file is, and what it says: links followed, torn told from closed."""

import errno
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from keeplit.adapters import clock, files
from keeplit.core.json_said import MOST_BYTES, Said, said
from keeplit.core.settings_model import FileState

MOST_LINKS = 40  # as Linux has it
SETTLED_SECONDS = 2.0
CORRECT = "correct that place"
_readings: dict[Path, tuple[tuple[int, ...], "Contents"]] = {}


@dataclass(frozen=True, slots=True)
class Contents:
    """What a settings file is and says; `target` is the file that its links lead to.

    `fault` says why it is broken or closed, or that its link leads nowhere; `fix` what a person does about that.
    """

    path: Path
    target: Path
    state: FileState
    data: bytes | None = field(default=None, repr=False)
    digest: str = ""
    document: Said | None = field(default=None, repr=False)
    fault: str = ""
    fix: str = ""


def path(environ: Mapping[str, str], setting: str = "user") -> Path:
    """Return the settings file that is kept: the user's (``CLAUDE_CONFIG_DIR`` counts), or the one `setting` names."""
    if setting not in {"", "user"}:
        return _expanded(setting)
    moved = environ.get("CLAUDE_CONFIG_DIR")
    folder = _expanded(moved) if moved else _expanded(environ.get("HOME") or "~") / ".claude"
    return folder / "settings.json"


def _expanded(place: str) -> Path:
    """Return a place in full, since the journal names files by it, and an undo may be asked for in another folder."""
    expanded = os.path.expanduser(place)  # noqa: PTH111  # Path's own raises for a user that is not known
    if os.path.isabs(expanded):  # noqa: PTH117
        return Path(expanded)
    try:
        return Path(os.path.abspath(expanded))  # noqa: PTH100  # `resolve` follows links
    except OSError:  # the working folder is gone
        return Path(expanded)


def value(environ: Mapping[str, str], setting: str, name: str) -> str:
    """Return a variable of the file's ``env``; empty where there is none or the file cannot be read just now."""
    try:
        data = files.read(path(environ, setting), MOST_BYTES)
        document = json.loads(data) if data else None
    except (files.FileTrouble, ValueError, RecursionError):
        return ""
    env = document.get("env") if isinstance(document, dict) else None
    found = env.get(name) if isinstance(env, dict) else None
    return found if isinstance(found, str) else ""


def profile(environ: Mapping[str, str], setting: str = "user") -> str:
    """Return the profile that Claude Code's settings name; empty where they name none."""
    return value(environ, setting, "AWS_PROFILE")


def digest(data: bytes | None) -> str:
    """Return the SHA-256 of a file in hex; empty for one that is not there."""
    return "" if data is None else sha256(data).hexdigest()


def read(place: Path) -> Contents:
    """Return what a settings file says; a reading is kept while the file is the same and had settled when read."""
    try:
        found = place.stat()
    except (OSError, ValueError):
        return read_afresh(place)
    key = (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev, found.st_mode)
    if place in _readings and _readings[place][0] == key:
        return _readings[place][1]
    contents = read_afresh(place)
    settled = clock.now().timestamp() - max(found.st_mtime, found.st_ctime) > SETTLED_SECONDS
    if settled and contents.data is not None:  # what hinders reading may be gone with the file unchanged
        _readings[place] = (key, contents)
    return contents


def read_afresh(place: Path) -> Contents:
    """Return what a settings file says at this moment."""
    try:
        target = _target(place)
        found = target.stat()
    except (FileNotFoundError, NotADirectoryError):
        return _absent(place, _target(place))
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.ELOOP:
            fix = f"remove that link, or have it lead to your settings: ls -l {place}"
            return _closed(place, place, f"{place} is a link that leads in a circle", fix)
        return _closed(place, place, f"{place} cannot be read: {error}", f"look at it: ls -l {place}")
    if not stat.S_ISREG(found.st_mode):
        return _closed(place, target, f"{target} is no ordinary file", f"put a file of settings there: ls -ld {target}")
    if found.st_size > MOST_BYTES:
        fault = f"{target} has {found.st_size} bytes, and Claude Code reads {MOST_BYTES} at most"
        return _closed(place, target, fault, "make it smaller: Claude Code cannot start with it")
    try:
        data = files.read(target, MOST_BYTES)
    except files.FileTrouble as trouble:
        return _closed(place, target, str(trouble), f"see who may read it: ls -l {target}")
    if data is None:
        return _absent(place, target)
    document = said(data)
    if document is not None:
        return Contents(place, target, FileState.PRESENT, data, digest(data), document)
    return _closely(place, target, data)


def _closely(place: Path, target: Path, data: bytes) -> Contents:
    """Return what a file says that is not plainly good: what is wrong with it, and where."""
    from keeplit.core.json_text import NotEditable, decode, parse  # late: most files are good

    try:
        document = Said(parse(decode(data)).value)
    except NotEditable as wrong:
        fault = f"{place}, {wrong.sentence}"
        return Contents(place, target, FileState.BROKEN, data, digest(data), None, fault, CORRECT)
    return Contents(place, target, FileState.PRESENT, data, digest(data), document)


def _absent(place: Path, target: Path) -> Contents:
    if place.is_symlink():
        fault = f"{place} is a link to {target}, and there is no such file"
        return Contents(place, target, FileState.ABSENT, fault=fault, fix=f"put that file back, or remove {place}")
    return Contents(place, target, FileState.ABSENT)


def _closed(place: Path, target: Path, fault: str, fix: str) -> Contents:
    return Contents(place, target, FileState.CLOSED, fault=fault, fix=fix)


def _target(place: Path) -> Path:
    """Return the file that a chain of links leads to, in its real folder. Raises OSError, ELOOP for a circle."""
    at = os.fspath(place)
    for _ in range(MOST_LINKS):
        folder, name = os.path.split(at)
        at = os.path.join(os.path.realpath(folder), name)  # noqa: PTH118  # `..` of a link counts from its real folder
        if not os.path.islink(at):  # noqa: PTH114  # Path.is_symlink raises where a folder above is closed to us
            return Path(at)
        at = os.path.join(os.path.dirname(at), os.readlink(at))  # noqa: PTH115, PTH118, PTH120
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), os.fspath(place))
