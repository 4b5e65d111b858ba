"""Labels: one line, cut to fit, and no name can steer what stands beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.labels import (
    FIRST_STRONG_ISOLATE,
    LONGEST,
    LONGEST_TIP,
    POP_ISOLATE,
    label,
    name,
    notice,
    one_line,
    tip,
    units,
)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("work", "work"),
        ("a\nb\tc", "a b c"),
        ("red \x1b[31m alarm", "red [31m alarm"),
        ("turned \u202e round", "turned round"),
        ("half \ud800 sign", "half sign"),
        ("\U0001f469\u200d\U0001f4bb codes", "\U0001f469\u200d\U0001f4bb codes"),
        ("snake_case & co", "snake_case & co"),
    ],
)
def test_a_name_becomes_one_line_of_what_can_be_seen(said: str, shown: str) -> None:
    """What would end a line, colour a terminal or turn the text round is a space; emoji and signs stay."""
    assert one_line(said) == shown


def test_text_from_right_to_left_is_isolated() -> None:
    """What stands beside such a name keeps its place; a name without any is as it was."""
    assert (
        name("\u05e2\u05d1\u05d5\u05d3\u05d4") == f"{FIRST_STRONG_ISOLATE}\u05e2\u05d1\u05d5\u05d3\u05d4{POP_ISOLATE}"
    )
    assert name("work") == "work"


def test_what_fits_stays_as_it_is() -> None:
    """A label of just the right length is not cut."""
    assert label("x" * LONGEST) == "x" * LONGEST
    assert label("   indented") == "   indented"


def test_a_cut_label_says_so() -> None:
    """It ends in dots."""
    assert label("word " * 40).endswith("word…")


def test_a_cut_name_is_still_isolated() -> None:
    """The mark that was opened is closed, so that the rest of the menu is not turned round."""
    cut = label(name("\u05d0" * 200))

    assert cut.count(FIRST_STRONG_ISOLATE) == cut.count(POP_ISOLATE) == 1


@given(st.text(min_size=0, max_size=300))
def test_no_text_is_longer_than_windows_takes(said: str) -> None:
    """Counted as Windows counts: an emoji is two."""
    assert units(tip(name(said))) <= LONGEST_TIP
    assert units(label(said)) <= LONGEST


@given(st.text(min_size=0, max_size=300), st.text(min_size=0, max_size=300))
def test_no_notice_is_longer_than_windows_takes(title: str, text: str) -> None:
    """Nor has it more than one line each."""
    shown = notice(title, text)

    assert units(shown[0]) <= 63
    assert units(shown[1]) <= 255
    assert "\n" not in "".join(shown)
