"""STS as a real botocore client sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from keeplit.sandbox.clients import ACME
from keeplit.sandbox.server import Sandbox

ClientOf = Callable[..., Any]


def refusal_of(call: Callable[[], object]) -> tuple[str, int]:
    """Return code and HTTP status of the error a real client raises."""
    with pytest.raises(ClientError) as refused:
        call()
    answer = refused.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_caller_identity(client_of: ClientOf, role_keys: dict[str, Any]) -> None:
    """Role credentials tell who they are."""
    told = client_of("sts", role_keys).get_caller_identity()
    assert told["Account"] == "111122223333"
    assert told["Arn"] == "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_ClaudeCode_0123456789abcdef/sam"


def test_role_credentials_outlive_the_session(client_of: ClientOf, role_keys: dict[str, Any], sandbox: Sandbox) -> None:
    """Neither a revoked session nor a dead access token ends them; their own hour does, with 403."""
    sts = client_of("sts", role_keys)
    sandbox.sessions.revoke(ACME)
    sandbox.clock.advance(timedelta(minutes=59))
    assert sts.get_caller_identity()["Account"] == "111122223333"
    sandbox.clock.advance(timedelta(minutes=1))
    assert refusal_of(sts.get_caller_identity) == ("ExpiredToken", 403)


def test_foreign_keys(client_of: ClientOf, role_keys: dict[str, Any]) -> None:
    """Unknown keys, and known keys with another session token, are refused."""
    strangers = [{**role_keys, "accessKeyId": "ASIAUNKNOWN"}, {**role_keys, "sessionToken": "another"}]
    seen = {refusal_of(client_of("sts", keys).get_caller_identity) for keys in strangers}
    assert seen == {("InvalidClientTokenId", 403)}


def test_other_actions(client_of: ClientOf, role_keys: dict[str, Any]) -> None:
    """What is not served here says so."""
    assert refusal_of(client_of("sts", role_keys).get_session_token) == ("InvalidAction", 400)


def deep(role: str = "Deep", **more: object) -> dict[str, Any]:
    """Return what AssumeRole is asked."""
    return {"RoleArn": f"arn:aws:iam::444455556666:role/{role}", "RoleSessionName": "sam", **more}


def test_assume_role(client_of: ClientOf, role_keys: dict[str, Any], sandbox: Sandbox) -> None:
    """A role on top, also on top of that, tells who it is; its keys are among the secrets."""
    keys = role_keys
    for role in ("path/Deep", "Deeper"):
        told = client_of("sts", keys).assume_role(**deep(role))
        given = told["Credentials"]
        keys = {name[0].lower() + name[1:]: value for name, value in given.items()}
        arn = f"arn:aws:sts::444455556666:assumed-role/{role.rpartition('/')[2]}/sam"
        assert (told["AssumedRoleUser"]["Arn"], client_of("sts", keys).get_caller_identity()["Arn"]) == (arn, arn)
        assert given["Expiration"] - sandbox.clock() == timedelta(hours=1)
        assert {given["SecretAccessKey"], given["SessionToken"]} <= sandbox.secrets()


@pytest.mark.parametrize(
    ("asked", "code", "status"),
    [
        (deep("Denied"), "AccessDenied", 403),
        (deep("Vendor"), "AccessDenied", 403),
        (deep("Vendor", ExternalId="wrong"), "AccessDenied", 403),
        (deep(DurationSeconds=3601), "ValidationError", 400),
        (deep(RoleSessionName="not a name"), "ValidationError", 400),
        (deep(RoleArn="arn:aws:iam::444455556666:user/sam"), "ValidationError", 400),
    ],
)
def test_a_role_that_cannot_be_assumed(
    client_of: ClientOf, role_keys: dict[str, Any], asked: dict[str, Any], code: str, status: int
) -> None:
    """It is said as STS says it."""
    assert refusal_of(lambda: client_of("sts", role_keys).assume_role(**asked)) == (code, status)


def test_who_may_assume(client_of: ClientOf, role_keys: dict[str, Any], sandbox: Sandbox) -> None:
    """The role with an external id takes it; strangers and expired keys assume nothing."""
    sts = client_of("sts", role_keys)
    assert sts.assume_role(**deep("Vendor", ExternalId="keeplit"))["Credentials"]["AccessKeyId"].startswith("ASIA")
    stranger = client_of("sts", {**role_keys, "accessKeyId": "ASIAUNKNOWN"})
    assert refusal_of(lambda: stranger.assume_role(**deep())) == ("InvalidClientTokenId", 403)
    sandbox.clock.advance(timedelta(hours=1))
    assert refusal_of(lambda: sts.assume_role(**deep())) == ("ExpiredToken", 403)
