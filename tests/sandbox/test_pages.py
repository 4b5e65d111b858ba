"""What a browser sees and where it is sent."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from keeplit.sandbox.clients import ACME
from keeplit.sandbox.server import Sandbox

# The verifier and challenge of RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
REDIRECT = "http://127.0.0.1:5555/oauth/callback"


def visit(sandbox: Sandbox, method: str, path: str, body: str = "") -> tuple[HTTPResponse, str]:
    """Ask for a page as a browser does."""
    connection = HTTPConnection("127.0.0.1", sandbox.port, timeout=5)
    connection.request(method, path, body, {"Accept": "text/html"})
    response = connection.getresponse()
    return response, response.read().decode()


@pytest.fixture
def registration(oidc: Any) -> dict[str, str]:
    """Give a client registered as AWS CLI 2.22 and later register for the browser flow."""
    told = oidc.register_client(
        clientName="test",
        clientType="public",
        grantTypes=["authorization_code", "refresh_token"],
        redirectUris=["http://127.0.0.1/oauth/callback"],
        issuerUrl=ACME,
        scopes=["sso:account:access"],
    )
    return {name: told[name] for name in ("clientId", "clientSecret")}


def authorize_path(registration: dict[str, str], **changed: str) -> str:
    """Return the path such a client opens."""
    asked = {
        "response_type": "code",
        "client_id": registration["clientId"],
        "redirect_uri": REDIRECT,
        "state": "a-state",
        "code_challenge_method": "S256",
        "scopes": "sso:account:access",
        "code_challenge": CHALLENGE,
    }
    return "/authorize?" + urlencode({**asked, **changed})


def decided(sandbox: Sandbox, text: str, approve: str) -> tuple[HTTPResponse, str]:
    """Press a button of a page's form, as a browser sends it."""
    action = text.partition('action="')[2].partition('"')[0]
    return visit(sandbox, "POST", action, f"approve={approve}")


def test_browser_flow(sandbox: Sandbox, oidc: Any, registration: dict[str, str]) -> None:
    """Allow sends the browser back with a code that becomes a refreshable token."""
    _, text = visit(sandbox, "GET", authorize_path(registration))
    response, _ = decided(sandbox, text, "yes")
    back = urlsplit(response.getheader("Location") or "")
    answer = parse_qs(back.query)
    assert (response.status, back.port, back.path, answer["state"]) == (302, 5555, "/oauth/callback", ["a-state"])
    grant = {
        "grantType": "authorization_code",
        "code": answer["code"][0],
        "redirectUri": REDIRECT,
        "codeVerifier": VERIFIER,
    }
    assert "refreshToken" in oidc.create_token(**registration, **grant)


def test_denied_browser_flow(sandbox: Sandbox, registration: dict[str, str]) -> None:
    """Deny sends it back with an error and no code."""
    _, text = visit(sandbox, "GET", authorize_path(registration))
    response, _ = decided(sandbox, text, "no")
    assert response.getheader("Location") == f"{REDIRECT}?error=access_denied&state=a-state"


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"redirect_uri": "https://elsewhere.example/"}, 400),
        ({"code_challenge_method": "plain"}, 400),
        ({"response_type": "token"}, 400),
        ({"client_id": "unknown"}, 401),
    ],
)
def test_improper_browser_flow(
    sandbox: Sandbox, registration: dict[str, str], changed: dict[str, str], status: int
) -> None:
    """A redirect away from this machine, or a flow without proof, is never begun."""
    assert visit(sandbox, "GET", authorize_path(registration, **changed))[0].status == status


def test_device_page(sandbox: Sandbox, oidc: Any, registration: dict[str, str]) -> None:
    """The device page takes one decision."""
    device = oidc.start_device_authorization(**registration, startUrl=ACME)
    _, text = visit(sandbox, "GET", f"/device?user_code={device['userCode']}")
    assert "Request approved" in decided(sandbox, text, "yes")[1]
    assert decided(sandbox, text, "no")[0].status == 400


def test_unknown_code(sandbox: Sandbox) -> None:
    """A code that was never given out has no page."""
    assert visit(sandbox, "GET", "/device?user_code=ABCD-EFGH")[0].status == 404
