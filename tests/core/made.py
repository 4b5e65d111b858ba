"""One ordinary state, in which a test changes what it is about: ACME at noon, somebody at the desk, the network up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from keeplit.core.clocks import Case
from keeplit.core.memory import SessionMemory
from keeplit.core.model import (
    Desk,
    Facts,
    Network,
    Policy,
    Reading,
    Role,
    Seen,
    Session,
    SignIn,
    SignInCode,
    Token,
    Wish,
)
from tests.core.drawn import ACME, NOON, URL

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
WORK = Role("work", "111122223333", "Developer")


def there(now: datetime = NOON) -> Desk:
    """Return a desk where somebody works."""
    return Desk(now - 10 * SECOND, network=Network.UP)


def token(
    left: timedelta = HOUR, digest: str = "t1", *, refreshable: bool = True, registered: datetime | None = None
) -> Token:
    """Return a token that ends `left` after noon."""
    return Token(digest, NOON + left, refreshable=refreshable, registration_expires_at=registered)


def record(
    code: SignInCode = SignInCode.RUNNING,
    ended: datetime | None = None,
    *,
    asked: bool = True,
    fresh: bool = False,
    of: str = "t1",
    started: datetime = NOON,
    page: bool = False,
) -> SignIn:
    """Return the record of a sign-in of ACME."""
    held = SignIn("r1", ACME.key, URL, started, asked=asked, fresh=fresh, token=of, code=code, ended_at=ended)
    return replace(held, has_page=page)


def seen(
    held: Token | None = None,
    session: Session = ACME,
    *,
    reading: Reading | None = None,
    sign_in: SignIn | None = None,
    roles: tuple[Role, ...] = (),
) -> Seen:
    """Return what is seen of a session; without a token there is no file, unless `reading` says otherwise."""
    found = reading or (Reading.ABSENT if held is None else Reading.PRESENT)
    return Seen(session, found, held, roles, sign_in)


def facts(
    *sessions: Seen,
    desk: Desk | None = None,
    policy: Policy | None = None,
    wishes: tuple[Wish, ...] = (),
    starting: bool = False,
    others: tuple[SignIn, ...] = (),
) -> Facts:
    """Return the facts of a turn at noon."""
    return Facts(sessions, desk or there(), policy or Policy(), wishes, other_sign_ins=others, starting=starting)


def case(
    held: Token | None = None,
    memory: SessionMemory | None = None,
    *,
    desk: Desk | None = None,
    policy: Policy | None = None,
    now: datetime = NOON,
    reading: Reading | None = None,
    sign_in: SignIn | None = None,
    roles: tuple[Role, ...] = (),
    session: Session = ACME,
    paused: bool = False,
    promised: frozenset[str] = frozenset(),
    others: tuple[SignIn, ...] = (),
) -> Case:
    """Return ACME's case; its memory knows the token unless it says otherwise."""
    view = seen(held, session, reading=reading, sign_in=sign_in, roles=roles)
    if memory is None:
        memory = SessionMemory(token=held.digest, token_end=held.expires_at) if held else SessionMemory()
    all_seen = facts(view, desk=desk or there(now), policy=policy, others=others)
    return Case(view, memory, all_seen, now, paused, promised)
