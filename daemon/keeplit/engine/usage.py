"""`keeplit usage`: what a profile's account used of Bedrock in one region, and a budget that AWS watches.

Law: CloudWatch is asked, which costs next to nothing; the bill itself only where a person says so. Nothing is created
before it was shown. A day is a UTC day, as on the bill.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from keeplit.adapters import clock, cloudwatch, config
from keeplit.adapters.identity_center import IdentityCenter
from keeplit.adapters.paths import Paths
from keeplit.core import budgets
from keeplit.core.answers import judged
from keeplit.core.deeds import Outcome, Result
from keeplit.core.exit_codes import FAILED, USAGE
from keeplit.core.prices import overrides
from keeplit.core.secrets import RoleCredentials
from keeplit.core.usage import Report, report
from keeplit.engine import credentials, whose
from keeplit.engine.whose import Meant, Unclear

ONE = Decimal(1)
LEAST, MOST = Decimal("0.01"), Decimal(1_000_000_000)  # dollars of a budget
HOW_MUCH = "how much is too much? Say --limit 100, or budget_month in [usage] of config.toml"
OUT_OF_RANGE = "a budget is between a cent and a billion dollars a month, such as --limit 100"
EVERYWHERE = "us-east-1"  # where the bill and the budgets of every region are


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing can be said: a sentence with the next step, and the command's exit code."""

    code: str
    sentence: str
    exit_code: int = FAILED


@dataclass(frozen=True, slots=True)
class Found:
    """The report, of which account and region, and in which currency its dollars are to be shown."""

    report: Report
    account: str
    region: str
    until: datetime
    currency: str = "USD"
    per_dollar: Decimal = ONE
    billed: Mapping[str, Decimal] | None = None


def look(
    paths: Paths, environ: Mapping[str, str], profile: str | None, region: str, days: int, *, bill: bool = False
) -> Found | Refused:
    """Return the usage of the last `days` UTC days, today included; with `bill` what the bill says of the month too."""
    taken = _keys(paths, environ, profile)
    if isinstance(taken, Refused):
        return taken
    meant, keys = taken
    now = clock.now()
    today = now.date()
    asked = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    since = min(asked[0], today.replace(day=1))
    ask = IdentityCenter(dict(meant.environ)).asked
    outcome, cells = cloudwatch.used(ask, meant.environ, region, keys, _midnight(since), now)
    if cells is None:
        return _refused(outcome)
    mine = config.read(paths.config_file).usage
    limits = {
        period: Decimal(str(mine[f"budget_{period}"])) / _rate(mine)
        for period in ("month", "day")
        if f"budget_{period}" in mine
    }
    told = report(cells, asked, now, overrides(mine.get("prices", {})), limits)
    billed = _billed(ask, meant, keys, today) if bill else None
    if isinstance(billed, Refused):
        return billed
    return Found(told, _account(meant), region, now, str(mine.get("currency", "USD")), _rate(mine), billed)


def alarm(
    paths: Paths, environ: Mapping[str, str], profile: str | None, email: str, limit: Decimal | None
) -> budgets.Alarm | Refused:
    """Return the budget that would be created; AWS is not asked. `limit`: dollars a month, else config.toml's."""
    meant = _meant(paths, environ, profile)
    if isinstance(meant, Refused):
        return meant
    mine = config.read(paths.config_file).usage
    if limit is None and "budget_month" in mine:
        limit = Decimal(str(mine["budget_month"])) / _rate(mine)
    if limit is None:
        return Refused("no_limit", HOW_MUCH, USAGE)
    if not (limit.is_finite() and LEAST <= limit <= MOST):
        return Refused("no_limit", OUT_OF_RANGE, USAGE)
    if not budgets.is_address(email):
        return Refused("not_an_address", f"{email[:80]!r} is no e-mail address. One looks like you@example.com", USAGE)
    return budgets.Alarm(_account(meant), email, limit)


def create(paths: Paths, environ: Mapping[str, str], profile: str | None, wanted: budgets.Alarm) -> Refused | None:
    """Create the budget in AWS; return why it could not be."""
    taken = _keys(paths, environ, profile)
    if isinstance(taken, Refused):
        return taken
    meant, keys = taken
    try:
        where = cloudwatch.where(meant.environ, "budgets", EVERYWHERE, keys)
    except ValueError:
        return Refused(
            "endpoint", "the address in AWS_ENDPOINT_URL may get no keys: it is neither https nor this machine"
        )
    call = {**where, "operation": "create_budget", "parameters": budgets.parameters(wanted)}
    (answer,) = IdentityCenter(dict(meant.environ)).asked([call])
    if answer.good:
        return None
    if answer.error == "DuplicateRecordException":
        return Refused("exists", f"there is a budget {wanted.name!r} already. See: AWS Billing, Budgets")
    if answer.error in cloudwatch.NAMED and not answer.failure:
        return Refused("denied", "your role may not create budgets (budgets:ModifyBudget). Ask who runs the account")
    return _refused(judged(answer))


def _meant(paths: Paths, environ: Mapping[str, str], profile: str | None) -> Meant | Refused:
    meant = whose.meant(paths, environ, profile)
    return Refused(meant.code, meant.sentence, meant.exit_code) if isinstance(meant, Unclear) else meant


def _keys(paths: Paths, environ: Mapping[str, str], profile: str | None) -> tuple[Meant, RoleCredentials] | Refused:
    """Return whose account is meant, with the keys of its role; or why AWS cannot be asked."""
    meant = _meant(paths, environ, profile)
    if isinstance(meant, Refused):
        return meant
    got = (credentials.on_top if meant.profile.assumes else credentials.obtain)(paths, meant)
    if got.credentials is None:
        return Refused("no_credentials", got.sentence, got.exit_code)
    return meant, got.credentials


def _billed(
    ask: cloudwatch.Ask, meant: Meant, keys: RoleCredentials, today: date
) -> Mapping[str, Decimal] | Refused | None:
    outcome, sums = cloudwatch.billed(ask, meant.environ, keys, today.replace(day=1), today + timedelta(days=1))
    if sums is None:
        why = "your role may not read the bill (ce:GetCostAndUsage)" if outcome.result is Result.FORBIDDEN else ""
        return Refused(outcome.code, f"{why or outcome.detail}. Without it: leave --cost-explorer out")
    return sums


def _account(meant: Meant) -> str:
    parts = meant.profile.assumes.split(":")
    return parts[4] if len(parts) > 4 else meant.profile.account  # noqa: PLR2004  # an ARN's fifth part


def _rate(mine: Mapping[str, object]) -> Decimal:
    return Decimal(str(mine.get("per_dollar", 1)))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _refused(outcome: Outcome) -> Refused:
    detail = outcome.detail or "AWS gave no answer"
    step = "Ask who runs the account" if outcome.result is Result.FORBIDDEN else "See: keeplit doctor"
    return Refused(outcome.code or str(outcome.result), f"{detail.rstrip('.')}. {step}")
