"""Tests of what CloudWatch counts, by the worker's real botocore against moto, and of answers that make no sense."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest
from moto import mock_aws

from keeplit.adapters import aws_worker, cloudwatch
from keeplit.core.answers import Answer
from keeplit.core.deeds import Outcome, Result
from keeplit.core.prices import Tokens
from keeplit.core.secrets import RoleCredentials
from keeplit.core.usage import Used

NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
TODAY = NOW.date()
SINCE = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC) - timedelta(days=6)
KEYS = RoleCredentials("ASIAEXAMPLEEXAMPLE00", "secret", "token", NOW + timedelta(hours=1))
SONNET, HAIKU = "global.anthropic.claude-sonnet-5", "us.anthropic.claude-haiku-4-5-20251001-v1:0"


def ask(calls: Sequence[Mapping[str, Any]]) -> Sequence[Answer]:
    """Answer as the worker does, in this process, where moto is."""
    clients: dict[tuple[str, ...], Any] = {}
    told = [aws_worker.answer(call, {"connect_timeout": 5, "read_timeout": 5}, clients) for call in calls]
    return [Answer(**json.loads(json.dumps(one, default=aws_worker._date))) for one in told]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give CloudWatch, empty."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield boto3.client("cloudwatch", region_name="us-east-1")


def put(aws: Any, metric: str, value: float, back: int = 0, model: str = SONNET, **dimensions: str) -> None:
    """Count something so many days back."""
    named = [{"Name": name, "Value": one} for name, one in {"ModelId": model, **dimensions}.items()]
    datum = {"MetricName": metric, "Dimensions": named, "Value": value, "Timestamp": NOW - timedelta(days=back)}
    aws.put_metric_data(Namespace="AWS/Bedrock", MetricData=[datum])


def used(environ: Mapping[str, str] | None = None) -> tuple[Any, Any]:
    """Ask for the last seven days."""
    return cloudwatch.used(ask, environ or {}, "us-east-1", KEYS, SINCE, NOW + timedelta(hours=1))


def test_a_week_of_made_data(aws: Any) -> None:
    """Calls, failures, tokens and latency, by model and UTC day; others' metrics and dimensions do not count."""
    for value in (3, 4):
        put(aws, "Invocations", value)
    put(aws, "InvocationThrottles", 2)
    put(aws, "InvocationClientErrors", 1)
    put(aws, "InvocationServerErrors", 5)
    put(aws, "InputTokenCount", 1000)
    put(aws, "OutputTokenCount", 200)
    put(aws, "CacheReadInputTokens", 30)
    put(aws, "CacheWriteInputTokenCount", 4)
    for value in (1000, 3000):
        put(aws, "InvocationLatency", value)
    put(aws, "Invocations", 9, back=2, model=HAIKU)
    put(aws, "Invocations", 77, ImageSize="1024")
    put(aws, "OutputImageCount", 5)
    put(aws, "Invocations", 1, back=20, model=HAIKU)
    outcome, cells = used()
    assert outcome.result is Result.DONE
    assert cells == {
        (SONNET, TODAY): Used(7, 2, 1, 5, Tokens(1000, 200, 4, 30), busy=14000.0, timed=7),
        (HAIKU, TODAY - timedelta(days=2)): Used(9),
    }


def test_nothing_was_counted(aws: Any) -> None:
    """No model, no query."""
    assert used()[1] == {}


