"""What of a key's value may be shown: secrets never, the rest as it is.

Law: whatever the name or the value makes look like a secret is one, and so is a person's own helper command; the
journal and the backups keep it, because an undo needs it, and no command, log, notice or status shows it.
"""

import json
import re

from keeplit.core.own_command import HELPERS, recognised

HIDDEN = "(hidden)"
ABSENT = "(absent)"
EMPTY = '""'
WIDTH = 80
LOOKS_SECRET = re.compile(
    r"TOKEN(?!S\b)|SECRET|KEY|PASSW|AUTHORIZATION|CREDENTIALS|HEADERS|(?:^|_)(?:PAT|PWD|AUTH|COOKIES?)(?:_|$)",
    re.IGNORECASE,
)
NO_SECRETS = frozenset({"env.CLAUDE_CODE_SKIP_BEDROCK_AUTH", "claude.env.CLAUDE_CODE_SKIP_BEDROCK_AUTH"})  # a switch
PROFILES = frozenset({"env.AWS_PROFILE", "claude.profile"})  # names of the AWS config: one may begin with sk-
SECRET_VALUE = re.compile(
    r"(?<![\w/.-])(?:gh[opsur]_|github_pat_|sk-|xox[abeoprs]-|(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9]))"
)
USER_IN_URL = re.compile(r"(?<=://)[^/?#@\s]*(?=@)")


def secret(key: str) -> bool:
    """Tell whether the value of a key looks like a secret: of variables only, since the other keys are known."""
    _before, dot, name = key.rpartition(".")
    return bool(dot) and key not in NO_SECRETS and LOOKS_SECRET.search(name) is not None


def is_foreign(command: str) -> bool:
    """Whether a helper is a person's own command."""
    return bool(command) and recognised(command) is None


def safe(key: str, value: str) -> str:
    """Return a text with no secret in it, else whole: as JSON gives it to a program."""
    in_value = key not in PROFILES and SECRET_VALUE.search(value) is not None
    if secret(key) or in_value or (key in HELPERS and is_foreign(value)):
        return HIDDEN
    return USER_IN_URL.sub("...", value)


def shown(key: str, raw: str | None) -> str:
    """Return a value of the journal as a person may see it: without its quotes, or only that it is hidden or absent."""
    if raw is None:
        return ABSENT
    try:
        value = json.loads(raw)
    except ValueError:
        value = raw
    return visible(safe(key, value if isinstance(value, str) else raw))


def visible(text: str) -> str:
    """Return a text for one line of a screen: quoted where something in it could act on a terminal, and not too long.

    An empty one is a pair of quotes: else nobody sees that there is a value.
    """
    if text and not text.isprintable():
        quoted = json.dumps(text, ensure_ascii=False)
        text = "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in quoted)
    return f"{text[: WIDTH - 1]}…" if len(text) > WIDTH else text or EMPTY
