"""A request and a response, freed from sockets, and how JSON gets in and out of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from keeplit.sandbox.refusal import Refused


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked. ``headers`` has lower-case names; ``path`` and ``query`` are decoded."""

    method: str
    path: str
    query: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Mapping[str, object]:
        """Return the body's JSON object; InvalidRequestException when it is none."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise Refused("InvalidRequestException", "The body is not a JSON object")
        return value


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered; ``session`` and ``client`` are labels for the request log."""

    status: int = 200
    body: bytes = field(default=b"", repr=False)
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    outcome: str = ""
    session: str = ""
    client: str = ""


def answer(value: object, *, session: str = "", client: str = "") -> Response:
    """Return a response of 200 with ``value`` as JSON."""
    return Response(body=json.dumps(value).encode(), session=session, client=client)


def page(text: str, status: int = 200) -> Response:
    """Return a small HTML page."""
    return Response(
        status, f"<!doctype html><title>keeplit sandbox</title><p>{text}</p>\n".encode(), "text/html; charset=utf-8"
    )


def refused(refusal: Refused, statuses: Mapping[str, int], body: Mapping[str, object]) -> Response:
    """Write a refusal as AWS's JSON services do: the code in ``x-amzn-ErrorType``, ``body`` as JSON."""
    return Response(
        status=refusal.status or statuses.get(refusal.code, 400),
        body=json.dumps(body).encode(),
        headers=(("x-amzn-ErrorType", refusal.code), *refusal.headers),
        outcome=refusal.code,
        session=refusal.session,
        client=refusal.client,
    )


def text_of(fields: Mapping[str, object], name: str) -> str:
    """Return a field that must be a string; InvalidRequestException when it is missing or something else."""
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise Refused("InvalidRequestException", f"Missing or wrong parameter: {name}")
    return value


def texts_of(fields: Mapping[str, object], name: str) -> tuple[str, ...]:
    """Return an optional list of strings."""
    value = fields.get(name)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
