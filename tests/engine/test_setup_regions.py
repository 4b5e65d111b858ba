from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from keeplit.adapters import latency
from keeplit.core.model_list import Listing
from keeplit.engine import models, setup_regions

MS = timedelta(milliseconds=1)
TIMES = {"us-east-1": 90 * MS, "eu-central-1": 20 * MS, "us-west-2": 120 * MS, "eu-west-1": 30 * MS}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the regions whose lists were asked for, in their order."""
    found: list[str] = []

    def listing(_paths: object, _environ: object, _profile: object, region: str) -> Listing:
        found.append(region)
        return Listing(region, code="denied")

    def measured(regions: Any, _environ: Mapping[str, str]) -> dict[str, timedelta]:
        return {region: TIMES[region] for region in regions if region in TIMES}

    monkeypatch.setattr(models, "listing", listing)
    monkeypatch.setattr(latency, "to_bedrock", measured)
    return found


def test_the_meant_region_stands_first_and_the_two_nearest_beside_it(asked: list[str], tmp_path: Path) -> None:
    """Only these three are asked for their models, the meant one alone first: it brings the credentials."""
    choices, listings = setup_regions.offered(None, {}, "work", "us-west-2")  # type: ignore[arg-type]
    assert [one.region for one in choices] == ["us-west-2", "eu-central-1", "us-east-1"]
    assert choices[1].reasons[0] == "20 ms from here"
    assert (asked[0], set(asked), set(listings)) == ("us-west-2", set(listings), set(listings))


def test_a_residency_leaves_other_parts_out(asked: list[str]) -> None:
    """Of the regions that nobody named."""
    choices, _ = setup_regions.offered(None, {}, "work", "eu-west-1", "eu")  # type: ignore[arg-type]
    assert [one.region for one in choices] == ["eu-west-1", "eu-central-1"]
