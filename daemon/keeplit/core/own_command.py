"""keeplit's own commands in Claude Code's settings: how they are quoted, and how they are known again. Pure.

Law: a command holds an absolute path and fixed words, never a profile's name, so that nothing can be put into it and a
switch rewrites nothing. A command is ours when it does nothing but run keeplit, whatever the path and the quotes; one
that does more (a pipe, a variable, a second command) is a person's own.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HELPERS: Mapping[str, tuple[str, ...]] = {
    "awsAuthRefresh": ("login", "--for-claude"),
    "awsCredentialExport": ("credentials",),
}
PROGRAMS = frozenset({"keeplit", "keeplitw"})
FOR_WINDOWS = re.compile(r'["^]*([A-Za-z]:|\\\\)')
PLAIN = re.compile(r"[A-Za-z0-9_@+:,./-]+")
NEVER_IN_A_PATH = re.compile(r'["\x00-\x1f]')  # on Windows
SH_PIECES = re.compile(
    r"'(?P<quoted>[^']*)'|\"(?P<double>(?:[^\"\\$`]|\\.)*)\"|\\(?P<escaped>[^\n])"
    r"|(?P<plain>[^\s'\"\\|&;<>()$`*?\[{#]+)|(?P<space>[ \t]+)",
    re.DOTALL,
)
CMD_PIECES = re.compile(r'"(?P<quoted>[^"\n]*)"|\^(?P<escaped>[^\n])|(?P<plain>[^\s"^|&<>()]+)|(?P<space>[ \t]+)')
IN_DOUBLE_QUOTES = re.compile(r"\\([\\\"$`])")
EXPANSION = re.compile(r"%[^%]+%")


@dataclass(frozen=True, slots=True)
class OwnCommand:
    """A command that runs keeplit: the program as it is named there, and its arguments."""

    program: str
    arguments: tuple[str, ...]


def commands(program: str, *, windows: bool) -> Mapping[str, str]:
    """Return each helper's command for the settings. Raises ValueError for a path that cannot be written there."""
    return {key: spelled(program, arguments, windows=windows) for key, arguments in HELPERS.items()}


def spelled(program: str, arguments: Sequence[str], *, windows: bool) -> str:
    """Return a command for sh, or for ``cmd /d /s /c``. Raises ValueError for a path that cannot be written there.

    On Windows the quotes always stand: inside them an ordinary path means the same to the bash that comes with git.
    """
    program.encode()  # JSON takes no half characters, which are what bytes that are not UTF-8 are read as
    word = _for_cmd(program) if windows else _for_sh(program)
    return " ".join([word, *arguments])


def _for_sh(program: str) -> str:
    if "\0" in program:
        raise ValueError("a path holds no null character")
    return program if PLAIN.fullmatch(program) else "'" + program.replace("'", "'\"'\"'") + "'"


def _for_cmd(program: str) -> str:
    if NEVER_IN_A_PATH.search(program):
        raise ValueError("a path on Windows holds neither quotes nor control characters")
    # cmd expands %NAME% inside quotes too. Outside them a caret becomes part of the name, which is then nobody's.
    return "^%".join(f'"{part}"' if part else "" for part in program.split("%"))


def recognised(command: str) -> OwnCommand | None:
    """Return the parts of a command that does nothing but run keeplit; None for every other one."""
    windows = FOR_WINDOWS.match(command.strip()) is not None
    words = _words(command.strip(), windows=windows)
    if not words:
        return None
    name = re.split(r"[/\\]" if windows else "/", words[0])[-1].lower()
    if name.removesuffix(".exe") not in PROGRAMS:
        return None
    return OwnCommand(words[0], tuple(words[1:]))


def is_own(key: str, command: str) -> bool:
    """Whether a command is exactly the helper that belongs to `key`, whatever its path and quotes."""
    found = recognised(command)
    return found is not None and found.arguments == HELPERS.get(key)


def _words(command: str, *, windows: bool) -> list[str]:
    """Return the words of one simple command; none where it is more than that, or its quotes do not close."""
    if windows and EXPANSION.search(re.sub(r"\^%", "", command)):
        return []
    words: list[str] = []
    at, inside = 0, False
    pieces = CMD_PIECES if windows else SH_PIECES
    while at < len(command):
        found = pieces.match(command, at)
        if found is None:
            return []
        at = found.end()
        text = found[found.lastgroup or 0]
        if found.lastgroup == "space":
            inside = False
            continue
        if found.lastgroup == "double":
            text = IN_DOUBLE_QUOTES.sub(r"\1", text)
        if inside:
            words[-1] += text
        else:
            words.append(text)
        inside = True
    return words
