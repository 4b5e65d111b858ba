"""The switchboard of what goes wrong: per operation, for the next so many calls or until cleared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Lock
from typing import Literal, get_args

from keeplit.sandbox.refusal import Refused
from keeplit.sandbox.wire import Response, page

Kind = Literal[
    "server_error",  # 500, named InternalServerException
    "throttle",  # 429, with Retry-After where the fault has one
    "slow_down",  # 400 SlowDownException
    "html",  # a page of some proxy, with `status` (200 if not said)
    "garbage",  # 200 and bytes that are no JSON
    "hang",  # nothing for `seconds`, then the connection is cut; nothing was done
    "drop",  # the connection is cut at once; nothing was done
    "lost",  # everything was done, and the answer never arrives
    "access_denied",  # 400 AccessDeniedException
    "invalid_request",  # 400 InvalidRequestException
    "invalid_client",  # 401 InvalidClientException
    "invalid_grant",  # 400 InvalidGrantException
    "expired_token",  # 400 ExpiredTokenException
    "unauthorized_client",  # 400 UnauthorizedClientException
    "unauthorized",  # 401 UnauthorizedException
    "forbidden",  # 403 ForbiddenException "No access"
    "not_found",  # 404 ResourceNotFoundException
    "unnamed",  # a 4xx (`status`, else 418) that names no error
]
KINDS: frozenset[str] = frozenset(get_args(Kind))
ANY = "any"
"""Stands for every operation."""

_REFUSALS = {
    "server_error": ("InternalServerException", "Injected failure", 500),
    "throttle": ("TooManyRequestsException", "Too many requests", 429),
    "slow_down": ("SlowDownException", "Slow down", 400),
    "access_denied": ("AccessDeniedException", "Access denied", 400),
    "invalid_request": ("InvalidRequestException", "Invalid request", 400),
    "invalid_client": ("InvalidClientException", "Invalid client provided", 401),
    "invalid_grant": ("InvalidGrantException", "Invalid grant provided", 400),
    "expired_token": ("ExpiredTokenException", "Token expired", 400),
    "unauthorized_client": ("UnauthorizedClientException", "Client is not authorized", 400),
    "unauthorized": ("UnauthorizedException", "Session token not found or invalid", 401),
    "forbidden": ("ForbiddenException", "No access", 403),
    "not_found": ("ResourceNotFoundException", "Not found", 404),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong; ``times`` None means until it is cleared."""

    kind: Kind
    times: int | None = None
    status: int | None = None
    seconds: float = 60.0
    retry_after: int | None = None

    def response(self, refuse: Callable[[Refused], Response]) -> Response:
        """Return the wrong answer, in the dialect of the service asked (for the kinds that answer at all)."""
        headers = () if self.retry_after is None else (("Retry-After", str(self.retry_after)),)
        if self.kind in _REFUSALS:
            code, sentence, status = _REFUSALS[self.kind]
            return refuse(Refused(code, sentence, status=self.status or status, headers=headers))
        if self.kind == "html":
            return replace(page("Please sign in to the network.", self.status or 200), headers=headers, outcome="html")
        if self.kind == "unnamed":
            return Response(self.status or 418, b"{}", headers=headers, outcome="unnamed")
        return Response(body=b'\x00{"accessToken": \xff', outcome="garbage")


@dataclass(slots=True)
class Faults:
    """The switches; safe to turn from any thread."""

    latency: timedelta = timedelta()
    """Every answer comes this much late."""
    skew: timedelta = timedelta()
    """The ``Date`` header is this much off."""
    _armed: dict[str, tuple[Fault, ...]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def inject(self, operation: str, fault: Fault) -> None:
        """Let the operation (`ANY`: each) go wrong; several faults of one operation follow one another."""
        if fault.kind not in KINDS:
            message = f"no such fault: {fault.kind}"
            raise ValueError(message)
        with self._lock:
            self._armed[operation] = (*self._armed.get(operation, ()), fault)

    def clear(self, operation: str | None = None) -> None:
        """Mend one operation, or everything (latency and skew too)."""
        with self._lock:
            if operation is not None:
                self._armed.pop(operation, None)
                return
            self._armed.clear()
            self.latency = self.skew = timedelta()

    def armed(self) -> dict[str, tuple[Fault, ...]]:
        """Return what is still to go wrong, by operation."""
        with self._lock:
            return dict(self._armed)

    def take(self, operation: str) -> Fault | None:
        """Return the fault for the call being made now, and count it down."""
        with self._lock:
            for name in (operation, ANY):
                waiting = self._armed.get(name, ())
                if not waiting:
                    continue
                first, rest = waiting[0], waiting[1:]
                if first.times is not None:
                    left = (replace(first, times=first.times - 1),) if first.times > 1 else ()
                    self._armed[name] = (*left, *rest)
                    if not self._armed[name]:
                        del self._armed[name]
                return first
        return None
