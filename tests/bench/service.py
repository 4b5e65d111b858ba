"""Identity Center as one laptop sees it: a sign-in, its tokens, role credentials, and what a call costs.

Law: the sign-in ends when it ends; no renewal passes that, and a sign-in while it is alive reuses it. In one world the
last token is shortened to the end; in the other it outlives the sign-in.
"""

from dataclasses import dataclass

from tests.bench.laptop import Life
from tests.bench.spans import HOUR, NEVER


@dataclass(frozen=True, slots=True)
class Terms:
    """What the administrator set, and in which of the two worlds."""

    limit: float  # of a sign-in
    role: float  # of role credentials
    outlives: bool


@dataclass(frozen=True, slots=True)
class Issued:
    """A token: its number and its end."""

    number: int
    end: float


class Service:
    """The service; every call is counted."""

    def __init__(self, life: Life, terms: Terms) -> None:
        self.life = life
        self.terms = terms
        self.nominal = -NEVER  # the end the sign-in was given
        self.end = -NEVER  # its true end: revoked or logged out, it is earlier
        self.token = Issued(0, -NEVER)
        self.dead_from = NEVER  # from when the portal refuses the token, whatever its date says
        self.calls = 0

    def sign_in(self, at: float) -> Issued:
        """Return the token of a sign-in completed at `at`."""
        self.calls += 2
        if at >= self.end:
            self.nominal = at + self.terms.limit
            revoked = next((cut for cut in self.life.revoked if cut > at), NEVER)
            self.end = min(self.nominal, revoked)
            self.dead_from = revoked
        return self._issue(at)

    def renew(self, at: float) -> Issued | None:
        """Return the token of a silent refresh, None once the sign-in is over."""
        self.calls += 1
        return self._issue(at) if at < self.end else None

    def role_credentials(self, at: float) -> float | None:
        """Return until when new role credentials live; None: the token is refused."""
        self.calls += 1
        return at + self.terms.role if at < min(self.token.end, self.dead_from) else None

    def log_out(self, at: float) -> None:
        """End the sign-in behind the token now."""
        self.calls += 1
        self.end = self.dead_from = min(self.end, at)

    def _issue(self, at: float) -> Issued:
        end = at + HOUR if self.terms.outlives else min(at + HOUR, self.nominal)
        self.token = Issued(self.token.number + 1, end)
        return self.token
