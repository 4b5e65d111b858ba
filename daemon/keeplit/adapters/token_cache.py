"""AWS's token cache: read, kept whole, renewed under a lock, never clobbered.

Law (section 3, rules 2 and 3): what is to be written is prepared before the call that cannot be undone; the file is
read again after it, and ours is discarded where another tool's is newer; what AWS gave is never lost: our private copy
has it where the file could not be written at last, and the next try begins with it.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from keeplit.adapters import files
from keeplit.core import registration_file, token_file
from keeplit.core.deeds import Outcome, Result
from keeplit.core.model import Reading, Session, Token
from keeplit.core.secrets import NewToken, Registration, Secrets
from keeplit.core.token_file import TokenFile

LOCK_SECONDS = 20.0
ONCE_MORE_SECONDS = 3.0
GROWTH = 4096  # an answer may be longer than the token it replaces: the room is taken before the call

CreateToken = Callable[[Secrets], tuple[Outcome, NewToken | None]]


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of a session's token file; `writable` tells whether it could be replaced."""

    reading: Reading
    token: Token | None = None
    writable: bool = True


def path(sso_cache: Path, session: Session) -> Path:
    """Return a session's token file."""
    return sso_cache / f"{session.key}.json"


def kept_path(own: Path, session: Session) -> Path:
    """Return our private copy of a session's token."""
    return own / f"{session.key}.token.json"


def look(sso_cache: Path, own: Path, session: Session) -> Look:
    """Return what a session's token file says now. It raises nothing: what cannot be read is torn."""
    found = _read(sso_cache, session)
    token = found.token
    if token is not None and not token.refreshable and token_file.stripped(found.fields, _kept(own, session)):
        kept = token_file.parse(_bytes(kept_path(own, session)), session)
        ends = kept.token.registration_expires_at if kept.token is not None else None
        token = replace(token, refreshable=True, registration_expires_at=token.registration_expires_at or ends)
    return Look(found.reading, token, _writable(sso_cache))


def _read(sso_cache: Path, session: Session) -> TokenFile:
    try:
        return token_file.parse(files.read(path(sso_cache, session)), session)
    except files.FileTrouble:
        return token_file.TORN


def _bytes(place: Path) -> bytes | None:
    try:
        return files.read_own(place)
    except files.FileTrouble:
        return None


def _kept(own: Path, session: Session) -> token_file.Fields:
    return token_file.parse(_bytes(kept_path(own, session)), session).fields


def _writable(folder: Path) -> bool:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return os.access(folder, os.W_OK | os.X_OK)


def keep(own: Path, sso_cache: Path, session: Session) -> None:
    """Keep a private copy of a complete token, for when another tool strips its refresh token. Raises `FileTrouble`."""
    found = _read(sso_cache, session)
    if found.token is not None and found.token.refreshable:
        files.private_folder(own)
        files.replace_if_changed(kept_path(own, session), token_file.spelled(found.fields))


def secrets(sso_cache: Path, own: Path, session: Session) -> tuple[Look, Secrets | None]:
    """Return what was seen and the secrets of a token that is there, a stripped refresh token restored."""
    found = _read(sso_cache, session)
    seen = look(sso_cache, own, session)
    if found.token is None or seen.token is None or found.token.digest != seen.token.digest:
        return seen, None
    return seen, token_file.secrets_of(_whole(own, session, found))


def _whole(own: Path, session: Session, found: TokenFile) -> token_file.Fields:
    kept = _kept(own, session)
    return token_file.restored(found.fields, kept) if token_file.stripped(found.fields, kept) else found.fields


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
        with files.lock(own / f"{session.key}.lock", LOCK_SECONDS):
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
    place = path(sso_cache, session)
    before = files.read(place)
    found = token_file.parse(before, session)
    if found.token is None or found.token.digest != digest:
        return _other(found, Result.STALE)
    fields = _whole(own, session, found)
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
                delete_registration(sso_cache, session)
            if new is None:
                return outcome
            data = token_file.renewed(fields, new, now())
            after = token_file.parse(files.read(place), session)
            if after.token is not None and after.token.digest != digest:
                return _other(after, Result.SUPERSEDED)
            files.replace_if_changed(kept_path(own, session), data)
            prepared.commit(data)
    except files.NotWritable as trouble:
        return Outcome(Result.NOT_WRITABLE, "token_cache", str(trouble))
    written = token_file.parse(data, session).token
    return Outcome(Result.DONE, token=written, life=timedelta(seconds=new.expires_in))


def _kept_later(own: Path, session: Session, found: TokenFile) -> TokenFile | None:
    """Return our copy where it holds a later token of the same client: an answer that could not be written."""
    kept = token_file.parse(_bytes(kept_path(own, session)), session)
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


def save_sign_in(
    sso_cache: Path, own: Path, session: Session, new: NewToken, registration: Registration, now: datetime
) -> Outcome:
    """Write the token of our own device flow and its registration, as the AWS CLI would."""
    data = token_file.signed_in(session, new, registration, now)
    try:
        files.private_folder(own)
        make_cache(sso_cache)
        with files.lock(own / f"{session.key}.lock", LOCK_SECONDS):
            files.replace(sso_cache / registration_file.name(session), registration_file.spelled(registration))
            files.replace(path(sso_cache, session), data)
    except files.FileTrouble as trouble:
        return Outcome(Result.NOT_WRITABLE, "token_cache", str(trouble))
    return Outcome(Result.DONE, token=token_file.parse(data, session).token, life=timedelta(seconds=new.expires_in))


def make_cache(sso_cache: Path) -> None:
    """Make the cache folder where there is none. Raises `files.NotWritable`."""
    try:
        sso_cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise files.NotWritable(f"{sso_cache} cannot be made: {error.strerror}") from None


def delete_token(sso_cache: Path, own: Path, session: Session, digest: str) -> Outcome:
    """Delete the token that `digest` names, and our copy; another one in the file is left alone."""
    try:
        files.private_folder(own)
        with files.lock(own / f"{session.key}.lock", LOCK_SECONDS):
            found = _read(sso_cache, session)
            if found.token is not None and found.token.digest == digest:
                path(sso_cache, session).unlink(missing_ok=True)
            kept_path(own, session).unlink(missing_ok=True)
    except OSError as error:
        return Outcome(Result.NOT_WRITABLE, "token_cache", f"{sso_cache} cannot be written: {error.strerror}")
    except files.FileTrouble as trouble:
        return Outcome(Result.NOT_WRITABLE, "token_cache", str(trouble))
    return Outcome(Result.DONE)


def mend_registration(sso_cache: Path, session: Session, now: datetime) -> bool:
    """Delete a registration that would make the next login fail, or soon ends; return whether one went."""
    gone = False
    for name in registration_file.names(session):
        place = sso_cache / name
        try:
            data = files.read(place)
        except files.FileTrouble:
            data = b""
        if data is not None and registration_file.must_go(data, now):
            place.unlink(missing_ok=True)
            gone = True
    return gone


def delete_registration(sso_cache: Path, session: Session) -> None:
    """Delete a registration that AWS no longer knows."""
    for name in registration_file.names(session):
        (sso_cache / name).unlink(missing_ok=True)
