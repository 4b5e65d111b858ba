"""One turn: observe, notice, plan, publish, perform, learn; the same for the daemon, a command, and a simulation.

Law: what is remembered is written down before and after every action, and a wish is deleted only once its answer is in
memory, so that a kill at any step repeats nothing that a person would see.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from keeplit.core.deeds import Action, Do, Outcome, Plan, Result
from keeplit.core.learn import learn
from keeplit.core.memory import Memory
from keeplit.core.model import Facts
from keeplit.core.notice import notice
from keeplit.core.plan import State, plan

log = logging.getLogger(__name__)


class World(Protocol):
    """All that a turn needs of the outside."""

    def now(self) -> datetime:
        """Return the wall clock's time, aware UTC."""

    def draw(self) -> float:
        """Return a number drawn from [0, 1)."""

    def observe(self, now: datetime) -> Facts:
        """Read everything afresh."""

    def recall(self) -> Memory:
        """Return what was remembered last."""

    def remember(self, memory: Memory) -> None:
        """Write down what is remembered, where it changed."""

    def forget_wishes(self, facts: Facts, memory: Memory) -> None:
        """Delete the wishes of `facts` whose answers are in `memory`."""

    def publish(self, facts: Facts, memory: Memory, planned: Plan, now: datetime) -> None:
        """Say what is true."""

    def perform(self, action: Action, facts: Facts) -> Outcome:
        """Do one outward action; it takes 30 s at most."""


@dataclass(frozen=True, slots=True)
class Only:
    """What a command's own turn may do: these actions, for this session."""

    session: str
    actions: frozenset[Do]

    def allows(self, action: Action) -> bool:
        """Whether `action` is one of those."""
        return action.session == self.session and action.do in self.actions


NOTHING = Only("", frozenset())


@dataclass(frozen=True, slots=True)
class Turned:
    """What a turn came to."""

    facts: Facts
    memory: Memory
    plan: Plan
    performed: tuple[tuple[Action, Outcome], ...]


def turn(world: World, only: Only | None = None) -> Turned:
    """Make one turn in `world` and return what it came to; with `only`, perform nothing else."""
    now = world.now()
    facts = world.observe(now)
    known = world.recall()
    memory = notice(known, facts, world.draw(), now)
    if only is not None:  # a command may see another settings file than the daemon: its own environment says which
        memory = replace(memory, settings=known.settings)
    world.remember(memory)
    world.forget_wishes(facts, memory)
    planned = plan(State(facts, memory), now)
    world.publish(facts, memory, planned, now)
    performed: list[tuple[Action, Outcome]] = []
    for action in planned.actions:
        if only is not None and not only.allows(action):
            continue
        if action.not_after is not None and action.not_after < world.now():
            continue  # a lid was shut, or an action before it took long: the next turn answers that it is too late
        outcome = attempt(world, action, facts)
        memory = learn(memory, action, outcome, world.now())
        world.remember(memory)
        performed.append((action, outcome))
    return Turned(facts, memory, planned, tuple(performed))


def attempt(world: World, action: Action, facts: Facts) -> Outcome:
    """Perform `action`; what nobody foresaw becomes an outcome too, its traceback goes to the log."""
    if action.do is Do.NOTIFY and not facts.policy.notify:
        return Outcome(Result.NOT_SHOWN, "switched_off")
    try:
        outcome = world.perform(action, facts)
    except Exception as error:
        log.exception("%s of %s failed", action.do, action.session)
        return Outcome(Result.UNEXPECTED, type(error).__name__, "see the log")
    log.info(
        "%s %s (%s): %s %s", action.do, action.session[:8] or "claude", action.reason, outcome.result, outcome.code
    )
    return outcome
