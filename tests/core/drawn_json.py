"""Settings files and changes drawn at random, in any formatting that JSON has; and what a file holds beside some keys.

Nothing here uses what it tests: the texts are written, and taken apart again, by hand.
"""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

from keeplit.core.json_edit import Change, Remove, Set

TEXT_KEYS = ("model", "awsAuthRefresh", "awsCredentialExport")
ENV_NAMES = ("AWS_PROFILE", "AWS_REGION", "env", "é", "", 'a"b\\c', "env.AWS_REGION", "model")
FOREIGN = ("permissions", "hooks", "statusLine", "é", "", "ENV", "x y", "\U0001f525", "env.AWS_PROFILE")
NUMBERS = ("0", "-0", "1E5", "1.0", "-1.50e-3", "12345678901234567890", "9" * 5000)
STRINGS = ('"é"', r'"\u00e9"', '"😀"', r'"\ud83d\ude00"', r'"\/\b\f\n\r\t\\\""', r'"\ud800"', '""', '"{,}"', '"// no"')
SPELLINGS = (*NUMBERS, *STRINGS, "true", "false", "null")
TEXTS = (
    '"eu-west-1"',
    '"dev"',
    '""',
    r'"\u0064ev"',
    '"é ö"',
    r'"C:\\x\\y \"z\""',
    '"a, b: {c}"',
    '"😀"',
    r'"\ud83d\ude00"',
)
WHITES = ("", "", "", " ", "  ", "\t", "\n", "\r\n", "\r", "\n  ", "\r\n\t", "\n\n    ", " \n ", "\r    ")
STYLES = ("odd", "two", "four", "tabs", "minified", "line")
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s"{}\[\]:,]+')


def name(random: Random, text: str) -> str:
    """Spell a name, now and then with an escape that it does not need."""
    if text and random.random() < 0.1:
        return '"' + "".join(f"\\u{unit:04x}" for unit in _units(text)) + '"'
    return json.dumps(text, ensure_ascii=random.random() < 0.3)


def _units(text: str) -> list[int]:
    data = text.encode("utf-16-be")
    return [data[at] << 8 | data[at + 1] for at in range(0, len(data), 2)]


