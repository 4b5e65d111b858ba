from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from keeplit.core.region_choice import SEEDS
from keeplit.engine import where
from tests.engine.lit_laptop import Laptop, laptop

ARN = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6"


@pytest.fixture
def mine(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop on a sandbox, signed in to acme, that means the profile work."""
    with laptop(own_home) as found:
        found.sign_in()
        found.configure('[claude]\nprofile = "work"\n')
        yield found


def ids(mine: Laptop, model: str, *regions: str) -> list[list[str]]:
    """Return the profiles of each region."""
    return [[each.id for each in one.profiles] for one in where.look(mine.paths, mine.environ, model, regions)]


def test_each_region_says_itself_what_it_has(mine: Laptop) -> None:
    """Any name of a model will do; the prefixes are those of the region's own list."""
    assert ids(mine, "us.anthropic.claude-opus-5", "us-east-1", "eu-west-1", "ap-south-1") == [
        ["us.anthropic.claude-opus-5", "global.anthropic.claude-opus-5"],
        ["eu.anthropic.claude-opus-5", "global.anthropic.claude-opus-5"],
        ["global.anthropic.claude-opus-5"],
    ]
    assert ids(mine, ARN, "us-east-1", "eu-west-1") == [[ARN], []]
    assert ids(mine, "claude-3-haiku", "ap-southeast-4") == [[]]
    assert all("opus" in one for one in ids(mine, "opus", "us-east-1")[0])


def test_a_region_that_cannot_be_asked_is_named(own_home: Path) -> None:
    """Nobody is signed in: it is not known, and why is said."""
    with laptop(own_home) as mine:
        mine.configure('[claude]\nprofile = "work"\n')
        (place,) = where.look(mine.paths, mine.environ, "opus", ["us-east-1"])
        assert (place.profiles, "sign in" in place.fault) == ((), True)


def test_without_a_word_one_region_of_each_part_is_asked() -> None:
    """The own one first, each once."""
    assert where.asked_regions("eu-west-1") == ("eu-west-1", *SEEDS)
    assert where.asked_regions("us-east-1") == SEEDS
    assert where.asked_regions("us-east-1", ["eu-west-1", "eu-west-1"]) == ("eu-west-1",)
