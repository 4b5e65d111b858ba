"""A home with a flame on a desktop without a screen: what is published is written by the test, as a daemon would."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from keeplit.adapters import files
from keeplit.adapters import paths as places
from keeplit.adapters.paths import Paths
from keeplit.engine.living import prepare
from tests.conftest import real_part
from tests.desktop.bed import Bed, bed, until
from tests.desktop.tray_host import Item, TrayHost

KEEPLIT = (sys.executable, "-m", "keeplit.ui.fast")


class Desk:
    """The desktop, the home, and the flame once it is started."""

    def __init__(self, bed: Bed, home: Path) -> None:
        self.bed = bed
        self.paths: Paths = places.find({"HOME": str(home)})
        self.lock: files.Held | None = None
        bed.environment["HOME"] = str(home)
        # keeplit's own folders hang on this process's environment: where that is not a test's, they are the person's.
        assert self.paths.state.is_relative_to(home.parent), f"{self.paths.state} is not of this home"
        prepare(self.paths)

    def keep(self) -> None:
        """Hold the lock that a daemon holds."""
        self.lock = files.try_lock(self.paths.daemon_lock, wait=5.0)
        assert self.lock is not None

    def die(self) -> None:
        """Let the lock go, as a daemon that is killed does."""
        if self.lock is not None:
            self.lock.close()
            self.lock = None

    def publish(self, document: Any) -> None:
        """Write the status."""
        files.replace(self.paths.status, json.dumps(document).encode())

    def flame(self, *options: str, log: str = "flame", **more: str) -> subprocess.Popen[bytes]:
        """Start the flame."""
        return self.bed.start([*KEEPLIT, "tray", *(options or ("--no-daemon",))], log=log, **more)

    def said(self, log: str = "flame") -> str:
        """Return what a process said."""
        return (self.bed.folder / f"{log}.txt").read_text()

    @property
    def log(self) -> str:
        """Return keeplit's log."""
        return self.paths.log.read_text() if self.paths.log.exists() else ""

    def wishes(self) -> list[dict[str, Any]]:
        """Return the wishes that lie there."""
        return [json.loads(path.read_text()) for path in sorted(self.paths.wishes.glob("*.json"))]

    def told(self, item: Item, words: str) -> None:
        """Wait until the menu's header says something."""
        until(lambda: any(words in label for label in item.menu().labels()), what=f"{words!r} in the menu")


@contextlib.contextmanager
def desk(folder: Path, home: Path) -> Iterator[Desk]:
    """Give a desktop with a bus and an X server."""
    parts = subprocess.run(
        [sys.executable, "-c", "import gi; gi.require_version('AyatanaAppIndicator3', '0.1')"],
        capture_output=True,
        check=False,
    )
    real_part("PyGObject with AyatanaAppIndicator3", found=parts.returncode == 0)
    real_part("Xvfb", found=shutil.which("Xvfb") is not None)
    with bed(folder) as made:
        made.bus()
        made.screen()
        found = Desk(made, home)
        try:
            yield found
        finally:
            found.die()


def ended(process: subprocess.Popen[bytes], with_signal: signal.Signals = signal.SIGTERM, within: float = 5.0) -> int:
    """Send a signal to one process and return its exit code."""
    process.send_signal(with_signal)
    return process.wait(within)


__all__ = ["Desk", "TrayHost", "desk", "ended"]
