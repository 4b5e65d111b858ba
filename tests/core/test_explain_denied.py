from __future__ import annotations

import pytest

from keeplit.core.denial import Denial, Policy
from keeplit.core.explain_denied import CODES, words

SSO = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_ClaudeCode_0123456789abcdef/kim@example.com"
CALL = "bedrock:InvokeModel"
PROFILE = "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6"
THERE = "arn:aws:bedrock:us-east-2::foundation-model/anthropic.claude-sonnet-4-6"
ANYWHERE = "arn:aws:bedrock:::foundation-model/anthropic.claude-sonnet-4-6"


@pytest.mark.parametrize(("policy", "code"), CODES.items())
@pytest.mark.parametrize("explicit", [False, True])
def test_each_kind_of_policy_has_its_code(policy: Policy, code: str, explicit: bool) -> None:  # noqa: FBT001
    """The code says which policy denied; the cause names action and resource; the fix is to ask."""
    found = words(Denial(SSO, CALL, PROFILE, policy, explicit), "us-east-1")
    assert found[0] == code
    assert CALL in found[2] or "ClaudeCode" in found[2]
    assert "for-admin" in found[3]


def test_a_deny_is_told_from_a_missing_allow() -> None:
    """That something is forbidden sounds other than that it is not allowed."""
    allowed = words(Denial(SSO, CALL, PROFILE, Policy.IDENTITY), "us-east-1")[2]
    denied = words(Denial(SSO, CALL, PROFILE, Policy.IDENTITY, explicit=True), "us-east-1")[2]
    assert allowed.startswith("No policy of the permission set 'ClaudeCode'")
    assert denied.startswith("A Deny statement in a policy of the permission set 'ClaudeCode'")


@pytest.mark.parametrize(
    ("resource", "policy", "region", "code"),
    [
        (THERE, Policy.IDENTITY, "us-east-1", "cross_region_missing"),
        (THERE, Policy.BOUNDARY, "", "cross_region_missing"),
        (ANYWHERE, Policy.UNSAID, "us-east-1", "cross_region_missing"),
        (THERE, Policy.SCP, "us-east-1", "cross_region_scp"),
        (ANYWHERE, Policy.SCP, "us-east-1", "cross_region_scp"),
        (THERE, Policy.IDENTITY, "us-east-2", "denied_identity"),  # it was called there: no region is forgotten
        (PROFILE, Policy.IDENTITY, "us-east-1", "denied_identity"),
        (THERE, Policy.ENDPOINT, "us-east-1", "denied_endpoint"),
    ],
)
def test_a_forgotten_region_is_seen(resource: str, policy: Policy, region: str, code: str) -> None:
    """A model denied in a region that nobody called is one that an inference profile sent the call to."""
    assert words(Denial(SSO, CALL, resource, policy), region)[0] == code


def test_a_role_that_trusts_nobody() -> None:
    """AWS does not say why a role cannot be assumed: it is its trust policy, mostly."""
    found = words(Denial(SSO, "sts:AssumeRole", "arn:aws:iam::111122223333:role/Denied"), "")
    assert found[0] == "denied_trust"
    assert "role/Denied" in found[2]
