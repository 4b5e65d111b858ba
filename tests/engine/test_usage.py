"""Tests of `keeplit usage`'s engine: whose keys ask, what config.toml adds, and why nothing can be said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from keeplit.adapters import cloudwatch
from keeplit.adapters.identity_center import IdentityCenter
from keeplit.core.answers import Answer
from keeplit.core.budgets import Alarm
from keeplit.core.deeds import Outcome, Result
from keeplit.core.prices import Tokens
from keeplit.core.usage import Used
from keeplit.engine import usage
from keeplit.engine.usage import Found, Refused
from keeplit.sandbox.clockwork import wall
from tests.engine.lit_laptop import Laptop, laptop

SONNET = "global.anthropic.claude-sonnet-5"


@pytest.fixture
def mine(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop on a sandbox, signed in to acme."""
    with laptop(own_home) as found:
        found.sign_in()
        yield found


class Cloud:
    """A CloudWatch that counted a million tokens today, and what it was asked with."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.outcome: Outcome | None = None
        monkeypatch.setattr(cloudwatch, "used", self.used)
        monkeypatch.setattr(cloudwatch, "billed", self.billed)

    def used(self, ask: Any, environ: Any, region: str, keys: Any, since: Any, until: Any) -> Any:
        self.asked.append((region, keys.access_key_id, since, until))
        if self.outcome is not None:
            return self.outcome, None
        return Outcome(Result.DONE), {(SONNET, until.date()): Used(2, tokens=Tokens(1_000_000))}

    def billed(self, ask: Any, environ: Any, keys: Any, since: date, until: date) -> Any:
        self.asked.append(("bill", since, until))
        return (self.outcome or Outcome(Result.DONE)), None if self.outcome else {"Amazon Bedrock": Decimal(3)}


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Give a CloudWatch."""
    return Cloud(monkeypatch)


def look(mine: Laptop, profile: str = "work", days: int = 7, *, bill: bool = False) -> Found | Refused:
    """Return the usage as a command gets it."""
    return usage.look(mine.paths, mine.environ, profile, "us-east-1", days, bill=bill)


def test_with_the_profiles_own_keys_back_to_the_months_first(mine: Laptop, cloud: Cloud) -> None:
    """The running month is looked at too, since its end is foretold; the bill is not asked for."""
    found = look(mine)
    assert isinstance(found, Found)
    assert (found.account, found.report.total.cost, len(found.report.days)) == ("111122223333", Decimal(2), 7)
    ((region, key, since, until),) = cloud.asked
    assert (region, key[:4]) == ("us-east-1", "ASIA")
    assert since.date() <= min(until.date().replace(day=1), date.fromisoformat(found.report.days[0].name))


def test_what_config_toml_adds(mine: Laptop, cloud: Cloud) -> None:
    """Its prices, a budget in its own currency, and how many of that a dollar is."""
    mine.configure(
        '[usage]\nbudget_month = 16\nbudget_day = 100\ncurrency = "EUR"\nper_dollar = 0.8\n'
        f'[usage.prices]\n"{SONNET}" = {{ input = 10, output = 0 }}\n'
    )
    found = look(mine)
    assert isinstance(found, Found)
    assert (found.report.total.cost, found.currency, found.per_dollar) == (Decimal(10), "EUR", Decimal("0.8"))
    assert [(one.period, one.limit, one.step) for one in found.report.budgets] == [
        ("month", Decimal(20), 50),
        ("day", Decimal(125), 0),
    ]


def test_the_bill_is_asked_for_by_name_alone(mine: Laptop, cloud: Cloud) -> None:
    """From the month's first day up to and with today."""
    found = look(mine, bill=True)
    assert isinstance(found, Found)
    assert found.billed == {"Amazon Bedrock": Decimal(3)}
    today = wall().date()
    assert cloud.asked[1][1] in {today.replace(day=1), cloud.asked[0][3].date().replace(day=1)}


