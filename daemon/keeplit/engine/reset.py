"""Bring back what was there before keeplit, in every file that it changed.

Law: old bytes go back whole only where nobody but keeplit wrote since; a key that someone else changed is theirs, and
stays so. config.toml stays while the settings cannot be given back: half is worse than none. Settings that somebody
removed are not made again: what keeplit kept in them is let go of, before config.toml is given back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from keeplit.adapters import claude_settings, clock, journal, notebook
from keeplit.adapters.paths import Paths
from keeplit.core import undoing
from keeplit.core.journal_entry import Entry
from keeplit.core.kept_again import mended, wrote
from keeplit.core.settings_compared import kept
from keeplit.core.settings_memory import KEPT_AGAIN, noticed
from keeplit.core.settings_model import FileState, Settings, SettingsMemory
from keeplit.core.undoing import Back, Now
from keeplit.engine.cut_off import giving_back
from keeplit.engine.notes import Kind, Sign, kind, note
from keeplit.engine.undo import Given, give_back, left_too, look_at, settings_first

AFTER_IT = "see to that one, then once more: keeplit reset"


def reset(paths: Paths) -> tuple[Given, ...]:
    """Restore every file of the journal; return what came of each that is not what it was before keeplit."""
    import uuid

    entries, sign = journal.read(paths), Sign("reset", uuid.uuid4().hex)
    seen = look_at(paths, entries)

    def judge(now: Mapping[str, Now]) -> tuple[Back, ...]:
        return undoing.reset((entry for entry in entries if entry.file in now), now)

    held = undoing.held(entries)
    faults = [Given(file, fault=one.fault, fix=one.fix) for file, one in seen.items() if one.fault and file in held]
    lost = {given.file: given for given in _lost(paths, entries)}
    vanished = {given.file for given in lost.values() if given.vanished}
    backs = judge({file: one.now for file, one in seen.items() if not one.fault and file not in vanished})
    names = settings_first(paths, (back.file for back in backs))
    waiting = {back.file: back.left for back in backs if not back.nothing and _is_settings(paths, back.file)}
    done = [*faults, *(given for given in lost.values() if given.let_go and given.file not in names)]
    if not names and not any(one.did for one in done):
        return tuple(done)
    with giving_back(paths, sign, waiting):
        for given in lost.values():
            if given.let_go:
                note(paths, given.file, sign, given.let_go)
        for file in names:
            failed = next((one.file for one in done if one.fault), "") if not _is_settings(paths, file) else ""
            if failed:
                done.append(left_too(file, failed, AFTER_IT))
            else:
                given = give_back(paths, file, judge, sign)
                let_go = lost[file].let_go if file in lost else ()
                done.append(replace(given, let_go=tuple(key for key in let_go if key not in given.left)))
        for one in done:
            if one.left and any(given.did for given in done) and _is_settings(paths, one.file):
                note(paths, one.file, sign, one.left, KEPT_AGAIN)
    return tuple(done)


def _is_settings(paths: Paths, file: str) -> bool:
    return kind(paths, file) is Kind.SETTINGS


def _lost(paths: Paths, entries: Sequence[Entry]) -> Iterator[Given]:
    """Give for each settings file what a daemon would put back though it is gone: with the file, or of our own keys.

    A key of ours that somebody took out already is as it was before keeplit; a daemon would take it for damage.
    """
    memory, _ = notebook.read_memory(paths.memory)
    known = memory.settings
    for file in dict.fromkeys((*(entry.file for entry in entries), known.path)):
        if not file or not _is_settings(paths, file):
            continue
        mine = tuple(entry for entry in entries if entry.file == file)
        told = Settings(file, journal=mine)
        ours = kept(noticed(known if known.path == file else SettingsMemory(), told, clock.now()))
        found = claude_settings.read(Path(file))
        if found.state is FileState.ABSENT:
            yield Given(file, let_go=tuple(sorted(ours)), vanished=True)
        elif found.document is not None:
            written = {one.key for entry in mine for one in wrote(entry) if one.key not in mended(entry)}
            yield Given(file, let_go=tuple(sorted(ours.keys() & written - found.document.strings().keys())))


def unreadable(paths: Paths) -> tuple[Given, ...]:
    """Return the files of the journal that cannot be read: what is in them nobody knows."""
    seen = look_at(paths, journal.read(paths))
    return tuple(Given(file, fault=one.fault, fix=one.fix) for file, one in seen.items() if one.fault)
