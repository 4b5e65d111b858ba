"""How a command is told to a terminal that takes a line of text, on a Mac and on Windows. Pure.

Law: no word of a command can be more than a word; one for which that is not sure is left to the person.
"""

import re
import shlex
from collections.abc import Sequence

UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# cmd expands and divides at these even between quotes, or ends the quotes.
READ_BY_CMD = re.compile(r"[%!^&|<>\"]")
LINE_LONGEST = 8000  # cmd takes 8191


def mac_script(command: Sequence[str]) -> str:
    """Return the AppleScript that runs a command in a window of Terminal; empty where that is not sure."""
    if any(UNSEEN.search(word) for word in command):
        return ""
    typed = shlex.join(command).replace("\\", "\\\\").replace('"', '\\"')
    return f'tell application "Terminal"\nactivate\ndo script "{typed}"\nend tell'


def windows_line(command: Sequence[str]) -> str:
    """Return the line that starts a cmd which runs a command and stays; empty where that is not sure.

    cmd takes the outer quotes away, whatever lies between (`cmd /?`).
    """
    if any(UNSEEN.search(word) or READ_BY_CMD.search(word) for word in command):
        return ""
    line = f'cmd /k "{" ".join(map(_quoted, command))}"'
    return line if len(line) <= LINE_LONGEST else ""


def _quoted(word: str) -> str:
    """Return a word without quotes in it as a program of Windows reads it: a backslash before a quote is doubled."""
    if word and not re.search(r"[ \t;,=()@]", word):
        return word
    before = len(word) - len(word.rstrip("\\"))
    return '"' + word + "\\" * before + '"'
