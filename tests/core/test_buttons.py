"""Every button that a notice can have asks for something."""

from __future__ import annotations

import pytest

from keeplit.core.buttons import ASKED, KEEP, LATER, RESTORE, SHOW
from keeplit.core.deeds import Action, Do, Notice
from keeplit.core.model import Verb
from keeplit.core.words import notice_text
from tests.core.drawn import NOON


@pytest.mark.parametrize("notice", Notice)
def test_every_button_of_every_notice_is_known(notice: Notice) -> None:
    """One that nobody knows would do nothing."""
    action = Action(Do.NOTIFY, "a" * 40, "cause", "Because.", notice=notice, about=NOON)
    _, _, buttons = notice_text(action, "acme", NOON)

    assert set(buttons) <= {*ASKED, RESTORE, KEEP, SHOW}


def test_in_15_min_is_said_as_it_is_meant() -> None:
    """The wish carries the length that the button names."""
    assert ASKED["In 15 min"] == (Verb.LATER, LATER)
    assert f"In {LATER.total_seconds() / 60:.0f} min" in ASKED
