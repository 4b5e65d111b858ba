"""Claude Code's own command: where it is installed, and its version.

Law: it is started with ``--version`` and a deadline, never more than once per file and its change; one that does not
answer is found all the same, with an empty version.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

NAME = "claude"
HOME = "USERPROFILE" if os.name == "nt" else "HOME"
VERSION_SECONDS = 5.0
MOST_SAID = 200
VERSION = re.compile(r"(?<![\d.])(\d{1,4}\.\d{1,5}\.\d{1,6})(?![\d.])")
# Where its installers put it: the native one, its old local one, npm's global folder; GUI sessions have a poor PATH.
IN_HOME = (".local/bin", ".claude/local", ".claude/local/node_modules/.bin", ".npm-global/bin", ".bun/bin")
FOLDERS = ("/opt/homebrew/bin", "/usr/local/bin", "/usr/bin")
NVM = ".nvm/versions/node"
if sys.platform == "win32":
    _FLAGS = subprocess.CREATE_NO_WINDOW
else:
    _FLAGS = 0


@dataclass(frozen=True, slots=True)
class Found:
    """Where Claude Code is (None: nowhere that was looked), and its version such as ``2.1.240`` (empty: not known)."""

    path: Path | None = None
    version: str = ""


_versions: dict[tuple[str, int], str] = {}


def find(environ: Mapping[str, str], within: float = VERSION_SECONDS) -> Found:
    """Find Claude Code on PATH and in its usual places, and ask it for its version within so many seconds."""
    path = next(_candidates(environ), None)
    return Found(path, _version(path, environ, within)) if path is not None else Found()


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    for folder in _folders(environ):
        if not os.path.isabs(folder):  # noqa: PTH117  # a relative one depends on where we stand
            continue
        found = shutil.which(NAME, path=folder)
        if found is not None:
            yield Path(found)


def _folders(environ: Mapping[str, str]) -> Iterator[str]:
    yield from (folder for folder in environ.get("PATH", "").split(os.pathsep) if folder)
    home = environ.get(HOME, "")
    if home:
        yield from (os.path.join(home, place) for place in IN_HOME)  # noqa: PTH118  # HOME may be any text
    if prefix := environ.get("NPM_CONFIG_PREFIX") or environ.get("npm_config_prefix"):
        yield prefix if os.name == "nt" else f"{prefix}/bin"
    if appdata := environ.get("APPDATA"):
        yield os.path.join(appdata, "npm")  # noqa: PTH118  # as above
    yield from FOLDERS
    if home:
        yield from _of_nvm(os.path.join(home, NVM))  # noqa: PTH118  # as above


def _of_nvm(root: str) -> Iterator[str]:
    """Give the folders of nvm's nodes, each of which has its own global packages."""
    try:
        yield from sorted((f"{root}/{name}/bin" for name in os.listdir(root)), reverse=True)  # noqa: PTH208  # text
    except (OSError, ValueError):
        return


def _version(path: Path, environ: Mapping[str, str], within: float) -> str:
    try:
        key = (str(path), path.stat().st_mtime_ns)
        if key not in _versions:
            said = subprocess.run(
                [path, "--version"],
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=within,
                check=False,
                creationflags=_FLAGS,
            )
            found = VERSION.search(said.stdout[:MOST_SAID].decode(errors="replace"))
            _versions[key] = found[1] if found else ""
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ""
    return _versions[key]
