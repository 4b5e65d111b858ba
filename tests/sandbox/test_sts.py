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
