"""The commands about what Bedrock cost: `usage`, `usage alarm`. Dollars are keeplit's own sum, and said to be so."""

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal

import click

from keeplit.core import budgets
from keeplit.core.aws_dates import write_date
from keeplit.core.exit_codes import DONE, FAILED, USAGE
from keeplit.core.prices import AS_OF, Tokens
from keeplit.core.usage import Budget, Row
from keeplit.engine import models
from keeplit.engine import usage as engine
from keeplit.engine.usage import Found, Refused
from keeplit.ui import completing, json_answer
from keeplit.ui.cli import Decorated, Number, fail, not_empty, where
from keeplit.ui.looking import printable

BAR, SHORTEST = 30, 4
BESIDE_A_BAR = len("2026-11-21") + 4
MOST_DAYS = 90
QUIET = "No model was called in this time."
NOTHING = "CloudWatch counted no call of a Bedrock model there. Another region: --region R"
ABOUT = "Sums are keeplit's, by list prices of {as_of} and CloudWatch's counts; your bill may say otherwise."
PRICE = "Its price: [usage.prices] of config.toml"
LISTED_DAYS = 14
UNLISTED = f"Models without a call in the last {LISTED_DAYS} days are left out: CloudWatch no longer lists them."


def of_profile(argument: str = "profile") -> Callable[[Decorated], Decorated]:
    """Return the option that names a profile, as an argument of this name."""
    said = "The profile; else Claude Code's."
    return click.option("--profile", argument, callback=not_empty, shell_complete=completing.profiles, help=said)


@click.group(invoke_without_command=True)
@click.option("--days", type=click.IntRange(1, MOST_DAYS), default=7, show_default=True, help="UTC days, with today.")
@of_profile()
@click.option(
    "--region",
    callback=not_empty,
    shell_complete=completing.regions,
    help="The region; else the one that Claude Code calls.",
)
@click.option("--cost-explorer", is_flag=True, help="Ask for the bill too; AWS takes a cent for it.")
@json_answer.option()
@click.pass_context
def usage(
    context: click.Context, *, days: int, profile: str | None, region: str | None, cost_explorer: bool, as_json: bool
) -> int:
    """Show what the account used of Bedrock: tokens, calls, failures, latency and cost, by model and day.

    Example: keeplit usage --days 30
    """
    if context.invoked_subcommand is not None:
        context.obj = profile
        return DONE
    paths = where()
    chosen = region or models.region(paths, os.environ, profile)
    if wrong := models.no_region(chosen):
        raise fail(wrong, USAGE if region else FAILED)
    found = engine.look(paths, os.environ, profile, chosen, days, bill=cost_explorer)
    if isinstance(found, Refused):
        raise fail(found.sentence, found.exit_code)
    width = shutil.get_terminal_size().columns
    if as_json:
        json_answer.answer(document(found))
    else:
        click.echo(screen(found, width))
    return DONE


@usage.command()
@click.option("--email", required=True, help="Who is told.")
@click.option("--limit", type=Number(0.01), help="Dollars a month; else budget_month of config.toml.")
@of_profile("other")
@click.option("--yes", is_flag=True, help="Create it without asking.")
@click.pass_obj
def alarm(profile: str | None, *, email: str, limit: float | None, other: str | None, yes: bool) -> int:
    """Create a budget in AWS that writes to an address at 50, 80 and 100 %, after showing it.

    Example: keeplit usage alarm --email you@example.com --limit 100
    """
    paths, profile = where(), other or profile
    wanted = engine.alarm(paths, os.environ, profile, email, None if limit is None else Decimal(str(limit)))
    if isinstance(wanted, Refused):
        raise fail(wanted.sentence, wanted.exit_code)
    for line in budgets.shown(wanted):
        click.echo(printable(line))
    if not yes and not _confirmed():
        click.echo("Nothing was created.")
        return FAILED
    refused = engine.create(paths, os.environ, profile, wanted)
    if refused is not None:
        raise fail(refused.sentence, refused.exit_code)
    click.echo(f"Created. It stands in AWS Billing, Budgets, as {wanted.name!r}; take it out there.")
    return DONE


def _confirmed() -> bool:
    try:
        return click.confirm("Create it?")
    except click.Abort:
        if sys.stdin.isatty():  # Ctrl-C
            raise
        click.echo()
        raise fail("nothing was created; say --yes where nobody can be asked", USAGE) from None


def document(found: Found) -> dict[str, object]:
    """Return what ``--json`` prints; money is in dollars, null where no price is known; latency in milliseconds."""
    told = found.report
    return {
        "schema": 1,
        "account": found.account,
        "region": found.region,
        "until": write_date(found.until),
        "prices_as_of": AS_OF.isoformat(),
        "total": _row(told.total),
        "models": [_row(row) for row in told.models],
        "days": [_row(row) for row in told.days],
        "unpriced": list(told.unpriced),
        "month": {"so_far": _money(told.month), "ahead": _money(told.ahead)},
        "budgets": [
            {"period": one.period, "limit": _money(one.limit), "spent": _money(one.spent), "reached_percent": one.step}
            for one in told.budgets
        ],
        "billed": None if found.billed is None else {name: _money(cost) for name, cost in found.billed.items()},
    }


