"""What a rule can say, and why a person has to sign in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keeplit.core.clocks import Case
from keeplit.core.deeds import Do, Notice
from keeplit.core.memory import Asked, SessionMemory
from keeplit.core.model import Reading, Verb
from keeplit.core.steps import act, as_asked, tell, why
from tests.core.drawn import ACME, NOON
from tests.core.made import case, token


def test_an_action_carries_what_it_was_decided_on() -> None:
    """Its session and its token, by digest; none where there is no token."""
    assert (act(case(token()), Do.REFRESH, "due", "…").session, act(case(), Do.REFRESH, "due", "…").token) == (
        ACME.key,
        "",
    )
    assert act(case(token()), Do.REFRESH, "due", "…").token == "t1"


def test_a_request_carries_its_wish() -> None:
    """So that the wish gets its answer, and is not met after its end."""
    action = as_asked(case(token()), Do.SIGN_IN, Asked(Verb.SIGN_IN, "w1", NOON), "…")
    assert (action.asked, action.wish, action.token, action.not_after) == (True, "w1", "t1", NOON)


def test_a_notice_carries_its_cause() -> None:
    """By which it is told once."""
    action = tell(case(token()), Notice.EXPIRING, "expiring:1", "…", NOON)
    assert (action.do, action.reason, action.notice, action.about) == (Do.NOTIFY, "expiring:1", Notice.EXPIRING, NOON)


@pytest.mark.parametrize(
    ("case", "code"),
    [
        (case(reading=Reading.TORN), "unreadable"),
        (case(token(), SessionMemory("t1", refused="t1", rejected="t1")), "over"),
        (case(token(), SessionMemory("t1", rejected="t1")), "rejected"),
        (case(token(), SessionMemory("t1", dead_registration="t1")), "registration_dead"),
        (case(token()), "ends_soon"),
        (case(token(timedelta(0))), "over"),
        (case(), "signed_out"),
    ],
)
def test_a_person_is_told_the_true_reason(case: Case, code: str) -> None:
    """The most certain one first, each with a sentence."""
    said, sentence = why(case)
    assert said == code
    assert sentence.endswith(".")
