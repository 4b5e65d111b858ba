"""What the journal keeps of an edit, and what it never shows."""

from __future__ import annotations

from dataclasses import replace

from keeplit.core.journal_entry import Changed, Entry, Phase, Place
from tests.core.drawn import NOON

ENTRY = Entry("e1", "g1", NOON, "use", "settings.json", (Changed("env.TOKEN", '"old"', '"new"', Place()),), "a", "b")


def test_an_edit_is_done_once_its_end_was_written_down() -> None:
    """A kill between the two leaves it begun."""
    assert (ENTRY.done, replace(ENTRY, phase=Phase.DONE).done) == (False, True)


def test_a_reset_that_leaves_no_file_lets_go() -> None:
    """What stands there later is a person's; an undo, and a reset of a file that stays, end nothing."""
    gone = replace(ENTRY, command="reset", digest_after="")
    assert [one.lets_go for one in (gone, replace(gone, command="undo"), replace(gone, digest_after="b"))] == [
        True,
        False,
        False,
    ]


def test_no_entry_shows_what_a_value_was_or_is() -> None:
    """It may be a secret, and what is shown may be logged."""
    assert ("old" in repr(ENTRY), "new" in repr(ENTRY), "env.TOKEN" in repr(ENTRY)) == (False, False, True)
