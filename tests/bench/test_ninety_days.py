"""The promise of the ninety-day simulation, on fewer days; the whole of it is a soak.

What is left between keeplit and the oracle is what only the oracle knows: moods, when a lid will be shut and the
network go, whether who touches nothing reads or has left, how long a token lives on; the seconds between two looks at
the desk; and where a token outlives its sign-in, the law's "sign in now", up to an hour before the last useful moment.
"""

from dataclasses import dataclass
from itertools import pairwise
from time import process_time

import pytest

from tests.bench.days import draw_life
from tests.bench.ninety_days import Laptop, simulate, table, terms_of
from tests.bench.row import NOTICE, UNTOUCHED, Row
from tests.bench.spans import NEVER, Spans

SMALL = {"laptops": 20, "days": 14, "seed": 7}
WHOLE = {"laptops": 20, "days": 90}


@dataclass(frozen=True, slots=True)
class Most:
    """How much keeplit's figures may be above the oracle's, where by world False is "shortened", True "outlives"."""

    stood: dict[bool, float]  # minutes more on a laptop and day
    prompts: dict[bool, float]  # times the oracle's
    calls: float  # times the oracle's


# Each limit lies a little above what was measured, which stands beside it; of the soak, with the seeds 1, 2 and 3.
IN_SMALL = Most(
    stood={False: 0.062, True: 0.017},  # 0.059; 0.016
    prompts={False: 1.0, True: 1.33},  # 0.990; 1.313
    calls=2.55,  # 2.49
)
IN_WHOLE = Most(
    stood={False: 0.065, True: 0.042},  # 0.061, 0.050, 0.043; 0.029, 0.039, 0.030
    prompts={False: 1.003, True: 1.33},  # 0.992, 0.999, 0.993; 1.314, 1.323, 1.318
    calls=2.55,  # 2.47, 2.45, 2.51
)
MOODY_STOOD = 1.36  # times the oracle's, with a person who also declines; 1.32
MOODY_PROMPTS = 1.16  # times the oracle's; 1.134
WILLING_REACTIVE = 0.15  # of the reactive way's minutes; 0.141
MOODY_REACTIVE = 0.6  # of the reactive way's minutes; 0.572
REACTIVE_ALONE = 80  # tabs of the reactive way with nobody there, at least; 86, 84
LESS = 0.05  # minutes: choosing one sign-in at a time the oracle may lose a little; 0.00, in other draws up to 0.34


def simulated(laptops: int, days: int, seed: int, *, willing: bool) -> list[Laptop]:
    """Return every laptop with all three tools."""
    return [simulate(number, days=days, seed=seed, willing=willing) for number in range(laptops)]


@pytest.fixture(scope="module")
def willing() -> list[Laptop]:
    """Return laptops whose person answers every notice and tab: what differs from the oracle is the tool's alone."""
    return simulated(**SMALL, willing=True)


@pytest.fixture(scope="module")
def moody() -> list[Laptop]:
    """Return laptops whose person sometimes declines, ignores or closes."""
    return simulated(**SMALL, willing=False)


def stood(laptops: list[Laptop], tool: str) -> float:
    """Return the minutes in which work stood still."""
    return sum(laptop.rows[tool].minutes for laptop in laptops)


def prompts(laptops: list[Laptop], tool: str) -> int:
    """Return how many browser tabs opened."""
    return sum(len(laptop.rows[tool].tabs) for laptop in laptops)


def calls(laptops: list[Laptop], tool: str) -> int:
    """Return how many calls went to AWS."""
    return sum(laptop.rows[tool].calls for laptop in laptops)


def alone(laptops: list[Laptop], tool: str) -> int:
    """Return how many tabs opened with nobody there."""
    return sum(laptop.rows[tool].alone() for laptop in laptops)


def keeps_its_promise(laptops: list[Laptop], days: int, most: Most) -> None:
    """Hold keeplit against the oracle in each world."""
    for outlives in (False, True):
        world = [laptop for laptop in laptops if laptop.terms.outlives is outlives]
        spare = most.stood[outlives] * days * len(world)
        assert stood(world, "keeplit") <= stood(world, "oracle") + spare
        assert 0 < prompts(world, "keeplit") <= prompts(world, "oracle") * most.prompts[outlives]
    assert 0 < calls(laptops, "keeplit") <= calls(laptops, "oracle") * most.calls
    assert alone(laptops, "keeplit") == 0


def test_keeplit_comes_to_what_is_possible_at_all(willing: list[Laptop]) -> None:
    """With a person who says yes, work stands and browsers open hardly more than for one who knows the future."""
    keeps_its_promise(willing, SMALL["days"], IN_SMALL)


def test_keeplit_keeps_close_to_what_is_possible_with_any_person(moody: list[Laptop]) -> None:
    """Moods, which the oracle alone foresees, cost some minutes and prompts more."""
    assert stood(moody, "keeplit") <= stood(moody, "oracle") * MOODY_STOOD
    assert prompts(moody, "keeplit") <= prompts(moody, "oracle") * MOODY_PROMPTS


