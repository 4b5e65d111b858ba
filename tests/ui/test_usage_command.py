"""Tests of what `keeplit usage` shows, and that nothing is created before it was shown."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from keeplit.core.budgets import Alarm
from keeplit.core.prices import Tokens
from keeplit.core.usage import Used, report
from keeplit.engine import models
from keeplit.engine import usage as engine
from keeplit.engine.usage import Found, Refused
from keeplit.ui.usage_command import UNLISTED, screen, usage

NOW = datetime(2026, 11, 10, tzinfo=UTC)  # nine of the month's thirty days are over
TODAY = NOW.date()
DAYS = [TODAY - timedelta(days=back) for back in (2, 1, 0)]
SONNET, NEW = "global.anthropic.claude-sonnet-5", "global.anthropic.claude-next-9"
BUSY = Used(1500, 2, 1, 0, Tokens(2_000_000, 1_000_000, 400_000, 10_000_000), busy=1500 * 2400.0, timed=1500)
CELLS = {(SONNET, DAYS[0]): BUSY, (SONNET, TODAY): Used(1, tokens=Tokens(500_000)), (NEW, TODAY): Used(3)}


CACHED = "10.0M read from cache, 400.0k written to it"


def found(
    cells: Any = CELLS, *, days: Any = DAYS, now: Any = NOW, prices: Any = None, budgets: Any = None, **more: Any
) -> Found:
    """Return what the engine finds."""
    told = report(cells, days, now, prices or {}, budgets or {})
    until = datetime(2026, 11, 10, 12, tzinfo=UTC)
    return Found(told, "111122223333", "us-east-1", until, **more)


def test_the_screen() -> None:
    """By model, by day with bars, the sum, the month, and what is left out of it."""
    said = click.unstyle(screen(found(budgets={"month": Decimal(20)}))).splitlines()
    assert said[0] == "Bedrock in us-east-1, account 111122223333, 3 days"
    assert said[1] == f"{SONNET}  $18.00"  # 2.5M x 2 + 1M x 10 + 0.4M x 2.50 + 10M x 0.20
    assert (
        said[2] == "  1.5k calls, 2.4 s a call; 2.5M tokens in, 1.0M out, 10.0M read from cache, 400.0k written to it"
    )
    assert said[3] == "  2 throttled, 1 refused"
    assert said[4:6] == [f"{NEW}  no price", "  3 calls; 0 tokens in, 0 out"]
    assert said[7:10] == [
        f"2026-11-08  {'█' * 30}  $17.00",
        f"2026-11-09  {' ' * 30}  $0.00",
        f"2026-11-10  {'█' * 2:<30}  $1.00",
    ]
    assert said[11] == "Together $18.00; caching saved $17.80"
    assert said[12] == "This month $18.00 so far, $60.00 at its end at this rate"
    assert said[13] == "Budget: 90 % of this month's $20.00 is spent."
    assert said[14].startswith(f"No price is known for {NEW}")
    assert "your bill may say otherwise" in said[15]


def test_another_currency_and_the_bill() -> None:
    """Dollars by the rate that config.toml says; the bill in its own words."""
    said = screen(found(currency="EUR", per_dollar=Decimal("0.5"), billed={"Amazon Bedrock": Decimal("1.239")}))
    assert "Together 9.00 EUR; caching saved 8.90 EUR" in said
    assert "On the bill this month: Amazon Bedrock 1.24" in said


def test_a_budget_that_is_over_and_caching_that_cost() -> None:
    """What to do next is said."""
    wrote = {(SONNET, TODAY): Used(1, tokens=Tokens(0, 0, 1_000_000))}
    said = click.unstyle(screen(found(wrote, budgets={"day": Decimal(1)})))
    assert "Budget: 250 % of today's $1.00 is spent. Over: switch to a smaller model" in said
    assert "caching cost $0.50" in said


def test_where_nothing_has_a_price_calls_are_drawn() -> None:
    """A bar for each day is still one."""
    said = screen(found({(NEW, TODAY): Used(4)}))
    assert f"2026-11-10  {'█' * 30}  4 calls" in said
    assert "This month" not in said


@pytest.mark.parametrize(("width", "bar"), [(200, 30), (40, 20), (24, 4), (20, 0)])
def test_bars_fit_the_terminal(width: int, bar: int) -> None:
    """Shorter in a narrow one, none where there is no room."""
    said = click.unstyle(screen(found(), width)).splitlines()
    line = next(line for line in said if line.startswith("2026-11-08"))
    assert (line.count("█"), len(line) <= width) == (bar, True)


def test_more_than_two_weeks_say_what_they_leave_out() -> None:
    """CloudWatch lists no model that was last called before."""
    many = [TODAY - timedelta(days=back) for back in range(14, -1, -1)]
    assert [UNLISTED in screen(found(days=days)) for days in (many, many[1:])] == [True, False]


def test_a_budget_beyond_all_measure() -> None:
    """A number that config.toml may hold."""
    assert "0 % of this month's $1" in click.unstyle(screen(found(budgets={"month": Decimal("1e300")})))


def test_nothing_was_used() -> None:
    """It says where else to look."""
    assert "Another region: --region R" in screen(found({}, budgets={"month": Decimal(20)}))


def test_nothing_was_used_in_the_days_that_are_asked_for() -> None:
    """What the month has had is said all the same, with its budget and what it leaves out."""
    before = {(SONNET, date(2026, 11, 2)): BUSY, (NEW, date(2026, 11, 3)): Used(3)}
    said = click.unstyle(screen(found(before, budgets={"month": Decimal(20)}))).splitlines()
    assert said[1:4] == [
        "No model was called in this time.",
        "This month $17.00 so far, $56.67 at its end at this rate",
        "Budget: 85 % of this month's $20.00 is spent.",
    ]
    assert said[4].startswith(f"No price is known for {NEW}")


def test_on_the_months_first_day() -> None:
    """Its end is not foretold by some hours."""
    first = datetime(2026, 11, 1, 9, tzinfo=UTC)
    said = screen(found({(SONNET, first.date()): BUSY}, days=[first.date()], now=first)).splitlines()
    assert "This month $17.00 so far" in said


@pytest.mark.parametrize(
    ("limit", "part", "colour"),
    [
        ("36.1", "49 %", "green"),
        ("36", "50 %", "yellow"),
        ("22.5", "80 %", "yellow"),
        ("18.1", "99 %", "yellow"),
        ("18", "100 %", "red"),
    ],
)
def test_a_budgets_part_is_never_rounded_up(limit: str, part: str, colour: str) -> None:
    """At 99.4 % it is not all spent: the figure and the colour say the same."""
    line = next(one for one in screen(found(budgets={"month": Decimal(limit)})).splitlines() if "Budget" in one)
    assert f"Budget: {part} of this month's" in line
    assert line.startswith(click.style("Budget", fg=colour, reset=False))


def test_a_price_that_is_the_lowest_is_said_to_be() -> None:
    """A model with tiers costs at least that."""
    model = "global.anthropic.claude-haiku-5-5"
    assert f"{model}  at least $0.10" in click.unstyle(screen(found({(model, TODAY): Used(1, tokens=Tokens(10**6))})))


class Desk:
    """The command with an engine that answers as it is told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answer: Found | Refused = found()
        self.created: list[Alarm] = []
        self.refused: Refused | None = None
        self.asked: list[Any] = []
        monkeypatch.setattr(models, "region", lambda *given: "us-east-1")
        monkeypatch.setattr(engine, "look", self.look)
        monkeypatch.setattr(engine, "alarm", self.alarm)
        monkeypatch.setattr(engine, "create", self.create)

    def look(self, paths: Any, environ: Any, profile: Any, region: str, days: int, *, bill: bool) -> Found | Refused:
        self.asked.append((profile, region, days, bill))
        return self.answer

    def alarm(self, paths: Any, environ: Any, profile: Any, email: str, limit: Decimal | None) -> Alarm | Refused:
        self.asked.append((profile, email, limit))
        return self.refused or Alarm("111122223333", email, limit or Decimal(7))

    def create(self, paths: Any, environ: Any, profile: Any, wanted: Alarm) -> Refused | None:
        self.created.append(wanted)
        return self.refused

    def run(self, *arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(usage, list(arguments), input=typed, standalone_mode=False)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give the command."""
    return Desk(monkeypatch)


def test_options_reach_the_engine(desk: Desk) -> None:
    """The region is the one that Claude Code calls, unless another is said; the bill only where it is asked for."""
    assert desk.run().return_value == 0
    desk.run("--days", "30", "--region", "eu-central-1", "--profile", "play", "--cost-explorer")
    assert desk.asked == [(None, "us-east-1", 7, False), ("play", "eu-central-1", 30, True)]


def test_json(desk: Desk) -> None:
    """One object; money in dollars, null where no price is known."""
    told = json.loads(desk.run("--json").output)
    assert (told["schema"], told["total"]["cost"], told["month"]) == (1, 18.0, {"so_far": 18.0, "ahead": 60.0})
    assert [(one["name"], one["cost"], one["calls"], one["latency"]) for one in told["models"]] == [
        (SONNET, 18.0, 1501, 2400),
        (NEW, None, 3, None),
    ]
    assert (told["unpriced"], told["billed"], told["until"]) == ([NEW], None, "2026-11-10T12:00:00Z")


def test_why_nothing_can_be_said(desk: Desk) -> None:
    """A wrong region is refused before anything is asked; a refusal of the engine keeps its exit code."""
    wrong = desk.run("--region", "us-esat-1")
    assert (wrong.return_value, desk.asked) == (2, [])
    desk.answer = Refused("no_credentials", "nobody is signed in. Do: keeplit login", 3)
    refused = desk.run()
    assert (refused.return_value, "keeplit login" in refused.output) == (3, True)


@pytest.mark.parametrize(("typed", "created"), [("y\n", 1), ("n\n", 0)])
def test_an_alarm_is_shown_before_it_is_created(desk: Desk, typed: str, created: int) -> None:
    """A no creates nothing; the group's profile is the one that is meant."""
    done = desk.run("--profile", "play", "alarm", "--email", "you@example.com", "--limit", "12.5", typed=typed)
    assert "12.50 dollars a month" in done.output
    assert (len(desk.created), desk.asked) == (created, [("play", "you@example.com", Decimal("12.5"))])


def test_an_alarm_that_nobody_can_confirm(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the input has ended it names the flag, and is wrong usage; a person's Ctrl-C stays one."""
    done = desk.run("alarm", "--email", "you@example.com", "--limit", "5")
    assert (done.return_value, desk.created) == (2, [])
    assert "nothing was created; say --yes where nobody can be asked" in done.output
    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("keeplit.ui.usage_command.sys", terminal)
    assert isinstance(desk.run("alarm", "--email", "you@example.com").exception, click.Abort)


def test_an_alarm_without_a_question(desk: Desk) -> None:
    """--yes, and the refusals."""
    assert desk.run("alarm", "--email", "you@example.com", "--yes", "--profile", "play").return_value == 0
    assert desk.asked[-1][0] == "play"
    desk.refused = Refused("exists", "there is one already", 1)
    assert desk.run("alarm", "--email", "you@example.com", "--yes").return_value == 1


@pytest.mark.parametrize("given", [["--days", "7", "--region", ""], ["--profile", " "], ["alarm", "--profile="]])
def test_an_empty_name_is_wrong_usage(desk: Desk, given: list[str]) -> None:
    """A script's unset variable is not the default one."""
    said = desk.run(*given)
    assert (said.return_value or getattr(said.exception, "exit_code", 0), desk.asked) == (2, [])


def test_a_limit_that_is_no_number_is_wrong_usage(desk: Desk) -> None:
    """A budget of NaN dollars would never tell anybody."""
    said = desk.run("alarm", "--email", "a@example.com", "--limit", "nan", "--yes")
    assert (isinstance(said.exception, click.BadParameter), desk.asked, desk.created) == (True, [], [])
