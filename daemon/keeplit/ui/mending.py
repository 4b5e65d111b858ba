"""Commands that mend Claude Code's settings: `repair`, `undo`, `reset`. Each says key by key what it did.

Law: a value that looks like a secret is never said, only that it is there.
"""

import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import click

from keeplit.adapters import clock
from keeplit.core.exit_codes import DONE, FAILED, NOT_SET_UP, USAGE
from keeplit.core.journal_entry import Changed
from keeplit.core.json_edit import value_of
from keeplit.core.redaction import safe, shown
from keeplit.core.undoing import Command
from keeplit.core.words import clock_time, span
from keeplit.engine import repair as repair_engine
from keeplit.engine import reset as reset_engine
from keeplit.engine import undo as undo_engine
from keeplit.engine.repair import State, Way
from keeplit.engine.undo import Given
from keeplit.ui import json_answer
from keeplit.ui.cli import fail, where
from keeplit.ui.looking import printable

OF_A_RULE = "rule"
NONE_KEPT = (
    "keeplit keeps none of the keys that went back until you ask for it: keeplit use. Take it back: keeplit undo"
)
GONE = ": somebody removed it, so keeplit lets go of it. A new one: keeplit use --profile NAME"
TIME = "%Y-%m-%dT%H:%M:%SZ"
REPAIRED = "Repaired {file}. Take it back: keeplit undo"
SENTENCES = {
    (State.REPAIRED, Way.WRITE): REPAIRED,
    (State.FAILED, Way.WRITE): REPAIRED,  # but for what stands on stderr
    (State.NOTHING, Way.WRITE): "There is nothing to repair: {file} says what was agreed.",
    (State.ACCEPTED, Way.ACCEPT): "{file} stays as it is, and that is what keeplit keeps from now on.",
    (State.NOTHING, Way.ACCEPT): "There is nothing to accept: {file} says what was agreed.",
    (State.RESTORED, Way.LAST_GOOD): "The last good copy is back in {file}. Take it back: keeplit undo",
    (State.NOTHING, Way.LAST_GOOD): "{file} can be read, so nothing is put in its place.",
}
json_option = json_answer.option()


@click.command()
@click.argument("number", type=click.IntRange(1), required=False)
@click.option("--list", "listing", is_flag=True, help="Show what can be undone, the last one first; change nothing.")
@json_answer.option("With --list: print one JSON object and nothing else.")
def undo(*, number: int | None, listing: bool, as_json: bool) -> int:
    """Take back the last command that changed settings, or the one that NUMBER counts back to.

    Keys that were changed since stay as they are. What keeplit did by itself is taken back by its number alone.

    Example: keeplit undo
    """
    if (as_json and not listing) or (listing and number is not None):
        click.echo("keeplit: say --list, with --json or without, or a number", err=True)
        return USAGE
    if listing:
        found = undo_engine.history(where())
        if as_json:
            json_answer.answer(_listed(found))
        else:
            click.echo(_table(found))
        return DONE
    undone = undo_engine.undo(where(), number)
    if undone.command is None and not undone.count:
        raise fail("there is nothing to undo: keeplit changed no file, or all that it changed is undone already")
    if undone.command is None and number is None:
        raise fail(
            "there is nothing to undo but what keeplit did by itself: keeplit undo --list, then keeplit undo NUMBER"
        )
    if undone.command is None:
        raise fail(f"only {undone.count} can be undone. See: keeplit undo --list")
    name = f"`{_name(undone.command)}`, {_when(undone.command.at)}"
    faults, left = [one for one in undone.files if one.fault], [one for one in undone.files if one.left]
    if not any(one.did for one in undone.files) and (faults or left):
        _complain(undone.files)
        raise fail(f"nothing of {name} was taken back. Another one: keeplit undo --list, then keeplit undo NUMBER")
    if not any(one.did for one in undone.files):
        click.echo(f"{name}: the files say again what they said before it, so nothing is written.")
        return DONE
    click.echo(f"Took back {name}.")
    _report(undone.files)
    return FAILED if faults else DONE


@click.command()
@json_option
def reset(*, as_json: bool) -> int:
    """Bring back the values from before keeplit, in every file that it changed.

    Where nobody else wrote since, the file is what it was, to the byte; else key by key, and a key that someone else
    changed stays as it is. Take it back: keeplit undo.

    Example: keeplit reset
    """
    done = reset_engine.reset(where()) or reset_engine.unreadable(where())
    if as_json:
        json_answer.answer({"schema": 1, "files": [_told(one) for one in done]})
    elif not done:
        click.echo("There is nothing to reset: nothing of keeplit is in any file.")
    else:
        _report(done)
        if any(one.did and not one.vanished for one in done):
            click.echo(NONE_KEPT)
    only_refused = bool(done) and not any(one.did for one in done)
    return FAILED if only_refused or any(one.fault for one in done) else DONE


