"""AWS's token cache: read, kept whole, signed in and out of, never clobbered. Renewal is in `keeplit.engine.renewal`.

Law: unreadable is torn, never "signed out"; a file is replaced whole, under its lock; a complete token has a private
copy of ours, since other tools drop the refresh token when they renew it.
"""

import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from keeplit.adapters import clock, files
from keeplit.core import registration_file, token_file
from keeplit.core.deeds import Outcome, Result
from keeplit.core.model import Reading, Session, Token

if TYPE_CHECKING:
    from keeplit.core.secrets import NewToken, Registration, Secrets  # whoever only looks needs none

LOCK_SECONDS = 20.0
SIGN_IN_LOCK_SECONDS = 90.0  # as long as a renewal can take at most: what a person has just done is not lost to one
QUIET_SECONDS = 2.0
_readings: dict[Path, tuple[tuple[int, int, int, int, Session], token_file.TokenFile]] = {}
_answers: dict[Path, bytes] = {}


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of a session's token file."""

    reading: Reading
    token: Token | None = None


def path(sso_cache: Path, session: Session) -> Path:
    """Return a session's token file."""
    return sso_cache / f"{session.key}.json"


def kept_path(own: Path, session: Session) -> Path:
    """Return our private copy of a session's token."""
    return own / f"{session.key}.token.json"


def answer_path(own: Path, session: Session) -> Path:
    """Return where AWS's answer to a renewal lies that could not be written into the cache."""
    return own / f"{session.key}.answer"


def look(sso_cache: Path, own: Path, session: Session) -> Look:
    """Return what a session's token file says now. It raises nothing: what cannot be read is torn."""
    found = _read(sso_cache, session)
    token = found.token
    if token is not None and not token.refreshable and token_file.stripped(found.fields, _kept(own, session)):
        kept = token_file.parse(private_copy(own, session), session)
        ends = kept.token.registration_expires_at if kept.token is not None else None
        token = replace(token, refreshable=True, registration_expires_at=token.registration_expires_at or ends)
    return Look(found.reading, token)


def _read(sso_cache: Path, session: Session) -> token_file.TokenFile:
    """Read the token file; a reading is kept while the file is the same and had settled when it was read."""
    place = path(sso_cache, session)
    try:
        found = place.stat()
    except OSError:
        found = None
    key = (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, session) if found is not None else None
    if key is not None and place in _readings and _readings[place][0] == key:
        return _readings[place][1]
    try:
        reading = token_file.parse(files.read(place), session)
    except files.FileTrouble:
        reading = token_file.TORN
    if key is not None and found is not None and clock.now().timestamp() - found.st_mtime > QUIET_SECONDS:
        _readings[place] = (key, reading)
    return reading


def private_copy(own: Path, session: Session) -> bytes | None:
    """Return the bytes of our private copy; None where there is none that is only ours."""
    return _private(kept_path(own, session))


def _private(place: Path) -> bytes | None:
    try:
        return files.read_own(place)
    except files.FileTrouble:
        return None


def _kept(own: Path, session: Session) -> token_file.Fields:
    found = token_file.parse(private_copy(own, session), session)
    return found.fields if found.token is not None else {}


def is_writable(folder: Path) -> bool:
    """Whether token files in this folder could be replaced; of a missing one, whether it could be made."""
    while not os.path.lexists(folder) and folder != folder.parent:  # `exists` raises where a parent is shut
        folder = folder.parent
    # The separator refuses what is no folder, such as a link that leads nowhere; a read-only mount refuses root too.
    return os.access(f"{folder}{os.sep}", os.W_OK | os.X_OK)


def keep(own: Path, sso_cache: Path, session: Session) -> None:
    """Keep a private copy of a complete token, for when another tool strips its refresh token. Raises `FileTrouble`."""
    found = _read(sso_cache, session)
    if found.token is not None and found.token.refreshable:
        files.private_folder(own)
        files.replace_if_changed(kept_path(own, session), token_file.spelled(found.fields))


def keep_answer(own: Path, session: Session, digest: str, data: bytes) -> None:
    """Keep the token file that could not replace the token `digest` names; in memory where even that fails."""
    place = answer_path(own, session)
    _answers[place] = digest.encode() + b"\n" + data
    try:
        files.replace(place, _answers[place])
    except files.FileTrouble as trouble:
        _warn("the renewed token is kept in memory alone: %s", trouble)


