"""The rules that need no person: a torn file is read again, a due token renewed, work bridged over a known end.

Law: a rule reads one `Case` and nothing else. These stand before everything that waits for a person.
"""

from datetime import datetime, timedelta

from keeplit.core.backoff import Backoff
from keeplit.core.clocks import (
    BRIDGE_LEAD,
    TORN_FOR,
    Case,
    alive,
    life,
    refresh_due_at,
    refused,
    rejected,
    renewable,
    torn_for,
    work_ends_at,
)
from keeplit.core.deeds import Do, Result
from keeplit.core.model import Reading, Role, Verb
from keeplit.core.steps import Step, Wait, act, as_asked

LOOK_AGAIN = timedelta(seconds=1)
FIRST_AGAIN = timedelta(seconds=5)
MOST_NAMES = 3


def torn_file_is_read_again(case: Case) -> Step:
    """Wait for a token file that another tool is writing; once it stays torn, its next change knocks."""
    if case.seen.reading is not Reading.TORN or torn_for(case) >= TORN_FOR:
        return None
    return Wait(case.now + LOOK_AGAIN, "torn")


def asked_renewal_is_done(case: Case) -> Step:
    """Renew because a person asked, whatever the margin and the back-off say."""
    asked = case.memory.asked
    if asked is None or asked.verb is not Verb.REFRESH or not renewable(case):
        return None
    return as_asked(case, Do.REFRESH, asked, "You asked for a renewal.")


def due_token_is_renewed(case: Case) -> Step:
    """Renew a token whose margin is reached, or that the portal rejected, unless it was tried a moment ago."""
    due = refresh_due_at(case)
    if due is None:
        return None
    if due > case.now:
        return Wait(due, "refresh")
    again = _again_at(case, case.memory.refresh)
    if again is not None:
        return Wait(again, "refresh")
    if rejected(case):
        return act(case, Do.REFRESH, "rejected", "AWS rejected the token before its time; renewing it.")
    return act(case, Do.REFRESH, "due", "The token is due; renewing it silently.")


def work_is_bridged_over_the_end(case: Case) -> Step:
    """Take fresh role credentials before an end that no refresh can pass: at a refusal, and shortly before the end."""
    end = work_ends_at(case)
    roles = tuple(role for role in case.seen.roles if role.account and role.role)
    if end is None or case.token is None or not roles or not alive(case):
        return None
    late = end - min(BRIDGE_LEAD, life(case.memory) / 4)
    if not _bridge_is_due(case, case.token.digest, late):
        return Wait(late, "bridge") if late > case.now else None
    again = _again_at(case, case.memory.bridge)
    if again is not None:
        return Wait(again, "bridge")
    sentence = f"The sign-in ends; taking fresh role credentials for {_names(roles)} so that work goes on."
    return act(case, Do.BRIDGE, "before_the_end", sentence)


def _again_at(case: Case, tried: Backoff) -> datetime | None:
    """Return when what failed may be tried again, None for now; at a wake the waits for the network begin anew.

    A laptop that was shut in an outage had waited a minute for its first renewal of the morning: the network is not
    there yet in the very second of waking, and the failures of the evening before still counted.
    """
    until, woke = tried.until(case.now), case.facts.desk.woke_at
    if until is None or tried.at is None or woke is None or woke > case.now or tried.result != Result.TRANSIENT:
        return until
    if tried.at < woke:
        return None
    again = min(until, tried.at + max(FIRST_AGAIN, tried.at - woke))
    return again if again > case.now else None


def _bridge_is_due(case: Case, token: str, late: datetime) -> bool:
    memory = case.memory
    first = memory.bridged != token
    if case.now < late:
        return first and refused(case)
    return first or memory.bridged_at is None or not late <= memory.bridged_at <= case.now


def _names(roles: tuple[Role, ...]) -> str:
    more = f" and {len(roles) - MOST_NAMES} more" if len(roles) > MOST_NAMES else ""
    return ", ".join(role.profile for role in roles[:MOST_NAMES]) + more
