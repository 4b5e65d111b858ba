from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from keeplit.core.iam_policy import Target
from keeplit.core.model_list import Refused
from keeplit.engine import iam
from keeplit.engine.iam import Named
from tests.engine.lit_laptop import Laptop, laptop

OWN = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6"
MODEL = "anthropic.claude-sonnet-5"


@pytest.fixture
def desk(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop whose person is signed in."""
    with laptop(own_home) as mine:
        mine.configure('[claude]\nprofile = "work"\n')
        mine.sign_in()
        yield mine


def named(desk: Laptop, *models: str, regions: tuple[str, ...] = ("us-east-1",), arns: tuple[str, ...] = ()) -> Named:
    """Return what a policy names; it must not be refused."""
    found = iam.named(desk.paths, desk.environ, models, regions, arns)
    assert isinstance(found, Named), found
    return found


def test_an_alias_becomes_its_profile_and_where_it_runs(desk: Laptop) -> None:
    """The account and the regions are AWS's own answer."""
    found = named(desk, "sonnet")
    assert found.account == "111122223333"
    assert found.targets == (
        Target(
            (f"arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.{MODEL}",),
            tuple(
                f"arn:aws:bedrock:{one}::foundation-model/{MODEL}" for one in ("us-east-1", "us-east-2", "us-west-2")
            ),
        ),
    )


def test_a_global_profile_is_said_to_leave_the_region(desk: Laptop) -> None:
    """Its model without a region is named, and the note of the list goes along."""
    found = named(desk, f"global.{MODEL}")
    assert f"arn:aws:bedrock:::foundation-model/{MODEL}" in found.targets[0].models
    assert "any commercial region" in found.notes[0]


def test_each_region_is_asked_and_nothing_is_named_twice(desk: Laptop) -> None:
    """The same model in two regions has two profiles; a region that is named twice counts once."""
    found = named(desk, "sonnet", "sonnet", regions=("us-east-1", "eu-west-1"))
    assert [one.profiles[0].split(":")[3] for one in found.targets] == ["us-east-1", "eu-west-1"]
    assert iam.regions_of(desk.paths, desk.environ, ("eu-west-1", "eu-west-1")) == ("eu-west-1",)
    assert iam.regions_of(desk.paths, desk.environ, ()) == ("us-east-1",)


def test_what_cannot_be_named_is_refused(desk: Laptop) -> None:
    """A model that is not there, and an ARN that is no profile's."""
    for models, arns in ((("us.anthropic.claude-sonnet-99",), ()), ((), ("arn:aws:s3:::x",)), ((), ("sonnet",))):
        assert isinstance(iam.named(desk.paths, desk.environ, models, ("us-east-1",), arns), Refused)


def test_an_application_profile_brings_its_model(desk: Laptop) -> None:
    """What the account made itself is looked up by its ARN."""
    (found,) = named(desk, arns=(OWN,)).targets
    assert found.profiles == (OWN,)
    assert all("anthropic.claude-sonnet-4-5" in arn for arn in found.models)


def test_a_policy_is_tried_with_what_aws_lists(desk: Laptop) -> None:
    """The subject of a check has the account and the regions of the list; one that is not there is refused."""
    found = iam.subject(desk.paths, desk.environ, "sonnet", "us-east-1")
    assert not isinstance(found, Refused)
    assert (found.profile, found.base, found.account) == (f"us.{MODEL}", MODEL, "111122223333")
    assert found.runs_in == ("us-east-1", "us-east-2", "us-west-2")
    assert isinstance(iam.subject(desk.paths, desk.environ, "us.anthropic.claude-sonnet-99", "us-east-1"), Refused)


def test_without_a_list_the_regions_are_open(own_home: Path) -> None:
    """Nobody is signed in: a full id goes through, its regions open, and it is said so."""
    with laptop(own_home) as mine:
        mine.configure('[claude]\nprofile = "work"\n')
        found = named(mine, f"us.{MODEL}")
        assert found.targets[0].models == (f"arn:aws:bedrock:*::foundation-model/{MODEL}",)
        assert "every region" in found.notes[0]
        tried = iam.subject(mine.paths, mine.environ, f"us.{MODEL}", "us-east-1")
        assert not isinstance(tried, Refused)
        assert tried.runs_in == ()
