from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from keeplit.adapters import latency


@pytest.fixture
def port() -> Iterator[int]:
    """Give a port of this machine that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_connection_is_measured(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each region that answers has a time; the name of the region is in the host."""
    monkeypatch.setattr(latency, "HOST", "127.0.0.{}")
    monkeypatch.setattr(latency, "PORT", port)
    found = latency.to_bedrock(["1"], {})
    assert list(found) == ["1"]
    assert 0 <= found["1"].total_seconds() < latency.WITHIN


def test_what_does_not_answer_has_no_time(port: int) -> None:
    """A closed port, and a name that is none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    assert latency.connection("127.0.0.1", closed) is None
    assert latency.connection("\udcff", port) is None
    assert latency.to_bedrock([], {}) == {}


@pytest.mark.parametrize("name", [*latency.ELSEWHERE, *latency.PROXIES])
def test_nothing_is_measured_behind_a_gateway(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time would be the gateway's, the same for all."""
    monkeypatch.setattr(latency, "connection", lambda *_: pytest.fail("it was measured"))
    assert latency.to_bedrock(["us-east-1"], {name: "http://127.0.0.1:1"}) == {}
