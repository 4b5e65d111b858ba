"""What `keeplit doctor` prints: one object for programs, and a page for a person. Text only.

Law: what is well takes a line, what is not its fix. Names come out of files: shown, never obeyed by the terminal.
"""

import re
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from keeplit.core.check import Check, State
from keeplit.core.doctor_verdict import Group, grouped, verdict
from keeplit.ui.looking import printable

if TYPE_CHECKING:
    from keeplit.engine.doctor_fix import Fixed

# Commands, addresses and paths: whoever copies one needs it in one piece.
COPIED = re.compile(r"keeplit [a-z]|://|[/~\\]|\b(?:sudo|chmod|chown|mv|unset) ")
SIGNS = {State.OK: ("✓", "green"), State.WARN: ("!", "yellow"), State.FAIL: ("✗", "red"), State.SKIPPED: ("·", None)}


def document(found: Sequence[Check], fixed: "Sequence[Fixed] | None" = None, bundle: str = "") -> dict[str, object]:
    """Return the checks as the one object of ``--json``; its schema is ``keeplit/schemas/doctor.json``."""
    checks = [{"code": c.code, "state": str(c.state), "sentence": c.sentence, "fix": c.fix} for c in found]
    told: dict[str, object] = {"schema": 1, "checks": checks}
    if fixed is not None:
        told["fixed"] = [{"code": one.code, "sentence": one.sentence, "done": one.done} for one in fixed]
    return {**told, "bundle": bundle} if bundle else told


def screen(found: Sequence[Check], width: int, fixed: Sequence[str] = (), bundle: str = "") -> str:
    """Return the checks as a person reads them: the verdict, then each group, long only where something is to do."""
    groups = grouped(found)
    told = [one for group in groups for one in group.told]
    worst = next((one for one in told if one.state is State.FAIL), None)
    lines = [click.style(verdict(found), bold=True), *fixed]
    if worst is not None and worst.fix.startswith("keeplit ") and len(told) > 1:
        lines.append(f"Do first: {worst.fix}")
    for group in groups:
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
    if COPIED.search(one.fix):
        lines.append(f"    Do: {one.fix}")
    elif one.fix:
        lines += textwrap.wrap(f"Do: {one.fix}", max(10, width), initial_indent="    ", subsequent_indent=" " * 8)
    return lines


def _sign(state: State) -> str:
    sign, colour = SIGNS[state]
    return click.style(sign, fg=colour) if colour else sign


def fixed_lines(fixed: "Sequence[Fixed]", found: Sequence[Check]) -> list[str]:
    """Return a line for each fix, and how all of them are taken back."""
    if not fixed:
        wrong = any(one.state in {State.WARN, State.FAIL} for one in found)
        return ["Nothing of it can be mended without you."] if wrong else ["There is nothing to mend."]
    lines = [f"{'Mended' if one.done else 'Not mended'}: {one.sentence}" for one in fixed]
    done = sum(one.done for one in fixed)
    return [*lines, f"Take it back: keeplit undo{', once for each' if done > 1 else ''}"] if done else lines
