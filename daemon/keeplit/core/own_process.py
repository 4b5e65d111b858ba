"""keeplit's further processes as commands: Python runs one of its modules, a frozen keeplit a part of itself. Pure.

Law: only what is named here can be run so, and what freezing puts into the environment for its own libraries reaches no
other program: a browser or an AWS CLI that loads our libraries in place of its own does not start.
"""

import re
from collections.abc import Mapping
from enum import StrEnum

FLAG = "--part"


class Process(StrEnum):
    """A process that keeplit starts of itself; the value is what a frozen one is asked for, empty for the whole."""

    WHOLE = ""
    AWS = "aws"
    BROWSER = "browser"
    SIGN_IN = "sign-in"
    STAY = "stay"


MODULES: Mapping[Process, str] = {
    Process.WHOLE: "keeplit.ui.fast",
    Process.AWS: "keeplit.adapters.aws_worker",
    Process.BROWSER: "keeplit.sandbox.pretend_browser",
    Process.SIGN_IN: "keeplit.engine.sign_in_runner",
    Process.STAY: "keeplit.adapters.programs",
}
WINDOWLESS = re.compile(r"keeplitw(\.exe)?$", re.IGNORECASE)
LOADER = "_PYI_"  # what the loader of a frozen program tells its own next process
BEFORE = "_ORIG"  # where it keeps what a variable was


def command(process: Process, executable: str, *, frozen: bool, file: str = "") -> tuple[str, ...]:
    """Return what starts a process: `executable` is Python, or where `frozen` keeplit. A `file` is run by itself alone.

    On Windows the keeplit without a console has no standard input and output; the other one has.
    """
    if frozen:
        return (WINDOWLESS.sub(r"keeplit\1", executable), *((FLAG, str(process)) if process else ()))
    return (executable, "-I", file) if file else (executable, "-P", "-m", MODULES[process])


def module(arguments: list[str]) -> str:
    """Return the module that a frozen keeplit is asked for with these arguments; empty for the whole."""
    named = next((one for one in Process if one and arguments[:2] == [FLAG, str(one)]), Process.WHOLE)
    return MODULES[named] if named else ""


def environment(environ: Mapping[str, str], folder: str, separator: str) -> dict[str, str]:
    """Return an environment as it was before freezing lent it paths in `folder`, for every other program."""
    if not folder:
        return dict(environ)
    kept = {}
    for name, value in environ.items():
        parts = value.split(separator)
        own = [part for part in parts if not _inside(part, folder)]
        before = environ.get(name + BEFORE)
        if len(own) == len(parts):
            kept[name] = value
        elif before is not None:
            kept[name] = before
        elif own:
            kept[name] = separator.join(own)
    lent = {name for name in environ if kept.get(name) != environ[name]}
    return {
        name: value
        for name, value in kept.items()
        if not name.startswith(LOADER) and not (name.endswith(BEFORE) and name.removesuffix(BEFORE) in lent)
    }


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith((f"{folder}/", f"{folder}\\"))
