"""Which models `keeplit setup` offers and proposes, out of a region's own list. Pure.

Law: only what the list has is offered. The proposal is the newest of its family that is nearest; what AWS calls legacy
is proposed only where there is no other, and with a residency none whose requests can leave it.
"""

from dataclasses import dataclass
from datetime import datetime

from keeplit.core.model_list import InferenceProfile, Listing
from keeplit.core.models import Family
from keeplit.core.region_choice import may_preselect

CHEAPER = "about 10 % cheaper than a regional one"
MAIN = (Family.SONNET, Family.OPUS)
"""The families of the model for work, the one that is proposed first."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that can be chosen, with what is to be known of it in a few words."""

    id: str
    title: str


def offers(listing: Listing, now: datetime, family: Family | None = None) -> tuple[Offer, ...]:
    """Return what can be chosen, in the list's order: of one family, or of all."""
    found = [one for one in listing.profiles if not one.over(now) and family in {None, one.model.family}]
    return tuple(Offer(one.id, f"{one.id}  {_known(one)}".rstrip()) for one in found)


def proposed(listing: Listing, now: datetime, family: Family, residency: str = "") -> str:
    """Return the id that is proposed of a family; empty where there is none to propose."""
    fits = [
        one
        for one in listing.profiles
        if one.model.family is family and not one.application and not one.over(now) and may_preselect(one, residency)
    ]
    best = next((one for one in fits if not one.legacy), next(iter(fits), None))
    return best.id if best is not None else ""


def proposed_main(listing: Listing, now: datetime, residency: str = "") -> str:
    """Return the id that is proposed for work; empty where there is none to propose."""
    return next((found for family in MAIN if (found := proposed(listing, now, family, residency))), "")


def _known(one: InferenceProfile) -> str:
    said = []
    if one.application:
        said.append(f"{one.name}, of this account")
    if one.everywhere:
        said.append(f"runs in any region, {CHEAPER}")
    elif one.regions:
        said.append(f"runs in {', '.join(one.regions)}")
    if one.legacy:
        end = one.lifecycle.ends_at if one.lifecycle is not None else None
        said.append(f"legacy{f', ends {end:%Y-%m-%d}' if end else ''}")
    return "; ".join(said)
