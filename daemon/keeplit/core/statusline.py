"""The row that `keeplit statusline` gives Claude Code, made of the published status. Pure, and imports next to nothing.

Law: it is short while all is well, a clock stands in it only when it matters, and what a person has to do is said with
the command. Claude Code shows it next to whatever else a person's own status line prints, so it is one row, always.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

FLAME = "\N{FIRE}"
NEAR = timedelta(minutes=60)  # from here on a person wants to know when the sign-in ends
CLOSE = timedelta(minutes=30)
TOKEN_NEAR = timedelta(minutes=5)
ROW_BREAKS = dict.fromkeys((*range(32), *range(0x7F, 0xA0), 0x2028, 0x2029), " ")
RED, YELLOW, DIM, PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[0m"
WORST_FIRST = ("signed_out", "signing_in", "sign_in_soon", "unknown", "renewing", "fresh")
LOGIN = "keeplit login{named} in a terminal, or the tray"
INSIDE = "KEEPLIT_STATUSLINE"
"""Set for a person's own command: a keeplit in it prints its row alone, else both would run each other without end."""
OTHER_VERSION = "what the daemon publishes is of another version: keeplit status"
NOT_RUNNING = "keeplit is not running: keeplit doctor"
ESTIMATED = ("estimated", "learned")


def row(status: Mapping[str, object] | None, now: datetime, utc_offset: timedelta, *, colours: bool = True) -> str:
    """Return the row for a published status (None: no daemon lives, empty: not readable) at `now` (aware UTC)."""
    colour, words = _said(status, now, utc_offset)
    text = f"{FLAME} {words}".translate(ROW_BREAKS)
    return f"{colour}{text}{PLAIN}" if colours else text


def _said(status: Mapping[str, object] | None, now: datetime, utc_offset: timedelta) -> tuple[str, str]:
    if status is None:
        return RED, NOT_RUNNING
    if not status:
        return YELLOW, OTHER_VERSION
    session = _session(status)
    if session is None:
        return DIM, f"{status.get('profile') or 'keeplit'} · nothing to keep: keeplit status"
    name = str(status.get("profile") if _is_own(status, session) else session.get("name"))
    colour, words = _clocks(status, session, now, utc_offset)
    paused = _time(status.get("paused_until"))
    if paused is not None and paused > now and colour == DIM:
        words = "paused"
    settings = status.get("settings")
    state = settings.get("state") if isinstance(settings, Mapping) else ""
    if state in ("damaged", "unreadable"):  # of a set it would have to be hashable
        colour, words = colour if colour == RED else YELLOW, f"{words} · settings {state}: keeplit repair".lstrip(" ·")
    return colour, f"{name} · {words}" if words else name


def named(status: Mapping[str, object]) -> str:
    """Return the option that names the session that counts; empty where Claude Code's profile means it anyway."""
    session = _session(status)
    if session is None or _is_own(status, session):
        return ""
    name = str(session.get("name"))
    if name.isascii() and name.replace("-", "_").isidentifier():
        return f" --session={name}"
    return " --session='" + name.replace("'", "'\\''") + "'"  # shlex would take as long as all the rest


def clock_of(
    status: Mapping[str, object],
) -> tuple[str, object, datetime | None, datetime | None, object] | None:
    """Return name, state, both clocks and the certainty of the session that counts; None where none is kept."""
    session = _session(status)
    if session is None:
        return None
    token, end = _time(session.get("access_expires_at")), _time(session.get("session_ends_at"))
    return str(session.get("name")), session.get("state"), token, end, session.get("session_ends_known")


def _session(status: Mapping[str, object]) -> Mapping[str, object] | None:
    """Return the session of Claude Code's profile, else the one that is worst off."""
    given = status.get("sessions")
    sessions = [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []
    own = [one for one in sessions if _is_own(status, one)]
    return min(own or sessions, key=_badness, default=None)


def _is_own(status: Mapping[str, object], session: Mapping[str, object]) -> bool:
    """Whether Claude Code's profile signs in by a session."""
    profiles = session.get("profiles")
    return isinstance(profiles, list) and status.get("profile") in profiles


def _badness(session: Mapping[str, object]) -> int:
    state = session.get("state")
    return WORST_FIRST.index(state) if state in WORST_FIRST else len(WORST_FIRST)


def _clocks(
    status: Mapping[str, object], session: Mapping[str, object], now: datetime, utc_offset: timedelta
) -> tuple[str, str]:
    """Return a colour, and what is to be known of the two clocks: mostly nothing."""
    state = session.get("state")
    token, end = _time(session.get("access_expires_at")), _time(session.get("session_ends_at"))
    about = "about " if session.get("session_ends_known") in ESTIMATED else ""
    if state == "signed_out" or (token is not None and token <= now):
        return RED, f"signed out: {LOGIN.format(named=named(status))}"
    if state == "signing_in":
        return YELLOW, "signing in: look at your browser"
    if state == "sign_in_soon":
        left = f" within {_span(token - now)}" if token is not None else ""
        return YELLOW, f"sign in{left}: {LOGIN.format(named=named(status))}"
    if end is not None and now < end <= now + NEAR:
        words = f"sign-in ends {about}{end + utc_offset:%H:%M}, in {_span(end - now)}"
        return YELLOW if end - now <= CLOSE else DIM, words
    if state == "renewing" and token is not None and token - now <= TOKEN_NEAR:
        return YELLOW, f"renewing, {_span(token - now)} left"
    return (YELLOW, "token not readable just now") if state == "unknown" else (DIM, "")


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    if minutes >= 120:  # noqa: PLR2004  # as everywhere: two hours are still said in minutes
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes} min" if minutes else "under a minute"


def _time(text: object) -> datetime | None:
    """Return a time of the status; None for null, and for what is no time with a zone."""
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def beside(own: str, theirs: str) -> str:
    """Return our row with the rows of a person's own status line: ours begins the first of them."""
    rows = [line for line in theirs.splitlines() if line.strip()]
    return "\n".join([f"{own}  {rows[0]}", *rows[1:]]) if rows else own
