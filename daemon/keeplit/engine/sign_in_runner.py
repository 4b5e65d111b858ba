"""The detached process that signs one session in: ``python -m keeplit.engine.sign_in_runner``, told by standard input.

Law: it holds the sign-in lock of the start URL from its first word to its last; it writes its record before a browser
can open, so that no kill lets a second one open; it ends its child whatever happens, and its deadline ends itself. It
also succeeds as soon as the cache holds a later token than at its start: someone signed in by hand.
"""

import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType

from keeplit.adapters import aws_config, clock, device, files, logfile, login, sign_in_files, token_cache
from keeplit.adapters import paths as places
from keeplit.adapters.identity_center import IdentityCenter
from keeplit.core.aws_cli import Cli
from keeplit.core.deeds import Outcome, Result
from keeplit.core.model import Session, SignIn, SignInCode, Token
from keeplit.core.secrets import NewToken, Registration
from keeplit.core.sign_in_flow import Page
from keeplit.engine import extend
from keeplit.engine.sign_in import Request, ended_since

log = logging.getLogger(__name__)

LOCK_WAIT = 0.5  # a look at the lock holds it for a moment


@dataclass(frozen=True, slots=True)
class Ending:
    """How a sign-in ended, and one sentence about it."""

    code: SignInCode
    detail: str = ""


class Runner:
    """One sign-in, from the lock to the record of its end."""

    def __init__(self, where: places.Paths, environ: Mapping[str, str], session: Session, wanted: Request) -> None:
        """Note what the cache holds now: success is a later token than this."""
        self.where = where
        self.environ = environ
        self.session = session
        self.wanted = wanted
        self.before = self.token()
        self.started_at = clock.now()
        self.deadline = self.started_at + timedelta(seconds=wanted.seconds)
        self.told_to_end = False
        self.page: Page | None = None

    def token(self) -> Token | None:
        """Return the token that the cache holds now."""
        return token_cache.look(self.where.sso_cache, self.where.own, self.session).token

    def accepted(self) -> bool:
        """Whether the cache holds a token that was not there at the start and lives."""
        token = self.token()
        if token is None or token.expires_at <= clock.now():
            return False
        before = self.before
        return before is None or (
            token.digest != before.digest and (self.wanted.fresh or token.expires_at >= before.expires_at)
        )

    def cancelled(self) -> bool:
        """Whether someone asked to stop this very sign-in, or ends this process."""
        return self.told_to_end or sign_in_files.cancel_asked(self.where.own, self.state(SignInCode.RUNNING))

    def state(self, code: SignInCode, detail: str = "") -> SignIn:
        """Return how the sign-in stands."""
        return SignIn(
            id=self.wanted.id,
            session=self.session.key,
            start_url=self.session.start_url,
            started_at=self.started_at,
            asked=self.wanted.asked,
            fresh=self.wanted.fresh,
            token=self.wanted.token or (self.before.digest if self.before is not None else ""),
            code=code,
            ended_at=None if code is SignInCode.RUNNING else clock.now(),
            detail=detail,
        )

    def needless(self) -> str:
        """Return ``stale`` or ``done`` where what was to be signed in is so by now; empty where it is not."""
        token = self.before
        if not self.wanted.asked and token is not None and token.digest != self.wanted.token:
            return "stale" if token.expires_at > self.started_at else ""
        last = sign_in_files.read(self.where.own, self.session.key)
        if last is None or last.code is not SignInCode.SIGNED_IN or not self.wanted.since:
            return ""
        return "done" if ended_since(last, datetime.fromisoformat(self.wanted.since)) else ""

    def end(self, number: int, frame: FrameType | None) -> None:
        """Note that a signal ends this process: its child is ended first, and the record says so."""
        del number, frame
        self.told_to_end = True

    def record(self, code: SignInCode, detail: str = "", page: Page | None = None) -> SignIn:
        """Write down how the sign-in stands, and return it."""
        state = self.state(code, detail)
        sign_in_files.write(self.where.own, state, page, os.getpid())
        return state

    def run(self) -> SignIn:
        """Sign in and return the record of the end; nothing is raised that the record does not say."""
        try:
            ending = self.sign_in()
        except Exception as error:
            log.exception("the sign-in failed")
            ending = Ending(SignInCode.FAILED, f"something unexpected happened: {type(error).__name__}")
        if self.told_to_end and ending.code is SignInCode.CANCELLED:
            ending = Ending(SignInCode.FAILED, sign_in_files.RUNNER_DIED)
        if ending.code is not SignInCode.SIGNED_IN and self.accepted():
            ending = Ending(SignInCode.SIGNED_IN, "signed in by another way meanwhile")
        ended = self.record(ending.code, ending.detail)
        sign_in_files.drop_cancel(self.where.own, ended)
        return ended

    def sign_in(self) -> Ending:
        """Prepare, then sign in by the AWS CLI's browser flow, or by our own device flow."""
        where, session = self.where, self.session
        if not token_cache.is_writable(where.sso_cache):
            return Ending(SignInCode.CACHE_NOT_WRITABLE, f"{where.sso_cache} cannot be written")
        token_cache.mend_registration(where.sso_cache, session, self.started_at)
        if self.wanted.fresh:
            outcome = extend.logout(where, self.environ, session)
            if outcome.result is not Result.DONE:
                return Ending(*extend.why_not_ended(outcome))
        by_browser = (
            not self.wanted.no_browser and self.wanted.method != "device" and login.can_open_browser(self.environ)
        )
        found = login.find(self.environ) if by_browser else None
        if found is not None and found.cli is not None and found.cli.suits(session):
            return self.by_cli(found.cli)
        if self.wanted.method == "aws-cli" and not self.wanted.no_browser:
            why = "There is no AWS CLI v2 that can." if by_browser else "No browser can be opened here."
            return Ending(SignInCode.NO_BROWSER, why)
        if not self.wanted.asked:
            why = "Without a browser and an AWS CLI v2 only a person can begin a sign-in."
            return Ending(SignInCode.NO_BROWSER, why)
        return self.by_device()

    def left(self) -> float:
        """Return the seconds to the deadline."""
        return max(1.0, (self.deadline - clock.now()).total_seconds())

    def by_cli(self, cli: Cli) -> Ending:
        """Run ``aws sso login``; once more where AWS refused its client registration before any page was shown.

        The page of an authorization code shows an error where AWS has forgotten the client, and the AWS CLI never hears
        of it: after one that came to nothing the next login registers anew.
        """
        code, detail = self.cli_ran(cli)
        in_vain = self.page is not None and not self.page.user_code and code is not SignInCode.SIGNED_IN
        if code is SignInCode.REGISTRATION_DEAD or in_vain:
            token_cache.delete_registration(self.where.sso_cache, self.session)
        if code is SignInCode.REGISTRATION_DEAD and self.page is None:
            log.info("AWS does not accept the AWS CLI's client registration: once more, with a new one")
            code, detail = self.cli_ran(cli)
        return Ending(code, detail)

    def cli_ran(self, cli: Cli) -> tuple[SignInCode, str]:
        """Run ``aws sso login`` for as long as there is time left."""
        return login.run(cli, self.session, self.environ, self.left(), self.on_page, self.cancelled, self.accepted)

    def by_device(self) -> Ending:
        """Sign in by our own device flow, its token saved as the AWS CLI saves it."""
        code, detail = device.run(
            IdentityCenter(self.environ),
            self.session,
            self.save,
            self.on_page,
            self.left(),
            device.Watched(self.cancelled, self.accepted),
        )
        return Ending(code, detail)

    def save(self, registration: Registration, token: NewToken) -> Outcome:
        """Write the device flow's token and its registration into AWS's cache."""
        where = self.where
        return token_cache.save_sign_in(where.sso_cache, where.own, self.session, token, registration, clock.now())

    def on_page(self, page: Page) -> None:
        """Write down the page that a person may open."""
        self.page = page
        self.record(SignInCode.RUNNING, page=page)


