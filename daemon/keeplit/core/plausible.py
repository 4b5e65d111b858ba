"""Times that cannot be true, brought to the nearest that can, so that no arithmetic with them fails. Pure.

Law: what is plausible comes back as the same object. A memory, a token file or a config may hold any time at all; the
rules reckon with times between 1970 and the year 9000 and lengths of up to a century.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from keeplit.core.memory import SessionMemory
from keeplit.core.model import Desk, Policy, Seen

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
CENTURY = timedelta(days=36525)
DAY = timedelta(days=1)


def moment(at: datetime) -> datetime:
    """Return `at`, or the nearest time that can be true."""
    return min(max(at, EARLIEST), LATEST)


def moment_or_none(at: datetime | None) -> datetime | None:
    """Return `at` as `moment` does; None stays None."""
    return None if at is None else moment(at)


def length(span: timedelta, most: timedelta = CENTURY) -> timedelta:
    """Return `span`, or the nearest to it of at most `most` in either direction."""
    return min(max(span, -most), most)


def remembered(memory: SessionMemory) -> SessionMemory:
    """Return the memory of a session with plausible times, as far as anything is reckoned from them."""
    times = (memory.signed_in_at, memory.ends_at, memory.announced_at)
    lengths = (memory.life, memory.length if memory.length is not None else memory.life)
    if all(at is None or at == moment(at) for at in times) and all(span == length(span) for span in lengths):
        return memory
    return replace(
        memory,
        signed_in_at=moment_or_none(memory.signed_in_at),
        ends_at=moment_or_none(memory.ends_at),
        announced_at=moment_or_none(memory.announced_at),
        life=length(memory.life),
        length=None if memory.length is None else length(memory.length),
    )


def seen(session: Seen) -> Seen:
    """Return what is seen of a session, its token with a plausible end."""
    token = session.token
    if token is None or token.expires_at == moment(token.expires_at):
        return session
    return replace(session, token=replace(token, expires_at=moment(token.expires_at)))


def policy(wanted: Policy) -> Policy:
    """Return the policy with lengths of no more than a century, and none negative."""
    lead = max(timedelta(0), length(wanted.lead))
    warn_before = tuple(max(timedelta(0), length(before)) for before in wanted.warn_before)
    if lead == wanted.lead and warn_before == wanted.warn_before:
        return wanted
    return replace(wanted, lead=lead, warn_before=warn_before)


def desk(found: Desk) -> Desk:
    """Return the desk with an offset from UTC of no more than a day."""
    offset = length(found.utc_offset, DAY)
    return found if offset == found.utc_offset else replace(found, utc_offset=offset)
