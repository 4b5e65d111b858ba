"""What CloudWatch counts of Bedrock: calls, failures, latency and tokens by model and day, asked by the worker process.

Law: only what is read is asked for: ListMetrics and GetMetricData, which cost about a cent for a thousand metrics; the
bill itself (Cost Explorer, a cent a call) is asked for by `billed` alone, where a person says so. Source of the names:
Amazon Bedrock's user guide, "Monitor bedrock-runtime inference using CloudWatch metrics". ListMetrics knows the models
of the last two weeks. The two names of the cache's tokens that documentation has had are both asked for.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from keeplit.core.answers import Answer, broken, judged
from keeplit.core.aws_dates import read_date
from keeplit.core.aws_environment import Service, override
from keeplit.core.deeds import Outcome, Result
from keeplit.core.secrets import RoleCredentials
from keeplit.core.signed_call import begin
from keeplit.core.usage import Used

NAMESPACE, DIMENSION = "AWS/Bedrock", "ModelId"
DAY_SECONDS = 86_400
MOST_QUERIES = 500  # of one GetMetricData
SUM, AVERAGE = "Sum", "Average"
LATENCY = "InvocationLatency"
# How one query among many fails: its sum would be missing in silence.
PARTIAL = Outcome(Result.TRANSIENT, "partial", "CloudWatch counted only a part just now: try again in a minute")
HIDDEN = Outcome(Result.FORBIDDEN, "denied", "your role may not read some of these metrics (cloudwatch:GetMetricData)")
FAILED_QUERY = {"InternalError": PARTIAL, "Forbidden": HIDDEN}
COUNTS: Mapping[str, str] = {
    "Invocations": "calls",
    "InvocationThrottles": "throttled",
    "InvocationClientErrors": "client_errors",
    "InvocationServerErrors": "server_errors",
}
TOKENS: Mapping[str, str] = {
    "InputTokenCount": "input",
    "OutputTokenCount": "output",
    "CacheReadInputTokens": "cache_read",
    "CacheReadInputTokenCount": "cache_read",
    "CacheWriteInputTokens": "cache_write",
    "CacheWriteInputTokenCount": "cache_write",
}
WANTED = (*COUNTS, *TOKENS, LATENCY)
BEDROCK_NAMES = ("Amazon Bedrock", "(Amazon Bedrock Edition)")  # how the bill calls it; Anthropic's come by Marketplace

Ask = Callable[[Sequence[Mapping[str, object]]], Sequence[Answer]]

DENIED = "denied"
NAMED: Mapping[str, tuple[Result, str]] = {
    **dict.fromkeys(
        ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation"),
        (
            Result.FORBIDDEN,
            "your role may not read it (cloudwatch:ListMetrics and cloudwatch:GetMetricData are needed)",
        ),
    ),
    **dict.fromkeys(
        ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"),
        (Result.REJECTED, "AWS does not accept the role credentials"),
    ),
}


def where(environ: Mapping[str, str], service: Service, region: str, credentials: RoleCredentials) -> dict[str, object]:
    """Return what each call to a service begins with. Raises ValueError for an endpoint that may get no keys."""
    named = override(environ, service)
    if named is not None and not named.allowed:
        raise ValueError(service)
    return begin(service, region, named.url if named else None, credentials)


def used(
    ask: Ask,
    environ: Mapping[str, str],
    region: str,
    credentials: RoleCredentials,
    since: datetime,
    until: datetime,
) -> tuple[Outcome, Mapping[tuple[str, date], Used] | None]:
    """Return what was used by model and UTC day between two midnights; None where CloudWatch did not say."""
    try:
        calls = where(environ, "cloudwatch", region, credentials)
    except ValueError:
        return broken("endpoint"), None
    listed = {**calls, "operation": "list_metrics", "pages": True, "parameters": {"Namespace": NAMESPACE}}
    (answer,) = ask([listed])
    if not answer.good:
        return _judged(answer), None
    metrics = sorted(_metrics(answer.fields))
    if not metrics:
        return Outcome(Result.DONE), {}
    queries = [_query(number, *metric) for number, metric in enumerate(metrics)]
    asked = {**calls, "operation": "get_metric_data", "pages": True}
    span = {"StartTime": since.isoformat(), "EndTime": until.isoformat()}
    answers = ask(
        [
            {**asked, "parameters": {**span, "MetricDataQueries": queries[at : at + MOST_QUERIES]}}
            for at in range(0, len(queries), MOST_QUERIES)
        ]
    )
    failed = next((one for one in answers if not one.good), None)
    if failed is not None:
        return _judged(failed), None
    codes = [str(one.get("StatusCode")) for got in answers for one in _list(got.fields.get("MetricDataResults"))]
    wrong = next((FAILED_QUERY[code] for code in codes if code in FAILED_QUERY), None)
    if wrong is not None:
        return wrong, None
    points = [point for one in answers for point in _points(one.fields, metrics)]
    return Outcome(Result.DONE), _cells(points)


def billed(
    ask: Ask, environ: Mapping[str, str], credentials: RoleCredentials, since: date, until: date
) -> tuple[Outcome, Mapping[str, Decimal] | None]:
    """Return what the bill has for Bedrock by its own names, in its currency; one call of Cost Explorer, a cent."""
    try:
        call = where(environ, "ce", "us-east-1", credentials)
    except ValueError:
        return broken("endpoint"), None
    parameters = {
        "TimePeriod": {"Start": since.isoformat(), "End": until.isoformat()},
        "Granularity": "MONTHLY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
    }
    (answer,) = ask([{**call, "operation": "get_cost_and_usage", "parameters": parameters}])
    if not answer.good:
        return _judged(answer), None
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for period in _list(answer.fields.get("ResultsByTime")):
        for group in _list(period.get("Groups")):
            name = str((group.get("Keys") or [""])[0])
            if any(part in name for part in BEDROCK_NAMES):
                sums[name] += _amount(group)
    return Outcome(Result.DONE), sums


def _metrics(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give model and metric of those that count by model alone: others count the same calls in another way."""
    for one in _list(fields.get("Metrics")):
        dimensions = _list(one.get("Dimensions"))
        name, model = one.get("MetricName"), dimensions[0].get("Value") if len(dimensions) == 1 else None
        if name in WANTED and isinstance(model, str) and dimensions[0].get("Name") == DIMENSION:
            yield model, name


