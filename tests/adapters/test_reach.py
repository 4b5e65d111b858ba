"""Whether a service answers is found out by one request, and nothing of a person goes along."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from keeplit.adapters import reach

SHUT = "http://127.0.0.1:9/"


@contextmanager
def server(status: int, date: str = "", wait: float = 0.0) -> Iterator[tuple[str, list[str]]]:
    """Give the address of a server that always answers so, and what it was asked."""
    asked: list[str] = []
    done = threading.Event()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.path} {sorted(self.headers)}")
            done.wait(wait)
            self.send_response_only(status)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            if date:
                self.send_header("Date", date)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's own name
            """Say nothing."""

    running = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}/", asked
    finally:
        done.set()
        running.shutdown()
        thread.join()
        running.server_close()


@pytest.mark.parametrize("status", [200, 302, 403, 404, 500])
def test_any_answer_counts(status: int) -> None:
    """A refusal too; a redirect is not followed, and no cookie or token is sent."""
    with server(status) as (url, asked):
        found = reach.ask(url, {})

    assert (found.failure, found.status, len(asked)) == ("", status, 1)
    assert found.took > timedelta(0)
    assert asked[0] == "/ ['Accept-Encoding', 'Connection', 'Host', 'User-Agent']"


@pytest.mark.parametrize(
    ("date", "known"),
    [("Mon, 02 Mar 2026 12:00:00 GMT", True), ("Mon, 02 Mar 2026 12:00:00", True), ("x", False), ("", False)],
)
def test_the_date_tells_the_skew(date: str, *, known: bool) -> None:
    """One that cannot be read tells nothing."""
    with server(200, date) as (url, _):
        assert (reach.ask(url, {}).skew is not None) is known


def test_a_proxy_that_wants_a_password_is_named() -> None:
    """What answers is the proxy, and not AWS."""
    with server(407) as (url, _):
        assert reach.ask(url, {}).failure == "proxy"


def test_this_machine_is_asked_without_a_proxy() -> None:
    """Whatever the environment says."""
    with server(200) as (url, asked):
        assert reach.ask(url, {"HTTP_PROXY": SHUT, "http_proxy": SHUT}).failure == ""
    assert len(asked) == 1


def test_another_machine_is_asked_through_the_proxy() -> None:
    """And not where NO_PROXY names it."""
    with server(200) as (url, asked):
        assert reach.ask("http://sts.acme.invalid/", {"HTTP_PROXY": url}).failure == ""
        assert (
            reach.ask("http://sts.acme.invalid/", {"http_proxy": url, "no_proxy": "acme.invalid"}).failure == "network"
        )
    assert [line.split()[0] for line in asked] == ["http://sts.acme.invalid/"]


def test_without_a_route_nothing_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that cannot be reached would be waited for, half a minute in vain."""

    class NoWay(socket.socket):
        def connect(self, _: object) -> None:
            raise OSError(101, "Network is unreachable")

    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(socket, "socket", NoWay)
    monkeypatch.setattr(socket, "getaddrinfo", never)

    assert (reach.has_route(), reach.ask("https://sts.us-east-1.amazonaws.com/", {}).failure) == (False, "network")


@pytest.mark.parametrize(
    ("url", "failure"),
    [
        (SHUT, "network"),
        ("file:///etc/passwd", "endpoint"),
        ("http://", "endpoint"),
        ("http://[x", "network"),
        ("http://host.invalid/", "network"),
    ],
)
def test_what_does_not_answer_says_why(url: str, failure: str) -> None:
    """Nothing is raised."""
    assert reach.ask(url, {}).failure == failure


def test_a_server_that_says_nothing_costs_its_time() -> None:
    """And no more."""
    with server(200, wait=5.0) as (url, _):
        assert reach.ask(url, {}, seconds=0.1).failure == "timeout"


def test_a_name_that_nobody_looks_up_costs_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that swallows packets answers no name server either, and a lookup takes no time-out."""
    released = threading.Event()
    monkeypatch.setattr(reach, "IN_ALL", 0.1)
    monkeypatch.setattr(reach, "has_route", lambda: True)

    def nobody_answers(*_: object, **__: object) -> None:
        released.wait(10.0)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nobody_answers)
    before = set(threading.enumerate())

    assert reach.ask("https://sts.us-east-1.amazonaws.com/", {}) == reach.Answer("timeout")
    (asking,) = set(threading.enumerate()) - before
    released.set()
    asking.join()


def test_a_server_without_a_certificate_is_not_trusted(tmp_path: Path) -> None:
    """Nor is one asked with a CA bundle that is none."""
    with server(200) as (url, _):
        secure = url.replace("http:", "https:")
        assert reach.ask(secure, {}, seconds=2.0).failure == "tls"
        (tmp_path / "bundle").write_text("nothing")
        assert reach.ask(secure, {"AWS_CA_BUNDLE": str(tmp_path / "bundle")}).failure == "tls"
        assert reach.ask(secure, {"AWS_CA_BUNDLE": str(tmp_path / "none")}).failure == "tls"
        assert reach.ask(url, {"AWS_CA_BUNDLE": str(tmp_path / "none")}).failure == ""
