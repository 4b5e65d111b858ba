"""Every word a person sees about the state of things: the published status, its sentences, the notices. Pure.

Law: the status holds absolute UTC times and codes only, so that an unchanged state is an unchanged file; "in 12
minutes" is said by `keeplit.core.words` when it is shown. The interfaces show what stands here, no more.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypedDict

from keeplit.core.clocks import (
    TORN_FOR,
    Case,
    Certainty,
    alive,
    cases,
    end_of_sign_in,
    is_paused,
    refresh_due_at,
    sign_in_due_at,
    torn_for,
)
from keeplit.core.deeds import Plan, Trouble
from keeplit.core.memory import Memory
from keeplit.core.model import FOREVER, Facts, Kind, Profile, Reading
from keeplit.core.plan import NEVER
from keeplit.core.settings_troubles import missing, settings_state

SCHEMA = 1
MOST_ANSWERS = 50


class SessionStatus(TypedDict):
    """One session of the status; times are RFC 3339 UTC or null."""

    name: str
    start_url: str
    kind: str
    state: str
    access_expires_at: str | None
    refreshable: bool
    signed_in_at: str | None
    session_ends_at: str | None
    session_ends_known: str
    next_action: str | None
    next_action_at: str | None
    profiles: list[str]


class TroubleStatus(TypedDict):
    """One trouble of the status, in words."""

    code: str
    severity: str
    title: str
    detail: str
    fix: str


class NoticeStatus(TypedDict):
    """A notice that the desktop did not show, for interfaces that can; a sign-in's code is never in it."""

    id: str
    title: str
    text: str
    not_after: str


class SettingsStatus(TypedDict):
    """Claude Code's settings file."""

    path: str
    state: str
    missing: list[str]
    shadowed: list[str]


class DaemonStatus(TypedDict):
    """The daemon."""

    running: bool
    version: str


class Status(TypedDict):
    """What `status --json` prints and `status.json` holds; section 5 of the design."""

    schema: int
    daemon: DaemonStatus
    paused_until: str | None
    profile: str
    region: str
    model: str
    sessions: list[SessionStatus]
    settings: SettingsStatus
    troubles: list[TroubleStatus]
    answers: list[dict[str, str]]
    notices: list[NoticeStatus]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the status says besides the sessions: what Claude Code uses, and its settings file."""

    version: str
    running: bool = True
    profile: str = ""
    region: str = ""
    model: str = ""
    settings_path: str = ""
    profiles: tuple[Profile, ...] = ()


def status(facts: Facts, memory: Memory, plan: Plan, around: Surroundings, now: datetime) -> Status:
    """Return the status document of this moment. It holds no secret, and is the same as long as nothing changes."""
    coming = {key: (reason, at) for key, reason, at in plan.next_actions}
    names: dict[str, list[str]] = {}
    for profile in around.profiles:
        names.setdefault(profile.session, []).append(profile.name)
    return {
        "schema": SCHEMA,
        "daemon": {"running": around.running, "version": around.version},
        "paused_until": rfc3339(memory.paused_until) if is_paused(memory, now) else None,
        "profile": around.profile,
        "region": around.region,
        "model": around.model,
        "sessions": [
            _session(case, coming.get(case.key, (NEVER, now)), names.get(case.key, []))
            for case in cases(facts, memory, now)
        ],
        "settings": {
            "path": facts.settings.path or around.settings_path,
            "state": settings_state(facts.settings, memory.settings, now),
            "missing": missing(facts.settings, memory.settings, now),
            "shadowed": sorted(facts.settings.shadowed),
        },
        "troubles": [in_words(trouble) for trouble in plan.troubles],
        "answers": [{"id": a.id, "state": a.state, "code": a.code} for a in memory.answers[-MOST_ANSWERS:]],
        "notices": _notices(facts, memory, now),
    }


def _notices(facts: Facts, memory: Memory, now: datetime) -> list[NoticeStatus]:
    if not memory.unshown:
        return []
    from keeplit.core.unshown import news, not_after  # late: mostly every notice was shown
    from keeplit.core.words import told_again

    names = {seen.session.key: seen.session.name for seen in facts.sessions} | {"": ""}
    found: list[NoticeStatus] = []
    for one in news(memory, now):
        if one.session in names:
            title, text = told_again(one, names[one.session])
            found.append({"id": one.cause, "title": title, "text": text, "not_after": str(rfc3339(not_after(one)))})
    return found


def _session(case: Case, coming: tuple[str, datetime], profiles: list[str]) -> SessionStatus:
    session = case.seen.session
    token = case.token
    end, certainty = end_of_sign_in(case)
    action, at = coming
    return {
        "name": session.name,
        "start_url": session.start_url,
        "kind": str(session.kind),
        "state": state_of(case),
        "access_expires_at": rfc3339(token.expires_at) if token is not None else None,
        "refreshable": token is not None and token.refreshable,
        "signed_in_at": rfc3339(case.memory.signed_in_at),
        "session_ends_at": rfc3339(end),
        "session_ends_known": str(certainty if end is not None else Certainty.UNKNOWN),
        "next_action": None if action == NEVER else action,
        "next_action_at": None if action == NEVER else rfc3339(at),
        "profiles": profiles,
    }


def state_of(case: Case) -> str:
    """Return the state of a session by section 5 of the design; a running sign-in comes before everything."""
    record = case.seen.sign_in
    if record is not None and record.running:
        return "signing_in"
    if case.seen.reading is Reading.TORN:
        end = case.memory.token_end
        return "fresh" if torn_for(case) < TORN_FOR and end is not None and end > case.now else "unknown"
    if not alive(case):
        return "signed_out"
    sign_in = sign_in_due_at(case)
    if sign_in is not None and (case.seen.session.kind is not Kind.LEGACY or sign_in <= case.now):
        return "sign_in_soon"
    due = refresh_due_at(case)
    return "renewing" if due is not None and due <= case.now else "fresh"


def rfc3339(at: datetime | None) -> str | None:
    """Return an aware time as RFC 3339 in UTC, to the second; None stays None."""
    return None if at is None else min(at, FOREVER).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def in_words(trouble: Trouble) -> TroubleStatus:
    """Return a trouble in the catalogue's words; one that a file's reader found brings its own."""
    from keeplit.core.catalogue import CATALOGUE, Severity  # late: mostly nothing is wrong

    entry = CATALOGUE.get(trouble.code)
    if entry is None:
        title = trouble.code.replace("_", " ").capitalize() + (f" ({trouble.session})" if trouble.session else "")
        return {
            "code": trouble.code,
            "severity": str(Severity.WARNING),
            "title": title,
            "detail": trouble.detail,
            "fix": trouble.fix,
        }
    import shlex  # late too

    fill = {"session": trouble.session, "detail": trouble.detail or "no reason was given"}
    typed = {**fill, "session": shlex.quote(trouble.session)}  # a name may hold blanks and quotes; so do AWS's sections
    return {
        "code": trouble.code,
        "severity": str(Severity.INFO if trouble.light else entry.severity),
        "title": entry.title.format_map(fill),
        "detail": entry.text.format_map(fill),
        "fix": trouble.fix or entry.fix.format_map(typed),
    }
