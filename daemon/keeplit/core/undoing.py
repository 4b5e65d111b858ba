"""What an undo takes back, and what a reset restores: from the journal and from what the files say now. Pure.

Law: a key is taken back only where it still holds what keeplit wrote; what anyone else put there is left alone and
named. An edit that a kill left begun counts only where its work is seen in the file.

A key's history begins anew as soon as an undo or a reset has brought the key back to its beginning: what a person
writes after that is theirs, and a later reset returns to it. No history begins with a repair, nor with its undo.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from keeplit.core.journal_entry import Changed, Entry, Phase
from keeplit.core.kept_again import mended, wrote

GIVES_BACK = frozenset({"undo", "reset"})
NOT_COUNTED = frozenset({"undo", "accept"})
NO_FILE = ""  # the digest of a file that is not there


@dataclass(frozen=True, slots=True)
class Now:
    """What a file is now: the digest of its bytes (empty: there is none), and what it says by key.

    `more`: it holds what no key says, such as a person's comment.
    """

    digest: str = NO_FILE
    said: Mapping[str, object] = field(default_factory=dict, repr=False)
    more: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the journal with all that it changed. `number` counts back from 1; None: it is undone already."""

    number: int | None
    group: str
    command: str
    reason: str
    at: datetime
    entries: tuple[Entry, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """Return the files that it changed."""
        return tuple(dict.fromkeys(entry.file for entry in self.entries))

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys that it changed."""
        return tuple(dict.fromkeys(one.key for entry in self.entries for one in wrote(entry)))


@dataclass(frozen=True, slots=True)
class Back:
    """What is to be taken back in one file.

    `changed` is what is taken back, in the order in which it was done; `left` are the keys that hold neither what
    keeplit wrote nor what was there before. `whole` is the digest of the bytes that may be put back as they were;
    empty: the file goes; None: key by key.
    """

    file: str
    changed: tuple[Changed, ...] = ()
    left: tuple[str, ...] = ()
    whole: str | None = None

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to write."""
        return not self.changed and self.whole is None


def meaning(raw: str | None) -> object:
    """Return the value that a spelling of the journal stands for; None for an absent key."""
    try:
        return None if raw is None else json.loads(raw)
    except ValueError:
        return raw


def reverse(changed: Iterable[Changed]) -> tuple[Changed, ...]:
    """Return what taking an edit back means by key: each key once, from what it is now to what it was first."""
    first: dict[str, Changed] = {}
    last: dict[str, str | None] = {}
    for one in changed:
        first.setdefault(one.key, one)
        last[one.key] = one.after
    return tuple(Changed(key, last[key], one.before) for key, one in first.items())


def commands(entries: Iterable[Entry], files: Mapping[str, Now]) -> tuple[Command, ...]:
    """Return the commands of the journal, the last one first; `entries` stand the oldest first."""
    groups: dict[str, list[Entry]] = {}
    undone: set[tuple[str, str]] = set()
    for entry in entries:
        if not _landed(entry, files):
            continue
        if entry.undoes:
            undone.add((entry.undoes, entry.file))
        if entry.command not in NOT_COUNTED:
            groups.setdefault(entry.group, []).append(entry)
    found: list[Command] = []
    number = 0
    for group, done in reversed(groups.items()):
        over = all((group, entry.file) in undone for entry in done)
        number += not over
        first = done[0]
        counted = None if over else number
        found.append(Command(counted, group, first.command, first.reason, first.at, tuple(done)))
    return tuple(found)


def undo(command: Command, files: Mapping[str, Now]) -> tuple[Back, ...]:
    """Return what is to be taken back of one command, file by file."""
    found = []
    for file in command.files:
        entries = [entry for entry in command.entries if entry.file == file]
        done = [one for entry in entries for one in wrote(entry)]
        first = {one.key: one.before for one in reversed(done)}
        last = {one.key: one.after for one in done}
        mine, left = _sorted_out(first, last, files.get(file, Now()))
        changed = tuple(one for one in done if one.key in mine)
        found.append(_back(file, changed, left, _Chain.of(entries), files.get(file, Now())))
    return tuple(found)


def reset(entries: Iterable[Entry], files: Mapping[str, Now]) -> tuple[Back, ...]:
    """Return what is to be done so that every file says again what it said before keeplit; none where it does.

    `entries` stand the oldest first.
    """
    histories = _histories(entries, files)
    found = []
    for file, history in histories.items():
        now = files.get(file, Now())
        first = {key: one.before for key, one in history.first.items()}
        mine, left = _sorted_out(first, history.last, now)
        changed = tuple(
            Changed(key, one.before, history.last[key], one.place) for key, one in history.first.items() if key in mine
        )
        found.append(_back(file, changed, left, history.chain, now))
    return tuple(back for back in found if back.left or not back.nothing)


def held(entries: Iterable[Entry]) -> frozenset[str]:
    """Return the files that hold something of keeplit's, whatever they say now."""
    histories = _histories(entries, {})
    return frozenset(
        file for file, one in histories.items() if one.first or one.chain.start not in {None, one.chain.end}
    )


class _Chain:
    """Whether one edit followed the other, with nobody between them."""

    def __init__(self) -> None:
        self.start: str | None = None
        self.end = NO_FILE
        self.again: str | None = None  # where one that only began started: it may have been done once more
        self.unbroken = True

    def add(self, entry: Entry) -> None:
        if self.start is None:
            self.start = entry.digest_before
        elif entry.digest_before not in {self.end, self.again}:
            self.unbroken = False
        self.end = entry.digest_after
        self.again = None if entry.done else entry.digest_before

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> "_Chain":
        chain = cls()
        for entry in entries:
            chain.add(entry)
        return chain


class _History:
    """What keeplit did to one file since it last held nothing of keeplit."""

    def __init__(self) -> None:
        self.first: dict[str, Changed] = {}
        self.last: dict[str, str | None] = {}
        self.chain = _Chain()

    def add(self, entry: Entry, mends: frozenset[str]) -> None:
        """Take in an edit; what it only mends begins no history."""
        changed = [one for one in wrote(entry) if one.key in self.first or one.key not in mends]
        if self.chain.start is None and not changed and (mends or entry.digest_before == entry.digest_after):
            return
        self.chain.add(entry)
        for one in changed:
            self.first.setdefault(one.key, one)
            self.last[one.key] = one.after
            if entry.command in GIVES_BACK and meaning(one.after) == meaning(self.first[one.key].before):
                del self.first[one.key], self.last[one.key]
        if entry.lets_go:
            self.first, self.last = {}, {}
        if entry.command in GIVES_BACK and not self.first:
            self.chain = _Chain()


def _histories(entries: Iterable[Entry], files: Mapping[str, Now]) -> Mapping[str, _History]:
    found: dict[str, _History] = {}
    mends: dict[str, frozenset[str]] = {}
    for entry in entries:
        if entry.command != "accept" and _landed(entry, files):
            mends[entry.group] = mended(entry) | mends.get(entry.undoes, frozenset())
            found.setdefault(entry.file, _History()).add(entry, mends[entry.group])
    return found


def _landed(entry: Entry, files: Mapping[str, Now]) -> bool:
    """Whether an edit came to its end; of one that only began, whether any of its keys shows it."""
    said = files.get(entry.file, Now()).said
    news = (one for one in entry.changed if one.before != one.after)
    return entry.phase is Phase.DONE or any(said.get(one.key) == meaning(one.after) for one in news)


def _sorted_out(
    first: Mapping[str, str | None], last: Mapping[str, str | None], now: Now
) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the keys that still hold what was written, and those that someone else changed."""
    mine, left = set(), []
    for key, before in first.items():
        says = now.said.get(key)
        if says == meaning(before):
            continue
        if says == meaning(last[key]):
            mine.add(key)
        else:
            left.append(key)
    return frozenset(mine), tuple(sorted(left))


def _back(file: str, changed: tuple[Changed, ...], left: tuple[str, ...], chain: _Chain, now: Now) -> Back:
    """Return what is to be done in one file: its old bytes where nobody else wrote, no file where none was."""
    whole = chain.start if chain.unbroken and now.digest == chain.end else None
    if whole == now.digest:
        return Back(file)
    made = chain.start == NO_FILE != now.digest
    if made and not now.more and not now.said.keys() - {one.key for one in changed}:
        whole = NO_FILE
    return Back(file, changed, left, whole)
