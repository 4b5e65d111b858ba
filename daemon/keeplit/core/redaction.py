"""What of a key's value may be shown: secrets never, the rest as it is.

Law: whatever the name makes look like a secret is one; the journal and the backups keep it, because an undo needs it,
and no command, log, notice or status shows it.
"""

import json
import re

HIDDEN = "(hidden)"
ABSENT = "(absent)"
LOOKS_SECRET = re.compile(r"TOKEN(?!S\b)|SECRET|KEY|PASSW|AUTHORIZATION|CREDENTIALS|HEADERS", re.IGNORECASE)
USER_IN_URL = re.compile(r"(?<=://)[^/?#@\s]*(?=@)")


def secret(key: str) -> bool:
    """Tell whether the value of a key looks like a secret: of variables only, since the other keys are known."""
    _before, dot, name = key.rpartition(".")
    return bool(dot) and LOOKS_SECRET.search(name) is not None


def shown(key: str, raw: str | None) -> str:
    """Return a value of the journal as a person may see it: without its quotes, or only that it is hidden or absent."""
    if raw is None:
        return ABSENT
    if secret(key):
        return HIDDEN
    try:
        value = json.loads(raw)
    except ValueError:
        value = raw
    text = value if isinstance(value, str) else raw
    visible = text if text.isprintable() else json.dumps(text)
    return USER_IN_URL.sub("...", visible)
