"""The pretend browser: ``python -m keeplit.sandbox.pretend_browser URL``, for the BROWSER variable.

It loads the page, notes the tab, and returns at once, as a browser that is already running does; the person
behind it (`keeplit.sandbox.person`, the file that KEEPLIT_SANDBOX_PERSON names) decides in a process of its own,
after their reaction time. It talks to 127.0.0.1 and to nobody else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from threading import Event
from urllib.parse import SplitResult, urlencode, urlsplit

from keeplit.core import own_process
from keeplit.core.own_process import Process
from keeplit.sandbox.clockwork import wall
from keeplit.sandbox.person import Tab, note_tab, person_of

PERSON_VARIABLE = "KEEPLIT_SANDBOX_PERSON"
_DECIDE = "--decide"


def main(arguments: Sequence[str] | None = None) -> int:
    """Open a URL; or, in the process that stands for the person, decide on what was opened."""
    arguments = sys.argv[1:] if arguments is None else arguments
    person_file = Path(os.environ[PERSON_VARIABLE])
    if list(arguments[:1]) == [_DECIDE]:
        return _decide(person_file, int(sys.stdin.readline()), sys.stdin.readline().strip())
    target = urlsplit(arguments[0])
    if target.hostname not in {"127.0.0.1", "localhost"} or target.port is None:
        sys.stderr.write("The pretend browser opens nothing but pages of the sandbox.\n")
        return 1
    shown = _ask("GET", target)
    if shown is None:
        return 1
    note_tab(person_file, Tab(wall(), shown["kind"], shown["start_url"], shown["client"]))
    person = subprocess.Popen(
        [*own_process.command(Process.BROWSER, sys.executable, frozen=getattr(sys, "frozen", False)), _DECIDE],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    if person.stdin is not None:
        # Through a pipe, since everybody can read a command line.
        person.stdin.write(f"{target.port}\n{shown['ticket']}\n".encode())
        person.stdin.close()
    return 0


def _decide(person_file: Path, port: int, ticket: str) -> int:
    person = person_of(person_file)
    if person.does == "close":
        return 0
    Event().wait(person.after)
    answer = "yes" if person.does == "approve" else "no"
    query = urlencode({"ticket": ticket, "approve": answer, "user": person.user})
    try:
        response = _fetch("POST", port, f"/decide?{query}")
        back = urlsplit(response.getheader("Location") or "")
        if back.hostname == "127.0.0.1" and back.port is not None:
            _fetch("GET", back.port, f"{back.path}?{back.query}")
    except (OSError, HTTPException):
        return 1  # whoever asked has gone away
    return 0


def _ask(method: str, target: SplitResult) -> dict[str, str] | None:
    try:
        response = _fetch(method, target.port or 80, f"{target.path}?{target.query}")
        shown: dict[str, str] = json.loads(response.read())
    except (OSError, HTTPException, ValueError):
        sys.stderr.write("The page did not load.\n")
        return None
    return shown


def _fetch(method: str, port: int, path: str) -> HTTPResponse:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers={"Accept": "application/json"})
    return connection.getresponse()


if __name__ == "__main__":
    sys.exit(main())
