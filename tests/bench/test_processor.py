"""The count of processor time: what a thread worked before it ended is in it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.bench import processor

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it is Linux's count")

WORKS = """
import threading, time
def work():
    until = time.thread_time() + 0.6
    while time.thread_time() < until:
        pass
    time.sleep(0.6)
print(flush=True)
threading.Thread(target=work).start()
time.sleep(30)
"""


def test_a_thread_that_ended_has_worked() -> None:
    """0.6 s of work in a thread that is gone at the end: what is left alone would say next to nothing."""
    with subprocess.Popen([sys.executable, "-c", WORKS], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        busy = processor.per_cent(process.pid, 4.0)
        process.kill()
    assert 5 < busy < 40
