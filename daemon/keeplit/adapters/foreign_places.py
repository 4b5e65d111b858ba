"""Places of others that a check looks at: a shell's startup files, an editor's settings, folders of old advice.

Law: read only, and a few small files; what cannot be read counts as not there.
"""

import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from keeplit.adapters import files

MOST_BYTES = 1 << 20
STARTUP = (
    *(".profile", ".bash_profile", ".bash_login", ".bashrc", ".bash_aliases", ".zshenv", ".zprofile", ".zshrc"),
    *(".zlogin", ".config/fish/config.fish", ".envrc", ".pam_environment"),
)
SYSTEM = ("/etc/environment", "/etc/profile", "/etc/zsh/zshenv", "/etc/bash.bashrc")
SETS = re.compile(
    r"^\s*(?:export\s+|declare\s+-x\s+|typeset\s+-x\s+|setenv\s+|set\s+-\w*x\w*\s+|\$env:)?([A-Z_][A-Z0-9_]*)"
)
AFTER = re.compile(r"\s*=|\s+\S")
EDITORS = ("Code", "Code - Insiders", "VSCodium", "Cursor")
FOLDERS = (
    ".config/claude-code",
    "Library/Application Support/claude-code",
    "AppData/Roaming/claude-code",
)
COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
LAST_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])', re.DOTALL)
CONTAINERS = ("/.dockerenv", "/run/.containerenv")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a startup file, and the variable that it sets, if any; its text may be secret."""

    path: str
    number: int
    text: str = field(repr=False)
    sets: str = ""


@dataclass(frozen=True, slots=True)
class Editor:
    """The settings of VS Code or one of its kin, parsed; None where they cannot be."""

    path: str
    settings: Mapping[str, object] | None = field(repr=False)


def startup_lines(home: Path, system: tuple[str, ...] = SYSTEM) -> tuple[Line, ...]:
    """Return the lines of the shells' startup files that are no comments, in the order in which shells read them."""
    return tuple(
        Line(str(place), number, line, _set_by(line))
        for place in (*(home / name for name in STARTUP), *map(Path, system))
        for number, line in enumerate(_text(place).decode(errors="replace").splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    )


def _set_by(line: str) -> str:
    found = SETS.match(line)
    return found[1] if found is not None and AFTER.match(line, found.end()) else ""


def comments(place: Path) -> tuple[tuple[int, str], ...]:
    """Return the lines of an AWS config that are comments, with their numbers."""
    lines = enumerate(_text(place).decode(errors="replace").splitlines(), 1)
    return tuple((number, line) for number, line in lines if line[:1] in {"#", ";"})


def editors(home: Path, environ: Mapping[str, str]) -> tuple[Editor, ...]:
    """Return the settings of the editors that have some."""
    places = [_editor_folder(home, environ) / editor / "User" / "settings.json" for editor in EDITORS]
    return tuple(Editor(str(place), parsed(text)) for place in places if (text := _text(place)))


def parsed(text: bytes) -> Mapping[str, object] | None:
    """Return an object of JSON in which comments and commas at the end are allowed, as editors take it."""
    plain = COMMENT.sub(lambda found: found[1] or "", text.decode(errors="replace"))
    try:
        document = json.loads(LAST_COMMA.sub(lambda found: found[1] or "", plain))
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _editor_folder(home: Path, environ: Mapping[str, str]) -> Path:
    if sys.platform == "darwin":
        return home / "Library" / "Application Support"
    if sys.platform == "win32":
        return Path(environ.get("APPDATA") or home / "AppData" / "Roaming")
    moved = environ.get("XDG_CONFIG_HOME", "")
    return Path(moved) if moved.startswith("/") else home / ".config"


def folders(home: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the folders that old advice names, and no Claude Code reads."""
    appdata = environ.get("APPDATA", "")
    places = [home / name for name in FOLDERS] + ([Path(appdata) / "claude-code"] if appdata else [])
    return tuple(dict.fromkeys(str(place) for place in places if os.path.isdir(place)))  # noqa: PTH112  # see files


def in_container(environ: Mapping[str, str], marks: tuple[str, ...] = CONTAINERS) -> bool:
    """Whether this is a container, as Docker, Podman, Kubernetes and development containers say it."""
    said = ("KUBERNETES_SERVICE_HOST", "REMOTE_CONTAINERS", "CODESPACES", "container")
    return any(environ.get(name) for name in said) or any(map(os.path.lexists, marks))


def _text(place: Path) -> bytes:
    try:
        return files.read(place, MOST_BYTES) or b""
    except (files.FileTrouble, ValueError):
        return b""
