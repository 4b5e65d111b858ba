"""What a click on the flame's menu does: a wish to the daemon, or the same function as the command of that name.

Law: a click is answered in one sentence, whatever comes of it; none opens a shell, and a terminal runs nothing but
keeplit itself.
"""

import logging
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import time, timedelta
from pathlib import Path

from keeplit.adapters import clock, own_command, programs
from keeplit.adapters.files import FileTrouble
from keeplit.adapters.paths import Paths
from keeplit.core.config_values import duration
from keeplit.core.model import Verb
from keeplit.core.permission import next_local
from keeplit.core.settings_keys import HAIKU, LAUNCH_MODEL, MODEL, PROFILE, REGION
from keeplit.core.switching import Asked
from keeplit.core.tray_entries import Click, Entry
from keeplit.engine import ask, daemon_start, models, repair, undo, use, whose
from keeplit.engine.choosing import Refused
from keeplit.engine.repair import State, Way

log = logging.getLogger(__name__)

ACTION_WITHIN = 35.0  # a renewal, or a sign-in's start, is over by then
MIDNIGHT = time(0, 0)
SHORT = {PROFILE: "profile", REGION: "region", MODEL: "model", LAUNCH_MODEL: "model", HAIKU: "small model"}
VERBS = {Click.SIGN_IN: Verb.SIGN_IN, Click.EXTEND: Verb.EXTEND, Click.RENEW: Verb.REFRESH}
DONE = {
    Verb.SIGN_IN: "The sign-in has begun: look at your browser",
    Verb.EXTEND: "You are signed out; sign in again in your browser",
    Verb.REFRESH: "Renewed",
}
CODES = {
    "joined": "That is under way already",
    "nothing_to_renew": "There is nothing to renew: sign in",
    "unknown_session": "The daemon does not keep that session any more",
    "replaced": "Another wish came in its place",
    "too_late": "The daemon did not get to it in time; try again",
}
MENDED = {
    State.REPAIRED: "The settings are repaired; Undo takes it back",
    State.ACCEPTED: "The file stays as it is, and is kept so from now on",
    State.RESTORED: "The last good copy is back",
    State.NOTHING: "There is nothing to do: the file says what was agreed",
}
SILENT = "The daemon did not answer; it does it as soon as it can"
TAKEN_BACK = "The daemon did not answer, and you are still signed in; try again"
SETTINGS = frozenset({Click.PROFILE, Click.PRESET, Click.MODEL, Click.REGION, Click.ISOLATE})


