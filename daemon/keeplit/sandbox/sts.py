"""STS under ``/sts``: GetCallerIdentity and AssumeRole for the role credentials given out (the query protocol, XML)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from keeplit.sandbox.refusal import Refused
from keeplit.sandbox.role_credentials import RoleCredentials
from keeplit.sandbox.service import Route, Service
from keeplit.sandbox.wire import Request, Response

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_REQUEST_ID = "00000000-0000-4000-8000-000000000000"
_ROLE_ARN = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):role/(?:[\w+=,.@-]+/)*([\w+=,.@-]{1,64})")
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}")
_SHORTEST, _LONGEST_ON_TOP = 900, 3600
_ON_TOP = "role/"
"""Begins the name of a role that AssumeRole gave; a role of the portal has no slash in its name."""

DENIED = "Denied"
"""The role that trusts nobody."""
VENDOR, EXTERNAL_ID = "Vendor", "keeplit"
"""The role that asks for an external id, and that id. Any other role can be assumed by every role."""

_STATUSES = {"ExpiredToken": 403, "InvalidClientTokenId": 403, "AccessDenied": 403, "InternalServerException": 500}


def refuse(refusal: Refused) -> Response:
    """Write a refusal in XML."""
    status = refusal.status or _STATUSES.get(refusal.code, 400)
    error = f"<Type>Sender</Type><Code>{refusal.code}</Code><Message>{escape(refusal.sentence)}</Message>"
    inner = f"<Error>{error}</Error><RequestId>{_REQUEST_ID}</RequestId>"
    xml = f'<ErrorResponse xmlns="{_NAMESPACE}">{inner}</ErrorResponse>'
    return Response(status, xml.encode(), "text/xml", refusal.headers, refusal.code, refusal.session, refusal.client)


def answer(service: Service, request: Request) -> Response:
    """Answer the action that the body names, for a caller whose keys live; 403 once they have expired."""
    asked = dict(parse_qsl(request.body.decode("utf-8", "replace")))
    action = asked.get("Action", "")
    if action not in {"GetCallerIdentity", "AssumeRole"}:
        raise Refused("InvalidAction", "Only GetCallerIdentity and AssumeRole are served here")
    caller = service.vault.caller(request.headers)
    if caller.state == "expired":
        raise Refused("ExpiredToken", "The security token included in the request is expired")
    if caller.credentials is None:
        raise Refused("InvalidClientTokenId", "The security token included in the request is invalid.")
    if action == "AssumeRole":
        return assume_role(service, asked, caller.credentials)
    return get_caller_identity(caller.credentials)


def get_caller_identity(caller: RoleCredentials) -> Response:
    """GetCallerIdentity: whose role this is."""
    user = escape(caller.user)
    result = (
        f"<Arn>{_arn(caller)}</Arn><UserId>AROAEXAMPLEEXAMPLEXX:{user}</UserId><Account>{caller.account_id}</Account>"
    )
    return _answered("GetCallerIdentity", result)


def assume_role(service: Service, asked: Mapping[str, str], caller: RoleCredentials) -> Response:
    """AssumeRole: keys for another role, on top of the caller's, so for an hour at most (the sandbox's own hours)."""
    named = _ROLE_ARN.fullmatch(asked.get("RoleArn", ""))
    seconds = asked.get("DurationSeconds", str(_LONGEST_ON_TOP))
    if named is None or not _SESSION_NAME.fullmatch(asked.get("RoleSessionName", "")) or not seconds.isdecimal():
        raise Refused("ValidationError", "1 validation error detected")
    if not _SHORTEST <= int(seconds) <= _LONGEST_ON_TOP:
        raise Refused("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for chaining")
    account, role = named.groups()
    if role == DENIED or (role == VENDOR and asked.get("ExternalId") != EXTERNAL_ID):
        what = f"User: {_arn(caller)} is not authorized to perform: sts:AssumeRole on resource: {asked['RoleArn']}"
        raise Refused("AccessDenied", what)
    keys = service.vault.issue(account, f"{_ON_TOP}{role}", asked["RoleSessionName"])
    result = (
        f"<AssumedRoleUser><AssumedRoleId>AROAEXAMPLEEXAMPLEXX:{escape(keys.user)}</AssumedRoleId><Arn>{_arn(keys)}</Arn>"
        f"</AssumedRoleUser><Credentials><AccessKeyId>{keys.access_key_id}</AccessKeyId>"
        f"<SecretAccessKey>{keys.secret_access_key}</SecretAccessKey><SessionToken>{keys.session_token}</SessionToken>"
        f"<Expiration>{keys.expires_at:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials>"
    )
    return replace(_answered("AssumeRole", result), outcome="AssumeRole")


def _arn(keys: RoleCredentials) -> str:
    name = keys.role.removeprefix(_ON_TOP)
    name = name if keys.role.startswith(_ON_TOP) else f"AWSReservedSSO_{name}_0123456789abcdef"
    return f"arn:aws:sts::{keys.account_id}:assumed-role/{escape(name)}/{escape(keys.user)}"


def _answered(action: str, result: str) -> Response:
    xml = (
        f'<{action}Response xmlns="{_NAMESPACE}"><{action}Result>{result}</{action}Result>'
        f"<ResponseMetadata><RequestId>{_REQUEST_ID}</RequestId></ResponseMetadata></{action}Response>"
    )
    return Response(body=xml.encode(), content_type="text/xml")


ROUTES = (Route("GetCallerIdentity", "POST", re.compile("/sts/?"), answer, refuse),)