@pytest.mark.parametrize(("profile", "exit_code"), [("elsewhere", 1), ("old", 3)])
def test_without_credentials_it_says_why(mine: Laptop, cloud: Cloud, profile: str, exit_code: int) -> None:
    """No such profile; a session that nobody has signed in to."""
    refused = look(mine, profile)
    assert isinstance(refused, Refused)
    assert (refused.exit_code, cloud.asked) == (exit_code, [])


def test_a_role_that_may_not_read_it(mine: Laptop, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the rights, and what to do next; the bill has its own."""
    cloud.outcome = Outcome(Result.FORBIDDEN, "denied", "your role may not read it: x is needed.")
    assert look(mine) == Refused("denied", "your role may not read it: x is needed. Ask who runs the account")
    outcome, cloud.outcome = cloud.outcome, None

    monkeypatch.setattr(cloudwatch, "billed", lambda *given: (outcome, None))
    refused = look(mine, bill=True)
    assert isinstance(refused, Refused)
    assert "ce:GetCostAndUsage" in refused.sentence


class Budgets:
    """AWS Budgets as the worker meets them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
        self.calls: list[Mapping[str, Any]] = []
        real = IdentityCenter.asked

        def asked(center: IdentityCenter, calls: Sequence[Mapping[str, Any]]) -> Sequence[Answer]:
            if calls[0].get("service") != "budgets":
                return real(center, calls)
            self.calls.extend(calls)
            return [answer]

        monkeypatch.setattr(IdentityCenter, "asked", asked)


ALARM = Alarm("111122223333", "you@example.com", Decimal(50))


def test_a_budget_is_shown_and_then_created(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Showing asks nobody; the limit of config.toml serves where none is said."""
    made = Budgets(monkeypatch, Answer(status=200))
    mine.configure("[usage]\nbudget_month = 50\n")
    assert usage.alarm(mine.paths, mine.environ, "work", "you@example.com", None) == ALARM
    assert made.calls == []
    assert usage.create(mine.paths, mine.environ, "work", ALARM) is None
    (call,) = made.calls
    assert (call["operation"], call["region"]) == ("create_budget", "us-east-1")
    assert call["parameters"]["AccountId"] == "111122223333"


@pytest.mark.parametrize(
    ("email", "limit", "code"),
    [
        ("you", Decimal(5), "not_an_address"),
        ("you@example.com", None, "no_limit"),
        ("you@example.com", Decimal("nan"), "no_limit"),
        ("you@example.com", Decimal("inf"), "no_limit"),
        ("you@example.com", Decimal("1e30"), "no_limit"),
        ("you@example.com", Decimal("0.001"), "no_limit"),
    ],
)
def test_a_budget_that_cannot_be(mine: Laptop, email: str, limit: Decimal | None, code: str) -> None:
    """An address that is none; no limit anywhere, or one that is none: wrong usage."""
    refused = usage.alarm(mine.paths, mine.environ, "work", email, limit)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.exit_code) == (code, 2)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(status=400, error="DuplicateRecordException"), "exists"),
        (Answer(status=400, error="AccessDeniedException"), "denied"),
        (Answer(failure="network"), "network"),
    ],
)
def test_why_a_budget_was_not_created(mine: Laptop, monkeypatch: pytest.MonkeyPatch, answer: Answer, code: str) -> None:
    """It stands there already; the role may not; nobody answers."""
    Budgets(monkeypatch, answer)
    refused = usage.create(mine.paths, mine.environ, "work", ALARM)
    assert refused is not None
    assert refused.code == code


def test_an_endpoint_that_may_get_no_keys(mine: Laptop) -> None:
    """Neither https nor this machine."""
    environ = {**mine.environ, "AWS_ENDPOINT_URL_BUDGETS": "http://example.com"}
    refused = usage.create(mine.paths, environ, "work", ALARM)
    assert refused is not None
    assert refused.code == "endpoint"


def test_unknown_profiles_of_a_budget(mine: Laptop) -> None:
    """As for the report."""
    assert isinstance(usage.alarm(mine.paths, mine.environ, "elsewhere", "you@example.com", Decimal(1)), Refused)
    assert isinstance(usage.create(mine.paths, mine.environ, "elsewhere", ALARM), Refused)
    assert isinstance(usage.create(mine.paths, mine.environ, "old", ALARM), Refused)
