"""Registrations and the person's decision, without HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from keeplit.sandbox.clients import ACME, BETA
from keeplit.sandbox.clockwork import Clockwork
from keeplit.sandbox.identity import Identity
from keeplit.sandbox.nouns import ACCOUNT_ACCESS, Lifetimes, Registration, World
from keeplit.sandbox.refusal import Refused
from keeplit.sandbox.sessions import Sessions

REDIRECT = "http://127.0.0.1:5555/oauth/callback"
# The verifier and challenge of RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.fixture
def identity(clock: Clockwork) -> Identity:
    """Give an Identity Center with one start URL."""
    return Identity(clock, Sessions(clock, Lifetimes(), World()), frozenset({ACME}))


@pytest.fixture
def client(identity: Identity) -> Registration:
    """Give a registered client that may use both flows."""
    return identity.register(
        "test", (ACCOUNT_ACCESS,), issuer_url=ACME, redirect_uris=("http://127.0.0.1/oauth/callback",)
    )


def code_of(call: Callable[..., object], *arguments: Any) -> str:
    """Return the code with which a call is refused."""
    with pytest.raises(Refused) as refused:
        call(*arguments)
    return refused.value.code


def test_device_code_waits_for_the_person_and_works_once(identity: Identity, client: Registration) -> None:
    """Pending until approved, then one token, then nothing more."""
    waiting = identity.start_device(client, ACME)
    assert code_of(identity.redeem_device, client, waiting.code) == "AuthorizationPendingException"
    identity.decide(waiting.ticket, "sam", approve=True)
    assert identity.redeem_device(client, waiting.code).session.user == "sam"
    assert code_of(identity.redeem_device, client, waiting.code) == "InvalidGrantException"


def test_user_code_may_be_typed_in_small_letters(identity: Identity, client: Registration) -> None:
    """A person who types the code by hand need not mind the case."""
    waiting = identity.start_device(client, ACME)
    assert identity.authorization(waiting.ticket.lower()) == waiting


def test_denied_device_code(identity: Identity, client: Registration) -> None:
    """What the person denies is AccessDenied, and stays so."""
    waiting = identity.start_device(client, ACME)
    identity.decide(waiting.ticket, "sam", approve=False)
    assert code_of(identity.redeem_device, client, waiting.code) == "AccessDeniedException"
    assert identity.decide(waiting.ticket, "sam", approve=True) is None


def test_expired_device_code(identity: Identity, client: Registration, clock: Clockwork) -> None:
    """After ten minutes the code is expired and the page takes no decision."""
    waiting = identity.start_device(client, ACME)
    clock.advance(timedelta(minutes=10))
    assert code_of(identity.redeem_device, client, waiting.code) == "ExpiredTokenException"
    assert identity.decide(waiting.ticket, "sam", approve=True) is None


def test_polling_too_fast_is_slowed_down(identity: Identity, client: Registration, clock: Clockwork) -> None:
    """Two polls at once are taken, a third is told to slow down, and patience is forgiven."""
    waiting = identity.start_device(client, ACME)
    told = [code_of(identity.redeem_device, client, waiting.code) for _ in range(3)]
    clock.advance(timedelta(seconds=1))
    told.append(code_of(identity.redeem_device, client, waiting.code))
    pending = "AuthorizationPendingException"
    assert told == [pending, pending, "SlowDownException", pending]


def test_device_code_of_another_client(identity: Identity, client: Registration) -> None:
    """A code belongs to the client that asked for it."""
    waiting = identity.start_device(client, ACME)
    assert code_of(identity.redeem_device, identity.register("other", ()), waiting.code) == "InvalidGrantException"


def test_unknown_start_url(identity: Identity, client: Registration) -> None:
    """A start URL that does not exist is an invalid request."""
    assert code_of(identity.start_device, client, BETA) == "InvalidRequestException"


def test_registration_ends(identity: Identity, client: Registration, clock: Clockwork) -> None:
    """A wrong secret, an unknown id and an expired registration are all InvalidClient."""
    assert identity.client(client.client_id, client.client_secret) == client
    assert code_of(identity.client, client.client_id, "wrong") == "InvalidClientException"
    assert code_of(identity.client, "unknown", client.client_secret) == "InvalidClientException"
    clock.advance(timedelta(days=90))
    assert code_of(identity.client, client.client_id, client.client_secret) == "InvalidClientException"


def test_forgotten_registration(identity: Identity, client: Registration) -> None:
    """Registrations can be dropped before their time, and stay secret."""
    assert identity.forget_registrations() == 1
    assert code_of(identity.client, client.client_id, client.client_secret) == "InvalidClientException"
    assert {client.client_id, client.client_secret} <= identity.secrets()


def test_browser_flow_needs_the_verifier(identity: Identity, client: Registration) -> None:
    """PKCE's code works with the verifier of its challenge, after the decision, and once."""
    waiting = identity.start_browser(client, REDIRECT, "state", CHALLENGE)
    redeem = identity.redeem_browser
    early = code_of(redeem, client, waiting.code, REDIRECT, VERIFIER)
    identity.decide(waiting.ticket, "sam", approve=True)
    wrong = code_of(redeem, client, waiting.code, REDIRECT, "wrong")
    elsewhere = code_of(redeem, client, waiting.code, "http://127.0.0.1:1/", VERIFIER)
    assert redeem(client, waiting.code, REDIRECT, VERIFIER).refresh is not None
    again = code_of(redeem, client, waiting.code, REDIRECT, VERIFIER)
    assert {early, wrong, elsewhere, again} == {"InvalidGrantException"}


def test_browser_flow_adds_the_scope(identity: Identity) -> None:
    """Even a registration without scopes gets a refresh token by PKCE."""
    client = identity.register("plain", (), issuer_url=ACME)
    waiting = identity.start_browser(client, REDIRECT, "state", CHALLENGE)
    identity.decide(waiting.ticket, "sam", approve=True)
    assert identity.redeem_browser(client, waiting.code, REDIRECT, VERIFIER).refresh is not None
