"""Commands that look: `status` and `profiles`. They observe and plan; they perform and publish nothing."""

import os
import re
import sys
from collections.abc import Iterator, Sequence

import click

from keeplit.adapters import clock
from keeplit.core.catalogue_files import SPOILED
from keeplit.core.exit_codes import FAILED, NOT_SET_UP
from keeplit.core.labels import one_line
from keeplit.core.layers import HIDDEN, Level
from keeplit.core.model import Credential, Problem, Profile
from keeplit.core.settings_keys import RIVALS, is_off
from keeplit.core.settings_model import ENV
from keeplit.core.view import Status
from keeplit.core.words import COLOURS, STATES, as_told, both_clocks, headline
from keeplit.engine import layers, untold
from keeplit.engine.look import look, observed
from keeplit.ui import json_answer, terminal_notice
from keeplit.ui.cli import where

EVERY = 1.0
CONTROL = re.compile(r"(?!\x1b\[[0-9;]*m)[\x00-\x1f\x7f-\x9f]")
SEVERITY_COLOUR = {"error": "red", "warning": "yellow", "info": "cyan"}
WHY_NOT = {
    Credential.KEYS: "access keys: nothing to renew",
    Credential.WEB_IDENTITY: "web identity: renewed by whoever gives the token",
    Credential.CONSOLE_LOGIN: "aws login: console credentials, renewed by the AWS CLI",
    Credential.PROCESS: "credential_process: renewed by that program",
    Credential.API_KEY: "Bedrock API key: nothing to renew",
    Credential.OTHER: "no credentials of its own",
}


@click.command()
@json_answer.option()
@click.option("--watch", is_flag=True, help="Show it live; end with Ctrl-C.")
def status(*, as_json: bool, watch: bool) -> None:
    """Show the state of each sign-in, both clocks, and what is wrong.

    Without a daemon it answers from the files. With --watch it tells, by the terminal's own notices (OSC 9, OSC 777),
    what the desktop cannot show.

    Example: keeplit status --watch
    """
    if as_json and not watch:
        json_answer.answer(_status())
        return
    flame = [] if as_json else _no_flame()
    if not watch:
        click.echo(_shown(_status(), flame))
        return
    told = terminal_notice.Told(sys.stdout, os.environ)
    try:
        while True:
            now = _status()
            if not as_json:
                told.tell(_untold(now))
            if as_json:
                json_answer.answer(now)
            else:
                if sys.stdout.isatty():
                    click.clear()
                click.echo(_shown(now, flame))
            clock.sleep(EVERY)
    except KeyboardInterrupt:
        click.echo()


def _untold(found: Status) -> Iterator[tuple[str, str, str]]:
    """Give the notices that the desktop did not show: this terminal shows them."""
    for notice in found["notices"]:
        yield notice["id"], notice["title"], untold.text(where().own, notice)


def _status() -> Status:
    return look(where(), os.environ).status


def _shown(found: Status, flame: Sequence[str]) -> str:
    return screen(found, [*overruled(layers.explain(where(), os.environ, layers.working_folder())), *flame])


def _no_flame() -> list[str]:
    """Return the line that says why no flame can be shown in this graphical session; none where one can, or none is."""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return []
    from keeplit.ui import tray_process  # it loads PyGObject

    return [f"! {one_line(said)}"] if (said := tray_process.missing(os.environ)) else []


def overruled(explained: layers.Explained) -> list[str]:
    """Return a line for each key of the kept settings file that another layer decides, here where one stands."""
    lines = []
    for key, won in explained.shadowed.items():
        by = won.layer if won.key == key else f"{won.key.removeprefix(ENV)} in {won.layer}"
        value = "" if won.value == HIDDEN else f": {won.value!r}"
        lines.append(f"! {key.removeprefix(ENV)} comes from {by}, not from {explained.path}{value}")
    # In the kept file itself a rival credential is asked about, in the managed settings it is a trouble.
    others_only = (row for row in explained.rows if row.wins.path != explained.path)
    rivals = (row for row in others_only if row.key in RIVALS and row.wins.level is not Level.MANAGED)
    lines += [
        f"! {row.key.removeprefix(ENV)} in {row.wins.layer} is used instead of your sign-in"
        for row in rivals
        if not is_off(row.wins.value)
    ]
    others = [problem for problem in explained.problems if not _is_kept(problem, explained)]
    return lines + [f"! {problem.sentence} Do: {problem.fix}" for problem in others]


