"""What Claude Code's settings say, for whoever changes nothing: strict JSON, read at once and without places.

Law: what is given here is what `keeplit.core.json_text` gives; where that would refuse, or has to look more closely,
nothing is given: it finds the line and the column, and is imported only then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from json.decoder import JSONDecoder

from keeplit.core.settings_model import ENV

MOST_BYTES = 2 << 20  # Claude Code fails at start with a larger file
MOST_DEEP = (
    100  # the standard library's scanner calls itself for each level, and fails at a depth that nobody can foretell
)
KNOWN_TOP = ("model", "awsAuthRefresh", "awsCredentialExport")
LONGEST_WHOLE = 4000  # Python reads no whole number of more digits than 4300


@dataclass(frozen=True, slots=True)
class Said:
    """The value of one settings file."""

    value: Mapping[str, object] = field(repr=False)  # there may be a secret in it

    def strings(self) -> dict[str, str]:
        """Return every member of ``env`` as "env.NAME", and the top-level strings that we know."""
        env = self.value.get("env", {})
        found = {f"{ENV}{name}": value for name, value in env.items()} if isinstance(env, dict) else {}
        return found | {name: value for name in KNOWN_TOP if isinstance(value := self.value.get(name), str)}


def _object(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _constant(word: str) -> object:
    raise ValueError(f"{word} is no JSON")


def whole(digits: str) -> int | float:
    """Return a number without a point; one of very many digits is not counted out."""
    return int(digits) if len(digits) <= LONGEST_WHOLE else float(digits)


STRICT = JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_int=whole)


def said(data: bytes) -> Said | None:
    """Return what the bytes of a file say; None where they are to be looked at closely, which finds what is wrong."""
    if len(data) > MOST_BYTES or data.count(b"[") + data.count(b"{") > MOST_DEEP:
        return None
    try:
        value = STRICT.decode(data.decode())
    except ValueError:
        return None
    return Said(value) if isinstance(value, dict) and _only_text(value) else None


def _only_text(value: Mapping[str, object]) -> bool:
    """Whether `env` is an object of texts, the top-level keys that we know are texts, and all of them whole ones."""
    env = value.get("env", {})
    if not isinstance(env, dict):
        return False
    ours = [*env.values(), *(value[name] for name in KNOWN_TOP if name in value)]
    if not all(isinstance(one, str) for one in ours):
        return False
    try:
        "".join((*env, *ours)).encode()
    except UnicodeEncodeError:  # half of a character
        return False
    return True
