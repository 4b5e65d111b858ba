"""Tests of the report of usage: sums by model and day, the month's end, budgets, and what a sum leaves out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from keeplit.core.prices import Price, Tokens
from keeplit.core.usage import Budget, Used, report

NOW = datetime(2026, 11, 10, 18, tzinfo=UTC)
TODAY = NOW.date()
DAYS = [TODAY - timedelta(days=back) for back in (2, 1, 0)]
PRICES = {
    "big": Price(Decimal(10), Decimal(50), Decimal(12), Decimal(1), least=True),
    "small": Price(Decimal(1), Decimal(5), Decimal(2), Decimal(0)),
}
MILLION = 1_000_000


def used(calls: int = 1, *, out: int = 0, read: int = 0, wrote: int = 0) -> Used:
    """Return calls with a million tokens in, and the others as they are said."""
    return Used(calls, tokens=Tokens(MILLION, out, wrote, read), busy=calls * 2000.0, timed=calls)


def test_by_model_and_by_day() -> None:
    """Models by what they cost, days oldest first and none left out; the total is both sums."""
    cells = {
        ("small", DAYS[0]): used(3),
        ("big", DAYS[0]): used(2, out=MILLION),
        ("big", DAYS[2]): used(1),
        ("big", date(2026, 10, 31)): used(99),
    }
    told = report(cells, DAYS, NOW, PRICES, {})
    assert [(row.name, row.used.calls, row.cost, row.least) for row in told.models] == [
        ("big", 3, Decimal(70), True),
        ("small", 3, Decimal(1), False),
    ]
    assert [(row.name, row.used.calls, row.cost) for row in told.days] == [
        ("2026-11-08", 5, Decimal(61)),
        ("2026-11-09", 0, Decimal(0)),
        ("2026-11-10", 1, Decimal(10)),
    ]
    assert (told.total.used.calls, told.total.cost, told.total.used.latency) == (6, Decimal(71), 2000.0)
    assert (Used().latency, Used(3).latency, (Used(3) + used(1)).latency) == (None, None, 2000.0)


def test_what_caching_saved_or_cost() -> None:
    """A million read for 1 instead of 10; a million written for 2 instead of 1."""
    told = report({("big", TODAY): used(read=MILLION)}, DAYS, NOW, PRICES, {})
    assert told.total.saved == Decimal(9)
    told = report({("small", TODAY): used(wrote=MILLION)}, DAYS, NOW, PRICES, {})
    assert told.total.saved == Decimal(-1)


def test_models_without_a_price_are_named() -> None:
    """What is known is summed; where nothing is, there is no sum, and no month."""
    cells = {("new", TODAY): used(2), ("small", TODAY): used(1)}
    told = report(cells, DAYS, NOW, PRICES, {})
    assert (told.unpriced, told.total.cost, told.models[1].cost) == (("new",), Decimal(1), None)
    alone = report({("new", TODAY): used(2)}, DAYS, NOW, {}, {"month": Decimal(10)})
    assert (alone.total.cost, alone.month, alone.ahead) == (None, None, None)
    assert alone.budgets == (Budget("month", Decimal(10), Decimal(0), 0),)


def test_a_model_that_only_failed_is_shown() -> None:
    """Throttled, refused or failed calls count; one without any is left out."""
    failed = {
        ("a", TODAY): Used(throttled=1),
        ("b", TODAY): Used(client_errors=1),
        ("c", TODAY): Used(server_errors=1),
        ("d", TODAY): Used(),
    }
    told = report(failed, DAYS, NOW, {}, {})
    assert [row.name for row in told.models] == ["a", "b", "c"]
    assert told.total.used + Used(1) == Used(1, 1, 1, 1)


def test_the_months_end_at_this_rate() -> None:
    """Ten dollars a day, on nine days and three quarters of the tenth; what was before the month does not count."""
    days = [TODAY - timedelta(days=back) for back in range(1, 10)]
    cells = {("big", day): used() for day in (*days, date(2026, 10, 31))}
    cells["big", TODAY] = Used(1, tokens=Tokens(MILLION * 3 // 4))
    told = report(cells, DAYS, NOW, PRICES, {})
    assert (told.month, told.ahead) == (Decimal("97.5"), Decimal(300))


@pytest.mark.parametrize(
    ("now", "ahead"),
    [
        (datetime(2026, 11, 1, 0, 0, 3, tzinfo=UTC), None),
        (datetime(2026, 11, 1, 23, 59, tzinfo=UTC), None),
        (datetime(2026, 11, 2, tzinfo=UTC), Decimal(300)),
        (datetime(2026, 11, 2, 12, tzinfo=UTC), Decimal(200)),
    ],
)
def test_on_the_months_first_day_no_end_is_foretold(now: datetime, ahead: Decimal | None) -> None:
    """Ten dollars on its first day; the day that has just begun does not halve them."""
    told = report({("big", date(2026, 11, 1)): used()}, [now.date()], now, PRICES, {})
    assert (told.month, told.ahead) == (Decimal(10), ahead)


def test_what_the_months_sum_leaves_out_is_named_too() -> None:
    """A model without a price that was called this month, and not in the days that are asked for."""
    cells = {("new", date(2026, 11, 2)): used(), ("older", date(2026, 10, 30)): used(), ("small", TODAY): used()}
    told = report(cells, DAYS, NOW, PRICES, {})
    assert ([row.name for row in told.models], told.unpriced) == (["small"], ("new",))


@pytest.mark.parametrize(
    ("limit", "step"),
    [(Decimal(30), 0), (Decimal(20), 50), (Decimal("12.5"), 80), (Decimal(10), 100), (Decimal(1), 100)],
)
def test_steps_of_a_budget(limit: Decimal, step: int) -> None:
    """Ten dollars were spent: a half, four fifths, all of it."""
    told = report({("big", TODAY): used()}, DAYS, NOW, PRICES, {"month": limit, "day": limit})
    assert [(one.period, one.spent, one.step) for one in told.budgets] == [
        ("month", Decimal(10), step),
        ("day", Decimal(10), step),
    ]


def test_nothing_was_used() -> None:
    """Every day stands there, with nothing."""
    told = report({}, DAYS, NOW, PRICES, {"day": Decimal(0)})
    assert (told.models, len(told.days), told.total.cost, told.month) == ((), 3, None, None)
    assert told.budgets[0].step == 0
