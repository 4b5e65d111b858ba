"""Commands of coming and going: `autostart enable`, `autostart disable`, `autostart status`, and `uninstall`."""

import os
import sys

import click

from keeplit.adapters import clock
from keeplit.adapters.autostart import Standing
from keeplit.core.exit_codes import DONE, FAILED, USAGE
from keeplit.core.words import span
from keeplit.engine import autostart as engine
from keeplit.engine import crashes
from keeplit.engine import uninstall as uninstalling
from keeplit.engine.autostart import Report
from keeplit.engine.living import is_running
from keeplit.ui import json_answer
from keeplit.ui.cli import fail, where
from keeplit.ui.looking import printable

TIME = "%Y-%m-%dT%H:%M:%SZ"
RUNS = {True: "running", False: "not running", None: "not known whether it runs"}
json_option = json_answer.option()


@click.group()
def autostart() -> None:
    """Start keeplit with the computer, or no more.

    The daemon keeps sign-ins lit, the tray shows them.

    Example: keeplit autostart enable
    """


@autostart.command()
@json_option
def enable(*, as_json: bool) -> None:
    """Start the daemon and the tray at each login, and the daemon now.

    Once more mends it: after keeplit moved, or was switched off elsewhere. Variables of this shell that a service lacks
    (proxies, PATH, where AWS's and Claude Code's files lie) are recorded in config.toml.

    Example: keeplit autostart enable
    """
    report = engine.enable(where(), os.environ)
    if as_json:
        json_answer.answer(_document(report))
        return
    if report.recorded:
        click.echo(f"Recorded in config.toml for the service: {', '.join(report.recorded)}")
    _show(report)


@autostart.command()
@json_option
def disable(*, as_json: bool) -> None:
    """Start nothing at login any more.

    What was started so ends. A desktop ends nothing: the daemon is asked to, and the tray has Quit in its menu.

    Example: keeplit autostart disable
    """
    report = engine.disable(where(), os.environ)
    if as_json:
        json_answer.answer(_document(report))
        return
    click.echo("keeplit is no longer started at login. Start it so again: keeplit autostart enable")
    for note in report.notes:
        click.echo(printable(note))


@autostart.command()
@json_option
def status(*, as_json: bool) -> None:
    """Say how the start at login stands.

    That is: what is started, whether it runs, since when, how it last ended, and why not.

    Example: keeplit autostart status --json
    """
    report = engine.status(where(), os.environ)
    if as_json:
        json_answer.answer(_document(report))
    else:
        _show(report)


@autostart.command(hidden=True)
def ended() -> None:
    """Note how the service ended; systemd calls this."""
    paths = where()
    if paths.state.is_dir() and not is_running(paths) and crashes.stopped(paths, os.environ, clock.now()):
        crashes.tell(paths, os.environ)


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def uninstall(*, yes: bool) -> int:
    """Undo all that keeplit did: files as they were before it, nothing started at login, nothing of its own left.

    AWS's caches stay, so you stay signed in. The program itself is removed by what installed it, after this.

    Example: keeplit uninstall
    """
    paths = where()
    own = uninstalling.goes(paths)
    click.echo(
        "Every file that keeplit changed becomes what it was before, Claude Code's settings and the AWS config too."
    )
    click.echo("Nothing is started at login any more.")
    if own:
        click.echo("Removed are:")
        for path in own:
            click.echo(printable(f"  {path}"))
    if not yes and not sys.stdin.isatty():
        click.echo("keeplit: nothing was done; say --yes where nobody can be asked", err=True)
        return USAGE
    if not yes and not click.confirm("Go on?"):
        click.echo("Nothing was done.")
        return DONE
    done = uninstalling.uninstall(paths, os.environ)
    for one in done.given:
        if one.fault:
            click.echo(printable(f"keeplit: {one.file}: {one.fault}. Do: {one.fix}"), err=True)
        for key in one.left:
            click.echo(printable(f"{key} in {one.file} is left alone: someone else changed it since"))
    if done.why_not:
        raise fail(done.why_not)
    for key in done.pointing:
        click.echo(f"keeplit: {key} of Claude Code's settings still runs keeplit; remove it there yourself", err=True)
    click.echo("Done. Now remove the program with what installed it, for example: pipx uninstall keeplit")
    return FAILED if done.pointing else DONE


def _show(report: Report) -> None:
    for one in report.parts:
        click.echo(printable(_line(one)))
        if one.why_not:
            click.echo(printable(f"  Why: {one.why_not}"))
            click.echo(printable(f"  Do: {one.fix}"))
    for note in report.notes:
        click.echo(printable(note))


def _line(one: Standing) -> str:
    said = ["starts at login" if one.enabled else "does not start at login", RUNS[one.running]]
    if one.running and one.since is not None:
        said[-1] += f" for {span(clock.now() - one.since)}"
    if one.restarts:
        said.append(f"started anew {'once' if one.restarts == 1 else f'{one.restarts} times'}")
    if one.last_exit:
        said.append(f"last end: {one.last_exit}")
    return f"{one.part}: {', '.join(said)}"


def _document(report: Report) -> dict[str, object]:
    parts = [
        {
            "part": str(one.part),
            "enabled": one.enabled,
            "running": one.running,
            "since": None if one.since is None else f"{one.since:{TIME}}",
            "last_exit": one.last_exit or None,
            "restarts": one.restarts,
            "current": one.current,
            "why_not": one.why_not or None,
            "fix": one.fix or None,
        }
        for one in report.parts
    ]
    return {
        "schema": 1,
        "systems": list(report.systems),
        "parts": parts,
        "recorded": list(report.recorded),
        "notes": list(report.notes),
    }


COMMANDS = (autostart, uninstall)
