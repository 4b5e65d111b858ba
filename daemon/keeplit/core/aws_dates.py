"""AWS's cache dates, read in every form that a tool writes and written in the one that every tool reads. Pure.

Law (facts: Cache): botocore raises on dates without a zone, Go's SDK rejects ``UTC``; so only ``%Y-%m-%dT%H:%M:%SZ`` is
written.
"""

import re
from datetime import UTC, datetime, timedelta

SPELLED = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?",
    re.IGNORECASE | re.ASCII,
)
LAST_SECOND = 59  # a leap second is the last ordinary one


def read_date(text: object) -> datetime | None:
    """Return the aware UTC time that a cache file spells; one without a zone is UTC. None for what is no date."""
    found = SPELLED.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(found[part]) for part in range(1, 7))
    fraction = int((found[7] or "0")[:6].ljust(6, "0"))
    zone = found[8] or "Z"
    try:
        at = datetime(year, month, day, hour, minute, min(second, LAST_SECOND), fraction, tzinfo=UTC)
        if zone[0] in "+-":
            away = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
            at = at - away if zone[0] == "+" else at + away
    except (ValueError, OverflowError):
        return None
    return at


def has_zone(text: object) -> bool:
    """Whether what spells a time says its zone; botocore raises on one that does not."""
    found = SPELLED.fullmatch(text.strip()) if isinstance(text, str) else None
    return found is not None and found[8] is not None


def write_date(at: datetime) -> str:
    """Return an aware time as AWS's caches spell it, its fraction cut off."""
    # Not strftime: Linux spells the year 999 with three digits.
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
