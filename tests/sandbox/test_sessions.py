"""Sign-in sessions and their tokens, in both worlds, without HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from keeplit.sandbox.clients import ACME, BETA
from keeplit.sandbox.clockwork import Clockwork
from keeplit.sandbox.nouns import ACCOUNT_ACCESS, Grant, Lifetimes, Registration, World
from keeplit.sandbox.refusal import Refused
from keeplit.sandbox.sessions import Sessions

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLIENT = Registration("id", "secret", "test", (ACCOUNT_ACCESS,), "", (), NOON, NOON + timedelta(days=90))


def sessions_of(clock: Clockwork, **world: bool) -> Sessions:
    """Make sessions with the real service's lifetimes."""
    return Sessions(clock, Lifetimes(), World(**world))


def signed_in(sessions: Sessions, scopes: tuple[str, ...] = (ACCOUNT_ACCESS,), start_url: str = ACME) -> Grant:
    """Sign sam in."""
    return sessions.sign_in(start_url, "sam", CLIENT, scopes)


def refresh_of(grant: Grant) -> str:
    """Return the refresh token of a grant that has one."""
    assert grant.refresh is not None
    return grant.refresh.value


def refusal_of(sessions: Sessions, token: str, client: Registration = CLIENT) -> str:
    """Return the code with which a refresh is refused."""
    with pytest.raises(Refused) as refused:
        sessions.refresh(token, client)
    return refused.value.code


def test_last_token_is_cut_to_the_sessions_end(clock: Clockwork) -> None:
    """In the world that shortens, a token refreshed 30 min before the end lives 30 min."""
    sessions = sessions_of(clock)
    grant = signed_in(sessions)
    clock.advance(timedelta(hours=7, minutes=30))
    assert sessions.refresh(refresh_of(grant), CLIENT).access.expires_at == NOON + 8 * HOUR


def test_last_token_outlives_the_session(clock: Clockwork) -> None:
    """In the other world it keeps its hour, and the portal takes it after the session's end."""
    sessions = sessions_of(clock, outlives=True)
    grant = signed_in(sessions)
    clock.advance(timedelta(hours=7, minutes=30))
    last = sessions.refresh(refresh_of(grant), CLIENT)
    clock.advance(timedelta(minutes=45))
    assert last.access.expires_at == NOON + timedelta(hours=8, minutes=30)
    assert sessions.holder(last.access.value) == grant.session
    assert refusal_of(sessions, refresh_of(last)) == "InvalidGrantException"


@pytest.mark.parametrize("outlives", [False, True])
def test_no_refresh_passes_the_end(clock: Clockwork, *, outlives: bool) -> None:
    """Refreshing does not slide the session: at its end the refresh token is refused."""
    sessions = sessions_of(clock, outlives=outlives)
    grant = signed_in(sessions)
    for _ in range(7):
        clock.advance(HOUR)
        grant = sessions.refresh(refresh_of(grant), CLIENT)
    clock.advance(HOUR)
    assert refusal_of(sessions, refresh_of(grant)) == "InvalidGrantException"


def test_refresh_token_rotates_and_works_once(clock: Clockwork) -> None:
    """A spent refresh token is refused while the one that replaced it works."""
    sessions = sessions_of(clock)
    first = signed_in(sessions)
    second = sessions.refresh(refresh_of(first), CLIENT)
    assert refusal_of(sessions, refresh_of(first)) == "InvalidGrantException"
    assert refresh_of(sessions.refresh(refresh_of(second), CLIENT)) not in {refresh_of(first), refresh_of(second)}


def test_refresh_token_stays_where_nothing_rotates(clock: Clockwork) -> None:
    """Without rotation the same refresh token comes back and works again."""
    sessions = sessions_of(clock, rotate=False)
    first = signed_in(sessions)
    second = sessions.refresh(refresh_of(first), CLIENT)
    assert refresh_of(second) == refresh_of(first)
    assert sessions.refresh(refresh_of(first), CLIENT).access.value != second.access.value


def test_refresh_token_belongs_to_its_client(clock: Clockwork) -> None:
    """Another registration cannot use a refresh token, and does not burn it by trying."""
    sessions = sessions_of(clock)
    token = refresh_of(signed_in(sessions))
    assert refusal_of(sessions, token, replace(CLIENT, client_id="other")) == "InvalidGrantException"
    assert sessions.refresh(token, CLIENT).session.number == 1


def test_login_reuses_the_living_session(clock: Clockwork) -> None:
    """A second sign-in of the same person at the same start URL moves no end."""
    sessions = sessions_of(clock)
    first = signed_in(sessions)
    clock.advance(6 * HOUR)
    assert signed_in(sessions).session == first.session