def _query(number: int, model: str, metric: str) -> dict[str, object]:
    named = {"Namespace": NAMESPACE, "MetricName": metric, "Dimensions": [{"Name": DIMENSION, "Value": model}]}
    stat = AVERAGE if metric == LATENCY else SUM
    return {"Id": f"q{number}", "MetricStat": {"Metric": named, "Period": DAY_SECONDS, "Stat": stat}}


def _points(fields: Mapping[str, Any], metrics: Sequence[tuple[str, str]]) -> Iterator[tuple[str, date, str, float]]:
    """Give model, day, metric and value; what is broken is left out."""
    for result in _list(fields.get("MetricDataResults")):
        number = str(result.get("Id", ""))[1:]
        if not number.isdecimal() or int(number) >= len(metrics):
            continue
        model, metric = metrics[int(number)]
        for at, value in zip(result.get("Timestamps") or (), result.get("Values") or (), strict=False):
            moment = read_date(at)
            if moment is not None and isinstance(value, int | float):
                yield model, moment.date(), metric, float(value)


def _cells(points: Sequence[tuple[str, date, str, float]]) -> dict[tuple[str, date], Used]:
    found: dict[tuple[str, date], Used] = defaultdict(Used)
    means: dict[tuple[str, date], float] = {}
    for model, day, metric, value in points:
        cell = found[model, day]
        if metric == LATENCY:
            means[model, day] = value
            continue
        name, count = COUNTS.get(metric) or TOKENS[metric], round(value)
        changed: dict[str, Any] = {name: count}
        if metric in TOKENS:
            most = max(count, getattr(cell.tokens, name))  # two names of one figure
            changed = {"tokens": replace(cell.tokens, **{name: most})}
        found[model, day] = replace(cell, **changed)
    for where_, mean in means.items():
        found[where_] = replace(found[where_], busy=mean * found[where_].calls, timed=found[where_].calls)
    return dict(found)


def _amount(group: Mapping[str, Any]) -> Decimal:
    try:
        return Decimal(str(group["Metrics"]["UnblendedCost"]["Amount"]))
    except (LookupError, TypeError, InvalidOperation):
        return Decimal(0)


def _list(value: object) -> list[Any]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list | tuple) else []


def _judged(answer: Answer) -> Outcome:
    general = judged(answer)
    if answer.failure or answer.page or answer.error not in NAMED:
        return general
    result, sentence = NAMED[answer.error]
    return Outcome(result, DENIED if result is Result.FORBIDDEN else answer.error, sentence)
