"""The ``sso`` service (the access portal): accounts, roles, role credentials and logout for an access token."""

from __future__ import annotations

import re
from collections.abc import Sequence

from keeplit.sandbox.refusal import Refused
from keeplit.sandbox.service import Route, Service
from keeplit.sandbox.wire import Request, Response, answer, refused

_STATUSES = {
    "ForbiddenException": 403,
    "InternalServerException": 500,
    "InvalidRequestException": 400,
    "ResourceNotFoundException": 404,
    "TooManyRequestsException": 429,
    "UnauthorizedException": 401,
}
_PAGE = 100
MOST = 10
"""At most so many accounts or roles to a page, whatever a client asks for: whoever takes one page for all is seen."""


def refuse(refusal: Refused) -> Response:
    """Write a refusal as the portal does; ForbiddenException is not in its service model, and so has no class."""
    return refused(refusal, _STATUSES, {"message": refusal.sentence, "__type": refusal.code})


def get_role_credentials(service: Service, request: Request) -> Response:
    """GetRoleCredentials: fresh keys for one role; 403 where the role is not assigned."""
    session = service.identity.sessions.holder(_bearer(request))
    account, role = _asked(request, "account_id"), _asked(request, "role_name")
    if not service.directory.allows(account, role):
        raise Refused("ForbiddenException", "No access", session=session.label)
    keys = service.vault.issue(account, role, session.user)
    told = {
        "accessKeyId": keys.access_key_id,
        "secretAccessKey": keys.secret_access_key,
        "sessionToken": keys.session_token,
        "expiration": int(keys.expires_at.timestamp() * 1000),
    }
    return answer({"roleCredentials": told}, session=session.label)


def list_accounts(service: Service, request: Request) -> Response:
    """ListAccounts, a page at a time."""
    session = service.identity.sessions.holder(_bearer(request))
    accounts = [
        {"accountId": one.id, "accountName": one.name, "emailAddress": one.email} for one in service.directory.accounts
    ]
    return _paged(request, "accountList", accounts, session.label)


def list_account_roles(service: Service, request: Request) -> Response:
    """ListAccountRoles, a page at a time; 404 for an account that does not exist."""
    session = service.identity.sessions.holder(_bearer(request))
    account = service.directory.account(_asked(request, "account_id"))
    if account is None:
        raise Refused("ResourceNotFoundException", "Account not found", session=session.label)
    roles = [{"accountId": account.id, "roleName": role} for role in account.roles]
    return _paged(request, "roleList", roles, session.label)


def logout(service: Service, request: Request) -> Response:
    """Logout: end the sign-in session behind the token; role credentials live on."""
    session = service.identity.sessions.logout(_bearer(request))
    return Response(session=session.label)


def _bearer(request: Request) -> str:
    return request.headers.get("x-amz-sso_bearer_token", "")


def _asked(request: Request, name: str) -> str:
    value = request.query.get(name, "")
    if not value:
        raise Refused("InvalidRequestException", f"Missing parameter: {name}")
    return value


def _paged(request: Request, name: str, items: Sequence[object], session: str) -> Response:
    first, size = request.query.get("next_token", "0"), request.query.get("max_result", str(_PAGE))
    if not (first.isdecimal() and size.isdecimal() and 0 < int(size) <= _PAGE):
        raise Refused("InvalidRequestException", "Wrong page asked for", session=session)
    end = int(first) + min(int(size), MOST)
    told: dict[str, object] = {name: items[int(first) : end]}
    if end < len(items):
        told["nextToken"] = str(end)
    return answer(told, session=session)


ROUTES = (
    Route("GetRoleCredentials", "GET", re.compile("/federation/credentials"), get_role_credentials, refuse),
    Route("ListAccounts", "GET", re.compile("/assignment/accounts"), list_accounts, refuse),
    Route("ListAccountRoles", "GET", re.compile("/assignment/roles"), list_account_roles, refuse),
    Route("Logout", "POST", re.compile("/logout"), logout, refuse),
)
