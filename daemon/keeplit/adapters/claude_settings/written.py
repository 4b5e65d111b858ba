"""How a write of the settings ends, and what the new file takes over from the old one.

Kept: links, mode, owner and group, every byte that is not of the keys. Not kept, since the file is replaced: access
control lists and extended attributes of the file itself (Windows gives those of the folder). A file with a second name
(hard link) is refused: replacing it would part the two, and writing into it would not be whole or nothing. A file that
its owner may not write is refused too: that is a person's wish.
"""

import os
import stat
import sys
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self

from keeplit.core.journal_entry import Changed

FILE_MODE = 0o600


class WriteResult(StrEnum):
    """How a write ended."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"  # it was as wanted already
    MOVED = "moved"  # it is no longer what was expected: read it and decide again
    REFUSED = "refused"  # it is not to be written as it is; `fault` says why
    NOT_WRITABLE = "not_writable"  # rights, a full disk, or the journal could not be written


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a write; `before` and `after` are digests of the whole file, empty for none.

    `stands` is False where another program wrote the file again at once: it is to be looked at again.
    """

    result: WriteResult
    before: str = ""
    after: str = ""
    changed: tuple[Changed, ...] = field(default=(), repr=False)  # it may hold a secret
    fault: str = ""
    fix: str = ""
    stands: bool = True

    @property
    def as_wanted(self) -> bool:
        """Whether the file now says what was asked for."""
        return self.result in {WriteResult.WRITTEN, WriteResult.UNCHANGED}


@dataclass(frozen=True, slots=True)
class Kept:
    """What the new file takes over from the old one."""

    mode: int = FILE_MODE
    owner: tuple[int, int] | None = None
    names: int = 1

    @classmethod
    def of(cls, found: os.stat_result) -> Self:
        """Return it for a file that is there."""
        owner = None if sys.platform == "win32" else (found.st_uid, found.st_gid)
        return cls(stat.S_IMODE(found.st_mode), owner, found.st_nlink)

    def unfit(self, target: Path) -> Written | None:
        """Return why the file is not to be replaced, if so."""
        if not self.mode & stat.S_IWUSR:
            fix = f"attrib -R {target}" if sys.platform == "win32" else f"chmod u+w {target}"
            return _unfit(f"{target} is read-only, and keeplit leaves it so", fix)
        if self.names > 1:
            fault = f"{target} has {self.names} names (hard links), and replacing it would part them"
            return _unfit(fault, f"make it a file of its own (cp -p, then mv), or use a symbolic link: ls -li {target}")
        if sys.platform != "win32" and self.owner is not None and os.geteuid() not in {0, self.owner[0]}:
            return _unfit(f"{target} belongs to another user", f"sudo chown $USER {target}")
        return None


def _unfit(fault: str, fix: str) -> Written:
    return Written(WriteResult.REFUSED, fault=fault, fix=fix)
