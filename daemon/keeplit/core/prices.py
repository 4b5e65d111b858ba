"""What Bedrock's Claude models cost: a dated table, and what a person's config.toml says instead. Pure.

Law: a price that is not known is not guessed: what a newer model costs is told as "no price". Dollars for a million
tokens. Sources: Anthropic's price list (platform.claude.com/docs, "Pricing") and its note that regional profiles of
Bedrock cost 10 % more than `global.` from generation 4.5 on. A cache write is priced as one of 5 minutes,
since CloudWatch does not tell the two kinds apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from keeplit.core.models import ANTHROPIC, GLOBAL, parse

AS_OF = date(2026, 11, 21)
REGIONAL = Decimal("1.1")
REGIONAL_SINCE = (4, 5)
WRITE = Decimal("1.25")
READ = Decimal("0.1")
MILLION = Decimal(1_000_000)
FIELDS = ("input", "output", "cache_write", "cache_read")


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars for a million tokens of each kind. `least`: the model has tiers, and this is the lowest."""

    input: Decimal
    output: Decimal
    cache_write: Decimal
    cache_read: Decimal
    least: bool = False

    def of(self, tokens: "Tokens") -> Decimal:
        """Return what the tokens cost, in dollars."""
        parts = (
            tokens.input * self.input,
            tokens.output * self.output,
            tokens.cache_write * self.cache_write,
            tokens.cache_read * self.cache_read,
        )
        return sum(parts, Decimal(0)) / MILLION

    def without_cache(self, tokens: "Tokens") -> Decimal:
        """Return what they would have cost, had every token been sent as plain input."""
        return self.of(Tokens(tokens.input + tokens.cache_write + tokens.cache_read, tokens.output))


@dataclass(frozen=True, slots=True)
class Tokens:
    """How many tokens of each kind; `input` are those that no cache had to do with."""

    input: int = 0
    output: int = 0
    cache_write: int = 0
    cache_read: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        """Return both together."""
        return Tokens(*(getattr(self, name) + getattr(other, name) for name in FIELDS))


def _price(into: str, out: str, *, read: Decimal = READ, least: bool = False) -> Price:
    plain = Decimal(into)
    return Price(plain, Decimal(out), plain * WRITE, plain * read, least)


def _each(line: str, versions: tuple[tuple[int, ...], ...], price: Price) -> dict[tuple[str, tuple[int, ...]], Price]:
    return {(line, version): price for version in versions}


TABLE: Mapping[tuple[str, tuple[int, ...]], Price] = {
    **_each("fable", ((5,),), _price("10", "50")),
    **_each("fable", ((5, 1),), _price("10", "50", read=Decimal("0.025"))),
    **_each("opus", ((5, 5),), _price("4", "20", read=Decimal("0.05"))),
    **_each("opus", ((4, 5), (4, 6), (4, 7), (4, 8), (5,)), _price("5", "25")),
    **_each("opus", ((3,), (4,), (4, 1)), _price("15", "75")),
    **_each("sonnet", ((5,),), _price("2", "10")),
    **_each("sonnet", ((5, 5),), _price("2", "10", read=Decimal("0.05"))),
    **_each("sonnet", ((3,), (3, 5), (3, 7), (4,), (4, 5), (4, 6)), _price("3", "15")),
    **_each("haiku", ((5, 5),), _price("0.10", "0.50", least=True)),
    **_each("haiku", ((4, 5),), _price("1", "5")),
    **_each("haiku", ((3, 5),), _price("0.80", "4")),
    **_each("haiku", ((3,),), Price(Decimal("0.25"), Decimal("1.25"), Decimal("0.30"), Decimal("0.03"))),
}


def billed_as(line: str, version: tuple[int, ...]) -> str:
    """Return how the bill calls a model of generation 4 or later, which comes by AWS Marketplace."""
    return f"Claude {line.title()} {'.'.join(map(str, version))} (Amazon Bedrock Edition)"


def price_of(model: str, overrides: Mapping[str, Price]) -> Price | None:
    """Return the price of a model by the id that CloudWatch names; None where it is not known.

    What config.toml says of the id, or of its base id, is taken as it stands.
    """
    name = parse(model)
    said = overrides.get(model) or overrides.get(name.base)
    if said is not None:
        return said
    found = TABLE.get((name.line, name.version)) if name.vendor == ANTHROPIC else None
    if found is None or name.prefix == GLOBAL or name.version < REGIONAL_SINCE:
        return found
    dearer = {field: getattr(found, field) * REGIONAL for field in FIELDS}
    return Price(**dearer, least=found.least)


class WrongPrice(ValueError):  # noqa: N818  # it is said with the key's line
    """A price of config.toml that is none; the words say what one looks like."""


def overrides(told: object) -> Mapping[str, Price]:
    """Return the prices of ``[usage.prices]``; raises `WrongPrice`."""
    if not isinstance(told, Mapping):
        raise WrongPrice('must be a table such as "anthropic.claude-sonnet-5" = { input = 2.0, output = 10.0 }')
    return {str(model): _override(str(model), one) for model, one in told.items()}


def _override(model: str, told: object) -> Price:
    if not isinstance(told, Mapping) or not {"input", "output"} <= told.keys() <= set(FIELDS):
        raise WrongPrice(f"of {model!r} must have input and output, may have cache_write and cache_read, nothing else")
    numbers: dict[str, Decimal] = {}
    for field, value in told.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100_000:  # noqa: PLR2004
            raise WrongPrice(f"of {model!r}: {field} must be dollars for a million tokens, such as 2.5")
        numbers[field] = Decimal(str(value))
    plain = numbers["input"]
    return Price(
        plain, numbers["output"], numbers.get("cache_write", plain * WRITE), numbers.get("cache_read", plain * READ)
    )
