"""A month of made CloudWatch data through the whole of `keeplit usage`, with sums done by hand, as its schema says."""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import boto3
import jsonschema
import pytest
from moto import mock_aws

from keeplit.adapters import aws_worker
from keeplit.adapters.identity_center import IdentityCenter
from keeplit.core.answers import Answer
from keeplit.sandbox.clockwork import wall
from tests.ui.typing_person import Typist, typist

SONNET, HAIKU = "global.anthropic.claude-sonnet-5", "us.anthropic.claude-haiku-4-5-20251001-v1:0"
# Each day 0.1M in at 2, 20k out at 10, 1M read at 0.20, 40k written at 2.50: 0.20 + 0.20 + 0.20 + 0.10 dollars.
SONNETS = {
    "Invocations": 50,
    "InvocationThrottles": 1,
    "InputTokenCount": 100_000,
    "OutputTokenCount": 20_000,
    "CacheReadInputTokens": 1_000_000,
    "CacheWriteInputTokens": 40_000,
    "InvocationLatency": 1500,
}
# Each second day 0.5M in at 1.10, as a regional profile costs: 0.55 dollars.
HAIKUS = {"Invocations": 4, "InputTokenCount": 500_000}


@pytest.fixture
def person(own_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Typist]:
    """Give somebody signed in; CloudWatch and Budgets are moto's, asked by the worker's own code in this process."""
    clients: dict[tuple[str, ...], Any] = {}
    real = IdentityCenter.asked

    def asked(center: IdentityCenter, calls: Sequence[Mapping[str, Any]]) -> Sequence[Answer]:
        if calls[0]["service"] not in {"cloudwatch", "budgets"}:
            return real(center, calls)
        told = [aws_worker.answer(call, {"connect_timeout": 5, "read_timeout": 5}, clients) for call in calls]
        return [Answer(**json.loads(json.dumps(one, default=aws_worker._date))) for one in told]

    with typist(own_home, monkeypatch, capsys) as found:
        found.laptop.sign_in()
        monkeypatch.setattr(IdentityCenter, "asked", asked)
        with mock_aws(config={"core": {"mock_credentials": False}}):  # ours would be rivals of the profile
            yield found


def count(back: int, model: str, metrics: Mapping[str, float]) -> None:
    """Let CloudWatch have counted something so many days back."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    midnight = datetime.combine(wall().astimezone(UTC).date(), datetime.min.time(), UTC)
    dimensions = [{"Name": "ModelId", "Value": model}]
    data = [
        {"MetricName": name, "Dimensions": dimensions, "Value": value, "Timestamp": midnight - timedelta(days=back)}
        for name, value in metrics.items()
    ]
    boto3.client("cloudwatch", "us-east-1", **keys).put_metric_data(Namespace="AWS/Bedrock", MetricData=data)


def test_a_month_by_hand(person: Typist) -> None:
    """Thirty days at 0.70 and fifteen at 0.55 are 29.25 dollars; without the cache 53.40 more."""
    for back in range(30):
        count(back, SONNET, SONNETS)
        if back % 2 == 0:
            count(back, HAIKU, HAIKUS)
    with person.laptop.paths.config_file.open("a") as config:
        config.write("[usage]\nbudget_day = 2.0\n")

    told = person.types("usage", "--days", "30", "--region", "us-east-1", "--json").json

    schema = json.loads(resources.files("keeplit").joinpath("schemas/usage.json").read_text())
    jsonschema.validate(told, schema, jsonschema.Draft202012Validator)
    assert [(row["name"], row["calls"], row["cost"]) for row in told["models"]] == [
        (SONNET, 1500, 21.0),
        (HAIKU, 60, 8.25),
    ]
    total = told["total"]
    assert (total["cost"], total["saved_by_cache"], total["throttled"]) == (29.25, 53.4, 30)
    assert (total["input"], total["cache_read"], told["models"][0]["latency"]) == (10_500_000, 30_000_000, 1500)
    assert [row["cost"] for row in told["days"]] == [0.7, 1.25] * 15
    until = datetime.fromisoformat(told["until"])
    today, passed = until.date(), until - until.replace(day=1, hour=0, minute=0, second=0)
    so_far = round(0.70 * today.day + 0.55 * ((today.day + 1) // 2), 2)
    ahead = so_far / (passed / timedelta(days=1)) * monthrange(today.year, today.month)[1] if today.day > 1 else None
    assert (told["month"]["so_far"], told["month"]["ahead"]) == (so_far, ahead and pytest.approx(ahead, rel=0.001))
    assert told["budgets"] == [{"period": "day", "limit": 2.0, "spent": 1.25, "reached_percent": 50}]


def test_the_same_in_words(person: Typist) -> None:
    """A model without a price is named; a region where nothing was called says where else to look."""
    empty = person.types("usage", "--region", "us-east-1")
    count(0, SONNET, SONNETS)
    count(1, "amazon.nova-pro-v1:0", HAIKUS)
    said = person.types("usage", "--region", "us-east-1")

    assert (empty.code, "Another region: --region R" in empty.out) == (0, True)
    assert "Together $0.70; caching saved $1.78" in said.out
    assert "No price is known for amazon.nova-pro-v1:0" in said.out


def test_a_budget_that_aws_takes(person: Typist) -> None:
    """It counts Bedrock and Claude's own names on the bill; a second one of the name is refused with where it is."""
    arguments = ("usage", "alarm", "--email", "you@example.com", "--limit", "12.5", "--yes")

    done, again = person.types(*arguments), person.types(*arguments)

    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    (made,) = boto3.client("budgets", "us-east-1", **keys).describe_budgets(AccountId="111122223333")["Budgets"]
    assert (done.code, made["BudgetName"], float(made["BudgetLimit"]["Amount"])) == (0, "keeplit-bedrock", 12.5)
    assert "Claude Sonnet 5 (Amazon Bedrock Edition)" in made["CostFilters"]["Service"]
    assert (again.code, "already" in again.err) == (1, True)
