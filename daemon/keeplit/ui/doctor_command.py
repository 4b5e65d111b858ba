"""The command that says what is wrong and what mends it: `doctor`. What is well takes a line; what is not, its fix.

Law: exit 1 exactly when a check fails. Whatever is broken, it answers; without a home it says that there is none.
"""

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import click

from keeplit.adapters import login
from keeplit.adapters import paths as places
from keeplit.adapters.paths import NoHome, Paths
from keeplit.core.check import Check, State
from keeplit.core.deeds import Result
from keeplit.core.doctor_keeper import notice_check
from keeplit.core.doctor_verdict import Group, failed, grouped, verdict
from keeplit.ui import late_log
from keeplit.ui.cli import DONE, FAILED, fail
from keeplit.ui.looking import printable

if TYPE_CHECKING:
    from keeplit.engine.doctor_fix import Fixed

SIGNS = {State.OK: ("✓", "green"), State.WARN: ("!", "yellow"), State.FAIL: ("✗", "red"), State.SKIPPED: ("·", None)}
NARROW, WIDE = 20, 100
NOTICES = "notices"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@click.option("--fix", "fixes", is_flag=True, help="Mend what needs no question; keeplit undo takes it back.")
@click.option("--bundle", "bundles", is_flag=True, help="Write what was found, without secrets, into one file to send.")
@click.option("--offline", is_flag=True, help="Ask nothing of AWS.")
@click.option("--notice", is_flag=True, help="Show a notice, and ask whether you saw it.")
def doctor(*, as_json: bool, fixes: bool, bundles: bool, offline: bool, notice: bool) -> int:
    """Look at everything that sign-ins, Claude Code and Bedrock need, and name what is wrong and what mends it.

    Without --fix it changes nothing. Exit 1: a check failed. Example: keeplit doctor --offline
    """
    with ThreadPoolExecutor(1) as early:
        cli = early.submit(login.find, os.environ)  # `aws --version` takes longer than to load all that follows
        from keeplit.engine import doctor as engine
        from keeplit.engine import doctor_fix, layers

        place = _place()

        def look() -> tuple[Check, ...]:
            with late_log.kept(place.log if isinstance(place, Paths) else None):
                return engine.checks(place, os.environ, folder=layers.working_folder(), network=not offline, cli=cli)

        found = look()
        fixed = doctor_fix.fix(place, os.environ, found) if fixes else ()
        if any(one.done for one in fixed):
            found = look()
    if notice:
        found = tuple(_noticed() if one.code == NOTICES else one for one in found)
    bundle = str(_bundle(place, found)) if bundles else ""
    if as_json:
        click.echo(json.dumps(document(found, fixed if fixes else None, bundle), ensure_ascii=False))
    else:
        _show(screen(found, _width(), _fixed(fixed, found) if fixes else (), bundle))
    return FAILED if failed(found) else DONE


def _bundle(place: Paths | NoHome, found: Sequence[Check]) -> Path:
    if isinstance(place, NoHome):
        raise fail(f"there is no bundle: {place}")
    from keeplit.engine import doctor_bundle  # zipfile is seldom needed

    return doctor_bundle.write(place, os.environ, found)


def _noticed() -> Check:
    """Show a notice and ask whether it was seen; without a terminal to ask in, say that it was sent."""
    from keeplit.engine import doctor as engine

    outcome = engine.show_notice(os.environ)
    if outcome.result is not Result.DONE:
        return notice_check(outcome.detail or outcome.code, seen=None)
    asks = sys.stdin.isatty() and sys.stderr.isatty()
    seen = click.confirm("A notice was sent. Do you see it?", err=True) if asks else None
    return notice_check("", seen=seen)


def _fixed(fixed: "Sequence[Fixed]", found: Sequence[Check]) -> list[str]:
    """Return a line for each fix, and how all of them are taken back."""
    if not fixed:
        wrong = any(one.state in {State.WARN, State.FAIL} for one in found)
        return ["Nothing of it can be mended without you."] if wrong else ["There is nothing to mend."]
    lines = [f"{'Mended' if one.done else 'Not mended'}: {one.sentence}" for one in fixed]
    done = sum(one.done for one in fixed)
    return [*lines, f"Take it back: keeplit undo{', once for each' if done > 1 else ''}"] if done else lines


def _place() -> Paths | NoHome:
    try:
        return places.find(os.environ)
    except NoHome as trouble:
        return trouble


def document(found: Sequence[Check], fixed: "Sequence[Fixed] | None" = None, bundle: str = "") -> dict[str, object]:
    """Return the checks as the one object of ``--json``; its schema is ``keeplit/schemas/doctor.json``."""
    checks = [{"code": c.code, "state": str(c.state), "sentence": c.sentence, "fix": c.fix} for c in found]
    told: dict[str, object] = {"schema": 1, "checks": checks}
    if fixed is not None:
        told["fixed"] = [{"code": one.code, "sentence": one.sentence, "done": one.done} for one in fixed]
    return {**told, "bundle": bundle} if bundle else told


def screen(found: Sequence[Check], width: int, fixed: Sequence[str] = (), bundle: str = "") -> str:
    """Return the checks as a person reads them: the verdict, then each group, long only where something is to do."""
    lines = [click.style(verdict(found), bold=True), *fixed]
    for group in grouped(found):
        lines += _group(group, width)
    if bundle:
        lines.append(f"To send to whoever helps you, without secrets: {bundle}")
    return "\n".join(map(printable, lines))


def _group(group: Group, width: int) -> list[str]:
    well, unseen = group.count(State.OK), group.count(State.SKIPPED)
    counted = [f"{well} well"] if well else []
    counted += [f"{unseen} not looked at"] if unseen else []
    state = group.told[0].state if group.told else State.OK if well else State.SKIPPED
    why = [] if group.told or well else [group.checks[0].sentence]  # nothing of it was looked at
    title = textwrap.wrap(": ".join([group.title, *([", ".join(counted)] if counted else []), *why]), width - 2)
    lines = [f"{_sign(state)} {title[0]}", *(f"  {line}" for line in title[1:])]
    for one in group.told:
        lines += _told(one, width)
    return lines


def _told(one: Check, width: int) -> list[str]:
    said = textwrap.wrap(one.sentence, max(10, width - 4), break_on_hyphens=False) or [""]
    lines = [f"  {_sign(one.state)} {said[0]}", *(f"    {line}" for line in said[1:])]
    if one.fix:  # a command is copied: it is not broken apart
        lines.append(f"    Do: {one.fix}")
    return lines


def _sign(state: State) -> str:
    sign, colour = SIGNS[state]
    return click.style(sign, fg=colour) if colour else sign


def _width() -> int:
    return max(NARROW, min(WIDE, shutil.get_terminal_size().columns))


def _show(text: str) -> None:
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    click.echo(text, color=coloured)


COMMANDS = (doctor,)
