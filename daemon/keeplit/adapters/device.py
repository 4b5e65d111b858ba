"""keeplit's own sign-in by device code (RFC 8628), for where no AWS CLI v2 or no browser is.

Law: it shows a page and waits; it opens nothing. A transient failure while it waits ends nothing, since the person may
be in the middle of it; only an answer about the code itself, the deadline or a cancel does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from keeplit.adapters import clock
from keeplit.core.answers import PENDING
from keeplit.core.deeds import Outcome, Result
from keeplit.core.model import ACCOUNT_ACCESS, Kind, Session, SignInCode
from keeplit.core.secrets import NewToken, Registration
from keeplit.core.sign_in_flow import DeviceCode, Page

SLOWER = timedelta(seconds=5)  # RFC 8628, section 3.5
LOOK_SECONDS = 0.5

_REFUSED = {
    "AccessDeniedException": SignInCode.DENIED,
    "InvalidRequestException": SignInCode.MISCONFIGURED,
    "UnauthorizedClientException": SignInCode.MISCONFIGURED,
}
_ENDED = {
    Result.TRANSIENT: SignInCode.OFFLINE,
    Result.THROTTLED: SignInCode.OFFLINE,
    Result.CANNOT: SignInCode.MISCONFIGURED,
    Result.REGISTRATION_DEAD: SignInCode.REGISTRATION_DEAD,
    Result.NOT_WRITABLE: SignInCode.CACHE_NOT_WRITABLE,
}


class Center(Protocol):
    """What a device sign-in asks of Identity Center; `keeplit.adapters.identity_center` has it."""

    def register(self, session: Session, scopes: Sequence[str]) -> tuple[Outcome, Registration | None]:
        """Register a client."""

    def start_device(self, session: Session, registration: Registration) -> tuple[Outcome, DeviceCode | None]:
        """Ask for a device code and its page."""

    def poll_device(
        self, session: Session, registration: Registration, device: DeviceCode
    ) -> tuple[Outcome, NewToken | None]:
        """Ask once for the code's token."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What is looked at while a person is waited for: whether they cancelled, or signed in by another way."""

    cancelled: Callable[[], bool]
    signed_in: Callable[[], bool]
    monotonic: Callable[[], float] = field(default=clock.monotonic)
    sleep: Callable[[float], None] = field(default=clock.sleep)


def run(
    center: Center,
    session: Session,
    save: Callable[[Registration, NewToken], Outcome],
    on_page: Callable[[Page], None],
    deadline_seconds: float,
    watched: Watched,
    registration: Registration | None = None,
) -> tuple[SignInCode, str]:
    """Sign in by a device code, and return how it ended with one sentence that holds no secret.

    `save` writes the token and the client it belongs to. A `registration` that AWS still knows spares making one.
    """
    deadline = watched.monotonic() + deadline_seconds
    client, device, outcome = _started(center, session, registration)
    if client is None or device is None:
        return _ended(outcome)
    on_page(device.page)
    deadline = min(deadline, watched.monotonic() + device.life.total_seconds())
    interval = device.interval
    while True:
        ending = _waited(watched, interval, deadline)
        if ending is not None:
            return ending
        outcome, token = center.poll_device(session, client, device)
        if token is not None:
            return _ended(save(client, token))
        if outcome.result is Result.THROTTLED:
            interval += SLOWER
        elif outcome.result is Result.OVER:
            return SignInCode.TIMED_OUT, "Nobody signed in before the code ran out."
        elif outcome.result is not Result.TRANSIENT:
            return _ended(outcome)
        elif outcome.code != PENDING:
            interval = max(interval, SLOWER)


def _started(
    center: Center, session: Session, registration: Registration | None
) -> tuple[Registration | None, DeviceCode | None, Outcome]:
    """Register where needed, and ask for a code; a client that AWS does not know any more is replaced once."""
    if registration is not None:
        outcome, device = center.start_device(session, registration)
        if outcome.result is not Result.REGISTRATION_DEAD:
            return registration, device, outcome
    outcome, client = center.register(session, session.scopes or _usual_scopes(session))
    if client is None:
        return None, None, outcome
    outcome, device = center.start_device(session, client)
    return client, device, outcome


def _usual_scopes(session: Session) -> tuple[str, ...]:
    """Return the scope without which nothing can be renewed; a legacy session knows no scopes."""
    return (ACCOUNT_ACCESS,) if session.kind is Kind.SSO_SESSION else ()


def _waited(watched: Watched, interval: timedelta, deadline: float) -> tuple[SignInCode, str] | None:
    """Wait for the time of the next question, with an eye on all that ends the sign-in before it."""
    until = watched.monotonic() + interval.total_seconds()
    while True:
        if watched.signed_in():
            return SignInCode.SIGNED_IN, ""
        if watched.cancelled():
            return SignInCode.CANCELLED, "It was cancelled."
        now = watched.monotonic()
        if now >= deadline:
            return SignInCode.TIMED_OUT, "Nobody signed in in time."
        if now >= until:
            return None
        watched.sleep(min(LOOK_SECONDS, until - now))


def _ended(outcome: Outcome) -> tuple[SignInCode, str]:
    """Return the end of a sign-in from the outcome that ended it."""
    if outcome.result in {Result.DONE, Result.SUPERSEDED}:
        return SignInCode.SIGNED_IN, ""
    code = _REFUSED.get(outcome.code) or _ENDED.get(outcome.result, SignInCode.FAILED)
    return code, outcome.detail or f"It ended with {outcome.code or outcome.result}."
