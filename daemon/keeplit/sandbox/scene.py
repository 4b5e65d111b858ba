"""The play of the sandbox: a working day in about a minute, with the real daemon in the leading part.

Law: the script waits for what is truly seen and gives up, aloud, when it is not. It turns faults on and off and lets
the person act; what keeplit does about that is keeplit's own doing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from keeplit.sandbox.claude import Claude
from keeplit.sandbox.clients import ACME, person_file
from keeplit.sandbox.faults import Fault
from keeplit.sandbox.happenings import SESSIONS, Happening, Watcher, What
from keeplit.sandbox.log_in import LogIn
from keeplit.sandbox.measure import Measure
from keeplit.sandbox.nouns import Lifetimes, World
from keeplit.sandbox.rewriter import LOST
from keeplit.sandbox.stage import Stage
from keeplit.sandbox.verdict import UNASKED, Verdict, judge

PROFILES = {"acme": "work", "beta": "client", "old": "old"}
NEEDED = {"acme": 2, "beta": 1, "old": 2}
"""How many sign-ins the play needs of each session."""
CREATE_TOKEN = "CreateToken"  # noqa: S105 - the name of an operation
LOOK_SECONDS = 0.2
TURNS = frozenset({What.SIGNED_IN, What.REFUSED})
NOTICES_AFTER = timedelta(seconds=2)
"""How long the person takes to see that a session needs them, where keeplit may open nothing by itself."""

Tell = Callable[[Happening], None]


@dataclass(frozen=True, slots=True)
class Tempo:
    """How fast the day goes. The 20 s of a notice and the 5 s after an end are keeplit's own, and stay as they are."""

    access: timedelta = timedelta(seconds=24)
    session: timedelta = timedelta(seconds=40)
    """How long the first sign-in of acme lives, from when all have signed in."""
    legacy: timedelta = timedelta(seconds=42)
    lead: timedelta = timedelta(seconds=8)
    role: timedelta = timedelta(seconds=48)
    """Ends between the end of acme's sign-in and the next one, so that what was taken over the end is truly used."""
    fault_after: timedelta = timedelta(seconds=6)
    fault_for: timedelta = timedelta(seconds=3)
    hold: timedelta = timedelta(seconds=1)
    at_most: timedelta = timedelta(seconds=120)

    def lifetimes(self) -> Lifetimes:
        """Return the lifetimes that the services begin with."""
        return Lifetimes(access_token=self.access, legacy_token=self.legacy, role_credentials=self.role)


ORDINARY = Tempo()
OUTLIVES = Tempo(session=timedelta(seconds=26))
"""The last token outlives its sign-in, so the sign-in ends earlier: before the renewal that finds it over."""


def stage_of(tempo: Tempo, *, outlives: bool = False, device: bool = False) -> Stage:
    """Return the stage on which a play of this tempo is given."""
    return Stage(tempo.lifetimes(), World(outlives=outlives), tempo.lead, device=device)


def free_stage(*, outlives: bool = False, device: bool = False) -> Stage:
    """Return a stage to play on by hand: lifetimes of minutes, so that something happens while one looks."""
    lifetimes = Lifetimes(
        access_token=timedelta(minutes=4), session=timedelta(minutes=20), legacy_token=timedelta(minutes=10)
    )
    return Stage(lifetimes, World(outlives=outlives), timedelta(minutes=1), device=device)


