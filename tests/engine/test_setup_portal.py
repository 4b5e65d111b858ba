from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from keeplit.adapters import aws_config, sign_in_files
from keeplit.core.deeds import Result
from keeplit.core.model import SignIn, SignInCode
from keeplit.engine.setup_portal import Portal
from keeplit.sandbox.clockwork import wall
from tests.engine.lit_laptop import Laptop, laptop


@pytest.fixture
def mine(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop on a sandbox, nobody signed in."""
    with laptop(own_home) as found:
        yield found


def portal(mine: Laptop) -> Portal:
    """Return the portal of acme."""
    session = next(one for one in aws_config.read(mine.environ).sessions if one.name == "acme")
    return Portal(mine.paths, mine.environ, session)


def test_without_a_token_a_person_must_sign_in(mine: Laptop) -> None:
    """Nothing is asked, and the lists say why there is none."""
    assert not portal(mine).signed_in()
    assert portal(mine).accounts()[0].result is Result.REJECTED
    assert portal(mine).roles("111122223333")[0].result is Result.REJECTED
    assert mine.calls("ListAccounts") == []


def test_a_token_brings_accounts_and_roles(mine: Laptop) -> None:
    """Those of the person behind it."""
    mine.sign_in()
    assert portal(mine).signed_in()
    assert [one.name for one in portal(mine).accounts()[1]] == ["Acme Development", "Acme Production", "Beta"]
    assert portal(mine).roles("111122223333")[1] == ("ClaudeCode", "ReadOnly")


def test_a_token_that_ended_is_renewed_silently(mine: Laptop) -> None:
    """No browser is needed while its sign-in lives; one that cannot be renewed counts as none."""
    mine.sign_in(timedelta(minutes=-1))
    assert portal(mine).signed_in()
    assert mine.calls("CreateToken")[-1] == "200"
    mine.sign_in(timedelta(minutes=-1), refreshToken=None)
    assert not portal(mine).signed_in()


def test_a_sign_in_that_nobody_waits_for_is_asked_to_end(mine: Laptop) -> None:
    """One that runs is, one that ended is not."""
    there = portal(mine)
    there.cancel()
    session = there.session
    record = SignIn("1", session.key, session.start_url, wall())
    sign_in_files.write(mine.paths.own, replace(record, code=SignInCode.DENIED), None, 1)
    there.cancel()
    assert not sign_in_files.cancel_asked(mine.paths.own, record)
