"""A change of the AWS config: compared, written through the one door, and journalled so that an undo takes it back.

Law: the config is written only while it still is what was decided on. The journal names each option by its section, as
`named` writes it, which is no key of any other file: so an undo knows the AWS config again, whatever it is called.
"""

import uuid
from collections.abc import Mapping
from pathlib import Path

from keeplit.adapters import aws_config, aws_config_edit, files
from keeplit.adapters.aws_config_edit import Unwritable
from keeplit.adapters.claude_settings.written import WriteResult
from keeplit.adapters.config_edit import digest
from keeplit.adapters.paths import Paths
from keeplit.core.journal_entry import Changed
from keeplit.core.json_edit import encode
from keeplit.engine import guarded

__all__ = ("MOST_BYTES", "NotWritten", "Unwritable", "changes", "put_back", "read", "said", "with_keys", "write")

COMMAND = "setup"
MOST_BYTES = aws_config.MOST_BYTES


class NotWritten(files.FileTrouble):
    """The AWS config was not changed; its text says why and what to do."""


def read(environ: Mapping[str, str]) -> tuple[Path, str]:
    """Return the AWS config file and its text, empty where there is none. Raises `FileTrouble`."""
    file = aws_config.files(environ)[0]
    data = files.read(file, MOST_BYTES)
    try:
        return file, (data or b"").decode()
    except UnicodeDecodeError:
        raise NotWritten(f"{file} is not UTF-8. Save it as UTF-8, then try again") from None


def write(paths: Paths, environ: Mapping[str, str], before: str, after: str, *, because: str, group: str = "") -> None:
    """Put `after` in place of the AWS config while it still is `before`. Raises `NotWritten`.

    `because` is the journal's reason; `group` holds it together with other changes of one command.
    """
    if before == after:
        return
    file = aws_config.files(environ)[0]
    missing = not before and files.read(file, MOST_BYTES) is None
    written = guarded.put(
        paths,
        file,
        after.encode(),
        expected=digest(None if missing else before.encode()),
        command=COMMAND,
        group=group or uuid.uuid4().hex,
        changed=changes(before, after),
        reason=because,
        create=True,
    )
    if written.result is WriteResult.MOVED:
        raise NotWritten(f"{file} was changed by another program meanwhile; nothing was written. Try again")
    if not written.as_wanted:
        raise NotWritten(f"{written.fault}. Do: {written.fix}")


def put_back(paths: Paths, environ: Mapping[str, str], before: str, after: str, *, group: str) -> bool:
    """Bring the AWS config back to `before` where it still is `after`; return whether it is."""
    if before == after:
        return True
    file = aws_config.files(environ)[0]
    undone = changes(after, before)
    if before:
        written = guarded.put(
            paths,
            file,
            before.encode(),
            expected=digest(after.encode()),
            command="undo",
            group=group,
            changed=undone,
            undoes=group,
        )
    else:
        written = guarded.remove(
            paths, file, expected=digest(after.encode()), command="undo", group=group, changed=undone, undoes=group
        )
    return written.as_wanted


def changes(before: str, after: str) -> tuple[Changed, ...]:
    """Return what differs, as the journal keeps it."""
    found = aws_config_edit.differences(before, after)
    return tuple(Changed(named(*key), _raw(old), _raw(new)) for key, (old, new) in found.items())


def named(header: str, option: str) -> str:
    """Return what the journal calls an option of the AWS config: ``[profile work] region``."""
    return f"[{header}] {option}"


def parted(key: str) -> tuple[str, str]:
    """Return the section and the option that a key of the journal means."""
    header, _, option = key.removeprefix("[").rpartition("] ")
    return header, option


def said(text: str) -> Mapping[str, str]:
    """Return what the AWS config says by key, as an undo compares it. Raises `Unwritable`."""
    sections = aws_config_edit.read(text)
    return {named(header, key): value for header, options in sections.items() for key, value in options.items()}


def with_keys(text: str, values: Mapping[str, str | None]) -> str:
    """Return the text with these keys of the journal set or removed. Raises `Unwritable`."""
    return aws_config_edit.change(text, {parted(key): value for key, value in values.items()})


def _raw(value: str | None) -> str | None:
    return None if value is None else encode(value)
