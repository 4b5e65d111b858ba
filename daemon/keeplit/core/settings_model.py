"""The nouns of Claude Code's settings: keys, what the file says, what was agreed, what is to be written.

A *key* is written as a person says it: ``model``, or ``env.AWS_PROFILE`` for a member of ``env``. A *value* is the text
of a JSON string; None stands for a key that is absent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from keeplit.core.backoff import Backoff

if TYPE_CHECKING:
    from keeplit.core.journal_entry import Entry

ENV = "env."


class FileState(StrEnum):
    """How reading the settings file went."""

    PRESENT = "present"
    ABSENT = "absent"
    BROKEN = "broken"  # not one JSON object that can be edited: perhaps half written, perhaps wrong
    CLOSED = "closed"  # it cannot be read: rights, a loop of links, too large


class Repair(StrEnum):
    """Whether missing keys are put back: ``repair`` in ``[claude]`` of config.toml."""

    AUTO = "auto"
    ASK = "ask"
    OFF = "off"


class Why(StrEnum):
    """Why a person is asked."""

    GONE = "gone"
    OFF = "off"
    RIVAL = "rival"
    CHANGED = "changed"
    BOTH = "both"
    DAMAGED = "damaged"  # something is to be repaired, and config.toml says to ask


@dataclass(frozen=True, slots=True)
class Settings:
    """Claude Code's settings as one turn sees them, beside what config.toml wants of them."""

    path: str = ""
    state: FileState = FileState.ABSENT
    digest: str = ""
    values: Mapping[str, str] = field(
        default_factory=dict, repr=False
    )  # every env member, and the top-level strings we know
    fault: str = ""  # why it is broken or closed: a sentence, with line and column where there are any
    fix: str = ""  # what to do about that
    wanted: Mapping[str, str | None] = field(default_factory=dict, repr=False)  # of config.toml; None: is to be absent
    commands: Mapping[str, str] = field(default_factory=dict)  # our own helpers as they are to be written here
    stale: frozenset[str] = frozenset()  # keys that hold a keeplit command which is no longer there
    sure: bool = True  # False: config.toml could not be read whole, and what it named before stands
    repair: Repair = Repair.AUTO
    journal: "tuple[Entry, ...]" = ()  # the latest entries about this file, oldest first
    shadowed: Mapping[str, str] = field(default_factory=dict)  # key -> the higher layer that wins over the file
    bypassed: Mapping[str, str] = field(default_factory=dict)  # rival credential -> the higher layer that has it


@dataclass(frozen=True, slots=True)
class Edit:
    """One key to be written (None: removed) and the rule that wants it."""

    key: str
    value: str | None = field(repr=False)
    rule: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """The base of the three-way comparison for one key: what the file is to hold, and what config.toml said then."""

    value: str | None = field(repr=False)
    config: str | None = field(default=None, repr=False)
    names: bool = False  # whether config.toml named the key then (`config` None: as to be absent)
    released: bool = False  # undone or reset: not kept until config.toml or a command asks again


@dataclass(frozen=True, slots=True)
class Repaired:
    """One of the daemon's own repairs of one key."""

    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SettingsMemory:
    """What is remembered of the settings file."""

    path: str = ""  # another file begins anew
    agreed: Mapping[str, Agreed] = field(default_factory=dict)
    rivals: tuple[str, ...] = ()  # rival credentials that were there when agreed
    seen: str = ""  # the state and digest of what was seen last
    since: datetime | None = None  # when it was first seen so
    repaired: tuple[Repaired, ...] = ()
    written_at: datetime | None = None  # our last write, or a command's: looked at again 5 and 30 s later
    told: tuple[str, ...] = ()  # questions and stops that a person was told of
    entry: str = ""  # the last entry of the journal that was taken in
    last_good: str = ""  # digest of the last content that could be read: a backup is kept of it
    write: Backoff = field(default_factory=Backoff)
