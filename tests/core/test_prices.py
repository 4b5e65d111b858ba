"""Tests of what models cost: sums done by hand, and no guess where a price is not known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from keeplit.core.prices import Price, Tokens, WrongPrice, overrides, price_of

SONNET = "global.anthropic.claude-sonnet-4-5-20250929-v1:0"


def test_a_sum_done_by_hand() -> None:
    """1.2M in at 3, 300k out at 15, 2M read at 0.30, 400k written at 3.75: 3.60 + 4.50 + 0.60 + 1.50 dollars."""
    price = price_of(SONNET, {})
    assert price is not None
    tokens = Tokens(1_200_000, 300_000, 400_000, 2_000_000)
    assert price.of(tokens) == Decimal("10.2")
    assert price.without_cache(tokens) == Decimal("15.3")  # 3.6M in, 300k out


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("global.anthropic.claude-sonnet-5", ("2", "10", "2.50", "0.20")),
        ("global.anthropic.claude-sonnet-5-5", ("2", "10", "2.50", "0.10")),
        ("global.anthropic.claude-fable-5", ("10", "50", "12.50", "1")),
        ("global.anthropic.claude-fable-5-1", ("10", "50", "12.50", "0.25")),
        ("global.anthropic.claude-haiku-5-5", ("0.10", "0.50", "0.125", "0.01")),
        ("global.anthropic.claude-opus-5-5", ("4", "20", "5", "0.20")),
        ("global.anthropic.claude-opus-5", ("5", "25", "6.25", "0.50")),
        ("global.anthropic.claude-opus-4-6-v1", ("5", "25", "6.25", "0.50")),
        ("anthropic.claude-opus-4-1-20250805-v1:0", ("15", "75", "18.75", "1.50")),
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", ("3", "15", "3.75", "0.30")),
        ("anthropic.claude-3-5-haiku-20241022-v1:0", ("0.80", "4", "1", "0.08")),
        ("anthropic.claude-3-haiku-20240307-v1:0", ("0.25", "1.25", "0.30", "0.03")),
        # Regional ones cost a tenth more from 4.5 on, whatever the prefix.
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", ("1.1", "5.5", "1.375", "0.11")),
        ("anthropic.claude-opus-4-6-v1", ("5.5", "27.5", "6.875", "0.55")),
    ],
)
def test_prices_of_the_table(model: str, expected: tuple[str, ...]) -> None:
    """Dollars for a million tokens: in, out, written to the cache, read from it."""
    found = price_of(model, {})
    assert found is not None
    assert (found.input, found.output, found.cache_write, found.cache_read) == tuple(map(Decimal, expected))


def test_a_price_with_tiers_says_that_it_is_the_lowest() -> None:
    """Also a regional one."""
    assert [
        found is not None and found.least
        for found in (price_of(f"{p}.anthropic.claude-haiku-5-5", {}) for p in ("global", "eu"))
    ] == [
        True,
        True,
    ]


@pytest.mark.parametrize(
    "model",
    [
        "global.anthropic.claude-opus-5-9",
        "anthropic.claude-opus-4-9",
        "amazon.nova-pro-v1:0",
        "x",
        "",
        "us.meta.opus-5",
    ],
)
def test_what_is_not_known_has_no_price(model: str) -> None:
    """A newer minor may cost anything."""
    assert price_of(model, {}) is None


def test_a_persons_own_prices_come_first() -> None:
    """By the id as CloudWatch names it, or by the base id for every prefix; the rest by its usual share."""
    said = overrides({"anthropic.claude-sonnet-5": {"input": 1, "output": 2.5}})
    assert price_of("eu.anthropic.claude-sonnet-5", said) == Price(
        Decimal(1), Decimal("2.5"), Decimal("1.25"), Decimal("0.1")
    )
    exact = overrides({"x": {"input": 1, "output": 2, "cache_write": 3, "cache_read": 0}})
    assert price_of("x", exact) == Price(Decimal(1), Decimal(2), Decimal(3), Decimal(0))


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("cheap", "must be a table"),
        ({"m": 5}, "must have input and output"),
        ({"m": {"input": 1}}, "must have input and output"),
        ({"m": {"input": 1, "output": 2, "batch": 1}}, "nothing else"),
        ({"m": {"input": "1", "output": 2}}, "input must be dollars"),
        ({"m": {"input": True, "output": 2}}, "input must be dollars"),
        ({"m": {"input": 1, "output": -2}}, "output must be dollars"),
        ({"m": {"input": 1, "output": float("nan")}}, "output must be dollars"),
    ],
)
def test_prices_that_are_none(told: Any, why: str) -> None:
    """Each with what one looks like."""
    with pytest.raises(WrongPrice, match=why):
        overrides(told)
