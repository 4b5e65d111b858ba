"""What an autostart says of each of its parts, and the call of a system's own tool for it.

Law: a tool is called by a list, with a deadline, and never shows a window; one that is missing or hangs is an answer.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from keeplit.adapters import files
from keeplit.core.service_files import Part

if sys.platform == "win32":
    _FLAGS = subprocess.CREATE_NO_WINDOW
else:
    _FLAGS = 0

MISSING, TOO_LONG = 127, 124
PATIENCE = 30.0
PLAIN_FILE = 0o644


class NotStartable(files.FileTrouble):
    """keeplit cannot be started at login here; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one part stands; None is unknown, an empty text says that there is nothing to say."""

    part: Part
    enabled: bool
    running: bool | None = None
    since: datetime | None = None
    last_exit: str = ""
    restarts: int | None = None
    why_not: str = ""
    fix: str = ""
    current: bool = True  # it starts the very keeplit that is asked, and is written as this release writes it


@dataclass(frozen=True, slots=True)
class Called:
    """What came of a call."""

    code: int
    out: str
    error: str

    @property
    def well(self) -> bool:
        """Whether it did what it was called for."""
        return self.code == 0

    @property
    def why(self) -> str:
        """Return why it did not, in the tool's own first words."""
        said = [line.strip() for line in (self.error or self.out).splitlines() if line.strip()]
        return said[0].rstrip(".") if said else f"it ended with {self.code}"


def call(tool: str, *arguments: str, environ: Mapping[str, str], patience: float = PATIENCE) -> Called:
    """Call a system's own tool and wait for its end."""
    program = shutil.which(tool, path=environ.get("PATH") or os.defpath)
    if program is None:
        return Called(MISSING, "", f"{tool} is not there")
    try:
        done = subprocess.run(
            [program, *arguments],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=patience,
            check=False,
            creationflags=_FLAGS,
        )
    except subprocess.TimeoutExpired:
        return Called(TOO_LONG, "", f"{tool} did not answer within {patience:.0f} s")
    except OSError as error:
        return Called(MISSING, "", f"{tool} cannot be run: {error.strerror}")
    return Called(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def make_folder(path: Path) -> None:
    """Make a folder of the person's, which others may read. Raises `FileTrouble`."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        said = f"the folder {path} cannot be made: {error.strerror}; see what is in its way, then try again"
        raise files.NotWritable(said) from None


def put(path: Path, data: bytes) -> bool:
    """Write an entry where it is not so already, and return whether that changed it. Raises `FileTrouble`."""
    make_folder(path.parent)
    return files.replace_if_changed(path, data, PLAIN_FILE)


def take_away(path: Path, *, up_to: Path) -> bool:
    """Remove an entry, and the folders above it below `up_to` that are then empty; return whether there was one."""
    found = os.path.lexists(path)
    try:
        path.unlink(missing_ok=True)
    except NotADirectoryError:  # a file lies where its folder would
        return False
    except OSError as error:
        raise files.NotWritable(f"{path} cannot be removed: {error.strerror}; do it yourself, then try again") from None
    for folder in path.parents:
        if up_to not in folder.parents:
            break
        try:
            folder.rmdir()
        except OSError:  # not empty, or never made
            break
    return found


def read(path: Path) -> bytes | None:
    """Return what an entry holds; None where it is not there, or cannot be read."""
    try:
        return files.read(path)
    except files.FileTrouble:
        return None
