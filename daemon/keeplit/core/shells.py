"""Settings as a shell takes them: exports, quoted so that every value arrives as it is and nothing of it runs. Pure.

Law: one line for one variable, since a shell may be given them line by line; what a shell cannot take is refused.
bash and zsh: POSIX (XCU 2.2); fish: its language's quotes; PowerShell: about_Quoting_Rules; cmd: `set /?`.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from keeplit.core.config_values import CLAUDE_NAME

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
POWERSHELL_QUOTES = re.compile("['\u2018\u2019\u201a\u201b]")  # PowerShell takes each of these for a single quote
CMD_SPECIAL = re.compile(r'[\^&|<>()"]')


class Shell(StrEnum):
    """The shells that are spoken here."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"
    CMD = "cmd"


SPOKEN: Mapping[str, Shell] = {
    **{str(shell): shell for shell in Shell},
    **dict.fromkeys(("sh", "dash", "ksh", "ash"), Shell.BASH),
    "pwsh": Shell.POWERSHELL,
}
"""What a shell's program is called, and which of them it is spoken to as."""


class Unsayable(Exception):  # noqa: N818  # it is said to a person
    """A shell cannot be given this value; the text says which and why."""


def named(program: str) -> Shell | None:
    """Return the shell that a program is, by its path or name; None for one that is not spoken."""
    name = re.split(r"[/\\]", program)[-1].lower().removeprefix("-").removesuffix(".exe")
    return SPOKEN.get(name)


def exports(shell: Shell, settings: Mapping[str, str | None]) -> str:
    """Return the lines that set each variable, or unset it where its value is None. Raises `Unsayable`."""
    lines = []
    for name, value in settings.items():
        if not CLAUDE_NAME.fullmatch(name) or "\0" in (value or ""):
            raise Unsayable(f"{name!r} cannot be a variable: its name or its value is not one")
        lines.append(UNSET[shell](name) if value is None else SET[shell](name, value))
    return "".join(f"{line}\n" for line in lines)


def _sh(name: str, value: str) -> str:
    if not CONTROL.search(value):
        return f"export {name}='" + value.replace("'", "'\"'\"'") + "'"
    # A line break within single quotes would make two lines of it; $'…' is known to bash and zsh alike.
    spelled = "".join(f"\\{one}" if one in "\\'" else _octal(one) for one in value)
    return f"export {name}=$'{spelled}'"


def _octal(one: str) -> str:
    """Return a control character byte by byte, as no locale reads it otherwise; every other character as it is."""
    return "".join(f"\\{byte:03o}" for byte in one.encode()) if CONTROL.match(one) else one


def _fish(name: str, value: str) -> str:
    parts = CONTROL.split(value)
    between = ["".join(f"\\x{byte:02x}" for byte in found.encode()) for found in CONTROL.findall(value)]
    quoted = ["'" + part.replace("\\", "\\\\").replace("'", "\\'") + "'" for part in parts]
    return f"set -gx {name} " + "".join(a + b for a, b in zip(quoted, [*between, ""], strict=True))


def _powershell(name: str, value: str) -> str:
    parts = ["'" + POWERSHELL_QUOTES.sub(lambda found: found[0] * 2, part) + "'" for part in CONTROL.split(value)]
    between = [" + " + " + ".join(f"[char]{ord(one)}" for one in found) + " + " for found in CONTROL.findall(value)]
    return f"$env:{name} = " + "".join(a + b for a, b in zip(parts, [*between, ""], strict=True))


def _cmd(name: str, value: str) -> str:
    """Return the line of a batch file. Within quotes a caret stays, so a value with a quote is escaped without them."""
    if CONTROL.search(value):
        raise Unsayable(f"the value of {name} has a line break or a control character, which cmd cannot take")
    spelled = value.replace("%", "%%")
    if '"' not in value:
        return f'set "{name}={spelled}"'
    return f"set {name}=" + CMD_SPECIAL.sub(lambda found: f"^{found[0]}", spelled)


SET: Mapping[Shell, Callable[[str, str], str]] = {
    Shell.BASH: _sh,
    Shell.ZSH: _sh,
    Shell.FISH: _fish,
    Shell.POWERSHELL: _powershell,
    Shell.CMD: _cmd,
}
UNSET: Mapping[Shell, Callable[[str], str]] = {
    Shell.BASH: "unset {}".format,
    Shell.ZSH: "unset {}".format,
    Shell.FISH: "set -e {}".format,
    Shell.POWERSHELL: "Remove-Item Env:{} -ErrorAction SilentlyContinue".format,
    Shell.CMD: 'set "{}="'.format,
}
