"""A command that was cut off: what it had still to write is written for it, so that nothing stays half for ever.

Law: whoever changes more than one file holds one lock, which dies with it; only what no living process holds is cut
off. Where an undo or a reset gave nothing back yet, all is kept as before; where it gave all back, what was to be kept
again is. Where the settings went back and another file did not, only the same command ends it, for a daemon never
writes config.toml; that is told. Where `use` changed config.toml and not yet the settings, they follow, as promised.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from keeplit.adapters import files, journal
from keeplit.adapters.claude_settings.written import WriteResult
from keeplit.adapters.paths import Paths
from keeplit.core import undoing
from keeplit.core.journal_entry import Changed, Entry
from keeplit.core.json_edit import Change, Remove, Set
from keeplit.core.kept_again import unclosed, wrote
from keeplit.core.model import Problem
from keeplit.core.settings_memory import KEPT_AGAIN, WAITS
from keeplit.core.undoing import meaning
from keeplit.engine import guarded
from keeplit.engine.notes import Sign, look, note

LOCK = "changing.lock"
LOCK_SECONDS = 30.0
HALF = "{file} was given back, and {other} was not: `keeplit {command}` was cut off between the two"

LATE = "`keeplit {command}` was cut off once config.toml was changed, and the settings still wait: {fault}."


@contextmanager
def giving_back(paths: Paths, sign: Sign, waiting: Mapping[str, Iterable[str]]) -> Iterator[None]:
    """Hold the lock while files are given back; `waiting` is by file what is kept once that is over.

    What an earlier one had still to say is said first, and at the end its own. Raises `FileTrouble`.
    """
    with files.lock(_lock(paths), LOCK_SECONDS):
        _end(paths, instead=True)
        for file, keys in waiting.items():
            note(paths, file, Sign("undo", sign.group), keys, WAITS)
        yield
        _end(paths)


@contextmanager
def changing(paths: Paths, promise: Entry | None) -> Iterator[None]:
    """Hold the lock while config.toml is changed, and then the settings as `promise` says. Raises `FileTrouble`."""
    with files.lock(_lock(paths), LOCK_SECONDS):
        if promise is not None:
            journal.append(paths, promise)
        try:
            yield
        except Exception:
            _drop(paths, promise)  # whoever can still say why puts the first file back
            raise
        _drop(paths, promise)


def _drop(paths: Paths, promise: Entry | None) -> None:
    if promise is not None:
        journal.drop(paths, promise)


def end(paths: Paths) -> Problem | None:
    """End what was cut off, as far as that needs no write of config.toml; return what is half done."""
    held = files.try_lock(_lock(paths))
    if held is None:
        return None
    with held:
        late = [_kept_word(paths, promise) for promise in journal.look(paths).promises]
        return _end(paths) or next((problem for problem in late if problem is not None), None)


def half(paths: Paths) -> Problem | None:
    """Return what is half done, and write nothing."""
    place = paths.state / LOCK
    return None if files.is_held(place) else _told(paths, journal.read(paths))


def _lock(paths: Paths) -> Path:
    return files.private_folder(paths.state) / LOCK


def _end(paths: Paths, *, instead: bool = False) -> Problem | None:
    """Write the end of each that has none; one that is half done ends only where another is done `instead`."""
    entries = journal.read(paths)
    for wait in unclosed(entries):
        stuck = _half(paths, entries, wait)
        if instead or not stuck:
            keys = () if stuck else {one.key for one in wait.changed} | _standing(paths, entries, wait)
            note(paths, wait.file, Sign(wait.command, wait.group), keys, KEPT_AGAIN)
    return _told(paths, journal.read(paths))


def _told(paths: Paths, entries: Sequence[Entry]) -> Problem | None:
    for wait in unclosed(entries):
        if half_done := _half(paths, entries, wait):
            other, command = half_done
            sentence = HALF.format(file=wait.file, other=other, command=command.split()[0])
            return Problem("undo_cut_off", f"{sentence}.", f"keeplit {command}")
    return None


def _kept_word(paths: Paths, promise: Entry) -> Problem | None:
    """Write what was promised of the settings, where config.toml says what came before it; return why it cannot be."""
    seen, config = look(paths, promise.file), str(paths.config_file)
    if seen.fault:
        return None  # it is read again, and told by itself
    mine = [entry for entry in journal.read(paths) if entry.group == promise.group]
    said = look(paths, config).now.said
    first = [one for entry in mine if entry.file == config for one in wrote(entry)]
    begun = [entry for entry in mine if entry.file == promise.file]
    done = any(seen.now.said.get(one.key) == meaning(one.after) for entry in begun for one in wrote(entry))
    if not first or done or any(said.get(one.key) != meaning(one.after) for one in first):
        journal.drop(paths, promise)
        return None
    for entry in begun:
        journal.drop(paths, entry)
    written = guarded.edit(
        paths,
        Path(promise.file),
        [_change(one) for one in promise.changed if seen.now.said.get(one.key) == meaning(one.before)],
        expected=seen.now.digest,
        command=promise.command,
        group=promise.group,
        create=not promise.digest_before,
    )
    if written.as_wanted:
        journal.drop(paths, promise)
    if written.as_wanted or written.result is WriteResult.MOVED:
        return None
    return Problem("use_cut_off", LATE.format(command=promise.command, fault=written.fault), written.fix)


def _change(one: Changed) -> Change:
    return Remove(one.key) if one.after is None else Set(one.key, one.after)


def _of_group(entries: Iterable[Entry], wait: Entry) -> list[Entry]:
    return [entry for entry in entries if (entry.group, entry.file) == (wait.group, wait.file) and wrote(entry)]


def _standing(paths: Paths, entries: Iterable[Entry], wait: Entry) -> set[str]:
    """Return the keys that were to go back, and did not."""
    said = look(paths, wait.file).now.said
    changes = [one for entry in _of_group(entries, wait) for one in wrote(entry)]
    return {one.key for one in changes if said.get(one.key) == meaning(one.before)}


def _half(paths: Paths, entries: Sequence[Entry], wait: Entry) -> tuple[str, str] | None:
    """Return what was not given back though the settings were, and the command that does; None where it is not so."""
    mine = _of_group(entries, wait)
    if not {one.key for entry in mine for one in wrote(entry)} - _standing(paths, entries, wait):
        return None
    now = {file: look(paths, file).now for file in dict.fromkeys(entry.file for entry in entries)}
    command = next((one for one in undoing.commands(entries, now) if one.group == mine[0].undoes), None)
    backs = undoing.reset(entries, now) if command is None else undoing.undo(command, now)
    other = next((back.file for back in backs if back.file != wait.file and not back.nothing), "")
    again = "reset" if command is None else f"undo {command.number or ''}".strip()
    return (other, again) if other else None
