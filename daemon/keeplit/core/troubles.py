"""The catalogue of what can be wrong, and the rules that find it in the facts and the memory. Pure.

Law: a trouble is found anew each turn and never stored. Its words stand in the catalogue; what differs (a name, the
service's own code) fills them. Each entry names the next step.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

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
from keeplit.core.deeds import Result, Trouble
from keeplit.core.model import Facts, Kind, Network, Reading
from keeplit.core.permission import Objection, objection, presence


class Severity(StrEnum):
    """How much a trouble matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Entry:
    """A catalogue entry. `title`, `text` and `fix` may hold ``{session}`` and ``{detail}``."""

    severity: Severity
    title: str
    text: str
    fix: str
    marks_tray: bool = True


MOST_SKEW = timedelta(minutes=2)
LOGIN = "keeplit login --session {session}"
CATALOGUE: dict[str, Entry] = {
    "signed_out": Entry(Severity.ERROR, "Signed out of {session}", "There is no sign-in for {session}.", LOGIN),
    "session_over": Entry(
        Severity.WARNING,
        "The sign-in of {session} is over",
        "AWS ended the sign-in session; a person has to sign in again.",
        LOGIN,
    ),
    "ends_soon": Entry(
        Severity.WARNING,
        "The sign-in of {session} ends soon",
        "It cannot be renewed silently; a person has to sign in.",
        LOGIN,
    ),
    "token_rejected": Entry(
        Severity.ERROR, "AWS rejected the token of {session}", "The token was ended before its time.", LOGIN
    ),
    "token_file_foreign": Entry(
        Severity.ERROR,
        "The token file of {session} belongs to another start URL or region",
        "The config and the cached token differ, so AWS tools do not use it.",
        LOGIN,
    ),
    "token_file_unreadable": Entry(
        Severity.ERROR,
        "The token file of {session} cannot be read",
        "It is empty, half written or not JSON, and stays so.",
        LOGIN,
    ),
    "registration_dead": Entry(
        Severity.WARNING,
        "The client registration of {session} has ended",
        "Tokens cannot be renewed with it; a new sign-in registers anew.",
        LOGIN,
    ),
    "not_refreshable": Entry(
        Severity.WARNING,
        "{session} cannot be renewed silently",
        "Its token has no refresh token, since the sso-session lacks the scope sso:account:access.",
        "add `sso_registration_scopes = sso:account:access` to [sso-session {session}], then: " + LOGIN,
    ),
    "legacy_profile": Entry(
        Severity.INFO,
        "{session} is a legacy profile",
        "Its start URL stands inside the profile, so its token lives 8 h and is never renewed.",
        "move `sso_start_url` and `sso_region` into an [sso-session] section, then sign in once",
        marks_tray=False,
    ),
    "network": Entry(
        Severity.WARNING,
        "AWS cannot be reached for {session}",
        "The renewal failed ({detail}) and is tried again by itself.",
        "check the network, the proxy and the VPN",
    ),
    "throttled": Entry(
        Severity.INFO,
        "AWS asks {session} to slow down",
        "The renewal is tried again by itself.",
        "nothing to do",
        marks_tray=False,
    ),
    "refresh_refused": Entry(
        Severity.ERROR,
        "AWS refuses to renew {session}",
        "The answer was {detail}: often a wrong sso_region, or a policy. It is tried again every 5 minutes.",
        "compare sso_start_url and sso_region with your access portal; then: " + LOGIN,
    ),
    "cache_not_writable": Entry(
        Severity.ERROR,
        "The token cache cannot be written",
        "Nothing was renewed, so that no refresh token is lost: {detail}.",
        "make ~/.aws/sso/cache writable for you (after `sudo aws`: chown -R $USER ~/.aws), or free disk space",
    ),
    "role_forbidden": Entry(
        Severity.WARNING,
        "A role of {session} is not assigned to you",
        "AWS answered 403 ({detail}); signing in again does not help.",
        "ask your administrator for the assignment, or correct sso_account_id and sso_role_name",
    ),
    "sign_in_impossible": Entry(Severity.ERROR, "No sign-in could be started for {session}", "{detail}.", LOGIN),
    "presence_unknown": Entry(
        Severity.INFO,
        "Whether you are there cannot be known here",
        "So no browser opens by itself; you are asked instead.",
        'set `presence = "always"` under [sign_in] in config.toml where that is right',
        marks_tray=False,
    ),
    "offline": Entry(
        Severity.INFO,
        "The network is down",
        "Nothing is asked of you until it is back.",
        "nothing to do",
        marks_tray=False,
    ),
    "clock_skew": Entry(
        Severity.WARNING,
        "This machine's clock is wrong",
        "Your clock is {detail}, so ends and renewals come at the wrong time.",
        "let the system set the time by itself (Linux: timedatectl set-ntp true), or set it by hand",
    ),
    "unexpected": Entry(
        Severity.ERROR,
        "Something unexpected happened with {session}",
        "{detail}. It is tried again by itself.",
        "keeplit logs",
    ),
}


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
    return "not_refreshable" if case.token is not None and not case.token.refreshable else ""


