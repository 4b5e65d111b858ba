"""How times, states and notices are said to a person. Pure; the only place where "in 12 min" is made.

Law: every sentence is made from the published status and the time of showing, so each interface says the same.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import assert_never

from keeplit.core.buttons import KEEP, RESTORE, SHOW
from keeplit.core.deeds import Action, Do, Notice
from keeplit.core.memory import Unshown
from keeplit.core.sign_in_flow import Page
from keeplit.core.view import SessionStatus, Status, TroubleStatus

CODE = re.compile(r"[A-Za-z0-9-]{4,20}")

STATES = {
    "fresh": "signed in",
    "renewing": "renewing",
    "sign_in_soon": "sign in soon",
    "signing_in": "signing in: look at your browser",
    "signed_out": "signed out",
    "unknown": "not readable just now",
}
ACTIONS = {
    "refresh": "renews itself",
    "bridge": "takes fresh role credentials",
    "sign_in": "opens the sign-in",
    "extend": "extends the day",
    "notify": "tells you",
    "logout": "signs out",
    "edit_settings": "repairs the settings",
}
COLOURS = {
    "fresh": "green",
    "renewing": "cyan",
    "sign_in_soon": "yellow",
    "signing_in": "yellow",
    "signed_out": "red",
    "unknown": "magenta",
}
OF_A_DAEMON = frozenset({"presence_unknown"})  # troubles in what a daemon does unasked
CERTAIN = {"known": "", "learned": " (learned)", "estimated": " (estimated)", "unknown": ""}


def parse_time(text: str | None) -> datetime | None:
    """Return an RFC 3339 time of a status as an aware datetime; None for null or what is no time."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def span(length: timedelta) -> str:
    """Return a length of time as a person says it: "45 s", "34 min", "3 h 05 min", "12 days"."""
    seconds = max(0, round(length.total_seconds()))
    if seconds < 60:  # noqa: PLR2004  # a minute
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 120:  # noqa: PLR2004  # two hours are still said in minutes
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:  # noqa: PLR2004  # two days are still said in hours
        return f"{hours} h {rest:02d} min"
    return f"{hours // 24} days"


def clock_time(at: datetime, now: datetime, utc_offset: timedelta) -> str:
    """Return a local wall-clock time, with the day where it is not today."""
    local = at + utc_offset
    today = (now + utc_offset).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%a %d %b %H:%M}"


def both_clocks(session: SessionStatus, now: datetime, utc_offset: timedelta) -> str:
    """Return both clocks of a session in one line: "renews itself in 34 min · sign-in ends 17:40 (estimated)"."""
    parts: list[str] = []
    action, at = session["next_action"], parse_time(session["next_action_at"])
    if action is not None and at is not None:
        said = ACTIONS.get(action, action)
        parts.append(f"{said} in {span(at - now)}" if at > now else f"{said} now")
    expires = parse_time(session["access_expires_at"])
    dead = session["state"] == "signed_out" and expires is not None and expires > now  # AWS rejected it
    if action is None and expires is not None and not dead:
        in_or_ago = f"ends in {span(expires - now)}" if expires > now else f"ended {span(now - expires)} ago"
        parts.append(f"token {in_or_ago}")
    end = parse_time(session["session_ends_at"])
    if end is not None:
        when = clock_time(end, now, utc_offset)
        known = CERTAIN.get(session["session_ends_known"], "")
        parts.append(f"sign-in {'ends' if end > now else 'ended'} {when}{known}")
    return " · ".join(parts) or "nothing to renew"


def headline(status: Status, now: datetime) -> str:
    """Return one line for the whole: whether the daemon runs, and whether it is paused."""
    paused = _pause(status, now)
    if not status["daemon"]["running"]:
        too = f", and it is paused {paused}" if paused else ""
        return f"keeplit is not running: nothing is renewed{too}. Start it: keeplit autostart enable, or keeplit daemon"
    if not paused:
        return f"keeplit {status['daemon']['version']} is keeping watch"
    return f"keeplit is paused {paused}; tokens are still renewed silently"


