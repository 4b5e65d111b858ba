"""What many checks come to."""

from __future__ import annotations

import pytest

from keeplit.core.check import Check
from keeplit.core.doctor_marks import fail, ok, skipped, warn
from keeplit.core.doctor_verdict import failed, grouped, once, verdict

WELL, ODD, WRONG = ok("home", "Well."), warn("disk", "Odd.", "look"), fail("token", "Wrong.", "mend")


@pytest.mark.parametrize(
    ("found", "expected", "exits"),
    [
        ([WELL], "All is well: 1 check.", False),
        ([WELL, WELL], "All is well: 2 checks.", False),
        ([WELL, ODD], "1 to look at; 1 check is well.", False),
        ([WRONG], "1 thing is wrong; 0 checks are well.", True),
        ([WRONG, WRONG, ODD, WELL], "2 things are wrong, 1 to look at; 1 check is well.", True),
    ],
)
def test_the_first_line_says_it_all(found: list[Check], expected: str, *, exits: bool) -> None:
    """And the command fails exactly when a check does."""
    assert (verdict(found), failed(found)) == (expected, exits)


def test_checks_stand_in_groups() -> None:
    """What is to be read comes first in each; what is in no group is old advice."""
    groups = grouped([WELL, ODD, fail("home", "No.", "x"), skipped("tray", "No screen."), warn("four_k", "Old.", "x")])

    assert [group.title for group in groups] == ["This machine", "keeplit", "Old advice"]
    assert [one.sentence for one in groups[0].told] == ["No.", "Odd."]
    assert [groups[0].count(one.state) for one in (WELL, ODD, WRONG)] == [1, 1, 1]


def test_nothing_is_said_twice() -> None:
    """Advice that comes to what a check says already is left out; it stands where that check is well."""
    advice = warn("advice_legacy", "Upgrade.", "keeplit setup")

    assert once([warn("legacy", "It is.", "x"), advice, WELL]) == (warn("legacy", "It is.", "x"), WELL)
    assert once([ok("legacy", "None."), advice]) == (ok("legacy", "None."), advice)