def test_many_models_are_asked_in_several_calls(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS takes 500 queries at once."""
    monkeypatch.setattr(cloudwatch, "MOST_QUERIES", 2)
    for number in range(5):
        put(aws, "Invocations", number + 1, model=f"model-{number}")
    _, cells = used()
    assert {model: one.calls for (model, _), one in cells.items()} == {f"model-{n}": n + 1 for n in range(5)}


def refuses(error: str, **more: Any) -> cloudwatch.Ask:
    """Return a CloudWatch that refuses everything."""
    return lambda calls: [Answer(status=403, error=error, **more) for _ in calls]


@pytest.mark.parametrize(
    ("error", "result", "code"),
    [
        ("AccessDenied", Result.FORBIDDEN, "denied"),
        ("ExpiredToken", Result.REJECTED, "ExpiredToken"),
        ("Throttling", Result.REFUSED, "Throttling"),
    ],
)
def test_refusals(error: str, result: Result, code: str) -> None:
    """A role that may not read is told which rights it lacks."""
    outcome, cells = cloudwatch.used(refuses(error), {}, "us-east-1", KEYS, SINCE, NOW)
    assert (outcome.result, outcome.code, cells) == (result, code, None)


def test_a_refusal_of_the_data_alone() -> None:
    """The list may be read, the data not."""
    listed = {"Metrics": [{"MetricName": "Invocations", "Dimensions": [{"Name": "ModelId", "Value": "m"}]}]}

    def half(calls: Sequence[Mapping[str, Any]]) -> Sequence[Answer]:
        good = calls[0]["operation"] == "list_metrics"
        return [Answer(status=200, fields=listed) if good else Answer(status=403, error="AccessDenied")]

    outcome, cells = cloudwatch.used(half, {}, "us-east-1", KEYS, SINCE, NOW)
    assert (outcome.result, cells) == (Result.FORBIDDEN, None)


@pytest.mark.parametrize(
    ("status", "expected"), [("InternalError", cloudwatch.PARTIAL), ("Forbidden", cloudwatch.HIDDEN)]
)
def test_a_query_that_failed_is_no_silent_gap(status: str, expected: Outcome) -> None:
    """One among many that AWS could not answer: nothing is said, rather than a sum without it."""
    listed = {"Metrics": [{"MetricName": "Invocations", "Dimensions": [{"Name": "ModelId", "Value": "m"}]}]}
    data = {"MetricDataResults": [{"Id": "q0", "StatusCode": status, "Timestamps": [], "Values": []}]}

    def part(calls: Sequence[Mapping[str, Any]]) -> Sequence[Answer]:
        return [Answer(status=200, fields=listed if one["operation"] == "list_metrics" else data) for one in calls]

    outcome, cells = cloudwatch.used(part, {}, "us-east-1", KEYS, SINCE, NOW)
    assert (outcome, cells) == (expected, None)


def test_answers_that_make_no_sense_count_nothing() -> None:
    """Broken members are left out, whatever they are."""
    listed = {"Metrics": ["x", {}, {"MetricName": "Invocations", "Dimensions": [{"Name": "ModelId", "Value": "m"}]}]}
    data = {
        "MetricDataResults": [
            {"Id": "q9", "Timestamps": ["2026-11-21T00:00:00Z"], "Values": [1]},
            {"Id": "x", "StatusCode": {}},
            {"Id": "q0", "Timestamps": ["never", "2026-11-21T00:00:00Z"], "Values": [1, "many"]},
        ]
    }

    def odd(calls: Sequence[Mapping[str, Any]]) -> Sequence[Answer]:
        return [Answer(status=200, fields=listed if one["operation"] == "list_metrics" else data) for one in calls]

    assert cloudwatch.used(odd, {}, "us-east-1", KEYS, SINCE, NOW)[1] == {}


def test_an_endpoint_that_may_get_no_keys_gets_none() -> None:
    """Neither https nor this machine: nothing is asked."""
    environ = {"AWS_ENDPOINT_URL_CLOUDWATCH": "http://example.com"}
    outcome, cells = used(environ)
    assert (outcome.code, cells) == ("endpoint", None)
    environ = {"AWS_ENDPOINT_URL_COST_EXPLORER": "http://example.com"}
    assert cloudwatch.billed(ask, environ, KEYS, TODAY, TODAY)[0].code == "endpoint"


def test_the_bill() -> None:
    """What is called Bedrock, and Anthropic's models of the Marketplace; other services do not count."""

    def group(name: str, amount: object) -> dict[str, Any]:
        return {"Keys": [name], "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": "USD"}}}

    groups = [
        group("Amazon Bedrock", "1.25"),
        group("Claude Sonnet 5 (Amazon Bedrock Edition)", "30.5"),
        group("AWS Lambda", "7"),
        group("Amazon Bedrock", "much"),
    ]
    seen: list[Mapping[str, Any]] = []

    def answers(calls: Sequence[Mapping[str, Any]]) -> Sequence[Answer]:
        seen.extend(calls)
        return [Answer(status=200, fields={"ResultsByTime": [{"Groups": groups}, {"Groups": None}]})]

    outcome, sums = cloudwatch.billed(answers, {}, KEYS, date(2026, 11, 1), date(2026, 11, 22))
    assert (outcome.result, sums) == (
        Result.DONE,
        {"Amazon Bedrock": Decimal("1.25"), "Claude Sonnet 5 (Amazon Bedrock Edition)": Decimal("30.5")},
    )
    assert [(call["service"], call["operation"]) for call in seen] == [("ce", "get_cost_and_usage")]
    assert cloudwatch.billed(refuses("AccessDeniedException"), {}, KEYS, TODAY, TODAY)[0].result is Result.FORBIDDEN
