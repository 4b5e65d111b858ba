from __future__ import annotations

from datetime import UTC, datetime

import pytest

from keeplit.core.iam_policy import Level, Limits, Target, Wanted, every, partition_of, policy, target
from tests.core.simulated_iam import allows

CALL, STREAM = "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"
BASE, OTHER = "anthropic.claude-sonnet-4-6", "anthropic.claude-opus-5"
ACCOUNT = "111122223333"
HERE = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:inference-profile/us.{BASE}"
GLOBAL = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:inference-profile/global.{BASE}"
OWN = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:application-inference-profile/a1b2c3d4e5f6"
SONNET = target(f"us.{BASE}", BASE, regions=("us-east-1",), account=ACCOUNT, runs_in=("us-east-1", "us-east-2"))
THROUGH = {"bedrock:InferenceProfileArn": HERE}
LOOKS = ("bedrock:ListInferenceProfiles", "bedrock:ListFoundationModels", "bedrock:GetFoundationModelAvailability")


def model(region: str, base: str = BASE) -> str:
    """Return the ARN of a model in a region."""
    return f"arn:aws:bedrock:{region}::foundation-model/{base}"


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("action", [CALL, STREAM])
def test_a_call_is_allowed_wherever_the_profile_may_send_it(level: Level, action: str) -> None:
    """Each level allows the profile, and its model in every region where it may run."""
    document = policy(Wanted(level, (SONNET,)))
    assert allows(document, action, HERE)
    assert allows(document, action, model("us-east-1"), THROUGH)
    assert allows(document, action, model("us-east-2"), THROUGH)


def test_restricted_allows_nothing_else() -> None:
    """Not another model, region, profile or account; not the model by itself; not through another profile."""
    document = policy(Wanted(Level.RESTRICTED, (SONNET,)))
    other = HERE.replace(BASE, OTHER)
    for denied in (other, HERE.replace("us-east-1", "us-west-2"), HERE.replace(ACCOUNT, "444455556666"), OWN):
        assert not allows(document, CALL, denied, THROUGH)
    for region in ("us-west-2", "eu-west-1", ""):
        assert not allows(document, CALL, model(region), THROUGH)
    assert not allows(document, CALL, model("us-east-1", OTHER), THROUGH)
    assert not allows(document, CALL, model("us-east-1"))
    assert not allows(document, CALL, model("us-east-1"), {"bedrock:InferenceProfileArn": other})
    for action in (*LOOKS, "bedrock:CreateModelCustomizationJob", "s3:GetObject", "aws-marketplace:Subscribe"):
        assert not allows(document, action, "*", THROUGH)
    assert allows(document, "bedrock:GetInferenceProfile", HERE)
    assert not allows(document, "bedrock:GetInferenceProfile", other)


def test_levels_differ_by_what_may_be_looked_up() -> None:
    """The standard lets keeplit and Claude Code look; the minimum calls, and nothing more."""
    standard, minimum = policy(Wanted()), policy(Wanted(Level.MINIMUM))
    assert [allows(standard, action, "*") for action in LOOKS] == [True] * len(LOOKS)
    assert [allows(minimum, action, "*") for action in LOOKS] == [False] * len(LOOKS)
    assert allows(standard, "bedrock:GetInferenceProfile", OWN)
    assert not allows(minimum, "bedrock:GetInferenceProfile", OWN)


def test_without_a_model_it_is_all_of_anthropic_and_no_other_vendor() -> None:
    """What nobody narrowed allows every profile, and every model of Anthropic alone."""
    document = policy(Wanted(Level.MINIMUM))
    for allowed in (HERE, GLOBAL, OWN, model("ap-southeast-2"), model(""), model("us-east-1", OTHER)):
        assert allows(document, CALL, allowed)
    assert not allows(document, CALL, model("us-east-1", "amazon.nova-pro-v1:0"))


def test_a_global_profile_runs_in_no_region_by_name() -> None:
    """A global profile sends calls on to the model without a region, and needs that ARN too."""
    made = target(
        f"global.{BASE}", BASE, regions=("us-east-1",), account=ACCOUNT, runs_in=("us-east-1",), everywhere=True
    )
    assert made.models == (model("us-east-1"), model(""))
    document = policy(Wanted(Level.RESTRICTED, (made,)))
    assert allows(document, CALL, model(""), {"bedrock:InferenceProfileArn": GLOBAL})
    assert not allows(document, CALL, model("eu-west-1"), {"bedrock:InferenceProfileArn": GLOBAL})


