"""Two programs that write one settings file: ``python -m tests.end_to_end.settings_writers ROLE …``.

``claude``: rewrites the whole file from a memory that may be stale, truncated first and slowly, as Claude Code does.
``ours``: changes its key by keeplit's one door. Each goes on until both have written so often, and then says in a file
beside it how that went; times are those of the one monotonic clock of the machine. ``kill``: obeys the orders of
`killing`, with one deed more.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from random import Random
from time import monotonic_ns, sleep
from typing import Any

from keeplit.adapters import claude_settings, paths
from keeplit.core.json_edit import Set, encode
from keeplit.engine import guarded
from tests.bench.settings_window import watched
from tests.end_to_end import killing

FOREIGN = 40  # keys that Claude Code has of its own
CATCH_UP = 2.0  # seconds in which what came in the very moment must be back
PIECES = 4
REST = (
    0.06  # seconds between two writes of theirs: more often, and we would hardly come to write with backup and journal
)


def read(place: Path) -> dict[str, Any] | None:
    """Return what the file says; None where it is torn."""
    try:
        found = json.loads(place.read_bytes())
    except ValueError:
        return None
    return dict(found)


def both(place: Path, role: str, *, enough: bool) -> bool:
    """Note whether this role has written often enough, and return whether both have."""
    marks = {name: place.with_name(f"{name}.enough") for name in ("claude", "ours")}
    if enough:
        marks[role].touch()
    return all(mark.exists() for mark in marks.values())


def claude(place: Path, writes: int, seed: int) -> dict[str, Any]:
    """Rewrite the file again and again; return when it was open, and which writes were gone before the next."""
    random = Random(seed)
    memory = read(place) or {}
    opened: list[tuple[int, int]] = []
    lost: list[int] = []
    came_back = 0
    number = 0
    while not both(place, "claude", enough=number >= writes):
        number += 1
        if number % 10 == 0:
            memory = read(place) or memory  # the other nine writes may put a stale copy back
        memory["seq"] = number
        memory.setdefault("theirs", {})[f"key-{number % FOREIGN}"] = number
        text = json.dumps(memory, indent=2).encode()
        start = monotonic_ns()
        with place.open("wb", buffering=0) as file:
            for piece in range(PIECES):
                sleep(random.uniform(0, 0.001))
                file.write(text[len(text) * piece // PIECES : len(text) * (piece + 1) // PIECES])
        opened.append((start, monotonic_ns()))
        sleep(random.expovariate(1 / REST))
        if not mine(place, memory):
            until = monotonic_ns() + int(CATCH_UP * 1e9)
            while monotonic_ns() < until and not mine(place, memory):
                sleep(0.01)
            lost += [] if mine(place, memory) else [number - 1]
            came_back += mine(place, memory)
    return {"opened": opened, "lost": lost, "came_back": came_back}


def mine(place: Path, memory: dict[str, Any]) -> bool:
    """Whether the file holds all that Claude Code wrote last."""
    found = read(place)
    return found is not None and (found.get("seq"), found.get("theirs")) == (memory["seq"], memory["theirs"])


def ours(place: Path, writes: int, seed: int) -> dict[str, Any]:
    """Change our key until that was done so often; return the windows, and how each try ended."""
    random = Random(seed)
    where = paths.find(os.environ)
    ended: dict[str, int] = {}
    number = 0
    with watched(place) as windows:
        while not both(place, "ours", enough=ended.get("written", 0) >= writes):
            number += 1
            sleep(random.uniform(0, 0.004))
            # A command decides on nothing that is in the file; the daemon on what it has just read.
            expected = claude_settings.read(place).digest if number % 2 else None
            change = [Set("env.AWS_PROFILE", encode(f"work-{number}"))]
            written = guarded.edit(where, place, change, expected=expected, command="rule", group=str(number))
            ended[written.result] = ended.get(written.result, 0) + 1
    return {"windows": windows, "ended": ended}


def edit(order: dict[str, Any]) -> int:
    """Change a key of the settings, make the file, or take it away."""
    os.environ.update(order["environ"])
    place, where = Path(order["place"]), paths.find(os.environ)
    if order["deed"] == "remove":
        written = guarded.remove(where, place, expected=None, command="reset", group="g")
    else:
        change = [Set("env.AWS_PROFILE", encode(order["profile"]))]
        written = guarded.edit(where, place, change, expected=None, command="use", group="g", create=True)
    return 0 if written.as_wanted else 1


def main() -> None:
    """Play the role that the command line names."""
    role, *given = sys.argv[1:]
    if role == "kill":
        killing.DEEDS["edit"] = edit
        killing.main()
        return
    place, writes, seed = given
    play = {"claude": claude, "ours": ours}[role]
    said = json.dumps(play(Path(place), int(writes), int(seed)))
    Path(place).with_name(f"{role}.said").write_text(said)


if __name__ == "__main__":
    main()
