"""The ``sso-oidc`` service: clients register, start a device flow, and exchange codes and refresh tokens.

Paths, fields and errors are those of botocore's service model sso-oidc/2019-06-10.
"""

from __future__ import annotations

import re

from keeplit.sandbox.nouns import Grant, Registration
from keeplit.sandbox.refusal import Refused
from keeplit.sandbox.service import Route, Service
from keeplit.sandbox.wire import Request, Response, answer, refused, text_of, texts_of

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

_ERRORS = {
    "AccessDeniedException": (400, "access_denied"),
    "AuthorizationPendingException": (400, "authorization_pending"),
    "ExpiredTokenException": (400, "expired_token"),
    "InternalServerException": (500, "server_error"),
    "InvalidClientException": (401, "invalid_client"),
    "InvalidClientMetadataException": (400, "invalid_client_metadata"),
    "InvalidGrantException": (400, "invalid_grant"),
    "InvalidRequestException": (400, "invalid_request"),
    "SlowDownException": (400, "slow_down"),
    "UnauthorizedClientException": (400, "unauthorized_client"),
    "UnsupportedGrantTypeException": (400, "unsupported_grant_type"),
}
_STATUSES = {code: status for code, (status, _) in _ERRORS.items()}


def refuse(refusal: Refused) -> Response:
    """Write a refusal as OAuth does: ``error`` and ``error_description``."""
    error = _ERRORS.get(refusal.code, (400, "invalid_request"))[1]
    return refused(refusal, _STATUSES, {"error": error, "error_description": refusal.sentence})


def register_client(service: Service, request: Request) -> Response:
    """RegisterClient: a public client gets an id and a secret."""
    asked = request.json()
    if text_of(asked, "clientType") != "public":
        raise Refused("InvalidClientMetadataException", "Only public clients can register")
    issuer = asked.get("issuerUrl")
    registration = service.identity.register(
        text_of(asked, "clientName"),
        texts_of(asked, "scopes"),
        issuer_url=issuer if isinstance(issuer, str) else "",
        redirect_uris=texts_of(asked, "redirectUris"),
    )
    told = {
        "clientId": registration.client_id,
        "clientSecret": registration.client_secret,
        "clientIdIssuedAt": int(registration.registered_at.timestamp()),
        "clientSecretExpiresAt": int(registration.expires_at.timestamp()),
    }
    return answer(told, client=registration.name)


def start_device_authorization(service: Service, request: Request) -> Response:
    """StartDeviceAuthorization: a code for the client to poll with, and a page for the person."""
    asked = request.json()
    registration = _client(service, request)
    waiting = service.identity.start_device(registration, text_of(asked, "startUrl"))
    lifetimes = service.identity.sessions.lifetimes
    told = {
        "deviceCode": waiting.code,
        "userCode": waiting.ticket,
        "verificationUri": f"{service.url}/device",
        "verificationUriComplete": f"{service.url}/device?user_code={waiting.ticket}",
        "expiresIn": int(lifetimes.device_code.total_seconds()),
        "interval": max(1, int(lifetimes.poll_interval.total_seconds())),
    }
    return answer(told, client=registration.name)


def create_token(service: Service, request: Request) -> Response:
    """CreateToken: one of three kinds of grant becomes an access token."""
    asked = request.json()
    registration = _client(service, request)
    match text_of(asked, "grantType"):
        case "refresh_token":
            grant = service.identity.sessions.refresh(text_of(asked, "refreshToken"), registration)
        case "authorization_code":
            code, verifier = text_of(asked, "code"), text_of(asked, "codeVerifier")
            grant = service.identity.redeem_browser(registration, code, text_of(asked, "redirectUri"), verifier)
        case kind if kind == DEVICE_GRANT:
            grant = service.identity.redeem_device(registration, text_of(asked, "deviceCode"))
        case _:
            raise Refused("UnsupportedGrantTypeException", "Grant type is not supported", client=registration.name)
    return _granted(registration, grant)


def _granted(registration: Registration, grant: Grant) -> Response:
    life = grant.access.expires_at - grant.access.issued_at
    told: dict[str, object] = {
        "accessToken": grant.access.value,
        "tokenType": "Bearer",
        "expiresIn": int(life.total_seconds()),
    }
    if grant.refresh is not None:
        told["refreshToken"] = grant.refresh.value
    return answer(told, session=grant.session.label, client=registration.name)


def _client(service: Service, request: Request) -> Registration:
    asked = request.json()
    return service.identity.client(text_of(asked, "clientId"), text_of(asked, "clientSecret"))


ROUTES = (
    Route("RegisterClient", "POST", re.compile("/client/register"), register_client, refuse),
    Route("StartDeviceAuthorization", "POST", re.compile("/device_authorization"), start_device_authorization, refuse),
    Route("CreateToken", "POST", re.compile("/token"), create_token, refuse),
)
