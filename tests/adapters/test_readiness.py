from __future__ import annotations

import math
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from keeplit.adapters import readiness

unix = pytest.mark.skipif(sys.platform == "win32", reason="there are no such sockets")


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Give the socket of a service manager, at a path that is short enough for one."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as found:
        path = str(Path(folder) / "notify")
        found.bind(path)
        found.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        yield found


@unix
def test_each_word_is_as_systemd_has_it(listening: socket.socket) -> None:
    """Readiness, a sign of life, the status and the end are one datagram each."""
    readiness.ready()
    readiness.alive()
    readiness.said("acme: signed in\nREADY=0 \t for 7 h")
    readiness.stopping()
    assert [listening.recv(4096) for _ in range(4)] == [
        b"READY=1",
        b"WATCHDOG=1",
        b"STATUS=acme: signed in READY=0 for 7 h",
        b"STOPPING=1",
    ]


@unix
def test_a_status_has_an_end(listening: socket.socket) -> None:
    """A long status is cut, and half characters do not stop it."""
    readiness.said("é" * 1000)
    readiness.said("half \ud800")
    assert listening.recv(4096) == b"STATUS=" + "é".encode() * readiness.LONGEST_STATUS
    assert listening.recv(4096) == b"STATUS=half ?"


@pytest.mark.skipif(sys.platform != "linux", reason="abstract sockets are Linux's own")
def test_an_abstract_socket_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that begins with @ has no file."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as found:
        found.bind("\0keeplit-test-readiness")
        found.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", "@keeplit-test-readiness")
        readiness.ready()
        assert found.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", [None, "", "vsock:2:3", "relative", "/nonexistent/socket", "/" + "long" * 50])
def test_where_nobody_listens_nothing_is_said(monkeypatch: pytest.MonkeyPatch, address: str | None) -> None:
    """Without a manager, or with one that is gone, nothing happens and nothing is raised."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    if address is not None:
        monkeypatch.setenv("NOTIFY_SOCKET", address)
    readiness.ready()
    readiness.alive()


@unix
def test_a_manager_that_hangs_hangs_nobody(listening: socket.socket) -> None:
    """Where the manager reads no more, what does not fit is lost."""
    for _ in range(5000):
        readiness.alive()
    assert listening.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize(
    ("allowed", "seconds"), [("180000000", 90.0), ("2000000", 1.0), ("", math.inf), ("0", math.inf), ("x", math.inf)]
)
def test_half_of_what_counts_as_stuck(monkeypatch: pytest.MonkeyPatch, allowed: str, seconds: float) -> None:
    """A sign of life is due after half of the watchdog's time; without one, never."""
    monkeypatch.setenv("WATCHDOG_USEC", allowed)
    assert readiness.longest_silence() == seconds
