"""The world that keeplit's `turn` meets in the simulation: AWS, the files, the person and Claude Code.

Law: nothing here decides for keeplit; the world answers as they would, at the moment that the loop has come to.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from heapq import heappush
from random import Random

from keeplit.core.deeds import Action, Do, Notice, Outcome, Plan, Result
from keeplit.core.memory import Memory
from keeplit.core.model import (
    Desk,
    Facts,
    Kind,
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
from tests.bench.laptop import Life
from tests.bench.row import EARLY, ClaudeCode, Row
from tests.bench.service import Issued, Service, Terms
from tests.bench.spans import HOUR, NEVER

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
START_URL = "https://d-1234567890.awsapps.com/start"
SESSION = Session("0123456789abcdef", "acme", Kind.SSO_SESSION, START_URL, "eu-central-1", ("sso:account:access",))


def date(at: float) -> datetime:
    """Return the wall clock's time at `at`."""
    return MONDAY + timedelta(seconds=at)


def seconds(at: datetime) -> float:
    """Return the seconds since the simulation's first Monday."""
    return (at - MONDAY).total_seconds()


class Kept:
    """A `World` for `turn`, and the person and Claude Code in it."""

    def __init__(self, life: Life, terms: Terms, seed: int, policy: Policy) -> None:
        self.life = life
        self.service = Service(life, terms)
        self.random = Random(seed)
        self.policy = policy
        self.row = Row(life)
        self.claude = ClaudeCode(self.row)
        self.at = life.start
        self.memory = Memory()
        self.record: SignIn | None = None
        self.wishes: tuple[Wish, ...] = ()
        self.role_end: float | None = None
        self.token: Token | None = None
        self.starting = True
        self.extended = -NEVER  # when the person last took the offer to extend the day
        self.coming: list[tuple[float, int, Callable[[], None]]] = []
        self.count = 0
        self._keep(self.service.sign_in(self.at))
        for at in life.by_hand:
            self.later(at, self.signs_in_by_hand)

    # the world of a turn

    def now(self) -> datetime:
        return date(self.at)

    def draw(self) -> float:
        return self.random.random()

    def observe(self, now: datetime) -> Facts:
        life, at = self.life, self.at
        woke = life.awake.start(at)
        desk = Desk(
            last_input_at=date(max(0.0, life.inputs.last(at))),
            locked=at in life.locked,
            woke_at=date(woke) if woke > 0 else None,
            network=Network.DOWN if at in life.known_outages else Network.UP,
        )
        role = Role("work", "111122223333", "dev", date(self.role_end) if self.role_end is not None else None)
        seen = Seen(SESSION, Reading.PRESENT, self.token, (role,), self.record)
        facts = Facts((seen,), desk, self.policy, self.wishes, starting=self.starting)
        self.starting = False
        return facts

    def recall(self) -> Memory:
        return self.memory

    def remember(self, memory: Memory) -> None:
        self.memory = memory

    def forget_wishes(self, facts: Facts, memory: Memory) -> None:
        if self.wishes:
            answered = {answer.id for answer in memory.answers}
            self.wishes = tuple(wish for wish in self.wishes if wish.id not in answered)

    def publish(self, facts: Facts, memory: Memory, planned: Plan, now: datetime) -> None:
        pass

    def perform(self, action: Action, facts: Facts) -> Outcome:
        if action.do is not Do.REFRESH:
            self.row.note(self.at, f"{action.do} {action.reason}")
        match action.do:
            case Do.REFRESH:
                return self.refresh()
            case Do.BRIDGE:
                return self.bridge()
            case Do.SIGN_IN | Do.EXTEND:
                if action.do is Do.EXTEND and self.at in self.life.online:
                    self.service.log_out(self.at)
                return self.opens(action)
            case Do.NOTIFY:
                self.reads(action)
        return Outcome(Result.DONE)

    def refresh(self) -> Outcome:
        if self.at not in self.life.online:
            return Outcome(Result.TRANSIENT, "network")
        issued = self.service.renew(self.at)
        if issued is None:
            self.service.calls += 1  # once more, 3 s later
            self.row.note(self.at, "refresh refused: over")
            return Outcome(Result.OVER, "InvalidGrant")
        self._keep(issued)
        return Outcome(Result.DONE, token=self.token, life=timedelta(seconds=issued.end - self.at))

    def bridge(self) -> Outcome:
        if self.at not in self.life.online:
            return Outcome(Result.TRANSIENT, "network")
        end = self.service.role_credentials(self.at)
        if end is None:
            return Outcome(Result.REJECTED)
        self.role_end = end
        return Outcome(Result.DONE, roles=1)

    def opens(self, action: Action) -> Outcome:
        fresh = action.do is Do.EXTEND
        self.count += 1
        record = SignIn(f"s{self.count}", SESSION.key, START_URL, self.now(), action.asked, fresh, action.token)
        self.record = record
        if self.at not in self.life.online:
            self.later(self.at + 2, lambda: self.ends(record, SignInCode.OFFLINE))
        else:
            self.row.tabs.append(self.at)
            done, code = self.life.tab(self.at, asked=action.asked)
            self.later(done, lambda: self.ends(record, code))
        return Outcome(Result.DONE)

    # what happens in it

    def _keep(self, issued: Issued) -> None:
        self.token = Token(f"t{issued.number}", date(issued.end), refreshable=True)
        if self.claude.blocked:
            self.claude.blocked = False

    def later(self, at: float, deed: Callable[[], None]) -> None:
        """Let `deed` happen at `at`."""
        if at < self.life.end:
            self.count += 1
            heappush(self.coming, (at, self.count, deed))

    def if_still(self, at: float, deed: Callable[[], None]) -> None:
        """Let `deed` happen at `at` where the token is then the one of now."""
        token = self.token
        self.later(at, lambda: deed() if self.token is token else None)

    def ends(self, record: SignIn, code: SignInCode) -> None:
        """End the sign-in of `record`, unless it ended before."""
        if self.record is None or self.record.id != record.id or not self.record.running:
            return
        self.row.note(self.at, f"sign-in {code}")
        if code is SignInCode.SIGNED_IN:
            self._keep(self.service.sign_in(self.at))
        self.record = replace(record, code=code, ended_at=self.now())

    def signs_in_by_hand(self) -> None:
        """Sign in with the AWS CLI; a runner that waits sees the new token and ends."""
        self.row.note(self.at, "signed in by hand")
        self._keep(self.service.sign_in(self.at))
        if self.record is not None and self.record.running:
            self.record = replace(self.record, code=SignInCode.SIGNED_IN, ended_at=self.now())

    def wish(self, verb: Verb, token: str = "") -> None:
        """Write down a wish about the token that is there now."""
        self.row.note(self.at, f"wish {verb}")
        self.count += 1
        self.wishes = (*self.wishes, Wish(f"w{self.count}", verb, SESSION.key, token=token))

    def reads(self, action: Action) -> None:
        """Let the person answer a notice, in the mood of the moment."""
        stay = self.life.stay_at(self.at)
        match action.notice:
            case Notice.SIGNING_IN if stay is not None and stay.notice is not None:
                verb = stay.notice
                self.later(self.at + 8, lambda: self.wish(verb))
            case Notice.SIGN_IN_NEEDED | Notice.SIGN_IN_FAILED:
                self.if_still(self.life.click(self.at), lambda: self.wish(Verb.SIGN_IN))
            case Notice.EXPIRING if stay is not None and stay.extends and self.at > self.extended + HOUR:
                self.extended = self.at
                self.if_still(self.at + 20, lambda: self.wish(Verb.EXTEND))
            case _:
                pass

    def claude_asks(self) -> None:
        """Let Claude Code run `keeplit credentials`, and `login --for-claude` where that fails."""
        online = self.at in self.life.online
        end = self.role_end
        if end is None or end - EARLY <= self.at:
            end = None
            if online and self.token is not None:
                end = self.service.role_credentials(self.at)
                if end is None:
                    self.wish(Verb.REJECTED, self.token.digest)
                else:
                    self.role_end = end
        if not self.claude.gets(self.at, end):
            self.row.note(self.at, f"Claude Code stands{'' if online else ', offline'}")
            if online:
                self.if_still(self.life.impatient(self.at), self.gives_up)
            else:
                self.later(self.life.online.first(self.at), self.tries_again)

    def tries_again(self) -> None:
        """Let Claude Code try again."""
        self.claude.blocked = False

    def gives_up(self) -> None:
        """Let a person whose work stands sign in: in the tab that is open, else by `keeplit login`."""
        if not self.claude.blocked:
            return
        record, stay = self.record, self.life.stay_at(self.at)
        if record is not None and record.running and stay is not None:
            self.later(self.at + stay.reaction, lambda: self.ends(record, SignInCode.SIGNED_IN))
        else:
            self.wish(Verb.SIGN_IN)
