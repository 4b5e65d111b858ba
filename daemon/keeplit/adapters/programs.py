"""The person's own programs: what opens a file, and a terminal that runs a command of ours.

Law: programs are started by a list, never through a shell; on a Mac and on Windows, where a terminal takes a line of
text, `keeplit.core.terminals` makes it.
"""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from keeplit.core import own_process, terminals
from keeplit.core.own_process import Process

# What desktops have, each with how it takes a command; the first is Debian's choice of the person.
TERMINALS: tuple[tuple[str, ...], ...] = (
    ("x-terminal-emulator", "-e"),
    ("gnome-terminal", "--"),
    ("ptyxis", "--"),
    ("kgx", "--"),
    ("konsole", "-e"),
    ("xfce4-terminal", "-x"),
    ("mate-terminal", "-x"),
    ("alacritty", "-e"),
    ("kitty",),
    ("foot",),
    ("xterm", "-e"),
)


def open_file(path: Path, environ: Mapping[str, str]) -> str:
    """Open a file in the person's editor; return what went wrong, empty where nothing did."""
    if not path.exists():
        return f"{path} does not exist yet."
    if sys.platform == "win32":
        os.startfile(path)  # noqa: S606  # Windows knows the program of a file
        return ""
    opener = "open" if sys.platform == "darwin" else "xdg-open"
    command = [opener, "-t", str(path)] if sys.platform == "darwin" else [opener, str(path)]
    if shutil.which(opener, path=environ.get("PATH")) is None:
        return f"No program opens files here ({opener} is missing); the file is {path}"
    return _started(command, environ)


def in_terminal(command: Sequence[str], environ: Mapping[str, str]) -> str:
    """Run a command in a terminal window that stays; return what went wrong, empty where nothing did."""
    typed = shlex.join(command)
    if sys.platform == "darwin":
        script = terminals.mac_script(command)
        return _started(["osascript", "-e", script], environ) if script else f"Type it in a terminal: {typed}"
    if sys.platform == "win32":
        # Not by `start`, which takes the first word without quotes for the program.
        line = terminals.windows_line(command)
        return _console(line, environ) if line else f"Type it in a terminal: {subprocess.list2cmdline(command)}"
    found = next((one for one in TERMINALS if shutil.which(one[0], path=environ.get("PATH"))), None)
    if found is None:
        return f"There is no terminal to open here. Type it in one: {typed}"
    stay = own_process.command(Process.STAY, sys.executable, frozen=getattr(sys, "frozen", False))
    return _started([*found, *stay, *command], environ)


def main() -> int:
    """Run the command of the arguments in this terminal; its last words stay until somebody has read them."""
    code = subprocess.call(sys.argv[1:])
    input("\nEnter closes this window. ")
    return code


def _started(command: Sequence[str], environ: Mapping[str, str]) -> str:
    try:
        subprocess.Popen(
            command,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return f"{command[0]} could not be started: {error.strerror}."
    return ""


if sys.platform == "win32":

    def _console(line: str, environ: Mapping[str, str]) -> str:
        """Open a console, whose own input and output it is that the line has: cmd ends at once without any."""
        try:
            subprocess.Popen(line, env=dict(environ), creationflags=subprocess.CREATE_NEW_CONSOLE)
        except OSError as error:
            return f"cmd could not be started: {error.strerror}."
        return ""


if __name__ == "__main__":
    sys.exit(main())
