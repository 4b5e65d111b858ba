"""May a browser open unasked? The ordered rules, each with its reason; the first that objects decides.

Law (section 3, rules 0 and 6 of the design): never at an empty desk, never a second tab for one start URL, never a
second unasked browser for one ended token. Whatever is unknown objects, except the network.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from enum import StrEnum

from keeplit.core.clocks import Case
from keeplit.core.model import Mode, Network, portal

PRESENT_FOR = timedelta(minutes=5)
AT_HAND_FOR = timedelta(minutes=1)
CLOCK_SLACK = timedelta(minutes=1)
LONGEST_LATER = timedelta(days=1)


class Objection(StrEnum):
    """Why no browser opens unasked."""

    NO_TOKEN = "no_token"  # noqa: S105  # a reason
    SPENT = "spent"
    MODE = "mode"
    PRESENCE_UNKNOWN = "presence_unknown"
    PAUSED = "paused"
    NOT_TODAY = "not_today"
    LATER = "later"
    QUIET_HOURS = "quiet_hours"
    NETWORK_DOWN = "network_down"
    NOBODY_THERE = "nobody_there"
    UNDER_WAY = "under_way"


# What only a person can lift: one notice with a button, then silence.
WANTS_A_PERSON = frozenset({Objection.NO_TOKEN, Objection.SPENT, Objection.MODE, Objection.PRESENCE_UNKNOWN})


def presence(case: Case) -> bool | None:
    """Whether a person is there: input after the last wake, under 5 min ago, unlocked; None where nobody knows."""
    desk = case.facts.desk
    if case.facts.policy.always_present:
        return True
    if desk.last_input_at is None:
        return None
    fresh = -CLOCK_SLACK <= case.now - desk.last_input_at < PRESENT_FOR
    # A wake in the future was noted before the clock was set back.
    slept = desk.woke_at is not None and desk.last_input_at <= desk.woke_at <= case.now
    return fresh and not desk.locked and not slept


def got_up(case: Case) -> bool:
    """Whether a person who counts as present may have left: no input for a minute. A browser waits for their hand."""
    since = case.facts.desk.last_input_at
    return not case.facts.policy.always_present and since is not None and case.now - since >= AT_HAND_FOR


def in_quiet_hours(case: Case) -> bool:
    """Whether it is quiet hours by the local clock; they may pass midnight."""
    quiet = case.facts.policy.quiet
    if quiet is None:
        return False
    local = (case.now + case.facts.desk.utc_offset).time()
    start, end = quiet
    return start <= local < end if start <= end else local >= start or local < end


def quiet_until(case: Case) -> datetime:
    """Return when the quiet hours that run now end; `now` where none are set."""
    quiet = case.facts.policy.quiet
    if quiet is None:
        return case.now
    return next_local(case.now, case.facts.desk.utc_offset, quiet[1])


def next_local(now: datetime, utc_offset: timedelta, at: time) -> datetime:
    """Return the next moment at which the local clock shows `at`."""
    local = now + utc_offset
    then = datetime.combine(local.date(), at, tzinfo=local.tzinfo)
    return (then if then > local else then + timedelta(days=1)) - utc_offset


def held_until(until: datetime | None, now: datetime) -> datetime | None:
    """Return the end of a person's "later" or "not today" while it runs; one of over a day cannot be true."""
    return until if until is not None and now < until <= now + LONGEST_LATER else None


def _no_token(case: Case) -> bool:
    return case.token is None


def _spent(case: Case) -> bool:
    return case.token is not None and case.memory.spent == case.token.digest


def _mode(case: Case) -> bool:
    return case.facts.policy.mode is not Mode.AUTO


def _presence_unknown(case: Case) -> bool:
    return presence(case) is None


def _paused(case: Case) -> bool:
    return case.paused


def _not_today(case: Case) -> bool:
    return held_until(case.memory.not_before, case.now) is not None


def _later(case: Case) -> bool:
    return held_until(case.memory.later_until, case.now) is not None


def network_down(case: Case) -> bool:
    """Whether the network is known to be down."""
    return case.facts.desk.network is Network.DOWN


def nobody_there(case: Case) -> bool:
    """Whether the desk is known to be empty: nothing is shown to it, either."""
    return presence(case) is False


def _under_way(case: Case) -> bool:
    return sign_in_runs(case) or portal(case.seen.session.start_url) in case.promised


def sign_in_runs(case: Case) -> bool:
    """Whether a sign-in runs now for this session's portal, of this session or another, in use or not."""
    mine = (seen.sign_in for seen in case.facts.sessions)
    running = (s for s in (*mine, *case.facts.other_sign_ins) if s is not None and s.running)
    return portal(case.seen.session.start_url) in {portal(record.start_url) for record in running}


OBJECTIONS: tuple[tuple[Objection, Callable[[Case], bool]], ...] = (
    (Objection.UNDER_WAY, _under_way),
    (Objection.PAUSED, _paused),
    (Objection.NOT_TODAY, _not_today),
    (Objection.LATER, _later),
    (Objection.QUIET_HOURS, in_quiet_hours),
    (Objection.NO_TOKEN, _no_token),
    (Objection.SPENT, _spent),
    (Objection.MODE, _mode),
    (Objection.PRESENCE_UNKNOWN, _presence_unknown),
    (Objection.NETWORK_DOWN, network_down),
    (Objection.NOBODY_THERE, nobody_there),
)


def objection(case: Case) -> Objection | None:
    """Return the first reason against an unasked browser, None where one may open."""
    return next((reason for reason, objects in OBJECTIONS if objects(case)), None)
