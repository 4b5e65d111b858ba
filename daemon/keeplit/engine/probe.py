"""Does the portal accept this token for this role? One GetRoleCredentials, its answer shared by all who ask at once.

Law: at most one call in 30 s for each access token (by its digest), account and role, so that ten windows that wake
together make one; the answer lies in a file of ours, without a secret, and a good one is in the AWS CLI's role cache.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path

from keeplit.adapters import clock, files, role_cache
from keeplit.adapters.identity_center import IdentityCenter
from keeplit.adapters.paths import Paths
from keeplit.core.deeds import Outcome, Result
from keeplit.core.model import Role
from keeplit.engine import renew
from keeplit.engine.whose import Meant

HOLDS = timedelta(seconds=30)
CALL_SECONDS = 25.0
SCHEMA = 1
MOST_BYTES = 1 << 14


def accepted(paths: Paths, meant: Meant, digest: str, within: float) -> Outcome:
    """Return what the portal says to the token `digest`: DONE, with fresh role credentials in the cache, or why not.

    It takes `within` seconds at most, and 25 s for the call.
    """
    until = clock.monotonic() + within
    profile, session = meant.profile, meant.session
    cached = role_cache.path(paths.cli_cache, session, profile.account, profile.role)
    file = paths.own / f"{cached.stem}.probe.json"
    files.private_folder(paths.own)
    try:
        with files.lock(paths.own / f"{cached.stem}.role.lock", timeout=within):
            known = shared(file, digest, clock.now())
            if known is not None and (known.result is not Result.DONE or _lives(paths, meant)):
                return known
            seconds = max(1.0, min(CALL_SECONDS, until - clock.monotonic()))
            center = IdentityCenter(dict(meant.environ), deadline_seconds=seconds)
            role = Role(profile.name, profile.account, profile.role)
            outcome = renew.take_role(paths, center, session, role, digest)
            share(file, digest, outcome, clock.now())
            return outcome
    except files.Busy:
        return Outcome(Result.TRANSIENT, "busy", "another process asks AWS and has no answer yet")


def shared(file: Path, digest: str, now: datetime) -> Outcome | None:
    """Return the answer that is known for a token; None for none, an old one, and one that cannot be read."""
    try:
        told = json.loads(files.read_own(file, MOST_BYTES) or b"")
        at = datetime.fromisoformat(told["at"])
        known = Outcome(Result(told["result"]), str(told["code"]), str(told["detail"]))
        fresh = told["schema"] == SCHEMA and told["token"] == digest and timedelta(0) <= now - at < HOLDS
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return known if fresh else None


def share(file: Path, digest: str, outcome: Outcome, now: datetime) -> None:
    """Write an answer down for those who ask within 30 s; STALE says nothing about the token and is not."""
    if outcome.result is Result.STALE:
        return
    told = {
        "schema": SCHEMA,
        "token": digest,
        "at": now.isoformat(),
        "result": str(outcome.result),
        "code": outcome.code,
        "detail": outcome.detail,
    }
    files.replace(file, json.dumps(told).encode())


def _lives(paths: Paths, meant: Meant) -> bool:
    ends = role_cache.look(paths.cli_cache, meant.session, meant.profile.account, meant.profile.role)
    return ends is not None and ends > clock.now()
