"""A person at a terminal of their own: a real pseudo-terminal, what stands on its screen, and how fast it answers."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import pexpect
import pyte

from tests.end_to_end.machine import KEEPLIT, Machine

WITHIN = 25.0
COLUMNS = 120
DOWN, ENTER, CTRL_C = "\x1b[B", "\r", "\x03"
WITHOUT_CLI = (
    sys.executable,
    "-c",
    (
        "from keeplit.adapters import login; login._USUAL_PLACES = ()\n"
        "import sys; from keeplit.ui.fast import main; sys.exit(main())"
    ),
)
"""keeplit on a machine whose usual places hold no AWS CLI."""


class Recorded:
    """What a terminal was sent, in one piece."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        return


@dataclass
class Terminal:
    """A keeplit command in a terminal."""

    child: Any
    lines: int
    seen: Recorded = field(default_factory=Recorded)
    waits: list[float] = field(default_factory=list)

    def sees(self, text: str) -> None:
        """Wait until a text is shown."""
        try:
            self.child.expect(re.escape(text), timeout=WITHIN)
        except (pexpect.TIMEOUT, pexpect.EOF):
            raise AssertionError(f"{text!r} was not shown:\n{self.plain}") from None

    def answers(self, question: str, *keys: str) -> None:
        """Wait for a question, then press keys, and note how soon something was shown."""
        self.sees(question)
        for key in keys:
            before, began = len(self.seen.text), monotonic()
            self.child.send(key)
            while len(self.seen.text) == before and monotonic() - began < WITHIN:
                if self.child.expect([".", pexpect.EOF, pexpect.TIMEOUT], timeout=0.05) == 1:
                    break
            self.waits.append(monotonic() - began)

    def becomes(self, what: str, look: Callable[[str], bool]) -> None:
        """Wait until the screen, its lines in one text, is as it is to be."""
        began = monotonic()
        while not look("\n".join(self.screen)):
            assert monotonic() - began < WITHIN, f"it did not become so: {what}\n" + "\n".join(self.screen)
            self.child.expect([".", pexpect.EOF, pexpect.TIMEOUT], timeout=0.05)

    def ends(self) -> int:
        """Wait for the command's end and return its exit code."""
        self.child.expect(pexpect.EOF, timeout=WITHIN)
        self.child.close()
        return int(self.child.exitstatus if self.child.exitstatus is not None else -self.child.signalstatus)

    @property
    def plain(self) -> str:
        """Return all that was shown, without what steers the terminal."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()=>78].?|\r", "", self.seen.text)

    @property
    def screen(self) -> list[str]:
        """Return what stands on the screen now."""
        screen = pyte.Screen(COLUMNS, self.lines)
        pyte.Stream(screen).feed(self.seen.text)
        return [line.rstrip() for line in screen.display]


@contextmanager
def terminal(
    desk: Machine, *arguments: str, lines: int = 40, keeplit: Sequence[str] = KEEPLIT, **environ: str
) -> Iterator[Terminal]:
    """Give a keeplit command in a terminal of so many lines; it is ended with the block."""
    asked = {"TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1", **environ}
    command, *rest = [*keeplit, *arguments]
    child = pexpect.spawn(
        command,
        rest,
        env={**desk.environ, **asked},
        cwd=str(desk.home),
        encoding="utf-8",
        dimensions=(lines, COLUMNS),
        timeout=WITHIN,
    )
    found = Terminal(child, lines)
    child.logfile_read, child.delaybeforesend = found.seen, None  # whoever reads is there: the question is shown
    try:
        yield found
    finally:
        child.close(force=True)
