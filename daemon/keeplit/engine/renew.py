"""Renew without a person: a token by its refresh token, role credentials by the token.

Law: each re-checks, under the token's lock or just before the call, that the token is the one that was decided on.
"""

from collections.abc import Mapping
from dataclasses import replace

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
    outcome = renewal.refresh(
        paths.sso_cache,
        paths.own,
        session,
        digest,
        create_token=lambda secrets: center.create_token(session, secrets),
        now=clock.now,
        sleep=clock.sleep,
    )
    return replace(outcome, skew=center.last_skew)


def bridge(paths: Paths, environ: Mapping[str, str], seen: Seen, digest: str) -> Outcome:
    """Take fresh role credentials for the profiles in use into the AWS CLI's role cache."""
    roles = tuple(dict.fromkeys((role.account, role.role) for role in seen.roles))
    if not roles:
        return Outcome(Result.DONE, "no_roles")
    center = IdentityCenter(environ)
    found = take_roles(paths, center, seen.session, roles, digest)
    taken = sum(outcome.result is Result.DONE for outcome in found)
    outcomes: dict[Result, Outcome] = {}
    for outcome in found:
        outcomes.setdefault(outcome.result, outcome)
    worst = next(outcomes[result] for result in (*WORST_FIRST, *outcomes) if result in outcomes)
    return replace(worst, roles=taken, skew=center.last_skew)


def take_role(paths: Paths, center: IdentityCenter, session: Session, role: Role, digest: str) -> Outcome:
    """Take role credentials for one role with the token `digest` and put them into the CLI's cache."""
    return take_roles(paths, center, session, ((role.account, role.role),), digest)[0]


def take_roles(
    paths: Paths, center: IdentityCenter, session: Session, roles: tuple[tuple[str, str], ...], digest: str
) -> tuple[Outcome, ...]:
    """Take the credentials of several (account, role) within one deadline, and put them into the CLI's cache."""
    look, secrets = token_cache.secrets(paths.sso_cache, paths.own, session)
    if secrets is None or look.token is None or look.token.digest != digest:
        return (Outcome(Result.STALE, "other_token"),)
    answers = center.several_roles(session, roles, secrets.access_token)
    return tuple(
        outcome if credentials is None else role_cache.write(paths.cli_cache, session, account, role, credentials)
        for (account, role), (outcome, credentials) in zip(roles, answers, strict=True)
    )
