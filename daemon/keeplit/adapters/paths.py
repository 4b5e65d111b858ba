"""Where everything lies: our own folders by platformdirs, AWS's by HOME alone.

Law: there is no runtime folder and no fallback; a home that is missing is an error that says what to do.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from keeplit.core.folders import config_folder, state_folder

NAME = "keeplit"


class NoHome(Exception):  # noqa: N818  # it is said to a person
    """There is no usable home folder; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Paths:
    """The files and folders of one user."""

    home: Path
    config_file: Path
    state: Path
    wishes: Path
    memory: Path
    status: Path
    journal: Path
    backups: Path
    asked: Path
    daemon_lock: Path
    log: Path
    aws: Path
    sso_cache: Path
    cli_cache: Path
    own: Path


def find(environ: Mapping[str, str]) -> Paths:
    """Return this user's paths. Raises `NoHome`.

    `environ` tells the home; our own folders hang on the process's own environment (XDG_CONFIG_HOME, XDG_STATE_HOME).
    """
    home = Path(_home(environ))
    if not home.is_absolute() or not os.path.isdir(home):  # noqa: PTH112  # Path's own raises where it may not look
        raise NoHome(f"the home folder {str(home)!r} does not exist; set HOME to your home folder and try again")
    config, state = _folders()
    aws = home / ".aws"
    return Paths(
        home=home,
        config_file=config / "config.toml",
        state=state,
        wishes=state / "wishes",
        memory=state / "memory.json",
        status=state / "status.json",
        journal=state / "journal.jsonl",
        backups=state / "backups",
        asked=state / "asked",
        daemon_lock=state / "daemon.lock",
        log=state / "keeplit.log",
        aws=aws,
        sso_cache=aws / "sso" / "cache",
        cli_cache=aws / "cli" / "cache",
        own=aws / "sso" / NAME,
    )


def _folders() -> tuple[Path, Path]:
    """Return our folders of the config and the state."""
    config, state = config_folder(os.environ, sys.platform), state_folder(os.environ, sys.platform)
    if config is None or state is None:
        from platformdirs import PlatformDirs

        dirs = PlatformDirs(NAME, appauthor=False)
        config, state = dirs.user_config_dir, dirs.user_state_dir
    return Path(config), Path(state)


def _home(environ: Mapping[str, str]) -> str:
    """Return the home that the environment names, else the one that the system has for this user. Raises `NoHome`.

    An empty name is an error: to botocore it is the root, to Claude Code the working folder, to others as if unset.
    """
    name = "USERPROFILE" if os.name == "nt" else "HOME"
    if environ.get(name):
        return environ[name]
    if name in environ:
        why = f"{name} is empty, and each AWS tool takes that for another folder"
        raise NoHome(f"{why}; set {name} to your home folder and try again")
    found = os.path.expanduser("~")  # noqa: PTH111  # Path's own raises for a user that the system does not know
    if found == "~":
        raise NoHome(f"there is no home folder: {name} is not set; set it and try again")
    return found
