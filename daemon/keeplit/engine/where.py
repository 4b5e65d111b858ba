"""Where a model can be called from: the live listings of several regions, asked side by side.

Law: only what a region itself lists counts; a region that could not be asked is named with why, never taken for one
without the model.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from keeplit.adapters.paths import Paths
from keeplit.core.model_list import InferenceProfile, Listing
from keeplit.core.models import Kind, ModelName, parse
from keeplit.core.region_choice import SEEDS
from keeplit.engine import models

AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Place:
    """One region that was asked: the profiles of the model there; `fault` where it gave no list."""

    region: str
    profiles: tuple[InferenceProfile, ...] = ()
    listing: Listing | None = None
    fault: str = ""


def asked_regions(here: str, named: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the regions to ask: the named ones, else the own one and one of each part of the world."""
    return tuple(dict.fromkeys(named)) or tuple(dict.fromkeys((here, *SEEDS)))


def look(paths: Paths, environ: Mapping[str, str], model: str, regions: Iterable[str]) -> tuple[Place, ...]:
    """Return where a model (any name of it: id, ARN, Anthropic's id, alias) is, in the order of the regions.

    Regions are asked three at a time, of an hour's list none; it takes a second or two for each three.
    """
    names = tuple(regions)
    models.listing(paths, environ, None, names[0])  # alone: it brings the role credentials that the others use
    with ThreadPoolExecutor(AT_ONCE) as pool:
        listings = list(pool.map(lambda region: models.listing(paths, environ, None, region), names))
    wanted = parse(model)
    return tuple(_place(listing, wanted) for listing in listings)


def _place(listing: Listing, wanted: ModelName) -> Place:
    fault = "" if listing.known else listing.fault
    return Place(listing.region, tuple(one for one in listing.profiles if _is(one, wanted)), listing, fault)


def _is(one: InferenceProfile, wanted: ModelName) -> bool:
    if wanted.kind is Kind.ALIAS:
        return not one.application and one.model.family is wanted.family
    if wanted.kind is Kind.APPLICATION:
        return one.id == wanted.text
    return not one.application and wanted.names(one.model)
