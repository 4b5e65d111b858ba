"""The order of the rules."""

from __future__ import annotations

from datetime import timedelta

from keeplit.core.rules import RULES, change_of_state_is_shown
from keeplit.core.sign_in_rules import over_session_is_signed_in
from keeplit.core.silent_rules import due_token_is_renewed
from keeplit.core.steps import Wait
from keeplit.core.telling_rules import end_of_a_sign_in_is_told
from tests.core.drawn import NOON
from tests.core.made import HOUR, case, token


def test_a_due_renewal_stands_before_all_that_waits_for_a_person() -> None:
    """And an unasked browser last of all that acts."""
    assert RULES.index(due_token_is_renewed) < RULES.index(end_of_a_sign_in_is_told)
    assert RULES[-2:] == (over_session_is_signed_in, change_of_state_is_shown)


def test_the_death_of_a_token_is_shown_when_it_comes() -> None:
    """The state changes then, whatever else is due."""
    assert change_of_state_is_shown(case(token())) == Wait(NOON + HOUR, "expiry")
    assert change_of_state_is_shown(case(token(timedelta(0)))) is None
    assert change_of_state_is_shown(case()) is None