def kept_answer(own: Path, session: Session, digest: str) -> token_file.TokenFile | None:
    """Return the kept answer that replaces the token `digest` names: its old refresh token may be dead already."""
    place = answer_path(own, session)
    for kept in (_answers.get(place), _private(place)):
        named, _, data = (kept or b"").partition(b"\n")
        found = token_file.parse(data, session)
        if named == digest.encode() and found.token is not None:
            return found
    return None


def drop_answer(own: Path, session: Session) -> None:
    """Forget the kept answer: it is in the cache, or its session was signed out of. Raises `OSError`."""
    place = answer_path(own, session)
    _answers.pop(place, None)
    place.unlink(missing_ok=True)


def secrets(sso_cache: Path, own: Path, session: Session) -> "tuple[Look, Secrets | None]":
    """Return what was seen and the secrets of a token that is there, a stripped refresh token restored."""
    found = _read(sso_cache, session)
    seen = look(sso_cache, own, session)
    if found.token is None or seen.token is None or found.token.digest != seen.token.digest:
        return seen, None
    return seen, token_file.secrets_of(whole(own, session, found))


def whole(own: Path, session: Session, found: token_file.TokenFile) -> token_file.Fields:
    """Return the fields of a token file, a stripped refresh token restored from our copy."""
    kept = _kept(own, session)
    return token_file.restored(found.fields, kept) if token_file.stripped(found.fields, kept) else found.fields


def save_sign_in(
    sso_cache: Path, own: Path, session: Session, new: "NewToken", registration: "Registration", now: datetime
) -> Outcome:
    """Write the token of our own device flow and its registration, as the AWS CLI would."""
    data = token_file.signed_in(session, new, registration, now)
    try:
        files.private_folder(own)
        make_cache(sso_cache)
        with files.lock(own / f"{session.key}.lock", SIGN_IN_LOCK_SECONDS):
            files.replace(sso_cache / registration_file.name(session), registration_file.spelled(registration))
            files.replace(path(sso_cache, session), data)
    except files.FileTrouble as trouble:
        return _failed(trouble)
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
            mine = found.token is not None and found.token.digest == digest
            if mine:
                path(sso_cache, session).unlink(missing_ok=True)
            copy = token_file.parse(private_copy(own, session), session).token
            if mine or found.token is None or copy is None or copy.digest == digest:
                kept_path(own, session).unlink(missing_ok=True)
            drop_answer(own, session)
    except OSError as error:
        return Outcome(Result.NOT_WRITABLE, "token_cache", f"{sso_cache} cannot be written: {error.strerror}")
    except files.FileTrouble as trouble:
        return _failed(trouble)
    return Outcome(Result.DONE)


def _failed(trouble: files.FileTrouble) -> Outcome:
    if isinstance(trouble, files.Busy):
        return Outcome(Result.TRANSIENT, "busy", "another process is renewing this token")
    return Outcome(Result.NOT_WRITABLE, "token_cache", str(trouble))


def mend_registration(sso_cache: Path, session: Session, now: datetime) -> bool:
    """Delete a registration that would make the next login fail, or soon ends; return whether one went.

    A token file that the AWS CLI could not write in place, root's after ``sudo aws``, does not stop a login either.
    """
    _made_ours(path(sso_cache, session))
    gone = False
    for name in registration_file.names(session):
        place = sso_cache / name
        try:
            data = files.read(place)
        except files.FileTrouble:
            data = b""
        if data is not None and registration_file.must_go(data, now):
            gone = _deleted(place) or gone
    return gone


def _made_ours(place: Path) -> None:
    """Replace a file that is not ours to write, in a folder that is, by our own copy; delete one we cannot read."""
    if not os.path.lexists(place) or os.access(place, os.R_OK | os.W_OK):
        return
    try:
        data = files.read(place)
        if data is not None:
            files.replace(place, data)
    except files.NotWritable as trouble:
        _warn("%s", trouble)
    except files.FileTrouble:
        _deleted(place)


def delete_registration(sso_cache: Path, session: Session) -> None:
    """Delete a registration that AWS no longer knows."""
    for name in registration_file.names(session):
        _deleted(sso_cache / name)


def _deleted(place: Path) -> bool:
    """Delete a file of the cache where that is allowed: a login goes on, or says itself what is wrong."""
    try:
        place.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        _warn("%s cannot be deleted: %s", place.name, error.strerror)
        return False
    return True


def _warn(said: str, *told: object) -> None:
    import logging  # whoever only looks has nothing to say

    logging.getLogger(__name__).warning(said, *told)
