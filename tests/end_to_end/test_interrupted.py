"""Ctrl-C at any moment of a sign-in: what is said then is what is true afterwards."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from time import sleep

import pytest

from tests.end_to_end.machine import Machine, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C of Windows goes to a whole console")

STARTED = 2.0
"""Seconds in which a runner that was started has begun what it begins."""


@pytest.mark.parametrize("after", [0.4, 0.55, 0.7, 0.85, 1.2])
@pytest.mark.parametrize("command", ["login", "extend"])
def test_what_is_said_after_ctrl_c_is_true(desk: Machine, waiting_cli: Path, command: str, after: float) -> None:
    """While the runner starts nobody knows yet whether a tab will open: the answer waits until it is known."""
    desk.put_first(waiting_cli)
    desk.laptop.sign_in()
    waits = desk.start(command, "--session", "acme")
    sleep(after)
    waits.send_signal(signal.SIGINT)
    out, err = waits.communicate(timeout=20)
    sleep(STARTED)
    record = desk.record()
    goes_on = record is not None and record.sign_in.running
    if waits.returncode == -signal.SIGINT:  # Python itself had not come to keeplit yet
        assert not goes_on
        return
    assert waits.returncode == 1, (out, err)
    assert "Traceback" not in err
    assert ("Join it: keeplit login --session=acme" in err) == goes_on, (out, err)
    assert ("You are signed out of acme until then" in err) == (goes_on and command == "extend"), (out, err)
    assert desk.laptop.token_file.exists() == (not (goes_on and command == "extend"))
    if not goes_on:
        assert "nothing is left half done" in err or "no sign-in of acme runs" in err


def test_a_logout_that_was_interrupted_does_not_come_later(desk: Machine) -> None:
    """A daemon that stood still meanwhile finds nothing to do: the person is still signed in, as they were told."""
    desk.laptop.sign_in()
    daemon = desk.daemon()
    os.kill(daemon.pid, signal.SIGSTOP)
    try:
        waits = desk.start("logout", "--session", "acme")
        until(lambda: list(desk.laptop.paths.wishes.glob("*.json")), what="the wish")
        waits.send_signal(signal.SIGINT)
        _, err = waits.communicate(timeout=20)
    finally:
        os.kill(daemon.pid, signal.SIGCONT)
    assert (waits.returncode, "nothing is left half done" in err) == (1, True)
    assert desk.run("pause", "1m").returncode == 0  # a turn was made after it
    assert desk.laptop.token_file.exists()
    assert "logout" not in desk.log
