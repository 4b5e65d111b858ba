"""Whether a daemon lives, and the folders that it and the commands share."""

from keeplit.adapters import files
from keeplit.adapters.paths import Paths


def is_running(paths: Paths) -> bool:
    """Whether a daemon lives: its lock says so, never a process id."""
    return files.is_held(paths.daemon_lock)


def prepare(paths: Paths) -> None:
    """Make our own folders; a bad one is an error (`files.NotPrivate`), never a fallback."""
    for folder in (paths.state, paths.wishes, paths.asked):
        files.private_folder(folder)
