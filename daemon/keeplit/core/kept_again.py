"""What the journal tells of one key beyond its values: was it kept before a command, who wrote it since. Pure.

Law: an undo gives a key back as it was, and that means guarded too: only what keeplit did not keep before the command
stays released. A mend brings back what was there before keeplit; it never begins a key's history.
"""

from collections.abc import Iterable, Mapping

from keeplit.core.journal_entry import Changed, Entry
from keeplit.core.settings import REPAIRS
from keeplit.core.settings_keys import KEPT
from keeplit.core.settings_memory import KEPT_AGAIN, RELEASES, RULE, WAITS


def wrote(entry: Entry) -> tuple[Changed, ...]:
    """Return what an edit changed: to agree on what the file says is no change."""
    return tuple(one for one in entry.changed if one.before != one.after)


def mended(entry: Entry) -> frozenset[str]:
    """Return the keys of an edit that were put back as they were agreed; where it did more, those that were missing."""
    reasons = {*entry.reason.split("+")}
    if not reasons & REPAIRS:
        return frozenset()
    whole = reasons <= REPAIRS
    return frozenset(one.key for one in entry.changed if whole or one.before is None)


def kept_before(entries: Iterable[Entry], group: str, file: str) -> frozenset[str]:
    """Return the keys of a command that keeplit kept in `file` before it; `entries` stand the oldest first.

    A daemon keeps what it finds of the keys it knows, and what any command wrote, until that is taken back.
    """
    status: dict[str, bool] = {}
    before: dict[str, bool] = {}
    for entry in entries:
        if entry.file != file:
            continue
        for one in entry.changed:
            found = entry.command == RULE or (one.before is not None and one.key in KEPT)
            if entry.group == group:
                before.setdefault(one.key, status.get(one.key, found))
            status[one.key] = entry.command not in RELEASES or entry.reason == KEPT_AGAIN
    return frozenset(key for key, known in before.items() if known)


def unclosed(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return what still waits for the end of an undo or a reset that began, by the entry that says so."""
    found: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        if entry.reason == WAITS:
            found[entry.group, entry.file] = entry
        elif entry.reason == KEPT_AGAIN:
            found.pop((entry.group, entry.file), None)
    return tuple(found.values())


def later_writers(
    entries: Iterable[Entry], group: str, file: str, said: Mapping[str, str | None]
) -> Mapping[str, Entry]:
    """Return by key the last edit after a command that wrote what the file says now; `said` is in the journal's words.

    An undo is not named: nothing takes it back, and what it put there stood in an edit before it.
    """
    found: dict[str, Entry] = {}
    begun = False
    for entry in entries:
        begun = begun or entry.group == group
        if not begun or entry.group == group or entry.file != file or entry.command in {"undo", "accept"}:
            continue
        found |= {one.key: entry for one in wrote(entry) if one.key in said and said[one.key] == one.after}
    return found
