r"""A notice by the terminal itself, which hands it to the desktop that it is on: also over SSH, with nothing installed.

Sources: OSC 9 (iTerm2's "post a notification") and OSC 777;notify (rxvt's, and VTE's). Law: nothing but a terminal is
written to, and no character of a notice can end the sequence or begin another one.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import TextIO

ESCAPE, BELL = "\x1b", "\x07"
LONGEST = 240
NAME = "keeplit"
# Where both are known a notice would be shown twice.
KNOWS_777 = ("foot", "ghostty", "konsole", "rxvt", "vte", "wezterm")
KNOWS_9 = ("iterm", "kitty", "warp", "windows-terminal")


class Told:
    """The notices that one terminal was told: each once, and none that was there before."""

    def __init__(self, out: TextIO, environ: Mapping[str, str]) -> None:
        """Tell nothing yet."""
        self._out = out
        self._environ = environ
        self._known: set[str] | None = None

    def tell(self, notices: Iterable[tuple[str, str, str]]) -> None:
        """Tell what is new of `notices`: id, title and text of each; what is there at first, the screen shows."""
        found = tuple(notices)
        fresh = [] if self._known is None else [one for one in found if one[0] not in self._known]
        self._known = {one[0] for one in found} | (self._known or set())
        if fresh and is_terminal(self._out):
            self._out.write("".join(sequence(title, text, self._environ) for _, title, text in fresh))
            self._out.flush()


def is_terminal(out: TextIO) -> bool:
    """Whether a person looks at it."""
    return out.isatty()


def sequence(title: str, text: str, environ: Mapping[str, str]) -> str:
    """Return what makes the terminal of `environ` show a notice; one that is not known gets both spellings."""
    said, more = plain(title), plain(text)
    by_9 = f"{ESCAPE}]9;{NAME}: {said}. {more}{BELL}"
    by_777 = f"{ESCAPE}]777;notify;{said.replace(';', ',')};{more}{BELL}"
    named = " ".join(environ.get(name, "") for name in ("TERM", "TERM_PROGRAM", "LC_TERMINAL")).lower()
    named += " vte" if environ.get("VTE_VERSION") else ""
    named += " windows-terminal" if environ.get("WT_SESSION") else ""
    if any(known in named for known in KNOWS_777):
        found = by_777
    elif any(known in named for known in KNOWS_9):
        found = by_9
    else:
        found = by_9 + by_777
    return passed_on(found) if environ.get("TMUX") else found


def passed_on(found: str) -> str:
    """Return a sequence as tmux hands it on to the terminal that it is in, where it is allowed to."""
    return f"{ESCAPE}Ptmux;{found.replace(ESCAPE, ESCAPE * 2)}{ESCAPE}\\"


def plain(text: str) -> str:
    """Return a text without control and format characters, in one line of moderate length."""
    kept = "".join(" " if unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else one for one in text)
    return " ".join(kept.split())[:LONGEST]
