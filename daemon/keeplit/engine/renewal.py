"""The silent renewal of one token: under its lock, prepared before the call, never over another tool's newer token.

Law (section 3, rules 2 and 3): what is to be written is prepared before the call that cannot be undone; the file is
read again after it, and ours is discarded where another tool's is newer, or where somebody signed out meanwhile; what
AWS gave is never lost: it is kept beside the cache until it is written, and the next try begins with it.
"""

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from keeplit.adapters import files, token_cache
from keeplit.core import token_file
from keeplit.core.deeds import Outcome, Result
from keeplit.core.model import Reading, Session
from keeplit.core.secrets import NewToken, Secrets
from keeplit.core.token_file import Fields, TokenFile

ONCE_MORE_SECONDS = 3.0
LOOKS, LOOK_SECONDS = 4, 0.5  # the AWS CLI writes in place: what is torn is whole a moment later, or stays torn
GROWTH = 4096  # an answer may be longer than the token it replaces: the room is taken before the call

CreateToken = Callable[[Secrets], tuple[Outcome, NewToken | None]]
Sleep = Callable[[float], None]


def refresh(
    sso_cache: Path,
    own: Path,
    session: Session,
    digest: str,
    create_token: CreateToken,
    now: Callable[[], datetime],
    sleep: Sleep,
    lock_seconds: float = token_cache.LOCK_SECONDS,
) -> Outcome:
    """Renew the token that `digest` names, under its lock; another one in the file is left alone.

    The outcome says what AWS said; with DONE and SUPERSEDED it holds the token that the file holds now.
    """
    try:
        files.private_folder(own)
        with files.lock(own / f"{session.key}.lock", lock_seconds):
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
    sleep: Sleep,
) -> Outcome:
    place = token_cache.path(sso_cache, session)
    found = _settled(place, session, sleep)
    if found.token is None or found.token.digest != digest:
        return _other(found, Result.STALE)
    fields = token_cache.whole(own, session, found)
    if not token_file.can_refresh(fields):
        return Outcome(Result.CANNOT, "no_refresh_token", "the token has no refresh token")
    answered = token_cache.kept_answer(own, session, digest)
    try:
        room = token_file.spelled(answered.fields if answered is not None else fields) + b" " * GROWTH
        with files.prepare(place, room) as prepared:
            if answered is not None:
                prepared.commit(token_file.spelled(answered.fields))
                _drop_answer(own, session)
                return Outcome(Result.DONE, "kept", token=answered.token)
            outcome, new = create_token(token_file.secrets_of(fields))
            if outcome.result is Result.OVER:
                outcome, new = _once_more(place, session, digest, fields, create_token, sleep)
            if outcome.result is Result.REGISTRATION_DEAD:
                token_cache.delete_registration(sso_cache, session)
            if new is None:
                return outcome
            after = _settled(place, session, sleep)
            if _changed(after, digest):
                return _other(after, Result.SUPERSEDED)
            if after.token is not None:
                fields = token_cache.whole(own, session, after)
            data = token_file.renewed(fields, new, now())
            token_cache.keep_answer(own, session, digest, data)
            prepared.commit(data)
            _drop_answer(own, session)
    except files.NotWritable as trouble:
        return Outcome(Result.NOT_WRITABLE, "token_cache", str(trouble))
    written = token_file.parse(data, session).token
    return Outcome(Result.DONE, token=written, life=timedelta(seconds=new.expires_in))


def _drop_answer(own: Path, session: Session) -> None:
    with contextlib.suppress(OSError):  # it names the token that is gone, so nobody takes it for the answer again
        token_cache.drop_answer(own, session)


def _read(place: Path, session: Session) -> TokenFile:
    """Return what the token file says; it is read afresh, and what cannot be read is torn."""
    try:
        return token_file.parse(files.read(place), session)
    except files.FileTrouble:
        return token_file.TORN


def _settled(place: Path, session: Session, sleep: Sleep) -> TokenFile:
    """Return what the token file says once nobody is writing it; torn where it stays so."""
    found = _read(place, session)
    for _ in range(LOOKS):
        if found.reading is not Reading.TORN:
            break
        sleep(LOOK_SECONDS)
        found = _read(place, session)
    return found


def _changed(found: TokenFile, digest: str) -> bool:
    """Whether the file is no longer the one of `digest`; a torn one may still be."""
    return found.reading is not Reading.TORN and (found.token is None or found.token.digest != digest)


def _other(found: TokenFile, result: Result) -> Outcome:
    if found.token is None:
        return Outcome(Result.STALE, "no_token", "the token file is gone, another session's, or being written")
    return Outcome(result, "other_token", "the file holds another token meanwhile", token=found.token)


def _once_more(
    place: Path, session: Session, digest: str, fields: Fields, create_token: CreateToken, sleep: Sleep
) -> tuple[Outcome, NewToken | None]:
    """Ask again 3 s after a refusal, unless the file changed: then someone else used the refresh token."""
    found = _read(place, session)
    if not _changed(found, digest):
        sleep(ONCE_MORE_SECONDS)
        found = _settled(place, session, sleep)
    if _changed(found, digest):
        return _other(found, Result.SUPERSEDED), None
    outcome, new = create_token(token_file.secrets_of(fields))
    found = _settled(place, session, sleep)
    if outcome.result is Result.OVER and _changed(found, digest):
        return _other(found, Result.SUPERSEDED), None
    return outcome, new