def _is_kept(problem: Problem, explained: layers.Explained) -> bool:
    """Whether a problem is of the kept file: that is a trouble of its own."""
    return problem.where.startswith(explained.path)


def screen(shown: Status, notes: Sequence[str] = ()) -> str:
    """Return the status as a person reads it, from the same document as ``--json``, and `notes` after it."""
    now = clock.now()
    shown = as_told(shown)
    lines = [click.style(headline(shown, now), bold=True)]
    width = max((len(session["name"]) for session in shown["sessions"]), default=0)
    for session in shown["sessions"]:
        state = session["state"]
        mark = click.style("●", fg=COLOURS.get(state))
        profiles = f"  [{', '.join(session['profiles'][:3])}]" if session["profiles"] else ""
        lines.append(
            f"{mark} {session['name']:<{width}}  {STATES.get(state, state)} · "
            f"{both_clocks(session, now, clock.utc_offset(now))}{profiles}"
        )
    if not shown["sessions"]:
        lines.append("No session is in use. Set everything up: keeplit setup")
        lines.append("Or sign in to a profile that is there (keeplit profiles): keeplit login --profile NAME")
    for trouble in shown["troubles"]:
        title = click.style(f"! {trouble['title']}", fg=SEVERITY_COLOUR.get(trouble["severity"]))
        lines += [title, f"  {trouble['detail']}", f"  Do: {trouble['fix']}"]
    return "\n".join(printable(line) for line in (*lines, *notes))


def printable(line: str) -> str:
    """Return a line whose names cannot steer the terminal: control characters are shown, all but our colours."""
    return CONTROL.sub(lambda found: repr(found[0])[1:-1], line)


@click.command()
@json_answer.option()
def profiles(*, as_json: bool) -> int:
    """List the profiles of the AWS config, and what keeplit can do for each.

    Example: keeplit profiles --json
    """
    world = observed(where(), os.environ)
    config = world.aws
    if config is None:
        return NOT_SET_UP
    sessions = {session.key: session for session in config.sessions}
    found = [
        {
            "name": profile.name,
            "kind": str(profile.credential),
            "session": sessions[profile.session].name if profile.session in sessions else None,
            "account": profile.account or None,
            "role": profile.role or None,
            "assumes": profile.assumes or None,
            "region": profile.region or None,
            "renewed": profile.session in sessions,
            "in_use": profile.name == world.profile,
        }
        for profile in config.profiles
    ]
    problems = [{"code": p.code, "where": p.where, "detail": p.sentence, "fix": p.fix} for p in config.problems]
    if as_json:
        json_answer.answer({"schema": 1, "profiles": found, "problems": problems})
    else:
        width = max((len(profile.name) for profile in config.profiles), default=0)
        for profile in config.profiles:
            mark = "*" if profile.name == world.profile else " "
            session = sessions.get(profile.session)
            what = f"{session.name}  {_roles(profile)}" if session else WHY_NOT.get(profile.credential, "")
            click.echo(f"{mark} {profile.name!r:<{width + 2}}  {what}".rstrip())
        for problem in config.problems:
            click.echo(f"! {problem.sentence}\n  Do: {problem.fix}", err=True)
        if not config.profiles and not config.problems:
            click.echo("keeplit: the AWS config names no profile; make one with: keeplit setup", err=True)
    if config.profiles:
        return 0
    return FAILED if any(problem.code in SPOILED for problem in config.problems) else NOT_SET_UP


def _roles(profile: Profile) -> str:
    """Return account and role of a profile, then the role that is assumed with them, where one is."""
    signed_in = f"{profile.account} {profile.role}"
    if not profile.assumes:
        return signed_in
    # arn:aws:iam::111122223333:role/a/path/Deploy
    account = next(iter(profile.assumes.split(":")[4:5]), "")
    there = f"{account} " if account not in {"", profile.account} else ""
    return f"{signed_in} → {there}{profile.assumes.rpartition('/')[2]}"


COMMANDS = (status, profiles)
