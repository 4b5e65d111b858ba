from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from keeplit.core.model_list import InferenceProfile, Lifecycle, Listing
from keeplit.core.models import Family, parse
from keeplit.core.setup_models import Offer, offers, proposed, proposed_main

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EU = ("eu-central-1", "eu-west-1")
LEGACY = Lifecycle(legacy=True, ends_at=NOON + timedelta(days=30))
ENDLESS, OVER = Lifecycle(legacy=True), Lifecycle(legacy=True, ends_at=NOON)
TEAM = "arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/a1b2c3d4e5f6"


def made(name: str, life: Lifecycle | None = None, own: str = "") -> InferenceProfile:
    """Return a profile as Frankfurt lists it."""
    everywhere = name.startswith("global.")
    runs = () if own else ("eu-central-1",) if everywhere else EU
    return InferenceProfile(
        own or name, "team", parse(name), runs, everywhere=everywhere, application=bool(own), lifecycle=life
    )


def listed(*profiles: InferenceProfile) -> Listing:
    """Return a fresh list, in the order in which it is shown."""
    return Listing("eu-central-1", profiles, age=timedelta(0))


OPUS, WORLD = made("eu.anthropic.claude-opus-5"), made("global.anthropic.claude-sonnet-5")
SONNET, OLD = made("eu.anthropic.claude-sonnet-4-6"), made("eu.anthropic.claude-3-haiku-20240307-v1:0", LEGACY)


def test_each_offer_says_what_is_to_be_known() -> None:
    """Where requests run, what it costs beside the others, when it ends; what is over is not offered."""
    listing = listed(WORLD, SONNET, OLD, made("eu.anthropic.claude-2", OVER), made("eu.a.b", ENDLESS, TEAM))
    assert [one.title for one in offers(listing, NOON)] == [
        "global.anthropic.claude-sonnet-5  runs in any region, about 10 % cheaper than a regional one",
        "eu.anthropic.claude-sonnet-4-6  runs in eu-central-1, eu-west-1",
        "eu.anthropic.claude-3-haiku-20240307-v1:0  runs in eu-central-1, eu-west-1; legacy, ends 2026-04-01",
        f"{TEAM}  team, of this account; legacy",
    ]
    assert [one.id for one in offers(listing, NOON, Family.HAIKU)] == [OLD.id]
    assert offers(listed(), NOON) == ()
    bare = InferenceProfile("eu.a.claude-haiku", "", parse("eu.a.claude-haiku"))
    assert offers(listed(bare), NOON) == (Offer(bare.id, bare.id),)


@pytest.mark.parametrize(("residency", "best"), [("", WORLD.id), ("eu", SONNET.id), ("us", "")])
def test_a_residency_keeps_global_from_being_proposed(residency: str, best: str) -> None:
    """The newest first, but none whose requests can leave."""
    assert proposed(listed(WORLD, SONNET), NOON, Family.SONNET, residency) == best


def test_a_legacy_one_is_proposed_only_where_there_is_no_other() -> None:
    """The one that ends waits behind one that does not, and what the account made is never proposed."""
    new = made("eu.anthropic.claude-haiku-4-5-20251001-v1:0")
    team = made("eu.anthropic.claude-haiku-4-5-20251001-v1:0", own=TEAM)
    assert proposed(listed(team, OLD, new), NOON, Family.HAIKU) == new.id
    assert proposed(listed(team, OLD), NOON, Family.HAIKU) == OLD.id
    assert proposed(listed(team), NOON, Family.HAIKU) == ""


def test_sonnet_is_proposed_for_work_and_opus_without_it() -> None:
    """Where there is neither, nothing is."""
    assert proposed_main(listed(OPUS, SONNET), NOON) == SONNET.id
    assert proposed_main(listed(OPUS, OLD), NOON) == OPUS.id
    assert proposed_main(listed(OLD), NOON) == ""
