from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.end_to_end.machine import HOUR, Machine, until, wall_shift

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="LD_PRELOAD and SIGSTOP")

WAKES_WITHIN = 62.0
SETTLES_IN = 3.0


@pytest.fixture
def shift(desk: Machine, tmp_path: Path) -> Path:
    """Let the wall clock of every process of the machine be ahead by the seconds in the file that is given."""
    library, file = wall_shift(tmp_path)
    desk.environ.update(LD_PRELOAD=str(library), WALLSHIFT_FILE=str(file))
    return file


def sleep_over(desk: Machine, daemon: subprocess.Popen[str], shift: Path, length: timedelta) -> float:
    """Suspend the daemon, let `length` pass for it and for AWS, wake it, and return how long it took to renew."""
    before = desk.digest
    os.kill(daemon.pid, signal.SIGSTOP)
    desk.laptop.sandbox.clock.advance(length)
    shift.write_text(str(int(length.total_seconds())))
    os.kill(daemon.pid, signal.SIGCONT)
    began = monotonic()
    until(lambda: desk.digest not in {before, ""}, within=WAKES_WITHIN + 20, what="a renewal")
    return monotonic() - began


def test_the_clock_can_be_moved(desk: Machine, shift: Path) -> None:
    """The shim moves the wall clock of a process and leaves its monotonic one alone."""
    ask = "import time; print(int(time.time()), int(time.monotonic()))"
    wall, ran = map(int, desk.program(sys.executable, "-c", ask).stdout.split())
    shift.write_text("7200")
    later, went = map(int, desk.program(sys.executable, "-c", ask).stdout.split())
    assert 7200 <= later - wall < 7230
    assert went - ran < 30


def test_a_knock_after_waking_renews_at_once(desk: Machine, shift: Path) -> None:
    """A daemon that slept over the margin of its token renews it at the first knock after waking."""
    desk.laptop.sign_in()
    daemon = desk.daemon()
    until(desk.is_fresh)
    before = desk.digest
    os.kill(daemon.pid, signal.SIGSTOP)
    desk.laptop.sandbox.clock.advance(2 * HOUR)
    shift.write_text("7200")
    daemon.send_signal(signal.SIGHUP)
    os.kill(daemon.pid, signal.SIGCONT)
    until(lambda: desk.digest not in {before, ""}, within=10, what="a renewal")
    until(desk.is_fresh)
    assert desk.tabs == 0


@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize("length", [timedelta(minutes=40), 3 * HOUR])
def test_a_suspended_daemon_renews_within_a_minute(desk: Machine, shift: Path, length: timedelta) -> None:
    """A daemon that was suspended past its token's margin, or its end, renews within 60 s of waking, unknocked."""
    desk.laptop.sign_in()
    daemon = desk.daemon()
    until(desk.is_fresh)
    sleep(SETTLES_IN)
    assert sleep_over(desk, daemon, shift, length) < WAKES_WITHIN
    assert desk.tabs == 0
