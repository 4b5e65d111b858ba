from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from keeplit.core.check import State
from keeplit.core.model_access import Access
from keeplit.engine import access
from keeplit.sandbox.faults import Fault
from tests.engine.lit_laptop import HOUR, Laptop, laptop

REGION = "us-east-1"
FORMLESS = """
[profile formless]
sso_session = acme
sso_account_id = 444455556666
sso_role_name = ClaudeCode
"""


@pytest.fixture
def mine(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop on a sandbox, signed in to acme."""
    with laptop(own_home) as found:
        found.sign_in()
        yield found


def look(mine: Laptop, model: str = "sonnet", profile: str = "work", *, call: bool = False) -> Access:
    """Look as a command does."""
    return access.look(mine.paths, mine.environ, region=REGION, model=model, profile=profile, call=call)


def test_access_is_proven_without_cost(mine: Laptop) -> None:
    """An alias is looked up, what stands in between is asked for, and no model is called."""
    found = look(mine)
    assert found.allowed is True
    assert {one.state for one in found.states} == {State.OK}
    assert "us.anthropic.claude-sonnet-5" in found.states[0].sentence
    assert mine.calls("Converse") + mine.calls("InvokeModel") == []


def test_only_who_asks_for_the_call_gets_it(mine: Laptop) -> None:
    """It is one call, and the last word."""
    found = look(mine, "us.anthropic.claude-sonnet-5[1m]", call=True)
    assert (found.states[-1].code, found.allowed) == ("model_call", True)
    assert mine.calls("Converse") == ["200"]


def test_a_form_that_is_missing_is_a_no(mine: Laptop) -> None:
    """The check says what to fill in."""
    (mine.home / ".aws" / "config").open("a").write(FORMLESS)
    found = look(mine, profile="formless", call=True)
    assert found.allowed is False
    assert {one.code for one in found.states if one.state is State.FAIL} >= {"use_case_form", "model_call"}


def test_a_model_that_is_not_there_is_not_asked_about(mine: Laptop) -> None:
    """The nearest right one is the step that comes next."""
    found = look(mine, "eu.anthropic.claude-opus-5")
    assert (found.allowed, [one.code for one in found.states]) == (False, ["model_listed"])
    assert found.states[0].fix == "keeplit models --check us.anthropic.claude-opus-5"
    assert look(mine, "nonsense").states[0].fix == f"keeplit models --region {REGION}"


def test_without_a_sign_in_it_is_not_known(own_home: Path) -> None:
    """The step is the login; what the list has is not known either."""
    with laptop(own_home) as mine:
        found = look(mine, "us.anthropic.claude-opus-5")
        assert (found.allowed, found.states[0].state) == (None, State.SKIPPED)
        assert found.states[1].fix == "keeplit login --profile=work"
        assert (look(mine).allowed, look(mine).states[0].state) == (None, State.SKIPPED)
        assert look(mine).states[1].fix == "keeplit login --profile=work"  # an alias needs the list


def test_no_profile_is_a_check_too(mine: Laptop) -> None:
    """Nothing is raised for a name that nobody knows."""
    (check,) = look(mine, profile="gone").states
    assert (check.code, check.state, "There is no profile 'gone'" in check.sentence) == (
        "credentials",
        State.FAIL,
        True,
    )


def test_credentials_that_aws_does_not_accept_are_taken_anew(mine: Laptop) -> None:
    """Cached ones of another time are tried once, then fresh ones."""
    look(mine)  # brings the list, with credentials of its own
    mine.cache_role(HOUR)
    assert look(mine).allowed is True
    mine.cache_role(HOUR)
    mine.sandbox.faults.inject("GetRoleCredentials", Fault("server_error"))
    found = look(mine)
    assert (found.allowed, replace(found.states[1], sentence="").code) == (None, "model_availability")
