"""STS as a real botocore client sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
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


def shape(told: object, name: str = "") -> object:
    """Return what `told` is made of: names and types, all the way down; HTTP headers are nobody's promise."""
    if isinstance(told, dict) and name != "HTTPHeaders":
        return {key: shape(value, key) for key, value in told.items()}
    return type(told).__name__


def asked_of(client: Callable[[dict[str, Any]], Any], keys: dict[str, Any]) -> list[dict[str, Any]]:
    """Return who the caller is, what assuming a role brings, and who the caller is with that."""
    assumed = client(keys).assume_role(**deep())
    given = {name[0].lower() + name[1:]: value for name, value in assumed["Credentials"].items()}
    return [client(keys).get_caller_identity(), assumed, client(given).get_caller_identity()]


@pytest.fixture
def moto_said(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return what moto's STS, which knows nothing of ours, says to a real client; nothing leaves the process."""
    from moto import mock_aws

    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_ENDPOINT_URL_STS", raising=False)
    first = {"accessKeyId": "ASIAEXAMPLE", "secretAccessKey": "made up", "sessionToken": "made up"}
    with mock_aws():
        session = botocore.session.Session()
        return asked_of(
            lambda keys: session.create_client(
                "sts",
                region_name="us-east-1",
                aws_access_key_id=keys["accessKeyId"],
                aws_secret_access_key=keys["secretAccessKey"],
                aws_session_token=keys["sessionToken"],
                config=Config(retries={"total_max_attempts": 1}),  # as conftest's: botocore notes it in its answer
            ),
            first,
        )


def test_answers_are_made_as_those_of_an_independent_sts(
    moto_said: list[dict[str, Any]], client_of: ClientOf, role_keys: dict[str, Any]
) -> None:
    """Every answer has the names and types that moto's has, and the assumed role is called the same."""
    said = asked_of(lambda keys: client_of("sts", keys), role_keys)
    # AWS tells it only where a session policy or tags were passed, moto always.
    assert isinstance(moto_said[1].pop("PackedPolicySize"), int)
    assert [shape(answer) for answer in said] == [shape(answer) for answer in moto_said]
    assert said[1]["AssumedRoleUser"]["Arn"] == moto_said[1]["AssumedRoleUser"]["Arn"]
    assert said[2]["Arn"] == moto_said[2]["Arn"]
