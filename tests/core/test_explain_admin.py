from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from keeplit.core.denial import Denial, Policy
from keeplit.core.explain_admin import marketplace, of_denial, of_error, place, statement
from keeplit.core.explain_rule import Ask

SSO = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_ClaudeCode_0123456789abcdef/kim@example.com"
BASE = "anthropic.claude-sonnet-4-5-20250929-v1:0"
CALL = "bedrock:InvokeModel"
EVERYWHERE = f"arn:aws:bedrock:*::foundation-model/{BASE}"


def pasted(message: str) -> Mapping[str, Any]:
    """Return the statement that stands in a message, read as an administrator would paste it."""
    start = message.index("{")
    found = json.JSONDecoder().raw_decode(message[start:])[0]
    assert isinstance(found, Mapping)
    return found


@pytest.mark.parametrize(
    ("resource", "resources"),
    [
        (
            f"arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.{BASE}",
            [f"arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.{BASE}", EVERYWHERE],
        ),
        (
            f"arn:aws:bedrock:eu-west-1:111122223333:inference-profile/global.{BASE}",
            [
                f"arn:aws:bedrock:eu-west-1:111122223333:inference-profile/global.{BASE}",
                EVERYWHERE,
                f"arn:aws:bedrock:::foundation-model/{BASE}",
            ],
        ),
        (
            f"arn:aws:bedrock:us-east-2::foundation-model/{BASE}",
            [f"arn:aws:bedrock:*:111122223333:inference-profile/*.{BASE}", EVERYWHERE],
        ),
        (
            f"arn:aws:bedrock:::foundation-model/{BASE}",
            [
                f"arn:aws:bedrock:*:111122223333:inference-profile/*.{BASE}",
                EVERYWHERE,
                f"arn:aws:bedrock:::foundation-model/{BASE}",
            ],
        ),
        (
            "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123def456",
            [
                "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123def456",
                "arn:aws:bedrock:*::foundation-model/anthropic.*",
            ],
        ),
        (
            "*",
            [
                "arn:aws:bedrock:*:111122223333:inference-profile/*",
                "arn:aws:bedrock:*::foundation-model/anthropic.*",
            ],
        ),
    ],
)
def test_a_profile_and_its_models_are_allowed_together(resource: str, resources: list[str]) -> None:
    """Whichever of the two AWS names, the statement names the profile and the model in every region."""
    found = statement(Denial(SSO, CALL, resource, Policy.IDENTITY))
    assert found == {
        "Sid": "CallClaudeThroughBedrock",
        "Effect": "Allow",
        "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
        "Resource": resources,
    }


def test_other_actions_are_allowed_as_they_were_asked() -> None:
    """Subscribing has its condition; anything else is allowed on what it was asked for."""
    assert statement(Denial(SSO, "aws-marketplace:Subscribe")) == marketplace()
    assert statement(Denial(SSO, "bedrock:ListInferenceProfiles")) == {
        "Effect": "Allow",
        "Action": ["bedrock:ListInferenceProfiles"],
        "Resource": "*",
    }


@pytest.mark.parametrize(
    ("policy", "where"),
    [
        (Policy.IDENTITY, "the policy of the permission set 'ClaudeCode' of IAM Identity Center"),
        (Policy.UNSAID, "AWS does not say"),
        (Policy.BOUNDARY, "the permissions boundary of the permission set"),
        (Policy.SESSION, "the session policy"),
        (Policy.SCP, "the service control policy p-1 in AWS Organizations"),
        (Policy.RCP, "the resource control policy p-1 in AWS Organizations"),
        (Policy.ENDPOINT, "the VPC endpoint"),
        (Policy.RESOURCE, "the policy of the resource"),
        (Policy.TRUST, "the trust policy of the role"),
    ],
)
def test_where_the_policy_lives(policy: Policy, where: str) -> None:
    """Each kind of policy is somebody else's to change."""
    named = "p-1" if policy in {Policy.SCP, Policy.RCP} else ""
    assert where in place(Denial(SSO, CALL, "*", policy, policy_arn=named))


@pytest.mark.parametrize(
    ("principal", "whose"),
    [
        ("arn:aws:sts::111122223333:assumed-role/Builder/run", "the role 'Builder' in account 111122223333"),
        ("arn:aws:iam::111122223333:user/me", "my user or role in account 111122223333"),
        ("", "my user or role"),
    ],
)
def test_whose_permissions_they_are(principal: str, whose: str) -> None:
    """A role that is no permission set, and a user, are named as IAM shows them."""
    assert place(Denial(principal, CALL, policy=Policy.IDENTITY)) == f"the policy of {whose}"


def test_a_message_says_who_what_where_and_why() -> None:
    """A message holds all that an administrator asks for, and a statement that can be pasted."""
    denial = Denial(SSO, CALL, f"arn:aws:bedrock:us-east-2::foundation-model/{BASE}", Policy.IDENTITY)
    message = of_denial(denial, profile="work", region="us-east-1")
    for line in (
        f"Who:     {SSO}",
        f"What:    {CALL}",
        "Account: 111122223333",
        "Region:  us-east-2",
        "Profile: work",
        "Please add this statement to the policy of the permission set 'ClaudeCode'",
    ):
        assert line in message
    assert pasted(message)["Resource"][1] == EVERYWHERE


def test_no_allow_helps_against_a_deny() -> None:
    """Where a policy forbids, the message asks to narrow the Deny, and says which region a profile sends calls to."""
    denied = Denial(SSO, CALL, f"arn:aws:bedrock:us-east-2::foundation-model/{BASE}", Policy.SCP, explicit=True)
    assert 'add "us-east-2" to the regions' in of_denial(denied, profile="", region="us-east-1")
    everywhere = Denial(SSO, CALL, f"arn:aws:bedrock:::foundation-model/{BASE}", Policy.SCP, explicit=True)
    assert 'add "unspecified" to the regions' in of_denial(everywhere, profile="", region="us-east-1")
    profile = Denial(SSO, CALL, f"arn:aws:bedrock:us-east-1:1:inference-profile/us.{BASE}", Policy.SCP, explicit=True)
    message = of_denial(profile, profile="", region="")
    assert "no Allow helps" in message
    assert "aws:RequestedRegion" not in message


def test_a_role_that_trusts_nobody_is_asked_to() -> None:
    """For a trust policy no statement of ours is right: the role is named."""
    role = "arn:aws:iam::111122223333:role/Denied"
    message = of_denial(Denial(SSO, "sts:AssumeRole", role, Policy.TRUST), profile="", region="")
    assert f"add my role ({SSO}) to the trust policy of the role {role}" in message
    assert "{" not in message


def test_other_errors_are_forwarded_with_their_statement() -> None:
    """A subscription comes with its statement, a call with its own, a form with none; nothing to ask is no message."""
    facts = {"Account": "111122223333", "Region": ""}
    asked = of_error("A title", "A cause.", "do it", facts, Ask.NONE)
    assert "Please: do it." in asked
    assert "Account: 111122223333" in asked
    assert "Region" not in asked
    assert "{" not in asked
    assert pasted(of_error("T", "C.", "do it", facts, Ask.MARKETPLACE)) == marketplace()
    assert "bedrock:InvokeModel" in pasted(of_error("T", "C.", "do it", facts, Ask.INVOKE))["Action"]
    assert of_error("T", "C.", "", facts, Ask.NONE) == ""
