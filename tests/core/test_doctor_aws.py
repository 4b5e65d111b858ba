"""What the doctor says of AWS's own answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from keeplit.core.check import State
from keeplit.core.deeds import Outcome, Result
from keeplit.core.doctor_aws import CHECKS, Answers
from keeplit.core.model_list import InferenceProfile, Lifecycle, Listing
from keeplit.core.models import parse

OK, WARN, FAIL, SKIPPED = State.OK, State.WARN, State.FAIL, State.SKIPPED
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
OPUS, HAIKU = "us.anthropic.claude-opus-5", "us.anthropic.claude-haiku-4-5-20251001-v1:0"
LISTED = (
    InferenceProfile(OPUS, "Opus", parse(OPUS), ("us-east-1",), lifecycle=Lifecycle()),
    InferenceProfile(HAIKU, "Haiku", parse(HAIKU), ("us-east-1",), lifecycle=Lifecycle(legacy=True)),
)
LIST = Listing("us-east-1", LISTED, timedelta(0))
DONE = Outcome(Result.DONE)
WELL = Answers(
    NOON,
    role=DONE,
    role_fix="keeplit login",
    role_name="ClaudeCode",
    account="111122223333",
    identity=DONE,
    identity_account="111122223333",
    identity_name="ClaudeCode/sam",
    listing=LIST,
    region="us-east-1",
    pins={"env.ANTHROPIC_DEFAULT_OPUS_MODEL": OPUS},
)


def test_good_answers_are_well() -> None:
    """Every check ends well."""
    assert {judge(WELL).state for judge in CHECKS} == {OK}


@pytest.mark.parametrize(
    ("changes", "code", "state", "said"),
    [
        ({"role": None, "why_not": "Nobody is signed in."}, "role_credentials", SKIPPED, "Nobody"),
        ({"role": Outcome(Result.TRANSIENT, "x", "Later.")}, "role_credentials", WARN, "Later."),
        ({"role": Outcome(Result.REJECTED)}, "role_credentials", FAIL, "does not accept the token"),
        ({"role": Outcome(Result.FORBIDDEN)}, "role_credentials", FAIL, "(403)"),
        ({"role": Outcome(Result.REFUSED, "Odd")}, "role_credentials", FAIL, "Odd"),
        ({"identity": None}, "identity", SKIPPED, "no role credentials"),
        ({"identity": None, "role": None}, "identity", SKIPPED, "not asked"),
        ({"identity": Outcome(Result.TRANSIENT, "x", "Later.")}, "identity", WARN, "Later."),
        ({"identity": Outcome(Result.REFUSED, "Odd")}, "identity", FAIL, "Odd"),
        ({"identity_account": "1"}, "identity", FAIL, "in account 1"),
        ({"no_region": True}, "model_list", SKIPPED, "no region"),
        ({"listing": None}, "model_list", SKIPPED, "no role credentials"),
        ({"listing": None, "role": None}, "model_list", SKIPPED, "not asked"),
        ({"listing": replace(LIST, code="denied")}, "model_list", WARN, "says nothing about calling"),
        ({"listing": replace(LIST, code="network", fault="it is down")}, "model_list", FAIL, "it is down."),
        ({"listing": replace(LIST, code="odd.")}, "model_list", FAIL, "odd."),
        ({"listing": replace(LIST, profiles=())}, "model_list", FAIL, "no Claude model"),
        ({"on_bedrock": False}, "model_pins", SKIPPED, "not on Bedrock"),
        ({"pins": {}}, "model_pins", WARN, "No model is pinned"),
        ({"listing": None}, "model_pins", SKIPPED, "cannot be compared"),
        ({"listing": Listing("us-east-1")}, "model_pins", SKIPPED, "cannot be compared"),
        ({"pins": {"model": "us.anthropic.claude-opus-9"}}, "model_pins", FAIL, "model: 'us.anthropic.claude-opus-9'"),
        ({"pins": {"model": HAIKU}}, "model_pins", WARN, "legacy"),
        ({"pins": {"model": HAIKU}, "listing": None, "kept": LIST}, "model_pins", WARN, "legacy"),
        ({"pins": {"model": HAIKU}, "listing": replace(LIST, age=None), "kept": LIST}, "model_pins", WARN, "legacy"),
    ],
)
def test_each_answer_is_named(changes: dict[str, object], code: str, state: State, said: str) -> None:
    """By its own check, with what mends it."""
    found = next(one for one in (judge(replace(WELL, **changes)) for judge in CHECKS) if one.code == code)  # type: ignore[arg-type]  # fields by name

    assert (found.state, said in found.sentence, bool(found.fix)) == (state, True, state in {WARN, FAIL})


@pytest.mark.parametrize(
    ("key", "pinned", "fix"),
    [
        ("model", "us.anthropic.claude-opus-9", f"keeplit use --model {OPUS}"),
        ("env.ANTHROPIC_DEFAULT_HAIKU_MODEL", "us.anthropic.claude-haiku-3-v1:0", f"keeplit use --haiku {HAIKU}"),
        ("model", "acme.odd-one", "keeplit models --region us-east-1"),
    ],
)
def test_a_wrong_pin_gives_way_to_the_nearest(key: str, pinned: str, fix: str) -> None:
    """The fix is a command that can be typed; where nothing is near, the list is shown."""
    assert CHECKS[-1](replace(WELL, pins={key: pinned})).fix == fix


@pytest.mark.parametrize(
    ("code", "fix"), [("ExpiredToken", "keeplit login"), ("Odd", "try again"), ("AccessDeniedException", "try again")]
)
def test_a_refusal_that_is_known_has_its_own_fix(code: str, fix: str) -> None:
    """By the decoder; what would send back to the doctor is left out."""
    assert CHECKS[1](replace(WELL, identity=Outcome(Result.REFUSED, code))).fix.startswith(fix)
