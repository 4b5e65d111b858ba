"""`keeplit login --for-claude`, which Claude Code calls because its credentials failed: fresh means accepted.

Law: a token is believed when the portal takes it, not when its date is good. A browser is opened by the plan's rules
alone (this is not a person's request), and where they forbid one the command says within 2 s what to type. It is over
before Claude Code would kill it, at 180 s, without a word.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import TextIO

from keeplit.adapters import clock, files, token_cache
from keeplit.adapters.paths import Paths
from keeplit.core.answers import in_passing
from keeplit.core.clocks import Case
from keeplit.core.deeds import Do, Outcome, Result
from keeplit.core.exit_codes import DONE, FAILED, SIGN_IN
from keeplit.core.model import Reading, SignIn, SignInCode
from keeplit.core.permission import Objection, sign_in_runs
from keeplit.core.sign_in_flow import Page
from keeplit.engine import sign_in, whose
from keeplit.engine.living import prepare
from keeplit.engine.probe import accepted
from keeplit.engine.standing import OFFLINE, Side, Stand, Standing, stand
from keeplit.engine.whose import Meant, Unclear

PATIENCE = timedelta(seconds=165)
LATEST = timedelta(seconds=175)
RENEWED_WITHIN = timedelta(seconds=45)
LOOK_EVERY = 0.25
ACTIONS = frozenset({Do.REFRESH, Do.SIGN_IN, Do.NOTIFY})
MOST_REJECTED = 2
STILL_WAITING = "Still waiting for you in the browser; Claude Code continues at its next try."
TOO_LATE = "no token came in time. Claude Code tries again by itself; see: keeplit status"
WHY = {
    Objection.NO_TOKEN: "nobody has signed in yet",
    Objection.SPENT: "a browser was opened for this sign-in once already",
    Objection.MODE: "config.toml lets keeplit open no browser by itself",
    Objection.PRESENCE_UNKNOWN: "keeplit cannot tell whether you are there",
    Objection.NOBODY_THERE: "nobody seems to be at the desk",
    Objection.PAUSED: "keeplit is paused",
    Objection.QUIET_HOURS: "it is quiet hours",
    Objection.NOT_TODAY: 'you said "not today"',
    Objection.LATER: 'you said "later"',
}


def run(paths: Paths, environ: Mapping[str, str], profile: str | None, out: TextIO, err: TextIO) -> int:
    """Bring the profile's role credentials back to life as far as may be without being asked; return the exit code."""
    meant = whose.meant(paths, environ, profile)
    if isinstance(meant, Unclear):
        print(f"keeplit: {meant.sentence}", file=err, flush=True)
        return meant.exit_code
    try:
        prepare(paths)
        files.private_folder(paths.own)
        whose.note_use(paths, meant)
        return Visit(paths, meant, out, err).run()
    except files.FileTrouble as trouble:
        print(f"keeplit: {trouble}", file=err, flush=True)
        return FAILED


