"""The write: some keys, or the whole file, by compare-and-swap on its content, in the target's own folder.

Law: another program's bytes are never lost where they can be seen: before the rename the file has moved, and nothing is
written; in the very moment of it they get the same change, and stand.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from keeplit.adapters import clock, files
from keeplit.adapters.claude_settings.reading import Contents, digest, read_afresh
from keeplit.adapters.claude_settings.written import Kept, WriteResult, Written
from keeplit.adapters.files import swapping
from keeplit.core.journal_entry import Changed
from keeplit.core.json_edit import Change, edit
from keeplit.core.json_text import NotEditable, decode, parse
from keeplit.core.settings_model import FileState

PROTECTED = "find out what protects it (lsattr {0}, or a disk that is mounted read-only)"
NEW_FILE = "{}\n"
FOLDER_MODE = 0o700
TORN_LOOKS = 20
TORN_WAIT = 0.05

BeforeCommit = Callable[[bytes | None, bytes | None, tuple[Changed, ...]], None]
"""Called with the bytes before and after (None: no file), once all is prepared. It may raise `files.FileTrouble`."""


@dataclass(frozen=True, slots=True)
class _New:
    """What a file is to become."""

    data: bytes = field(repr=False)
    changed: tuple[Changed, ...] = field(default=(), repr=False)


Renew = Callable[[bytes | None], _New]


def write(
    place: Path,
    changes: Sequence[Change],
    *,
    expected: str | None,
    create: bool = False,
    before_commit: BeforeCommit | None = None,
) -> Written:
    """Change keys. `expected`: the digest that was decided on (empty: no file; None: whatever the file is now).

    With `expected` None a torn file is read again for 1 s. Raises ValueError for a change that would spoil any file.
    """
    found = _settled(place, expected)
    if expected is not None and found.digest != expected:
        return _moved(found)
    if found.state in {FileState.BROKEN, FileState.CLOSED}:
        return _refused(found)

    def edited(data: bytes | None) -> _New:
        done = edit(parse(NEW_FILE if data is None else decode(data)), changes)
        return _New(done.text.encode(), done.changed)

    return _written(found, edited, before_commit, create=create)


def refusal(place: Path, changes: Sequence[Change], *, expected: str | None) -> Written | None:
    """Return why `write` would not be done, None where it would: all of it is done here but for the rename itself."""
    ready: list[bytes | None] = []

    def enough(before: bytes | None, _after: bytes | None, _changed: tuple[Changed, ...]) -> None:
        ready.append(before)
        raise files.FileTrouble("this is as far as it goes")

    written = write(place, changes, expected=expected, create=True, before_commit=enough)
    if not ready:
        return None if written.as_wanted else written
    target = read_afresh(place).target
    if ready[0] is not None and not os.access(target, os.W_OK):  # as chattr +i has it: the rename would fail
        return Written(WriteResult.NOT_WRITABLE, fault=f"{target} is write-protected", fix=PROTECTED.format(target))
    return None


def put(
    place: Path,
    data: bytes,
    *,
    expected: str | None,
    create: bool = False,
    changed: tuple[Changed, ...] = (),
    before_commit: BeforeCommit | None = None,
) -> Written:
    """Put whole bytes in place of the file, a broken one too. `changed` is what that means by key, for the journal."""
    found = read_afresh(place)
    if expected is not None and found.digest != expected:
        return _moved(found)
    if found.state is FileState.CLOSED:
        return _refused(found)
    return _written(found, lambda _: _New(data, changed), before_commit, create=create, by_key=False)


def remove(
    place: Path,
    *,
    expected: str | None,
    changed: tuple[Changed, ...] = (),
    before_commit: BeforeCommit | None = None,
) -> Written:
    """Remove the file that links lead to, and leave the links."""
    found = read_afresh(place)
    if expected is not None and found.digest != expected:
        return _moved(found)
    if found.state is FileState.CLOSED:
        return _refused(found)
    if found.data is None:
        return Written(WriteResult.UNCHANGED)
    old = found.data

    def first() -> None:
        if before_commit is not None:
            before_commit(old, None, changed)

    try:
        gone = swapping.remove(found.target, old, first=first)
    except files.FileTrouble as trouble:
        return _not_writable(found, str(trouble))
    return Written(WriteResult.WRITTEN, found.digest, changed=changed) if gone else _moved(found)


def _settled(place: Path, expected: str | None) -> Contents:
    """Return what the file says; where nothing was decided on yet, a torn one is waited for."""
    found = read_afresh(place)
    for _ in range(TORN_LOOKS if expected is None else 0):
        if found.state is not FileState.BROKEN:
            break
        clock.sleep(TORN_WAIT)
        found = read_afresh(place)
    return found


def _written(found: Contents, renew: Renew, note: BeforeCommit | None, *, create: bool, by_key: bool = True) -> Written:
    try:
        new = renew(found.data)
    except NotEditable as wrong:
        fix = "make room in the file"
        return _refused(replace(found, fault=f"{found.path}, {wrong.sentence}", fix=fix))
    if new.data == found.data or (found.data is None and by_key and not new.changed):
        return Written(WriteResult.UNCHANGED, found.digest, found.digest)
    if found.data is None and not create:
        fault = found.fault or f"there is no {found.path}"
        return Written(WriteResult.REFUSED, fault=fault, fix=found.fix or "`keeplit use` makes one")
    try:
        kept = Kept() if found.data is None else Kept.of(found.target.stat())
        if unfit := kept.unfit(found.target):
            return replace(unfit, before=found.digest, after=found.digest)
        with _folder_of(found.target):
            return _swapped(found, new, renew if by_key else None, kept, note)
    except OSError as error:
        return _not_writable(found, f"{found.target} cannot be written: {error.strerror}")
    except files.FileTrouble as trouble:
        return _not_writable(found, str(trouble))


def _swapped(found: Contents, new: _New, renew: Renew | None, kept: Kept, note: BeforeCommit | None) -> Written:
    first = _noted(note, found.data, new)
    whole = _whole if _whole(new.data) else bool  # config.toml is put through here too
    swapped = swapping.swap(
        found.target, found.data, new.data, mode=kept.mode, owner=kept.owner, first=first, whole=whole
    )
    if not swapped.done:
        return _moved(found)
    written = Written(WriteResult.WRITTEN, found.digest, digest(new.data), new.changed)
    if swapped.late is not None:
        with suppress(files.FileTrouble, NotEditable):  # what is written stands all the same
            written = _after_all(found, new.data, swapped.late, renew, kept, note) or written
    return replace(written, stands=read_afresh(found.path).digest == written.after)


def _after_all(
    found: Contents, stands: bytes, late: bytes, renew: Renew | None, kept: Kept, note: BeforeCommit | None
) -> Written | None:
    """Let another program's bytes stand that came into the old file as it was replaced, with the same change made.

    Where the whole file was put there is no change to make on them: they are given back, and the file has moved.
    """
    new = _New(late) if renew is None else renew(late)
    first = swapping.nothing if renew is None else _noted(note, late, new)
    swapped = swapping.swap(found.target, stands, new.data, mode=kept.mode, owner=kept.owner, first=first)
    if not swapped.done:
        return None
    if renew is None:
        return Written(WriteResult.MOVED, digest(late), digest(late))
    return Written(WriteResult.WRITTEN, digest(late), digest(new.data), new.changed)


def _noted(note: BeforeCommit | None, before: bytes | None, new: _New) -> Callable[[], None]:
    return swapping.nothing if note is None else partial(note, before, new.data, new.changed)


def _whole(data: bytes) -> bool:
    """Tell whether another program has finished writing."""
    try:
        parse(decode(data))
    except NotEditable:
        return False
    return True


@contextmanager
def _folder_of(target: Path) -> Iterator[None]:
    """Make the folders that are missing; they go again where no file comes into them. Raises OSError."""
    missing: list[Path] = []
    folder = target.parent
    while not os.path.lexists(folder):  # `exists` raises where a parent is shut
        missing.append(folder)
        folder = folder.parent
    try:
        for folder in reversed(missing):
            folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        yield
    finally:
        with suppress(OSError):  # one that is not empty stays
            for folder in missing:
                folder.rmdir()


def _moved(found: Contents) -> Written:
    fault = f"{found.path} was changed by another program at the same time"
    return Written(WriteResult.MOVED, found.digest, found.digest, fault=fault, fix="try again")


def _refused(found: Contents) -> Written:
    return Written(WriteResult.REFUSED, found.digest, found.digest, fault=found.fault, fix=found.fix)


def _not_writable(found: Contents, fault: str) -> Written:
    fix = "see who may write there, and whether the disk is full"
    return Written(WriteResult.NOT_WRITABLE, found.digest, found.digest, fault=fault, fix=fix)
