"""The published status as an interface shows it: read, made whole, and true also where its daemon is gone.

Law: the file is the daemon's word, and only a daemon that lives keeps it; without one, nothing in it is to come.
"""

import json
from datetime import datetime
from typing import cast, get_type_hints, is_typeddict

from keeplit import __version__
from keeplit.adapters import files
from keeplit.adapters.paths import Paths
from keeplit.core.face import unkept
from keeplit.core.view import (
    SCHEMA,
    DaemonStatus,
    NoticeStatus,
    SessionStatus,
    SettingsStatus,
    Status,
    TroubleStatus,
)
from keeplit.engine.living import is_running

MOST_BYTES = 4 << 20
NOTHING: Status = {
    "schema": SCHEMA,
    "daemon": {"running": False, "version": __version__},
    "paused_until": None,
    "profile": "",
    "region": "",
    "model": "",
    "sessions": [],
    "settings": {"path": "", "state": "unmanaged", "missing": [], "shadowed": []},
    "troubles": [],
    "answers": [],
    "notices": [],
}


def read(paths: Paths, now: datetime) -> Status:
    """Return the status of this moment; where nobody has published a whole one, that nothing is kept."""
    found = _whole(paths)
    return found if found is not None and is_running(paths) else unkept(found or NOTHING, now)


def _whole(paths: Paths) -> Status | None:
    try:
        document = json.loads(files.read_own(paths.status, MOST_BYTES) or b"")
    except (files.FileTrouble, ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        return None
    try:
        return cast("Status", _filled(document))
    except (TypeError, ValueError, LookupError):
        return None


def _filled(document: dict[str, object]) -> dict[str, object]:
    """Return a status with every key that we know; one of an older daemon may lack some. Raises where it is none."""
    return {
        **NOTHING,
        **_of(Status, {"notices": [], **document}),
        "daemon": _of(DaemonStatus, document["daemon"]),
        "settings": _of(SettingsStatus, document["settings"]),
        "sessions": [_of(SessionStatus, one) for one in _list(document["sessions"])],
        "troubles": [_of(TroubleStatus, one) for one in _list(document["troubles"])],
        "notices": [_of(NoticeStatus, one) for one in _list(document.get("notices", []))],
    }


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _of(kind: type, value: object) -> dict[str, object]:
    """Return an object of the status, each key of the type that it is to have. Raises `TypeError`, `ValueError`."""
    if not isinstance(value, dict):
        raise TypeError
    found: dict[str, object] = {}
    for key, hint in get_type_hints(kind).items():
        member = value.get(key)
        wanted = dict if is_typeddict(hint) else getattr(hint, "__origin__", hint)
        if member is None and not isinstance(None, wanted):
            raise ValueError(key)
        if not isinstance(member, wanted):
            raise TypeError(key)
        found[key] = member
    return found
