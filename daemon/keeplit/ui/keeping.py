"""Commands that keep: `daemon`, `pause`, `resume`, `logs`."""

import os
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import click

from keeplit.adapters import clock, config, logfile, readiness
from keeplit.adapters.paths import Paths
from keeplit.core.exit_codes import DONE, FAILED
from keeplit.core.model import Verb
from keeplit.core.service_files import LABELS, Part
from keeplit.core.troubles import failure
from keeplit.core.view import in_words
from keeplit.core.words import span, unpromised
from keeplit.engine import ask, crashes
from keeplit.engine.living import is_running, prepare
from keeplit.engine.turn import Turned
from keeplit.engine.world import real_world
from keeplit.ui.cli import Duration, fail, where
from keeplit.ui.following import Following

LOOK_EVERY = 0.3
ONE_TURN = 30.0


@click.command()
@click.option("--once", is_flag=True, help="Make one turn and end.")
@click.option("--after-crash", is_flag=True, hidden=True)  # what Windows starts now and then
def daemon(*, once: bool, after_crash: bool) -> int:
    """Keep watch in the foreground, without a window.

    With --once it exits 1 where something that was due failed; a sign-in that began, or a notice, is no failure.

    Example: keeplit daemon
    """
    from keeplit.engine import run  # the scheduler and the watcher cost a third of a start

    paths = where()
    if after_crash and (is_running(paths) or crashes.read(paths).began_at is None):
        return DONE
    prepare(paths)
    logfile.open_log(paths.log, level=config.read(paths.config_file).log_level, console=sys.stderr.isatty())
    world = real_world(paths, publishes=True)
    try:
        if once:
            return _told(run.once(world, paths))
        try:
            run.keep(world, paths)
        except run.AlreadyRunning:
            if not _serves():
                raise
            # Whoever sees it end badly starts it anew: launchd every 10 s, systemd three times. What runs is
            # perhaps a `daemon --once`, which ends soon.
            readiness.ready()
            _wait(paths)
            run.keep(world, paths)
    except run.AlreadyRunning:
        already = fail("a daemon runs already; see: keeplit status")
        if once or not _serves():
            raise already from None
    return DONE


def _told(turned: Turned) -> int:
    """Say what one turn did, and of what failed why and what to do; return the exit code."""
    from keeplit.ui.looking import printable  # a daemon needs nothing of it

    names = {seen.session.key: seen.session.name for seen in turned.facts.sessions}
    code = DONE
    for action, outcome in turned.performed:
        trouble = failure(action, outcome, names.get(action.session, "Claude Code's settings"))
        lines = [f"{action.sentence} {str(outcome.result).replace('_', ' ')}"]
        if trouble is not None:
            code = FAILED
            said = in_words(trouble)
            lines = [f"{action.sentence} That failed.", f"! {said['title']}"]
            lines += [f"  {unpromised(said['detail'])}", f"  Do: {said['fix']}"]
        click.echo("\n".join(map(printable, lines)), err=True)
    return code


def _serves() -> bool:
    """Whether what starts it at login started it, and looks at how it ends."""
    return "NOTIFY_SOCKET" in os.environ or os.environ.get("XPC_SERVICE_NAME") == LABELS[Part.DAEMON]


def _wait(paths: Paths) -> None:
    until = clock.monotonic() + ONE_TURN
    while is_running(paths) and clock.monotonic() < until:
        clock.sleep(LOOK_EVERY)


@click.command()
@click.argument("duration", type=Duration(), required=False)
def pause(duration: timedelta | None) -> None:
    """Open no browser, show no notice, repair no settings for DURATION (30m, 8h), or until `keeplit resume`.

    Tokens are still renewed silently.

    Example: keeplit pause 45m
    """
    answer = ask.wish(where(), os.environ, Verb.PAUSE, duration=duration)
    if answer is None:
        raise fail("the daemon did not answer within 5 s; it will pause when it does. See: keeplit status")
    click.echo(f"Paused {'until you resume' if duration is None else f'for {span(duration)}'}. Resume: keeplit resume")


@click.command()
def resume() -> None:
    """End a pause.

    Example: keeplit resume
    """
    if ask.wish(where(), os.environ, Verb.RESUME) is None:
        raise fail("the daemon did not answer within 5 s; it will resume when it does. See: keeplit status")
    click.echo("Resumed.")


@click.command()
@click.option("-f", "--follow", is_flag=True, help="Go on as lines are written; end with Ctrl-C.")
@click.option(
    "-n", "--lines", default=40, show_default=True, type=click.IntRange(0), help="How many lines to begin with."
)
def logs(*, follow: bool, lines: int) -> None:
    """Show the daemon's log. It holds no secret.

    Example: keeplit logs -f
    """
    path = where().log
    with closing(Following(path, logfile.KEPT)) as log:
        data = _more(log, path)
        if not follow and not path.exists():
            raise fail(f"there is no log yet at {path}; the daemon writes it: keeplit daemon")
        tail = data.decode("utf-8", "replace").splitlines()[-lines:] if lines else []
        if tail:
            click.echo("\n".join(tail))
        try:
            while follow:
                clock.sleep(LOOK_EVERY)
                click.echo(_more(log, path).decode("utf-8", "replace"), nl=False)
        except KeyboardInterrupt:
            click.echo()


def _more(log: Following, path: Path) -> bytes:
    try:
        return log.more()
    except OSError as error:
        raise fail(f"the log {path} cannot be read: {error.strerror}") from None


COMMANDS = (daemon, pause, resume, logs)