def _row(row: Row) -> dict[str, object]:
    used, tokens = row.used, row.used.tokens
    return {
        "name": row.name,
        "calls": used.calls,
        "throttled": used.throttled,
        "client_errors": used.client_errors,
        "server_errors": used.server_errors,
        "latency": round(used.latency) if used.latency is not None else None,
        "input": tokens.input,
        "output": tokens.output,
        "cache_read": tokens.cache_read,
        "cache_write": tokens.cache_write,
        "cost": _money(row.cost),
        "saved_by_cache": _money(row.saved),
        "cost_is_least": row.least,
    }


def _money(cost: Decimal | None) -> float | None:
    return None if cost is None else float(round(cost, 4))


def screen(found: Found, width: int = 80) -> str:
    """Return the report as a person reads it, with bars that fit a terminal of `width` columns."""
    told = found.report
    lines = [click.style(f"Bedrock in {found.region}, account {found.account}, {len(told.days)} days", bold=True)]
    if not told.models and told.month is None and not told.unpriced:
        return "\n".join([*map(printable, lines), NOTHING])
    for row in told.models:
        lines += _of_model(row, found)
    if told.models:
        lines += ["", *_bars(told.days, found, width), ""]
        lines.append(f"Together {_said(told.total.cost, found)}{_saved(told.total, found)}")
    else:
        lines.append(QUIET)
    if told.month is not None:
        ahead = f", {_said(told.ahead, found)} at its end at this rate" if told.ahead is not None else ""
        lines.append(f"This month {_said(told.month, found)} so far{ahead}")
    lines += [_budget(one, found) for one in told.budgets]
    for name, cost in sorted((found.billed or {}).items()):
        lines.append(f"On the bill this month: {name} {cost:,.2f}")
    lines += [f"No price is known for {name}, so the sums are without it. {PRICE}" for name in told.unpriced]
    if max(len(told.days), found.until.day) > LISTED_DAYS:
        lines.append(UNLISTED)
    lines.append(ABOUT.format(as_of=AS_OF.isoformat()))
    return "\n".join(printable(line) for line in lines)


def _of_model(row: Row, found: Found) -> list[str]:
    used, tokens = row.used, row.used.tokens
    least = "at least " if row.least and row.cost is not None else ""
    latency = f", {used.latency / 1000:.1f} s a call" if used.latency is not None else ""
    failed = [
        f"{count} {name}"
        for count, name in (
            (used.throttled, "throttled"),
            (used.client_errors, "refused"),
            (used.server_errors, "failed at AWS"),
        )
        if count
    ]
    said = f"  {_many(used.calls)} calls{latency}; {_tokens(tokens)}"
    return [
        f"{row.name}  {least}{_said(row.cost, found)}",
        said,
        *([click.style(f"  {', '.join(failed)}", fg="yellow")] if failed else []),
    ]


def _tokens(tokens: Tokens) -> str:
    cache = [
        f"{_many(count)} {name}"
        for count, name in ((tokens.cache_read, "read from cache"), (tokens.cache_write, "written to it"))
        if count
    ]
    return ", ".join([f"{_many(tokens.input)} tokens in", f"{_many(tokens.output)} out", *cache])


def _bars(days: Sequence[Row], found: Found, width: int) -> list[str]:
    """Return a bar for each day: its cost, or its calls where nothing has a price; no bar where there is no room."""
    priced = any(row.cost for row in days)
    sizes = [row.cost or Decimal(0) if priced else Decimal(row.used.calls) for row in days]
    most = max(sizes) or Decimal(1)
    amounts = [_said(row.cost or Decimal(0), found) if priced else f"{_many(row.used.calls)} calls" for row in days]
    room = min(BAR, width - BESIDE_A_BAR - max(map(len, amounts)))
    if room < SHORTEST:
        return [f"{row.name}  {amount}" for row, amount in zip(days, amounts, strict=True)]
    return [
        f"{row.name}  {'█' * round(size / most * room):<{room}}  {amount}"
        for row, size, amount in zip(days, sizes, amounts, strict=True)
    ]


def _saved(total: Row, found: Found) -> str:
    if not total.saved or total.cost is None:
        return ""
    return f"; caching {'saved' if total.saved > 0 else 'cost'} {_said(abs(total.saved), found)}"


def _budget(budget: Budget, found: Found) -> str:
    period = {"month": "this month's", "day": "today's"}[budget.period]
    part = f"{int(budget.spent / budget.limit * 100)} % of {period} {_said(budget.limit, found)}"
    colour = {0: "green", 50: "yellow", 80: "yellow", 100: "red"}[budget.step]
    over = " Over: switch to a smaller model, or raise the budget in config.toml" if budget.step == 100 else ""  # noqa: PLR2004
    return click.style(f"Budget: {part} is spent.{over}", fg=colour)


def _said(cost: Decimal | None, found: Found) -> str:
    if cost is None:
        return "no price"
    unit = "$" if found.currency == "USD" else ""
    amount = f"{unit}{cost * found.per_dollar:,.2f}"
    return amount if unit else f"{amount} {found.currency}"


def _many(count: int) -> str:
    """Return a count as it is read: 950, 12.3k, 4.5M."""
    for size, letter in ((1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")):
        if count >= size:
            return f"{count / size:.1f}{letter}"
    return str(count)


COMMANDS = (usage,)
