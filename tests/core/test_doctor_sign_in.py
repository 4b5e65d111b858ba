"""What the doctor says of the sign-ins in use."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from keeplit.core.check import State
from keeplit.core.clocks import Case
from keeplit.core.doctor_sign_in import CHECKS, SignIns
from keeplit.core.memory import SessionMemory
from keeplit.core.model import Kind, Reading, Session
from tests.core.drawn import ACME, NOON
from tests.core.made import HOUR, MINUTE, facts, seen, token

OK, WARN, FAIL, SKIPPED = State.OK, State.WARN, State.FAIL, State.SKIPPED
SCOPED = replace(ACME, scopes=("sso:account:access",))
OLD = Session("k2", "old", Kind.LEGACY, "https://old.example/start", "us-east-1")
ALIVE = token()


def case(
    session: Session = SCOPED, *, reading: Reading | None = None, left: timedelta | None = HOUR, **more: object
) -> Case:
    """Return a session in use; `more` is what its memory and its token have."""
    refreshable = more.pop("refreshable", True) is True
    registered = NOON - HOUR if more.pop("registration_over", False) else None
    held = None if left is None else token(left, refreshable=refreshable, registered=registered)
    looked = seen(held, session, reading=reading)
    if more.pop("shut", False):
        looked = replace(looked, writable=False)
    return Case(looked, SessionMemory(token="t1", **more), facts(looked), NOON)  # type: ignore[arg-type]  # fields by name


def test_a_fresh_sign_in_is_well() -> None:
    """All that can be known of it is; when it ends is learned later."""
    found = {one.code: one for one in (judge(SignIns((case(),))) for judge in CHECKS)}

    assert {code: one.state for code, one in found.items() if one.state is not OK} == {"sign_in_end": SKIPPED}
    assert found["token"].sentence == "Signed in; the token lives: acme 60 min."
    assert found["asked_often"].sentence.startswith("acme asks when your organisation's limit is over")


def test_without_a_session_in_use_nothing_is_judged() -> None:
    """There is no sign-in to be well."""
    found = {one.code: one for one in (judge(SignIns(())) for judge in CHECKS)}

    assert {(one.state, one.sentence) for one in found.values()} == {(SKIPPED, "No sign-in is in use.")}


@pytest.mark.parametrize(
    ("one", "code", "state", "said"),
    [
        (case(OLD), "legacy", WARN, "old is a legacy profile"),
        (case(OLD), "asked_often", OK, "old asks every 8 h"),
        (case(OLD, refreshable=False), "token", OK, "Signed in"),
        (case(ACME, refreshable=False), "scopes", WARN, "lacks the scope"),
        (case(ACME, left=None), "scopes", WARN, "lacks the scope"),
        (case(ACME), "scopes", OK, "silently"),
        (case(ACME, refreshable=False), "token", OK, "Signed in"),
        (case(ACME, refreshable=False), "asked_often", OK, "every hour"),
        (case(refreshable=False), "token", WARN, "no refresh token"),
        (case(left=None), "token", FAIL, "no sign-in for acme"),
        (case(left=None, reading=Reading.TORN), "token", FAIL, "half written"),
        (case(left=None, reading=Reading.FOREIGN), "token", FAIL, "another start URL"),
        (case(refused="t1"), "token", FAIL, "does not accept"),
        (case(rejected="t1"), "token", FAIL, "does not accept"),
        (case(left=-HOUR), "token", FAIL, "could be without a browser"),
        (case(left=-HOUR, refreshable=False), "token", FAIL, "has ended."),
        (case(left=20 * MINUTE, capped="t1"), "sign_in_end", WARN, "ends in 20 min"),
        (case(capped="t1"), "sign_in_end", OK, "acme in 60 min"),
        (case(signed_in_at=NOON - 8 * HOUR + MINUTE), "sign_in_end", OK, "(estimated)"),
        (case(signed_in_at=NOON - HOUR, length=HOUR + MINUTE), "sign_in_end", WARN, "1 min"),
        (case(left=-HOUR, signed_in_at=NOON - HOUR), "sign_in_end", SKIPPED, "not known"),
        (case(registration_over=True), "registration", WARN, "has ended"),
        (case(shut=True), "token_cache", FAIL, "cannot be written"),
        (case(length=4 * HOUR), "asked_often", WARN, "after 4 h"),
        (case(length=9 * HOUR), "asked_often", OK, "every 9 h 00 min"),
    ],
)
def test_each_thing_is_named(one: Case, code: str, state: State, said: str) -> None:
    """By its own check, with the command that mends it."""
    found = next(check for check in (judge(SignIns((one,))) for judge in CHECKS) if check.code == code)

    assert (found.state, said in found.sentence) == (state, True), found.sentence
    assert bool(found.fix) == (state in {WARN, FAIL})


def test_an_upgrade_names_its_profile() -> None:
    """Without the name setup looks at the profile in use, which may be renewable already, and upgrades nothing."""
    assert CHECKS[0](SignIns((case(OLD),))).fix == "keeplit setup --upgrade --profile=old"


def test_a_broken_registration_is_named_before_an_ended_one() -> None:
    """It makes every login of the AWS CLI fail."""
    seen_ = SignIns((case(registration_over=True),), {ACME.key: "is empty"})
    found = next(one for one in (judge(seen_) for judge in CHECKS) if one.code == "registration")

    assert (found.state, "acme is empty" in found.sentence) == (FAIL, True)


def test_a_token_that_others_read_is_named() -> None:
    """With the file, and what closes it."""
    found = next(one for one in (judge(SignIns((case(),), open_files=("/x.json",))) for judge in CHECKS) if one.fix)

    assert (found.code, found.state, found.fix) == ("token_cache", WARN, "chmod 600 /x.json")