def _asks(case: Case) -> str:
    due = sign_in_due_at(case)
    waits = due is not None and due <= case.now and objection(case) is Objection.PRESENCE_UNKNOWN
    return "presence_unknown" if waits and presence(case) is None else ""


FINDERS: tuple[Callable[[Case], str], ...] = (_no_sign_in, _torn, _over, _not_refreshable, _asks)
BY_RESULT = {
    Result.TRANSIENT: "network",
    Result.THROTTLED: "throttled",
    Result.REFUSED: "refresh_refused",
    Result.NOT_WRITABLE: "cache_not_writable",
    Result.FORBIDDEN: "role_forbidden",
    Result.CANNOT: "refresh_refused",
    Result.UNEXPECTED: "unexpected",
}


def _of_attempt(case: Case, backoff: Backoff, codes: dict[Result, str]) -> Trouble | None:
    found = next((code for result, code in codes.items() if result == backoff.result), "")
    if not found:
        return None
    detail = " ".join(part for part in (backoff.code, backoff.detail) if part)
    light = alive(case) and CATALOGUE[found].severity is Severity.WARNING
    return Trouble(found, case.seen.session.name, detail, light=light)


def _of_clock(found: tuple[Case, ...]) -> list[Trouble]:
    """Return that this machine's clock is off, by the answer that was furthest from it."""
    ahead = max((case.memory.skew.total_seconds() for case in found), key=abs, default=0.0)
    if abs(ahead) <= MOST_SKEW.total_seconds():
        return []
    minutes = round(abs(ahead) / 60)
    return [Trouble("clock_skew", detail=f"{minutes} min {'behind' if ahead > 0 else 'ahead of'} AWS's")]


def troubles(facts: Facts, found: tuple[Case, ...]) -> tuple[Trouble, ...]:
    """Return what is wrong: of each session first, then of the machine, then of the files a person wrote."""
    result: list[Trouble] = []
    for case in found:
        name = case.seen.session.name
        result += [Trouble(code, name) for code in (finder(case) for finder in FINDERS) if code]
        attempts = (
            _of_attempt(case, case.memory.refresh, BY_RESULT) if renewable(case) else None,
            _of_attempt(case, case.memory.bridge, BY_RESULT) if alive(case) else None,
            _of_attempt(case, case.memory.start, dict.fromkeys(BY_RESULT, "sign_in_impossible")),
        )
        result += [trouble for trouble in attempts if trouble is not None]
    if facts.desk.network is Network.DOWN:
        result.append(Trouble("offline"))
    result += _of_clock(found)
    result += [Trouble(p.code, p.where, p.sentence, p.fix) for p in facts.problems]
    return tuple(dict.fromkeys(result))
