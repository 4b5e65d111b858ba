from __future__ import annotations

from typing import Any

import pytest

from keeplit.core.answers import Answer
from keeplit.core.check import State
from keeplit.core.model_access import Access, judge

MODEL, REGION = "us.anthropic.claude-sonnet-5", "us-east-1"
ALL = {
    "agreementAvailability": {"status": "AVAILABLE"},
    "authorizationStatus": "AUTHORIZED",
    "entitlementAvailability": "AVAILABLE",
    "regionAvailability": "AVAILABLE",
}
FORM = Answer(200, fields={"formData": ""})
DENIED = Answer(403, "AccessDeniedException")
LIST = ("model_region", "model_agreement", "model_entitled", "model_authorized", "use_case_form")


def available(**changes: Any) -> Answer:
    """Return an answer of GetFoundationModelAvailability."""
    return Answer(200, fields={**ALL, **changes})


def states(found: Access) -> dict[str, State]:
    """Return the state of each check."""
    return {one.code: one.state for one in found.states}


def test_where_nothing_stands_in_between_it_may_be_used() -> None:
    """Each question has its own check, and all are well."""
    found = judge(MODEL, REGION, available(), FORM)
    assert (states(found), found.allowed) == (dict.fromkeys(LIST, State.OK), True)


@pytest.mark.parametrize(
    ("changes", "code", "sentence"),
    [
        ({"regionAvailability": "NOT_AVAILABLE"}, "model_region", "is not to be had in us-east-1."),
        ({"agreementAvailability": {"status": "PENDING"}}, "model_agreement", "has not agreed to the terms"),
        ({"entitlementAvailability": "NOT_AVAILABLE"}, "model_entitled", "may not have"),
        ({"authorizationStatus": "NOT_AUTHORIZED"}, "model_authorized", "is not authorized"),
    ],
)
def test_each_thing_that_stands_in_between_is_named(changes: dict[str, Any], code: str, sentence: str) -> None:
    """It fails with a step that mends it, and the rest stays well."""
    found = judge(MODEL, REGION, available(**changes), FORM)
    failed = [one for one in found.states if one.state is State.FAIL]
    assert ([one.code for one in failed], found.allowed) == ([code], False)
    assert sentence in failed[0].sentence
    assert failed[0].fix


def test_what_aws_does_not_say_is_not_known() -> None:
    """A field that is missing or strange is no no."""
    found = judge(MODEL, REGION, available(agreementAvailability="?", authorizationStatus=None), FORM)
    assert (states(found)["model_agreement"], states(found)["model_authorized"]) == (State.SKIPPED, State.SKIPPED)
    assert found.allowed is None


def test_a_denied_question_is_unknown_never_no_access() -> None:
    """A role that may not ask may well be allowed to call."""
    found = judge(MODEL, REGION, DENIED, DENIED)
    assert (states(found), found.allowed) == (
        {"model_availability": State.SKIPPED, "use_case_form": State.SKIPPED},
        None,
    )
    assert all("so it is not known" in one.sentence for one in found.states)


def test_no_network_is_unknown() -> None:
    """The reason is said."""
    found = judge(MODEL, REGION, Answer(failure="network"), FORM)
    assert found.allowed is None
    assert "could not be reached" in found.states[0].sentence


def test_an_account_without_the_form_may_not() -> None:
    """AWS says that there is none by not finding it."""
    found = judge(MODEL, REGION, available(), Answer(404, "ResourceNotFoundException"))
    assert (states(found)["use_case_form"], found.allowed) == (State.FAIL, False)


@pytest.mark.parametrize(
    ("answer", "state", "allowed"),
    [
        (Answer(200), State.OK, True),
        (DENIED, State.FAIL, False),
        (Answer(400, "ValidationException"), State.FAIL, False),
        (Answer(404, "ResourceNotFoundException"), State.FAIL, False),
        (Answer(429, "ThrottlingException"), State.WARN, None),
        (Answer(400, "ServiceQuotaExceededException"), State.WARN, None),
        (Answer(500, "InternalServerException"), State.SKIPPED, None),
    ],
)
def test_the_call_counts_most(answer: Answer, state: State, *, allowed: bool | None) -> None:
    """It is what Claude Code does: what it says stands against all that was asked before."""
    found = judge(MODEL, REGION, DENIED, DENIED, answer)
    assert (found.states[-1].code, found.states[-1].state, found.allowed) == ("model_call", state, allowed)
