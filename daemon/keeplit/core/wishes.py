"""Wishes, taken once each by their ids: some change memory at once, the others wait there for their action. Pure.

Law: a wish can ask, never tell how. One that comes late, names no session in use or makes no sense is answered and done
with; none is compared by time alone, since a clock that was set back would let it act for ever. A request keeps the end
that its wish named: later than that it is answered, and not done.
"""

from dataclasses import replace
from datetime import datetime, time, timedelta

from keeplit.core.causes import EXPIRING, NEEDED, needs_sign_in
from keeplit.core.clocks import NOTICE_TIME, Case, announced_at, case_of, renewable, sign_in_due_at
from keeplit.core.learn import MOST_ANSWERS, answered
from keeplit.core.memory import Answer, Asked, Memory, SessionMemory
from keeplit.core.model import FOREVER, Facts, Verb, Wish
from keeplit.core.permission import next_local

WISH_LIFE = timedelta(minutes=2)
CLOCK_SLACK = timedelta(minutes=5)
LATER = timedelta(minutes=15)
LONGEST_LATER = timedelta(hours=12)
LONGEST_PAUSE = timedelta(days=3650)
MIDNIGHT = time(0, 0)
ACTIONS = frozenset({Verb.SIGN_IN, Verb.REFRESH, Verb.EXTEND, Verb.LOGOUT})


def take_wishes(memory: Memory, facts: Facts, now: datetime) -> Memory:
    """Return the memory with every new wish of `facts` taken or answered, and requests that waited too long dropped."""
    memory = _drop_late_requests(memory, now)
    known = {answer.id for answer in memory.answers}
    fresh = [wish for wish in facts.wishes if wish.id not in known]
    # An answered wish whose file could not be deleted keeps its answer, or it would be taken again.
    kept = {wish.id for wish in facts.wishes} & known
    for wish in fresh:
        memory = _taken(memory, facts, wish, now)
    if len(memory.answers) > MOST_ANSWERS // 2 and kept:
        stuck = tuple(a for a in memory.answers if a.id in kept)
        memory = replace(memory, answers=(*(a for a in memory.answers if a.id not in kept), *stuck))
    return memory


def _drop_late_requests(memory: Memory, now: datetime) -> Memory:
    for key, session in memory.sessions.items():
        asked = session.asked
        if asked is not None and not now <= asked.not_after <= now + CLOCK_SLACK:
            sessions = {**memory.sessions, key: replace(session, asked=None)}
            memory = answered(replace(memory, sessions=sessions), Answer(asked.wish, "expired", "too_late"))
    return memory


def taken_back(memory: Memory, wish: str) -> Memory:
    """Return the memory without the request that `wish` made: who asked waits no longer, and nobody is at it."""
    for key, session in memory.sessions.items():
        if session.asked is not None and session.asked.wish == wish:
            sessions = {**memory.sessions, key: replace(session, asked=None)}
            return answered(replace(memory, sessions=sessions), Answer(wish, "refused", "taken_back"))
    return memory


def _taken(memory: Memory, facts: Facts, wish: Wish, now: datetime) -> Memory:
    if wish.verb is Verb.PAUSE:
        until = FOREVER if wish.duration is None else now + min(max(wish.duration, timedelta(0)), LONGEST_PAUSE)
        return answered(replace(memory, paused_until=until), Answer(wish.id, "done", "paused"))
    if wish.verb is Verb.RESUME:
        return answered(replace(memory, paused_until=None), Answer(wish.id, "done", "resumed"))
    if wish.not_after is not None and not now <= wish.not_after <= now + CLOCK_SLACK:
        return answered(memory, Answer(wish.id, "expired", "too_late"))
    if wish.verb is Verb.STOP:
        return answered(memory, Answer(wish.id, "done", "stopping"))
    case = case_of(facts, memory, now, wish.session)
    if case is None:
        return answered(memory, Answer(wish.id, "refused", "unknown_session"))
    before = case.memory.asked
    session, answer = _asked(case, wish, now) if wish.verb in ACTIONS else _said(case, wish, now)
    if before is not None and session.asked is not before:
        memory = answered(memory, Answer(before.wish, "refused", "replaced"))
    return answered(replace(memory, sessions={**memory.sessions, wish.session: session}), answer)


def _asked(case: Case, wish: Wish, now: datetime) -> tuple[SessionMemory, Answer]:
    """Keep a request until its action is done: one like it is joined, another one of the session replaced."""
    if wish.verb is Verb.REFRESH and not renewable(case):
        return case.memory, Answer(wish.id, "failed", "nothing_to_renew")
    if wish.verb is Verb.SIGN_IN and _runs(case):
        return case.memory, Answer(wish.id, "done", "joined")
    if case.memory.asked is not None and case.memory.asked.verb is wish.verb:
        if wish.verb is Verb.LOGOUT:  # nobody is told that they are signed out before they are
            return case.memory, Answer(wish.id, "waiting", case.memory.asked.wish)
        return case.memory, Answer(wish.id, "done", "joined")
    asked = Asked(wish.verb, wish.id, wish.not_after or now + WISH_LIFE)
    return replace(case.memory, asked=asked), Answer(wish.id, "waiting", str(wish.verb))


def _said(case: Case, wish: Wish, now: datetime) -> tuple[SessionMemory, Answer]:
    """Take in what a person, or the portal's answer to a command, says about this session."""
    memory = case.memory
    if wish.verb is Verb.REJECTED:
        if case.token is None or case.token.digest != wish.token:
            return memory, Answer(wish.id, "done", "other_token")
        return replace(memory, rejected=wish.token), Answer(wish.id, "done", "rejected")
    if wish.verb is Verb.CANCEL and _runs(case) and announced_at(case) is None:
        return memory, Answer(wish.id, "failed", "under_way")  # the browser is open: only who sits there can close it
    memory = _declined(memory) if _browser_is_near(case) else memory
    if wish.verb is Verb.LATER:
        until = now + min(max(wish.duration or LATER, timedelta(0)), LONGEST_LATER)
        again = tuple(cause for cause in memory.told if not cause.startswith(EXPIRING))
        return replace(memory, later_until=until, told=again), Answer(wish.id, "done", "later")
    if wish.verb is Verb.NOT_TODAY:
        midnight = next_local(now, case.facts.desk.utc_offset, MIDNIGHT)
        return replace(memory, not_before=midnight), Answer(wish.id, "done", "not_today")
    return replace(memory, reminder=False), Answer(wish.id, "done", "cancelled")


def _runs(case: Case) -> bool:
    """Whether a sign-in of this very session runs."""
    return case.seen.sign_in is not None and case.seen.sign_in.running


def _browser_is_near(case: Case) -> bool:
    """Whether the browser that a person declines is due or announced; before that there is none to decline."""
    due = sign_in_due_at(case)
    return announced_at(case) is not None or case.token is None or (due is not None and due - NOTICE_TIME <= case.now)


def _declined(memory: SessionMemory) -> SessionMemory:
    """Use up the browser of this token; what is left is one notice, after "later" or "not today"."""
    told = tuple(cause for cause in memory.told if not cause.startswith(NEEDED))
    return replace(
        memory,
        spent=memory.token,
        announced="",
        announced_at=None,
        reminder=True,
        told=(*told, needs_sign_in(memory, reminder=False)),
    )
