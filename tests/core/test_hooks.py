"""Tests of what is said and done at Claude Code's hooks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keeplit.core.hooks import at_start, of_credentials

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def at(minutes: float) -> str:
    """Return the time so many minutes from now."""
    return f"{NOW + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def status(state: str = "fresh", token: float | None = 50, end: float | None = 300, known: str = "known") -> Any:
    """Return a status of one session whose clocks end so many minutes from now."""
    session = {
        "name": "acme",
        "state": state,
        "profiles": ["work"],
        "access_expires_at": None if token is None else at(token),
        "session_ends_at": None if end is None else at(end),
        "session_ends_known": known,
    }
    return {"profile": "work", "sessions": [session]}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (status(), ""),
        (status(end=None), ""),
        (status(end=31), ""),
        (status(end=-1), ""),
        (status("renewing", token=3), ""),
        (status("sign_in_soon", token=45), ""),
        (status("sign_in_soon", token=None), ""),
        (status(end=30), "keeplit: the sign-in of acme ends 13:30, in 30 min. A new day: keeplit extend"),
        (
            status(end=0.5, known="estimated"),
            "keeplit: the sign-in of acme ends about 13:00, in 1 min. A new day: keeplit extend",
        ),
        (
            status("sign_in_soon", token=20),
            "keeplit: acme needs a sign-in within 20 min. In a terminal: keeplit login",
        ),
        (status("signed_out", token=None), "keeplit: signed out of acme. In a terminal: keeplit login"),
        (status(token=-1), "keeplit: signed out of acme. In a terminal: keeplit login"),
        ({"profile": "work", "sessions": []}, ""),
        (None, ""),
    ],
)
def test_what_is_said_at_a_start(told: Any, expected: str) -> None:
    """Nothing while all is well; under 30 minutes one sentence with the next step; clocks one hour east."""
    assert at_start(told, NOW, timedelta(hours=1)) == expected


def test_a_name_cannot_steer_the_terminal() -> None:
    """Claude Code shows the sentence as it is."""
    told = status("signed_out", token=None)
    told["sessions"][0]["name"] = "ac\x1b[31m\nme"
    assert at_start(told, NOW, timedelta(0)) == "keeplit: signed out of ac [31m me. In a terminal: keeplit login"


@pytest.mark.parametrize(
    ("told", "command"),
    [
        (status("signed_out", token=None), "keeplit login --session=acme"),
        (status("sign_in_soon", token=20), "keeplit login --session=acme"),
        (status(end=20), "keeplit extend --session=acme"),
    ],
)
def test_a_session_that_is_not_the_profiles_is_named(told: Any, command: str) -> None:
    """Without its name the command would mean the profile of Claude Code's settings."""
    assert at_start(told | {"profile": "keys"}, NOW, timedelta(0)).endswith(f": {command}")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"hook_event_name": "StopFailure", "error": "authentication_failed"}, True),
        ({"error_type": "authentication_failed", "error": "403"}, True),
        ({"error": "rate_limit"}, False),
        ({"error_type": "server_error", "error": "500"}, False),
        ({"error": None}, True),
        ({}, True),
        ([], True),
        (None, True),
    ],
)
def test_whether_a_turn_died_of_its_credentials(given: Any, expected: object) -> None:
    """By the kind, wherever a version names it; what does not say is looked after as well."""
    assert of_credentials(given) is expected
