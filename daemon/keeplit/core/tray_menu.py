"""The flame's menu, from the published status and what can be chosen. Pure: the same input is the same menu.

Law: what is not possible now is not offered.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from keeplit.core.face import NOT_RUNNING, is_paused, main_session
from keeplit.core.labels import label, name, one_line
from keeplit.core.tray_entries import LINE, Choices, Click, Entry
from keeplit.core.tray_lists import switching, together
from keeplit.core.view import SessionStatus, Status
from keeplit.core.words import STATES, both_clocks, headline

INDENT = "   "
OURS = re.compile(r"`keeplit ([^`]+)`|(?:^|: )keeplit ([^`]+)$")
TO_FILL_IN = re.compile(r"\b(?:NAME|REGION|MODEL|ID)\b")  # a person has to know it; a session may be called ACME
SETTINGS = {
    "ok": "ok",
    "repaired": "repaired",
    "unreadable": "not readable",
    "off": "Bedrock is off",
    "unmanaged": "not kept yet",
}
PAUSES = (("30 min", "30m"), ("1 h", "1h"), ("Until tomorrow", "tomorrow"), ("Until I resume", ""))
QUESTION = "settings_question"


def menu(status: Status, choices: Choices, now: datetime, utc_offset: timedelta, told: str = "") -> tuple[Entry, ...]:
    """Return the entries at `now` (aware UTC); `utc_offset` is the local clock's, `told` what a click came to.

    That stands in the first line's place: a line more would be another menu, and an open one would be taken away.
    """
    running = status["daemon"]["running"]
    parts = [
        _header(status, now, utc_offset, told),
        _signing(status) if running else [Entry("Start keeping", Click.START)],
        switching(status, choices, now),
        [_settings(status, choices), *(_pausing(status, now) if running else ())],
        [*_troubles(status, choices)],
        [*_looking(choices), Entry(f"keeplit {status['daemon']['version']}")],
        [*_quitting(running=running)],
    ]
    return tuple(_joined(parts))


def _joined(parts: Iterable[Sequence[Entry]]) -> Iterator[Entry]:
    for number, part in enumerate(part for part in parts if part):
        if number:
            yield LINE
        yield from part


def _header(status: Status, now: datetime, utc_offset: timedelta, told: str) -> list[Entry]:
    lines = [one_line(told) or (headline(status, now) if status["daemon"]["running"] else NOT_RUNNING)]
    mine = main_session(status)
    for session in sorted(status["sessions"], key=lambda one: one is not mine):
        called = name(session["name"])
        if session is mine and status["profile"]:
            called = f"{name(status['profile'])} ({called})"
        lines.append(f"{called} · {STATES.get(session['state'], session['state'])}")
        lines.append(f"{INDENT}{both_clocks(session, now, utc_offset)}")
    if mine is None:
        lines.append("No session is in use: choose a profile")
    return [Entry(label(line)) for line in lines]


def _signing(status: Status) -> list[Entry]:
    several = len(status["sessions"]) > 1
    return [
        entry
        for session in status["sessions"]
        for entry in _for_session(session, name(session["name"]) if several else "")
    ]


def _for_session(session: SessionStatus, called: str) -> list[Entry]:
    """Return what makes sense for a session in its state; it is named where there are several."""
    state, key = session["state"], session["name"]
    to, of = (f" to {called}", f" of {called}") if called else ("", "")
    if state == "signing_in":
        return [Entry(label(f"Signing in{to}: look at your browser"))]
    entries: list[Entry] = []
    if state in {"signed_out", "sign_in_soon"}:
        entries.append(Entry(label(f"Sign in now{to}"), Click.SIGN_IN, key))
    if state in {"fresh", "renewing"} and session["refreshable"]:
        entries.append(Entry(label(f"Renew now{of}"), Click.RENEW, key))
    if state in {"fresh", "renewing", "sign_in_soon"}:
        warning = Entry("This signs you out first, then opens the browser")
        inside = (warning, Entry("Extend now", Click.EXTEND, key))
        entries.append(Entry(label(f"Extend the day{of}…"), children=inside))
    return entries


def _settings(status: Status, choices: Choices) -> Entry:
    settings = status["settings"]
    missing = ", ".join(key.removeprefix("env.") for key in settings["missing"])
    says = SETTINGS.get(settings["state"]) or (f"missing: {missing}" if missing else "changed")
    asked = any(trouble["code"] == QUESTION for trouble in status["troubles"])
    children = [
        Entry(label(f"{one_line(key.removeprefix('env.'))} is decided elsewhere: keeplit status says where"))
        for key in settings["shadowed"]
    ]
    if asked or settings["state"] not in {"ok", "repaired", "unmanaged"}:
        children.append(Entry("Repair now", Click.REPAIR))
    if asked:
        children.append(Entry("Keep the file as it is", Click.ACCEPT))
    if choices.can_undo:
        children.append(Entry(label(f"Undo: {one_line(choices.can_undo)}"), Click.UNDO, choices.undoes))
    isolate = Entry("Isolate Bedrock's profile", Click.ISOLATE, "" if choices.isolated else "on", choices.isolated)
    children.append(isolate)
    if settings["path"]:
        children.append(Entry("Open settings.json", Click.OPEN_SETTINGS, settings["path"]))
    return Entry(label(f"Settings: {one_line(says)}"), children=tuple(children))


def _pausing(status: Status, now: datetime) -> list[Entry]:
    if is_paused(status, now):
        return [Entry("Resume", Click.RESUME)]
    return [Entry("Pause", children=tuple(Entry(said, Click.PAUSE, value) for said, value in PAUSES))]


def _troubles(status: Status, choices: Choices) -> Iterator[Entry]:
    each: list[Entry] = []
    for trouble in status["troubles"]:
        lines = [Entry(label(one_line(trouble["detail"])))]
        ours = ours_in(trouble["fix"], choices.commands)
        if ours != [trouble["fix"].removeprefix("keeplit ")]:
            lines.append(Entry(label(f"Do: {one_line(trouble['fix'])}")))
        lines += [Entry(label(f"Run: keeplit {one_line(command)}"), Click.RUN, command) for command in ours]
        each.append(Entry(label(one_line(trouble["title"])), children=tuple(lines)))
    if each:
        yield Entry(f"Troubles ({len(each)})", children=together(tuple(each)))


def ours_in(fix: str, commands: frozenset[str]) -> list[str]:
    """Return the commands of keeplit that a fix names, each without its first word."""
    found = (one or other for one, other in OURS.findall(fix))
    return [command for command in found if _first(command) in commands and not TO_FILL_IN.search(command)]


def _first(command: str) -> str:
    try:
        return next(iter(shlex.split(command)), "")
    except ValueError:
        return ""


def _looking(choices: Choices) -> Iterator[Entry]:
    if "doctor" in choices.commands:
        yield Entry("Doctor", Click.RUN, "doctor")
    if "status" in choices.commands:
        yield Entry("Show the status in a terminal", Click.RUN, "status --watch")
    yield Entry("Open the log", Click.OPEN_LOG)
    if choices.at_login and choices.login_ends_at_once:
        warning = Entry("This ends what was started so now, this flame too")
        yield Entry("Starts at login ✓", children=(warning, Entry("Start at login no more", Click.AT_LOGIN)))
    elif choices.at_login is not None:
        yield Entry("Start at login", Click.AT_LOGIN, "" if choices.at_login else "on", choices.at_login)


def _quitting(*, running: bool) -> Iterator[Entry]:
    yield Entry("Quit (keeping goes on)" if running else "Quit", Click.QUIT)
    if running:
        yield Entry("Quit and stop keeping", Click.QUIT_ALL)
