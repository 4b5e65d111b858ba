"""The access portal as a real botocore client sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from keeplit.sandbox.faults import Fault
from keeplit.sandbox.server import Sandbox

SignIn = Callable[..., Any]


def refusal_of(call: Callable[..., object], **asked: Any) -> tuple[str, str, int]:
    """Return class, code and HTTP status of the error a real client raises."""
    with pytest.raises(ClientError) as refused:
        call(**asked)
    answer = refused.value.response
    return type(refused.value).__name__, answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def token(sign_in: SignIn) -> str:
    """Give an access token."""
    return str(sign_in().token["accessToken"])


def test_role_credentials_live_an_hour(role_keys: dict[str, Any], sandbox: Sandbox) -> None:
    """Keys come with their expiration in milliseconds."""
    assert role_keys["expiration"] == (sandbox.clock() + timedelta(hours=1)).timestamp() * 1000


@pytest.mark.parametrize(("account", "role"), [("111122223333", "Administrator"), ("000000000000", "ReadOnly")])
def test_role_that_is_not_assigned(portal: Any, token: str, account: str, role: str) -> None:
    """No assignment is a 403 that has no class in the service model."""
    refusal = refusal_of(portal.get_role_credentials, accessToken=token, accountId=account, roleName=role)
    assert refusal == ("ClientError", "ForbiddenException", 403)


def test_accounts_come_in_pages(portal: Any, token: str) -> None:
    """A page holds as many as were asked for, and the next begins where it ended."""
    pages = portal.get_paginator("list_accounts").paginate(accessToken=token, PaginationConfig={"PageSize": 2})
    ids = [[one["accountId"] for one in page["accountList"]] for page in pages]
    assert ids == [["111122223333", "444455556666"], ["777788889999"]]


def test_roles_come_in_pages(portal: Any, token: str) -> None:
    """Roles are paged alike."""
    paginator = portal.get_paginator("list_account_roles")
    pages = paginator.paginate(accessToken=token, accountId="444455556666", PaginationConfig={"PageSize": 2})
    assert [[one["roleName"] for one in page["roleList"]] for page in pages] == [
        ["Administrator", "ClaudeCode"],
        ["ReadOnly"],
    ]


def test_roles_of_an_account_that_is_not_there(portal: Any, token: str) -> None:
    """An unknown account is not found."""
    refusal = refusal_of(portal.list_account_roles, accessToken=token, accountId="000000000000")
    assert refusal == ("ResourceNotFoundException", "ResourceNotFoundException", 404)


def test_wrong_page(portal: Any, token: str) -> None:
    """A page token that was never given out is an invalid request."""
    refusal = refusal_of(portal.list_accounts, accessToken=token, nextToken="x")
    assert refusal == ("InvalidRequestException", "InvalidRequestException", 400)


def test_token_of_somebody_else(portal: Any, sandbox: Sandbox) -> None:
    """A token the sandbox did not issue is refused and shows nowhere in the log."""
    refusal = refusal_of(portal.list_accounts, accessToken="a-foreign-token")
    assert refusal == ("UnauthorizedException", "UnauthorizedException", 401)
    assert "a-foreign-token" not in repr(sandbox.log.since())


def test_expired_token(portal: Any, token: str, sandbox: Sandbox) -> None:
    """After its hour a token is refused."""
    sandbox.clock.advance(timedelta(hours=1))
    assert refusal_of(portal.list_accounts, accessToken=token) == (
        "UnauthorizedException",
        "UnauthorizedException",
        401,
    )


def test_logout(portal: Any, token: str, sign_in: SignIn, sandbox: Sandbox) -> None:
    """Logout ends the session, so that the next sign-in begins a new one."""
    portal.logout(accessToken=token)
    assert refusal_of(portal.logout, accessToken=token) == ("UnauthorizedException", "UnauthorizedException", 401)
    sign_in()
    assert [one.ended for one in sandbox.sessions.all()] == [True, False]


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        (Fault("throttle", times=1), ("TooManyRequestsException", "TooManyRequestsException", 429)),
        (Fault("unauthorized", times=1), ("UnauthorizedException", "UnauthorizedException", 401)),
        (Fault("forbidden", times=1), ("ClientError", "ForbiddenException", 403)),
        (Fault("not_found", times=1), ("ResourceNotFoundException", "ResourceNotFoundException", 404)),
        (Fault("server_error", times=1, status=503), ("ClientError", "InternalServerException", 503)),
    ],
)
def test_injected_refusals(portal: Any, token: str, sandbox: Sandbox, fault: Fault, seen: tuple[str, str, int]) -> None:
    """Each injected refusal reaches a real client as the error it stands for."""
    sandbox.faults.inject("GetRoleCredentials", fault)
    asked = {"accessToken": token, "accountId": "111122223333", "roleName": "ReadOnly"}
    assert refusal_of(portal.get_role_credentials, **asked) == seen
    assert portal.get_role_credentials(**asked)["roleCredentials"]["accessKeyId"].startswith("ASIA")
