"""What a browser sees: the device page, PKCE's ``/authorize``, and where the person's decision goes."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

from keeplit.sandbox.nouns import Authorization
from keeplit.sandbox.oidc import refuse
from keeplit.sandbox.refusal import Refused
from keeplit.sandbox.service import Route, Service
from keeplit.sandbox.wire import Request, Response, answer, page

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def device(service: Service, request: Request) -> Response:
    """Show the page behind ``verificationUriComplete``."""
    return _shown(service.identity.authorization(request.query.get("user_code", "")), request, "device")


def authorize(service: Service, request: Request) -> Response:
    """Begin a PKCE sign-in, as AWS CLI 2.22 and later ask for it in the browser."""
    asked = request.query
    registration = service.identity.client(asked.get("client_id", ""), None)
    redirect_uri = asked.get("redirect_uri", "")
    proper = (
        asked.get("response_type") == "code"
        and asked.get("code_challenge_method") == "S256"
        and asked.get("code_challenge")
    )
    if not proper or urlsplit(redirect_uri).hostname not in _LOOPBACK:
        raise Refused("InvalidRequestException", "Invalid authorization request", client=registration.name)
    waiting = service.identity.start_browser(
        registration, redirect_uri, asked.get("state", ""), asked["code_challenge"]
    )
    return _shown(waiting, request, "pkce")


def decide(service: Service, request: Request) -> Response:
    """Take the person's decision: ``ticket``, ``approve`` (yes or no), ``user``; PKCE then goes back to the client."""
    asked = {**request.query, **dict(parse_qsl(request.body.decode("utf-8", "replace")))}
    decided = service.identity.decide(
        asked.get("ticket", ""),
        asked.get("user", "") or "sam",
        approve=asked.get("approve") == "yes",
    )
    if decided is None:
        return page("This request is over. Return to your application and try again.", 400)
    if not decided.redirect_uri:
        return page(f"Request {decided.decision}. You can close this window.")
    result = {"code": decided.code} if decided.decision == "approved" else {"error": "access_denied"}
    target = f"{decided.redirect_uri}?{urlencode({**result, 'state': decided.state})}"
    return Response(302, headers=(("Location", target),), client=decided.client)


def _shown(waiting: Authorization | None, request: Request, kind: str) -> Response:
    if waiting is None:
        return page("There is no such request.", 404)
    if "application/json" in request.headers.get("accept", ""):
        told = {"kind": kind, "ticket": waiting.ticket, "start_url": waiting.start_url, "client": waiting.client}
        return answer(told, client=waiting.client)
    buttons = '<button name="approve" value="yes">Allow</button> <button name="approve" value="no">Deny</button>'
    return page(
        f'A client asks for access. <form method="post" action="/decide?ticket={waiting.ticket}">{buttons}</form>'
    )


ROUTES = (
    Route("DevicePage", "GET", re.compile("/device"), device, refuse),
    Route("Authorize", "GET", re.compile("/authorize"), authorize, refuse),
    Route("Decide", "POST", re.compile("/decide"), decide, refuse),
)
