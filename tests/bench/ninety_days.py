"""Ninety simulated days of many laptops: keeplit beside the reactive way and beside what is possible at all.

    python tests/bench/ninety_days.py [--laptops 20] [--days 90] [--seed 1] [--by limit,world] [--willing] [--worst 0]

Law: the same seed draws the same person, machine, network and administrator for all three rows.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[2]))  # so that it runs as a script too

from tests.bench.baseline import react
from tests.bench.days import draw_life
from tests.bench.kept import keep
from tests.bench.kept_world import date
from tests.bench.oracle import foresee
from tests.bench.row import NOBODY_THERE, Row
from tests.bench.service import Terms
from tests.bench.spans import DAY, HOUR, MINUTE

LIMITS = (HOUR, 8 * HOUR, 12 * HOUR, 7 * DAY)
ROLES = (HOUR, 12 * HOUR)
TOOLS = ("keeplit", "oracle", "reactive")
NOTES = (
    f"nobody there: {NOBODY_THERE}",
    "oracle: keeplit's rules and the same person; it knows every end and every outage, but no mood and no lid",
    "keeplit stands longer: it looks at the desk every 5 s, opens nothing for a hand that rested a minute (which keeps",
    "    `nobody there` at 0), runs into outages that nobody tells it of, and bridges 2 min before an end",
    "keeplit prompts less: where a token outlives its sign-in it learns of the end at the next renewal, up to half an",
    "    hour later, while work goes on; with the shortest limit that saves one browser in eight",
)


@dataclass(frozen=True, slots=True)
class Laptop:
    """One laptop's terms, and what each tool came to on it."""

    number: int
    terms: Terms
    rows: dict[str, Row]


def terms_of(number: int) -> Terms:
    """Return the terms of laptop `number`: limits in turn, both worlds and both role lengths in equal shares."""
    block, limit = divmod(number, len(LIMITS))
    return Terms(LIMITS[limit], ROLES[(block // 2 + limit // 2) % 2], outlives=(block + limit) % 2 == 1)


def simulate(number: int, *, days: int, seed: int, willing: bool = False, tools: Iterable[str] = TOOLS) -> Laptop:
    """Return laptop `number` after `days` days; a `willing` person answers every notice and tab."""
    life = draw_life(seed * 1000 + number, days, willing=willing)
    terms = terms_of(number)
    run: dict[str, Callable[[], Row]] = {
        "keeplit": lambda: keep(life, terms, number),
        "oracle": lambda: foresee(life, terms),
        "reactive": lambda: react(life, terms),
    }
    return Laptop(number, terms, {tool: run[tool]() for tool in tools})


def table(laptops: list[Laptop], by: tuple[str, ...]) -> str:
    """Return the table: one line for each group and tool, the total, and what to know about them."""
    groups: dict[str, list[Laptop]] = {}
    for laptop in laptops:
        groups.setdefault(" ".join(named(laptop.terms, by)), []).append(laptop)
    groups["total"] = laptops
    lines = [f"{'':30}{'laptops':>8}  {'tool':9}{'stood, min':>11}{'prompts':>9}{'nobody there':>14}{'calls':>9}"]
    for name, group in groups.items():
        for tool in TOOLS:
            rows = [laptop.rows[tool] for laptop in group]
            head = f"{name:30}{len(group):8}" if tool == TOOLS[0] else f"{'':38}"
            stood = sum(row.minutes for row in rows)
            prompts, alone = sum(len(row.tabs) for row in rows), sum(row.alone() for row in rows)
            lines.append(f"{head}  {tool:9}{stood:11.1f}{prompts:9}{alone:14}{sum(row.calls for row in rows):9}")
    lines += NOTES
    return "\n".join(lines)


def named(terms: Terms, by: tuple[str, ...]) -> list[str]:
    """Return the words for `terms` in the columns of `by`."""
    words = {
        "limit": f"limit {terms.limit / HOUR:.0f} h",
        "world": "token outlives" if terms.outlives else "token shortened",
        "role": f"role {terms.role / HOUR:.0f} h",
    }
    return [words[column] for column in by]


def differences(laptops: list[Laptop]) -> str:
    """Return a line for each laptop: keeplit less the oracle."""
    lines = []
    for laptop in laptops:
        kept, best = laptop.rows["keeplit"], laptop.rows["oracle"]
        words = ", ".join(named(laptop.terms, ("limit", "world", "role")))
        stood, prompts = kept.minutes - best.minutes, len(kept.tabs) - len(best.tabs)
        lines.append(f"laptop {laptop.number:3} ({words}): {stood:+8.2f} min, {prompts:+4} prompts")
    return "\n".join(lines)


def worst(laptops: list[Laptop], count: int) -> str:
    """Return the longest stands of keeplit in which the oracle would have gone on, with what led to them."""
    found = []
    for laptop in laptops:
        extra = laptop.rows["keeplit"].standing().without(laptop.rows["oracle"].standing())
        found += [(end - start, start, laptop) for start, end in extra]
    lines = []
    for length, start, laptop in sorted(found, key=lambda one: -one[0])[:count]:
        words = ", ".join(named(laptop.terms, ("limit", "world", "role")))
        when = f"{length / MINUTE:.1f} min from {date(start):%a %d %b %H:%M:%S}"
        lines.append(f"laptop {laptop.number} ({words}) stands {when}")
        log = [entry for entry in laptop.rows["keeplit"].log if start - 12 * HOUR <= entry[0] <= start + length + 60]
        lines += [f"    {date(at):%a %H:%M:%S}  {what}" for at, what in log[-14:]]
    return "\n".join(lines)


def arguments() -> Namespace:
    """Return the command's arguments."""
    parser = ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--laptops", type=int, default=20)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--by", default="limit,world", help="columns of limit, world, role")
    parser.add_argument("--willing", action="store_true", help="a person who answers every notice and tab")
    parser.add_argument("--worst", type=int, default=0, help="show so many of keeplit's longest stands, with a trace")
    return parser.parse_args()


def show(chosen: Namespace) -> tuple[list[Laptop], float]:
    """Print the table; return its laptops and the seconds that they took."""
    begun = perf_counter()
    laptops = [
        simulate(number, days=chosen.days, seed=chosen.seed, willing=chosen.willing) for number in range(chosen.laptops)
    ]
    took = perf_counter() - begun
    print(table(laptops, tuple(chosen.by.split(","))))
    print(f"\nkeeplit less the oracle\n{differences(laptops)}")
    if chosen.worst:
        print(f"\nworst\n{worst(laptops, chosen.worst)}")
    print(f"\n{chosen.laptops} laptops x {chosen.days} days in {took:.1f} s on one core")
    return laptops, took


if __name__ == "__main__":
    show(arguments())
