"""Claude Code's settings file of a timeline: what it says, what config.toml wants of it, and who changes it how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from keeplit.core.deeds import Action, Outcome, Result
from keeplit.core.journal_entry import Changed, Entry, Phase
from keeplit.core.json_edit import encode
from keeplit.core.settings_model import ENV, FileState, Repair, Settings

PATH = "/home/sam/.claude/settings.json"
STATES = {"torn": FileState.BROKEN, "whole": FileState.PRESENT, "gone": FileState.ABSENT}


def key_of(name: str) -> str:
    """Return a key by the name that a script has for it: variables are written large."""
    return f"{ENV}{name}" if name.isupper() else name


def pairs(words: Iterable[str]) -> dict[str, str | None]:
    """Return ``A=1 B=``: the value by key, None for none."""
    given = (word.partition("=")[::2] for word in words)
    return {key_of(name): value or None for name, value in given}


class ClaudeFile:
    """The file; a script that never names it has none, and no settings are seen."""

    def __init__(self) -> None:
        self.known = False
        self.values: dict[str, str] = {}
        self.state = FileState.ABSENT
        self.wanted: Mapping[str, str | None] = {}
        self.repair = Repair.AUTO
        self.journal: tuple[Entry, ...] = ()

    def __str__(self) -> str:
        said = " ".join(f"{key.removeprefix(ENV)}={value}" for key, value in sorted(self.values.items()))
        return said if self.state is FileState.PRESENT else str(self.state)

    @property
    def digest(self) -> str:
        return repr(sorted(self.values.items()))

    def settings(self) -> Settings:
        """Return what a turn sees."""
        if not self.known:
            return Settings()
        present = self.state is FileState.PRESENT
        return Settings(
            PATH,
            self.state,
            self.digest if present else "",
            dict(self.values) if present else {},
            fault="line 3, column 1: the text ends too early." if self.state is FileState.BROKEN else "",
            wanted=self.wanted,
            repair=self.repair,
            journal=self.journal,
        )

    def written(self, what: str, rest: Iterable[str]) -> None:
        """Change the file as another program does."""
        self.known = True
        match what:
            case "are":
                self.values, self.state = {}, FileState.PRESENT
                self._hold(pairs(rest))
            case "set":
                self._hold(pairs(rest))
            case "lose":
                self._hold({key_of(name): None for name in rest})
            case "empty":
                self.values = {}
            case _:
                self.state = STATES[what]

    def wishes(self, rest: Iterable[str]) -> None:
        """Change config.toml."""
        wants = dict(pairs(rest))
        self.repair = Repair(wants.pop("repair", None) or Repair.AUTO)
        self.wanted = wants

    def edit(self, action: Action, now: datetime) -> Outcome:
        """Write what the daemon decided."""
        if self.state is not FileState.PRESENT or action.token != self.digest:
            return Outcome(Result.STALE)
        self._write("rule", {edit.key: edit.value for edit in action.edits}, now, action.reason)
        return Outcome(Result.DONE)

    def command(self, command: str, rest: Iterable[str], now: datetime) -> None:
        """Do what a person asks for; what is accepted stays as the file has it."""
        if command == "accept":
            keys = [key_of(name) for name in rest]
            self._write(command, {key: self.values.get(key) for key in keys}, now)
        else:
            self._write(command, pairs(rest), now)

    def _write(self, command: str, values: Mapping[str, str | None], now: datetime, reason: str = "") -> None:
        name = f"e{len(self.journal)}"
        rows = tuple(Changed(key, _raw(self.values.get(key)), _raw(value)) for key, value in values.items())
        before = self.digest
        self._hold(values)
        entry = Entry(name, name, now, command, PATH, rows, before, self.digest, reason, Phase.DONE)
        self.journal = (*self.journal, entry)

    def _hold(self, values: Mapping[str, str | None]) -> None:
        merged = {**self.values, **values}
        self.values = {key: value for key, value in merged.items() if value is not None}


def _raw(value: str | None) -> str | None:
    return None if value is None else encode(value)