def say(word: str) -> None:
    """Tell whoever began us how it stands; they may be gone, or may have heard all they wait for."""
    if sys.stdout.closed:
        return
    try:
        sys.stdout.write(word + "\n")
        sys.stdout.flush()
    except OSError:
        log.info("nobody listens any more")


def main() -> int:
    """Run one sign-in as standard input says; the exit code is 0 where the session is signed in."""
    try:
        return signed_in(Request(**json.load(sys.stdin)))
    except (files.FileTrouble, places.NoHome) as trouble:
        say(f"impossible {trouble}")
    except Exception as error:
        log.exception("the sign-in could not be begun")
        say(f"failed something unexpected happened: {type(error).__name__}")
    return 1


def signed_in(wanted: Request) -> int:
    """Take the lock and sign in, and return the exit code. Raises `FileTrouble` where nothing could be begun."""
    where = places.find(os.environ)
    with contextlib.suppress(files.FileTrouble):
        logfile.open_log(where.log, rotate=False)
    config = aws_config.read(os.environ, None)
    session = next((s for s in config.sessions if s.key == wanted.session), None)
    if session is None:
        say("unknown_session the AWS config no longer has this session")
        return 1
    files.private_folder(where.own)
    held = files.try_lock(sign_in_files.sign_in_lock(where.own, session.start_url), LOCK_WAIT)
    if held is None:
        say("joined")
        return 0
    with held:
        runner = Runner(where, os.environ, session, wanted)
        needless = runner.needless()
        if needless:
            say(needless)
            return 0
        for name in ("SIGTERM", "SIGINT", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), runner.end)
        runner.record(SignInCode.RUNNING)
        say("running")
        sys.stdout.close()
        return 0 if runner.run().code is SignInCode.SIGNED_IN else 1


if __name__ == "__main__":
    sys.exit(main())
