"""STS under ``/sts``: GetCallerIdentity for the role credentials the portal gave out (the query protocol, XML)."""

from __future__ import annotations

import re
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from keeplit.sandbox.refusal import Refused
from keeplit.sandbox.service import Route, Service
from keeplit.sandbox.wire import Request, Response

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_REQUEST_ID = "00000000-0000-4000-8000-000000000000"
_STATUSES = {"ExpiredToken": 403, "InvalidClientTokenId": 403, "AccessDenied": 403, "InternalServerException": 500}


def refuse(refusal: Refused) -> Response:
    """Write a refusal in XML."""
    status = refusal.status or _STATUSES.get(refusal.code, 400)
    error = f"<Type>Sender</Type><Code>{refusal.code}</Code><Message>{escape(refusal.sentence)}</Message>"
    inner = f"<Error>{error}</Error><RequestId>{_REQUEST_ID}</RequestId>"
    xml = f'<ErrorResponse xmlns="{_NAMESPACE}">{inner}</ErrorResponse>'
    return Response(status, xml.encode(), "text/xml", refusal.headers, refusal.code, refusal.session, refusal.client)


def get_caller_identity(service: Service, request: Request) -> Response:
    """GetCallerIdentity: whose role this is; 403 once the keys have expired."""
    action = parse_qs(request.body.decode("utf-8", "replace")).get("Action", [""])[0]
    if action != "GetCallerIdentity":
        raise Refused("InvalidAction", "Only GetCallerIdentity is served here")
    caller = service.vault.caller(request.headers)
    if caller.state == "expired":
        raise Refused("ExpiredToken", "The security token included in the request is expired")
    if caller.credentials is None:
        raise Refused("InvalidClientTokenId", "The security token included in the request is invalid.")
    account, role, user = caller.credentials.account_id, caller.credentials.role, escape(caller.credentials.user)
    arn = f"arn:aws:sts::{account}:assumed-role/AWSReservedSSO_{escape(role)}_0123456789abcdef/{user}"
    result = f"<Arn>{arn}</Arn><UserId>AROAEXAMPLEEXAMPLEXX:{user}</UserId><Account>{account}</Account>"
    xml = (
        f'<GetCallerIdentityResponse xmlns="{_NAMESPACE}"><GetCallerIdentityResult>{result}</GetCallerIdentityResult>'
        f"<ResponseMetadata><RequestId>{_REQUEST_ID}</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    )
    return Response(body=xml.encode(), content_type="text/xml")


ROUTES = (Route("GetCallerIdentity", "POST", re.compile("/sts/?"), get_caller_identity, refuse),)
