"""The command that says what is wrong and what mends it: `doctor`.

Law: exit 1 exactly when a check fails. Whatever is broken, it answers; without a home it says that there is none.
Little is imported above: `aws --version` takes longer than all the rest, and runs from the first moment on.
"""

import os
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from keeplit.adapters import paths as places
from keeplit.adapters.paths import NoHome, Paths
from keeplit.core.exit_codes import DONE, FAILED
from keeplit.ui import json_answer
from keeplit.ui.cli import fail

if TYPE_CHECKING:
    from pathlib import Path

    from keeplit.core.check import Check
    from keeplit.engine.doctor_fix import Fixed

NARROW, WIDE = 20, 100
NOTICES = "notices"


@click.command()
@json_answer.option()
@click.option("--fix", "fixes", is_flag=True, help="Mend what needs no question; keeplit undo takes it back.")
@click.option("--bundle", "bundles", is_flag=True, help="Write what was found, without secrets, into one file to send.")
@click.option("--offline", is_flag=True, help="Ask nothing of AWS.")
@click.option("--notice", is_flag=True, help="Show a notice, and ask whether you saw it.")
def doctor(*, as_json: bool, fixes: bool, bundles: bool, offline: bool, notice: bool) -> int:
    """Look at everything that sign-ins, Claude Code and Bedrock need, and name what is wrong and what mends it.

    Without --fix it changes nothing. Exit 1: a check failed.

    Example: keeplit doctor --offline
    """
    from concurrent.futures import ThreadPoolExecutor

    from keeplit.adapters import login

    with ThreadPoolExecutor(1) as early:
        cli = early.submit(login.find, os.environ, brief=True)
        from keeplit.core.doctor_verdict import failed
        from keeplit.engine import doctor as engine
        from keeplit.engine import layers
        from keeplit.ui import doctor_pages, late_log

        place = _place()

        def look() -> "tuple[Check, ...]":
            with late_log.kept(place.log if isinstance(place, Paths) else None):
                return engine.checks(place, os.environ, folder=layers.working_folder(), network=not offline, cli=cli)

        found = look()
        fixed = _mended(place, found) if fixes else ()
        if any(one.done for one in fixed):
            found = look()
    if notice:
        found = tuple(_noticed() if one.code == NOTICES else one for one in found)
    bundle = str(_bundle(place, found)) if bundles else ""
    if as_json:
        json_answer.answer(doctor_pages.document(found, fixed if fixes else None, bundle))
    else:
        done = doctor_pages.fixed_lines(fixed, found) if fixes else ()
        _show(doctor_pages.screen(found, _width(), done, bundle))
    return FAILED if failed(found) else DONE


def _mended(place: Paths | NoHome, found: "Sequence[Check]") -> "tuple[Fixed, ...]":
    from keeplit.engine import doctor_fix  # as seldom needed as what makes a bundle

    return doctor_fix.fix(place, os.environ, found)


def _bundle(place: Paths | NoHome, found: "Sequence[Check]") -> "Path":
    if isinstance(place, NoHome):
        raise fail(f"there is no bundle: {place}")
    from keeplit.engine import doctor_bundle

    return doctor_bundle.write(place, os.environ, found)


def _noticed() -> "Check":
    """Show a notice and ask whether it was seen; without a terminal to ask in, say that it was sent."""
    from keeplit.core.deeds import Result
    from keeplit.core.doctor_keeper import notice_check
    from keeplit.engine import doctor as engine

    outcome = engine.show_notice(os.environ)
    if outcome.result is not Result.DONE:
        return notice_check(outcome.detail or outcome.code, seen=None)
    asks = sys.stdin.isatty() and sys.stderr.isatty()
    seen = click.confirm("A notice was sent. Do you see it?", err=True) if asks else None
    return notice_check("", seen=seen)


def _place() -> Paths | NoHome:
    try:
        return places.find(os.environ)
    except NoHome as trouble:
        return trouble


def _width() -> int:
    return max(NARROW, min(WIDE, shutil.get_terminal_size().columns))


def _show(text: str) -> None:
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    click.echo(text, color=coloured)


COMMANDS = (doctor,)
