"""One published status, in which a test changes what it is about: acme at noon, signed in, the daemon runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from keeplit.core.view import SessionStatus, Status, TroubleStatus, rfc3339
from tests.core.drawn import NOON

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def at(after: timedelta) -> str:
    """Return a time after noon as the status writes it."""
    return str(rfc3339(NOON + after))


def session(name: str = "acme", **changes: Any) -> SessionStatus:
    """Return a session that is signed in, with 34 minutes of its token left."""
    found: Any = {
        "name": name,
        "start_url": "https://acme.awsapps.com/start",
        "kind": "sso-session",
        "state": "fresh",
        "access_expires_at": at(34 * MINUTE),
        "refreshable": True,
        "session_ends_at": None,
        "session_ends_known": "unknown",
        "signed_in_at": None,
        "next_action": "refresh",
        "next_action_at": at(12 * MINUTE),
        "profiles": ["work"],
    }
    return found | changes  # type: ignore[no-any-return]


def trouble(**changes: Any) -> TroubleStatus:
    """Return a warning."""
    found: Any = {"code": "odd", "severity": "warning", "title": "Odd", "detail": "It is odd.", "fix": "keeplit logs"}
    return found | changes  # type: ignore[no-any-return]


def status(*sessions: SessionStatus, running: bool = True, **changes: Any) -> Status:
    """Return a status with these sessions; acme where none are given."""
    found: Any = {
        "schema": 1,
        "daemon": {"running": running, "version": "0.1.0"},
        "paused_until": None,
        "profile": "work",
        "region": "us-east-1",
        "model": "",
        "sessions": list(sessions) or [session()],
        "settings": {"path": "/home/sam/.claude/settings.json", "state": "ok", "missing": [], "shadowed": []},
        "troubles": [],
        "answers": [],
        "notices": [],
    }
    return found | changes  # type: ignore[no-any-return]