def _pause(status: Status, now: datetime) -> str:
    """Return how long a pause is yet; empty where there is none."""
    until = parse_time(status["paused_until"])
    if until is None or until <= now:
        return ""
    return "until you resume" if until.year >= 9999 else f"for {span(until - now)}"  # noqa: PLR2004  # FOREVER


def as_told(status: Status) -> Status:
    """Return a status as a person is told it: where no daemon runs, nothing comes and nothing is promised.

    The document itself says what a daemon would do, and scripts go by it.
    """
    if status["daemon"]["running"]:
        return status
    sessions: list[SessionStatus] = [
        {
            **session,
            "state": "fresh" if session["state"] == "renewing" else session["state"],
            "next_action": None,
            "next_action_at": None,
        }
        for session in status["sessions"]
    ]
    troubles: list[TroubleStatus] = [
        {**trouble, "detail": unpromised(trouble["detail"])}
        for trouble in status["troubles"]
        if trouble["code"] not in OF_A_DAEMON
    ]
    return {**status, "sessions": sessions, "troubles": troubles}


def unpromised(text: str) -> str:
    """Return the text of a trouble without what only a daemon does."""
    from keeplit.core.catalogue import PROMISES  # late: mostly nothing is wrong

    for promise in PROMISES:
        text = text.replace(promise, "")
    return text


def notice_text(action: Action, name: str, now: datetime, page: Page | None = None) -> tuple[str, str, Sequence[str]]:
    """Return title, text and buttons of the notice that `action` shows about the session `name`.

    `page` is where the person signs in, for the notice that says so; its text then is for their eyes alone.
    """
    left = span(action.about - now) if action.about is not None else ""
    match action.notice:
        case Notice.SIGNING_IN:
            return f"Signing in to {name} in {left}", action.sentence, ("Sign in", "In 15 min", "Not today")
        case Notice.IN_BROWSER:
            return f"Signing in to {name}: look at your browser", page_text(page) or action.sentence, ()
        case Notice.SIGN_IN_NEEDED:
            return f"Sign in to {name}", action.sentence, ("Sign in", "In 15 min", "Not today")
        case Notice.EXPIRING:
            return f"The sign-in of {name} ends in {left}", "It cannot be renewed silently.", ("Extend", "In 15 min")
        case Notice.SIGNED_IN:
            return f"Signed in to {name}", "Work goes on.", ()
        case Notice.SIGN_IN_FAILED:
            return f"No sign-in to {name}", action.sentence, ("Sign in", "In 15 min", "Not today")
        case Notice.END_DID_NOT_MOVE:
            return f"{name} still ends when it did", action.sentence, ("Extend",)
        case Notice.SETTINGS_QUESTION:
            return "Claude Code's settings changed", action.sentence, (RESTORE, KEEP, SHOW)
        case Notice.SETTINGS_REPAIRED:
            return "Claude Code's settings are repaired", action.sentence, (SHOW,)
        case None:
            return name, action.sentence, ()
        case _ as never:
            assert_never(never)


def page_text(page: Page | None) -> str:
    """Return what a person compares with the page before they allow anything; empty where nothing is known of it."""
    if page is None or not page.host:
        return ""
    begins = f"The page begins at {page.host}."
    return (
        f"{begins} Allow it only if it shows the code {page.user_code}." if CODE.fullmatch(page.user_code) else begins
    )


def page_line(page: Page | None) -> str:
    """Return the same for a menu, which cuts what is long: the code comes first."""
    if page is None or not page.host or not CODE.fullmatch(page.user_code):
        return page_text(page)
    return f"Code {page.user_code} at {page.host}: allow no other"


def told_again(one: Unshown, name: str) -> tuple[str, str]:
    """Return title and text of a notice that the desktop did not show, as they were said then."""
    kind = next((kind for kind in Notice if kind == one.notice), None)
    action = Action(Do.NOTIFY, one.session, one.cause, one.sentence, notice=kind, about=one.about)
    title, text, _ = notice_text(action, name, one.at)
    return title, text
