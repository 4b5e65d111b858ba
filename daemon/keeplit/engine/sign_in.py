"""Begin a sign-in, or join the one that runs: a detached runner does it, whoever asks only waits.

Law: one sign-in for a start URL at a time, kept by a lock that the runner holds; the runner outlives whoever began it,
and its record says how it stands. Who waits reads the record, nothing else.
"""

import json
import logging
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from keeplit.adapters import aws_config, clock, files, sign_in_files
from keeplit.adapters.paths import Paths
from keeplit.core import own_process
from keeplit.core.deeds import Action, Do, Outcome, Result
from keeplit.core.model import Session, SignIn, portal
from keeplit.core.own_process import Process
from keeplit.core.sign_in_flow import Page

log = logging.getLogger(__name__)

DEADLINE = timedelta(minutes=11)
STARTS_WITHIN = 10.0
LOOK_EVERY = 0.25


@dataclass(frozen=True, slots=True)
class Request:
    """What a runner is told, on its standard input: no secret, the session by its key."""

    id: str
    session: str
    token: str = ""
    asked: bool = True
    fresh: bool = False
    no_browser: bool = False
    method: str = "auto"
    since: str = ""  # a sign-in that ended well after this moment is as good (RFC 3339; empty: none is)
    seconds: float = DEADLINE.total_seconds()


@dataclass(frozen=True, slots=True)
class Another:
    """Somebody else's sign-in of the same start URL: while it was waited for the time passed, and nothing was begun.

    `session` is the name of its session; empty where it is not known, or where that sign-in has just ended.
    """

    session: str = ""


def request(session: Session, action: Action, method: str = "auto") -> Request:
    """Return the request for a planned sign-in."""
    return Request(uuid.uuid4().hex, session.key, action.token, action.asked, action.do is Do.EXTEND, method=method)


def begin(paths: Paths, environ: Mapping[str, str], wanted: Request) -> Outcome:
    """Start a runner and wait until it holds the sign-in lock, or says that another one does (then it is joined)."""
    try:
        runner = subprocess.Popen(
            own_process.command(Process.SIGN_IN, sys.executable, frozen=getattr(sys, "frozen", False)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            cwd=paths.home,
            start_new_session=True,
            creationflags=detached(),
        )
    except OSError as error:
        return Outcome(Result.CANNOT, "no_runner", f"the sign-in process could not be started: {error.strerror}")
    said = first_line(runner, json.dumps(asdict(wanted)).encode())
    log.info("sign-in %s of %s: %s", wanted.id[:8], wanted.session[:8], said or "no answer")
    code, _, detail = said.partition(" ")
    if code in {"running", "joined", "done"}:
        return Outcome(Result.DONE, code)
    if code == "stale":
        return Outcome(Result.STALE, "other_token", "the file holds another token meanwhile")
    return Outcome(Result.CANNOT, code or "no_answer", detail or "the sign-in process said nothing")


def detached() -> int:
    """Return the Windows flags for a process of its own without a console window; elsewhere none."""
    if sys.platform != "win32":
        return 0
    return subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW


def first_line(runner: "subprocess.Popen[bytes]", told: bytes) -> str:
    """Tell the runner what is wanted and return its first line; empty where it ends or hangs without one.

    Ctrl-C is heard once it has said it; a second one at once.
    """
    said: list[bytes] = []
    spoken = threading.Event()

    def talk() -> None:
        try:
            if runner.stdin is not None and runner.stdout is not None:
                runner.stdin.write(told)
                runner.stdin.close()
                said.append(runner.stdout.readline())
        except OSError as error:
            log.info("the sign-in process ended early: %s", error)
        spoken.set()
        runner.wait()  # reaped here, however long it runs; its end is read from its record by everyone

    threading.Thread(target=talk, name="sign-in-runner", daemon=True).start()
    try:
        spoken.wait(STARTS_WITHIN)
    except KeyboardInterrupt:  # the runner is on its way: only its first word says whether a sign-in goes on
        spoken.wait(STARTS_WITHIN)
        raise
    return said[0].decode("utf-8", "replace").strip() if said else ""


def follow(
    paths: Paths,
    session: Session,
    on_page: Callable[[Page], None],
    until: datetime,
    *,
    since: datetime,
    known: str = "",
) -> SignIn | None:
    """Wait for the sign-in of `session` that runs, or ended after `since`; None where `until` came first.

    `on_page` is called once for each page (URL and code) that the person may open. `known` is the id of the sign-in
    that is waited for, where it is known; one that was seen running is known too, and so its end, whenever that was.
    """
    shown: Page | None = None
    while True:
        seen = sign_in_files.look(paths.own, session.key)
        if seen is not None and seen.sign_in.running:
            known = seen.sign_in.id
            if seen.page is not None and seen.page != shown:
                shown = seen.page
                on_page(seen.page)
        elif seen is not None and (seen.sign_in.id == known or ended_since(seen.sign_in, since)):
            return seen.sign_in
        if clock.now() >= until:
            return None
        clock.sleep(LOOK_EVERY)


def ended_since(record: SignIn, since: datetime) -> bool:
    """Whether a sign-in ended after `since`."""
    return record.ended_at is not None and record.ended_at >= since


def complete(
    paths: Paths,
    environ: Mapping[str, str],
    session: Session,
    on_page: Callable[[Page], None],
    *,
    timeout: timedelta,
    no_browser: bool = False,
    fresh: bool = False,
    method: str = "auto",
) -> SignIn | str | Another | None:
    """Sign `session` in because a person asked, joining a sign-in that runs; return its record.

    A sentence where none could be begun, None where `timeout` passed; the sign-in then goes on by itself. Where another
    session with the same start URL is signed in first, or this one without the asked extension, this one begins after
    it; `Another` where `timeout` passed before that, so that none goes on.
    """
    started = clock.now()
    until = started + timeout
    while True:
        wanted = Request(
            uuid.uuid4().hex,
            session.key,
            fresh=fresh,
            no_browser=no_browser,
            method=method,
            since="" if fresh else started.isoformat(),
        )
        outcome = begin(paths, environ, wanted)
        if outcome.result is not Result.DONE:
            return outcome.detail or outcome.code
        if outcome.code != "joined":
            return follow(paths, session, on_page, until, since=started, known=wanted.id)
        other = under_way(paths, session, until, since=started, fresh=fresh)
        if other is not None:
            return follow(paths, session, on_page, until, since=started, known=other.id)
        if clock.now() >= until:
            return Another(name_under_way(paths, environ, session))


def name_under_way(paths: Paths, environ: Mapping[str, str], session: Session) -> str:
    """Return the name of the session whose sign-in runs at the portal of `session`; empty where it is not known."""
    there = portal(session.start_url)
    running = {record.session for record in sign_in_files.running(paths.own) if portal(record.start_url) == there}
    return next((one.name for one in aws_config.read(environ).sessions if one.key in running), "")


def under_way(paths: Paths, session: Session, until: datetime, *, since: datetime, fresh: bool) -> SignIn | None:
    """Return the sign-in of `session` that whoever holds the lock makes; None once the lock is free, or at `until`.

    The lock may be another session's of the same start URL: that one is waited for. One that is not fresh is not what
    somebody who extends asked for.
    """
    lock = sign_in_files.sign_in_lock(paths.own, session.start_url)
    while True:
        held = files.is_held(lock)  # before the record is read: what the holder wrote last is then seen
        record = sign_in_files.read(paths.own, session.key)
        if record is not None and (record.fresh or not fresh) and (record.running or ended_since(record, since)):
            return record
        if not held or clock.now() >= until:
            return None
        clock.sleep(LOOK_EVERY)
