"""Start the daemon from an interface: a process of its own that outlives whoever started it.

Law: never a second one, and nobody here starts it again by itself: one that dies at once would die again.
"""

import logging
import subprocess
import sys
from collections.abc import Mapping, Sequence

from keeplit.adapters import clock, own_command
from keeplit.adapters.paths import Paths
from keeplit.core import own_process
from keeplit.core.own_process import Process
from keeplit.engine.living import is_running
from keeplit.engine.sign_in import detached

log = logging.getLogger(__name__)

WITHIN = 10.0
LOOK_EVERY = 0.05


def command(environ: Mapping[str, str]) -> Sequence[str]:
    """Return what starts the daemon."""
    program = own_command.program(environ)
    ours = own_process.command(Process.WHOLE, sys.executable, frozen=getattr(sys, "frozen", False))
    return [program, "daemon"] if program else [*ours, "daemon"]


def begin(paths: Paths, environ: Mapping[str, str], within: float = WITHIN) -> str:
    """Start the daemon where none runs and wait until it lives; return what went wrong, empty where nothing did."""
    if is_running(paths):
        return ""
    try:
        started = subprocess.Popen(
            command(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            cwd=paths.home,
            start_new_session=True,
            creationflags=detached(),
        )
    except OSError as error:
        return f"The daemon could not be started: {error.strerror}"
    log.info("the daemon is started, process %d", started.pid)
    until = clock.monotonic() + within
    while clock.monotonic() < until:
        if is_running(paths):
            return ""
        if started.poll() is not None:
            log.warning("the daemon ended at once with %d", started.returncode)
            return f"The daemon ended at once ({started.returncode}). See why: keeplit daemon"
        clock.sleep(LOOK_EVERY)
    return "The daemon does not come up. See why: keeplit logs"
