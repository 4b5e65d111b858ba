"""Tests of the row that Claude Code shows: short while all is well, with a clock only when it matters."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.statusline import DIM, NOT_RUNNING, OTHER_VERSION, PLAIN, RED, YELLOW, beside, row

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HERE = timedelta(hours=1)
LOGIN = "keeplit login in a terminal, or the tray"


def at(minutes: float) -> str:
    """Return the time so many minutes from now, as a status has it."""
    return f"{NOW + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def session(state: object = "fresh", **more: Any) -> dict[str, Any]:
    """Return a session of a status."""
    told = {"name": "acme", "state": state, "access_expires_at": at(50), "session_ends_at": at(300)}
    return {**told, "session_ends_known": "known", "profiles": ["work"], **more}


def status(*sessions: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a status with these sessions."""
    return {"profile": "work", "paused_until": None, "settings": {"state": "ok"}, "sessions": [*sessions], **more}


def said(document: dict[str, Any] | None) -> str:
    """Return the row without colours and without the flame."""
    return row(document, NOW, HERE, colours=False)[2:]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (status(session()), "work"),
        (status(session(session_ends_at=None)), "work"),
        (status(session("renewing")), "work"),
        (status(session("renewing", access_expires_at=at(4.5))), "work · renewing, 4 min left"),
        (status(session("renewing", access_expires_at=at(0.5))), "work · renewing, under a minute left"),
        (status(session(session_ends_at=at(45))), "work · sign-in ends 13:45, in 45 min"),
        (
            status(session(session_ends_at=at(20), session_ends_known="estimated")),
            "work · sign-in ends about 13:20, in 20 min",
        ),
        (status(session("sign_in_soon", access_expires_at=at(12))), f"work · sign in within 12 min: {LOGIN}"),
        (status(session("sign_in_soon", access_expires_at=at(150))), f"work · sign in within 2 h 30 min: {LOGIN}"),
        (status(session("sign_in_soon", access_expires_at=None)), f"work · sign in: {LOGIN}"),
        (status(session("signing_in")), "work · signing in: look at your browser"),
        (status(session("signed_out", access_expires_at=None)), f"work · signed out: {LOGIN}"),
        (status(session(access_expires_at=at(-1))), f"work · signed out: {LOGIN}"),
        (status(session("unknown", access_expires_at=None)), "work · token not readable just now"),
        (status(session("of a later version")), "work"),
        (status(session(), paused_until=at(20)), "work · paused"),
        (status(session(), paused_until=at(-20)), "work"),
        (status(session(), settings={"state": "damaged"}), "work · settings damaged: keeplit repair"),
        (status(session(), settings=None), "work"),
        (
            status(session("signed_out"), settings={"state": "unreadable"}),
            f"work · signed out: {LOGIN} · settings unreadable: keeplit repair",
        ),
        (status(), "work · nothing to keep: keeplit status"),
        (status(profile="", sessions=None), "keeplit · nothing to keep: keeplit status"),
        (status(session(), profile=""), "acme"),
        (status(session(state=[]), settings={"state": {}}), "work"),
        (status(session(session_ends_at=at(45), session_ends_known=[])), "work · sign-in ends 13:45, in 45 min"),
        (status(session(access_expires_at="soon", session_ends_at="2026-11-21T12:30:00")), "work"),
        ({}, OTHER_VERSION),
        (None, NOT_RUNNING),
    ],
)
def test_what_is_said(told: dict[str, Any] | None, expected: str) -> None:
    """Each state of things in its words; the clock of a place one hour east of Greenwich."""
    assert said(told) == expected


def test_the_session_of_claudes_profile_comes_first() -> None:
    """Another session that is worse off is not what Claude Code lives on."""
    other = session("signed_out", name="beta", profiles=["play"])
    assert said(status(other, session())) == "work"


@pytest.mark.parametrize("profile", ["elsewhere", "", None])
def test_another_session_is_called_by_its_own_name(profile: str | None) -> None:
    """Claude Code's profile signs in by none that is kept, so a sign-in without a name would not mean this one."""
    other = session("signed_out", name="beta", profiles=["play"])
    expected = "beta · signed out: keeplit login --session=beta in a terminal, or the tray"
    assert said(status(other, session(), profile=profile)) == expected
    for name in ("be ta", "o'brien", "a$b", "my-own_1"):
        typed = said(status(session("signed_out", name=name, profiles=None), profile=profile))
        command = typed.partition("signed out: ")[2].removesuffix(" in a terminal, or the tray")
        assert shlex.split(command) == ["keeplit", "login", f"--session={name}"]


@pytest.mark.parametrize(
    ("told", "colour"),
    [
        (status(session()), DIM),
        (status(session(session_ends_at=at(45))), DIM),
        (status(session(session_ends_at=at(25))), YELLOW),
        (status(session(), settings={"state": "damaged"}), YELLOW),
        (status(session("signed_out"), settings={"state": "damaged"}), RED),
        (None, RED),
    ],
)
def test_colours_follow_how_much_it_matters(told: dict[str, Any] | None, colour: str) -> None:
    """Dim while all is well; the colour ends with the row."""
    shown = row(told, NOW, HERE)
    assert (shown.startswith(colour), shown.endswith(PLAIN)) == (True, True)


@given(st.text())
def test_it_is_one_row_without_control_characters(name: str) -> None:
    """A name of any kind adds no row and no escape of its own."""
    shown = row(status(session(name=name), profile=""), NOW, HERE, colours=False)
    assert len(shown.splitlines()) == 1
    assert not any(ord(one) < 32 or 0x7F <= ord(one) < 0xA0 for one in shown)


def test_beside_a_persons_own_rows() -> None:
    """Ours begins their first row, the others stay as they are; nothing of theirs leaves ours alone."""
    assert beside("ours", "\n\x1b[32mtheirs\x1b[0m main\nsecond\n") == "ours  \x1b[32mtheirs\x1b[0m main\nsecond"
    assert beside("ours", " \n") == "ours"
