"""Whether keeplit starts at login, for the flame's menu, and the change of it.

Law: who shows the menu never waits for a system's tool. Where files say it, they are read; elsewhere (macOS, Windows)
the system is asked in a thread. There what is switched off ends at once, this flame with it: another process does that.
"""

import logging
import subprocess
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from keeplit.adapters import clock, own_command
from keeplit.adapters.autostart import NotStartable
from keeplit.adapters.paths import Paths
from keeplit.engine import autostart
from keeplit.engine.sign_in import detached

log = logging.getLogger(__name__)

ASK_EVERY = timedelta(minutes=10)
PATIENCE = 120.0


class AtLogin:
    """What the system says."""

    def __init__(self, paths: Paths, environ: Mapping[str, str], knock: Callable[[], None]) -> None:
        """Ask nothing yet; `knock` is called from a thread when another answer has come."""
        self._paths = paths
        self._environ = dict(environ)
        self._knock = knock
        self._lock = threading.Lock()
        self._asked_at: datetime | None = None
        self._said: bool | None = None
        self.marks: tuple[Path, ...] = autostart.marks(paths, environ)
        self.ends_at_once = not self.marks and own_command.program(environ) is not None

    def now(self) -> bool | None:
        """Return whether all starts at login, as far as it is known; None where it is not, or cannot be changed."""
        if self.marks:
            return autostart.starts_at_login(self._paths, self._environ)
        if self.ends_at_once and self._is_old() and self._lock.acquire(blocking=False):
            threading.Thread(target=self._ask, name="keeplit-login", daemon=True).start()
        return self._said

    def forget(self) -> None:
        """Have it asked anew: somebody changed it."""
        self._asked_at = None

    def _is_old(self) -> bool:
        return self._asked_at is None or not timedelta(0) <= clock.now() - self._asked_at < ASK_EVERY

    def _ask(self) -> None:
        """Ask the system once; its tools may take a second. The lock was taken by whoever started this."""
        try:
            self._asked_at = clock.now()
            before, self._said = self._said, whole(autostart.status(self._paths, self._environ))
        except Exception:
            log.exception("whether keeplit starts at login could not be asked")
            return
        finally:
            self._lock.release()
        if self._said != before:
            self._knock()


def whole(report: autostart.Report) -> bool:
    """Whether every part of a report starts at login."""
    return bool(report.parts) and all(part.enabled for part in report.parts)


def change(paths: Paths, environ: Mapping[str, str], *, starts: bool) -> str:
    """Have keeplit started at login, or no more, and return what came of it. Raises `FileTrouble`; takes seconds."""
    here = bool(autostart.marks(paths, environ))
    if here:
        autostart.at_next_login(paths, environ, starts=starts)
    elif starts:
        autostart.enable(paths, environ)
    else:
        _disable_elsewhere(environ)
    if starts:
        return "keeplit starts at your next login"
    return f"keeplit does not start at login any more; {'what runs goes on' if here else 'what was started so ended'}"


def _disable_elsewhere(environ: Mapping[str, str]) -> None:
    """Run ``keeplit autostart disable`` outside of what it ends, which may be this very process."""
    program = own_command.program(environ)
    if program is None:
        raise NotStartable(
            "keeplit has no executable of its own here; type it in a terminal: keeplit autostart disable"
        )
    try:
        done = subprocess.run(
            [program, "autostart", "disable", "--json"],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            start_new_session=True,
            creationflags=detached(),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotStartable(f"that failed ({type(error).__name__}); type it: keeplit autostart disable") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().removeprefix("keeplit: ")
        raise NotStartable(said or "that failed; type it in a terminal: keeplit autostart disable")
