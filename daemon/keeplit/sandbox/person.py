"""The pretend person: what they do with a sign-in page that opens, and the note of every tab that did."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

Deed = Literal["approve", "deny", "close"]


@dataclass(frozen=True, slots=True)
class Person:
    """What the person does with a page, how many seconds after it opened, and as whom they sign in."""

    does: Deed = "approve"
    after: float = 0.0
    user: str = "sam"

    def write(self, path: Path) -> None:
        """Replace the person's file; the next tab that opens obeys it."""
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_text(json.dumps(asdict(self)), encoding="utf-8")
        fresh.replace(path)


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab that was opened: when, on which kind of page (``device`` or ``pkce``), for which start URL and client."""

    at: datetime
    kind: str
    start_url: str
    client: str


def person_of(path: Path) -> Person:
    """Read the person's file; without one it is somebody who approves at once."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Person()
    does: Deed | None = next((one for one in get_args(Deed) if one == told["does"]), None)
    if does is None:
        message = f"no such deed: {told['does']}"
        raise ValueError(message)
    return Person(does, float(told["after"]), str(told["user"]))


def tabs_file(path: Path) -> Path:
    """Return where the tabs are noted: beside the person's file."""
    return path.with_name(f"{path.name}.tabs")


def note_tab(path: Path, tab: Tab) -> None:
    """Append one tab in a single write, so that two browsers at once do not mix their lines."""
    line = json.dumps({**asdict(tab), "at": tab.at.isoformat()}) + "\n"
    descriptor = os.open(tabs_file(path), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def tabs_of(path: Path) -> tuple[Tab, ...]:
    """Return every tab noted beside the person's file, oldest first."""
    try:
        lines = tabs_file(path).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    told = [json.loads(line) for line in lines]
    return tuple(Tab(datetime.fromisoformat(one["at"]), one["kind"], one["start_url"], one["client"]) for one in told)
