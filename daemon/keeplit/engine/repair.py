"""Put Claude Code's settings in order at a person's word: what is missing or was asked about is written, or accepted.

Law: what a person changed and nothing speaks against is adopted, as the daemon would, never written over. A file that
cannot be read is never guessed at: only its last good copy goes in its place, and only when that is asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from keeplit.adapters import backups, clock, config, journal, notebook
from keeplit.adapters.claude_settings.written import WriteResult
from keeplit.adapters.paths import Paths
from keeplit.core.journal_entry import Changed, Entry, Phase
from keeplit.core.json_edit import Change, Remove, Set, encode
from keeplit.core.settings import SETTLE, Judgement, judge, put_back
from keeplit.core.settings_compared import Finding
from keeplit.core.settings_memory import noticed
from keeplit.core.settings_model import FileState, Settings, SettingsMemory, Why
from keeplit.engine import guarded
from keeplit.engine.guard import Guard
from keeplit.engine.undo import TRIES, Given

TORN_LOOKS = 5
TORN_WAIT = 0.2
LAST_GOOD = "correct that place, or put the last good copy back: keeplit repair --last-good"
MAKE_ONE = "keeplit setup"
RIVAL = "{keys} wins over the profile, and keeplit takes no credential out of the file"
RIVAL_FIX = "take it out yourself, or keep it: keeplit repair --accept"


class Way(StrEnum):
    """What a person asks for."""

    WRITE = "write"
    ACCEPT = "accept"
    LAST_GOOD = "last_good"


class State(StrEnum):
    """What came of it."""

    REPAIRED = "repaired"
    ACCEPTED = "accepted"
    RESTORED = "restored"
    NOTHING = "nothing"
    FAILED = "failed"
    NOT_SET_UP = "not_set_up"


@dataclass(frozen=True, slots=True)
class Mended:
    """What came of a repair, and what was written or, without a change of the file, accepted."""

    state: State
    given: Given


@dataclass(frozen=True, slots=True)
class _Seen:
    """The file beside its base, judged as if nobody had touched it for long enough."""

    settings: Settings
    memory: SettingsMemory
    judgement: Judgement


def repair(paths: Paths, environ: Mapping[str, str], way: Way = Way.WRITE) -> Mended:
    """Write, accept, or put the last good copy back; where someone writes at the same time, look and judge again."""
    done = Mended(State.NOTHING, Given(""))
    torn = 0
    for _ in range(TRIES):
        seen = _look(paths, environ)
        while seen.settings.state is FileState.BROKEN and torn < TORN_LOOKS:  # perhaps it is being written
            torn += 1
            clock.sleep(TORN_WAIT)
            seen = _look(paths, environ)
        done, moved = _mended(paths, seen, way)
        if not moved:
            break
    return done


def _look(paths: Paths, environ: Mapping[str, str]) -> _Seen:
    ours, now = config.read(paths.config_file), clock.now()
    settings = Guard(paths).look({**ours.environment, **environ}, ours.claude, whole=True)
    memory, _ = notebook.read_memory(paths.memory)
    known = replace(noticed(memory.settings, settings, now), since=now - SETTLE)
    return _Seen(settings, known, judge(settings, known, now))


def _mended(paths: Paths, seen: _Seen, way: Way) -> tuple[Mended, bool]:
    """Return what came of it, and whether the file moved meanwhile."""
    settings = seen.settings
    match settings.state, way:
        case FileState.PRESENT, Way.WRITE:
            return _write(paths, seen)
        case FileState.PRESENT, Way.ACCEPT:
            return _accept(paths, seen), False
        case FileState.PRESENT, Way.LAST_GOOD:
            return Mended(State.NOTHING, Given(settings.path)), False
        case FileState.BROKEN, Way.LAST_GOOD:
            return _last_good(paths, seen)
        case FileState.BROKEN, _:
            return _failed(settings, settings.fault, LAST_GOOD if seen.memory.last_good else settings.fix), False
        case FileState.ABSENT, _:
            if settings.fault:
                return _failed(settings, settings.fault, settings.fix or MAKE_ONE), False
            none = Given(settings.path, fault=f"there is no {settings.path}", fix=MAKE_ONE)
            return Mended(State.NOT_SET_UP, none), False
        case _:
            return _failed(settings, settings.fault, settings.fix), False


def _failed(settings: Settings, fault: str, fix: str) -> Mended:
    return Mended(State.FAILED, Given(settings.path, fault=fault, fix=fix))


def _write(paths: Paths, seen: _Seen) -> tuple[Mended, bool]:
    """Write what is missing, and what the guard would ask about; a rival credential stays, and is named."""
    import uuid

    settings, question = seen.settings, seen.judgement.question
    known = seen.memory if question is not None else replace(seen.memory, agreed=seen.judgement.agreed)
    ours = put_back(settings, known, clock.now())
    changes = [_change(key, value) for key, value in ours.items() if settings.values.get(key) != value]
    given = Given(settings.path)
    if changes:
        written = guarded.edit(
            paths,
            Path(settings.path),
            changes,
            expected=settings.digest,
            command="repair",
            group=uuid.uuid4().hex,
            reason="+".join(sorted({str(seen.judgement.findings[one.key]) for one in changes})),  # as of a rule
        )
        if not written.as_wanted:
            failed = _failed(settings, written.fault, written.fix)
            return failed, written.result is WriteResult.MOVED
        given = replace(given, changed=written.changed)
    if question is not None and question.why is Why.RIVAL:
        fault = RIVAL.format(keys=", ".join(question.keys))
        return Mended(State.FAILED, replace(given, fault=fault, fix=RIVAL_FIX)), False
    return Mended(State.REPAIRED if given.changed else State.NOTHING, given), False


def _change(key: str, value: str | None) -> Change:
    return Remove(key) if value is None else Set(key, encode(value))


def _accept(paths: Paths, seen: _Seen) -> Mended:
    """Make what the file says the base; the file is not touched."""
    import uuid

    settings, judged = seen.settings, seen.judgement
    changed = tuple(
        Changed(key, _raw(base.value if base is not None else None), _raw(settings.values.get(key)))
        for key, finding in judged.findings.items()
        if finding is not Finding.SAME
        for base in (seen.memory.agreed.get(key),)
    )
    if not changed and judged.question is None:
        return Mended(State.NOTHING, Given(settings.path))
    journal.append(
        paths,
        Entry(
            uuid.uuid4().hex,
            uuid.uuid4().hex,
            clock.now(),
            "accept",
            settings.path,
            changed,
            settings.digest,
            settings.digest,
            phase=Phase.DONE,
        ),
    )
    return Mended(State.ACCEPTED, Given(settings.path, changed))


def _raw(value: str | None) -> str | None:
    return None if value is None else encode(value)


def _last_good(paths: Paths, seen: _Seen) -> tuple[Mended, bool]:
    """Put the last content that could be read in place of the broken one, which is kept as a backup."""
    import uuid

    settings = seen.settings
    data = backups.backup(paths, seen.memory.last_good)
    if data is None:
        fault = f"{settings.fault}; and there is no last good copy of it"
        return _failed(settings, fault, settings.fix), False
    written = guarded.put(
        paths,
        Path(settings.path),
        data,
        expected=settings.digest,
        command="repair",
        group=uuid.uuid4().hex,
        reason="last_good",
    )
    if not written.as_wanted:
        return _failed(settings, written.fault, written.fix), written.result is WriteResult.MOVED
    return Mended(State.RESTORED, Given(settings.path, whole=True)), False
