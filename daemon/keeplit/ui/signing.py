"""Commands that sign in and out: `login`, `logout`, `extend`, `credentials`."""

import os
import sys
from collections.abc import Callable
from datetime import timedelta

import click
from click.core import ParameterSource

from keeplit.adapters import config, sign_in_files
from keeplit.adapters import login as aws_cli
from keeplit.adapters.paths import Paths
from keeplit.core.deeds import Result
from keeplit.core.exit_codes import SIGN_IN, USAGE
from keeplit.core.memory import Answer
from keeplit.core.model import Session, SignIn, SignInCode, Verb
from keeplit.core.sign_in_flow import Page
from keeplit.engine import ask, desk, for_claude, sign_in, whose
from keeplit.engine import credentials as credentials_engine
from keeplit.engine import extend as extend_engine
from keeplit.ui import completing, sign_in_words
from keeplit.ui.cli import Decorated, Number, fail, not_empty, where
from keeplit.ui.looking import printable

LONGEST = 3600.0
LOGOUT_WITHIN = 40.0
NOBODY = "nobody is at the desk, and this was not typed in a terminal, so no browser opens. Type: keeplit login"
choose_session = click.option(
    "--session",
    "session_name",
    callback=not_empty,
    shell_complete=completing.sessions,
    help="The sso-session (or legacy profile) instead of a profile's.",
)


def choose_profile(text: str) -> Callable[[Decorated], Decorated]:
    """Return the option that names a profile; `text` is its help."""
    return click.option("--profile", callback=not_empty, shell_complete=completing.profiles, help=text)


@click.command()
@choose_profile("The profile whose session is signed in.")
@choose_session
@click.option(
    "--for-claude", "claude", is_flag=True, help="For Claude Code's awsAuthRefresh: only as much as is needed."
)
@click.option("--no-browser", is_flag=True, help="Show the address and code; open nothing.")
@click.option(
    "--timeout",
    type=Number(1, LONGEST),
    default=660,
    show_default=True,
    help="Seconds to wait for the person.",
)
@click.pass_context
def login(
    context: click.Context,
    *,
    profile: str | None,
    session_name: str | None,
    claude: bool,
    no_browser: bool,
    timeout: float,
) -> int:
    """Sign in through the browser, or join the sign-in that runs.

    Example: keeplit login --profile work
    """
    paths = where()
    waits = context.get_parameter_source("timeout") is not ParameterSource.DEFAULT
    if claude and (session_name or no_browser or waits):
        raise fail("--for-claude goes by the profile and needs no other option", USAGE)
    if claude:
        return for_claude.run(paths, os.environ, profile, sys.stdout, sys.stderr)
    session = _session(paths, profile, session_name)
    if not no_browser and nobody_asks():
        raise fail(NOBODY, SIGN_IN)
    code = sign_in_now(paths, session, no_browser=no_browser, timeout=timeout)
    if code == 0 and not whose.note_session(paths, os.environ, session, profile):  # whoever signs in wants it kept
        click.echo(printable(sign_in_words.not_kept(session)))
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
        record = sign_in_files.read(paths.own, session.key)
        raise fail(printable(sign_in_words.interrupted(session, record, fresh=fresh))) from None
    if record is None:
        click.echo(
            f"keeplit: still waiting for you in the browser after {timeout:.0f} s; it goes on by itself", err=True
        )
        return SIGN_IN
    if isinstance(record, sign_in.Another):
        raise fail(printable(sign_in_words.another(session, record.session, fresh=fresh)), SIGN_IN)
    if isinstance(record, str):
        raise fail(record)
    return told(session, record, fresh=fresh)


def told(session: Session, record: SignIn, *, fresh: bool = False) -> int:
    """Say how a sign-in ended and return the exit code."""
    if record.code is SignInCode.SIGNED_IN:
        click.echo(f"Signed in to {session.name}.")
        return 0
    again = sign_in_words.again(session, fresh=fresh)
    raise fail(printable(sign_in_words.ending(record.code, record.detail, again)))


def show_page(page: Page) -> None:
    """Show where the person signs in, at once: they may be behind SSH."""
    if page.url:
        click.echo(f"Sign in here:  {page.url}")
    if page.user_code:
        click.echo(f"The page shows this code:  {page.user_code}")
    sys.stdout.flush()


def _session(paths: Paths, profile: str | None, name: str | None) -> Session:
    """Return the session that is meant, or end with a sentence and the right exit code."""
    if profile and name:
        raise fail("say --profile or --session, not both", USAGE)
    found = whose.session(paths, os.environ, profile=profile, session=name)
    if isinstance(found, whose.Unclear):
        raise fail(found.sentence, found.exit_code)
    return found


@click.command()
@choose_session
@choose_profile("The profile whose session is signed out.")
def logout(*, profile: str | None, session_name: str | None) -> int:
    """Sign out of one session; other tools' token files stay.

    Role credentials that were already given out live on until their own end.

    Example: keeplit logout --session acme
    """
    paths = where()
    session = _session(paths, profile, session_name)
    for name in _others(paths, session):
        click.echo(f"The sign-in of {name} has the same start URL and may end too.", err=True)
    waiting = sign_in_files.read(paths.own, session.key)
    if waiting is not None and waiting.running:  # it would sign in again, whenever somebody ends it in the browser
        sign_in_files.ask_cancel(paths.own, waiting)
        click.echo(printable(f"The sign-in of {session.name} that waits in the browser is cancelled."), err=True)
    answer = ask.wish(paths, os.environ, Verb.LOGOUT, session=session, within=LOGOUT_WITHIN)
    if answer is not None and answer.code == "unknown_session":  # not in use: no daemon keeps it
        outcome = extend_engine.logout(paths, os.environ, session)
        answer = Answer(answer.id, "done" if outcome.result is Result.DONE else "failed", outcome.code)
    if answer is not None and answer.state == "waiting":
        raise fail(printable(f"the daemon is signing out of {session.name} already. See: keeplit status"))
    if answer is None or answer.state != "done":
        raise fail(f"{session.name} was not signed out ({answer.code if answer else 'no answer'}). See: keeplit status")
    click.echo(f"Signed out of {session.name}.")
    return 0


def _others(paths: Paths, session: Session) -> tuple[str, ...]:
    names = extend_engine.touched(whose.sessions(paths, os.environ), session)
    return tuple(name for name in names if name != session.name)


@click.command()
@choose_session
@choose_profile("The profile whose session is extended.")
@click.option("--no-browser", is_flag=True, help="Show the address and code; open nothing.")
@click.option("--timeout", type=Number(1, LONGEST), default=660, show_default=True, help="Seconds to wait.")
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
@choose_profile("The profile; else Claude Code's, as its environment says.")
@click.option("--format", "form", type=click.Choice(["claude", "process", "env"]), default="claude", show_default=True)
def credentials(*, profile: str | None, form: str) -> int:
    """Print the profile's role credentials, for awsCredentialExport, credential_process or a shell.

    Example: keeplit credentials --format process
    """
    return credentials_engine.run(where(), os.environ, profile, form, sys.stdout, sys.stderr)


COMMANDS = (login, logout, extend, credentials)
