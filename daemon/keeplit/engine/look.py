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

OF_THE_DESK = frozenset({"no_notices", "offline", "presence_unknown"})  # the daemon sees the desk, a command does not


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
    status = world.status(facts, memory, plan(State(facts, memory), now), now, running=running)
    if not running:  # then nobody shows notices, and the last daemon's word is old
        status["troubles"] = [trouble for trouble in status["troubles"] if trouble["code"] != "no_notices"]
    else:
        from keeplit.engine import published  # late: without a daemon nobody has published

        own = [trouble for trouble in status["troubles"] if trouble["code"] not in OF_THE_DESK]
        told = [trouble for trouble in published.read(paths, now)["troubles"] if trouble["code"] in OF_THE_DESK]
        status["troubles"] = own + told
    return Look(facts, status, running)


def observed(paths: Paths, environ: Mapping[str, str]) -> RealWorld:
    """Return a world that has looked once: its parsed AWS config and the profile in use."""
    world = RealWorld(paths, environ)
    world.observe(world.now())
    return world
