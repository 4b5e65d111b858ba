from __future__ import annotations

from datetime import timedelta

import pytest

from keeplit.core.model_list import InferenceProfile, Listing
from keeplit.core.models import parse
from keeplit.core.region_choice import Candidate, Choice, may_preselect, nearest, part, ranked

MS = timedelta(milliseconds=1)
US = ("us-east-1", "us-west-2")


def made(name: str, *regions: str, application: bool = False) -> InferenceProfile:
    """Return a profile as a region lists it."""
    return InferenceProfile(
        name, name, parse(name), regions, everywhere=name.startswith("global."), application=application
    )


def listed(region: str, *profiles: InferenceProfile) -> Listing:
    """Return a fresh list."""
    return Listing(region, profiles, age=timedelta(0))


SONNET, OPUS = made("us.anthropic.claude-sonnet-5", *US), made("us.anthropic.claude-opus-5", *US)
EVERYWHERE = made("global.anthropic.claude-sonnet-5", "eu-west-1")
RICH = Candidate("us-east-1", listed("us-east-1", OPUS, SONNET, made("x", application=True)), 90 * MS)
POOR = Candidate("eu-west-1", listed("eu-west-1", EVERYWHERE), 20 * MS)
EMPTY = Candidate("ap-south-1", listed("ap-south-1"), 200 * MS)
UNKNOWN = Candidate("sa-east-1", Listing("sa-east-1", code="denied"))


def order(*choices: Choice) -> list[str]:
    """Return the regions in their order."""
    return [one.region for one in choices]


def test_what_a_region_has_comes_before_how_near_it_is() -> None:
    """More families of models come first, then the shorter way; one of which nothing is known comes last."""
    assert order(*ranked([UNKNOWN, EMPTY, POOR, RICH])) == ["us-east-1", "eu-west-1", "ap-south-1", "sa-east-1"]


def test_the_region_that_is_meant_comes_first() -> None:
    """A person's own region stands before better ones, but not before those where the requests may stay."""
    assert order(*ranked([POOR, RICH], wanted="eu-west-1")) == ["eu-west-1", "us-east-1"]
    assert order(*ranked([RICH, POOR], wanted="us-east-1", residency="eu")) == ["eu-west-1", "us-east-1"]


def test_each_region_says_its_reasons() -> None:
    """Latency, the newest of each family and where requests can stay; what is not known is not said."""
    said = {one.region: one.reasons for one in ranked([RICH, POOR, EMPTY, UNKNOWN], residency="eu")}
    assert said["us-east-1"] == (
        "90 ms from here",
        "has Opus 5, Sonnet 5",
        "requests can stay in us",
        "outside eu",
    )
    assert said["eu-west-1"] == (
        "20 ms from here",
        "has Sonnet 5",
        "requests can stay in eu",
        "all of these run in any region of the world",
    )
    assert said["ap-south-1"][1] == "has no Claude model"
    assert said["sa-east-1"] == ("outside eu",)
    assert ranked([Candidate("us-east-1")]) == (Choice("us-east-1", ("requests can stay in us",)),)


def test_the_nearest_two_stand_beside_the_meant_one() -> None:
    """The shortest ways, a region that did not answer after all others."""
    assert nearest([UNKNOWN, EMPTY, POOR, RICH], "us-east-1") == (RICH, POOR, EMPTY)
    assert nearest([UNKNOWN, POOR], "us-west-2") == (POOR, UNKNOWN)


@pytest.mark.parametrize(("region", "where"), [("eu-west-3", "eu"), ("ap-northeast-1", "jp"), ("sa-east-1", "")])
def test_a_region_has_a_part_of_the_world(region: str, where: str) -> None:
    """The nearest prefix, which is never the whole world."""
    assert part(region) == where


@pytest.mark.parametrize(
    ("profile", "residency", "may"),
    [
        (SONNET, "", True),
        (SONNET, "us", True),
        (SONNET, "eu", False),
        (EVERYWHERE, "", True),
        (EVERYWHERE, "eu", False),
    ],
)
def test_nothing_leaves_its_residency_unasked(profile: InferenceProfile, residency: str, *, may: bool) -> None:
    """With a residency neither `global.` nor another part's profile is proposed."""
    assert may_preselect(profile, residency) is may
