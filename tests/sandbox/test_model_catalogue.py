"""What the sandbox's list of models must hold, so that every branch of who reads one is met."""

from __future__ import annotations

from keeplit.sandbox.clients import CONFIG
from keeplit.sandbox.model_catalogue import APPLICATIONS, COMMERCIAL, MODELS, REGIONS


def test_there_is_one_of_everything() -> None:
    """Ids with a date and without, legacy and not, on demand and not, of others too, and each known prefix."""
    prefixes = {prefix for model in MODELS for prefix in model.prefixes}

    assert {model.id.rpartition("-")[2][:2] for model in MODELS} > {"v1", "5"}
    assert {model.ends_in is None for model in MODELS} == {True, False}
    assert {model.on_demand for model in MODELS} == {True, False}
    assert {model.provider for model in MODELS} == {"Anthropic", "Amazon"}
    assert prefixes == {*REGIONS, "global"}


def test_the_newest_of_a_family_is_elsewhere_reached_by_global_alone() -> None:
    """In Europe the newest Sonnet has no profile of eu., and the one before has."""
    newest = next(model for model in MODELS if model.id == "anthropic.claude-sonnet-5")

    assert newest.prefixes == ("us", "global")
    assert newest.regions() == COMMERCIAL


def test_the_accounts_profiles_are_of_models_that_their_region_has() -> None:
    """And of accounts that the sandbox's configuration names."""
    by_id = {model.id: model for model in MODELS}

    assert [one for one in APPLICATIONS if one.region not in by_id[one.model].regions()] == []
    assert [one for one in APPLICATIONS if one.account not in CONFIG] == []
