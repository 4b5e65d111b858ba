"""What to do for one session: the ordered rules. The first `Action` decides; a `Wait` is a time to look again.

Law: a due refresh stands before everything that waits for a person, so that no sign-in, pause or notice can hold it up;
an unasked browser stands last.
"""

from collections.abc import Callable

from keeplit.core.clocks import Case
from keeplit.core.sign_in_rules import asked_logout_is_done, asked_sign_in_is_started, over_session_is_signed_in
from keeplit.core.silent_rules import (
    asked_renewal_is_done,
    due_token_is_renewed,
    torn_file_is_read_again,
    work_is_bridged_over_the_end,
)
from keeplit.core.steps import Step, Wait
from keeplit.core.telling_rules import (
    coming_end_is_warned_of,
    end_of_a_sign_in_is_told,
    page_of_a_sign_in_is_told,
    person_is_told_to_sign_in,
)


def change_of_state_is_shown(case: Case) -> Step:
    """Look again when the token dies, since that changes what is shown."""
    token = case.token
    return Wait(token.expires_at, "expiry") if token is not None and token.expires_at > case.now else None


RULES: tuple[Callable[[Case], Step], ...] = (
    torn_file_is_read_again,
    asked_renewal_is_done,
    due_token_is_renewed,
    work_is_bridged_over_the_end,
    asked_logout_is_done,
    asked_sign_in_is_started,
    page_of_a_sign_in_is_told,
    end_of_a_sign_in_is_told,
    coming_end_is_warned_of,
    person_is_told_to_sign_in,
    over_session_is_signed_in,
    change_of_state_is_shown,
)
