"""A `keeplit login` that the pretend person typed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class LogIn:
    """A ``keeplit login`` that runs or ended, and what it printed last."""

    session: str
    process: subprocess.Popen[bytes]
    said: str = ""

    def listen(self, open_page: Callable[[str], None] | None) -> None:
        """Read what it prints to its end; hand the address of its page on, once."""
        for line in self.process.stdout or ():
            self.said = line.decode("utf-8", "replace").strip()
            address = next((word for word in self.said.split() if word.startswith("http://127.0.0.1:")), "")
            if address and open_page is not None:
                open_page(address)
                open_page = None

    @property
    def failed(self) -> bool:
        """Tell whether it ended without a sign-in."""
        return self.process.poll() not in {None, 0}
