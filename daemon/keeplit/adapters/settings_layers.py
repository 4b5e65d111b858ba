"""The files of Claude Code's settings that stand above and beside the user's: found, and read. Never written.

Law: what cannot be read is a problem with its line and column, and an empty layer, never an error. The working folder
is the project, as it is for Claude Code, which looks in no folder above it. What Claude Code is given by a server, a
device management or its own command line is not seen here.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from keeplit.adapters import clock, files
from keeplit.core.folders import managed_folder
from keeplit.core.model import Problem
from keeplit.core.settings_model import ENV

if TYPE_CHECKING:
    from keeplit.core.layers import Layer

MOST_BYTES = 2 << 20
BOM = b"\xef\xbb\xbf"
TOP = ("model", "awsAuthRefresh", "awsCredentialExport")
STATUS_LINE = "statusLine"  # an object: of its members the command alone is taken, as a text
HOOKS_OFF = "disableAllHooks"  # a switch, taken as the text of its JSON
MANAGED_FOLDER = Path(managed_folder(sys.platform))
SETTLED_SECONDS = 2.0  # a younger file may change once more within the grain of its time
_kept: dict[Path, tuple[tuple[list[Path], tuple[tuple[int, ...], ...]], "Layers"]] = {}
FIX = "correct it, or ask whoever manages it: Claude Code cannot read it either"


@dataclass(frozen=True, slots=True)
class Layers:
    """What was read, the strongest layer first, and what could not be."""

    layers: "tuple[Layer, ...]" = ()
    problems: tuple[Problem, ...] = ()


def managed(folder: Path | None = None) -> Layers:
    """Return the managed files: each drop-in, by its name, wins over those before it, and over the main file.

    A reading is kept while no file changes: a daemon looks twice a minute.
    """
    folder = folder or MANAGED_FOLDER
    try:
        names = sorted(name for name in os.listdir(folder / "managed-settings.d") if _drop_in(name))  # noqa: PTH208
    except OSError:
        names = []
    paths = [folder / "managed-settings.json", *(folder / "managed-settings.d" / name for name in names)]
    key = tuple(map(_seen, paths))
    if folder in _kept and _kept[folder][0] == (paths, key):
        return _kept[folder][1]
    found = _read([("managed", path) for path in reversed(paths)])
    newest = max((max(one[:2]) for one in key if one), default=0)
    if not found.problems and clock.now().timestamp() - newest / 1e9 > SETTLED_SECONDS:
        _kept[folder] = ((paths, key), found)
    return found


def _seen(path: Path) -> tuple[int, ...]:
    """Return what tells one state of a file from another; empty for one that is not there."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev, found.st_mode)


def of_project(working_folder: Path | None, user: Path) -> Layers:
    """Return the project's local file, the project's, and the user's; in the home folder the last two are one."""
    places: list[tuple[str, Path]] = []
    if working_folder is not None:
        project = working_folder / ".claude"
        places = [("local", project / "settings.local.json"), ("project", project / "settings.json")]
    return _read([*((level, path) for level, path in places if not same(path, user)), ("user", user)])


def one(path: Path) -> Layers:
    """Return a file that is in none of the usual places."""
    return _read([("user", path)])


def same(path: Path, other: Path) -> bool:
    """Whether two paths lead to one file."""
    return path == other or os.path.realpath(path) == os.path.realpath(other)


def shell(environ: Mapping[str, str]) -> "Layer":
    """Return the shell's environment as a layer."""
    from keeplit.core.layers import Layer, Level

    return Layer(Level.SHELL, "", {f"{ENV}{name}": value for name, value in environ.items()})


def _drop_in(name: str) -> bool:
    return name.endswith(".json") and not name.startswith(".")


def _read(places: Sequence[tuple[str, Path]]) -> Layers:
    found: list[tuple[str, Path, dict[str, str]]] = []
    problems: list[Problem] = []
    for level, path in places:
        values, wrong = _texts(path)
        if values is not None:
            found.append((level, path, values))
        problems += (Problem("settings_layer", sentence, FIX, str(path)) for sentence in wrong)
    if not found:
        return Layers()
    from keeplit.core.layers import Layer, Level  # late: most machines have no managed settings

    return Layers(tuple(Layer(Level(level), str(path), values) for level, path, values in found), tuple(problems))


def _texts(path: Path) -> tuple[dict[str, str] | None, list[str]]:
    """Return the texts of a file by key, None where there is no such file; and what is wrong with it, in sentences."""
    try:
        data = files.read(path, MOST_BYTES)
    except files.FileTrouble as trouble:
        return {}, [f"{trouble}."]
    if data is None:
        return None, []
    data = data.removeprefix(BOM)
    try:
        document = json.loads(data.decode(), parse_int=float, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        line, column = data.count(b"\n", 0, error.start) + 1, error.start - data.rfind(b"\n", 0, error.start)
        return {}, [f"{path}, line {line}, column {column}: this is not UTF-8."]
    except json.JSONDecodeError as error:
        return {}, [f"{path}, line {error.lineno}, column {error.colno}: this is not JSON ({error.msg})."]
    except ValueError as error:
        return {}, [f"{path}: {error}."]
    except RecursionError:
        return {}, [f"{path}: it is nested too deeply."]
    if not isinstance(document, dict):
        return {}, [f"{path}, line 1, column 1: it is not one JSON object."]
    env = document.get("env", {})
    members = {f"{ENV}{name}": value for name, value in env.items()} if isinstance(env, dict) else {}
    members |= {name: document[name] for name in TOP if name in document}
    row = document.get(STATUS_LINE)
    if isinstance(row, dict) and isinstance(row.get("command"), str):
        members[STATUS_LINE] = row["command"]
    if isinstance(document.get(HOOKS_OFF), bool):
        members[HOOKS_OFF] = json.dumps(document[HOOKS_OFF])
    wrong = [f'{path}: "{key.removeprefix(ENV)}" is no text.' for key, value in members.items() if _odd(value)]
    if not isinstance(env, dict):
        wrong.append(f'{path}: "env" is no object.')
    return {key: value for key, value in members.items() if not _odd(value)}, wrong


def _odd(value: object) -> bool:
    return not isinstance(value, str)


def _no_number(spelled: str) -> NoReturn:
    raise ValueError(f"{spelled} is no number of JSON")
