"""What `keeplit setup` asks the access portal: whether a session is signed in, its accounts and their roles.

Law: a token that the portal does not accept counts as none. No browser is opened here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from keeplit.adapters import clock, portal_lists, sign_in_files, token_cache
from keeplit.adapters.identity_center import IdentityCenter
from keeplit.adapters.paths import Paths
from keeplit.adapters.portal_lists import Account
from keeplit.core.deeds import Outcome, Result
from keeplit.core.model import Session
from keeplit.engine import renew


@dataclass(frozen=True, slots=True)
class Portal:
    """The portal of one session, as one person sees it."""

    paths: Paths
    environ: Mapping[str, str]
    session: Session

    def signed_in(self) -> bool:
        """Whether there is a token that lives, renewed silently where that is all it takes."""
        look = token_cache.look(self.paths.sso_cache, self.paths.own, self.session)
        if look.token is None:
            return False
        if look.token.expires_at > clock.now():
            return True
        if not look.token.refreshable:
            return False
        renew.refresh(self.paths, self.environ, self.session, look.token.digest)  # under its lock
        again = token_cache.look(self.paths.sso_cache, self.paths.own, self.session).token
        return again is not None and again.expires_at > clock.now()

    def accounts(self) -> tuple[Outcome, tuple[Account, ...]]:
        """Return the accounts, every page of them; REJECTED: a person must sign in."""
        token = self._token()
        if not token:
            return Outcome(Result.REJECTED, "no_token"), ()
        return portal_lists.accounts(self._asked, self.environ, self.session.region, token)

    def roles(self, account: str) -> tuple[Outcome, tuple[str, ...]]:
        """Return the roles in an account, every page of them."""
        token = self._token()
        if not token:
            return Outcome(Result.REJECTED, "no_token"), ()
        return portal_lists.roles(self._asked, self.environ, self.session.region, token, account)

    def cancel(self) -> None:
        """Ask the sign-in that runs to end: nobody waits for it any more."""
        record = sign_in_files.read(self.paths.own, self.session.key)
        if record is not None and record.running:
            sign_in_files.ask_cancel(self.paths.own, record)

    def _token(self) -> str:
        secrets = token_cache.secrets(self.paths.sso_cache, self.paths.own, self.session)[1]
        return secrets.access_token if secrets is not None else ""

    @property
    def _asked(self) -> portal_lists.Ask:
        return IdentityCenter(dict(self.environ)).asked
