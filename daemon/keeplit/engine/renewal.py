"""The silent renewal of one token: under its lock, prepared before the call, never over another tool's newer token.

Law (section 3, rules 2 and 3): what is to be written is prepared before the call that cannot be undone; the file is
read again after it, and ours is discarded where another tool's is newer; what AWS gave is never lost: our private copy
has it where the file could not be written at last, and the next try begins with it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from keeplit.adapters import files, token_cache
from keeplit.core import token_file
from keeplit.core.deeds import Outcome, Result
from keeplit.core.model import Session
from keeplit.core.secrets import NewToken, Secrets
from keeplit.core.token_file import TokenFile

ONCE_MORE_SECONDS = 3.0
GROWTH = 4096  # an answer may be longer than the token it replaces: the room is taken before the call

CreateToken = Callable[[Secrets], tuple[Outcome, NewToken | None]]


def refresh(
    sso_cache: Path,
    own: Path,
    session: Session,
    digest: str,
    create_token: CreateToken,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
) -> Outcome:
    """Renew the token that `digest` names, under its lock; another one in the file is left alone.

    The outcome says what AWS said; with DONE and SUPERSEDED it holds the token that the file holds now.
    """
    try:
        files.private_folder(own)
        with files.lock(own / f"{session.key}.lock", token_cache.LOCK_SECONDS):
            return _refresh(sso_cache, own, session, digest, create_token, now, sleep)
    except files.Busy:
        return Outcome(Result.TRANSIENT, "busy", "another process is renewing this token")
    except files.FileTrouble as trouble:
        return Outcome(Result.NOT_WRITABLE, "own_folder", str(trouble))


def _refresh(
    sso_cache: Path,
    own: Path,
    session: Session,
    digest: str,
    create_token: CreateToken,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
) -> Outcome:
    place = token_cache.path(sso_cache, session)
    before = files.read(place)
    found = token_file.parse(before, session)
    if found.token is None or found.token.digest != digest:
        return _other(found, Result.STALE)
    fields = token_cache.whole(own, session, found)
    if not token_file.can_refresh(fields):
        return Outcome(Result.CANNOT, "no_refresh_token", "the token has no refresh token")
    try:
        with files.prepare(place, (before or b"") + b" " * GROWTH) as prepared:
            late = _kept_later(own, session, found)
            if late is not None and late.token is not None:
                prepared.commit(token_file.spelled(late.fields))
                return Outcome(Result.DONE, "kept", token=late.token)
            outcome, new = create_token(token_file.secrets_of(fields))
            if outcome.result is Result.OVER:
                outcome, new = _once_more(place, session, digest, fields, create_token, sleep, outcome)
            if outcome.result is Result.REGISTRATION_DEAD:
                token_cache.delete_registration(sso_cache, session)
            if new is None:
                return outcome
            data = token_file.renewed(fields, new, now())
            after = token_file.parse(files.read(place), session)
            if after.token is not None and after.token.digest != digest:
                return _other(after, Result.SUPERSEDED)
            files.replace_if_changed(token_cache.kept_path(own, session), data)
            prepared.commit(data)
    except files.NotWritable as trouble:
        return Outcome(Result.NOT_WRITABLE, "token_cache", str(trouble))
    written = token_file.parse(data, session).token
    return Outcome(Result.DONE, token=written, life=timedelta(seconds=new.expires_in))


def _kept_later(own: Path, session: Session, found: TokenFile) -> TokenFile | None:
    """Return our copy where it holds a later token of the same client: an answer that could not be written."""
    kept = token_file.parse(token_cache.private_copy(own, session), session)
    if kept.token is None or found.token is None or kept.fields.get("clientId") != found.fields.get("clientId"):
        return None
    return kept if kept.token.expires_at > found.token.expires_at else None


def _other(found: TokenFile, result: Result) -> Outcome:
    if found.token is None:
        return Outcome(Result.STALE, "no_token", "the token file is gone or being written")
    return Outcome(result, "other_token", "the file holds another token meanwhile", token=found.token)


def _once_more(
    place: Path,
    session: Session,
    digest: str,
    fields: token_file.Fields,
    create_token: CreateToken,
    sleep: Callable[[float], None],
    first: Outcome,
) -> tuple[Outcome, NewToken | None]:
    """Ask again 3 s after a refusal, unless the file changed: then someone else used the refresh token."""
    for wait in (0.0, ONCE_MORE_SECONDS):
        sleep(wait)
        found = token_file.parse(files.read(place), session)
        if found.token is not None and found.token.digest != digest:
            return _other(found, Result.SUPERSEDED), None
    outcome, new = create_token(token_file.secrets_of(fields))
    found = token_file.parse(files.read(place), session)
    if outcome.result is Result.OVER and found.token is not None and found.token.digest != digest:
        return _other(found, Result.SUPERSEDED), None
    return (outcome, new) if new is not None or outcome.result is not Result.OVER else (first, None)
