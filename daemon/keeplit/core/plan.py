"""The decision: what to do now, when to look again, and what is wrong.

Law: `plan` is pure. The same state at the same moment gives the same plan; one outward action for a session in a turn,
and one for Claude Code's settings; at most one browser for a start URL; `wake_at` is always later than `now`, the true
next time (the caller caps it).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from keeplit.core.clocks import Case, cases
from keeplit.core.deeds import Action, Do, Notice, Plan
from keeplit.core.memory import Memory
from keeplit.core.model import Facts, portal
from keeplit.core.notice_of_repairs import repairs_are_told
from keeplit.core.rules import RULES
from keeplit.core.settings_rules import step
from keeplit.core.settings_troubles import settings_troubles
from keeplit.core.steps import Wait
from keeplit.core.troubles import troubles
from keeplit.core.unshown import no_notices

SOONEST = timedelta(seconds=1)
LATEST = timedelta(days=1)
NEVER = "-"


@dataclass(frozen=True, slots=True)
class State:
    """What is seen and what is remembered."""

    facts: Facts
    memory: Memory


def plan(state: State, now: datetime) -> Plan:
    """Return the plan for `state` at `now` (aware UTC). Pure; raises nothing for any state."""
    actions: list[Action] = []
    coming: list[tuple[str, str, datetime]] = []
    wake_at = now + LATEST
    watch_person = False
    claimed: set[str] = set()
    found = cases(state.facts, state.memory, now)
    for case in found:
        action, waits = decide(case)
        if action is not None and opens_browser(action):
            claim = portal(case.seen.session.start_url)
            if claim in claimed:
                action, waits = None, [*waits, Wait(now + SOONEST, "under_way")]
            claimed.add(claim)
        if action is not None:
            actions.append(action)
            wake_at = min(wake_at, now + SOONEST)
        times = [(max(wait.at, now + SOONEST), wait.reason) for wait in waits if wait.at is not None]
        if times:
            wake_at = min(wake_at, *(at for at, _ in times))
        watch_person = watch_person or any(wait.for_person for wait in waits)
        coming.append(_next(case, action, times))
    settings = step(state.facts, state.memory, now)
    of_settings = settings.action or repairs_are_told(state.facts, state.memory, now)
    if of_settings is not None:
        actions.append(of_settings)
        wake_at = min(wake_at, now + SOONEST)
    wake_at = min(wake_at, *(max(at, now + SOONEST) for at in settings.looks), wake_at)
    watch_person = watch_person or settings.for_person
    if state.memory.paused_until is not None and state.memory.paused_until > now:
        wake_at = min(wake_at, state.memory.paused_until)
    others = (
        *settings_troubles(state.facts.settings, state.memory.settings, now),
        *no_notices(state.facts, state.memory),
    )
    wrong = troubles(state.facts, found, others)
    return Plan(tuple(actions), wake_at, wrong, watch_person, tuple(coming))


def decide(case: Case) -> tuple[Action | None, list[Wait]]:
    """Return the first action that a rule asks for, if any, and the waits of the rules before it."""
    waits: list[Wait] = []
    for rule in RULES:
        step = rule(case)
        if isinstance(step, Action):
            return step, waits
        if step is not None:
            waits.append(step)
    return None, waits


def opens_browser(action: Action) -> bool:
    """Whether an action opens a browser or says that one is about to open."""
    return action.do in {Do.SIGN_IN, Do.EXTEND} or action.notice is Notice.SIGNING_IN


def _next(case: Case, action: Action | None, times: list[tuple[datetime, str]]) -> tuple[str, str, datetime]:
    """Return what comes next for a session and when: what `status` shows."""
    if action is not None:
        return case.key, str(action.do), case.now
    shown = [(at, reason) for at, reason in times if reason in {"refresh", "bridge", "sign_in"}]
    if not shown:
        return case.key, NEVER, case.now
    at, reason = min(shown)
    return case.key, reason, at
