"""The sandbox's switches for another process: ``POST /-/control`` with ``{"do": …}``, and `turn_switch` to send it.

| do | with | answer |
|---|---|---|
| `inject` | `operation`, `kind`, and `times`, `status`, `seconds`, `retry_after` as wanted | |
| `clear` | `operation`, or nothing for everything | |
| `latency`, `skew`, `advance` | `seconds` | |
| `revoke`, `reject` | `start_url` | `count` |
| `shorten` | `start_url`, `seconds` from now | `count` |
| `forget_registrations` | | `count` |
| `world` | `outlives` and `rotate` as wanted | |
| `lifetimes` | any field of `Lifetimes`, in seconds | |
| `log` | `after`, `wait` | `entries` |
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import timedelta
from http.client import HTTPConnection
from typing import get_args
from urllib.parse import urlsplit

from keeplit.sandbox.faults import Fault, Kind
from keeplit.sandbox.nouns import Lifetimes
from keeplit.sandbox.oidc import refuse
from keeplit.sandbox.refusal import Refused
from keeplit.sandbox.service import Route, Service
from keeplit.sandbox.wire import Request, Response, answer, text_of

OPERATION = "Control"


def turn_switch(url: str, do: str, **values: object) -> dict[str, object]:
    """Send one order to the sandbox at ``url`` and return its answer; ValueError when it is refused."""
    connection = HTTPConnection("127.0.0.1", urlsplit(url).port, timeout=30)
    try:
        connection.request("POST", "/-/control", json.dumps({"do": do, **values}), {"Content-Type": "application/json"})
        response = connection.getresponse()
        told: dict[str, object] = json.loads(response.read())
        if response.status != 200:  # noqa: PLR2004 - HTTP's word for yes
            raise ValueError(str(told.get("error_description")))
        return told
    finally:
        connection.close()


def control(service: Service, request: Request) -> Response:
    """Obey one order; only JSON is taken, which no page in a browser can send across origins unasked."""
    if request.headers.get("content-type") != "application/json":
        raise Refused("InvalidRequestException", "Orders are JSON")
    order = request.json()
    return answer(_obey(service, text_of(order, "do"), order))


def _obey(service: Service, do: str, order: Mapping[str, object]) -> dict[str, object]:
    sessions = service.identity.sessions
    match do:
        case "inject":
            service.faults.inject(text_of(order, "operation"), _fault(order))
        case "clear":
            service.faults.clear(text_of(order, "operation") if "operation" in order else None)
        case "latency":
            service.faults.latency = _seconds(order)
        case "skew":
            service.faults.skew = _seconds(order)
        case "advance":
            service.clock.advance(_seconds(order))
        case "revoke":
            return {"count": sessions.revoke(text_of(order, "start_url"))}
        case "reject":
            return {"count": sessions.reject(text_of(order, "start_url"))}
        case "shorten":
            return {"count": sessions.shorten(text_of(order, "start_url"), service.clock() + _seconds(order))}
        case "forget_registrations":
            return {"count": service.identity.forget_registrations()}
        case "world":
            changed = {name: order[name] is True for name in ("outlives", "rotate") if name in order}
            sessions.world = replace(sessions.world, **changed)
        case "lifetimes":
            known = {one.name for one in fields(Lifetimes)} & set(order)
            service.set_lifetimes(replace(sessions.lifetimes, **{name: _seconds(order, name) for name in known}))
        case "log":
            entries = service.log.since(int(_number(order, "after")), wait=min(_number(order, "wait"), 20.0))
            return {"entries": [{**asdict(one), "at": one.at.isoformat()} for one in entries]}
        case _:
            raise Refused("InvalidRequestException", f"No such order: {do}")
    return {}


def _fault(order: Mapping[str, object]) -> Fault:
    asked = text_of(order, "kind")
    kind: Kind | None = next((one for one in get_args(Kind) if one == asked), None)
    if kind is None:
        raise Refused("InvalidRequestException", f"No such fault: {asked}")
    whole = {name: int(_number(order, name)) for name in ("times", "status", "retry_after") if name in order}
    return Fault(
        kind, whole.get("times"), whole.get("status"), _number(order, "seconds") or 60.0, whole.get("retry_after")
    )


def _seconds(order: Mapping[str, object], name: str = "seconds") -> timedelta:
    return timedelta(seconds=_number(order, name))


def _number(order: Mapping[str, object], name: str) -> float:
    value = order.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused("InvalidRequestException", f"{name} is not a number")
    return float(value)


ROUTES = (Route(OPERATION, "POST", re.compile("/-/control"), control, refuse),)
