"""Take back one command: all its keys, in all its files, each only where it still holds what the command wrote.

Law: the journal says that something is taken back before a file is written, so a daemon lets go of the keys first; and
Claude Code's settings go before config.toml, whose change would else be carried into them. Once both are written, the
journal says what is kept from then on: what was kept before, and what was left alone, so that nobody writes it over.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from keeplit.adapters import backups, config_edit, files, journal
from keeplit.adapters.claude_settings.written import WriteResult, Written
from keeplit.adapters.paths import Paths
from keeplit.core import undoing
from keeplit.core.journal_entry import Changed, Entry
from keeplit.core.json_edit import inverse
from keeplit.core.kept_again import kept_before, later_writers
from keeplit.core.settings_memory import KEPT_AGAIN, RULE
from keeplit.core.undoing import NO_FILE, Back, Command, Now, meaning
from keeplit.engine import guarded
from keeplit.engine.cut_off import giving_back
from keeplit.engine.notes import Kind, Seen, Sign, aws_with_keys, kind, look, note, spelled

AFTER_IT = "see to that one, then once more: keeplit undo"
TRIES = 10  # the other writer is seldom there twice
Judge = Callable[[Mapping[str, Now]], Iterable[Back]]
"""Says from what the files are now what is to be done in each."""


@dataclass(frozen=True, slots=True)
class Given:
    """What came of one file: `changed` was written, `left` is what was changed since, and was left alone."""

    file: str
    changed: tuple[Changed, ...] = field(default=(), repr=False)  # it may hold a secret
    left: tuple[str, ...] = ()
    later: Mapping[str, Entry] = field(default_factory=dict, repr=False)  # of `left`: what keeplit itself wrote later
    kept: tuple[str, ...] = ()  # what keeplit keeps again, as it was before the command
    let_go: tuple[str, ...] = ()  # what is not there any more, and keeplit does not keep any more
    vanished: bool = False  # somebody removed it, and it is not made again
    whole: bool = False  # its bytes are those of before
    gone: bool = False  # keeplit had made it, and it is removed
    fault: str = ""
    fix: str = ""

    @property
    def did(self) -> bool:
        """Whether anything was written, or let go of."""
        return bool(self.changed or self.let_go) or self.whole or self.gone


@dataclass(frozen=True, slots=True)
class Undone:
    """What came of an undo; no `command` where none has that number, of the `count` that can be undone."""

    command: Command | None
    files: tuple[Given, ...] = ()
    count: int = 0


def history(paths: Paths) -> tuple[Command, ...]:
    """Return the commands of the journal, the last one first."""
    entries = journal.read(paths)
    return undoing.commands(entries, _now(look_at(paths, entries)))


def undo(paths: Paths, number: int | None = None) -> Undone:
    """Take back the command that `number` counts back to; None: the last one that a person gave."""
    import uuid

    found = history(paths)
    command = meant(found, number)
    count = sum(one.number is not None for one in found)
    if command is None:
        return Undone(None, count=count)
    seen = look_at(paths, command.entries)
    faults = [Given(file, fault=one.fault, fix=one.fix) for file, one in seen.items()]
    if any(one.fault for one in faults):  # half a command taken back is worse than none
        return Undone(command, tuple(one for one in faults if one.fault), count)
    entries, sign = journal.read(paths), Sign("undo", uuid.uuid4().hex, command.group)

    def judge(seen: Mapping[str, Now]) -> tuple[Back, ...]:
        return undoing.undo(command, seen)

    with giving_back(paths, sign, _waiting(paths, judge(_now(seen)), command, entries)):
        done: list[Given] = []
        for file in settings_first(paths, command.files):
            failed = next((one.file for one in done if one.fault), "")
            done.append(left_too(file, failed, AFTER_IT) if failed else give_back(paths, file, judge, sign))
        if any(one.did for one in done) or not any(one.left or one.fault for one in done):
            done = [one if one.fault else _agreed(paths, one, command, entries, sign) for one in done]
    return Undone(command, tuple(_blamed(paths, one, command, entries) for one in done), count)


def meant(found: Iterable[Command], number: int | None = None) -> Command | None:
    """Return the command that a person means: without a number what they did, not what the daemon did since."""
    left = (one for one in found if one.number is not None)
    return next((one for one in left if (one.command != RULE if number is None else one.number == number)), None)


def _waiting(
    paths: Paths, backs: Iterable[Back], command: Command, entries: Sequence[Entry]
) -> dict[str, frozenset[str]]:
    """Return by file what is kept again in the end: until config.toml too is what it was, it would be written over."""
    return {
        back.file: (_keys(command, back.file) & kept_before(entries, command.group, back.file)) | {*back.left}
        for back in backs
        if not back.nothing and kind(paths, back.file) is Kind.SETTINGS
    }


def _keys(command: Command, file: str) -> frozenset[str]:
    return frozenset(one.key for entry in command.entries if entry.file == file for one in entry.changed)


def _agreed(paths: Paths, given: Given, command: Command, entries: Sequence[Entry], sign: Sign) -> Given:
    """Write down what is kept from now on, now that config.toml too is what it was."""
    if kind(paths, given.file) is not Kind.SETTINGS:
        if not given.did:
            note(paths, given.file, sign)
        return given
    keys = _keys(command, given.file)
    before = kept_before(entries, command.group, given.file)
    again, gone = (keys & before) - {*given.left}, keys - before - {*given.left} - {one.key for one in given.changed}
    if gone or not given.did:
        note(paths, given.file, sign, gone)
    if again or given.left:
        note(paths, given.file, sign, again | {*given.left}, KEPT_AGAIN)
    return replace(given, kept=tuple(sorted(again)))


def _blamed(paths: Paths, given: Given, command: Command, entries: Sequence[Entry]) -> Given:
    """Return it with who wrote what was left alone, where that was keeplit itself."""
    if not given.left:
        return given
    said = look(paths, given.file).now.said
    raw = {key: spelled(said.get(key)) for key in given.left}
    return replace(given, later=later_writers(entries, command.group, given.file, raw))


def settings_first(paths: Paths, names: Iterable[str]) -> list[str]:
    """Return files in the order in which they are given back."""
    return sorted(names, key=lambda file: kind(paths, file))


def look_at(paths: Paths, entries: Iterable[Entry]) -> dict[str, Seen]:
    """Read the files that the journal names."""
    return {file: look(paths, file) for file in dict.fromkeys(entry.file for entry in entries)}


def _now(seen: Mapping[str, Seen]) -> dict[str, Now]:
    return {file: one.now for file, one in seen.items()}


def left_too(file: str, failed: str, fix: str) -> Given:
    """Return that a file is left as it is since another one could not be given back: half is worse than none."""
    return Given(file, fault=f"{file} is left as it is, since {failed} is", fix=fix)


def give_back(paths: Paths, file: str, judge: Judge, sign: Sign) -> Given:
    """Write one file as it is judged; where someone else writes it at the same time, look and judge again."""
    given = Given(file)
    for _ in range(TRIES):
        seen = look(paths, file)
        if seen.fault:
            return Given(file, fault=seen.fault, fix=seen.fix)
        back = next((one for one in judge({file: seen.now}) if one.file == file), Back(file))
        if back.nothing:
            return Given(file, left=back.left)
        written, whole = _written(paths, back, seen.now, sign)
        if written.as_wanted:
            gone = back.whole == NO_FILE
            return Given(file, undoing.reverse(back.changed), back.left, whole=whole and not gone, gone=gone)
        given = Given(file, left=back.left, fault=written.fault, fix=written.fix)
        if written.result is not WriteResult.MOVED:
            break
    return given


def _written(paths: Paths, back: Back, now: Now, sign: Sign) -> tuple[Written, bool]:
    """Write the bytes of before where they may go back and are still kept, else key by key; return whether whole."""
    path, changed = Path(back.file), undoing.reverse(back.changed)
    command, group, undoes = sign.command, sign.group, sign.undoes
    if back.whole == NO_FILE:
        gone = guarded.remove(
            paths, path, expected=now.digest, command=command, group=group, changed=changed, undoes=undoes
        )
        return gone, True
    data = backups.backup(paths, back.whole) if back.whole is not None else None
    whole = data is not None
    if data is None and not changed:
        return Written(
            WriteResult.REFUSED, fault=f"the old copy of {path} is no longer kept", fix="nothing to do"
        ), False
    which = kind(paths, back.file)
    if data is None and which is Kind.SETTINGS:
        changes = inverse(back.changed)
        edited = guarded.edit(paths, path, changes, expected=now.digest, command=command, group=group, undoes=undoes)
        return edited, False
    try:
        data = _by_key(path, changed, which) if data is None else data
    except files.FileTrouble as trouble:
        return Written(WriteResult.REFUSED, fault=str(trouble), fix="change it there, then try again"), False
    put = guarded.put(
        paths,
        path,
        data,
        expected=now.digest,
        command=command,
        group=group,
        changed=changed,
        undoes=undoes,
        create=True,
    )
    return put, whole


def _by_key(path: Path, changed: Iterable[Changed], which: Kind) -> bytes:
    """Return config.toml, or the AWS config, with these keys as they were. Raises `FileTrouble`."""
    wanted = {one.key: meaning(one.after) for one in changed}
    if which is Kind.AWS:
        return aws_with_keys(path, wanted)
    simple = {key: value for key, value in wanted.items() if value is None or isinstance(value, str | bool)}
    return config_edit.change(config_edit.read(path).data, simple, path.name)
