"""keeplit's row in Claude Code's status line, as `keeplit setup` plans it beside the other changes of the settings.

Law: a person's own row is never lost, and where ours cannot stand the rest of setup is done all the same.
"""

import os
from collections.abc import Mapping

from keeplit.adapters import own_command
from keeplit.adapters.claude_settings import Contents
from keeplit.core import json_edit
from keeplit.core.json_edit import Set, encode
from keeplit.core.json_text import parse
from keeplit.core.own_statusline import KEY, NotComposable, shared
from keeplit.engine.status_row import NO_PROGRAM


def slot(settings: Contents) -> object:
    """Return what the settings say of the status line; None: nothing."""
    return settings.document.value.get(KEY) if settings.document is not None else None


def with_row(text: str, environ: Mapping[str, str]) -> str:
    """Return the text of the settings with the row in it. Raises `NotComposable` where it cannot stand there."""
    program = own_command.program(environ)
    if program is None:
        raise NotComposable(NO_PROGRAM)
    value = parse(text).value.get(KEY)
    wanted = shared(value, program, windows=os.name == "nt")
    return text if wanted == value else json_edit.edit(text, [Set(KEY, encode(wanted))]).text
