"""Which region's Bedrock to call: the candidates in order, each with its reasons. Pure.

Law: a person chooses; this only orders. Where requests may travel is said of each, and whoever keeps them in one part
of the world is never given `global.` unasked. A latency is measured or absent, never guessed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from keeplit.core.model_list import InferenceProfile, Listing
from keeplit.core.models import Family, prefixes

SEEDS = ("us-east-1", "us-west-2", "eu-central-1", "ap-northeast-1", "ap-southeast-2")
"""A region of each part of the world that is on in every account: through it the part's prefixes are seen."""
SHOWN = (Family.OPUS, Family.SONNET, Family.HAIKU)
NEIGHBOURS = 2
UNKNOWN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A region, its listing where it is known, and how long a connection takes from here."""

    region: str
    listing: Listing | None = None
    latency: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A region with the reasons for and against it, in short phrases."""

    region: str
    reasons: tuple[str, ...] = ()


def ranked(candidates: Iterable[Candidate], *, wanted: str = "", residency: str = "") -> tuple[Choice, ...]:
    """Return the candidates: the wanted one, then those with more families of models, then the faster ones.

    `residency` is a part of the world (``eu``): regions of other parts then come last.
    """
    found = sorted(candidates, key=lambda one: _rank(one, wanted, residency))
    return tuple(Choice(one.region, _reasons(one, residency)) for one in found)


def nearest(candidates: Iterable[Candidate], beside: str, most: int = NEIGHBOURS) -> tuple[Candidate, ...]:
    """Return the region that is wanted, where it is among them, and the nearest others by their latency."""
    everyone = tuple(candidates)
    first = tuple(one for one in everyone if one.region == beside)
    others = sorted((one for one in everyone if one.region != beside), key=lambda one: one.latency or UNKNOWN)
    return first + tuple(others[:most])


def part(region: str) -> str:
    """Return the part of the world that a region's requests can stay in: ``eu``, ``us``; empty where none is known."""
    return next((prefix for prefix in prefixes(region) if prefix != "global"), "")


def may_preselect(profile: InferenceProfile, residency: str) -> bool:
    """Whether a profile may be chosen unasked: with a residency, none whose requests can leave it."""
    if not residency:
        return True
    return not profile.everywhere and all(residency in prefixes(region) for region in profile.regions)


def _rank(one: Candidate, wanted: str, residency: str) -> tuple[bool, bool, int, timedelta, str]:
    away = bool(residency) and residency not in prefixes(one.region)
    return away, one.region != wanted, -len(_families(one)), one.latency or UNKNOWN, one.region


def _families(one: Candidate) -> tuple[InferenceProfile, ...]:
    """Return the newest model of each family, the nearest profile of it."""
    profiles = [profile for profile in (one.listing.profiles if one.listing else ()) if not profile.application]
    first = (next((profile for profile in profiles if profile.model.family is family), None) for family in SHOWN)
    return tuple(profile for profile in first if profile is not None)


def _reasons(one: Candidate, residency: str) -> tuple[str, ...]:
    said = []
    if one.latency is not None:
        said.append(f"{one.latency / timedelta(milliseconds=1):.0f} ms from here")
    newest = _families(one)
    if newest:
        said.append("has " + ", ".join(f"{_title(profile)}" for profile in newest))
    elif one.listing is not None and one.listing.known:
        said.append("has no Claude model")
    home = part(one.region)
    if home:
        said.append(f"requests can stay in {home}")
    if newest and all(profile.everywhere for profile in newest):
        said.append("all of these run in any region of the world")
    if residency and residency not in prefixes(one.region):
        said.append(f"outside {residency}")
    return tuple(said)


def _title(profile: InferenceProfile) -> str:
    version = ".".join(map(str, profile.model.version))
    return f"{profile.model.family.capitalize()} {version}".strip()
