"""The causes of notices: what makes two notices the same, so that a person is told once. Pure.

Law: a cause is a short text, kept in memory once its notice was shown. It names what the notice is about (a token, a
sign-in, an end), never a time that creeps.
"""

from datetime import datetime, timedelta

from keeplit.core.memory import SessionMemory

NEEDED = "sign_in_needed:"
AGAIN = ":again"
EXPIRING = "expiring:"
PAGE = "page:"
SAME_END = timedelta(minutes=10)


def needs_sign_in(memory: SessionMemory, *, reminder: bool) -> str:
    """Return the cause of the notice that a person has to sign in: one for each token, and one more as a reminder."""
    return f"{NEEDED}{memory.token}{AGAIN if reminder else ''}"


def needed_causes(cause: str) -> frozenset[str]:
    """Return the causes that are noted with `cause`: a reminder stands beside what it reminds of."""
    return frozenset({cause, cause.removesuffix(AGAIN)} if cause.startswith(NEEDED) else {cause})


def sign_in_ended(record_id: str) -> str:
    """Return the cause of the notice that a sign-in ended."""
    return f"ended:{record_id}"


def in_browser(record_id: str) -> str:
    """Return the cause of the notice that says what the page of a sign-in must show."""
    return f"{PAGE}{record_id}"


def expiring(end: datetime, before: timedelta) -> str:
    """Return the cause of the warning `before` an end."""
    return _expiring(int(end.timestamp() // SAME_END.total_seconds()), before)


def warned_of(told: tuple[str, ...], end: datetime, before: timedelta) -> bool:
    """Whether this warning was given for this end; an end learned and the same one proven differ by some minutes."""
    slot = int(end.timestamp() // SAME_END.total_seconds())
    return any(_expiring(near, before) in told for near in (slot - 1, slot, slot + 1))


def _expiring(slot: int, before: timedelta) -> str:
    return f"{EXPIRING}{slot}:{int(before.total_seconds())}"
