"""The access portal's own lists: the accounts a person has, and their roles in one; asked by the worker process.

Law: unsigned, with the access token alone, page by page to the end. Nothing is raised: a call's end is an `Outcome`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keeplit.core.answers import Answer, broken, judged
from keeplit.core.aws_environment import override
from keeplit.core.deeds import Outcome, Result

PAGE = 100

Ask = Callable[[Sequence[Mapping[str, object]]], Sequence[Answer]]


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account as the portal names it."""

    id: str
    name: str = ""
    email: str = ""


def accounts(
    ask: Ask, environ: Mapping[str, str], region: str, access_token: str
) -> tuple[Outcome, tuple[Account, ...]]:
    """Return the accounts that the token's person has (ListAccounts), by name; 401 is REJECTED."""
    outcome, found = _listed(ask, environ, region, "list_accounts", "accountList", {"accessToken": access_token})
    named = [
        Account(_text(one.get("accountId")), _text(one.get("accountName")), _text(one.get("emailAddress")))
        for one in found
    ]
    return outcome, tuple(sorted((one for one in named if one.id), key=lambda one: (one.name.casefold(), one.id)))


def roles(
    ask: Ask, environ: Mapping[str, str], region: str, access_token: str, account: str
) -> tuple[Outcome, tuple[str, ...]]:
    """Return the roles that the token's person has in an account (ListAccountRoles), by name; 404: no such account."""
    asked = {"accessToken": access_token, "accountId": account}
    outcome, found = _listed(ask, environ, region, "list_account_roles", "roleList", asked)
    return outcome, tuple(sorted(filter(None, (_text(one.get("roleName")) for one in found))))


def _listed(
    ask: Ask, environ: Mapping[str, str], region: str, operation: str, field: str, asked: Mapping[str, str]
) -> tuple[Outcome, list[Mapping[str, Any]]]:
    named = override(environ, "sso")
    if named is not None and not named.allowed:
        return broken("endpoint"), []
    call = {
        "service": "sso",
        "region": region,
        "endpoint": named.url if named else None,
        "operation": operation,
        "parameters": {**asked, "PaginationConfig": {"PageSize": PAGE}},
        "pages": True,
    }
    (answer,) = ask([call])
    outcome = judged(answer, portal=True)
    if outcome.result is not Result.DONE:
        return outcome, []
    found = answer.fields.get(field, [])
    if not isinstance(found, list):
        return broken(), []
    return outcome, [one for one in found if isinstance(one, dict)]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
