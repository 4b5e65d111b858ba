"""The count of processor time: what a thread or a child worked before it ended is in it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.bench import processor

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it is Linux's count")

WORK = """
import time
def work():
    until = time.thread_time() + 0.6
    while time.thread_time() < until:
        pass
"""
THREAD = """
import threading
print(flush=True)
threading.Thread(target=lambda: (work(), time.sleep(0.6))).start()
time.sleep(30)
"""
CHILD = """
import subprocess, sys
print(flush=True)
subprocess.run([sys.executable, "-c", sys.argv[1] + "work()"])
time.sleep(30)
"""


@pytest.mark.parametrize("worker", [THREAD, CHILD])
def test_what_ended_has_worked(worker: str) -> None:
    """0.6 s of work in a thread or a child that is gone at the end: what is left alone would say next to nothing."""
    with subprocess.Popen([sys.executable, "-c", WORK + worker, WORK], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        busy = processor.per_cent(process.pid, 4.0)
        process.kill()
    assert 5 < busy < 40
