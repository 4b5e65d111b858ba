"""What keeplit says and does at Claude Code's hooks: at a start, and when a turn died of its credentials. Pure.

It imports next to nothing, since Claude Code waits for it.

Law: at a start nothing is said while all is well. Of what Claude Code gives, every field may be missing, null or of a
later kind; then the hook does the careful thing, which is to look after the credentials once too often.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from keeplit.core.statusline import CLOSE, ESTIMATED, ROW_BREAKS, clock_of, named

AUTHENTICATION = "authentication_failed"
KINDS = ("error_type", "error", "matcher")  # where versions of Claude Code have named the kind of a failure
GO_ON = ("You can continue", "Claude Code's credentials are good again: send your message once more.")


def at_start(status: Mapping[str, object] | None, now: datetime, utc_offset: timedelta) -> str:
    """Return what a person is to know as a Claude Code session starts at `now` (aware UTC); mostly nothing."""
    said = _said(status, now, utc_offset) if status is not None else ""
    return said.translate(ROW_BREAKS)


def _said(status: Mapping[str, object], now: datetime, utc_offset: timedelta) -> str:
    clock = clock_of(status)
    if clock is None:
        return ""
    name, state, token, end, certainty = clock
    if state == "signed_out" or (token is not None and token <= now):
        return f"keeplit: signed out of {name}. In a terminal: keeplit login{named(status)}"
    if state == "sign_in_soon" and token is not None and token - now <= CLOSE:
        left = f"within {_minutes(token - now)}. In a terminal: keeplit login{named(status)}"
        return f"keeplit: {name} needs a sign-in {left}"
    if end is not None and now < end <= now + CLOSE:
        about = "about " if certainty in ESTIMATED else ""
        left = f"in {_minutes(end - now)}. A new day: keeplit extend{named(status)}"
        return f"keeplit: the sign-in of {name} ends {about}{end + utc_offset:%H:%M}, {left}"
    return ""


def _minutes(length: timedelta) -> str:
    return f"{max(1, int(length.total_seconds()) // 60)} min"


def of_credentials(given: object) -> bool:
    """Whether a StopFailure that was given to the hook tells of credentials; one that does not say counts as well."""
    if not isinstance(given, Mapping):
        return True
    kinds = [kind for name in KINDS if isinstance(kind := given.get(name), str) and kind]
    return not kinds or AUTHENTICATION in kinds
