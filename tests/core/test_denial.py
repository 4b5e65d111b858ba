from __future__ import annotations

import pytest

from keeplit.core.denial import Denial, Policy, read
from keeplit.core.explain_text import plain, squashed
from keeplit.core.models import Kind

SSO = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_ClaudeCode_0123456789abcdef/kim@example.com"
MODEL = "arn:aws:bedrock:us-east-2::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0"
PROFILE = "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6"
CALL = "bedrock:InvokeModelWithResponseStream"
SAYS = f"User: {SSO} is not authorized to perform: {CALL} on resource: {MODEL} "


@pytest.mark.parametrize(
    ("end", "policy", "explicit"),
    [
        # IAM User Guide, "Troubleshoot access denied error messages": one of each kind.
        (f"because no identity-based policy allows the {CALL} action", Policy.IDENTITY, False),
        (f"because no permissions boundary allows the {CALL} action", Policy.BOUNDARY, False),
        (f"because no session policy allows the {CALL} action", Policy.SESSION, False),
        (f"because no service control policy allows the {CALL} action", Policy.SCP, False),
        (f"because no resource control policy allows the {CALL} action", Policy.RCP, False),
        (f"because no VPC endpoint policy allows the {CALL} action", Policy.ENDPOINT, False),
        (f"because no resource-based policy allows the {CALL} action", Policy.RESOURCE, False),
        (f"because no role trust policy allows the {CALL} action", Policy.TRUST, False),
        ("with an explicit deny in an identity-based policy", Policy.IDENTITY, True),
        ("with an explicit deny in a permissions boundary", Policy.BOUNDARY, True),
        ("with an explicit deny in a session policy", Policy.SESSION, True),
        ("with an explicit deny in a service control policy", Policy.SCP, True),
        ("with an explicit deny in a resource control policy", Policy.RCP, True),
        ("with an explicit deny in a VPC endpoint policy", Policy.ENDPOINT, True),
        ("with an explicit deny in a resource-based policy", Policy.RESOURCE, True),
        ("", Policy.UNSAID, False),
    ],
)
def test_each_kind_of_policy_is_told_apart(end: str, policy: Policy, explicit: bool) -> None:  # noqa: FBT001
    """Who, what and on which resource are read, whichever policy denied, and whether it forbids or does not allow."""
    assert read(squashed(SAYS + end)) == Denial(SSO, CALL, MODEL, policy, explicit)


@pytest.mark.parametrize(
    "wrapped",
    [
        SAYS.replace(" ", "\n  "),
        "\n".join(SAYS[at : at + 40] for at in range(0, len(SAYS), 40)),
        "\n".join(f"\u2502 {SAYS[at : at + 60]:<60} \u2502" for at in range(0, len(SAYS), 60)),
        f'API Error: 403 {{"Message":"{SAYS.strip()}"}}',
        f"\x1b[31mAPI Error: 403\x1b[0m {SAYS}\n    at processTicksAndRejections",
        f"An error occurred (AccessDeniedException) when calling the InvokeModel operation: {SAYS.strip()}",
        f'b\'{{\\"message\\":\\"{SAYS.strip()}\\"}}\'',
    ],
)
def test_a_denial_is_read_however_it_was_pasted(wrapped: str) -> None:
    """Frames, colours, broken lines and JSON take nothing from the sentence."""
    found = read(squashed(plain(wrapped)))
    assert found is not None
    assert (found.principal, found.action) == (SSO, CALL)
    assert found.resource.startswith(MODEL)


def test_the_policy_is_named_where_aws_names_it() -> None:
    """A service control policy comes with its ARN."""
    arn = "arn:aws:organizations::999999999999:policy/o-abc123/service_control_policy/p-xyz789"
    found = read(squashed(f"{SAYS}with an explicit deny in a service control policy: {arn}"))
    assert found is not None
    assert found.policy_arn == arn


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "User: arn:aws:iam::<account id>:user/me is not authorized to perform: bedrock:InvokeModel on resource: * ",
            Denial("arn:aws:iam::<accountid>:user/me", "bedrock:InvokeModel", "*"),
        ),
        (
            "is not authorized to perform: bedrock:ListInferenceProfiles because no identity-based policy allows the",
            Denial("", "bedrock:ListInferenceProfiles", "", Policy.IDENTITY),
        ),
        ("You are not authorized", None),
        ("", None),
    ],
)
def test_what_is_not_said_is_empty(text: str, expected: Denial | None) -> None:
    """Digits taken out, a resource left out, or no denial at all."""
    assert read(squashed(text)) == expected


@pytest.mark.parametrize(
    ("principal", "role", "permission_set", "account"),
    [
        (SSO, "AWSReservedSSO_ClaudeCode_0123456789abcdef", "ClaudeCode", "111122223333"),
        (
            "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Dev_abc/me",
            "AWSReservedSSO_Dev_abc",
            "Dev_abc",
            "111122223333",
        ),
        ("arn:aws:sts::111122223333:assumed-role/Builder/run", "Builder", "", "111122223333"),
        ("arn:aws:iam::111122223333:user/me", "", "", "111122223333"),
        ("arn:aws:iam::<accountid>:user/me", "", "", ""),
        ("", "", "", ""),
    ],
)
def test_who_it_was(principal: str, role: str, permission_set: str, account: str) -> None:
    """Role, permission set and account are read from the principal."""
    denial = Denial(principal, CALL)
    assert (denial.role, denial.permission_set, denial.account) == (role, permission_set, account)


def test_which_aws_it_is() -> None:
    """The partition comes from the principal, else from the resource, else it is the usual one."""
    assert Denial("arn:aws-us-gov:iam::1:user/me").partition == "aws-us-gov"
    assert Denial(resource="arn:aws-cn:bedrock:cn-north-1::x/y").partition == "aws-cn"
    assert Denial().partition == "aws"


def test_what_was_called() -> None:
    """A model is told from a profile, a call from another action, and a subscription from both."""
    model, profile = Denial(SSO, CALL, MODEL), Denial(SSO, "bedrock:invokemodel", PROFILE)
    assert (model.is_foundation_model, model.region, model.model.kind) == (True, "us-east-2", Kind.BASE)
    assert (profile.is_foundation_model, profile.calls_model, profile.model.kind) == (False, True, Kind.PROFILE)
    assert not Denial(SSO, "bedrock:ListInferenceProfiles").calls_model
    assert Denial(SSO, "aws-marketplace:Subscribe").subscribes
