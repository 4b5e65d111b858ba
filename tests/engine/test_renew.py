from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest

from keeplit.adapters import clock, role_cache
from keeplit.adapters.identity_center import IdentityCenter
from keeplit.core.deeds import Result
from keeplit.core.model import Kind, Reading, Role, Seen, Session
from keeplit.engine import renew
from keeplit.engine.living import prepare
from keeplit.engine.turn import turn
from keeplit.engine.world import RealWorld
from keeplit.sandbox.clients import ACME
from keeplit.sandbox.faults import Fault
from keeplit.sandbox.faults import Kind as FaultKind
from tests.engine.lit_laptop import Laptop, laptop

ROLES = (Role("work", "111122223333", "ClaudeCode"), Role("play", "444455556666", "Administrator"))


@pytest.fixture
def lit(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop on a sandbox that is signed in."""
    with laptop(own_home) as mine:
        mine.sign_in(timedelta(minutes=5))
        yield mine


def acme(lit: Laptop) -> Session:
    """Return the session acme."""
    return Session(lit.token_file.stem, "acme", Kind.SSO_SESSION, ACME, "us-east-1")


def digest(lit: Laptop) -> str:
    """Return the digest of the token in the file."""
    return sha256(lit.token["accessToken"].encode()).hexdigest()[:32]


def seen(lit: Laptop, *roles: Role) -> Seen:
    """Return the session as it is seen, with roles in use."""
    return Seen(acme(lit), Reading.PRESENT, None, roles)


def test_a_token_is_renewed_once(lit: Laptop) -> None:
    """The token that was decided on is renewed; asked again for the same one, nothing is done."""
    before = digest(lit)
    assert renew.refresh(lit.paths, lit.environ, acme(lit), before).result is Result.DONE
    assert digest(lit) != before
    assert renew.refresh(lit.paths, lit.environ, acme(lit), before).result is Result.STALE
    assert lit.calls("CreateToken") == ["200"]


def test_how_far_the_clocks_are_apart_is_told(lit: Laptop) -> None:
    """By a renewal and by a bridge, good or refused; where nothing was asked nothing is known."""
    lit.sandbox.faults.skew = timedelta(minutes=-7)
    told = [
        renew.bridge(lit.paths, lit.environ, seen(lit, *ROLES), digest(lit)),
        renew.refresh(lit.paths, lit.environ, acme(lit), digest(lit)),
    ]
    lit.sandbox.faults.inject("CreateToken", Fault("access_denied"))
    told.append(renew.refresh(lit.paths, lit.environ, acme(lit), digest(lit)))
    assert [round((one.skew or timedelta(0)) / timedelta(minutes=1)) for one in told] == [-7, -7, -7]
    assert renew.refresh(lit.paths, lit.environ, acme(lit), "other").skew is None


def test_a_clock_that_is_off_is_a_trouble_of_the_status(lit: Laptop) -> None:
    """From AWS's answer by way of the memory to what a person reads; a small difference is none."""
    lit.configure('[sessions]\nkeep = ["acme"]\n')
    prepare(lit.paths)
    world = RealWorld(lit.paths, lit.environ, publishes=True)
    found: list[list[str]] = []
    for skew in (timedelta(seconds=50), timedelta(minutes=7)):
        lit.sandbox.faults.skew = skew
        lit.sign_in(timedelta(minutes=-1))
        turn(world)
        turn(world)
        troubles = json.loads(lit.paths.status.read_bytes())["troubles"]
        found.append([told["detail"] for told in troubles if told["code"] == "clock_skew"])
    wrong = "Your clock is 7 min behind AWS's, so ends and renewals come at the wrong time."
    assert found == [[], [wrong]]


ANSWERS: dict[FaultKind, Result] = {
    "server_error": Result.TRANSIENT,
    "html": Result.TRANSIENT,
    "garbage": Result.TRANSIENT,
    "drop": Result.TRANSIENT,
    "throttle": Result.THROTTLED,
    "slow_down": Result.THROTTLED,
    "access_denied": Result.REFUSED,
    "invalid_request": Result.REFUSED,
    "unnamed": Result.REFUSED,
    "invalid_client": Result.REGISTRATION_DEAD,
    "unauthorized_client": Result.REGISTRATION_DEAD,
}


@pytest.mark.parametrize(("kind", "result"), ANSWERS.items(), ids=ANSWERS)
def test_every_answer_of_the_table_leaves_the_token(lit: Laptop, kind: FaultKind, result: Result) -> None:
    """Whatever AWS answers but a token, the file keeps the one it had, and the outcome says which answer it was."""
    lit.sandbox.faults.inject("CreateToken", Fault(kind))
    before = lit.token
    assert renew.refresh(lit.paths, lit.environ, acme(lit), digest(lit)).result is result
    assert lit.token == before
    assert len(lit.calls("CreateToken")) == 1


@pytest.mark.parametrize("kind", ["invalid_grant", "expired_token"])
def test_a_refusal_is_asked_about_twice(lit: Laptop, monkeypatch: pytest.MonkeyPatch, kind: FaultKind) -> None:
    """A session is over only when the second answer, 3 s later, is a refusal too."""
    waits: list[float] = []
    monkeypatch.setattr(clock, "sleep", waits.append)
    lit.sandbox.faults.inject("CreateToken", Fault(kind))
    assert renew.refresh(lit.paths, lit.environ, acme(lit), digest(lit)).result is Result.OVER
    assert (len(lit.calls("CreateToken")), sum(waits)) == (2, 3.0)


def test_a_refusal_that_was_a_passing_one_renews(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the second try is good, the token is renewed."""
    monkeypatch.setattr(clock, "sleep", lambda _: None)
    lit.sandbox.faults.inject("CreateToken", Fault("invalid_grant", times=1))
    assert renew.refresh(lit.paths, lit.environ, acme(lit), digest(lit)).result is Result.DONE


def test_a_bridge_takes_each_role_once(lit: Laptop) -> None:
    """Role credentials come into the AWS CLI's cache, one call for each account and role."""
    twice = Role("again", "111122223333", "ClaudeCode")
    outcome = renew.bridge(lit.paths, lit.environ, seen(lit, *ROLES, twice), digest(lit))
    assert (outcome.result, outcome.roles) == (Result.DONE, 2)
    assert lit.calls("GetRoleCredentials") == ["200", "200"]
    for role in ROLES:
        assert role_cache.look(lit.paths.cli_cache, acme(lit), role.account, role.role) is not None


def test_a_bridge_without_roles_is_done(lit: Laptop) -> None:
    """Where no profile has a role there is nothing to take."""
    outcome = renew.bridge(lit.paths, lit.environ, seen(lit), digest(lit))
    assert (outcome.result, outcome.code, lit.calls("GetRoleCredentials")) == (Result.DONE, "no_roles", [])


def test_the_worst_answer_of_a_bridge_is_told(lit: Laptop) -> None:
    """A role that is not assigned is told although the other one came, and a rejected token before everything."""
    lit.sandbox.faults.inject("GetRoleCredentials", Fault("forbidden", times=1))
    outcome = renew.bridge(lit.paths, lit.environ, seen(lit, *ROLES), digest(lit))
    assert (outcome.result, outcome.roles) == (Result.FORBIDDEN, 1)
    lit.sandbox.faults.inject("GetRoleCredentials", Fault("server_error", times=1))
    assert renew.bridge(lit.paths, lit.environ, seen(lit, *ROLES), digest(lit)).result is Result.TRANSIENT
    lit.sandbox.sessions.reject(ACME)
    assert renew.bridge(lit.paths, lit.environ, seen(lit, *ROLES), digest(lit)).result is Result.REJECTED


def test_a_silent_portal_holds_a_bridge_up_once(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many roles there are, they share one deadline: a turn must not stand still for minutes."""
    monkeypatch.setattr(renew, "IdentityCenter", partial(IdentityCenter, deadline_seconds=1.0))
    lit.sandbox.faults.inject("GetRoleCredentials", Fault("hang"))
    many = [Role(f"p{number}", "111122223333", f"Role{number}") for number in range(8)]
    began = clock.monotonic()
    outcome = renew.bridge(lit.paths, lit.environ, seen(lit, *many), digest(lit))
    assert (outcome.result, outcome.code) == (Result.TRANSIENT, "timeout")
    assert clock.monotonic() - began < 6


def test_a_bridge_for_another_token_does_nothing(lit: Laptop) -> None:
    """A token other than the one that was decided on is not used."""
    assert renew.bridge(lit.paths, lit.environ, seen(lit, *ROLES), "other").result is Result.STALE
    assert lit.calls("GetRoleCredentials") == []
