"""What of the person's shell a service would lack: recorded in config.toml before anything is started with it.

Law: it goes through the one door of edits, so that it can be undone; what is recorded is named, never shown, and a
password is not recorded at all.
"""

import os
import uuid
from collections.abc import Mapping
from pathlib import Path

from keeplit.adapters import config_edit, files
from keeplit.adapters.claude_settings.written import WriteResult, Written
from keeplit.adapters.paths import Paths
from keeplit.core.journal_entry import Changed
from keeplit.core.json_edit import encode
from keeplit.core.service_environment import PATH, recorded
from keeplit.engine import guarded

TRIES = 5
TABLE = "environment"
COMMAND = "autostart"


def record(paths: Paths, environ: Mapping[str, str], *, group: str = "") -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Write what a service would lack into config.toml; return the names that changed, and what is to be known.

    `group` holds it together with other changes of one command. Raises `FileTrouble`.
    """
    from keeplit.adapters import login  # the flame asks this module, and signs nobody in

    values, secret = recorded(environ)
    notes = [
        f"{name} holds a password and was not recorded; a service that needs it has to get it from the system "
        "(~/.config/environment.d for systemd)."
        for name in secret
    ]
    found = login.find(environ)
    if found.cli is None:
        notes.append("AWS CLI v2 was not found; without it a service shows a code to type. Install it, then once more.")
    folders = _folders(environ, found.cli.path if found.cli is not None else "")
    if folders:
        values[PATH] = os.pathsep.join(folders)
    for _ in range(TRIES):
        config = config_edit.read(paths.config_file)
        before = {name: config.value(f"{TABLE}.{name}") for name in values}
        changed = {name: value for name, value in values.items() if before[name] != value}
        if not changed:
            return (), tuple(notes)
        data = config_edit.change(config.data, {f"{TABLE}.{name}": value for name, value in changed.items()})
        news = {name: (before[name], value) for name, value in changed.items()}
        written = _put(paths, config, data, news, group)
        if written.as_wanted:
            return tuple(sorted(changed)), tuple(notes)
        if written.result is not WriteResult.MOVED:
            raise files.NotWritable(f"{written.fault}. Do: {written.fix}")
    raise files.Busy(f"another program changes {paths.config_file} again and again; try once more in a moment")


def _put(
    paths: Paths, config: config_edit.Contents, data: bytes, changed: Mapping[str, tuple[object, str]], group: str
) -> Written:
    keys = tuple(
        Changed(f"{TABLE}.{name}", None if before is None else encode(before), encode(after))
        for name, (before, after) in changed.items()
    )
    return guarded.put(
        paths,
        paths.config_file,
        data,
        expected=config.digest,
        command=COMMAND,
        group=group or uuid.uuid4().hex,
        changed=keys,
        create=True,
    )


def _folders(environ: Mapping[str, str], aws: str) -> list[str]:
    """Return the folders of the PATH that a service will have too, that of `aws` among them.

    Those of a virtual environment are left out: they belong to one shell, and may be gone tomorrow.
    """
    temporary = environ.get("VIRTUAL_ENV") or None
    named = [folder for folder in environ.get(PATH, "").split(os.pathsep) if os.path.isabs(folder)]  # noqa: PTH117
    lasting = [
        folder
        for folder in named
        if os.path.isdir(folder) and (temporary is None or Path(temporary) not in Path(folder).parents)  # noqa: PTH112
    ]
    return list(dict.fromkeys([*lasting, *([str(Path(aws).parent)] if aws else [])]))