def test_login_after_the_end_begins_a_new_session(clock: Clockwork) -> None:
    """Once the session is over, a sign-in starts eight fresh hours."""
    sessions = sessions_of(clock)
    signed_in(sessions)
    clock.advance(8 * HOUR)
    assert signed_in(sessions).session.ends_at == NOON + 16 * HOUR


def test_sessions_are_per_person_and_start_url(clock: Clockwork) -> None:
    """Two people at one start URL, and one person at two, have sessions of their own."""
    sessions = sessions_of(clock)
    signed_in(sessions)
    sessions.sign_in(ACME, "kim", CLIENT, (ACCOUNT_ACCESS,))
    signed_in(sessions, start_url=BETA)
    assert [one.label for one in sessions.all()] == [
        "d-1234567890.awsapps.com/sam/1",
        "d-1234567890.awsapps.com/kim/2",
        "d-2345678901.awsapps.com/sam/3",
    ]


def test_logout_ends_the_session_and_makes_room_for_a_new_one(clock: Clockwork) -> None:
    """After the logout every token of the session is dead and a sign-in begins another."""
    sessions = sessions_of(clock)
    grant = signed_in(sessions)
    sessions.logout(grant.access.value)
    clock.advance(HOUR / 2)
    assert refusal_of(sessions, refresh_of(grant)) == "InvalidGrantException"
    with pytest.raises(Refused, match="UnauthorizedException"):
        sessions.holder(grant.access.value)
    assert signed_in(sessions).session.ends_at == NOON + HOUR / 2 + 8 * HOUR


def test_legacy_token_lives_eight_hours_without_refresh(clock: Clockwork) -> None:
    """A registration without scopes gets a long token and no refresh token."""
    grant = signed_in(sessions_of(clock), scopes=())
    assert (grant.access.expires_at, grant.refresh) == (NOON + 8 * HOUR, None)


@pytest.mark.parametrize(("outlives", "hours"), [(False, 8), (True, 13)])
def test_legacy_token_at_the_sessions_end(clock: Clockwork, *, outlives: bool, hours: int) -> None:
    """A legacy token taken five hours into the session is cut to its end in one world only."""
    sessions = sessions_of(clock, outlives=outlives)
    signed_in(sessions)
    clock.advance(5 * HOUR)
    assert signed_in(sessions, scopes=()).access.expires_at == NOON + hours * HOUR


def test_other_scopes_bring_no_refresh_token(clock: Clockwork) -> None:
    """Scopes without account access give an ordinary hour and nothing to refresh it with."""
    grant = signed_in(sessions_of(clock), scopes=("codewhisperer:completions",))
    assert (grant.access.expires_at, grant.refresh) == (NOON + HOUR, None)


def test_revoked_session_is_dead_everywhere(clock: Clockwork) -> None:
    """An admin's revocation kills access and refresh tokens alike, in either world."""
    sessions = sessions_of(clock, outlives=True)
    grant = signed_in(sessions)
    assert (sessions.revoke(ACME), sessions.revoke(ACME)) == (1, 0)
    assert refusal_of(sessions, refresh_of(grant)) == "InvalidGrantException"
    with pytest.raises(Refused, match="UnauthorizedException"):
        sessions.holder(grant.access.value)


def test_rejected_token_leaves_the_session_alive(clock: Clockwork) -> None:
    """One token refused before its time can be replaced by a refresh."""
    sessions = sessions_of(clock)
    grant = signed_in(sessions)
    assert sessions.reject(ACME) == 1
    with pytest.raises(Refused, match="UnauthorizedException"):
        sessions.holder(grant.access.value)
    fresh = sessions.refresh(refresh_of(grant), CLIENT)
    assert sessions.holder(fresh.access.value) == grant.session


def test_shortened_session_never_grows(clock: Clockwork) -> None:
    """An identity provider can bring the end forward, not push it back."""
    sessions = sessions_of(clock)
    grant = signed_in(sessions)
    assert (sessions.shorten(ACME, NOON + HOUR / 2), sessions.shorten(ACME, NOON + 9 * HOUR)) == (1, 0)
    assert sessions.refresh(refresh_of(grant), CLIENT).access.expires_at == NOON + HOUR / 2


def test_every_token_is_known_to_be_secret(clock: Clockwork) -> None:
    """What was given out is found among the secrets, and shows in no repr."""
    sessions = sessions_of(clock)
    grant = signed_in(sessions)
    assert sessions.secrets() == {grant.access.value, refresh_of(grant)}
    assert not any(secret in repr((sessions, grant)) for secret in sessions.secrets())
