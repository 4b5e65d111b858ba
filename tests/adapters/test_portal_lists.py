from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

import pytest

from keeplit.adapters import portal_lists
from keeplit.adapters.identity_center import IdentityCenter
from keeplit.adapters.portal_lists import Account
from keeplit.core.answers import Answer
from keeplit.core.deeds import Result
from keeplit.sandbox.clients import ACME
from keeplit.sandbox.directory import Account as There
from keeplit.sandbox.directory import Directory
from keeplit.sandbox.nouns import ACCOUNT_ACCESS
from keeplit.sandbox.server import Sandbox

MANY = tuple(There(f"{number:012}", f"Account {number:02}", ("Only",)) for number in range(18))
ROLES = tuple(f"Role{number:02}" for number in range(13))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Give a portal of eighteen accounts, one of which has thirteen roles."""
    with Sandbox(directory=Directory((*MANY[1:], There("000000000000", "account 00", ROLES)))) as running:
        yield running


def token(sandbox: Sandbox) -> str:
    """Return the access token of somebody who signed in."""
    client = sandbox.identity.register("test", (ACCOUNT_ACCESS,))
    return sandbox.identity.sessions.sign_in(ACME, "sam", client, client.scopes).access.value


def environment(url: str) -> dict[str, str]:
    """Return an environment that names `url` instead of AWS."""
    return {**os.environ, "AWS_ENDPOINT_URL_SSO": url}


def test_all_accounts_come_whatever_a_page_holds(sandbox: Sandbox) -> None:
    """Eighteen accounts come in two pages, and are given by name."""
    environ = environment(sandbox.url)
    outcome, found = portal_lists.accounts(IdentityCenter(environ).asked, environ, "us-east-1", token(sandbox))
    assert outcome.result is Result.DONE
    assert [one.id for one in found] == [one.id for one in MANY]
    assert found[1] == Account(MANY[1].id, MANY[1].name, MANY[1].email)
    assert [one.outcome for one in sandbox.log.of("ListAccounts")] == ["200", "200"]


def test_all_roles_of_an_account_come(sandbox: Sandbox) -> None:
    """Thirteen roles come in two pages; an account that is not there has none."""
    environ, bearer = environment(sandbox.url), token(sandbox)
    ask = IdentityCenter(environ).asked
    assert portal_lists.roles(ask, environ, "us-east-1", bearer, "000000000000")[1] == ROLES
    outcome, found = portal_lists.roles(ask, environ, "us-east-1", bearer, "999999999999")
    assert (outcome.result, found) == (Result.FORBIDDEN, ())


def test_a_token_that_is_not_accepted_is_rejected(sandbox: Sandbox) -> None:
    """Whoever asks then knows that a person must sign in."""
    environ = environment(sandbox.url)
    outcome, found = portal_lists.accounts(IdentityCenter(environ).asked, environ, "us-east-1", "no-token")
    assert (outcome.result, found) == (Result.REJECTED, ())


def test_no_token_goes_where_it_must_not() -> None:
    """A plain address that is not this machine gets no call."""

    def ask(_: Sequence[Mapping[str, object]]) -> Sequence[Answer]:
        pytest.fail("it was asked")

    environ = {"AWS_ENDPOINT_URL_SSO": "http://example.com"}
    assert portal_lists.accounts(ask, environ, "us-east-1", "secret")[0].code == "endpoint"


@pytest.mark.parametrize(
    ("fields", "result", "found"),
    [
        ({"accountList": "nonsense"}, Result.TRANSIENT, ()),
        ({}, Result.DONE, ()),
        ({"accountList": ["x", {"accountName": "no id"}, {"accountId": "1"}]}, Result.DONE, (Account("1"),)),
    ],
)
def test_nonsense_in_an_answer_costs_itself_alone(
    fields: dict[str, object], result: Result, found: tuple[Account, ...]
) -> None:
    """What makes no sense is left out, a list that is none is no answer."""
    said = portal_lists.accounts(lambda _: [Answer(200, fields=fields)], {}, "us-east-1", "t")
    assert (said[0].result, said[1]) == (result, found)
