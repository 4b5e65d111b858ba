"""End a sign-in on purpose: sign out of one session, or extend the day by signing out and in again.

Law: only this one token is ended, never ``aws sso logout``, which deletes every token file, other tools' included.
"""

from collections.abc import Mapping

from keeplit.adapters import token_cache
from keeplit.adapters.identity_center import IdentityCenter
from keeplit.adapters.paths import Paths
from keeplit.core.deeds import Outcome, Result
from keeplit.core.model import Session, portal


def logout(paths: Paths, environ: Mapping[str, str], session: Session) -> Outcome:
    """End the sign-in behind the token of `session` at the portal, then delete its token file.

    A token that the portal no longer knows is deleted all the same; if the portal cannot be reached nothing is touched.
    """
    look, secrets = token_cache.secrets(paths.sso_cache, paths.own, session)
    if secrets is None or look.token is None:
        return Outcome(Result.DONE, "no_token")
    outcome = IdentityCenter(environ).logout(session, secrets.access_token)
    if outcome.result not in {Result.DONE, Result.REJECTED}:
        return outcome
    return token_cache.delete_token(paths.sso_cache, paths.own, session, look.token.digest)


def touched(sessions: tuple[Session, ...], session: Session) -> tuple[str, ...]:
    """Return the names of the sessions that ending `session` ends too: all with its start URL share one sign-in."""
    ended = portal(session.start_url)
    return tuple(other.name for other in sessions if portal(other.start_url) == ended)
