"""The records, locks and cancel requests of sign-ins in ``~/.aws/sso/keeplit``, where everyone can join one.

Law: a sign-in runs while its lock is held, whatever its record says; a record alone proves nothing, and one of a runner
that died is told as failed. The lock belongs to the start URL, so that two sessions of one portal open one browser.
A record that cannot be read is no record.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha1
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keeplit.adapters import files
from keeplit.core.model import SignIn, SignInCode, portal

if TYPE_CHECKING:
    from keeplit.core.sign_in_flow import Page

MOST_BYTES = 1 << 16
RECORD = ".sign-in.json"
CANCEL = ".cancel"
RUNNER_DIED = "The process that waited for the browser was ended."


@dataclass(frozen=True, slots=True)
class Joined:
    """A sign-in as its joiners see it: the page while it runs; `runner` is a process id to show, not to trust."""

    sign_in: SignIn
    page: "Page | None" = None
    runner: int = 0


def sign_in_lock(own: Path, start_url: str) -> Path:
    """Return the lock of a start URL; its spellings with and without ``/`` or ``/#`` at the end are one portal."""
    return own / f"sign-in-{sha1(portal(start_url).encode(), usedforsecurity=False).hexdigest()}.lock"


def write(own: Path, sign_in: SignIn, page: "Page | None" = None, runner: int = 0) -> None:
    """Write a record; by the holder of its start URL's lock alone. Raises `files.FileTrouble`.

    A record that begins to run ends those of dead runners of the same start URL: the lock would make them look alive.
    """
    files.private_folder(own)
    if sign_in.running:
        _bury(own, sign_in)
    told = {**asdict(sign_in), "started_at": _text(sign_in.started_at), "code": str(sign_in.code)}
    del told["has_page"]  # the page itself says so
    told["ended_at"] = _text(sign_in.ended_at) if sign_in.ended_at is not None else None
    shown = asdict(page) if page is not None and sign_in.running else None
    document = {"schema": 1, "sign_in": told, "page": shown, "runner": runner}
    files.replace(_record(own, sign_in.session), json.dumps(document, indent=1).encode())


def _bury(own: Path, begun: SignIn) -> None:
    lock = sign_in_lock(own, begun.start_url)
    for path in own.glob(f"*{RECORD}"):
        joined = _read(path)
        if joined is None or joined.sign_in.session == begun.session or not joined.sign_in.running:
            continue
        if sign_in_lock(own, joined.sign_in.start_url) == lock:
            write(own, _died(joined.sign_in, begun.started_at))


def look(own: Path, session_key: str) -> Joined | None:
    """Return the sign-in of a session, running or the last one; None where there is none that can be read."""
    path = _record(own, session_key)
    joined = _read(path)
    if joined is None or not joined.sign_in.running or files.is_held(sign_in_lock(own, joined.sign_in.start_url)):
        return joined
    joined = _read(path)  # it may have ended between the two looks, and its record says how
    if joined is None or not joined.sign_in.running:
        return joined
    return Joined(_died(joined.sign_in, joined.sign_in.started_at), None, joined.runner)


def read(own: Path, session_key: str) -> SignIn | None:
    """Return the record of a session's last sign-in; one whose runner died is FAILED."""
    joined = look(own, session_key)
    return None if joined is None else replace(joined.sign_in, has_page=joined.page is not None)


def running(own: Path) -> tuple[SignIn, ...]:
    """Return every sign-in that runs now, of whatever session."""
    found = (read(own, key) for key in sorted(recorded(own)))
    return tuple(sign_in for sign_in in found if sign_in is not None and sign_in.running)


def recorded(own: Path) -> frozenset[str]:
    """Return the keys of the sessions that have a record at all: most have none, and one listing tells."""
    try:
        names = os.listdir(own)  # noqa: PTH208  # names only
    except OSError:
        return frozenset()
    keys = (name.removesuffix(RECORD) for name in names if name.endswith(RECORD))
    return frozenset(key for key in keys if key.isalnum())


def ask_cancel(own: Path, sign_in: SignIn) -> None:
    """Ask the runner of this one sign-in, not of a later one, to end. Raises `files.FileTrouble`."""
    files.private_folder(own)
    files.replace(_cancel(own, sign_in.session), sign_in.id.encode())


def cancel_asked(own: Path, sign_in: SignIn) -> bool:
    """Whether somebody asked for the end of this very sign-in."""
    try:
        return files.read_own(_cancel(own, sign_in.session), MOST_BYTES) == sign_in.id.encode()
    except files.FileTrouble:
        return False


def drop_cancel(own: Path, sign_in: SignIn) -> None:
    """Remove the request, when the sign-in has ended."""
    _cancel(own, sign_in.session).unlink(missing_ok=True)


def _record(own: Path, session_key: str) -> Path:
    return own / f"{_stem(session_key)}{RECORD}"


def _cancel(own: Path, session_key: str) -> Path:
    return own / f"{_stem(session_key)}{CANCEL}"


def _stem(session_key: str) -> str:
    """Return the key, which is a file's stem; it is never part of a path that leads elsewhere."""
    if not session_key.isalnum():
        raise ValueError("A session's key has letters and digits only.")
    return session_key


def _died(sign_in: SignIn, at: datetime) -> SignIn:
    return replace(sign_in, code=SignInCode.FAILED, ended_at=at, detail=RUNNER_DIED)


def _read(path: Path) -> Joined | None:
    try:
        data = files.read_own(path, MOST_BYTES)
        told: Any = json.loads(data) if data is not None else None
        if told is None or told["schema"] != 1:
            return None
        from keeplit.core.sign_in_flow import Page  # there is seldom a record to read

        shown = told["page"]
        found = Joined(
            _sign_in(told["sign_in"]),
            Page(_str(shown["url"]), _str(shown["user_code"])) if shown is not None else None,
            told["runner"] if isinstance(told["runner"], int) else 0,
        )
    except (files.FileTrouble, ValueError, KeyError, TypeError, OverflowError):
        return None
    return found if path.name == f"{found.sign_in.session}{RECORD}" else None


def _sign_in(told: Mapping[str, Any]) -> SignIn:
    ended = told["ended_at"]
    return SignIn(
        id=_str(told["id"]),
        session=_str(told["session"]),
        start_url=_str(told["start_url"]),
        started_at=_moment(told["started_at"]),
        asked=_bool(told["asked"]),
        fresh=_bool(told["fresh"]),
        token=_str(told["token"]),
        code=SignInCode(told["code"]),
        ended_at=None if ended is None else _moment(ended),
        detail=_str(told["detail"]),
    )


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _moment(told: str) -> datetime:
    return datetime.fromisoformat(told).astimezone(UTC)


def _str(told: object) -> str:
    if not isinstance(told, str):
        raise TypeError("not a text")
    return told


def _bool(told: object) -> bool:
    if not isinstance(told, bool):
        raise TypeError("neither true nor false")
    return told
