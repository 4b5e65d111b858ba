"""Several findings come to one check, the worst of them first."""

from __future__ import annotations

from keeplit.core.check import Check, State
from keeplit.core.doctor_marks import fail, ok, skipped, together, warn


def test_nothing_found_is_well() -> None:
    """Then the sentence of a good day is said."""
    assert together("disk", "All is well.", []) == ok("disk", "All is well.")


def test_the_worst_decides_and_is_said_alone() -> None:
    """What is only to be looked at waits until what is wrong is mended; equal sentences are said once."""
    found = [warn("", "Odd.", "look"), fail("", "One.", "mend"), fail("", "Two.", "mend"), skipped("", "Not seen.")]

    assert together("x", "Well.", found) == Check("x", State.FAIL, "One. Two.", "mend")


def test_without_a_fix_none_is_said() -> None:
    """A check that was not made may have none."""
    assert together("x", "Well.", [skipped("", "Not seen.")]) == Check("x", State.SKIPPED, "Not seen.")
