"""One check of `keeplit doctor`: what was looked at, how it is, one sentence, and the one step that mends it. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a check ended; SKIPPED says in its sentence why it was not made."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """A check's result. `code` is stable for scripts; `fix` is a command or an instruction, empty where all is well."""

    code: str
    state: State
    sentence: str
    fix: str = ""
