"""What a command sees: it observes and plans, and performs, publishes and remembers nothing.

Law: whoever looks waits for nothing else. What only acts, the turn and what it performs, is not imported here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from keeplit.adapters.paths import Paths
from keeplit.core.model import Facts
from keeplit.core.notice import notice
from keeplit.core.plan import State, plan
from keeplit.core.view import Status
from keeplit.engine.living import is_running
from keeplit.engine.world import RealWorld


@dataclass(frozen=True, slots=True)
class Look:
    """What a command sees without performing or publishing anything."""

    facts: Facts
    status: Status
    running: bool


def look(paths: Paths, environ: Mapping[str, str]) -> Look:
    """Observe and plan, as `status` and `doctor` do; nothing is performed, published or remembered."""
    world = RealWorld(paths, environ)
    now = world.now()
    facts = world.observe(now)
    memory = notice(world.recall(), facts, 0.5, now)
    running = is_running(paths)
    return Look(facts, world.status(facts, memory, plan(State(facts, memory), now), now, running=running), running)


def observed(paths: Paths, environ: Mapping[str, str]) -> RealWorld:
    """Return a world that has looked once: its parsed AWS config and the profile in use."""
    world = RealWorld(paths, environ)
    world.observe(world.now())
    return world
