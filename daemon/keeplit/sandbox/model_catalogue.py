"""The models that the sandbox's Bedrock knows, and where in the world each of them can be reached.

Law: it is no copy of today's list, which moves, but has one of everything that a list can hold: ids with a date and
without, a newest model that only ``global.`` reaches, one that is near its end, one that needs no profile, one that is
no model of Anthropic, and profiles that an account made itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

REGIONS = {
    "us": ("us-east-1", "us-east-2", "us-west-2"),
    "eu": ("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3"),
    "apac": ("ap-northeast-1", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
    "jp": ("ap-northeast-1", "ap-northeast-3"),
    "au": ("ap-southeast-2", "ap-southeast-4"),
    "us-gov": ("us-gov-east-1", "us-gov-west-1"),
}
"""Where the requests of each prefix's profiles run; they are offered in the same regions."""
COMMERCIAL = frozenset(region for prefix, regions in REGIONS.items() if prefix != "us-gov" for region in regions)
"""Where ``global.`` is offered; its requests run in any commercial region."""


@dataclass(frozen=True, slots=True)
class Model:
    """A foundation model; `ends_in` counts from the sandbox's present, and makes it a legacy one."""

    id: str
    name: str
    prefixes: tuple[str, ...]
    ends_in: timedelta | None = None
    on_demand: bool = False
    provider: str = "Anthropic"

    def regions(self) -> frozenset[str]:
        """Return the regions that have it."""
        return frozenset(
            region
            for prefix in self.prefixes
            for region in (COMMERCIAL if prefix == "global" else frozenset(REGIONS[prefix]))
        )


@dataclass(frozen=True, slots=True)
class ApplicationProfile:
    """An inference profile that an account made, of one model in one region or copied from a system one."""

    account: str
    region: str
    id: str
    name: str
    model: str
    prefix: str = ""


MODELS = (
    Model(
        "anthropic.claude-3-haiku-20240307-v1:0",
        "Claude 3 Haiku",
        ("us", "eu", "apac"),
        ends_in=timedelta(days=60),
        on_demand=True,
    ),
    Model("anthropic.claude-3-7-sonnet-20250219-v1:0", "Claude 3.7 Sonnet", ("us", "apac"), ends_in=timedelta(days=30)),
    Model("anthropic.claude-opus-4-1-20250805-v1:0", "Claude Opus 4.1", ("us",)),
    Model(
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        "Claude Sonnet 4.5",
        ("us", "eu", "apac", "jp", "au", "global", "us-gov"),
    ),
    Model("anthropic.claude-haiku-4-5-20251001-v1:0", "Claude Haiku 4.5", ("us", "eu", "jp", "au", "global")),
    Model("anthropic.claude-opus-4-6-v1", "Claude Opus 4.6", ("us", "eu", "au", "global")),
    Model("anthropic.claude-sonnet-4-6", "Claude Sonnet 4.6", ("us", "eu", "jp", "au", "global")),
    Model("anthropic.claude-opus-5", "Claude Opus 5", ("us", "eu", "global")),
    Model("anthropic.claude-sonnet-5", "Claude Sonnet 5", ("us", "global")),
    Model("amazon.nova-pro-v1:0", "Nova Pro", ("us", "eu", "apac"), on_demand=True, provider="Amazon"),
)
APPLICATIONS = (
    ApplicationProfile(
        "111122223333", "us-east-1", "a1b2c3d4e5f6", "team-lamp", "anthropic.claude-sonnet-4-5-20250929-v1:0", "us"
    ),
    ApplicationProfile(
        "111122223333", "us-east-1", "f6e5d4c3b2a1", "team-wick", "anthropic.claude-3-haiku-20240307-v1:0"
    ),
    ApplicationProfile("111122223333", "us-east-1", "0a9b8c7d6e5f", "night-jobs", "amazon.nova-pro-v1:0", "us"),
    ApplicationProfile(
        "777788889999", "eu-central-1", "b2c3d4e5f6a1", "client-lamp", "anthropic.claude-opus-4-6-v1", "eu"
    ),
)
WITHOUT_FORM = frozenset({"444455556666"})
"""Accounts that have not told Anthropic what they want to do: no model of theirs can be called."""
NOT_GRANTED = frozenset({("777788889999", "anthropic.claude-opus-5")})
"""Accounts with a model that they may not use."""
