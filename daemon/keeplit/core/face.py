"""What the flame shows for a published status: its face, the share of its ring, its tooltip. Pure."""

from datetime import datetime, timedelta
from typing import Literal

from keeplit.core.flame import Face
from keeplit.core.labels import name, tip
from keeplit.core.model import Kind
from keeplit.core.view import SessionStatus, Status
from keeplit.core.words import STATES, as_told, both_clocks, parse_time

TOKEN_LIFE = {Kind.SSO_SESSION: timedelta(hours=1), Kind.LEGACY: timedelta(hours=8)}
FACES = {
    "fresh": Face.FRESH,
    "renewing": Face.RENEWING,
    "sign_in_soon": Face.SOON,
    "signing_in": Face.SOON,
    "signed_out": Face.SIGNED_OUT,
    "unknown": Face.TROUBLE,
}
# The sessions that need a person most come first.
URGENCY = ("signed_out", "signing_in", "sign_in_soon", "unknown", "renewing", "fresh")
# Troubles that say in words what the state of a session shows anyway.
SHOWN_BY_STATE = frozenset({"signed_out", "session_over", "ends_soon", "token_rejected"})
NOT_RUNNING = "keeplit is not running: nothing is renewed"
SECONDS_SAID = timedelta(minutes=1)
Shown = Literal["next_action_at", "access_expires_at"]
MARKING = frozenset({"error", "warning"})


def unkept(status: Status, now: datetime) -> Status:
    """Return the last status of a daemon that is gone as it is true now: nothing is to come, and tokens end."""
    left = as_told({**status, "daemon": {**status["daemon"], "running": False}})
    return {**left, "sessions": [_unkept(session, now) for session in left["sessions"]], "paused_until": None}


def _unkept(session: SessionStatus, now: datetime) -> SessionStatus:
    expires = parse_time(session["access_expires_at"])
    over = session["state"] == "signing_in" or expires is None or expires <= now
    return {**session, "state": "signed_out" if over else session["state"]}


def main_session(status: Status) -> SessionStatus | None:
    """Return the session that the flame stands for: the current profile's, else the one that needs a person most."""
    mine = next((session for session in status["sessions"] if status["profile"] in session["profiles"]), None)
    return mine or min(status["sessions"], key=_urgency, default=None)


def _urgency(session: SessionStatus) -> int:
    return URGENCY.index(session["state"]) if session["state"] in URGENCY else 0


def face_of(status: Status, now: datetime) -> Face:
    """Return the face for a status at `now` (aware UTC)."""
    if not status["daemon"]["running"]:
        return Face.NOT_RUNNING
    if is_paused(status, now):
        return Face.PAUSED
    session = main_session(status)
    face = Face.SIGNED_OUT if session is None else FACES.get(session["state"], Face.TROUBLE)
    marked = any(t["severity"] in MARKING and t["code"] not in SHOWN_BY_STATE for t in status["troubles"])
    return Face.TROUBLE if marked and face in {Face.FRESH, Face.RENEWING} else face


def is_paused(status: Status, now: datetime) -> bool:
    """Whether a status says that nothing is opened or told."""
    until = parse_time(status["paused_until"])
    return until is not None and until > now


def share_left(status: Status, now: datetime) -> float | None:
    """Return what is left of the sign-in, 0 to 1; of the token where the sign-in's end or beginning is not known."""
    session = main_session(status)
    if session is None:
        return None
    began, end = parse_time(session["signed_in_at"]), parse_time(session["session_ends_at"])
    if began is not None and end is not None and end > began:
        return _within((end - now) / (end - began))
    expires = parse_time(session["access_expires_at"])
    life = TOKEN_LIFE[Kind.LEGACY if session["kind"] == Kind.LEGACY else Kind.SSO_SESSION]
    return None if expires is None else _within((expires - now) / life)


def _within(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def tooltip(status: Status, now: datetime, utc_offset: timedelta) -> str:
    """Return the flame's tooltip, on one line."""
    if not status["daemon"]["running"]:
        return NOT_RUNNING
    session = main_session(status)
    if session is None:
        return "keeplit: no session is in use"
    called = name(status["profile"] or session["name"])
    said = f"{called}: {STATES.get(session['state'], session['state'])} · {both_clocks(session, now, utc_offset)}"
    return tip(f"paused · {said}" if is_paused(status, now) else said)


def turn_of_things(status: Status) -> tuple[object, ...]:
    """Return what differs once things took a turn, so that what a click came to before is no news any more."""
    lit = tuple((one["name"], one["state"] not in {"signed_out", "signing_in"}) for one in status["sessions"])
    return status["daemon"]["running"], lit


def counts_seconds(status: Status, now: datetime) -> bool:
    """Whether a time that is shown is said in seconds, so that it differs from one to the next."""
    keys: tuple[Shown, ...] = ("next_action_at", "access_expires_at")
    times = (parse_time(session[key]) for session in status["sessions"] for key in keys)
    return any(at is not None and abs(at - now) < SECONDS_SAID for at in times)
