"""Tests of the budget that AWS is asked to watch, and of how it is shown before."""

from __future__ import annotations

from decimal import Decimal

import pytest

from keeplit.core.budgets import Alarm, is_address, parameters, shown

ALARM = Alarm("111122223333", "you@example.com", Decimal("99.995"))


def test_what_is_asked() -> None:
    """A month's cost in whole cents, told to one address at each step."""
    asked = parameters(ALARM)
    assert asked["AccountId"] == "111122223333"
    budget, told = asked["Budget"], asked["NotificationsWithSubscribers"]
    assert isinstance(budget, dict)
    assert isinstance(told, list)
    assert (budget["BudgetLimit"], budget["TimeUnit"]) == ({"Amount": "100.00", "Unit": "USD"}, "MONTHLY")
    services = budget["CostFilters"]["Service"]
    assert services[0] == "Amazon Bedrock"
    assert {"Claude Opus 5.5 (Amazon Bedrock Edition)", "Claude Sonnet 4 (Amazon Bedrock Edition)"} < set(services)
    assert [one["Notification"]["Threshold"] for one in told] == [50.0, 80.0, 100.0]
    assert {one["Subscribers"][0]["Address"] for one in told} == {"you@example.com"}


def test_what_is_shown_before() -> None:
    """The account, the limit, whom it tells, and that nothing is stopped by it."""
    said = "\n".join(shown(ALARM))
    for part in (
        "111122223333",
        "100.00 dollars",
        "you@example.com",
        "50, 80, 100 %",
        "stops nothing",
        "(Amazon Bedrock Edition)",
        "came after",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("you@example.com", True),
        ("you@example", False),
        ("you", False),
        ("a b@c.de", False),
        ("y" * 45 + "@ab.cd", False),
    ],
)
def test_addresses(text: str, expected: object) -> None:
    """What AWS would refuse is refused before."""
    assert is_address(text) is expected
