"""The keeplit executable of this process by a path that lasts, and whether the one in a settings file is still there.

Law: a link that leads to the very same file is preferred, first in the folders where installers put one, then on the
PATH: pipx, uv, Homebrew and Nix keep the link and move what is behind it. Daemon and commands then name one path.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from keeplit.core import own_command

SUFFIXES = (".exe", "") if os.name == "nt" else ("",)
NAME = "keeplit"
HOMES = (".local/bin", ".nix-profile/bin")
FOLDERS = ("/opt/homebrew/bin", "/usr/local/bin", "/home/linuxbrew/.linuxbrew/bin")


def commands(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the helpers' commands as they are to stand in the settings; none where no executable can be named."""
    found = program(environ)
    try:
        return own_command.commands(found, windows=os.name == "nt") if found is not None else {}
    except ValueError:
        return {}


def program(environ: Mapping[str, str]) -> str | None:
    """Return the absolute path of this process's keeplit that is likely to last; None where there is none."""
    running = next((path for path in _running() if _runs(path)), None)
    if running is None:
        return None
    real = os.path.realpath(running)
    return next((path for path in _linked(environ) if _runs(path) and os.path.realpath(path) == real), running)


def stale(values: Mapping[str, str]) -> frozenset[str]:
    """Return the keys whose value runs a keeplit that is gone, or may not be run; one without a path is not judged."""
    found = {key: own_command.recognised(values[key]) for key in own_command.HELPERS if key in values}
    return frozenset(key for key, own in found.items() if own is not None and gone(own.program))


def gone(program: str) -> bool:
    """Whether the keeplit that a command names is gone, or may not be run; one without a path is not judged."""
    return os.path.isabs(program) and not _found(program)  # noqa: PTH117  # text in and out


def _running() -> Iterator[str]:
    """Give where the executable of this process may lie: itself if frozen, how it was started, beside its Python."""
    if getattr(sys, "frozen", False):
        yield from _named(sys.executable)
        yield from _in(os.path.dirname(sys.executable))  # noqa: PTH120
    started = sys.argv[0] if sys.argv else ""
    if os.path.dirname(started):  # noqa: PTH120
        with suppress(OSError):  # a relative one, and the folder in which it was started is gone
            yield from _named(os.path.abspath(started))  # noqa: PTH100  # the link's own path, not what it leads to
    beside = os.path.dirname(sys.executable or "")  # noqa: PTH120
    if beside:
        yield from _in(beside)
        yield from _in(os.path.join(beside, "Scripts"))  # noqa: PTH118


def _named(path: str) -> Iterator[str]:
    """Give a path that is keeplit's by its name; what pip installs on Windows says its own name without ``.exe``."""
    if Path(path).name.lower().removesuffix(".exe") == NAME:
        yield from (f"{path.removesuffix('.exe')}{suffix}" for suffix in SUFFIXES)


def _linked(environ: Mapping[str, str]) -> Iterator[str]:
    home = environ.get("USERPROFILE" if os.name == "nt" else "HOME", "")
    folders = [os.path.join(home, folder) for folder in HOMES] if home else []  # noqa: PTH118
    for folder in (*folders, *FOLDERS, *environ.get("PATH", "").split(os.pathsep)):
        if os.path.isabs(folder):  # noqa: PTH117
            yield from _in(os.path.normpath(folder))


def _in(folder: str) -> Iterator[str]:
    return (os.path.join(folder, f"{NAME}{suffix}") for suffix in SUFFIXES)  # noqa: PTH118


def _found(named: str) -> bool:
    """Whether a shell finds the program that a command names: cmd does so without its ``.exe`` too."""
    return _runs(named) or any(_runs(f"{named}{suffix}") for suffix in SUFFIXES)


def _runs(path: str) -> bool:
    """Whether there is a file at `path` that this user may run."""
    return os.path.isfile(path) and os.access(path, os.X_OK)  # noqa: PTH113  # Path's own raises where it may not look
