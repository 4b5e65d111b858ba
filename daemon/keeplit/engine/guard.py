"""Claude Code's settings as a turn sees them, and the daemon's own writes of them. Nothing is decided here.

Law: the journal is read on both sides of the file, so that a command which writes meanwhile is never taken for somebody
else; a file that cannot be read just now says what it said last, and costs no session its renewal.
"""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from keeplit.adapters import claude_settings
from keeplit.adapters.claude_settings import Contents
from keeplit.adapters.paths import Paths
from keeplit.core.deeds import Action, Outcome, Result
from keeplit.core.folders import managed_folder
from keeplit.core.memory import Memory
from keeplit.core.model import Problem
from keeplit.core.settings_compared import kept
from keeplit.core.settings_keys import AUTH_REFRESH, CREDENTIAL_EXPORT, Claude, wanted
from keeplit.core.settings_model import FileState, Settings

if TYPE_CHECKING:
    from keeplit.core.journal_entry import Entry
    from keeplit.engine.layers import Above

MOST_ENTRIES = 100
TRIES = 3


class Guard:
    """The settings file between turns: what it said last, by its digest."""

    def __init__(self, paths: Paths) -> None:
        """Read nothing yet."""
        self.paths = paths
        self.contents = Contents(Path(), Path(), FileState.ABSENT)
        self.values: Mapping[str, str] = {}
        self.problem: Problem | None = None  # of the journal
        self._promised = False
        self._digest = ""

    def look(
        self,
        environ: Mapping[str, str],
        claude: Claude,
        *,
        whole: bool,
        recall: Callable[[], Memory] = Memory,
    ) -> Settings:
        """Return the settings as they are, beside what `claude` wants; `whole`: with what only a write needs.

        `recall` is asked where the file cannot be read, and has not been read before.
        """
        place = claude_settings.path(environ, claude.settings)
        if not claude.sure and (known := recall().settings.path):
            place = Path(known)
        if place != self.contents.path:
            self.values, self._digest = {}, ""
        entries = self._read(place)
        if entries or self._promised:
            entries = self._ended(place, entries, writes=whole)
        self._said(recall)
        commands: Mapping[str, str] = {}
        stale: frozenset[str] = frozenset()
        if whole or claude.isolate or {AUTH_REFRESH, CREDENTIAL_EXPORT} & self.values.keys():
            from keeplit.adapters import own_command  # late: whoever only looks has seldom one of ours in the file

            commands, stale = own_command.commands(environ), own_command.stale(self.values)
        wants = wanted(claude, self.values, commands)
        above = _above(self.values, wants)
        return Settings(
            path=str(place),
            state=self.contents.state,
            digest=self.contents.digest,
            values=self.values,
            fault=self.contents.fault,
            fix=self.contents.fix,
            wanted=wants,
            commands=commands,
            stale=stale,
            sure=claude.sure,
            repair=claude.repair,
            journal=entries,
            shadowed=above.shadowed if above is not None else {},
            bypassed=above.bypassed if above is not None else {},
        )

    def _read(self, place: Path) -> "tuple[Entry, ...]":
        """Read the file between two equal readings of the journal, and return the latest entries about it."""
        before = self._journal()
        for _ in range(TRIES):
            self.contents = claude_settings.read(place)
            after = self._journal()
            if after == before:
                break
            before = after
        mine = {str(place), str(self.contents.target)}
        return tuple(entry for entry in before if entry.file in mine)[-MOST_ENTRIES:]

    def _ended(self, place: Path, entries: "tuple[Entry, ...]", *, writes: bool) -> "tuple[Entry, ...]":
        """Do what a command that was cut off had still to do, where that is ours to do; read once more."""
        from keeplit.core.kept_again import unclosed  # late: whoever only looks has seldom a journal

        if not (unclosed(entries) or self._promised):
            return entries
        from keeplit.engine import cut_off  # late: seldom is one

        problem = cut_off.end(self.paths) if writes else cut_off.half(self.paths)
        entries = self._read(place)
        self.problem = self.problem or problem
        return entries

    def _journal(self) -> "tuple[Entry, ...]":
        if not os.path.lexists(self.paths.journal):
            self.problem, self._promised = None, False
            return ()
        from keeplit.adapters import journal  # late: whoever only looks has seldom one

        found = journal.look(self.paths)
        self.problem, self._promised = found.problem, bool(found.promises)
        return found.entries

    def _said(self, recall: Callable[[], Memory]) -> None:
        contents = self.contents
        if contents.document is not None:
            if contents.digest != self._digest:
                self.values, self._digest = contents.document.strings(), contents.digest
        elif contents.state is FileState.ABSENT:
            self.values, self._digest = {}, ""
        elif not self._digest:
            self.values = kept(recall().settings)

    def write(self, action: Action, path: str) -> Outcome:
        """Write the keys of an `EDIT_SETTINGS`, if the file still is what it was decided on."""
        import uuid

        from keeplit.adapters.claude_settings.written import WriteResult
        from keeplit.core.json_edit import Remove, Set, encode
        from keeplit.engine import guarded

        changes = [
            Remove(edit.key) if edit.value is None else Set(edit.key, encode(edit.value)) for edit in action.edits
        ]
        written = guarded.edit(
            self.paths,
            Path(path),
            changes,
            expected=action.token,
            command="rule",
            group=uuid.uuid4().hex,
            reason=action.reason,
        )
        results = {
            WriteResult.WRITTEN: Result.DONE,
            WriteResult.UNCHANGED: Result.SUPERSEDED,
            WriteResult.MOVED: Result.STALE,
            WriteResult.REFUSED: Result.REFUSED,
            WriteResult.NOT_WRITABLE: Result.NOT_WRITABLE,
        }
        detail = f"{written.fault} ({written.fix})" if written.fix else written.fault
        return Outcome(results[written.result], detail=detail)

    def keep_backup(self, digest: str) -> None:
        """Keep a copy of what the file says, for the day it is damaged. Raises `files.FileTrouble`."""
        from keeplit.adapters import backups

        data = self.contents.data
        if data is not None and self.contents.digest == digest:
            backups.keep_backup(self.paths, data)


def _above(values: Mapping[str, str], wants: Mapping[str, str | None]) -> "Above | None":
    """Return what managed settings decide; most machines have none, and need none of what reads them."""
    if not os.path.isdir(managed_folder(sys.platform)):  # noqa: PTH112  # Path's own raises where it may not look
        return None
    from keeplit.engine import layers

    return layers.above(values, wants)
