"""The pretend person's file and the notes of their tabs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from keeplit.sandbox.person import Person, Tab, note_tab, person_of, tabs_of


def test_person_is_read_as_written(tmp_path: Path) -> None:
    """The last one written counts; without a file it is somebody who approves at once."""
    file = tmp_path / "person.json"
    seen = [person_of(file)]
    for person in (Person("deny", 1.5, "kim"), Person("close")):
        person.write(file)
        seen.append(person_of(file))
    assert seen == [Person("approve", 0.0, "sam"), Person("deny", 1.5, "kim"), Person("close")]


def test_unknown_deed(tmp_path: Path) -> None:
    """A file that says something else is an error, not an approval."""
    file = tmp_path / "person.json"
    file.write_text('{"does": "shrug", "after": 0, "user": "sam"}')
    with pytest.raises(ValueError, match="no such deed: shrug"):
        person_of(file)


def test_tabs_are_noted_in_order(tmp_path: Path) -> None:
    """Each tab that opened is found again."""
    file = tmp_path / "person.json"
    tabs = tuple(
        Tab(datetime(2026, 3, 2, 12, minute, tzinfo=UTC), "device", "https://a.example/start", "test")
        for minute in (0, 1)
    )
    before = tabs_of(file)
    for tab in tabs:
        note_tab(file, tab)
    assert (before, tabs_of(file)) == ((), tabs)