class Pen:
    """Writes JSON in one manner, with the chance that it is given."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.style = random.choice(STYLES)
        self.line_end = random.choice(["\n", "\n", "\r\n", "\r"])

    def white(self, depth: int, kind: str) -> str:
        """Return the white space before a member, before and after a colon, or before a comma or brace."""
        match self.style, kind:
            case "odd", _:
                return self.random.choice(WHITES)
            case (("two" | "four" | "tabs"), ("lead" | "close")):
                indent = {"two": "  ", "four": "    ", "tabs": "\t"}[self.style]
                return self.line_end + indent * (depth - (kind == "close"))
            case "line", "lead":
                return " "
            case (("two" | "four" | "tabs" | "line"), "value"):
                return " "
        return ""

    def brackets(self, pair: str, depth: int, items: list[str]) -> str:
        """Write an object or array."""
        if not items:
            return pair[0] + (self.white(depth, "empty") if self.style == "odd" else "") + pair[1]
        inside = ",".join(
            self.white(depth, "lead") + item + self.white(depth, "close" if item is items[-1] else "comma")
            for item in items
        )
        return pair[0] + inside + pair[1]

    def member(self, key: str, value: str) -> str:
        """Write one member of an object."""
        return name(self.random, key) + self.white(0, "colon") + ":" + self.white(0, "value") + value

    def value(self, depth: int) -> str:
        """Write a value that is not ours."""
        random = self.random
        kind = random.random() if depth < 6 else 0
        if kind < 0.6:
            return random.choice(SPELLINGS)
        if kind < 0.62:
            return "[" * 60 + "]" * 60
        if kind < 0.8:
            return self.brackets("[]", depth, [self.value(depth + 1) for _ in range(random.randrange(4))])
        keys = random.sample(FOREIGN, random.randrange(4))
        return self.brackets("{}", depth, [self.member(key, self.value(depth + 1)) for key in keys])

    def settings(self) -> str:
        """Write a settings file."""
        random = self.random
        keys = [*random.sample(FOREIGN, random.randrange(4)), *random.sample(TEXT_KEYS, random.randrange(3))]
        keys += ["env"] if random.random() < 0.7 else []
        random.shuffle(keys)
        members = []
        for key in keys:
            value = random.choice(TEXTS) if key in TEXT_KEYS else self.value(2)
            if key == "env":
                names = random.sample(ENV_NAMES, random.choice([0, 1, 1, 2, 3, 5]))
                value = self.brackets("{}", 2, [self.member(one, random.choice(TEXTS)) for one in names])
            members.append(self.member(key, value))
        around = random.choice(["", "", " ", "\t\n"]), random.choice(["", self.line_end, self.line_end, " \n\n"])
        return around[0] + self.brackets("{}", 1, members) + around[1]


def settings(random: Random) -> str:
    """Draw a settings file."""
    return Pen(random).settings()


def changes(random: Random) -> list[Change]:
    """Draw some changes, now and then two of one key."""
    keys = [*TEXT_KEYS, *(f"env.{one}" for one in ENV_NAMES)]
    return [
        Remove(key) if random.random() < 0.4 else Set(key, random.choice(TEXTS))
        for key in random.choices(keys, k=random.choice([0, 1, 1, 2, 3, 6]))
    ]


def wanted(text: str, made: list[Change]) -> str:
    """Return what the file is to say after the changes, as Python shows it: order and kinds of numbers count."""
    value: dict[str, Any] = load(text)
    for change in made:
        inside = change.key.startswith("env.")
        one = change.key.removeprefix("env.")
        if isinstance(change, Set):
            (value.setdefault("env", {}) if inside else value)[one] = json.loads(change.raw)
        else:
            (value.get("env", {}) if inside else value).pop(one, None)
    return repr(value)


def load(text: str) -> Any:
    """Read JSON with the standard library; a number too long for it is infinite, as it is for Claude Code."""
    return json.loads(text, parse_int=lambda digits: int(digits) if len(digits) <= 4000 else float(digits))


Piece = str | None | list["Piece"]


def foreign(text: str, touched: set[str], prefix: str = "") -> list[Piece]:
    """Return an object in pieces, gap and member in turn; None stands for touched members and the gaps beside them."""
    pieces: list[Piece] = []
    members, before = _members(text), 0
    if not members and any(key.startswith("env.") == bool(prefix) for key in touched):
        return [None]
    for start, end, key, value in members:
        pieces.append(text[before:start])
        if prefix + key in touched:
            pieces.append(None)
        elif prefix + key == "env":
            pieces.append([text[start:value], foreign(text[value:end], touched, "env.")])
        else:
            pieces.append(text[start:end])
        before = end
    pieces.append(text[before:])
    beside = [None if None in pieces[max(at - 1, 0) : at + 2] else piece for at, piece in enumerate(pieces)]
    return [piece for at, piece in enumerate(beside) if piece is not None or at == 0 or beside[at - 1] is not None]


def same(one: Piece, other: Piece) -> bool:
    """Tell whether two files are the same beside what was touched in one of them."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one is None or other is None or one == other


def _members(text: str) -> list[tuple[int, int, str, int]]:
    """Return start, end, name and the start of the value of each member of the object in the text."""
    found: list[tuple[int, int, str, int]] = []
    depth = end = start = value = 0
    key = ""
    for token in TOKEN.finditer(text):
        closes = token[0] in {"}", "]"}
        depth -= closes
        if start and ((depth == 1 and token[0] == ",") or (depth == 0 and closes)):
            found.append((start, end, key, value))
            start = value = 0
        elif depth == 1 and not start:
            start, key = token.start(), json.loads(token[0])
        elif depth == 1 and start and not value and token[0] != ":":
            value = token.start()
        depth += token[0] in {"{", "["}
        end = token.end()
    return found
