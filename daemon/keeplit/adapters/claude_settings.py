"""Claude Code's settings file, read only: where it is, and the profile that it names."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from keeplit.adapters import files

MOST_BYTES = 2 << 20


def path(environ: Mapping[str, str], setting: str = "user") -> Path:
    """Return the settings file that is kept: the user's (``CLAUDE_CONFIG_DIR`` counts), or the one `setting` names."""
    if setting not in {"", "user"}:
        return _expanded(setting)
    moved = environ.get("CLAUDE_CONFIG_DIR")
    folder = _expanded(moved) if moved else _expanded(environ.get("HOME") or "~") / ".claude"
    return folder / "settings.json"


def _expanded(place: str) -> Path:
    return Path(os.path.expanduser(place))  # noqa: PTH111  # Path's own raises for a user that is not known


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
