"""Commands that sign in and out: `login`, `logout`, `extend`, `credentials`."""

import os
import sys
from datetime import timedelta

import click

from keeplit.adapters import config, sign_in_files
from keeplit.adapters import login as aws_cli
from keeplit.adapters.paths import Paths
from keeplit.core.deeds import Result
from keeplit.core.memory import Answer
from keeplit.core.model import Session, SignIn, SignInCode, Verb
from keeplit.core.sign_in_flow import Page
from keeplit.engine import ask, desk, for_claude, sign_in, whose
from keeplit.engine import credentials as credentials_engine
from keeplit.engine import extend as extend_engine
from keeplit.ui import completing
from keeplit.ui.cli import FAILED, SIGN_IN, USAGE, fail, where

LONGEST = 3600.0
LOGOUT_WITHIN = 40.0
ENDINGS = {
    SignInCode.DENIED: "the sign-in was denied in the browser. Once more: keeplit login",
    SignInCode.CLOSED: "the browser page was closed. Once more: keeplit login",
    SignInCode.TIMED_OUT: "nobody finished the sign-in in time. Once more: keeplit login",
    SignInCode.CANCELLED: "the sign-in was cancelled. Once more: keeplit login",
    SignInCode.OFFLINE: "AWS could not be reached. Check the network, then: keeplit login",
    SignInCode.NO_BROWSER: "no browser can be opened here. With a code instead: keeplit login --no-browser",
    SignInCode.CACHE_NOT_WRITABLE: "the token cache cannot be written, so nothing was begun: make ~/.aws yours",
    SignInCode.MISCONFIGURED: "the AWS config does not fit. See: keeplit profiles",
    SignInCode.FAILED: "the sign-in failed. See: keeplit logs",
}
NOBODY = "nobody is at the desk, and this was not typed in a terminal, so no browser opens. Type: keeplit login"
choose_session = click.option(
    "--session",
    "session_name",
    shell_complete=completing.sessions,
    help="The sso-session (or legacy profile) instead of a profile's.",
)


@click.command()
@click.option("--profile", shell_complete=completing.profiles, help="The profile whose session is signed in.")
@choose_session
@click.option(
    "--for-claude", "claude", is_flag=True, help="For Claude Code's awsAuthRefresh: only as much as is needed."
)
@click.option("--no-browser", is_flag=True, help="Show the address and code; open nothing.")
@click.option(
    "--timeout",
    type=click.FloatRange(1, LONGEST),
    default=660,
    show_default=True,
    help="Seconds to wait for the person.",
)
def login(*, profile: str | None, session_name: str | None, claude: bool, no_browser: bool, timeout: float) -> int:
    """Sign in through the browser, or join the sign-in that runs.

    Example: keeplit login --profile work
    """
    if profile and session_name:
        click.echo("keeplit: say --profile or --session, not both", err=True)
        return USAGE
    paths = where()
    if claude and (session_name or no_browser):
        click.echo("keeplit: --for-claude goes by the profile and needs no other option", err=True)
        return USAGE
    if claude:
        return for_claude.run(paths, os.environ, profile, sys.stdout, sys.stderr)
    session = _session(paths, profile, session_name)
    if not no_browser and nobody_asks():
        raise fail(NOBODY, SIGN_IN)
    code = sign_in_now(paths, session, no_browser=no_browser, timeout=timeout)
    if code == 0:
        whose.note_session(paths, os.environ, session, profile)  # whoever signs in to it wants it kept
    return code


def nobody_asks() -> bool:
    """Whether no person can have typed this: no terminal anywhere, and the desk is known to be empty."""
    streams = (stream for stream in (sys.stdin, sys.stdout, sys.stderr) if stream is not None)
    return not any(stream.isatty() for stream in streams) and desk.is_empty(os.environ)


def sign_in_now(paths: Paths, session: Session, *, no_browser: bool, timeout: float, fresh: bool = False) -> int:
    """Begin or join the sign-in of `session`, show its page, wait for its end, and return the exit code."""
    ours = config.read(paths.config_file)
    environ = {**ours.environment, **os.environ}
    if not no_browser and ours.method != "device" and (missing := aws_cli.find(environ).sentence):
        click.echo(f"keeplit: {missing}", err=True)
    try:
        record = sign_in.complete(
            paths,
            environ,
            session,
            show_page,
            timeout=timedelta(seconds=timeout),
            no_browser=no_browser,
            fresh=fresh,
            method=ours.method,
        )
    except KeyboardInterrupt:
        raise fail(interrupted(paths, session, fresh=fresh)) from None
    if record is None:
        click.echo(
            f"keeplit: still waiting for you in the browser after {timeout:.0f} s; it goes on by itself", err=True
        )
        return SIGN_IN
    if isinstance(record, str):
        raise fail(record)
    return told(session, record)


