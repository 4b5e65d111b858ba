"""The nouns of the menu: what can be clicked, and what two menus share when only words differ."""

from __future__ import annotations

import pytest

from keeplit.core.tray_entries import LINE, Click, Entry, shape


@pytest.mark.parametrize(
    ("entry", "enabled"),
    [
        (Entry("says something"), False),
        (Entry("does something", Click.RENEW, "acme"), True),
        (Entry("opens something", children=(Entry("inside"),)), True),
    ],
)
def test_an_entry_that_does_nothing_cannot_be_clicked(entry: Entry, *, enabled: bool) -> None:
    """A line of the header is only read."""
    assert entry.enabled is enabled


def test_menus_that_differ_in_words_have_one_shape() -> None:
    """It is 33 minutes where it was 34, and nothing else: an open menu need not be taken away."""
    before = (Entry("in 34 min"), LINE, Entry("More", children=(Entry("a", Click.RENEW, "acme"),)))
    after = (Entry("in 33 min"), LINE, Entry("More!", children=(Entry("b", Click.RENEW, "acme"),)))

    assert shape(before) == shape(after)


@pytest.mark.parametrize(
    "other",
    [
        (Entry("a", Click.RENEW, "globex"),),
        (Entry("a", Click.EXTEND, "acme"),),
        (Entry("a", Click.RENEW, "acme", checked=True),),
        (Entry("a", Click.RENEW, "acme", radio=True),),
        (Entry("a", Click.RENEW, "acme", children=(Entry("b"),)),),
        (Entry("a", Click.RENEW, "acme"), LINE),
        (),
    ],
)
def test_menus_that_do_something_else_have_another_shape(other: tuple[Entry, ...]) -> None:
    """A click on the one must never be taken for one on the other."""
    assert shape((Entry("a", Click.RENEW, "acme"),)) != shape(other)


def test_a_line_is_no_header() -> None:
    """An entry that says something is not taken for a line that separates."""
    assert shape((LINE,)) != shape((Entry("says something"),))
