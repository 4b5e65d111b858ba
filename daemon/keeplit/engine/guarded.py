"""The one door through which a file of a person is changed: own lock, backup, journal, write, journal again.

Law: nothing is changed that the journal does not tell of first, and a backup holds what was there. A kill between the
two lines of the journal leaves an edit begun: whether it landed shows in the file.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from hashlib import sha1, sha256
from pathlib import Path

from keeplit.adapters import backups, clock, files, journal
from keeplit.adapters.claude_settings import writing
from keeplit.adapters.claude_settings.written import WriteResult, Written
from keeplit.adapters.paths import Paths
from keeplit.core.journal_entry import Changed, Entry, Phase
from keeplit.core.json_edit import Change

LOCK_SECONDS = 10.0
TRIES = 5  # for a command that decided on nothing that was in the file


def edit(  # noqa: PLR0913  # what is changed, and all that the journal says of it
    paths: Paths,
    file: Path,
    changes: Sequence[Change],
    *,
    expected: str | None,
    command: str,
    group: str,
    reason: str = "",
    undoes: str = "",
    create: bool = False,
) -> Written:
    """Change keys of Claude Code's settings; `expected` is the digest that was decided on, None: whatever it holds now.

    Raises ValueError for a change that would spoil any file; whatever else goes wrong is in what is returned.
    """
    ledger = _Ledger(paths, str(file), command, group, reason, undoes)
    write = partial(writing.write, file, changes, expected=expected, create=create)
    return _guarded(ledger, file, write, TRIES if expected is None else 1)


def put(  # noqa: PLR0913  # as `edit`
    paths: Paths,
    file: Path,
    data: bytes,
    *,
    expected: str | None,
    command: str,
    group: str,
    changed: tuple[Changed, ...] = (),
    reason: str = "",
    undoes: str = "",
    create: bool = False,
) -> Written:
    """Put whole bytes in place of a file, config.toml too; `changed` is what that means by key."""
    ledger = _Ledger(paths, str(file), command, group, reason, undoes)
    write = partial(writing.put, file, data, expected=expected, create=create, changed=changed)
    return _guarded(ledger, file, write)


def remove(  # as `edit`
    paths: Paths,
    file: Path,
    *,
    expected: str | None,
    command: str,
    group: str,
    changed: tuple[Changed, ...] = (),
    reason: str = "",
    undoes: str = "",
) -> Written:
    """Remove a file that keeplit made; `changed` is what that means by key."""
    ledger = _Ledger(paths, str(file), command, group, reason, undoes)
    return _guarded(ledger, file, partial(writing.remove, file, expected=expected, changed=changed))


def _guarded(ledger: "_Ledger", file: Path, write: Callable[..., Written], tries: int = 1) -> Written:
    try:
        with files.lock(_lock(ledger.paths, file), LOCK_SECONDS):
            written = write(before_commit=ledger.begin)
            for _ in range(1, tries):
                if written.result is not WriteResult.MOVED:
                    break
                written = write(before_commit=ledger.begin)
            ledger.end(written)
            return written
    except files.FileTrouble as trouble:
        return Written(WriteResult.NOT_WRITABLE, fault=str(trouble), fix="see to that")


def _lock(paths: Paths, file: Path) -> Path:
    """Return the lock of the file that links lead to. Raises `files.FileTrouble`."""
    real = os.path.realpath(file).encode("utf-8", "surrogatepass")
    return files.private_folder(paths.state) / f"edit-{sha1(real, usedforsecurity=False).hexdigest()[:16]}.lock"


class _Ledger:
    """What the journal and the backups hold of one edit."""

    def __init__(self, paths: Paths, file: str, command: str, group: str, reason: str, undoes: str) -> None:
        import uuid  # late: whoever only looks needs none

        self.paths = paths
        self._blank = Entry(
            uuid.uuid4().hex, group, clock.now(), command, file, (), "", "", reason, Phase.BEGUN, undoes
        )
        self._begun: Entry | None = None

    def begin(self, before: bytes | None, after: bytes | None, changed: tuple[Changed, ...]) -> None:
        """Keep what was there, and write down what is to change. Raises `files.FileTrouble`."""
        others = (entry for entry in journal.read(self.paths) if entry.id != self._blank.id)
        original = journal.untouched(others, self._blank.file)
        kept = "" if before is None else backups.keep_backup(self.paths, before, original=original)
        digest = "" if after is None else sha256(after).hexdigest()
        begun = replace(self._blank, changed=changed, digest_before=kept, digest_after=digest)
        journal.append(self.paths, begun)
        self._begun = begun

    def end(self, written: Written) -> None:
        """Write down how it ended; where even that cannot be written, what was begun shows in the file."""
        if self._begun is None:
            return
        with suppress(files.FileTrouble):
            if written.result is WriteResult.WRITTEN:
                done = replace(self._begun, changed=written.changed, phase=Phase.DONE)
                journal.append(self.paths, replace(done, digest_before=written.before, digest_after=written.after))
            else:
                journal.drop(self.paths, self._begun)
