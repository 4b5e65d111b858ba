"""Which browser the environment names, and whether one can be opened at all. Pure.

Law: `BROWSER` counts everywhere, containers and SSH included, but for `true`, which some hosts set so that nothing
opens; else it takes a graphical session of this machine.
"""

import shlex
from collections.abc import Mapping

OVER_SSH = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")
GRAPHICAL = ("DISPLAY", "WAYLAND_DISPLAY")


def browser_variable(environ: Mapping[str, str], separator: str, wslview: str = "") -> str:
    """Return what BROWSER must be for a tool in Python; empty where it names none.

    Each command is put into the background (``cmd %s &``): Python's webbrowser waits for others to return, and a
    browser that is not running yet returns when it is closed. `wslview` is that command's path under WSL.
    """
    commands = [one.strip() for one in environ.get("BROWSER", "").split(separator)]
    named = [one for one in commands if one and one.split()[0].rpartition("/")[2] != "true"]
    if not named and wslview:
        named = [wslview]
    return separator.join(_backgrounded(one) for one in named)


def _backgrounded(command: str) -> str:
    if "%s" not in command:  # such a command is one path, spaces and all
        return f"{shlex.quote(command)} %s &"
    return command if command.endswith("&") else f"{command} &"


def can_open(environ: Mapping[str, str], platform: str, separator: str, wslview: str = "") -> bool:
    """Whether a browser can be opened here; `platform` as in ``sys.platform``."""
    if browser_variable(environ, separator, wslview):
        return True
    if any(environ.get(name) for name in OVER_SSH):
        return False
    return platform in {"darwin", "win32"} or any(environ.get(name) for name in GRAPHICAL)
