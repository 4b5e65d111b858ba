from __future__ import annotations

import json
from typing import Any

import pytest

from keeplit.core.old_advice_aws import keys, legacy, ninety_days, policies, region, scope
from keeplit.core.old_advice_evidence import Evidence, Line, TokenSeen

SCOPED = {"sso_region": "eu-west-1", "sso_registration_scopes": "sso:account:access"}


def signing_in(session: dict[str, str], *tokens: TokenSeen) -> Evidence:
    """Return evidence of a profile with an sso-session."""
    profiles = {"work": {"sso_session": "acme"}, "other": {"sso_session": "nowhere"}, "keys": {}}
    return Evidence(profiles=profiles, sso_sessions={"acme": session}, tokens=tokens)


def test_a_start_url_inside_the_profile() -> None:
    """A legacy profile is named by its head; one that has an sso-session too is another matter."""
    profiles = {"old": {"sso_start_url": "https://x"}, "both": {"sso_start_url": "https://x", "sso_session": "acme"}}
    (found,) = legacy(Evidence(profiles=profiles))
    assert found.sentence == "[profile old] has its start URL inside, so a browser is needed every 8 hours."
    assert found.fix.startswith("keeplit setup --upgrade --profile=old (")


@pytest.mark.parametrize(
    ("comment", "count"),
    [("# this scope keeps you signed in for 90 days", 1), ("; 90-day sessions", 1), ("# keys are rotated", 0)],
)
def test_ninety_days(comment: str, count: int) -> None:
    """A comment that promises ninety days is set right."""
    seen = Evidence(config_comments=(Line("~/.aws/config", 2, comment),))
    assert len(list(ninety_days(seen))) == count


@pytest.mark.parametrize(
    ("session", "tokens", "said"),
    [
        ({}, (), "has no scope"),
        ({}, (TokenSeen("acme", refreshable=False),), "has no scope"),
        ({}, (TokenSeen("acme", refreshable=True),), ""),
        (SCOPED, (TokenSeen("acme", refreshable=False),), "older than its scope"),
        (SCOPED, (TokenSeen("acme", refreshable=True),), ""),
        (SCOPED, (), ""),
    ],
)
def test_one_new_sign_in(session: dict[str, str], tokens: tuple[TokenSeen, ...], said: str) -> None:
    """Without the scope, or with a sign-in that is older than it, one new sign-in is advised, else none."""
    checks = list(scope(signing_in(session, *tokens)))
    assert [said in check.sentence for check in checks] == [True] * bool(said)
    assert all("keeplit login --session acme" in check.fix for check in checks)


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (
            Evidence(environ={"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}),
            "An IAM user's access key in your environment beats the SSO profile",
        ),
        (
            Evidence(shell_lines=(Line("~/.envrc", 1, "export AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE"),)),
            "An exported access key in ~/.envrc, line 1 beats",
        ),
        (
            Evidence(profiles={"work": {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE"}}),
            "[profile work] has an access key",
        ),
    ],
)
def test_keys_that_nothing_renews(seen: Evidence, said: str) -> None:
    """Keys are named by their place and kind, and never by their value."""
    (check,) = keys(seen)
    assert said in check.sentence
    assert "EXAMPLE" not in f"{check}"


@pytest.mark.parametrize(
    ("called", "comment", "count"),
    [
        ("eu-west-1", "# mine", 0),  # that the pinned model does not work there is said by `advice_model_ids`
        ("us-west-2", "# mine", 0),
        ("us-west-2", "# region must match the SSO region", 1),
        ("us-west-2", "# must be the same as the region below", 1),
        ("", "# mine", 0),
    ],
)
def test_regions_are_independent(called: str, comment: str, count: int) -> None:
    """A comment that ties both regions is set right; which models a region has is for others to say."""
    seen = Evidence(
        settings={"model": "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "env": {"AWS_REGION": called}},
        profiles={"work": {"sso_session": "acme"}},
        sso_sessions={"acme": SCOPED},
        config_comments=(Line("~/.aws/config", 2, comment),),
    )
    assert [check.fix.startswith("keeplit use --region") for check in region(seen)] == [True] * count


FOUNDATION = "arn:aws:bedrock:*::foundation-model/*"
PROFILES = "arn:aws:bedrock:*:*:inference-profile/*"


def allowing(action: Any, resource: Any = "*", condition: Any = None) -> str:
    """Return a policy of one statement."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (allowing("bedrock:InvokeModel", [FOUNDATION, PROFILES]), []),
        (allowing("bedrock:InvokeModel", FOUNDATION), ["foundation models alone"]),
        (allowing("bedrock:*"), ["bedrock:*"]),
        (
            allowing(["bedrock:InvokeModel*"], "*", {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
            ["aws:RequestedRegion"],
        ),
        (allowing("bedrock:InvokeModel", "*", {"StringEquals": {"aws:RequestedRegion": ["a", "b"]}}), []),
        (allowing("bedrock:InvokeModel", "*", {"StringEquals": "broken"}), []),
        (allowing("bedrock:ListFoundationModels"), ["no access to any model"]),
        (allowing("s3:GetObject"), []),
        (allowing(["s3:GetObject", 3]).replace("Allow", "Deny"), []),
        ("arn:aws:iam::aws:policy/AmazonBedrockFullAccess", ["far more"]),
        ('{"Statement": {"Effect": "Deny", "Action": "bedrock:InvokeModel"}}', []),
        ('{"Statement": ["broken"]}', []),
        ("[]", []),
        ("[" * 100_000, []),
    ],
)
def test_policies_of_older_guides(policy: str, said: list[str]) -> None:
    """Policies that are too narrow for a profile, or far too broad, are named; the right one is not."""
    checks = list(policies(Evidence(policies=(policy,))))
    assert [word in check.sentence for check, word in zip(checks, said, strict=True)] == [True] * len(said)