def interrupted(paths: Paths, session: Session, *, fresh: bool) -> str:
    """Return what is true after Ctrl-C: the sign-in has a process of its own, which goes on."""
    record = sign_in_files.read(paths.own, session.key)
    if record is None or not record.running:
        return "interrupted; no sign-in runs. Once more: keeplit login"
    lost = f" You are signed out of {session.name} until then." if fresh else ""
    return f"you wait no longer; the sign-in goes on in the browser, and `keeplit login` joins it.{lost}"


def told(session: Session, record: SignIn) -> int:
    """Say how a sign-in ended and return the exit code."""
    if record.code is SignInCode.SIGNED_IN:
        click.echo(f"Signed in to {session.name}.")
        return 0
    detail = f" ({record.detail})" if record.detail else ""
    click.echo(f"keeplit: {ENDINGS.get(record.code, 'the sign-in failed. See: keeplit logs')}{detail}", err=True)
    return FAILED


def show_page(page: Page) -> None:
    """Show where the person signs in, at once: they may be behind SSH."""
    if page.url:
        click.echo(f"Sign in here:  {page.url}")
    if page.user_code:
        click.echo(f"The page shows this code:  {page.user_code}")
    sys.stdout.flush()


def _session(paths: Paths, profile: str | None, name: str | None) -> Session:
    """Return the session that is meant, or end with a sentence and the right exit code."""
    found = whose.session(paths, os.environ, profile=profile, session=name)
    if isinstance(found, whose.Unclear):
        raise fail(found.sentence, found.exit_code)
    return found


@click.command()
@choose_session
@click.option("--profile", shell_complete=completing.profiles, help="The profile whose session is signed out.")
def logout(*, profile: str | None, session_name: str | None) -> int:
    """Sign out of one session; other tools' token files stay.

    Role credentials that were already given out live on until their own end.

    Example: keeplit logout --session acme
    """
    paths = where()
    session = _session(paths, profile, session_name)
    for name in _others(paths, session):
        click.echo(f"The sign-in of {name} has the same start URL and may end too.", err=True)
    answer = ask.wish(paths, os.environ, Verb.LOGOUT, session=session, within=LOGOUT_WITHIN)
    if answer is not None and answer.code == "unknown_session":  # not in use: no daemon keeps it
        outcome = extend_engine.logout(paths, os.environ, session)
        answer = Answer(answer.id, "done" if outcome.result is Result.DONE else "failed", outcome.code)
    if answer is None or answer.state != "done":
        raise fail(f"{session.name} was not signed out ({answer.code if answer else 'no answer'}). See: keeplit status")
    click.echo(f"Signed out of {session.name}.")
    return 0


def _others(paths: Paths, session: Session) -> tuple[str, ...]:
    names = extend_engine.touched(whose.sessions(paths, os.environ), session)
    return tuple(name for name in names if name != session.name)


@click.command()
@choose_session
@click.option("--profile", shell_complete=completing.profiles, help="The profile whose session is extended.")
@click.option("--no-browser", is_flag=True, help="Show the address and code; open nothing.")
@click.option("--timeout", type=click.FloatRange(1, LONGEST), default=660, show_default=True, help="Seconds to wait.")
def extend(*, profile: str | None, session_name: str | None, no_browser: bool, timeout: float) -> int:
    """Start the day's clock anew: sign out of this one session and in again.

    A sign-in during a live session does not move its end; only this does.

    Example: keeplit extend
    """
    paths = where()
    session = _session(paths, profile, session_name)
    names = ", ".join((session.name, *_others(paths, session)))
    click.echo(f"This ends the sign-in of {names}, then signs in to {session.name} again.")
    return sign_in_now(paths, session, no_browser=no_browser, timeout=timeout, fresh=True)


@click.command()
@click.option(
    "--profile", shell_complete=completing.profiles, help="The profile; else Claude Code's, as its environment says."
)
@click.option("--format", "form", type=click.Choice(["claude", "process", "env"]), default="claude", show_default=True)
def credentials(*, profile: str | None, form: str) -> int:
    """Print the profile's role credentials, for awsCredentialExport, credential_process or a shell.

    Example: keeplit credentials --format process
    """
    return credentials_engine.run(where(), os.environ, profile, form, sys.stdout, sys.stderr)


COMMANDS = (login, logout, extend, credentials)
