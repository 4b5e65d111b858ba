"""Why a text cannot be edited as Claude Code's settings, and where: a line and a column for every refusal.

Law: the standard library's scanner judges, because it is fast; this slow walk only finds the place, in the same words
under every Python. It shows names at most, never a value: what stands in the wrong place may be a secret.
"""

import json
import re
from collections.abc import Iterator

from keeplit.core.json_said import MOST_DEEP

WHITE = re.compile(r"[ \t\n\r]*+")
STRING = r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+'
# Patterns are compiled when they are needed: the settings are read by whoever only looks, and are seldom wrong.
TOKEN = (
    rf'(?P<string>{STRING}")'
    r"|(?P<plain>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+|true|false|null)"
    r"|(?P<mark>[][{}:,])"
)
NESTING = rf'{STRING}"|[][{{}}]'
LINE_END = r"\r\n|\r|\n"
NO_NUMBER = ("NaN", "Infinity", "-Infinity")

VALUE = frozenset({"string", "plain", "{", "["})
ALLOWED = {
    "value": VALUE,
    "first value": VALUE | {"]"},
    "name": frozenset({"string"}),
    "first name": frozenset({"string", "}"}),
    "colon": frozenset({":"}),
    "more of {": frozenset({",", "}"}),
    "more of [": frozenset({",", "]"}),
    "nothing": frozenset[str](),
}
MISSING = {
    "value": "a value is missing here",
    "first value": "a value is missing here",
    "name": "a name in double quotes is missing here",
    "first name": "a name in double quotes is missing here",
    "colon": "a colon is missing here",
    "more of {": "a comma is missing here",
    "more of [": "a comma is missing here",
    "nothing": "there is more after the end",
}
STRANGE = {
    "/": "a comment, and JSON has none",
    "#": "a comment, and JSON has none",
    "'": "single quotes, and JSON has double ones only",
    "\ufeff": "a byte order mark",
}


class NotEditable(Exception):  # noqa: N818  # it is no error of ours: it says what the file is
    """The text is no JSON object that can be edited. `line` and `column` count from 1, in characters.

    `code` is one of bom, not_json, duplicate_key, not_an_object, env_not_an_object, env_not_text, not_text, too_large,
    not_utf8.
    """

    def __init__(self, code: str, line: int, column: int, words: str) -> None:
        self.code = code
        self.line = line
        self.column = column
        self.sentence = f"line {line}, column {column}: {words}"
        super().__init__(self.sentence)


def at_place(code: str, text: str, place: int, words: str) -> NotEditable:
    """Return the refusal that points to a place of the text. A line ends in LF, CRLF or CR."""
    lines = re.split(LINE_END, text[:place])
    return NotEditable(code, len(lines), len(lines[-1]) + 1, words)


def shown(name: str) -> str:
    """Return a name as a complaint shows it: short, and nothing in it that acts on a terminal."""
    short = name if len(name) <= 60 else f"{name[:59]}…"  # noqa: PLR2004  # as much as a line holds beside the rest
    return json.dumps(short, ensure_ascii=not name.isprintable())


def too_deep(text: str) -> bool:
    """Tell whether the text nests more deeply than is read; quick where it has few brackets."""
    if text.count("[") + text.count("{") <= MOST_DEEP:
        return False
    depth = 0
    for found in re.finditer(NESTING, text):
        match found[0]:
            case "[" | "{":
                depth += 1
                if depth > MOST_DEEP:
                    return True
            case "]" | "}":
                depth -= 1
    return False


def fault(text: str) -> NotEditable:
    """Return the first fault of a text that is not strict JSON, has a name twice in one object, or nests too deeply."""
    opened: list[str] = []  # the bracket of each object and array that is open
    names: list[set[str]] = []  # the names in each of them
    wanted, comma = "value", 0
    for place, kind, token in _tokens(text):
        if kind not in ALLOWED[wanted]:
            return _misplaced(text, place, kind, wanted, comma)
        match kind:
            case "{" | "[":
                if len(opened) == MOST_DEEP:
                    return at_place("not_json", text, place, f"nested more than {MOST_DEEP} deep")
                opened.append(kind)
                names.append(set())
                wanted = "first name" if kind == "{" else "first value"
                continue
            case ",":
                comma = place
                wanted = "name" if opened[-1] == "{" else "value"
                continue
            case ":":
                wanted = "value"
                continue
            case "string" if wanted in {"name", "first name"}:
                name = json.loads(token)
                if name in names[-1]:
                    return at_place("duplicate_key", text, place, f"the key {shown(name)} stands twice")
                names[-1].add(name)
                wanted = "colon"
                continue
            case "}" | "]":
                opened.pop()
                names.pop()
        wanted = f"more of {opened[-1]}" if opened else "nothing"
    return at_place("not_json", text, len(text), "the text ends too early" if text.strip() else "the file is empty")


def _tokens(text: str) -> Iterator[tuple[int, str, str]]:
    """Give each token with its place and kind; one that JSON does not know is of no kind, and the last."""
    place, token = 0, re.compile(TOKEN)
    while True:
        white = WHITE.match(text, place)
        place = white.end() if white else place
        found = token.match(text, place)
        if found is None:
            break
        kind = found.lastgroup or ""
        yield place, found[0] if kind == "mark" else kind, found[0]
        place = found.end()
    if place < len(text):
        yield place, "", ""


def _misplaced(text: str, place: int, kind: str, wanted: str, comma: int) -> NotEditable:
    """Say what is wrong with a token that may not stand where it does."""
    if kind:
        if kind in {"}", "]"} and text[comma] == "," and not text[comma + 1 : place].strip():
            return at_place("not_json", text, comma, "a comma with nothing after it")
        return at_place("not_json", text, place, MISSING[wanted])
    begun = re.compile(STRING).match(text, place)
    if begun is None:
        words = "NaN and Infinity are no JSON" if text.startswith(NO_NUMBER, place) else STRANGE.get(text[place])
        return at_place("not_json", text, place, words or "this is no JSON")
    match text[begun.end() : begun.end() + 1]:
        case "":
            return at_place("not_json", text, place, "a string that is never closed")
        case "\\":
            return at_place("not_json", text, begun.end(), "an escape that JSON does not know")
    return at_place("not_json", text, begun.end(), "a line end or control character within a string")