class Visit:
    """One call by Claude Code, from its failed credentials to an exit code."""

    def __init__(self, paths: Paths, meant: Meant, out: TextIO, err: TextIO) -> None:
        """Begin the count of 165 s."""
        self.paths = paths
        self.meant = meant
        self.out = out
        self.err = err
        self.side = Side(paths, meant.environ, meant.session, ACTIONS)
        self.started_at = clock.now()
        self.started = clock.monotonic()
        self.bad = ""
        self.rejected = 0
        self.shown: set[Page] = set()

    def run(self) -> int:
        """Ask the portal whenever there is a token that was not refused yet; else wait for one while one can come."""
        while self.waited() < PATIENCE:
            answer = self.asked()
            if answer is not None:
                return answer
            case = self.side.push()
            if case is None:
                return self.fail("keeplit did not take the profile into use. See: keeplit status")
            how = stand(case, self.bad)
            if how.standing not in {Standing.WORKS, Standing.RENEWING, Standing.SIGNING_IN}:
                return self.over(how)
            if how.standing is Standing.RENEWING and self.waited() >= RENEWED_WITHIN:
                return self.fail("the token was not renewed in time. See: keeplit logs")
            self.wait(case)
        case = self.side.look()
        in_browser = case is not None and sign_in_runs(case)
        return self.fail(STILL_WAITING, prefix="") if in_browser else self.fail(TOO_LATE)

    def asked(self) -> int | None:
        """Ask the portal about the token of the file; None where its answer, or no token, decides nothing."""
        if not token_cache.is_writable(self.paths.sso_cache):
            return self.fail(
                f"{self.paths.sso_cache} cannot be written, so nothing was begun. Make it writable for you"
            )
        look = token_cache.look(self.paths.sso_cache, self.paths.own, self.meant.session)
        token = look.token if look.reading is Reading.PRESENT else None
        if token is None or token.digest == self.bad:
            return None
        outcome = Outcome(Result.REJECTED, "expired")
        if token.expires_at > clock.now():
            outcome = accepted(self.paths, self.meant, token.digest, (LATEST - self.waited()).total_seconds())
            self.rejected += outcome.result is Result.REJECTED
        if outcome.result is Result.REJECTED:
            if self.rejected > MOST_REJECTED:
                return self.fail("AWS refuses even a fresh token. Ask your administrator; see: keeplit logs")
            self.bad = token.digest
            self.side.reject(token.digest)
            return None
        return self.answered(outcome)

    def answered(self, outcome: Outcome) -> int | None:
        """Return the exit code for the portal's answer; None where another token came meanwhile."""
        if outcome.result is Result.DONE:
            return DONE
        if outcome.result is Result.STALE:
            clock.sleep(LOOK_EVERY)
            return None
        if outcome.result is Result.FORBIDDEN:
            return self.fail(whose.forbidden(self.meant.profile))
        if outcome.result in OFFLINE:
            return self.offline(outcome)
        if outcome.result is Result.NOT_WRITABLE:
            return self.fail(f"{outcome.detail or self.paths.cli_cache} cannot be written. Make it writable for you")
        return self.fail(f"AWS gave no credentials ({outcome.detail or outcome.code}). See: keeplit status")

    def over(self, how: Stand) -> int:
        """Return the exit code where waiting will not help, and say what will."""
        if how.standing is Standing.OFFLINE:
            return self.offline(how.outcome)
        if how.standing is Standing.FAILED:
            return self.fail(f"the token cannot be renewed ({how.detail or how.code}). See: keeplit status")
        command = whose.login_command(self.meant.profile.name)
        why = next((why for objection, why in WHY.items() if how.code == objection), how.detail or how.code)
        self.say(f"keeplit: you need to sign in to {self.meant.session.name} ({why}). Type: {command}", self.err)
        return SIGN_IN

    def wait(self, case: Case) -> None:
        """Wait a moment, or for the end of the sign-in of this session that runs, showing its page."""
        record = case.seen.sign_in
        if record is not None and record.running:
            until = self.started_at + PATIENCE
            ended = sign_in.follow(self.paths, self.meant.session, self.show, until, since=self.started_at)
            self.tell(ended)
        else:
            clock.sleep(LOOK_EVERY)

    def show(self, page: Page) -> None:
        """Show where the person signs in, once and at once."""
        if page in self.shown:
            return
        self.shown.add(page)
        if page.url:
            self.say(f"Sign in here:  {page.url}", self.out)
        if page.user_code:
            self.say(f"The page shows this code:  {page.user_code}", self.out)

    def tell(self, ended: SignIn | None) -> None:
        """Say that the sign-in came out well; how else it ended, the next look says."""
        if ended is not None and ended.code is SignInCode.SIGNED_IN:
            self.say(f"Signed in to {self.meant.session.name}.", self.out)

    def waited(self) -> timedelta:
        """Return how long this visit lasts."""
        return timedelta(seconds=clock.monotonic() - self.started)

    def offline(self, outcome: Outcome) -> int:
        """Say what keeps AWS from answering; no browser can help."""
        return self.fail(in_passing(outcome, "Claude Code tries again by itself"))

    def fail(self, sentence: str, prefix: str = "keeplit: ") -> int:
        """Say what is wrong and return the exit code of a failure."""
        self.say(f"{prefix}{sentence}", self.err)
        return FAILED

    def say(self, line: str, where: TextIO) -> None:
        """Write a line at once: Claude Code shows it as it comes."""
        print(line, file=where, flush=True)
