"""Notices that the desktop did not show: kept a while for the interfaces that can, told again once it can. Pure.

Law: what is kept here is what a status may say: never the code of a sign-in. A notice that may have been seen is not
shown again; one that nobody took is, later and later, once somebody shows notices and only if it is still true.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from keeplit.core.causes import needed_causes
from keeplit.core.deeds import Action, Outcome, Result, Trouble
from keeplit.core.memory import Memory, Unshown
from keeplit.core.model import Facts

SHOWN_FOR = timedelta(minutes=10)
AGAIN_AFTER = timedelta(seconds=30)
MOST = 5
MOST_DOUBLED = 5
SWITCHED_OFF = "switched_off"
NO_SERVICE = "no_service"
NO_NOTIFIER = "no_notifier"  # a command turned where no daemon runs, and shows nothing
NOBODY_TOOK = frozenset({NO_SERVICE, NO_NOTIFIER, "not_started", "not_taken"})
WHY = {
    NO_SERVICE: "No notification service runs on this desktop.",
    "no_answer": "The notification service did not answer the last time.",
    "not_started": "The notification service could not be started.",
    "not_taken": "The system did not take the last notice of keeplit.",
}


def after(memory: Memory, action: Action, outcome: Outcome, now: datetime) -> Memory:
    """Return the memory after a notice was shown, or was not: with one that was, the others are to be shown too."""
    if outcome.code == SWITCHED_OFF or outcome.result is Result.STALE:
        return memory
    if outcome.result is Result.DONE:
        return replace(_released(memory, memory.unshown), unshown=()) if memory.unshown else memory
    tries = 1 + max((one.tries for one in memory.unshown if one.cause == action.reason), default=0)
    kind = str(action.notice or "")
    one = Unshown(action.reason, now, action.session, kind, action.sentence, action.about, outcome.code, tries)
    others = tuple(other for other in memory.unshown if other.cause != action.reason)
    return replace(memory, unshown=(*others, one)[-MOST:])


def again(memory: Memory, facts: Facts, now: datetime) -> Memory:
    """Return the memory in which what nobody took is not told yet, where somebody shows notices now."""
    if not memory.unshown or facts.desk.notices is not True:
        return memory
    return _released(memory, tuple(one for one in memory.unshown if _is_due(one, now)))


def _is_due(one: Unshown, now: datetime) -> bool:
    wait = AGAIN_AFTER * 2 ** min(max(0, one.tries - 1), MOST_DOUBLED)
    return not timedelta(0) <= now - one.at < wait


def _released(memory: Memory, unshown: tuple[Unshown, ...]) -> Memory:
    """Return the memory without the causes of notices that nobody took: they are told again if they are still true."""
    for one in unshown:
        if one.why not in NOBODY_TOOK:
            continue
        causes = needed_causes(one.cause)
        settings, session = memory.settings, memory.sessions.get(one.session)
        if not one.session and not causes.isdisjoint(settings.told):
            left = tuple(cause for cause in settings.told if cause not in causes)
            memory = replace(memory, settings=replace(settings, told=left))
        elif session is not None and not causes.isdisjoint(session.told):
            left = tuple(cause for cause in session.told if cause not in causes)
            memory = replace(memory, sessions={**memory.sessions, one.session: replace(session, told=left)})
    return memory


def not_after(one: Unshown) -> datetime:
    """Return until when a notice is news: ten minutes, and not past what it tells of."""
    until = one.at + SHOWN_FOR
    return until if one.about is None else min(until, max(one.at, one.about))


def news(memory: Memory, now: datetime) -> tuple[Unshown, ...]:
    """Return the notices that other interfaces are to show now, oldest first."""
    recent = (one for one in memory.unshown if timedelta(0) <= now - one.at <= SHOWN_FOR)
    return tuple(one for one in recent if now <= not_after(one))


def no_notices(facts: Facts, memory: Memory) -> tuple[Trouble, ...]:
    """Return that notices cannot be shown, as far as that is known now; nothing where a person wants none."""
    if not facts.policy.notify:
        return ()
    why = memory.unshown[-1].why if memory.unshown else ""
    if facts.desk.notices is False:
        why = NO_SERVICE
    elif why in {"", NO_NOTIFIER} or (why == NO_SERVICE and facts.desk.notices):
        return ()
    return (Trouble("no_notices", detail=WHY.get(why, f"The last notice could not be shown ({why}).")),)
