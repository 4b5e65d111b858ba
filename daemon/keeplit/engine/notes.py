"""What a person's file says now by key, and what the journal is told of it without a write.

Law: a note changes nothing in the file: its keys are let go of, or agreed on, as the file says them at that moment.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from pathlib import Path

from keeplit.adapters import aws_config, aws_config_edit, claude_settings, clock, config_edit, files, journal
from keeplit.adapters.paths import Paths
from keeplit.core.journal_entry import Changed, Entry, Phase
from keeplit.core.keys_said import by_key, flattened
from keeplit.core.settings_model import FileState
from keeplit.core.undoing import Now

COMMENT = b"#"
CORRECT = "correct it, then try again"


class Kind(IntEnum):
    """A file that keeplit changes, in the order in which files are given back."""

    SETTINGS = 0
    CONFIG = 1
    AWS = 2  # last: until then something may name a profile of it


@dataclass(frozen=True, slots=True)
class Sign:
    """What the journal says of an edit that gives back."""

    command: str
    group: str
    undoes: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """One file as it was read: what it is now, or why nothing can be done with it."""

    now: Now = field(default_factory=Now)
    fault: str = ""
    fix: str = ""


def kind(paths: Paths, file: str) -> Kind:
    """Return what a file of the journal is: by its name config.toml, by its keys the AWS config."""
    if Path(file) == paths.config_file:
        return Kind.CONFIG
    first = (one.key for entry in journal.read(paths) if entry.file == file for one in entry.changed)
    return Kind.AWS if any(key.startswith("[") for key in first) else Kind.SETTINGS


def look(paths: Paths, file: str) -> Seen:
    """Read a file that the journal names."""
    path, which = Path(file), kind(paths, file)
    if which is not Kind.SETTINGS:
        try:
            return Seen(_aws(path) if which is Kind.AWS else _config(path))
        except files.FileTrouble as trouble:
            return Seen(fault=str(trouble), fix=CORRECT)
    found = claude_settings.read(path)
    if found.state in {FileState.BROKEN, FileState.CLOSED}:
        return Seen(Now(found.digest), found.fault, found.fix)
    return Seen(Now(found.digest, by_key(found.document.value if found.document else {})))


def _config(path: Path) -> Now:
    """Read config.toml. Raises `FileTrouble`."""
    read = config_edit.read(path)
    return Now(read.digest, flattened(read.document), read.data is not None and COMMENT in read.data)


def _aws(path: Path) -> Now:
    """Read the AWS config. Raises `FileTrouble`."""
    from keeplit.engine import aws_config_change  # late: seldom is one changed

    data, text = _aws_text(path)
    try:
        said = aws_config_change.said(text)
    except aws_config_edit.Unwritable as wrong:
        raise files.NotReadable(f"{path}: {wrong}") from None
    return Now(config_edit.digest(data), said, data is not None and COMMENT in data)


def aws_with_keys(path: Path, wanted: Mapping[str, object]) -> bytes:
    """Return the AWS config with these keys of the journal as they are wanted; None: absent. Raises `FileTrouble`."""
    from keeplit.engine import aws_config_change  # late, as above

    values = {key: None if value is None else str(value) for key, value in wanted.items()}
    try:
        return aws_config_change.with_keys(_aws_text(path)[1], values).encode()
    except aws_config_edit.Unwritable as wrong:
        raise files.NotReadable(f"{path}: {wrong}") from None


def _aws_text(path: Path) -> tuple[bytes | None, str]:
    data = files.read(path, aws_config.MOST_BYTES)
    try:
        return data, (data or b"").decode()
    except UnicodeDecodeError:
        raise files.NotReadable(f"{path} is not UTF-8") from None


def note(paths: Paths, file: str, sign: Sign, keys: Iterable[str] = (), reason: str = "") -> None:
    """Write down what is so of these keys without a write: they are let go of, or for `KEPT_AGAIN` agreed on."""
    import uuid

    now = look(paths, file).now
    said = {key: spelled(now.said.get(key)) for key in sorted(keys)}
    changed = tuple(Changed(key, value, value) for key, value in said.items())
    entry = Entry(uuid.uuid4().hex, sign.group, clock.now(), sign.command, file, changed, now.digest, now.digest)
    journal.append(paths, replace(entry, phase=Phase.DONE, undoes=sign.undoes, reason=reason))


def spelled(value: object) -> str | None:
    """Return a value as the journal spells it; None for an absent key."""
    return None if value is None else json.dumps(value)
