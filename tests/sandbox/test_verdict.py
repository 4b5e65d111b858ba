from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from keeplit.sandbox.claude import Second
from keeplit.sandbox.happenings import Happening, What
from keeplit.sandbox.verdict import UNASKED, Verdict, dark, judge, tabs

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NEEDED = {"acme": 2, "beta": 1, "old": 2}


def at(second: float, what: What, session: str = "acme", detail: str = "") -> Happening:
    """Return what happened so many seconds after noon."""
    return Happening(NOON + timedelta(seconds=second), what, session, detail)


def seconds(lit: str) -> tuple[Second, ...]:
    """Return seconds, 1 for a lit one."""
    return tuple(Second(NOON, lit=one == "1", why="" if one == "1" else "ExpiredToken") for one in lit)


ASKED_AND_ANNOUNCED = (
    at(0, What.TAB, detail="asked"),
    at(1, What.SIGNED_IN),
    at(30, What.ANNOUNCED),
    at(50, What.TAB, detail=UNASKED),
    at(52, What.SIGNED_IN),
)


def test_a_good_play_has_no_complaints() -> None:
    """Tabs that were asked for or announced, and work that was always lit."""
    verdict = judge(ASKED_AND_ANNOUNCED, {"work": seconds("111")}, (), NEEDED)
    assert (verdict.complaints, verdict.lit) == ((), True)


def test_each_dark_second_counts() -> None:
    """One dark second is a failure, and the first reason is given."""
    verdict = judge((), {"work": seconds("1101"), "old": seconds("11")}, (), NEEDED)
    assert verdict.complaints == ("work was dark for 1 of 4 s: ExpiredToken.",)
    assert not verdict.lit


def test_work_that_never_began_counts() -> None:
    """A profile without a single second is not a profile that stayed lit."""
    assert dark({"work": ()}) == ["Claude Code never worked on work."]


@pytest.mark.parametrize(
    ("happenings", "complaint"),
    [
        ((at(0, What.TAB), at(5, What.TAB)), "A second tab opened for one sign-in of acme."),
        (
            (at(30, What.ANNOUNCED), at(35, What.TAB, detail=UNASKED)),
            "A tab of acme opened without a notice 20 s before it.",
        ),
        ((at(35, What.TAB, detail=UNASKED),), "A tab of acme opened without a notice 20 s before it."),
        (
            (*ASKED_AND_ANNOUNCED, at(53, What.TAB, detail=UNASKED)),
            "A tab of acme opened without a notice 20 s before it.",
        ),
        (
            (at(0, What.TAB, "beta"), at(1, What.SIGNED_IN, "beta"), at(9, What.TAB, "beta")),
            "2 tabs opened for beta, which needed 1.",
        ),
    ],
)
def test_a_tab_too_many_counts(happenings: tuple[Happening, ...], complaint: str) -> None:
    """A second tab, one without its notice, and one that was not needed."""
    assert complaint in tabs(happenings, NEEDED)


def test_what_broke_the_play_off_is_said_once() -> None:
    """The same complaint, seen at each look, is one."""
    verdict = judge((), {}, ("The daemon ended.", "The daemon ended."), NEEDED)
    assert verdict.complaints == ("The daemon ended.",)


def test_happenings_are_counted_by_kind_and_detail() -> None:
    """The summary's figures."""
    verdict = Verdict({}, ASKED_AND_ANNOUNCED, ())
    assert (verdict.count(What.TAB), verdict.count(What.TAB, UNASKED), verdict.count(What.DARK)) == (2, 1, 0)
