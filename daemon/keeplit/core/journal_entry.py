"""The nouns of the journal: what one edit of a person's file changed, byte for byte enough to be taken back.

A key is written as in `keeplit.core.settings_model`; what is kept of a value is its own JSON spelling.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Place:
    """Where a member stood: after which sibling (empty: first), and the bytes that were around it."""

    after: str = ""
    lead: str = ""  # the white space before its name
    colon: str = ": "  # from the end of its name to its value
    trail: str = ""  # the white space between its value and the comma or brace that follows


@dataclass(frozen=True, slots=True)
class Changed:
    """One key of one edit: its JSON spelling before and after (None: absent), and where it stood before."""

    key: str
    before: str | None = field(repr=False)  # values may be secrets
    after: str | None = field(repr=False)
    place: Place | None = None


class Phase(StrEnum):
    """How far an edit came: a kill between begun and done leaves it begun.

    One that is promised follows an edit of another file: a kill between the two leaves it to whoever comes next.
    """

    PROMISED = "promised"
    BEGUN = "begun"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Entry:
    """One edit of one file, as the journal keeps it. `group` holds together what one command changed.

    `command` is ``use``, ``setup``, ``repair``, ``undo``, ``reset``, ``accept``, or ``rule`` for the daemon's own; then
    `reason` names the rule. Digests are the SHA-256 of the whole file in hex; empty: there was none.
    """

    id: str
    group: str
    at: datetime
    command: str
    file: str
    changed: tuple[Changed, ...]
    digest_before: str
    digest_after: str
    reason: str = ""
    phase: Phase = Phase.BEGUN
    undoes: str = ""  # the group that an undo takes back

    @property
    def done(self) -> bool:
        """Whether the edit came to its end."""
        return self.phase is Phase.DONE

    @property
    def lets_go(self) -> bool:
        """Whether it is a reset that leaves no file: what stands there later was never keeplit's."""
        return self.command == "reset" and not self.digest_after
