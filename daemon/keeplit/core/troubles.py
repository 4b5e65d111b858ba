"""The rules that find what is wrong in the facts and the memory. Pure; the words stand in `keeplit.core.catalogue`.

Law: a trouble is found anew each turn and never stored.
"""

from collections.abc import Callable
from datetime import timedelta

from keeplit.core.backoff import Backoff
from keeplit.core.clocks import (
    TORN_FOR,
    Case,
    alive,
    refused,
    registration_dead,
    rejected,
    renewable,
    sign_in_due_at,
    torn_for,
)
from keeplit.core.deeds import Action, Do, Outcome, Result, Trouble
from keeplit.core.model import ACCOUNT_ACCESS, Facts, Kind, Mode, Network, Reading
from keeplit.core.permission import Objection, objection, presence

NOT_KNOWN = "Nothing here tells when you last typed."
MOST_SKEW = timedelta(minutes=2)


def _is_mended(case: Case) -> bool:
    """Whether a person is signing in right now: what a sign-in mends is no trouble meanwhile."""
    return case.seen.sign_in is not None and case.seen.sign_in.running


def _no_sign_in(case: Case) -> str:
    if case.token is not None or case.seen.reading is Reading.TORN or _is_mended(case):
        return ""
    return "token_file_foreign" if case.seen.reading is Reading.FOREIGN else "signed_out"


def _torn(case: Case) -> str:
    return "token_file_unreadable" if torn_for(case) >= TORN_FOR else ""


def _over(case: Case) -> str:
    due = sign_in_due_at(case)
    if due is None or due > case.now or _is_mended(case):
        return ""
    if rejected(case):
        return "token_rejected"
    if refused(case):
        return "session_over"
    if registration_dead(case):
        return "registration_dead"
    return "ends_soon" if alive(case) else "signed_out"


def _not_refreshable(case: Case) -> str:
    if case.seen.session.kind is Kind.LEGACY:
        return "legacy_profile"
    if case.token is None or case.token.refreshable:
        return ""
    return "no_refresh_token" if ACCOUNT_ACCESS in case.seen.session.scopes else "not_refreshable"


def _asks(case: Case) -> bool:
    """Whether nobody knows if a person is there where that matters: from the start on, where it is known why."""
    due = sign_in_due_at(case)
    waits = due is not None and due <= case.now and objection(case) is Objection.PRESENCE_UNKNOWN
    blind = case.facts.policy.mode is Mode.AUTO and case.facts.desk.blind
    return presence(case) is None and bool(waits or blind)


FINDERS: tuple[Callable[[Case], str], ...] = (_no_sign_in, _torn, _over, _not_refreshable)
BY_RESULT = {
    Result.TRANSIENT: "network",
    Result.THROTTLED: "throttled",
    Result.REFUSED: "refresh_refused",
    Result.NOT_WRITABLE: "cache_not_writable",
    Result.FORBIDDEN: "role_forbidden",
    Result.CANNOT: "refresh_refused",
    Result.UNEXPECTED: "unexpected",
}
NO_FAILURE = frozenset({Result.DONE, Result.SUPERSEDED, Result.STALE, Result.NOT_SHOWN})
ENDED = {
    Result.OVER: "session_over",
    Result.REGISTRATION_DEAD: "registration_dead",
    Result.REJECTED: "token_rejected",
}
OTHERWISE = {
    Do.SIGN_IN: "sign_in_impossible",
    Do.EXTEND: "sign_in_impossible",
    Do.EDIT_SETTINGS: "settings_not_writable",
}


def _of_attempt(case: Case, backoff: Backoff, codes: dict[Result, str]) -> Trouble | None:
    found = next((code for result, code in codes.items() if result == backoff.result), "")
    if not found:
        return None
    from keeplit.core.catalogue import CATALOGUE, Severity  # late: mostly nothing is wrong

    light = alive(case) and CATALOGUE[found].severity is Severity.WARNING
    return Trouble(found, case.seen.session.name, _why(backoff), light=light)


def _why(what: Backoff | Outcome) -> str:
    """Return the sentence of a failure, as a part of another; the code only where nobody made one."""
    return (what.detail or what.code).rstrip(".")


def failure(action: Action, outcome: Outcome, name: str) -> Trouble | None:
    """Return what an outcome is the trouble of; None where all was done, or nothing was left to do.

    A notice that nobody shows is none: what it tells stands in the status. `name` is the session's.
    """
    if outcome.result in NO_FAILURE:
        return None
    code = ENDED.get(outcome.result) or BY_RESULT[outcome.result]
    if outcome.result is not Result.UNEXPECTED and action.do not in {Do.REFRESH, Do.BRIDGE}:
        code = OTHERWISE.get(action.do, "unexpected")
    return Trouble(code, name, _why(outcome))


def _of_clock(found: tuple[Case, ...]) -> list[Trouble]:
    """Return that this machine's clock is off, by the answer that was furthest from it."""
    ahead = max((case.memory.skew.total_seconds() for case in found), key=abs, default=0.0)
    if abs(ahead) <= MOST_SKEW.total_seconds():
        return []
    minutes = round(abs(ahead) / 60)
    return [Trouble("clock_skew", detail=f"{minutes} min {'behind' if ahead > 0 else 'ahead of'} AWS's")]


def troubles(facts: Facts, found: tuple[Case, ...], settings: tuple[Trouble, ...] = ()) -> tuple[Trouble, ...]:
    """Return what is wrong: of each session first, then of the machine, the settings, and the files a person wrote."""
    result: list[Trouble] = []
    for case in found:
        name = case.seen.session.name
        result += [Trouble(code, name) for code in (finder(case) for finder in FINDERS) if code]
        if _asks(case):
            result.append(Trouble("presence_unknown", detail=facts.desk.blind or NOT_KNOWN))
        attempts = (
            _of_attempt(case, case.memory.refresh, BY_RESULT) if renewable(case) else None,
            _of_attempt(case, case.memory.bridge, BY_RESULT) if alive(case) else None,
            _of_attempt(case, case.memory.start, dict.fromkeys(BY_RESULT, "sign_in_impossible")),
        )
        result += [trouble for trouble in attempts if trouble is not None]
    if facts.desk.network is Network.DOWN:
        result.append(Trouble("offline"))
    result += _of_clock(found)
    result += settings
    result += [Trouble(p.code, p.where, p.sentence, p.fix) for p in facts.problems]
    return tuple(dict.fromkeys(result))
