"""End a sign-in on purpose: sign out of one session, or extend the day by signing out and in again.

Law: only this one token is ended, never ``aws sso logout``, which deletes every token file, other tools' included.
"""

from collections.abc import Mapping

from keeplit.adapters import token_cache
from keeplit.adapters.identity_center import IdentityCenter
from keeplit.adapters.paths import Paths
from keeplit.core.answers import ON_THE_WAY
from keeplit.core.deeds import Outcome, Result
from keeplit.core.model import Session, SignInCode, portal


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


def why_not_ended(outcome: Outcome) -> tuple[SignInCode, str]:
    """Return how an extension ended that could not end the old sign-in, with one sentence: what `logout` answered.

    It is the network's fault only where AWS could not be asked; a cache that is shut is met after the portal took it.
    """
    reason = outcome.detail or outcome.code
    if outcome.detail in ON_THE_WAY:
        return SignInCode.OFFLINE, reason
    if outcome.result is Result.NOT_WRITABLE:
        return SignInCode.CACHE_NOT_WRITABLE, f"the old sign-in is ended, but its token file stays: {reason}"
    if outcome.result is Result.CANNOT:
        return SignInCode.MISCONFIGURED, reason
    return SignInCode.NOT_ENDED, reason


def touched(sessions: tuple[Session, ...], session: Session) -> tuple[str, ...]:
    """Return the names of the sessions that ending `session` ends too: all with its start URL share one sign-in."""
    ended = portal(session.start_url)
    return tuple(other.name for other in sessions if portal(other.start_url) == ended)
