import logging
from datetime import UTC, datetime, timedelta

import pytest

from keeplit.core.deeds import Action, Do, Outcome, Plan, Result
from keeplit.core.memory import Memory
from keeplit.core.model import Desk, Facts, Kind, Policy, Reading, Seen, Session, Token, Verb, Wish
from keeplit.core.settings_model import Agreed, FileState, Settings
from keeplit.engine.turn import NOTHING, Only, turn

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = "293abb6b76d7791c0732cc517d38c4b5c734b87f"
ACME = Session(KEY, "acme", Kind.SSO_SESSION, "https://d-1234567890.awsapps.com/start", "us-east-1")
DUE = Token("digest", NOON + timedelta(minutes=1), refreshable=True)

FRESH = Token("digest", NOON + timedelta(hours=1), refreshable=True)


class FakeWorld:
    """A world that writes down in which order it is used."""

    def __init__(self, facts: Facts, outcome: Outcome | Exception = Outcome(Result.DONE)) -> None:  # noqa: B008
        self.facts = facts
        self.outcome = outcome
        self.memory = Memory()
        self.steps: list[str] = []
        self.passes = timedelta(0)  # with every look at the clock
        self.time = NOON

    def now(self) -> datetime:
        self.time += self.passes
        return self.time

    def draw(self) -> float:
        return 0.5

    def observe(self, now: datetime) -> Facts:
        self.steps.append("observe")
        return self.facts

    def recall(self) -> Memory:
        return self.memory

    def remember(self, memory: Memory) -> None:
        self.steps.append("remember")
        self.memory = memory

    def forget_wishes(self, facts: Facts, memory: Memory) -> None:
        answered = {answer.id for answer in memory.answers}
        self.steps.append(f"forget {sorted(wish.id for wish in facts.wishes if wish.id in answered)}")

    def publish(self, facts: Facts, memory: Memory, planned: Plan, now: datetime) -> None:
        self.steps.append("publish")

    def perform(self, action: Action, facts: Facts) -> Outcome:
        self.steps.append(f"perform {action.do}")
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def due(**more: object) -> Facts:
    """Return the facts of a session whose token is due."""
    return Facts(sessions=(Seen(ACME, Reading.PRESENT, DUE),), desk=Desk(), starting=True, **more)  # type: ignore[arg-type]


def test_what_is_known_is_written_before_and_after_an_action() -> None:
    """A turn remembers and publishes before it acts, and remembers again after it."""
    world = FakeWorld(due())
    turned = turn(world)
    assert world.steps == ["observe", "remember", "forget []", "publish", "perform refresh", "remember"]
    assert [(action.do, outcome.result) for action, outcome in turned.performed] == [(Do.REFRESH, Result.DONE)]


def test_a_wish_is_forgotten_only_with_its_answer_in_memory() -> None:
    """The wish's file goes after the memory that answers it was written."""
    world = FakeWorld(due(wishes=(Wish("w1", Verb.PAUSE),)))
    turn(world)
    assert world.steps[:3] == ["observe", "remember", "forget ['w1']"]
    assert world.memory.paused_until is not None


def test_only_what_is_allowed_is_performed() -> None:
    """A command's own turn performs its own actions for its own session, and nothing else."""
    for only in (NOTHING, Only("other", frozenset(Do)), Only(KEY, frozenset({Do.SIGN_IN}))):
        assert turn(FakeWorld(due()), only).performed == ()
    assert len(turn(FakeWorld(due()), Only(KEY, frozenset({Do.REFRESH}))).performed) == 1


def test_a_request_whose_time_is_up_within_the_turn_is_not_done() -> None:
    """A lid was shut between its decision and its turn; the next turn answers that it is too late."""
    wished = (Wish("w1", Verb.LOGOUT, KEY, not_after=NOON + timedelta(seconds=40)),)
    world = FakeWorld(Facts(sessions=(Seen(ACME, Reading.PRESENT, FRESH),), wishes=wished))
    world.passes = timedelta(seconds=30)
    assert [action.do for action in turn(world).plan.actions] == [Do.LOGOUT]
    assert [(answer.state, answer.code) for answer in world.memory.answers] == [("waiting", "logout")]
    turn(world)
    assert [(answer.state, answer.code) for answer in world.memory.answers] == [("expired", "too_late")]
    assert "perform logout" not in world.steps


def test_what_nobody_foresaw_is_an_outcome(caplog: pytest.LogCaptureFixture) -> None:
    """An error inside an action is logged with its traceback, told as unexpected, and backed off from."""
    world = FakeWorld(due(), ValueError("a secret stands in here"))
    with caplog.at_level(logging.ERROR):
        turned = turn(world)
    assert turned.performed[0][1] == Outcome(Result.UNEXPECTED, "ValueError", "see the log")
    assert world.memory.sessions[KEY].refresh.failures == 1
    assert "ValueError" in caplog.text
    assert turn(world).performed == ()


def test_notices_can_be_switched_off() -> None:
    """With `notify.enabled = false` nothing is shown, and the cause counts as told."""
    facts = Facts(sessions=(Seen(ACME, Reading.ABSENT),), policy=Policy(notify=False))
    world = FakeWorld(facts)
    turned = turn(world)
    assert [(action.do, outcome.code) for action, outcome in turned.performed] == [(Do.NOTIFY, "switched_off")]
    assert "perform notify" not in world.steps
    assert turn(world).performed == ()


def test_a_commands_turn_leaves_the_settings_to_the_daemon() -> None:
    """Its environment may name another file, and what was agreed on ours would be lost."""
    settings = Settings("/s.json", FileState.PRESENT, "d1", {"model": "opus"})
    for only, agreed in ((Only(KEY, frozenset({Do.REFRESH})), {}), (None, {"model": Agreed("opus")})):
        world = FakeWorld(due(settings=settings))
        turn(world, only)
        assert world.memory.settings.agreed == agreed
        assert KEY in world.memory.sessions
