"""The sso-oidc service as a real botocore client sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from keeplit.sandbox.clients import ACME
from keeplit.sandbox.faults import Fault, Kind
from keeplit.sandbox.oidc import DEVICE_GRANT
from keeplit.sandbox.server import Sandbox

SignIn = Callable[..., Any]


def refusal_of(call: Callable[[], object]) -> tuple[str, str, int]:
    """Return class, code and HTTP status of the error a real client raises."""
    with pytest.raises(ClientError) as refused:
        call()
    answer = refused.value.response
    return type(refused.value).__name__, answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_register_client(oidc: Any, sandbox: Sandbox) -> None:
    """A registration lives ninety days."""
    told = oidc.register_client(clientName="test", clientType="public", scopes=["sso:account:access"])
    assert told["clientSecretExpiresAt"] - told["clientIdIssuedAt"] == 90 * 24 * 3600
    assert {told["clientId"], told["clientSecret"]} <= sandbox.secrets()


def test_device_authorization_names_our_own_page(sign_in: SignIn, sandbox: Sandbox) -> None:
    """What the browser is sent to is a page of the sandbox, with the code filled in."""
    device = sign_in().device
    assert device["verificationUriComplete"] == f"{sandbox.url}/device?user_code={device['userCode']}"
    assert (device["expiresIn"], device["interval"]) == (600, 1)


def test_token_of_a_device_flow(sign_in: SignIn) -> None:
    """With account access the token lives an hour and can be refreshed."""
    token = sign_in().token
    assert (token["expiresIn"], token["tokenType"], "refreshToken" in token) == (3600, "Bearer", True)


def test_legacy_token(sign_in: SignIn) -> None:
    """Without scopes it lives eight hours and cannot."""
    token = sign_in(scopes=()).token
    assert (token["expiresIn"], "refreshToken" in token) == (8 * 3600, False)


def test_refresh_rotates(sign_in: SignIn) -> None:
    """A refresh brings new tokens, and the old refresh token is InvalidGrant from then on."""
    signed_in = sign_in()
    fresh = signed_in.refresh()
    assert fresh["accessToken"] != signed_in.token["accessToken"]
    assert refusal_of(signed_in.refresh) == ("InvalidGrantException", "InvalidGrantException", 400)
    assert signed_in.refresh(fresh["refreshToken"])["expiresIn"] == 3600


def test_refresh_after_the_sessions_end(sign_in: SignIn, sandbox: Sandbox) -> None:
    """The end of the sign-in session is InvalidGrant."""
    signed_in = sign_in()
    sandbox.clock.advance(timedelta(hours=8))
    assert refusal_of(signed_in.refresh) == ("InvalidGrantException", "InvalidGrantException", 400)


def test_dead_registration(sign_in: SignIn, sandbox: Sandbox) -> None:
    """An expired registration is InvalidClient, with status 401."""
    signed_in = sign_in()
    sandbox.clock.advance(timedelta(days=90))
    assert refusal_of(signed_in.refresh) == ("InvalidClientException", "InvalidClientException", 401)


def test_device_flow_before_the_decision(sign_in: SignIn, oidc: Any, sandbox: Sandbox) -> None:
    """Pending, slowed down, denied, expired: each is an exception of its own, all with status 400."""
    client = sign_in().client

    def started() -> tuple[str, Callable[[], object]]:
        device = oidc.start_device_authorization(**client, startUrl=ACME)
        return device["userCode"], lambda: oidc.create_token(
            **client, grantType=DEVICE_GRANT, deviceCode=device["deviceCode"]
        )

    user_code, poll = started()
    seen = [refusal_of(poll) for _ in range(3)][1:]
    sandbox.identity.decide(user_code, "sam", approve=False)
    seen.append(refusal_of(poll))
    _, poll = started()
    sandbox.clock.advance(timedelta(minutes=10))
    seen.append(refusal_of(poll))
    names = ["AuthorizationPendingException", "SlowDownException", "AccessDeniedException", "ExpiredTokenException"]
    assert seen == [(name, name, 400) for name in names]


def test_unknown_grant_type(sign_in: SignIn, oidc: Any) -> None:
    """A grant type that does not exist is refused by name."""
    client = sign_in().client
    refusal = refusal_of(lambda: oidc.create_token(**client, grantType="password"))
    assert refusal == ("UnsupportedGrantTypeException", "UnsupportedGrantTypeException", 400)


def test_missing_parameter(sign_in: SignIn, oidc: Any) -> None:
    """A refresh without a token is an invalid request."""
    client = sign_in().client
    refusal = refusal_of(lambda: oidc.create_token(**client, grantType="refresh_token"))
    assert refusal == ("InvalidRequestException", "InvalidRequestException", 400)


def test_confidential_clients_cannot_register(oidc: Any) -> None:
    """Only public clients register themselves."""
    refusal = refusal_of(lambda: oidc.register_client(clientName="test", clientType="confidential"))
    assert refusal == ("InvalidClientMetadataException", "InvalidClientMetadataException", 400)


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("access_denied", ("AccessDeniedException", "AccessDeniedException", 400)),
        ("invalid_request", ("InvalidRequestException", "InvalidRequestException", 400)),
        ("invalid_client", ("InvalidClientException", "InvalidClientException", 401)),
        ("invalid_grant", ("InvalidGrantException", "InvalidGrantException", 400)),
        ("expired_token", ("ExpiredTokenException", "ExpiredTokenException", 400)),
        ("unauthorized_client", ("UnauthorizedClientException", "UnauthorizedClientException", 400)),
        ("slow_down", ("SlowDownException", "SlowDownException", 400)),
        ("throttle", ("ClientError", "TooManyRequestsException", 429)),
        ("server_error", ("InternalServerException", "InternalServerException", 500)),
        ("unnamed", ("ClientError", "418", 418)),
    ],
)
def test_injected_refusals(sign_in: SignIn, sandbox: Sandbox, kind: Kind, seen: tuple[str, str, int]) -> None:
    """Each injected refusal reaches a real client as the error it stands for, and burns no refresh token."""
    signed_in = sign_in()
    sandbox.faults.inject("CreateToken", Fault(kind, times=1))
    assert refusal_of(signed_in.refresh) == seen
    assert signed_in.refresh()["expiresIn"] == 3600
