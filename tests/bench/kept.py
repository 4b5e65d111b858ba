"""The row of keeplit: its real `turn` over a simulated world, from one wake to the next.

Law: the loop jumps to the earliest of the planned wake, what the daemon is knocked for, what a person or Claude Code
does; it never sleeps. While a sign-in waits for a person it looks every 5 s, as the daemon does.
"""

from heapq import heappop

from keeplit.core.model import Policy
from keeplit.engine.turn import turn
from tests.bench.kept_world import Kept, seconds
from tests.bench.laptop import Life
from tests.bench.row import Row
from tests.bench.service import Terms
from tests.bench.spans import NEVER

LOOKS_EVERY = 5.0


def keep(life: Life, terms: Terms, seed: int, policy: Policy | None = None) -> Row:
    """Return what keeplit comes to on a laptop."""
    world = Kept(life, terms, seed, policy or Policy())
    while True:
        planned = turn(world).plan
        wake = seconds(planned.wake_at)
        if planned.watch_person:
            there = life.permitted.first(world.at)
            looks = max(1, -(-(there - world.at) // LOOKS_EVERY)) if there < NEVER else NEVER
            wake = min(wake, world.at + looks * LOOKS_EVERY)
        while True:
            due = world.coming[0][0] if world.coming else NEVER
            at = min(wake, due, life.knock_after(world.at), world.claude.asks_at(world.at))
            at = life.awake.first(max(at, world.at))
            if at >= life.end:
                world.row.calls = world.service.calls
                return world.row
            knocked = at >= wake or at >= life.knock_after(world.at)
            world.at = at
            while world.coming and world.coming[0][0] <= at:
                heappop(world.coming)[2]()
                knocked = True
            if world.claude.asks_at(at) <= at:
                world.claude_asks()
            if knocked or world.wishes:
                break
