"""A budget of AWS Budgets that writes an e-mail at 50, 80 and 100 %. Pure: what is sent, and how it is shown before.

Law: it counts what the bill calls Amazon Bedrock, and Claude's models by the names that they have there; it says what
that leaves out, and only tells: nothing is stopped by it. Source: AWS Budgets API reference, CreateBudget, and AWS's
price list, by which a day of a budget without actions costs nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from keeplit.core.prices import AS_OF, TABLE, billed_as
from keeplit.core.usage import STEPS

NAME = "keeplit-bedrock"
SERVICE = "Amazon Bedrock"
BY_MARKETPLACE = (4,)  # since this generation
SERVICES = (SERVICE, *sorted(billed_as(*model) for model in TABLE if model[1] >= BY_MARKETPLACE))
CENTS = Decimal("0.01")
_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]+\.[^\s@]{2,}")


@dataclass(frozen=True, slots=True)
class Alarm:
    """Who is told when the month's cost reaches its parts; `limit` in dollars."""

    account: str
    email: str
    limit: Decimal
    name: str = NAME


def is_address(text: str) -> bool:
    """Whether AWS can take a text for an e-mail address (at most 50 characters, as its reference says)."""
    return len(text) <= 50 and _ADDRESS.fullmatch(text) is not None  # noqa: PLR2004


def parameters(alarm: Alarm) -> Mapping[str, object]:
    """Return what CreateBudget is asked."""
    subscriber = {"SubscriptionType": "EMAIL", "Address": alarm.email}
    return {
        "AccountId": alarm.account,
        "Budget": {
            "BudgetName": alarm.name,
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": str(alarm.limit.quantize(CENTS)), "Unit": "USD"},
            "CostFilters": {"Service": [*SERVICES]},
        },
        "NotificationsWithSubscribers": [
            {
                "Notification": {
                    "NotificationType": "ACTUAL",
                    "ComparisonOperator": "GREATER_THAN",
                    "Threshold": float(step),
                    "ThresholdType": "PERCENTAGE",
                },
                "Subscribers": [subscriber],
            }
            for step in STEPS
        ],
    }


def shown(alarm: Alarm) -> tuple[str, ...]:
    """Return what a person reads before it is created."""
    steps = ", ".join(str(step) for step in STEPS)
    return (
        f"A budget {alarm.name!r} in account {alarm.account}: {alarm.limit.quantize(CENTS)} dollars a month",
        f"counted: what the bill calls {SERVICE!r}, and Claude's models there ({SERVICES[-1]!r} and so on)",
        f"not counted: models that came after {AS_OF.isoformat()}; add them in AWS Billing, Budgets",
        f"told: {alarm.email}, at {steps} %",
        "It only tells, and stops nothing. Such a budget costs nothing.",
    )
