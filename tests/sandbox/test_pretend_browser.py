"""The pretend browser, run as the BROWSER variable runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from keeplit.sandbox.clients import ACME, environment, person_file
from keeplit.sandbox.person import Deed, Person, tabs_of
from keeplit.sandbox.server import Sandbox


def open_tab(home: Path, sandbox: Sandbox, url: str) -> subprocess.CompletedProcess[str]:
    """Run the pretend browser on a URL and wait until it returns."""
    command = [sys.executable, "-m", "keeplit.sandbox.pretend_browser", url]
    variables = environment(home, sandbox.url, base=os.environ)
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=20, check=False)


def device_of(oidc: Any) -> dict[str, Any]:
    """Start a device flow."""
    told = oidc.register_client(clientName="test", clientType="public", scopes=["sso:account:access"])
    client = {name: told[name] for name in ("clientId", "clientSecret")}
    device: dict[str, Any] = oidc.start_device_authorization(**client, startUrl=ACME)
    return device


def outcome_of(sandbox: Sandbox, operation: str) -> str | None:
    """Wait until an operation was asked for, at most ten seconds, and return how it came out."""
    seen = 0
    while entries := sandbox.log.since(seen, wait=10):
        seen = entries[-1].number
        found = [one.outcome for one in entries if one.operation == operation]
        if found:
            return found[0]
    return None


@pytest.mark.parametrize(("does", "decision"), [("approve", "approved"), ("deny", "denied")])
def test_decides_on_a_device_page(tmp_path: Path, oidc: Any, sandbox: Sandbox, does: Deed, decision: str) -> None:
    """The tab is noted and the person decides, as whom their file says."""
    Person(does, user="kim").write(person_file(tmp_path))
    device = device_of(oidc)
    assert open_tab(tmp_path, sandbox, device["verificationUriComplete"]).returncode == 0
    assert outcome_of(sandbox, "Decide") == "200"
    decided = sandbox.identity.authorization(device["userCode"])
    assert decided is not None
    assert (decided.decision, decided.user) == (decision, "kim")
    assert [(one.kind, one.start_url, one.client) for one in tabs_of(person_file(tmp_path))] == [
        ("device", ACME, "test")
    ]


def test_returns_before_the_person_decides(tmp_path: Path, oidc: Any, sandbox: Sandbox) -> None:
    """A slow person does not keep the browser's command, and whoever waits for it, from returning."""
    Person("approve", after=2.0).write(person_file(tmp_path))
    device = device_of(oidc)
    open_tab(tmp_path, sandbox, device["verificationUriComplete"])
    assert sandbox.log.of("Decide") == ()
    assert outcome_of(sandbox, "Decide") == "200"


def test_closed_tab_is_noted_and_nothing_comes_of_it(tmp_path: Path, oidc: Any, sandbox: Sandbox) -> None:
    """Closing the tab leaves the sign-in waiting."""
    Person("close").write(person_file(tmp_path))
    device = device_of(oidc)
    open_tab(tmp_path, sandbox, device["verificationUriComplete"])
    waiting = sandbox.identity.authorization(device["userCode"])
    assert waiting is not None
    assert (waiting.decision, len(tabs_of(person_file(tmp_path)))) == ("waiting", 1)


@pytest.mark.parametrize("url", ["https://d-1234567890.awsapps.com/start", "file:///etc/passwd"])
def test_opens_nothing_but_the_sandbox(tmp_path: Path, sandbox: Sandbox, url: str) -> None:
    """Any other address is refused without being asked."""
    told = open_tab(tmp_path, sandbox, url)
    assert (told.returncode, told.stderr) == (1, "The pretend browser opens nothing but pages of the sandbox.\n")
    assert tabs_of(person_file(tmp_path)) == ()


@pytest.fixture
def callback() -> Iterator[HTTPServer]:
    """Give a listener such as AWS CLI 2.22 and later open for the browser to come back to."""

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
            """Write nothing."""

    asked: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), Listener)
    server.asked = asked  # type: ignore[attr-defined]
    server.timeout = 10
    yield server
    server.server_close()


def test_comes_back_to_the_client_of_a_browser_flow(tmp_path: Path, oidc: Any, sandbox: Sandbox, callback: Any) -> None:
    """After PKCE's page the client's listener gets the code and the state it sent."""
    told = oidc.register_client(clientName="test", clientType="public", issuerUrl=ACME)
    redirect = f"http://127.0.0.1:{callback.server_port}/oauth/callback"
    asked = {
        "response_type": "code",
        "client_id": told["clientId"],
        "redirect_uri": redirect,
        "state": "a-state",
        "code_challenge_method": "S256",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    }
    waiting = Thread(target=callback.handle_request)
    waiting.start()
    open_tab(tmp_path, sandbox, f"{sandbox.url}/authorize?{urlencode(asked)}")
    waiting.join(10)
    back = urlsplit(callback.asked[0])
    assert (back.path, sorted(parse_qs(back.query))) == ("/oauth/callback", ["code", "state"])
    assert [one.kind for one in tabs_of(person_file(tmp_path))] == ["pkce"]
