from __future__ import annotations

import json
from typing import Any

import pytest

from keeplit.core.check import State
from keeplit.core.iam_check import STANDS_FOR, Subject, judge, subject
from keeplit.core.iam_document import read
from keeplit.core.iam_policy import Level, Limits, Wanted, policy, target

BASE = "anthropic.claude-sonnet-4-6"
SONNET = Subject(f"us.{BASE}", BASE, "us-east-1", "111122223333", ("us-east-1", "us-east-2"))
PROFILE, MODEL = "arn:aws:bedrock:*:*:inference-profile/*", "arn:aws:bedrock:*::foundation-model/anthropic.*"
CALLS = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
OK = {"call_profile": "ok", "run_in_regions": "ok", "see_profiles": "ok", "conditions": "ok", "too_broad": "ok"}


def states(document: Any, what: Subject = SONNET) -> dict[str, str]:
    """Return the states of all checks by their code."""
    return {check.code: str(check.state) for check in judge(read(json.dumps(document)), what)}


def allowing(*statements: tuple[Any, Any], **more: Any) -> dict[str, Any]:
    """Return a document that allows actions on resources."""
    return {"Statement": [{"Effect": "Allow", "Action": act, "Resource": on, **more} for act, on in statements]}


def test_our_own_policies_lack_nothing_that_they_promise() -> None:
    """The standard policy passes whole; the others lack the list alone."""
    made = target(f"us.{BASE}", BASE, regions=("us-east-1",), account="111122223333", runs_in=SONNET.runs_in)
    assert states(policy(Wanted())) == OK
    assert states(policy(Wanted(Level.STANDARD, (made,), marketplace=True))) == OK
    assert states(policy(Wanted(Level.MINIMUM))) == {**OK, "see_profiles": "warn"}
    assert states(policy(Wanted(Level.RESTRICTED, (made,)))) == {**OK, "see_profiles": "warn"}
    assert states(policy(Wanted(limits=Limits(tls_only=True)))) == OK


@pytest.mark.parametrize(
    ("document", "changed"),
    [
        (allowing(("s3:GetObject", "*")), {"call_profile": "fail", "run_in_regions": "fail", "too_broad": "warn"}),
        (allowing((CALLS, MODEL)), {"call_profile": "fail"}),
        (allowing((CALLS, PROFILE)), {"run_in_regions": "fail"}),
        (allowing((CALLS, [PROFILE, MODEL.replace("*", "us-east-1", 1)])), {"run_in_regions": "fail"}),
        (allowing((CALLS[:1], [PROFILE, MODEL])), {"call_profile": "fail", "run_in_regions": "fail"}),
        (allowing(("bedrock:*", "*")), {"see_profiles": "ok", "too_broad": "warn"}),
        (allowing(("*", "*")), {"see_profiles": "ok", "too_broad": "warn"}),
        (allowing((CALLS, "*")), {"too_broad": "warn"}),
        (
            allowing((CALLS, [PROFILE, MODEL]), Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}),
            {"conditions": "fail"},
        ),
        (
            allowing((CALLS, [PROFILE, MODEL]), Condition={"StringEquals": {"aws:RequestedRegion": ["a", "b"]}}),
            {},
        ),
        (allowing((CALLS, [PROFILE, MODEL]), Condition={"StringEquals": "broken"}), {}),
    ],
)
def test_what_is_missing_and_what_is_too_much_is_named(document: Any, changed: dict[str, str]) -> None:
    """Each mistake of older guides fails or warns by its own code."""
    assert states(document) == {**OK, "see_profiles": "warn", **changed}


def test_a_deny_under_conditions_is_named() -> None:
    """Whether a conditional Deny holds is not known here; that it is there is said, if it speaks of these calls."""
    deny = {"Effect": "Deny", "Action": "bedrock:*", "Resource": "*"}
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "us-east-2"]}}
    ours = policy(Wanted())["Statement"]
    assert isinstance(ours, list)
    document = {"Statement": [*ours, {**deny, "Condition": elsewhere}]}
    assert states(document) == {**OK, "conditions": "warn"}
    assert "aws:requestedregion" in judge(read(json.dumps(document)), SONNET)[3].sentence
    other = {"Statement": [*ours, {**deny, "Action": "s3:*", "Condition": elsewhere}]}
    assert states(other) == OK


def test_sentences_name_what_matters() -> None:
    """The forgotten region, the untried condition and the broad action stand in the sentences."""
    narrow = judge(read(json.dumps(allowing((CALLS, [PROFILE, MODEL.replace("*", "us-east-1", 1)])))), SONNET)
    assert "us-east-2" in narrow[1].sentence
    limited = judge(read(json.dumps(policy(Wanted(limits=Limits(tls_only=True))))), SONNET)
    assert "aws:securetransport" in limited[3].sentence
    everywhere = Subject(f"global.{BASE}", BASE, "us-east-1", everywhere=True)
    forgotten = allowing((CALLS, [PROFILE, MODEL.replace("*", "us-*", 1)]))
    assert "every region (global)" in judge(read(json.dumps(forgotten)), everywhere)[1].sentence
    assert all(check.fix for check in narrow if check.state is not State.OK)


def test_a_subject_is_tried_by_its_arns() -> None:
    """A profile of the account's own stands for itself; where it may run is guessed near its region if not known."""
    own = "arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/a1"
    assert Subject(own, BASE, "eu-west-1").arn == own
    assert SONNET.arn == f"arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.{BASE}"
    assert [arn.split(":")[3] for arn in Subject(own, BASE, "eu-west-1").models] == ["eu-west-1", "eu-north-1"]
    assert [arn.split(":")[3] for arn in Subject(own, BASE, "sa-east-1").models] == ["sa-east-1", "us-east-2"]
    assert subject(STANDS_FOR, "eu-west-1").profile == f"eu.{STANDS_FOR}"
    assert subject(STANDS_FOR, "sa-east-1").profile == f"global.{STANDS_FOR}"
