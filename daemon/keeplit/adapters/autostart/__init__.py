"""Starting with the computer: what each system offers for it, behind one interface.

Law: each is idempotent. `enable` repairs whatever is there, a moved program too; `disable` leaves nothing of it.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from keeplit.adapters.autostart.standing import NotStartable, Standing
from keeplit.core.service_files import Part

__all__ = ["Autostart", "NotStartable", "Standing", "find", "lingers"]

BOOTED = Path("/run/systemd/system")  # sd_booted(3)
LINGER = Path("/var/lib/systemd/linger")


class Autostart(Protocol):
    """What starts some parts of keeplit at login."""

    name: str
    parts: tuple[Part, ...]

    def enable(self, program: str, *, start: bool = True) -> None:
        """Have `program`, an absolute path, started at login, and now unless `start` is false. Raises `FileTrouble`."""

    def disable(self) -> None:
        """End what was started so, and leave nothing. Raises `FileTrouble`."""

    def standings(self, program: str | None) -> tuple[Standing, ...]:
        """Return how each part stands; `program` is what should be started. Nothing is changed."""


def find(home: Path, environ: Mapping[str, str], booted: Path = BOOTED) -> tuple[Autostart, ...]:
    """Return what starts keeplit here, each for its parts."""
    if sys.platform == "darwin":
        from keeplit.adapters.autostart.launchd import Launchd

        return (Launchd(home, environ),)
    if sys.platform == "win32":
        from keeplit.adapters.autostart.windows import Windows

        return (Windows(home, environ),)
    from keeplit.adapters.autostart.xdg import Xdg

    if not booted.is_dir() or shutil.which("systemctl", path=environ.get("PATH") or os.defpath) is None:
        return (Xdg(home, environ),)
    from keeplit.adapters.autostart.systemd import Systemd

    return (Systemd(home, environ), Xdg(home, environ, (Part.TRAY,)))


def lingers(environ: Mapping[str, str], folder: Path = LINGER) -> bool:
    """Whether this person's services run without a login too, as `loginctl enable-linger` has it."""
    return (folder / (environ.get("USER") or environ.get("LOGNAME") or "-")).exists()
