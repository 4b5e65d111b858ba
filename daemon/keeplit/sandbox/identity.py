"""The Identity Center's state without HTTP: clients register, a person decides, codes become tokens."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace
from hashlib import sha256
from hmac import compare_digest
from secrets import choice, token_urlsafe

from keeplit.sandbox.clockwork import Now
from keeplit.sandbox.nouns import ACCOUNT_ACCESS, Authorization, Grant, Registration
from keeplit.sandbox.refusal import Refused
from keeplit.sandbox.sessions import Sessions

_USER_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"


@dataclass(slots=True)
class Identity:
    """Registrations, authorizations and (in `sessions`) all that comes of them."""

    now: Now
    sessions: Sessions
    start_urls: frozenset[str] = frozenset()
    """The start URLs there are; empty: any."""
    _registrations: dict[str, Registration] = field(default_factory=dict, repr=False)
    _by_code: dict[str, Authorization] = field(default_factory=dict, repr=False)
    _code_of: dict[str, str] = field(default_factory=dict, repr=False)
    _client_secrets: set[str] = field(default_factory=set, repr=False)

    def register(
        self,
        name: str,
        scopes: tuple[str, ...],
        *,
        issuer_url: str = "",
        redirect_uris: tuple[str, ...] = (),
    ) -> Registration:
        """Register a public client."""
        now = self.now()
        registration = Registration(
            client_id=token_urlsafe(24),
            client_secret="eyJ" + token_urlsafe(64),
            name=name,
            scopes=scopes,
            issuer_url=issuer_url,
            redirect_uris=redirect_uris,
            registered_at=now,
            expires_at=now + self.sessions.lifetimes.registration,
        )
        self._registrations[registration.client_id] = registration
        self._client_secrets |= {registration.client_id, registration.client_secret}
        return registration

    def client(self, client_id: str, client_secret: str | None) -> Registration:
        """Return a live registration; InvalidClientException when it is unknown, expired or the secret is wrong.

        ``client_secret`` None means that the request carries none (the browser's ``/authorize``).
        """
        registration = self._registrations.get(client_id)
        if registration is None:
            raise Refused("InvalidClientException", "Invalid client provided")
        wrong = client_secret is not None and not compare_digest(
            client_secret.encode(), registration.client_secret.encode()
        )
        if wrong or self.now() >= registration.expires_at:
            raise Refused("InvalidClientException", "Invalid client provided", client=registration.name)
        return registration

    def forget_registrations(self) -> int:
        """Drop every registration, as if all had expired; return how many there were."""
        count = len(self._registrations)
        self._registrations.clear()
        return count

    def start_device(self, registration: Registration, start_url: str) -> Authorization:
        """Begin a device flow; InvalidRequestException for a start URL that does not exist."""
        self._known(start_url, registration)
        letters = "".join(choice(_USER_CODE_LETTERS) for _ in range(8))
        return self._wait_for_a_person(
            Authorization(
                ticket=f"{letters[:4]}-{letters[4:]}",
                code=token_urlsafe(32),
                client_id=registration.client_id,
                client=registration.name,
                start_url=start_url,
                scopes=registration.scopes,
                expires_at=self.now() + self.sessions.lifetimes.device_code,
            ),
        )

    def start_browser(self, registration: Registration, redirect_uri: str, state: str, challenge: str) -> Authorization:
        """Begin a PKCE flow (RFC 7636), which always asks for account access."""
        self._known(registration.issuer_url, registration)
        return self._wait_for_a_person(
            Authorization(
                ticket=token_urlsafe(12),
                code=token_urlsafe(32),
                client_id=registration.client_id,
                client=registration.name,
                start_url=registration.issuer_url,
                scopes=(*registration.scopes, ACCOUNT_ACCESS),
                expires_at=self.now() + self.sessions.lifetimes.device_code,
                redirect_uri=redirect_uri,
                state=state,
                challenge=challenge,
            ),
        )

    def authorization(self, ticket: str) -> Authorization | None:
        """Return the authorization a browser's page is about."""
        return self._by_code.get(self._code_of.get(ticket.upper(), self._code_of.get(ticket, "")))

    def decide(self, ticket: str, user: str, *, approve: bool) -> Authorization | None:
        """Write down a person's decision; None when nothing waits under that ticket any more."""
        waiting = self.authorization(ticket)
        if waiting is None or waiting.decision != "waiting" or self.now() >= waiting.expires_at:
            return None
        return self._keep(replace(waiting, decision="approved" if approve else "denied", user=user))

    def redeem_device(self, registration: Registration, device_code: str) -> Grant:
        """Exchange a device code, or say why not yet or not at all (RFC 8628, section 3.5)."""
        waiting = self._asked_for(registration, device_code)
        now = self.now()
        if now >= waiting.expires_at:
            raise Refused("ExpiredTokenException", "Device code expired", client=registration.name)
        if waiting.decision == "waiting":
            # AWS CLI 2.9.19 polls twice at once before it first waits, and the service allows it: three are too fast.
            self._keep(replace(waiting, polled=(*waiting.polled, now)[-2:]))
            patience = self.sessions.lifetimes.poll_interval / 2
            if len(waiting.polled) > 1 and now - waiting.polled[0] < patience:
                raise Refused("SlowDownException", "Slow down", client=registration.name)
            raise Refused("AuthorizationPendingException", "Authorization pending", client=registration.name)
        return self._redeem(registration, waiting)

    def redeem_browser(self, registration: Registration, code: str, redirect_uri: str, verifier: str) -> Grant:
        """Exchange an authorization code, given the verifier of its challenge."""
        waiting = self._asked_for(registration, code)
        proof = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        matches = waiting.challenge == proof and waiting.redirect_uri == redirect_uri
        if not matches or waiting.decision == "waiting" or self.now() >= waiting.expires_at:
            raise Refused("InvalidGrantException", "Invalid grant provided", client=registration.name)
        return self._redeem(registration, waiting)

    def secrets(self) -> frozenset[str]:
        """Return every token, code, client id and client secret ever given out."""
        return self.sessions.secrets() | frozenset(self._by_code) | self._client_secrets

    def _redeem(self, registration: Registration, waiting: Authorization) -> Grant:
        if waiting.decision == "denied":
            raise Refused("AccessDeniedException", "User denied the request", client=registration.name)
        if waiting.decision == "spent":
            raise Refused("InvalidGrantException", "Invalid grant provided", client=registration.name)
        self._keep(replace(waiting, decision="spent"))
        return self.sessions.sign_in(waiting.start_url, waiting.user, registration, waiting.scopes)

    def _asked_for(self, registration: Registration, code: str) -> Authorization:
        waiting = self._by_code.get(code)
        if waiting is None or waiting.client_id != registration.client_id:
            raise Refused("InvalidGrantException", "Invalid grant provided", client=registration.name)
        return waiting

    def _known(self, start_url: str, registration: Registration) -> None:
        if not start_url or (self.start_urls and start_url not in self.start_urls):
            raise Refused("InvalidRequestException", "Invalid start URL provided", client=registration.name)

    def _wait_for_a_person(self, authorization: Authorization) -> Authorization:
        self._code_of[authorization.ticket] = authorization.code
        return self._keep(authorization)

    def _keep(self, authorization: Authorization) -> Authorization:
        self._by_code[authorization.code] = authorization
        return authorization