@dataclass(slots=True)
class Scene:
    """One play on one stage; ``tell`` hears every happening as it is seen."""

    stage: Stage
    tell: Tell
    tempo: Tempo = ORDINARY
    look: Callable[[Mapping[str, bool]], None] = lambda _: None
    """Called at each look, with the lamps: is the last second of each profile lit?"""
    seen: list[Happening] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    _log_ins: dict[str, LogIn] = field(default_factory=dict)
    _need_since: dict[str, datetime] = field(default_factory=dict)
    _dark: set[str] = field(default_factory=set)

    def play(self) -> Verdict:
        """Give the play and return the verdict."""
        sandbox = self.stage.sandbox
        watcher = Watcher(sandbox.log, sandbox.sessions, person_file(self.stage.home), self.stage.memory, sandbox.clock)
        until = sandbox.clock() + self.tempo.at_most
        with Measure(self._claude) as measure:
            for awaited in self._script(watcher):
                self._look(watcher, measure)
                if sandbox.clock() >= until and not self.broken:
                    self.broken.append(f"In {self.tempo.at_most.seconds} s this was not seen: {awaited}.")
                if self.broken:
                    break
            measure.stop()
            self._look(watcher, measure)
            return judge(self.seen, measure.seconds(), self.broken, NEEDED)

    def _script(self, watcher: Watcher) -> Iterator[str]:
        """Lead through the day; each sentence given is what is waited for."""
        clock = self.stage.sandbox.clock
        self.stage.start_daemon()
        yield from until("the daemon publishes its status", lambda: len(self.stage.published()) == len(SESSIONS))
        self._note(Happening(clock(), What.STARTED))
        for session in SESSIONS:
            self._ask(session)
        yield from until("every session is signed in", self._first_sign_ins)
        begun = self._short_day()
        yield from until("the first renewals are near", lambda: clock() >= begun + self.tempo.fault_after)
        yield from self._server_error(watcher)
        yield from self._lost_key()
        yield from until("old is signed in again before its token ends", lambda: self._count(What.SIGNED_IN, "old") > 1)
        end = What.REFUSED if self.stage.world.outlives else What.END_PROVEN
        yield from until("the end of the sign-in of acme is found out", lambda: self._count(end, "acme") > 0)
        yield from until("work on acme is carried over the end", lambda: self._count(What.BRIDGED, "acme") > 0)
        yield from until("acme is signed in again after its end", lambda: self._count(What.SIGNED_IN, "acme") > 1)
        renewals = self._renewals("acme")
        yield from self._dropped_connection(watcher)
        yield from until("the new sign-in of acme is renewed", lambda: self._renewals("acme") > renewals)
        rests = clock() + self.tempo.hold
        yield from until("the end", lambda: clock() >= rests)

    def _short_day(self) -> datetime:
        """Let only the sign-ins that live now be short ones."""
        sandbox = self.stage.sandbox
        now = sandbox.clock()
        sandbox.sessions.shorten(ACME, now + self.tempo.session)
        sandbox.service.set_lifetimes(replace(self.tempo.lifetimes(), legacy_token=Lifetimes().legacy_token))
        return now

    def _server_error(self, watcher: Watcher) -> Iterator[str]:
        clock, faults = self.stage.sandbox.clock, self.stage.sandbox.faults
        faults.inject(CREATE_TOKEN, Fault("server_error"))
        self._note(Happening(clock(), What.FAULT, detail="HTTP 500"))
        yield from until("a renewal meets HTTP 500", lambda: self._count(What.FAILED) > 0)
        mended = clock() + self.tempo.fault_for
        yield from until("the fault is over", lambda: clock() >= mended)
        faults.clear(CREATE_TOKEN)
        self._note(Happening(clock(), What.MENDED))
        yield from until("every renewal recovers", lambda: self._count(What.RECOVERED) > 0 and not watcher.failing)

    def _lost_key(self) -> Iterator[str]:
        """Let Claude Code rewrite its settings and lose a key that Bedrock needs."""
        clock, claude = self.stage.sandbox.clock, self.stage.claude
        claude.forget()
        lost = clock()
        self._note(Happening(lost, What.FORGOT, detail=LOST))
        yield from until("the lost key is put back into Claude Code's settings", claude.repaired)
        after = (clock() - lost) / timedelta(seconds=1)
        self._note(Happening(clock(), What.REPAIRED, detail=f"{after:.1f}"))
        if not claude.untouched():
            self.broken.append("The repair of Claude Code's settings touched more than the lost key.")

    def _dropped_connection(self, watcher: Watcher) -> Iterator[str]:
        failed, recovered = self._count(What.FAILED), self._count(What.RECOVERED)
        self.stage.sandbox.faults.inject(CREATE_TOKEN, Fault("drop", times=1))
        self._note(Happening(self.stage.sandbox.clock(), What.FAULT, detail="drop"))
        yield from until("a renewal meets the cut connection", lambda: self._count(What.FAILED) > failed)
        yield from until(
            "that renewal recovers", lambda: self._count(What.RECOVERED) > recovered and not watcher.failing
        )

    def _look(self, watcher: Watcher, measure: Measure) -> None:
        """Take in all that is new, and let the person act."""
        for happening in watcher.news(wait=LOOK_SECONDS):
            self._note(self._tab(happening) if happening.what is What.TAB else happening)
        self._work(measure)
        if self.stage.device:
            self._person_looks()
        for log_in in self._log_ins.values():
            if log_in.failed:
                self.broken.append(f"keeplit login of {log_in.session} failed: {log_in.said.removeprefix('keeplit: ')}")
        if self.stage.daemon is not None and self.stage.daemon.poll() is not None:
            self.broken.append(f"The daemon ended ({self.stage.daemon_said()}).")

    def _work(self, measure: Measure) -> None:
        """Let Claude Code work on whatever is signed in, and tell when a lamp goes out or on."""
        for log_in in self._log_ins.values():
            if log_in.process.poll() == 0:
                measure.start(PROFILES[log_in.session])
        last = {profile: counted[-1] for profile, counted in measure.seconds().items() if counted}
        self.look({profile: second.lit for profile, second in last.items()})
        for session, profile in PROFILES.items():
            second = last.get(profile)
            if second is not None and second.lit is (profile in self._dark):
                self._dark ^= {profile}
                self._note(Happening(second.at, What.LIT if second.lit else What.DARK, session, second.why))

    def _ask(self, session: str) -> None:
        self._note(Happening(self.stage.sandbox.clock(), What.ASKED, session))
        self._log_ins[session] = self.stage.log_in(session)
        self._need_since.pop(session, None)

    def _tab(self, tab: Happening) -> Happening:
        """Return the tab with who wanted it: a person whose ``keeplit login`` runs, or nobody."""
        log_in = self._log_ins.get(tab.session)
        asked = log_in is not None and log_in.process.poll() is None
        return replace(tab, detail="asked" if asked else UNASKED)

    def _person_looks(self) -> None:
        """Ask for a sign-in where keeplit says that one is needed: by printed code it never begins one unasked."""
        now = self.stage.sandbox.clock()
        for session, state in self.stage.published().items():
            log_in = self._log_ins.get(session)
            # A sign-in while the old one lives would move nothing, so the person waits for its end.
            needs = state == "signed_out" or (state == "sign_in_soon" and (session == "old" or self._refused(session)))
            if log_in is None or log_in.process.poll() is None or not needs:
                self._need_since.pop(session, None)
            elif now - self._need_since.setdefault(session, now) >= NOTICES_AFTER:
                self._ask(session)

    def _refused(self, session: str) -> bool:
        """Tell whether AWS has said since the last sign-in that it is over."""
        last = next((one.what for one in reversed(self.seen) if one.session == session and one.what in TURNS), None)
        return last is What.REFUSED

    def _first_sign_ins(self) -> bool:
        return all(self._log_ins[session].process.poll() == 0 for session in SESSIONS)

    def _note(self, happening: Happening) -> None:
        self.seen.append(happening)
        self.tell(happening)

    def _count(self, what: What, session: str = "") -> int:
        return sum(one.what is what and session in {"", one.session} for one in self.seen)

    def _renewals(self, session: str) -> int:
        return self._count(What.RENEWED, session) + self._count(What.RECOVERED, session)

    def _claude(self, profile: str) -> Claude:
        return Claude(profile, self.stage.keeplit, self.stage.environ, self.stage.sandbox.url, self.stage.sandbox.clock)


def until(awaited: str, seen: Callable[[], bool]) -> Iterator[str]:
    """Give the sentence again and again until it is seen; at least one look is taken."""
    yield awaited
    while not seen():
        yield awaited
