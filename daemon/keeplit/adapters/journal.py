"""The journal of every change that keeplit makes to a file of a person: what `undo` and `reset` restore from.

Law: a line is on the disk before the file is touched, and once more when that is done; the last line of an edit counts.
A line that cannot be read costs itself alone. Values stand here as they were, secrets too, because an undo needs them:
0600, and shown only through `keeplit.core.redaction`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path

from keeplit.adapters import files
from keeplit.adapters.files.appending import append_line
from keeplit.adapters.paths import Paths
from keeplit.core.journal_entry import Changed, Entry, Phase, Place
from keeplit.core.kept_again import mended
from keeplit.core.model import Problem

MOST_BYTES = 32 << 20
COMPACTED_BYTES = 4 << 20
MOST_LINES = 2000
KEPT_LAST = 500
LOCK_SECONDS = 10.0
DROPPED = "dropped"  # the phase of an edit that began and changed nothing
GIVES_BACK = frozenset({"undo", "reset"})
TEXTS = ("id", "group", "command", "file", "digest_before", "digest_after", "reason", "undoes")
_kept: dict[Path, tuple[tuple[int, ...], "Journal"]] = {}


@dataclass(frozen=True, slots=True)
class Journal:
    """The edits, the oldest first, and apart from them what was promised and neither done nor dropped.

    Then how many lines there are, and what is wrong with some of them.
    """

    entries: tuple[Entry, ...] = ()
    promises: tuple[Entry, ...] = ()
    lines: int = 0
    problem: Problem | None = None


def read(paths: Paths) -> tuple[Entry, ...]:
    """Return the edits, the oldest first, each once: as begun, or as done where it came to that."""
    return look(paths).entries


def look(paths: Paths) -> Journal:
    """Return the journal, and a problem where some of it cannot be read. It raises nothing."""
    place = paths.journal
    try:
        found = place.lstat()
    except OSError:
        found = None
    key = (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino) if found is not None else (0,)
    if place in _kept and _kept[place][0] == key:
        return _kept[place][1]
    try:
        data = files.read_own(place, MOST_BYTES)
    except files.FileTrouble as trouble:
        return Journal(problem=_problem(place, str(trouble), f"look at it: ls -l {place}"))
    journal = _folded(place, data or b"")
    _kept[place] = (key, journal)
    return journal


def append(paths: Paths, entry: Entry) -> None:
    """Add what an edit is to change, or has changed. Raises `files.FileTrouble`."""
    _append(paths, _line(entry))


def drop(paths: Paths, entry: Entry) -> None:
    """Take back an edit that began and changed nothing, or was promised. Raises `files.FileTrouble`."""
    _append(paths, _encoded({"id": entry.id, "phase": DROPPED}))


def untouched(entries: Iterable[Entry], file: str) -> bool:
    """Tell whether a file may be as it was before keeplit: never changed but mended, or given back by the last edit."""
    last = [entry for entry in entries if entry.file == file and _wrote(entry)][-1:]
    return not last or last[0].command in GIVES_BACK


def _wrote(entry: Entry) -> bool:
    """Whether an edit changed what its file says, or ended it: to accept does not, nor to mend what was a person's."""
    return entry.lets_go or (entry.digest_before != entry.digest_after and not _mends(entry))


def _mends(entry: Entry) -> bool:
    return bool(entry.changed) and {one.key for one in entry.changed} == mended(entry)


def _append(paths: Paths, line: bytes) -> None:
    files.private_folder(paths.journal.parent)
    with files.lock(paths.journal.with_name("journal.lock"), LOCK_SECONDS):
        journal = look(paths)
        if journal.lines >= MOST_LINES or _size(paths.journal) > COMPACTED_BYTES:
            kept = (*_compacted(journal.entries), *journal.promises)
            files.replace(paths.journal, b"".join(_line(entry) + b"\n" for entry in kept))
        append_line(paths.journal, line)


def _size(place: Path) -> int:
    try:
        return place.lstat().st_size
    except OSError:
        return 0


def _compacted(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Return the last edits, and of each key its first one, what a person took back, and the first one after that."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for number, entry in enumerate(entries):
        keys = {(entry.file, one.key) for one in entry.changed} if _wrote(entry) else set()  # a mend begins no history
        back = entry.command in GIVES_BACK
        if number >= len(entries) - KEPT_LAST or back or not keys <= seen:
            kept.append(entry)
        seen = seen - keys if back else seen | keys
    return tuple(kept)


def _folded(place: Path, data: bytes) -> Journal:
    lines = data.splitlines()
    found: dict[str, Entry] = {}
    broken = 0
    for line in filter(None, lines):
        try:
            document = json.loads(line)
            if document.get("phase") == DROPPED:
                found.pop(document["id"], None)
                continue
            entry = _entry(document)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            broken += 1
        else:
            found[entry.id] = entry
    problem = None
    if broken:
        what = f"{broken} lines of it are" if broken > 1 else "one line of it is"
        problem = _problem(place, f"{what} not what keeplit writes", "nothing to do; the other lines are used")
    entries = tuple(entry for entry in found.values() if entry.phase is not Phase.PROMISED)
    promises = tuple(entry for entry in found.values() if entry.phase is Phase.PROMISED)
    return Journal(entries, promises, len(lines), problem)


def _problem(place: Path, why: str, fix: str) -> Problem:
    sentence = f"{place.name} could not be read whole: {why}. What stood there cannot be undone."
    return Problem("journal_unreadable", sentence, fix, str(place))


def _line(entry: Entry) -> bytes:
    document = {name: value for name, value in asdict(entry).items() if value != ""}
    return _encoded(document | {"at": entry.at.isoformat()})


def _encoded(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()  # a name that is no UTF-8 stands as an escape


def _entry(document: Mapping[str, object]) -> Entry:
    """Return the edit that a line tells of. Raises ValueError, TypeError, LookupError for one that makes no sense."""
    at = datetime.fromisoformat(_text(document["at"]))
    if at.utcoffset() != timedelta(0):
        raise ValueError("the time is not UTC")
    texts = {name: _text(document.get(name, "")) for name in TEXTS}
    if not texts["id"] or not texts["file"]:
        raise ValueError("it belongs to nothing")
    changed = document["changed"]
    if not isinstance(changed, list):
        raise TypeError("the changes are no list")
    return Entry(at=at, changed=tuple(map(_changed, changed)), phase=Phase(_text(document["phase"])), **texts)


def _changed(document: Mapping[str, object]) -> Changed:
    place = document.get("place")
    if place is not None and not isinstance(place, Mapping):
        raise TypeError("the place is no object")
    where = (
        None if place is None else Place(**{one.name: _text(place.get(one.name, one.default)) for one in fields(Place)})
    )
    return Changed(_text(document["key"]), _raw(document["before"]), _raw(document["after"]), where)


def _raw(value: object) -> str | None:
    return None if value is None else _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("it is no text")
    return value
