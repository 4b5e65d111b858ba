"""Plays a timeline: a script of what happens, and below each step what the machine said.

A script is made of steps: lines that say what happens, a line ``----``, and what was said, up to an empty line. Lines
that start with ``#`` belong to the reader. The commands are the methods of `Story` named ``do_…``; times are the wall
clock's, UTC, from Monday 2 March 2026 on. Chance is left out: every drawn jitter is zero.

The loop is the daemon's: it jumps to the planned wake, at most 60 s away (5 s while a person is awaited), and turns
again at once after it did something. Only what changes is said.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from heapq import heappop, heappush

from keeplit.core.deeds import Action, Do, Outcome, Plan, Result
from keeplit.core.memory import Memory
from keeplit.core.model import (
    Desk,
    Extend,
    Facts,
    Kind,
    Mode,
    Network,
    Policy,
    Reading,
    Role,
    Seen,
    Session,
    SignIn,
    SignInCode,
    Token,
    Verb,
    Wish,
)
from keeplit.core.view import Status, Surroundings, status
from keeplit.core.words import both_clocks, notice_text
from keeplit.engine.turn import turn
from tests.timelines.claude_file import ClaudeFile
from tests.timelines.service import Account

MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SLICE = timedelta(seconds=60)
PERSON_SLICE = timedelta(seconds=5)
DEADLINE = timedelta(minutes=11)
MOST_TURNS_AT_ONCE = 12
NOTHING = timedelta(0)
RULE = "----"
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def length(text: str) -> timedelta:
    """Return a length such as ``40s``, ``1h30m``, ``-2h``."""
    parts = {UNITS[unit]: int(number) for number, unit in re.findall(r"(\d+)([smhd])", text)}
    return -timedelta(**parts) if text.startswith("-") else timedelta(**parts)


class Story:
    """The world of one timeline: the machine, its person, and AWS; a `World` for `turn`."""

    def __init__(self) -> None:
        self.true = MONDAY
        self.offset = NOTHING
        self.accounts: dict[str, Account] = {}
        self.roles: dict[str, tuple[str, ...]] = {}
        self.files: dict[str, Token] = {}
        self.claude = ClaudeFile()
        self.torn: set[str] = set()
        self.records: dict[str, SignIn] = {}
        self.used: list[str] = []
        self.policy = Policy()
        self.there: bool | None = True
        self.last_input = MONDAY
        self.woke: datetime | None = None
        self.network = Network.UP
        self.answer, self.reaction = SignInCode.SIGNED_IN, timedelta(seconds=40)
        self.wishes: tuple[Wish, ...] = ()
        self.wished = 0
        self.memory = Memory()
        self.running = False
        self.starting = True
        self.wake = MONDAY
        self.watching = False
        self.switch: str | None = None
        self.events: list[tuple[datetime, int, Callable[[], None]]] = []
        self.count = 0
        self.said: list[tuple[datetime, str]] = []
        self.day = ""
        self.shown: dict[str, str] = {}
        self.wrong: tuple[str, ...] = ()
        self.published: Status | None = None

    # what a turn needs of the world

    def now(self) -> datetime:
        return self.true + self.offset

    def draw(self) -> float:
        return 0.5

    def observe(self, now: datetime) -> Facts:
        idle = self.now() if self.there else self.last_input
        desk = Desk(None if self.there is None else idle, woke_at=self.woke, network=self.network)
        facts = Facts(
            tuple(self._seen(name) for name in self.used),
            desk,
            self.policy,
            self.wishes,
            starting=self.starting,
            settings=self.claude.settings(),
        )
        self.starting = False
        return facts

    def _seen(self, name: str) -> Seen:
        token = self.files.get(name)
        reading = Reading.TORN if name in self.torn else Reading.ABSENT if token is None else Reading.PRESENT
        roles = tuple(Role(role, "111122223333", "Developer") for role in self.roles[name])
        seen = token if reading is Reading.PRESENT else None
        return Seen(self.accounts[name].session, reading, seen, roles, self.records.get(name))

    def recall(self) -> Memory:
        return self.memory

    def remember(self, memory: Memory) -> None:
        self.memory = memory

    def forget_wishes(self, facts: Facts, memory: Memory) -> None:
        done = {answer.id for answer in memory.answers}
        for wish in self.wishes:
            answer = next((answer for answer in memory.answers if answer.id == wish.id), None)
            if answer is not None and answer.state != "waiting":
                self.say(f"answer to {wish.verb}: {answer.state}, {answer.code}")
        self.wishes = tuple(wish for wish in self.wishes if wish.id not in done)

    def publish(self, facts: Facts, memory: Memory, planned: Plan, now: datetime) -> None:
        self.wake, self.watching = planned.wake_at, planned.watch_person
        self.published = status(facts, memory, planned, Surroundings("test"), now)

    def perform(self, action: Action, facts: Facts) -> Outcome:
        name = next((seen.session.name for seen in facts.sessions if seen.session.key == action.session), "settings")
        if action.do is Do.NOTIFY:
            title, text, buttons = notice_text(action, name, self.now())
            self.say(f'notice "{title}": {text}{"".join(f" [{button}]" for button in buttons)}')
            return Outcome(Result.DONE)
        outcome = self._performed(action, name)
        came = " ".join(part for part in (str(outcome.result), outcome.code) if part)
        self.say(f"{action.do} {name} ({action.reason}): {action.sentence} → {came}")
        return outcome

    def _performed(self, action: Action, name: str) -> Outcome:
        if action.do is Do.EDIT_SETTINGS:
            return self.claude.edit(action, self.now())
        account = self.accounts[name]
        token = self.files.get(name)
        if action.token != (token.digest if token is not None else ""):
            return Outcome(Result.STALE)
        match action.do:
            case Do.REFRESH:
                if self.switch is not None:
                    self.used, self.switch = [self.switch], None
                outcome = account.refresh(self.true, self.offset)
                if outcome.token is not None:
                    self.files[name] = outcome.token
                return outcome
            case Do.BRIDGE:
                return account.bridge(self.true, len(self.roles[name]))
            case Do.LOGOUT:
                self.files.pop(name, None)
                account.end = None
                return Outcome(Result.DONE)
        return self._tab(action, name, account)

    def _tab(self, action: Action, name: str, account: Account) -> Outcome:
        """Open a browser tab, and let the person do with it what they do."""
        url = account.session.start_url
        running = [record for record in self.records.values() if record.running and record.start_url == url]
        assert not running, "a second tab for one start URL"
        self.count += 1
        fresh = action.do is Do.EXTEND
        record = SignIn(f"r{self.count}", action.session, url, self.now(), action.asked, fresh, action.token)
        self.records[name] = record
        if fresh:
            self.files.pop(name, None)
            account.end = None
        ignored = self.answer is SignInCode.TIMED_OUT
        self.later(self.true + (DEADLINE if ignored else self.reaction), lambda: self._answered(name, record.id))
        return Outcome(Result.DONE, "running")

    def _answered(self, name: str, record_id: str) -> None:
        record = self.records[name]
        if record.id != record_id or not record.running:
            return
        if self.answer is SignInCode.SIGNED_IN:
            self.files[name], _ = self.accounts[name].sign_in(self.true, self.offset)
        self.records[name] = replace(record, code=self.answer, ended_at=self.now())
        self.say(f"(the tab of {name}: {self.answer})")

    # the clock

    def later(self, at: datetime, event: Callable[[], None]) -> None:
        heappush(self.events, (at, len(self.events) + self.count, event))

    def say(self, text: str) -> None:
        self.said.append((self.now(), text))

    def lines(self) -> Iterator[str]:
        """Give what was said in this step, a line for each; what only repeats is counted."""
        said, self.said = self.said, []
        while said:
            at, text = said[0]
            alike = next((number for number, (_, other) in enumerate(said) if other != text), len(said))
            day = f"{at:%a}"
            yield f"{'   ' if day == self.day else day} {at:%H:%M:%S}  {text}"
            if alike > 1:
                yield f"              … {alike - 1} more, until {said[alike - 1][0]:%a %H:%M:%S}"
            self.day = f"{said[alike - 1][0]:%a}"
            said = said[alike:]

    def settle(self) -> None:
        """Turn until there is nothing more to do at this moment."""
        for _ in range(MOST_TURNS_AT_ONCE):
            if not self.running:
                return
            if not turn(self).performed:
                self.say_changes()
                return
        raise AssertionError(f"a loop at {self.now():%a %H:%M:%S}: {self.said[-3:]}")

    def say_changes(self) -> None:
        """Say which states and troubles have changed since they were said last."""
        assert self.published is not None
        for session in self.published["sessions"]:
            if self.shown.get(session["name"]) != session["state"]:
                self.shown[session["name"]] = session["state"]
                self.say(f"{session['name']} is {session['state']}")
        settings = self.published["settings"]
        state = f"{settings['state']}{''.join(f', {key} is missing' for key in settings['missing'])}"
        if self.claude.known and self.shown.get("settings") != state:
            self.shown["settings"] = state
            self.say(f"settings are {state}")
        wrong = tuple(f"{trouble['code']} ({trouble['severity']})" for trouble in self.published["troubles"])
        if wrong != self.wrong:
            self.wrong = wrong
            self.say(f"troubles: {', '.join(wrong) or 'none'}")

    def run_until(self, end: datetime) -> None:
        while True:
            self.settle()
            wake = self.wake - self.offset if self.running else end
            step = PERSON_SLICE if self.watching else SLICE
            self.true = max(self.true, min(wake, self.true + step, self.events[0][0] if self.events else end, end))
            while self.events and self.events[0][0] <= self.true:
                heappop(self.events)[2]()
            if self.true >= end:
                self.settle()
                return

    def moment(self, text: str) -> datetime:
        """Return the next moment, in true time, at which the wall clock shows `text`."""
        at = datetime.combine(self.now().date(), time.fromisoformat(text), tzinfo=UTC)
        return (at if at > self.now() else at + timedelta(days=1)) - self.offset

    # what a script can say

    def do_session(self, name: str, *rest: str) -> None:
        """``session acme [legacy] [lasts=8h] [survives] [life=1h] [url=…] [roles=work,play]``: a session in use."""
        given = dict(word.partition("=")[::2] for word in rest)
        key = "0" * 8 + hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()[8:]
        kind = Kind.LEGACY if "legacy" in given else Kind.SSO_SESSION
        url = f"https://{given.get('url', name)}.awsapps.com/start"
        session = Session(key, name, kind, url, "eu-central-1")
        self.accounts[name] = Account(
            session, length(given.get("lasts", "8h")), "survives" in given, length(given.get("life", "1h"))
        )
        self.roles[name] = tuple(filter(None, given.get("roles", "").split(",")))
        self.used.append(name)

    def do_policy(self, *rest: str) -> None:
        """``policy [mode=ask] [extend=auto] [quiet=22:00-07:00] [present]``: what config.toml says."""
        given = dict(word.partition("=")[::2] for word in rest)
        start, _, end = given.get("quiet", "").partition("-")
        self.policy = replace(
            self.policy,
            mode=Mode(given.get("mode", "auto")),
            extend=Extend(given.get("extend", "ask")),
            quiet=(time.fromisoformat(start), time.fromisoformat(end)) if start else None,
            always_present="present" in given,
        )

    def do_start(self) -> None:
        """``start``: the daemon starts; its memory is what it wrote down."""
        self.running, self.starting = True, True

    def do_stop(self) -> None:
        """``stop``: the daemon ends."""
        self.running = False

    def do_until(self, text: str) -> None:
        """``until 17:30``: time passes; at its end the state is said."""
        self.run_until(self.moment(text))
        self.say_state()

    def do_at(self, text: str) -> None:
        """``at 17:30``: time passes, and nothing is said of the state at its end."""
        self.run_until(self.moment(text))

    def do_person(self, *rest: str) -> None:
        """``person there | away | unknown``, or ``person answers | denies | closes | ignores [40s]`` a tab."""
        match rest:
            case ["there" | "away" | "unknown" as where]:
                self.last_input = self.now()
                self.there = {"there": True, "away": False, "unknown": None}[where]
            case [what, *after]:
                codes = {"answers": "signed_in", "denies": "denied", "closes": "closed", "ignores": "timed_out"}
                self.answer = SignInCode(codes[what])
                self.reaction = length(after[0]) if after else self.reaction

    def do_hand(self, name: str) -> None:
        """``hand acme``: somebody runs ``aws sso login`` in a terminal."""
        self.files[name], _ = self.accounts[name].sign_in(self.true, self.offset)
        record = self.records.get(name)
        if record is not None and record.running:  # the runner sees it, and ends its tab
            self.records[name] = replace(record, code=SignInCode.SIGNED_IN, ended_at=self.now())

    def do_lid(self, _shut: str, until: str) -> None:
        """``lid shut 12:30``: the machine sleeps until then; nobody has touched it yet when it wakes."""
        self.last_input = self.now()
        there = self.there
        self.true = self.moment(until)
        self.woke = self.now()
        self.there = False
        self.settle()
        self.there = there

    def do_network(self, state: str) -> None:
        """``network down | up``: known to the machine, and felt by every call."""
        self.network = Network(state)
        for account in self.accounts.values():
            account.fault = "unreachable" if state == "down" else ""

    def do_aws(self, fault: str, after: str = "") -> None:
        """``aws unreachable | throttles [30s] | refuses | answers``: how AWS answers renewals."""
        for account in self.accounts.values():
            account.fault = "" if fault == "answers" else fault
            account.retry_after = length(after) if after else None

    def do_wish(self, verb: str, name: str = "", *rest: str) -> None:
        """``wish later acme [15m] [x10]``, ``wish logout acme within=40s``: an interface writes down wishes."""
        times = next((int(word[1:]) for word in rest if word.startswith("x")), 1)
        within = next((length(word.partition("=")[2]) for word in rest if word.startswith("within=")), None)
        not_after = None if within is None else self.now() + within
        duration = next((length(word) for word in rest if not word.startswith(("x", "within="))), None)
        key = self.accounts[name].session.key if name not in {"", "-"} else ""
        token = self.files[name].digest if verb == "rejected" else ""
        for _ in range(times):
            self.wished += 1
            self.wishes = (*self.wishes, Wish(f"w{self.wished}", Verb(verb), key, duration, token, not_after))

    def do_clock(self, by: str) -> None:
        """``clock 3h | -40m``: somebody sets the wall clock."""
        self.offset += length(by)

    def do_admin(self, what: str, name: str, to: str = "0s") -> None:
        """``admin ends acme``, or ``admin limits acme 4h``: of the running session and the next ones."""
        account = self.accounts[name]
        assert account.end is not None
        if what == "ends":
            account.end = self.true
        else:
            account.end += length(to) - account.lasts
            account.lasts = length(to)

    def do_registration(self, name: str, _ends: str, after: str) -> None:
        """``registration acme ends 2h``: the client registration of the next token ends so long from now."""
        self.accounts[name].registered_until = self.true + length(after)

    def do_file(self, name: str, state: str) -> None:
        """``file acme torn | whole | gone``: another tool writes the token file, or deletes it."""
        if state == "gone":
            self.files.pop(name, None)
        (self.torn.add if state == "torn" else self.torn.discard)(name)

    def do_settings(self, what: str, *rest: str) -> None:
        """``settings are A=1 model=x``, ``set A=2``, ``lose A``, ``empty|torn|whole|gone``: what others write."""
        self.claude.written(what, rest)

    def do_config(self, *rest: str) -> None:
        """``config [repair=ask] A=1 model=x``: what config.toml wants of the settings from now on."""
        self.claude.wishes(rest)

    def do_keeplit(self, command: str, *rest: str) -> None:
        """``keeplit use A=1``, ``undo A=1`` (`A=` takes it out), ``accept A``: a person's command."""
        self.claude.command(command, rest, self.now())

    def do_use(self, name: str, *during: str) -> None:
        """``use beta [during]``: Claude Code's profile is another session's now, or during the next refresh."""
        if during:
            self.switch = name
        else:
            self.used = [name]

    def say_state(self) -> None:
        """Say the state of each session, and when the machine looks again."""
        assert self.published is not None
        for session in self.published["sessions"]:
            self.say(f"= {session['name']} {session['state']} · {both_clocks(session, self.now(), NOTHING)}")
        if self.claude.known:
            self.say(f"= settings {self.published['settings']['state']} · {self.claude}")

    def play(self, command: str) -> None:
        verb, *rest = command.split()
        method = getattr(self, f"do_{verb}")
        method(*rest)


def steps(script: str) -> Iterator[tuple[list[str], list[str]]]:
    """Give each block of a script: its lines before the rule, and what was recorded below it."""
    for block in script.strip("\n").split("\n\n"):
        lines = block.split("\n")
        rule = lines.index(RULE) if RULE in lines else len(lines)
        yield lines[:rule], lines[rule + 1 :]


def play(script: str) -> str:
    """Return the script with what the machine says now."""
    story = Story()
    blocks: list[str] = []
    for given, _ in steps(script):
        commands = [line for line in given if line and not line.startswith("#")]
        if not commands:
            blocks.append("\n".join(given))
            continue
        for command in commands:
            story.play(command)
        story.settle()
        blocks.append("\n".join([*given, RULE, *story.lines()]))
    return "\n\n".join(blocks) + "\n"