def test_what_is_not_known_stays_open() -> None:
    """Without a list the regions, and without an account the account, are wildcards; nothing is guessed."""
    assert target(f"eu.{BASE}", BASE, regions=(), account="") == Target(
        (f"arn:aws:bedrock:*:*:inference-profile/eu.{BASE}",), (model("*"),)
    )
    assert target(OWN, "", regions=(), account="") == Target(
        (OWN,), ("arn:aws:bedrock:*::foundation-model/anthropic.*",)
    )
    assert target(f"global.{BASE}", BASE, regions=(), account="").models == (model("*"), model(""))


def test_a_model_that_needs_no_profile_is_called_directly() -> None:
    """A model by its own id stands in a statement of its own, which no profile limits."""
    direct = Target((), (model("us-east-1"),))
    document = policy(Wanted(Level.RESTRICTED, (direct,)))
    assert allows(document, CALL, model("us-east-1"))
    assert not allows(document, CALL, model("us-west-2"))
    both = policy(Wanted(Level.RESTRICTED, (direct, SONNET)))
    assert allows(both, CALL, HERE)
    assert not allows(both, CALL, model("us-east-2"))


@pytest.mark.parametrize(
    ("limits", "fits", "does_not"),
    [
        (Limits(source_ips=("198.51.100.0/24",)), {"aws:SourceIp": "198.51.100.7"}, {"aws:SourceIp": "198.51.101.7"}),
        (Limits(vpces=("vpce-1", "vpce-2")), {"aws:SourceVpce": "vpce-2"}, {"aws:SourceVpce": "vpce-3"}),
        (
            Limits(principal_tags=(("team", "web"),)),
            {"aws:PrincipalTag/team": "web"},
            {"aws:PrincipalTag/team": "ops"},
        ),
        (
            Limits(principal_tags=(("team", "web"), ("team", "app"))),
            {"aws:PrincipalTag/team": "app"},
            {"aws:PrincipalTag/team": "ops"},
        ),
        (
            Limits(until=datetime(2027, 1, 1, tzinfo=UTC)),
            {"aws:CurrentTime": "2026-12-31T23:59:59Z"},
            {"aws:CurrentTime": "2027-01-01T00:00:00Z"},
        ),
        (Limits(tls_only=True), {"aws:SecureTransport": "true"}, {"aws:SecureTransport": "false"}),
    ],
)
@pytest.mark.parametrize("level", Level)
def test_limits_hold_on_every_level(
    limits: Limits, fits: dict[str, str], does_not: dict[str, str], level: Level
) -> None:
    """What a limit lets pass is allowed, what it does not is not, on the profile and on the model alike."""
    document = policy(Wanted(level, (SONNET,), limits=limits))
    for arn in (HERE, model("us-east-2")):
        assert allows(document, CALL, arn, {**THROUGH, **fits})
        assert not allows(document, CALL, arn, {**THROUGH, **does_not})
        assert not allows(document, CALL, arn, THROUGH)


def test_subscribing_is_bedrocks_alone() -> None:
    """The marketplace is opened to Bedrock on the role's behalf; who and until when limit it, from where cannot."""
    limits = Limits(("198.51.100.0/24",), (), (("team", "web"),), datetime(2027, 1, 1, tzinfo=UTC))
    document = policy(Wanted(marketplace=True, limits=limits))
    context = {"aws:PrincipalTag/team": "web", "aws:CurrentTime": "2026-06-01T00:00:00Z"}
    called = {**context, "aws:CalledViaLast": "bedrock.amazonaws.com"}
    assert allows(document, "aws-marketplace:Subscribe", "*", called)
    assert not allows(document, "aws-marketplace:Subscribe", "*", context)
    assert not allows(document, "aws-marketplace:Subscribe", "*", {**called, "aws:PrincipalTag/team": "ops"})
    plain = policy(Wanted(marketplace=True))
    assert allows(plain, "aws-marketplace:ViewSubscriptions", "*", {"aws:CalledViaLast": "bedrock.amazonaws.com"})


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-east-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("", "aws")],
)
def test_which_aws_a_region_belongs_to(region: str, partition: str) -> None:
    """ARNs of GovCloud and China begin otherwise."""
    assert partition_of(region) == partition
    assert every(partition).models[0].startswith(f"arn:{partition}:bedrock:")