@click.command()
@click.option("--accept", is_flag=True, help="Keep the file as it is: what it says now is what is kept.")
@click.option("--last-good", is_flag=True, help="Put the last good copy in place of a file that cannot be read.")
@json_option
def repair(*, accept: bool, last_good: bool, as_json: bool) -> int:
    """Put back what is missing of Claude Code's settings, and what keeplit asked about; now, without a question.

    Example: keeplit repair
    """
    if accept and last_good:
        click.echo("keeplit: say --accept or --last-good, not both", err=True)
        return USAGE
    way = Way.ACCEPT if accept else Way.LAST_GOOD if last_good else Way.WRITE
    done = repair_engine.repair(where(), os.environ, way)
    given = done.given
    code = NOT_SET_UP if done.state is State.NOT_SET_UP else FAILED if given.fault else DONE
    if as_json:
        told = _told(given)
        del told["left"], told["let_go"]
        json_answer.answer({"schema": 1, **told, "state": str(done.state)})
        return code
    if given.did or not given.fault:
        click.echo(printable(SENTENCES[done.state, way].format(file=given.file)))
        for line in _keys(given):
            click.echo(line)
    _complain((given,))
    return code


def _report(files: Sequence[Given]) -> None:
    """Say file by file what was written and what was left alone."""
    for one in files:
        if one.fault or not (one.did or one.left):
            continue
        how = GONE if one.vanished else ""
        if one.gone:
            how = ": removed, since keeplit had made it and nothing else was in it"
        elif one.whole:
            how = ": byte for byte as it was"
        click.echo(printable(f"{one.file}{how}"))
        for line in _keys(one):
            click.echo(line)
        for key in one.left:
            click.echo(printable(f"  {key}: left alone, because {_blamed(one, key)}"))
        if one.let_go:
            click.echo(printable(f"  not there, and not kept any more: {', '.join(one.let_go)}"))
        if one.kept:
            click.echo(printable(f"  keeplit keeps again, as before: {', '.join(one.kept)}"))
    _complain([one for one in files if one.fault])


def _complain(files: Sequence[Given]) -> None:
    """Say on stderr what stood in the way."""
    for one in files:
        for key in one.left:
            click.echo(printable(f"keeplit: {key} in {one.file} is left alone: {_blamed(one, key)}"), err=True)
        if one.fault:
            click.echo(printable(f"keeplit: {one.fault}"), err=True)
            click.echo(printable(f"  Do: {one.fix}"), err=True)


def _blamed(given: Given, key: str) -> str:
    """Say who changed a key that is left alone."""
    later = given.later.get(key)
    if later is None:
        return "someone else changed it since"
    if later.command == OF_A_RULE:
        return f"keeplit by itself ({later.reason}) changed it later: undo that first"
    return f"a later `keeplit {later.command}` changed it: undo that first"


def _keys(given: Given) -> Iterable[str]:
    """Give a line for each key that was written."""
    for one in given.changed:
        yield printable(f"  {one.key}: {shown(one.key, one.before)} → {shown(one.key, one.after)}")


def _told(given: Given) -> dict[str, Any]:
    """Return what came of one file as an object."""
    written = "changed" if given.did else "unchanged"
    written = "removed" if given.gone else "restored" if given.whole else "released" if given.vanished else written
    return {
        "file": given.file,
        "state": "failed" if given.fault else written,
        "keys": [_told_key(one) for one in given.changed],
        "left": list(given.left),
        "let_go": list(given.let_go),
        "fault": given.fault,
        "fix": given.fix,
    }


def _told_key(one: Changed) -> dict[str, str | None]:
    """Return a key with its values as texts; one that is no text stays as it is spelled."""
    before, after = (
        None if raw is None else safe(one.key, raw if (text := value_of(raw)) is None else text)
        for raw in (one.before, one.after)
    )
    return {"key": one.key, "before": before, "after": after}


def _listed(found: Sequence[Command]) -> dict[str, Any]:
    """Return the commands as one object."""
    return {
        "schema": 1,
        "commands": [
            {
                "number": one.number,
                "at": f"{one.at:{TIME}}",
                "command": one.command,
                "reason": one.reason,
                "keys": list(one.keys),
                "files": list(one.files),
                "undone": one.number is None,
            }
            for one in found
        ],
    }


def _table(found: Sequence[Command]) -> str:
    """Return the commands as a person reads them, the last one first."""
    if not found:
        return "keeplit changed no file yet."
    lines = []
    for one in found:
        number = "undone" if one.number is None else str(one.number)
        lines.append(f"{number:>6}  {_name(one)}, {_when(one.at)}: {', '.join(one.keys) or 'the whole file'}")
        lines += [f"        {file}" for file in one.files]
    if any(one.number for one in found):
        lines.append("Take one back: keeplit undo NUMBER")
    return "\n".join(printable(line) for line in lines)


def _name(command: Command) -> str:
    """Return a command as a person types it; what the daemon did by itself is named by its rule."""
    return f"keeplit by itself ({command.reason})" if command.command == OF_A_RULE else f"keeplit {command.command}"


def _when(at: datetime) -> str:
    now = clock.now()
    return f"{span(now - at)} ago ({clock_time(at, now, clock.utc_offset(at))})"


COMMANDS = (repair, undo, reset)
