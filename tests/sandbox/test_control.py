"""The switches, turned from outside."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any

import pytest
from botocore.exceptions import ClientError

from keeplit.sandbox.clients import ACME
from keeplit.sandbox.control import turn_switch
from keeplit.sandbox.faults import Fault
from keeplit.sandbox.nouns import World
from keeplit.sandbox.server import Sandbox

SignIn = Callable[..., Any]


def test_faults_from_outside(sandbox: Sandbox) -> None:
    """Injecting, then clearing."""
    turn_switch(sandbox.url, "inject", operation="CreateToken", kind="throttle", times=2, retry_after=9)
    assert sandbox.faults.armed() == {"CreateToken": (Fault("throttle", times=2, retry_after=9),)}
    turn_switch(sandbox.url, "latency", seconds=1.5)
    turn_switch(sandbox.url, "skew", seconds=-60)
    assert (sandbox.faults.latency, sandbox.faults.skew) == (timedelta(seconds=1.5), timedelta(seconds=-60))
    turn_switch(sandbox.url, "clear", operation="CreateToken")
    assert sandbox.faults.armed() == {}
    turn_switch(sandbox.url, "clear")
    assert sandbox.faults.latency == timedelta()


def test_sessions_from_outside(sandbox: Sandbox, sign_in: SignIn) -> None:
    """Rejecting a token, shortening and revoking a session, forgetting registrations: each says how many."""
    signed_in = sign_in()
    asked = {"start_url": ACME}
    orders: list[tuple[str, dict[str, Any]]] = [
        ("reject", asked),
        ("shorten", {**asked, "seconds": 60}),
        ("revoke", asked),
        ("forget_registrations", {}),
    ]
    assert [turn_switch(sandbox.url, do, **values)["count"] for do, values in orders] == [1, 1, 1, 1]
    with pytest.raises(ClientError, match="InvalidClientException"):
        signed_in.refresh()


def test_time_world_and_lifetimes_from_outside(sandbox: Sandbox, sign_in: SignIn) -> None:
    """What is issued next obeys them, and only what was named changes."""
    before = sandbox.clock()
    turn_switch(sandbox.url, "advance", seconds=90)
    turn_switch(sandbox.url, "world", outlives=True)
    turn_switch(sandbox.url, "lifetimes", access_token=12, session=5)
    assert (sandbox.clock() - before, sandbox.sessions.world) == (
        timedelta(seconds=90),
        World(outlives=True, rotate=True),
    )
    assert sign_in().token["expiresIn"] == 12


def test_log_from_outside(sandbox: Sandbox, sign_in: SignIn) -> None:
    """The log can be read on from where one left off."""
    sign_in()
    entries = turn_switch(sandbox.url, "log", after=2)["entries"]
    assert isinstance(entries, list)
    assert [(one["number"], one["operation"]) for one in entries] == [(3, "CreateToken")]


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        ({"do": "dance"}, "No such order"),
        ({"do": "inject", "operation": "any", "kind": "flood"}, "No such fault"),
        ({"do": "advance", "seconds": "many"}, "not a number"),
        ({"do": "revoke"}, "start_url"),
    ],
)
def test_wrong_orders(sandbox: Sandbox, order: dict[str, Any], sentence: str) -> None:
    """An order that makes no sense is refused with a reason."""
    with pytest.raises(ValueError, match=sentence):
        turn_switch(sandbox.url, **order)


def test_orders_are_json(sandbox: Sandbox) -> None:
    """A form, which any web page could send, is not obeyed."""
    connection = HTTPConnection("127.0.0.1", sandbox.port, timeout=5)
    order = json.dumps({"do": "inject", "operation": "any", "kind": "drop"})
    connection.request("POST", "/-/control", order, {"Content-Type": "text/plain"})
    assert (connection.getresponse().status, sandbox.faults.armed()) == (400, {})
