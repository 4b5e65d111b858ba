"""Sign-in sessions and their tokens.

The law: a session's end is set when it begins and never slides; a login while it lives reuses it and moves
nothing; no refresh passes it. Only its end, a logout or an admin makes room for a new one. In the world
where tokens do not outlive the session, each is cut to the session's end; in the other it keeps its full life.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from secrets import token_urlsafe

from keeplit.sandbox.clockwork import Now
from keeplit.sandbox.nouns import (
    ACCOUNT_ACCESS,
    AccessToken,
    Grant,
    Lifetimes,
    RefreshToken,
    Registration,
    Session,
    World,
)
from keeplit.sandbox.refusal import Refused

# Real tokens begin like this too, so that whatever looks for secrets by their shape finds ours.
_ACCESS_MARK = "aoaAAAAA"
_REFRESH_MARK = "aorAAAAA"


@dataclass(slots=True)
class Sessions:
    """Every session, access token and refresh token of one sandbox."""

    now: Now
    lifetimes: Lifetimes
    world: World
    _sessions: dict[int, Session] = field(default_factory=dict, repr=False)
    _access: dict[str, AccessToken] = field(default_factory=dict, repr=False)
    _refresh: dict[str, RefreshToken] = field(default_factory=dict, repr=False)

    def sign_in(self, start_url: str, user: str, registration: Registration, scopes: tuple[str, ...]) -> Grant:
        """Grant tokens for a sign-in that a person approved, in their live session or else in a new one."""
        session = self.live(start_url, user)
        if session is None:
            now = self.now()
            number = len(self._sessions) + 1
            session = Session(number, start_url, user, now, now + self.lifetimes.session)
            self._sessions[number] = session
        return self._grant(session, registration, refreshable=ACCOUNT_ACCESS in scopes, legacy=not scopes)

    def refresh(self, value: str, registration: Registration) -> Grant:
        """Exchange a refresh token; InvalidGrantException when it is unknown, spent, or its session is over."""
        token = self._refresh.get(value)
        if token is None or token.client_id != registration.client_id:
            raise Refused("InvalidGrantException", "Invalid refresh token provided", client=registration.name)
        session = self._sessions[token.session]
        if token.spent or not session.lives(self.now()):
            sentence = "Invalid refresh token provided"
            raise Refused("InvalidGrantException", sentence, session=session.label, client=registration.name)
        if not self.world.rotate:
            return replace(self._grant(session, registration, refreshable=False, legacy=False), refresh=token)
        self._refresh[value] = replace(token, spent=True)
        return self._grant(session, registration, refreshable=True, legacy=False)

    def holder(self, value: str) -> Session:
        """Return the session of an access token that is good now; else refuse as the portal does (401)."""
        token = self._access.get(value)
        if token is None:
            raise Refused("UnauthorizedException", "Session token not found or invalid")
        session = self._sessions[token.session]
        now = self.now()
        session_allows = not session.ended and (self.world.outlives or now < session.ends_at)
        if token.rejected or now >= token.expires_at or not session_allows:
            raise Refused("UnauthorizedException", "Session token not found or invalid", session=session.label)
        return session

    def logout(self, value: str) -> Session:
        """End the session an access token belongs to, with all of its tokens."""
        session = replace(self.holder(value), ended=True)
        self._sessions[session.number] = session
        return session

    def live(self, start_url: str, user: str | None = None) -> Session | None:
        """Return the living session of a person (or of anyone) at a start URL."""
        now = self.now()
        alive = (one for one in self.all() if one.lives(now) and one.start_url == start_url)
        return next((one for one in alive if user in (None, one.user)), None)

    def all(self) -> tuple[Session, ...]:
        """Return every session there ever was, oldest first."""
        return tuple(self._sessions.values())

    def revoke(self, start_url: str) -> int:
        """End every living session of a start URL, as an administrator does; return how many."""
        doomed = [one for one in self.all() if one.start_url == start_url and one.lives(self.now())]
        for session in doomed:
            self._sessions[session.number] = replace(session, ended=True)
        return len(doomed)

    def shorten(self, start_url: str, ends_at: datetime) -> int:
        """Bring the end of the living sessions of a start URL forward, as an identity provider may."""
        later = [
            one for one in self.all() if one.start_url == start_url and one.lives(self.now()) and one.ends_at > ends_at
        ]
        for session in later:
            self._sessions[session.number] = replace(session, ends_at=ends_at)
        return len(later)

    def reject(self, start_url: str) -> int:
        """Let the portal refuse the newest access token of a start URL before its time; return how many were."""
        mine = [one for one in tuple(self._access.values()) if self._sessions[one.session].start_url == start_url]
        for token in mine[-1:]:
            self._access[token.value] = replace(token, rejected=True)
        return len(mine[-1:])

    def secrets(self) -> frozenset[str]:
        """Return every token ever given out, so that a test can look for them where they must not be."""
        return frozenset(self._access) | frozenset(self._refresh)

    def _grant(self, session: Session, registration: Registration, *, refreshable: bool, legacy: bool) -> Grant:
        now = self.now()
        expires_at = now + (self.lifetimes.legacy_token if legacy else self.lifetimes.access_token)
        if not self.world.outlives:
            expires_at = min(expires_at, session.ends_at)
        access = AccessToken(_ACCESS_MARK + token_urlsafe(48), session.number, now, expires_at)
        self._access[access.value] = access
        refresh = None
        if refreshable:
            refresh = RefreshToken(_REFRESH_MARK + token_urlsafe(48), session.number, registration.client_id)
            self._refresh[refresh.value] = refresh
        return Grant(access, refresh, session)