@dataclass(frozen=True, slots=True)
class Told:
    """What a click came to; empty: nothing to be said."""

    sentence: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Clicks:
    """What a click needs: the files, and the environment of the person's session."""

    paths: Paths
    environ: Mapping[str, str]

    def do(self, entry: Entry) -> Told:
        """Do what an entry says; nothing is raised. It may take half a minute: not in the thread of the loop."""
        try:
            return self._deed(entry.click)(entry)
        except FileTrouble as trouble:
            return Told(f"{trouble}", failed=True)
        except Exception as error:
            log.exception("the click on %s failed", entry.click)
            return Told(f"That failed ({type(error).__name__}). See: keeplit logs", failed=True)

    def _deed(self, click: Click) -> Callable[[Entry], Told]:
        if click in VERBS:
            return self._wish
        if click in SETTINGS:
            return self._use
        deeds = {
            Click.REFRESH_MODELS: self._models,
            Click.REPAIR: self._mend,
            Click.ACCEPT: self._mend,
            Click.UNDO: self._undo,
            Click.PAUSE: self._pause,
            Click.RESUME: self._resume,
            Click.START: self._start,
            Click.OPEN_SETTINGS: self._open,
            Click.OPEN_LOG: self._open,
            Click.AT_LOGIN: self._at_login,
            Click.RUN: self._run,
            Click.QUIT_ALL: self._stop,
        }
        return deeds.get(click, _nothing)

    def _wish(self, entry: Entry) -> Told:
        session = whose.session(self.paths, self.environ, profile=None, session=entry.value)
        if isinstance(session, whose.Unclear):
            return Told(session.sentence, failed=True)
        verb = VERBS[entry.click]
        answer = ask.wish(self.paths, self.environ, verb, session=session, within=ACTION_WITHIN)
        if answer is None and verb in ask.ENDS:
            return Told(TAKEN_BACK, failed=True)
        if answer is None or answer.state == "waiting":
            return Told(SILENT, failed=True)
        if answer.state == "done":
            return Told(CODES.get(answer.code, DONE[verb]))
        said = CODES.get(answer.code, f"That did not work ({answer.code}). See: keeplit status")
        return Told(said, failed=True)

    def _use(self, entry: Entry) -> Told:
        value, preset = entry.value, ""
        match entry.click:
            case Click.PROFILE:
                asked = Asked(profile=value)
            case Click.MODEL:
                asked = Asked(model=value)
            case Click.REGION:
                asked = Asked(region=value)
            case Click.ISOLATE:
                asked = Asked(isolate=bool(value))
            case _:
                asked, preset = Asked(), value
        used = use.use(self.paths, self.environ, asked, preset)
        if isinstance(used, Refused):
            return Told(used.sentence, failed=True)
        return Told(switched(used))

    def _models(self, entry: Entry) -> Told:
        del entry
        region = models.region(self.paths, self.environ)
        found = models.listing(self.paths, self.environ, None, region, refresh=True)
        if found.code:
            return Told(found.fault, failed=True)
        return Told(f"{len(found.profiles)} models of {region}")

    def _mend(self, entry: Entry) -> Told:
        way = Way.ACCEPT if entry.click is Click.ACCEPT else Way.WRITE
        done = repair.repair(self.paths, self.environ, way)
        if done.given.fault:
            return Told(f"{done.given.fault}. Do: {done.given.fix}", failed=True)
        return Told(MENDED[done.state])

    def _undo(self, entry: Entry) -> Told:
        """Take back the very change that the entry named: others may have come since."""
        named = next((one for one in undo.history(self.paths) if one.group == entry.value), None)
        done = undo.undo(self.paths, named.number) if named is not None and named.number is not None else None
        if done is None or done.command is None:
            return Told("That is taken back already", failed=True)
        fault = next((one for one in done.files if one.fault), None)
        if fault is not None:
            return Told(f"{fault.fault}. Do: {fault.fix}", failed=True)
        left = [key for one in done.files for key in one.left]
        kept = f"; left alone, since it was changed later: {', '.join(left)}" if left else ""
        return Told(f"Took back: {done.command.command}{kept}")

    def _pause(self, entry: Entry) -> Told:
        answer = ask.wish(self.paths, self.environ, Verb.PAUSE, duration=length(entry.value))
        return Told("Paused; tokens are still renewed") if answer is not None else Told(SILENT, failed=True)

    def _resume(self, entry: Entry) -> Told:
        del entry
        answer = ask.wish(self.paths, self.environ, Verb.RESUME)
        return Told("Resumed") if answer is not None else Told(SILENT, failed=True)

    def _start(self, entry: Entry) -> Told:
        del entry
        wrong = daemon_start.begin(self.paths, self.environ)
        return Told(wrong, failed=True) if wrong else Told("keeplit keeps watch again")

    def _open(self, entry: Entry) -> Told:
        path = self.paths.log if entry.click is Click.OPEN_LOG else Path(entry.value)
        wrong = programs.open_file(path, self.environ)
        if wrong and entry.click is Click.OPEN_LOG and path.exists():
            return self._run(replace(entry, value="logs"))  # a terminal shows it too
        return Told(wrong, failed=bool(wrong))

    def _at_login(self, entry: Entry) -> Told:
        from keeplit.engine import tray_login

        return Told(tray_login.change(self.paths, self.environ, starts=bool(entry.value)))

    def _run(self, entry: Entry) -> Told:
        program = own_command.program(self.environ)
        if program is None:
            return Told(f"Type it in a terminal: keeplit {entry.value}", failed=True)
        wrong = programs.in_terminal([program, *shlex.split(entry.value)], self.environ)
        return Told(wrong, failed=bool(wrong))

    def _stop(self, entry: Entry) -> Told:
        del entry
        answer = ask.wish(self.paths, self.environ, Verb.STOP)
        return Told() if answer is not None else Told(SILENT, failed=True)


def _nothing(entry: Entry) -> Told:
    del entry
    return Told()


def length(value: str) -> timedelta | None:
    """Return how long a pause is: to the next midnight of the local clock for ``tomorrow``, None for open."""
    if value == "tomorrow":
        now = clock.now()
        return next_local(now, clock.utc_offset(now), MIDNIGHT) - now
    return duration(value) if value else None


def switched(used: use.Used) -> str:
    """Return what changed, and which Claude Code sessions see it."""
    by: dict[str, list[str]] = {}
    for one in used.changed:
        if one.seen_by and one.key in SHORT:
            by.setdefault(one.seen_by, []).append(SHORT[one.key])
    if not used.changed:
        return "There is nothing to change: all is so already"
    parts = [f"running sessions see the new {' and '.join(by['running'])}"] if "running" in by else []
    parts += [f"only new sessions see the new {' and '.join(by['new'])}"] if "new" in by else []
    using = used.now
    uses = f"Claude Code uses {using.profile or 'no profile'} in {using.region or 'no region'}"
    return "; ".join([uses, *parts])
