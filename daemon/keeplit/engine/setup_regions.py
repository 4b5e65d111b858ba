"""Which regions `keeplit setup` offers: the one that is meant, and the nearest others by a connection from here.

Law: a latency is measured where Claude Code's calls go. Behind one endpoint for all regions nothing is measured.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from keeplit.adapters import latency
from keeplit.adapters.paths import Paths
from keeplit.core.model_list import Listing
from keeplit.core.region_choice import NEIGHBOURS, SEEDS, Candidate, Choice, nearest, part, ranked
from keeplit.engine import models

AT_ONCE = 3


def offered(
    paths: Paths, environ: Mapping[str, str], profile: str, wanted: str, residency: str = ""
) -> tuple[tuple[Choice, ...], Mapping[str, Listing]]:
    """Return regions with their reasons, the wanted one first, and what each of them lists."""
    seeds = [region for region in SEEDS if not residency or part(region) == residency]
    names = tuple(dict.fromkeys((wanted, *seeds)))
    measured = latency.to_bedrock(names, environ)
    candidates = [Candidate(name, latency=measured.get(name)) for name in names]
    near = nearest(candidates, wanted, NEIGHBOURS)
    first = {wanted: models.listing(paths, environ, profile, wanted)}  # alone: it brings the role credentials
    with ThreadPoolExecutor(AT_ONCE) as pool:
        others = [one.region for one in near if one.region != wanted]
        found = zip(
            others, pool.map(lambda region: models.listing(paths, environ, profile, region), others), strict=True
        )
        listings = {**first, **dict(found)}
    known = [Candidate(one.region, listings[one.region], one.latency) for one in near]
    return ranked(known, wanted=wanted, residency=residency), listings
