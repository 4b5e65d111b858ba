"""How a session stands whose token does not work: is it renewed, is it signed in, or is a person needed? And its push.

Law: nothing is decided here that `plan` does not decide. With a daemon a command tells it which token was rejected and
watches; without one it makes the daemon's own turns, for this session and the actions it was given alone.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from keeplit.adapters import clock, files, notebook, token_cache
from keeplit.adapters.paths import Paths
from keeplit.core.backoff import Backoff
from keeplit.core.clocks import Case, alive, cases, renewable
from keeplit.core.deeds import Do, Outcome, Result
from keeplit.core.model import Reading, Session, Verb, Wish
from keeplit.core.notice import notice
from keeplit.core.permission import Objection, got_up, objection, sign_in_runs
from keeplit.engine.living import is_running, prepare
from keeplit.engine.turn import Only, turn
from keeplit.engine.world import RealWorld

LOCK_WITHIN = 30.0
MOST_TURNS = 4
MIDDLE_DRAW = 0.5
LOOK_EVERY = 0.25
OFFLINE = frozenset({Result.TRANSIENT, Result.THROTTLED})


class Standing(StrEnum):
    """What is true of a session whose token was bad a moment ago."""

    WORKS = "works"  # another token is in its file
    RENEWING = "renewing"
    SIGNING_IN = "signing_in"  # a sign-in runs, or one is announced
    PERSON = "person"  # only a person's request may open a browser
    OFFLINE = "offline"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Stand:
    """How a session stands: `code` and `detail` say why."""

    standing: Standing
    code: str = ""
    detail: str = ""
    throttled: bool = False  # it is offline only in so far as AWS asks for fewer calls

    @property
    def outcome(self) -> Outcome:
        """What came of the attempt that it stands on, where it is offline or has failed."""
        passing = Result.THROTTLED if self.throttled else Result.TRANSIENT
        return Outcome(passing if self.standing is Standing.OFFLINE else Result.CANNOT, self.code, self.detail)


def stand(case: Case, bad: str) -> Stand:
    """Return how the session of `case` stands, `bad` being the digest of the token that does not work. Pure."""
    # A token past its end was not rejected before its time: what is known of its sign-in's end holds.
    if case.token is not None and case.token.digest == bad and case.token.expires_at > case.now:
        case = replace(case, memory=replace(case.memory, rejected=bad))
    if case.seen.reading is Reading.TORN:
        return Stand(Standing.RENEWING, "torn")
    if alive(case):
        return Stand(Standing.WORKS)
    if sign_in_runs(case):
        return Stand(Standing.SIGNING_IN, "under_way")
    if not case.seen.writable:
        return Stand(Standing.FAILED, "not_writable", "the token cache ~/.aws/sso/cache cannot be written")
    if renewable(case):
        return _failing(case.memory.refresh, case) or Stand(Standing.RENEWING)
    against = objection(case)
    if against is None and got_up(case):
        return Stand(Standing.PERSON, str(Objection.NOBODY_THERE))
    if against is None:
        failing = _failing(case.memory.start, case)
        return replace(failing, standing=Standing.PERSON) if failing else Stand(Standing.SIGNING_IN, "announced")
    if against is Objection.NETWORK_DOWN:
        return Stand(Standing.OFFLINE, str(against))
    return Stand(Standing.PERSON, str(against))


def _failing(attempts: Backoff, case: Case) -> Stand | None:
    """Return what a running back-off says; None where the last attempt did not fail."""
    if attempts.failures <= 0 or attempts.until(case.now) is None or attempts.result == Result.STALE:
        return None
    standing = Standing.OFFLINE if attempts.result in OFFLINE else Standing.FAILED
    throttled = attempts.result == Result.THROTTLED
    return Stand(standing, attempts.code or attempts.result, attempts.detail, throttled=throttled)


class Side:
    """One session seen by a command, and moved on by it where no daemon lives."""

    def __init__(self, paths: Paths, environ: Mapping[str, str], session: Session, actions: frozenset[Do]) -> None:
        """Read nothing yet; `actions` are what turns of our own may do."""
        self.paths = paths
        self.session = session
        self.only = Only(session.key, actions)
        self.world = RealWorld(paths, environ)

    def reject(self, digest: str) -> None:
        """Write down, once for a token that lives, that it does not work, so that whoever turns renews it now."""
        token = token_cache.look(self.paths.sso_cache, self.paths.own, self.session).token
        if token is None or token.digest != digest or token.expires_at <= self.world.now():
            return
        memory, _ = notebook.read_memory(self.paths.memory)
        known = memory.sessions.get(self.session.key)
        if known is None or known.rejected != digest:
            prepare(self.paths)
            wish = Wish(uuid.uuid4().hex, Verb.REJECTED, self.session.key, token=digest)
            notebook.write_wish(self.paths.wishes, wish)

    def look(self) -> Case | None:
        """Return the session as it is seen now, nothing done; None where it is not in use."""
        now = self.world.now()
        facts = self.world.observe(now)
        memory = notice(self.world.recall(), facts, MIDDLE_DRAW, now)
        return next((case for case in cases(facts, memory, now) if case.key == self.session.key), None)

    def push(self) -> Case | None:
        """Do what is due now where no daemon does, then look."""
        for _ in range(MOST_TURNS):
            if is_running(self.paths):
                break
            prepare(self.paths)
            try:
                with files.lock(self.paths.state / "memory.lock", timeout=LOCK_WITHIN):
                    if not turn(self.world, self.only).performed:
                        break
            except files.Busy:
                break  # another command turns; what it comes to is read from the files
        return self.look()


def renewed(side: Side, digest: str, within: float) -> Stand:
    """Have a token that does not work renewed without a person, and return how the session stands then."""
    case = side.look()
    if case is None:
        return Stand(Standing.FAILED, "not_in_use")
    standing = stand(case, digest)
    if standing.standing is not Standing.RENEWING:
        return standing
    side.reject(digest)
    until = clock.monotonic() + within
    while True:
        case = side.push()
        standing = Stand(Standing.FAILED, "not_in_use") if case is None else stand(case, digest)
        if standing.standing is not Standing.RENEWING or clock.monotonic() >= until:
            return standing
        clock.sleep(LOOK_EVERY)
