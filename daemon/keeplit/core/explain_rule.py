"""What a rule of the decoder is: the words by which an error is known, and the words that explain it. Pure."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from keeplit.core.explain_text import pattern


class Ask(StrEnum):
    """The statement of a policy that a message to an administrator shows besides its words."""

    NONE = ""
    INVOKE = "invoke"
    MARKETPLACE = "marketplace"


@dataclass(frozen=True, slots=True)
class Rule:
    """An error. Its words may hold the names of `keeplit.core.explain_details`, ``{id}`` and ``{login}``.

    `admin` says what an administrator can do, empty where that is nothing.
    """

    code: str
    known_by: "re.Pattern[str]"
    title: str
    cause: str
    fix: str
    admin: str = field(default="", kw_only=True)
    ask: Ask = field(default=Ask.NONE, kw_only=True)


def rule(code: str, written: str, title: str, cause: str, fix: str, *, admin: str = "", ask: Ask = Ask.NONE) -> Rule:
    """Return a rule whose pattern is written with spaces."""
    return Rule(code, pattern(written), title, cause, fix, admin=admin, ask=ask)
