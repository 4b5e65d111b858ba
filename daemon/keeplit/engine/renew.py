"""Renew without a person: a token by its refresh token, role credentials by the token.

Law: each re-checks, under the token's lock or just before the call, that the token is the one that was decided on.
"""

from collections.abc import Mapping

from keeplit.adapters import clock, role_cache, token_cache
from keeplit.adapters.identity_center import IdentityCenter
from keeplit.adapters.paths import Paths
from keeplit.core.deeds import Outcome, Result
from keeplit.core.model import Role, Seen, Session
from keeplit.engine import renewal

WORST_FIRST = (Result.REJECTED, Result.TRANSIENT, Result.THROTTLED, Result.UNEXPECTED, Result.REFUSED)


def refresh(paths: Paths, environ: Mapping[str, str], session: Session, digest: str) -> Outcome:
    """Renew the token of `session` whose digest is `digest`, silently, under its lock."""
    center = IdentityCenter(environ)
    return renewal.refresh(
        paths.sso_cache,
        paths.own,
        session,
        digest,
        create_token=lambda secrets: center.create_token(session, secrets),
        now=clock.now,
        sleep=clock.sleep,
    )


def bridge(paths: Paths, environ: Mapping[str, str], seen: Seen, digest: str) -> Outcome:
    """Take fresh role credentials for the profiles in use into the AWS CLI's role cache."""
    center = IdentityCenter(environ)
    taken = 0
    outcomes: dict[Result, Outcome] = {}
    roles = {(role.account, role.role): role for role in seen.roles}
    for role in roles.values():
        outcome = take_role(paths, center, seen.session, role, digest)
        outcomes.setdefault(outcome.result, outcome)
        taken += outcome.result is Result.DONE
        if outcome.result in {Result.REJECTED, Result.STALE}:
            break
    worst = next((outcomes[result] for result in (*WORST_FIRST, *outcomes) if result in outcomes), None)
    if worst is None:
        return Outcome(Result.DONE, "no_roles")
    return Outcome(worst.result, worst.code, worst.detail, worst.retry_after, roles=taken)


def take_role(paths: Paths, center: IdentityCenter, session: Session, role: Role, digest: str) -> Outcome:
    """Take role credentials for one role with the token `digest` and put them into the CLI's cache."""
    look, secrets = token_cache.secrets(paths.sso_cache, paths.own, session)
    if secrets is None or look.token is None or look.token.digest != digest:
        return Outcome(Result.STALE, "other_token")
    outcome, credentials = center.role_credentials(session, role.account, role.role, secrets.access_token)
    if credentials is None:
        return outcome
    return role_cache.write(paths.cli_cache, session, role.account, role.role, credentials)