def test_no_browser_opens_with_nobody_there(willing: list[Laptop], moody: list[Laptop]) -> None:
    """Keeplit opens no tab for a person who was gone for the whole notice and had touched nothing for a minute."""
    assert (alone(willing, "keeplit"), alone(moody, "keeplit")) == (0, 0)


def test_nobody_there_is_who_left_before_the_notice_and_touched_nothing() -> None:
    """A tab counts once the person was gone for longer than the notice and idle for longer than a minute."""
    life = draw_life(3, 5)
    left = next(stay.end for stay, following in pairwise(life.stays) if following.start > stay.end + 2 * UNTOUCHED)
    idle = life.inputs.last(left)
    counts = max(left + NOTICE, idle + UNTOUCHED)
    assert [Row(life, tabs=[at]).alone() for at in (left - 1, left + 1, counts - 1, counts + 1)] == [0, 0, 0, 1]


def test_the_reactive_way_is_worse_with_any_person(willing: list[Laptop], moody: list[Laptop]) -> None:
    """A browser at each failure stands longer, and opens with nobody there."""
    assert stood(willing, "keeplit") < stood(willing, "reactive") * WILLING_REACTIVE
    assert stood(moody, "keeplit") < stood(moody, "reactive") * MOODY_REACTIVE
    assert min(alone(willing, "reactive"), alone(moody, "reactive")) >= REACTIVE_ALONE


def test_the_oracle_is_a_lower_bound(willing: list[Laptop], moody: list[Laptop]) -> None:
    """On no laptop keeplit stands less than the oracle, which opens every tab before a person's eyes."""
    for laptop in [*willing, *moody]:
        oracle = laptop.rows["oracle"]
        assert oracle.minutes <= laptop.rows["keeplit"].minutes + LESS
        assert [at for at in oracle.tabs if at not in oracle.life.there] == []


def test_a_seed_draws_one_life(willing: list[Laptop]) -> None:
    """The same seed comes to the same table, another seed to another."""
    again = simulated(laptops=2, days=SMALL["days"], seed=SMALL["seed"], willing=True)
    other = simulated(laptops=2, days=SMALL["days"], seed=SMALL["seed"] + 1, willing=True)
    assert table(again, ("limit", "world")) == table(willing[:2], ("limit", "world"))
    assert table(other, ("limit", "world")) != table(willing[:2], ("limit", "world"))


def test_shares_are_fixed() -> None:
    """Twenty laptops hold five of each limit, ten of each world and every pair of world and role."""
    terms = [terms_of(number) for number in range(20)]
    assert sorted({term.limit for term in terms}) == [3600.0, 28800.0, 43200.0, 604800.0]
    assert [sum(term.limit == limit for term in terms) for limit in {term.limit for term in terms}] == [5, 5, 5, 5]
    assert sum(term.outlives for term in terms) == 10
    assert len({(term.outlives, term.role) for term in terms}) == 4


def test_a_life_is_one_that_can_be_lived() -> None:
    """The person sits at one place at a time, at an awake machine, and is seen there by the rule only near then."""
    life = draw_life(3, 60)
    assert all(before.end < after.start for before, after in pairwise(life.stays))
    assert life.there.without(life.awake).total() == 0
    assert life.permitted.without(life.awake).total() == 0
    assert 0 < life.permitted.without(life.there).total() < 0.2 * life.there.total()
    assert 0 < life.need.total() < life.running.total()


def test_work_stands_where_nothing_is_held() -> None:
    """Standing is what is needed less what was held, whoever reports it."""
    life = draw_life(3, 5)
    assert Row(life).standing() == life.need
    assert Row(life, held=[(0.0, NEVER)]).minutes == 0


def test_spans_cut_each_other() -> None:
    """Union, intersection, difference and search agree on touching and nested spans."""
    spans = Spans.of([(5, 7), (1, 3), (2, 4), (9, 9)])
    assert list(spans) == [(1, 4), (5, 7)]
    assert list(spans.both(Spans.of([(3, 6)]))) == [(3, 4), (5, 6)]
    assert list(spans.without(Spans.of([(2, 3), (6, 9)]))) == [(1, 2), (3, 4), (5, 6)]
    assert [spans.first(at) for at in (0, 3, 4, 7)] == [1, 3, 5, NEVER]
    assert [spans.last(at) for at in (0, 3, 4.5, 8)] == [-NEVER, 3, 4, 7]
    assert [at in spans for at in (0, 1, 4, 6)] == [False, True, False, True]


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_twenty_laptops_keep_the_promise_over_ninety_days(seed: int) -> None:
    """Twenty laptops over ninety days come to what is possible, in under 20 s of one core."""
    begun = process_time()
    laptops = simulated(laptops=WHOLE["laptops"], days=WHOLE["days"], seed=seed, willing=True)
    took = process_time() - begun
    keeps_its_promise(laptops, WHOLE["days"], IN_WHOLE)
    assert took < 20
