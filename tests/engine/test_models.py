from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from keeplit.adapters import aws_regions, bedrock
from keeplit.core.model_list import Listing, Refused, Resolved
from keeplit.engine import models
from keeplit.sandbox.clockwork import wall
from keeplit.sandbox.faults import Fault
from tests.engine.lit_laptop import HOUR, Laptop, laptop

ACCOUNT, REGION = "111122223333", "us-east-1"
MINUTE = timedelta(minutes=1)
EMPTY: dict[str, list[object]] = {"profiles": [], "models": [], "unknown": []}
READER = """
[profile reader]
sso_session = acme
sso_account_id = 444455556666
sso_role_name = ReadOnly
region = us-west-2

[profile nowhere]
sso_session = acme
sso_account_id = 444455556666
sso_role_name = ClaudeCode
"""


@pytest.fixture
def mine(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop on a sandbox, signed in to acme."""
    with laptop(own_home) as found:
        found.sign_in()
        yield found


def listed(mine: Laptop, profile: str = "work", region: str = REGION, *, refresh: bool = False) -> Listing:
    """Return the listing as a command gets it."""
    return models.listing(mine.paths, mine.environ, profile, region, refresh=refresh)


def asked(mine: Laptop) -> int:
    """Return how many lists Bedrock has given: each ends with the models' lives."""
    return mine.calls("ListFoundationModels").count("200")


def keep(mine: Laptop, age: timedelta, **changes: object) -> None:
    """Keep a list as if AWS had given it a while ago: a whole one, or what `changes` say."""
    kept = bedrock.path(mine.paths.state, ACCOUNT, REGION)
    assert kept is not None
    if not changes:
        listed(mine)
        document = json.loads(kept.read_text())
        changes = {name: document[name] for name in EMPTY}
    bedrock.write(mine.paths.state, ACCOUNT, REGION, {**EMPTY, **changes}, wall() - age)


def test_a_list_is_asked_once_an_hour(mine: Laptop) -> None:
    """The second time it comes out of the file, with its age; asked to, AWS is asked anew."""
    first = listed(mine)
    second = listed(mine)
    assert (first.known, first.code, first.age, first.account, asked(mine)) == (True, "", timedelta(0), ACCOUNT, 1)
    assert (second.profiles, second.asked_at is not None, second.code) == (first.profiles, True, "")
    assert second.age is not None
    assert second.age < MINUTE

    third = listed(mine, refresh=True)  # the ends of models count from the sandbox's present
    assert [one.id for one in third.profiles] == [one.id for one in first.profiles]
    assert asked(mine) == 2


def test_a_list_is_shown_by_family_the_newest_first(mine: Laptop) -> None:
    """As every interface shows it."""
    found = [one.id for one in listed(mine).profiles if not one.application]

    assert found[:2] == ["us.anthropic.claude-opus-5", "global.anthropic.claude-opus-5"]
    assert found[-1] == "us.anthropic.claude-3-haiku-20240307-v1:0"


@pytest.mark.parametrize("age", [59 * MINUTE, 61 * MINUTE, -5 * MINUTE])
def test_an_old_list_is_asked_for_again(mine: Laptop, age: timedelta) -> None:
    """An hour it holds; one of the future, whose clock was set back, does not count as young."""
    keep(mine, age)

    assert listed(mine).code == ""

    assert asked(mine) == (1 if timedelta(0) < age < HOUR else 2)


@pytest.mark.parametrize(
    ("fault", "code", "says"),
    [
        (Fault("drop"), "network", "has Bedrock"),
        (Fault("throttle"), "TooManyRequestsException", "fewer calls (TooManyRequestsException). Try again"),
        (Fault("access_denied", status=403), "denied", "Ask your administrator"),
        (Fault("invalid_request"), "InvalidRequestException", "keeplit status"),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
def test_an_old_list_serves_where_aws_gives_none(mine: Laptop, fault: Fault, code: str, says: str) -> None:
    """With its age, with why there is no fresh one, and with what to do."""
    keep(mine, timedelta(days=9))
    mine.sandbox.faults.inject("ListInferenceProfiles", fault)

    found = listed(mine)

    assert (found.known, found.code, found.exit_code, says in found.fault) == (True, code, 1, True)
    assert found.profiles != ()
    assert found.age is not None
    assert found.age.days == 9


def test_a_denied_list_is_unknown(mine: Laptop) -> None:
    """It is no empty list, and a full id passes, unchecked."""
    with (mine.home / ".aws" / "config").open("a") as config:
        config.write(READER)

    found = listed(mine, "reader", "us-west-2")
    said = models.resolve(found, "us.anthropic.claude-opus-5", "us-west-2")

    assert (found.known, found.code, found.exit_code) == (False, "denied", 1)
    assert "it is not known which models you have" in found.fault
    assert isinstance(said, Resolved)
    assert not said.checked


def test_signed_out_a_person_must_sign_in(mine: Laptop) -> None:
    """No list, no browser, exit 3 and the command to type; with a kept list that one serves."""
    mine.token_file.unlink()

    found = listed(mine)

    assert (found.known, found.code, found.exit_code, mine.tabs) == (False, "sign_in", 3, ())
    assert "keeplit login --profile=work" in found.fault
    keep(mine, 2 * HOUR, unknown=["lifecycle"])
    assert (listed(mine).known, listed(mine).code, listed(mine).unknown) == (True, "sign_in", ("lifecycle",))


def test_credentials_that_bedrock_does_not_accept_are_taken_anew_once(mine: Laptop) -> None:
    """What lay in the AWS CLI's cache may be dead before its date; where fresh ones are refused too, that is said."""
    mine.cache_role(HOUR)

    assert listed(mine).code == ""
    assert mine.calls("GetRoleCredentials") == ["200"]

    mine.sandbox.faults.inject("ListInferenceProfiles", Fault("expired_token", status=403))
    assert listed(mine, refresh=True).code == "ExpiredTokenException"
    assert mine.calls("GetRoleCredentials") == ["200", "200"]


def test_a_role_on_top_lists_its_own_account(mine: Laptop) -> None:
    """The account of the role that the profile assumes, not that of the sign-in."""
    mine.assume(role_arn="arn:aws:iam::444455556666:role/Deep", region="us-east-1")

    found = listed(mine, "deep")

    assert (found.code, found.account) == ("", "444455556666")
    assert [one for one in found.profiles if one.application] == []
    assert bedrock.read(mine.paths.state, "444455556666", REGION) is not None
    assert bedrock.read(mine.paths.state, ACCOUNT, REGION) is None


def test_a_role_on_top_that_is_not_accepted_is_told(mine: Laptop) -> None:
    """It is served from the AWS CLI's cache, so that asking again would change nothing."""
    mine.assume()
    mine.sandbox.faults.inject("ListInferenceProfiles", Fault("expired_token", status=403))

    assert listed(mine, "deep").code == "ExpiredTokenException"
    assert mine.calls("ListInferenceProfiles") == ["ExpiredTokenException"] * 2


@pytest.mark.parametrize(
    ("profile", "region", "code", "exit_code"),
    [("work", "../../x", "not_a_region", 1), ("work", "", "not_a_region", 1), ("gone", REGION, "unknown_profile", 1)],
)
def test_what_means_nothing_is_told(mine: Laptop, profile: str, region: str, code: str, exit_code: int) -> None:
    """Neither AWS nor a file is asked for it."""
    found = listed(mine, profile, region)

    assert (found.known, found.code, found.exit_code, found.fault != "") == (False, code, exit_code, True)
    assert models.cached(mine.paths, mine.environ, profile, region) == found
    assert mine.sandbox.log.since() == ()


def test_without_a_list_a_region_must_look_like_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that lacks botocore's list refuses only what no region can be called."""
    monkeypatch.setattr(aws_regions, "known", lambda: ())
    assert [bool(models.no_region(one)) for one in ("us-east-1", "xx-new-9", "nonsense", "")] == [
        False,
        False,
        True,
        True,
    ]


def test_what_is_kept_is_shown_without_a_call(mine: Laptop) -> None:
    """Whatever its age, with a word for it; a tray that is opened waits for nothing."""
    never = models.cached(mine.paths, mine.environ, "work", REGION)
    keep(mine, 2 * HOUR, unknown=["application"])
    old = models.cached(mine.paths, mine.environ, "work", REGION)
    keep(mine, MINUTE, unknown=["application"])
    young = models.cached(mine.paths, mine.environ, "work", REGION)

    assert [(one.known, one.code) for one in (never, old, young)] == [
        (False, "never_asked"),
        (True, "old"),
        (True, ""),
    ]
    assert mine.sandbox.log.since() == ()


def test_a_full_disk_costs_only_the_file(mine: Laptop) -> None:
    """A list that cannot be kept is a list."""
    mine.paths.state.mkdir(parents=True)
    (mine.paths.state / "models").write_text("in the way")

    assert listed(mine).code == ""
    assert listed(mine).code == ""
    assert asked(mine) == 2


def test_an_answer_stands_in_the_list(mine: Laptop) -> None:
    """An alias, an id of Anthropic, and a refusal with the nearest right one."""
    found = listed(mine, region="eu-central-1")

    said = [models.resolve(found, text, "eu-central-1") for text in ("opus[1m]", "claude-sonnet-4-5")]
    refused = models.resolve(found, "us.anthropic.claude-sonnet-4-6", "eu-central-1")

    assert [one.id for one in said if isinstance(one, Resolved)] == [
        "eu.anthropic.claude-opus-5[1m]",
        "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
    ]
    assert isinstance(refused, Refused)
    assert (refused.code, refused.nearest) == ("wrong_region", "eu.anthropic.claude-sonnet-4-6")


def test_the_list_of_another_region_says_nothing(mine: Laptop) -> None:
    """An alias is not answered with an id that cannot work there."""
    said = models.resolve(listed(mine), "opus", "eu-central-1")

    assert isinstance(said, Refused)
    assert said.code == "unknown_list"


def test_a_refusal_is_looked_up_afresh_first(mine: Laptop) -> None:
    """A model of today is not refused by a list of before; what no list could change asks nothing."""
    keep(mine, 10 * MINUTE, unknown=["lifecycle"])

    refused = models.answer(mine.paths, mine.environ, "work", REGION, "sonett")
    assert (isinstance(refused, Refused), asked(mine)) == (True, 0)

    said = models.answer(mine.paths, mine.environ, "work", REGION, "opus")
    assert isinstance(said, Resolved)
    assert (said.id, asked(mine)) == ("us.anthropic.claude-opus-5", 1)

    again = models.answer(mine.paths, mine.environ, "work", REGION, "haiku")
    assert (isinstance(again, Resolved), asked(mine)) == (True, 1)


def test_a_refusal_out_of_a_fresh_list_stands(mine: Laptop) -> None:
    """AWS is asked once, not twice."""
    said = models.answer(mine.paths, mine.environ, "work", REGION, "eu.anthropic.claude-opus-5")

    assert isinstance(said, Refused)
    assert (said.nearest, asked(mine)) == ("us.anthropic.claude-opus-5", 1)


SETTINGS = '{"env": {"AWS_REGION": "eu-west-1"}}'


@pytest.mark.parametrize(
    ("config", "settings", "variables", "profile", "expected"),
    [
        ('[claude]\nregion = "eu-west-3"', SETTINGS, {"AWS_REGION": "us-west-2"}, "client", "eu-west-3"),
        ("", SETTINGS, {"AWS_REGION": "us-west-2"}, "client", "eu-west-1"),
        ("", "", {"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "ca-central-1"}, "client", "us-west-2"),
        ("", "", {"AWS_DEFAULT_REGION": "ca-central-1"}, "client", "ca-central-1"),
        ("", "", {}, "client", "eu-central-1"),
        ('[claude]\nprofile = "client"', "", {}, None, "eu-central-1"),
        ("", "", {}, "nowhere", "us-east-1"),
    ],
)
def test_the_region_is_the_one_that_claude_code_calls(
    mine: Laptop, config: str, settings: str, variables: dict[str, str], profile: str | None, expected: str
) -> None:
    """What is to be kept, what its settings say, the environment, the profile, and its own default."""
    mine.configure(config)
    with (mine.home / ".aws" / "config").open("a") as file:
        file.write(READER)
    (mine.home / ".claude").mkdir()
    (mine.home / ".claude" / "settings.json").write_text(settings)

    assert models.region(mine.paths, {**mine.environ, **variables}, profile) == expected
