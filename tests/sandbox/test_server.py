"""The server itself: connections, limits, its log, and its end."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from time import monotonic
from typing import Any

import pytest
from botocore.exceptions import ClientError

from keeplit.sandbox.clockwork import Clockwork
from keeplit.sandbox.faults import ANY, Fault
from keeplit.sandbox.server import Sandbox

SignIn = Callable[..., Any]


@pytest.fixture
def connection(sandbox: Sandbox) -> HTTPConnection:
    """Give a bare connection to the sandbox."""
    return HTTPConnection("127.0.0.1", sandbox.port, timeout=5)


def status_of(connection: HTTPConnection, method: str, path: str, body: str = "", **headers: str) -> int:
    """Return the status of one request on a connection that stays open."""
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    response.read()
    return response.status


def test_one_connection_serves_many_requests(connection: HTTPConnection) -> None:
    """HTTP/1.1 keeps the connection, whatever is answered on it."""
    seen = [
        status_of(connection, *asked) for asked in (("GET", "/nowhere"), ("POST", "/token", "{}"), ("GET", "/token"))
    ]
    first = connection.sock
    assert (seen, status_of(connection, "POST", "/token", "no json")) == ([404, 400, 404], 400)
    assert connection.sock is first is not None


@pytest.mark.parametrize("length", ["9999999", "-1", "many"])
def test_bodies_have_a_limit(connection: HTTPConnection, length: str) -> None:
    """A body that is too long, or lies about its length, is not read."""
    assert status_of(connection, "POST", "/token", **{"Content-Length": length}) == 413


def test_only_asked_by_its_own_name(connection: HTTPConnection) -> None:
    """A page of a foreign site whose name leads to 127.0.0.1 gets nothing."""
    assert status_of(connection, "POST", "/token", "{}", Host="evil.example") == 404


def test_log_tells_who_asked_what(sign_in: SignIn, portal: Any, sandbox: Sandbox) -> None:
    """Operation, outcome, session and client of each request, and no secret in any of them."""
    signed_in = sign_in()
    signed_in.refresh()
    with pytest.raises(ClientError):
        signed_in.refresh()
    portal.list_accounts(accessToken=signed_in.token["accessToken"])
    session = "d-1234567890.awsapps.com/sam/1"
    assert [(one.operation, one.outcome, one.session, one.client) for one in sandbox.log.since()] == [
        ("RegisterClient", "200", "", "test"),
        ("StartDeviceAuthorization", "200", "", "test"),
        ("CreateToken", "200", session, "test"),
        ("CreateToken", "200", session, "test"),
        ("CreateToken", "InvalidGrantException", session, "test"),
        ("ListAccounts", "200", session, ""),
    ]
    assert not any(secret in repr(sandbox) for secret in sandbox.secrets())


def test_a_rotating_token_has_one_winner(sign_in: SignIn) -> None:
    """Ten at once with the same refresh token: one is granted, nine are refused."""
    signed_in = sign_in()

    def outcome(_: int) -> str:
        try:
            signed_in.refresh()
        except ClientError as refused:
            return str(refused.response["Error"]["Code"])
        return "granted"

    with ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(outcome, range(10))) == ["InvalidGrantException"] * 9 + ["granted"]


def test_failure_inside_is_an_answer(
    connection: HTTPConnection, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever breaks in a handler, the client gets 500, the log says so, and the server goes on."""
    monkeypatch.setattr(type(sandbox.identity), "register", lambda *_args, **_more: 1 / 0)
    asked = '{"clientName": "test", "clientType": "public"}'
    assert status_of(connection, "POST", "/client/register", asked) == 500
    assert sandbox.log.since()[-1].outcome == "sandbox failed"
    assert status_of(connection, "POST", "/token", "{}") == 400


def test_stops_at_once(clock: Clockwork) -> None:
    """An idle connection and one that hangs do not hold up the end."""
    with Sandbox(clock=clock) as sandbox:
        idle, hanging = (HTTPConnection("127.0.0.1", sandbox.port, timeout=5) for _ in range(2))
        status_of(idle, "GET", "/nowhere")
        sandbox.faults.inject(ANY, Fault("hang"))
        hanging.request("POST", "/token", "{}")
        assert [one.outcome for one in sandbox.log.since(wait=5)] == ["hang"]
        begun = monotonic()
    assert monotonic() - begun < 1
    with pytest.raises(OSError, match="refused"):
        status_of(HTTPConnection("127.0.0.1", sandbox.port, timeout=5), "GET", "/")
