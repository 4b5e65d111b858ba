"""What was used of Bedrock, by model and day, what it cost, and where the month ends at this rate. Pure.

Law: a sum says what it leaves out: models without a price are counted and named, never priced at nothing in silence.
Days are UTC days, as AWS's bills have them. The month's end is a straight line through the time so far, to the minute:
with the whole of a day that has just begun it would be far too low. Before a day is over, no end is foretold.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from keeplit.core.prices import Price, Tokens, price_of

STEPS = (50, 80, 100)
ZERO = Decimal(0)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Used:
    """What one model did on one day (or several): calls, failures by kind, tokens, and the mean latency of a call."""

    calls: int = 0
    throttled: int = 0
    client_errors: int = 0
    server_errors: int = 0
    tokens: Tokens = field(default_factory=Tokens)
    busy: float = 0.0  # milliseconds, of all calls that were timed together
    timed: int = 0

    def __add__(self, other: "Used") -> "Used":
        """Return both together."""
        return Used(
            self.calls + other.calls,
            self.throttled + other.throttled,
            self.client_errors + other.client_errors,
            self.server_errors + other.server_errors,
            self.tokens + other.tokens,
            self.busy + other.busy,
            self.timed + other.timed,
        )

    @property
    def latency(self) -> float | None:
        """The mean milliseconds of a call; None where there was none, or none was timed."""
        return self.busy / self.timed if self.timed else None


@dataclass(frozen=True, slots=True)
class Row:
    """One model over all days, or one day over all models; `cost` is None where no price is known."""

    name: str
    used: Used
    cost: Decimal | None
    saved: Decimal = ZERO  # by caching, against the same tokens as plain input; below zero where it cost more
    least: bool = False


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget of config.toml beside what it is measured by; `step` is the highest of `STEPS` that is reached, or 0."""

    period: str  # month or day
    limit: Decimal
    spent: Decimal
    step: int


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. `month` and `ahead` are dollars of the running month, so far and at its end; None: not known."""

    models: tuple[Row, ...]
    days: tuple[Row, ...]
    total: Row
    unpriced: tuple[str, ...]
    month: Decimal | None = None
    ahead: Decimal | None = None
    budgets: tuple[Budget, ...] = ()


Cells = Mapping[tuple[str, date], Used]
"""What was used, by model and UTC day."""


def report(
    cells: Cells,
    days: Sequence[date],
    now: datetime,
    prices: Mapping[str, Price],
    budgets: Mapping[str, Decimal],
) -> Report:
    """Return the report of the days that are asked for, oldest first, the last one that of `now` (aware UTC).

    `cells` may hold more days: those of the running month are looked at too. `budgets`: dollars by month and day.
    """
    today, first = now.date(), now.date().replace(day=1)
    names = sorted({model for (model, day), used in cells.items() if day in days and _counts(used)})
    costs = {model: price_of(model, prices) for model, _ in cells}
    models = [_row(name, [(name, cells.get((name, day), Used())) for day in days], costs) for name in names]
    models.sort(key=lambda row: (-(row.cost or ZERO), -row.used.calls, row.name))
    by_day = [_row(day.isoformat(), [(name, cells.get((name, day), Used())) for name in names], costs) for day in days]
    total = _row("total", [(name, cells.get((name, day), Used())) for name in names for day in days], costs)
    month = _cost([(model, used) for (model, day), used in cells.items() if first <= day <= today], costs)
    spent = {"month": month, "day": _cost([(m, used) for (m, day), used in cells.items() if day == today], costs)}
    kept = tuple(
        Budget(period, limit, spent[period] or ZERO, _step(spent[period] or ZERO, limit))
        for period, limit in budgets.items()
    )
    summed = {model for (model, day), used in cells.items() if (day in days or first <= day) and _counts(used)}
    unpriced = tuple(sorted(model for model in summed if costs[model] is None))
    return Report(tuple(models), tuple(by_day), total, unpriced, month, _ahead(month, now), kept)


def _counts(used: Used) -> bool:
    return bool(used.calls or used.throttled or used.client_errors or used.server_errors)


def _row(name: str, parts: Iterable[tuple[str, Used]], costs: Mapping[str, Price | None]) -> Row:
    parts = list(parts)
    used, saved = Used(), ZERO
    for model, one in parts:
        used += one
        price = costs.get(model)
        saved += price.without_cache(one.tokens) - price.of(one.tokens) if price is not None else ZERO
    least = any(price.least for model, one in parts if (price := costs.get(model)) is not None and one.calls)
    return Row(name, used, _cost(parts, costs), saved, least)


def _cost(parts: Iterable[tuple[str, Used]], costs: Mapping[str, Price | None]) -> Decimal | None:
    """Return what is known of the cost; None where nothing of it is."""
    found = [price.of(used.tokens) for model, used in parts if (price := costs.get(model)) is not None]
    return sum(found, ZERO) if found else None


def _ahead(spent: Decimal | None, now: datetime) -> Decimal | None:
    """Return what the month comes to at its end at the rate so far; None where that is not known, or too early."""
    passed = now - datetime(now.year, now.month, 1, tzinfo=UTC)
    if spent is None or passed < DAY:
        return None
    return spent * monthrange(now.year, now.month)[1] * int(DAY / MINUTE) / int(passed / MINUTE)


def _step(spent: Decimal, limit: Decimal) -> int:
    return max((step for step in STEPS if limit > 0 and spent * 100 >= limit * step), default=0)
