"""What is remembered of the settings: what was seen of the file, what commands did, what came of our writes. Pure.

Law: with `notice` and `learn` the only maker of what is remembered of the settings. A command tells the daemon what it
wrote through the journal alone; an undo counts from the moment it has begun, everything else once it is done. What it
lets go of is kept again where its last entry says so, written once config.toml too is what it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from keeplit.core.backoff import Backoff
from keeplit.core.deeds import Action, Outcome, Result
from keeplit.core.settings import HOUR, REPAIRS, ZERO, judge, sight
from keeplit.core.settings_keys import rivals
from keeplit.core.settings_model import Agreed, Edit, FileState, Repaired, Settings, SettingsMemory

if TYPE_CHECKING:
    from keeplit.core.journal_entry import Entry

RELEASES = frozenset({"undo", "reset"})
RULE = "rule"
KEPT_AGAIN = "kept"  # the reason of an entry that writes nothing: its keys are agreed on as the file says them
WAITS = "waits"  # of one that lets go, until what gives back is over: then its keys are kept again
QUIET = timedelta(minutes=10)  # so long after the last question or stop the next one is told again
MOST_TOLD = 20


def noticed(memory: SettingsMemory, settings: Settings, now: datetime) -> SettingsMemory:
    """Return what is remembered after seeing `settings` at `now` (aware UTC)."""
    if not settings.path:
        return memory
    if memory.path != settings.path:
        memory = SettingsMemory(path=settings.path)
    seen = sight(settings)
    if memory.seen != seen or memory.since is None or memory.since > now:
        memory = replace(memory, seen=seen, since=now)
    memory = _journal_read(memory, settings)
    if settings.state is FileState.PRESENT:
        there = rivals(settings.values)
        known = there if not memory.last_good else tuple(key for key in memory.rivals if key in there)
        memory = memory if known == memory.rivals else replace(memory, rivals=known)
    memory = _without_old_repairs(memory, now)
    judged = judge(settings, memory, now)
    if judged.agreed != memory.agreed:
        memory = replace(memory, agreed=judged.agreed)
    if settings.state is not FileState.PRESENT or not judged.settled or judged.question or judged.damaged:
        return memory
    since = memory.since
    if memory.told and not judged.unset and since is not None and now - since >= QUIET:
        memory = replace(memory, told=())
    return memory if memory.last_good == settings.digest else replace(memory, last_good=settings.digest)


def _without_old_repairs(memory: SettingsMemory, now: datetime) -> SettingsMemory:
    lately = tuple(one for one in memory.repaired if ZERO <= now - one.at <= HOUR)
    return memory if len(lately) == len(memory.repaired) else replace(memory, repaired=lately)


def _journal_read(memory: SettingsMemory, settings: Settings) -> SettingsMemory:
    """Take in the entries that are new."""
    entries = _new(memory, settings.journal)
    for number, entry in enumerate(entries, 1):
        landed = entry.done or entry.command in RELEASES or _shows(entry, settings)
        if not landed and number == len(entries):
            break  # under way, or a kill ended it: who writes the next one knows
        memory = _entry_read(memory, entry, settings) if landed else memory
        memory = replace(memory, entry=entry.id)
    return memory


def _new(memory: SettingsMemory, entries: "Sequence[Entry]") -> "Sequence[Entry]":
    """Return the entries after the one taken in last; where that is gone, from the first after our last write."""
    known = next((number for number, entry in enumerate(entries, 1) if entry.id == memory.entry), 0)
    last = memory.written_at
    if known or not memory.entry or last is None:
        return entries[known:]
    return entries[next((number for number, entry in enumerate(entries) if entry.at > last), len(entries)) :]


def _shows(entry: "Entry", settings: Settings) -> bool:
    """Whether the file shows what an edit that only began was to write."""
    if settings.state is not FileState.PRESENT:
        return False
    return settings.digest == entry.digest_after or _after(entry).items() <= _as_now(entry, settings).items()


def _after(entry: "Entry") -> Mapping[str, str | None]:
    from keeplit.core.json_edit import value_of  # late: most turns have nothing new in the journal

    return {one.key: value_of(one.after) for one in entry.changed}


def _as_now(entry: "Entry", settings: Settings) -> Mapping[str, str | None]:
    return {one.key: settings.values.get(one.key) for one in entry.changed}


def _entry_read(memory: SettingsMemory, entry: "Entry", settings: Settings) -> SettingsMemory:
    if entry.command == RULE:
        return _own_entry_read(memory, entry)
    wants = settings.wanted
    released = entry.command in RELEASES and entry.reason != KEPT_AGAIN
    news = {key: Agreed(value, wants.get(key), key in wants, released=released) for key, value in _after(entry).items()}
    memory = replace(memory, agreed={**memory.agreed, **news}, told=(), written_at=entry.at)
    if entry.command == "accept":
        memory = replace(memory, rivals=rivals(settings.values))
    return memory


def _own_entry_read(memory: SettingsMemory, entry: "Entry") -> SettingsMemory:
    """Count a repair of our own that a kill kept from being remembered; what it wrote is seen in the file."""
    if not REPAIRS & {*entry.reason.split("+")} or (memory.written_at is not None and memory.written_at >= entry.at):
        return memory
    more = tuple(Repaired(one.key, entry.at) for one in entry.changed)
    return replace(memory, repaired=(*memory.repaired, *more), written_at=entry.at)


def learned(memory: SettingsMemory, action: Action, outcome: Outcome, failed: Backoff, now: datetime) -> SettingsMemory:
    """Return what is remembered after a write of the settings came out as `outcome` at `now` (aware UTC).

    The file has to be seen anew, and settle, before anything more is written; one that failed waits for `failed` too.
    """
    match outcome.result:
        case Result.DONE | Result.SUPERSEDED:
            agreed = {**memory.agreed, **{edit.key: _agreed(memory, edit) for edit in action.edits}}
            mended = [edit.key for edit in action.edits if edit.rule in REPAIRS and outcome.result is Result.DONE]
            repaired = (*memory.repaired, *(Repaired(key, now) for key in mended))
            written = replace(memory, agreed=agreed, repaired=repaired, written_at=now, write=Backoff())
        case Result.STALE:
            written = memory
        case _:
            written = replace(memory, write=failed)
    return replace(written, seen="", since=None)


def _agreed(memory: SettingsMemory, edit: Edit) -> Agreed:
    if edit.rule not in REPAIRS:
        return Agreed(edit.value, edit.value, names=True)
    before = memory.agreed.get(edit.key, Agreed(None))
    return replace(before, value=edit.value, released=False)


def told(memory: SettingsMemory, cause: str) -> SettingsMemory:
    """Return what is remembered once a person was told of `cause`, or could not be: it is not said again."""
    return replace(memory, told=(*memory.told, cause)[-MOST_TOLD:])
