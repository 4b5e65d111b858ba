"""Backups of the files that people wrote: whole, named for their content, 0600.

Law: a backup is what its name says, or it is none. The last twenty by use stay, and the originals.
"""

import contextlib
import os
import re
from hashlib import sha256
from pathlib import Path

from keeplit.adapters import files
from keeplit.adapters.paths import Paths

MOST = 20
MOST_BYTES = 16 << 20
NAME = re.compile(r"[0-9a-f]{64}")
ORIGINAL = ".original"


def keep_backup(paths: Paths, data: bytes, *, original: bool = False) -> str:
    """Keep a file's content and return its digest; what was used last goes last. Raises `files.FileTrouble`.

    `original`: it is what was there before keeplit, and stays whatever its age.
    """
    folder = files.private_folder(paths.backups)
    digest = sha256(data).hexdigest()
    name = f"{digest}{ORIGINAL}" if original else digest
    if _whole(folder / name, digest) is None:
        files.replace(folder / name, data)
    with contextlib.suppress(OSError):
        os.utime(folder / name)
    _prune(folder, digest)
    return digest


def backup(paths: Paths, digest: str) -> bytes | None:
    """Return the content of a digest; None where no whole backup of it is there."""
    if NAME.fullmatch(digest) is None:
        return None
    found = _whole(paths.backups / digest, digest)
    return found if found is not None else _whole(paths.backups / f"{digest}{ORIGINAL}", digest)


def _whole(place: Path, digest: str) -> bytes | None:
    try:
        data = files.read_own(place, MOST_BYTES)
    except files.FileTrouble:
        return None
    return data if data is not None and sha256(data).hexdigest() == digest else None


def _prune(folder: Path, kept: str) -> None:
    try:
        with os.scandir(folder) as found:
            ages = {entry.name: _age(entry) for entry in found if NAME.fullmatch(entry.name)}
    except OSError:
        return
    ages.pop(kept, None)
    for name in sorted(ages, key=lambda name: (ages[name], name), reverse=True)[MOST - 1 :]:
        with contextlib.suppress(OSError):
            (folder / name).unlink()


def _age(entry: "os.DirEntry[str]") -> int:
    try:
        return entry.stat(follow_symlinks=False).st_mtime_ns
    except OSError:  # another writer took it away
        return 0
