"""The text of Claude Code's settings, taken apart so that nothing of it is lost: strict JSON, with places.

Law: the pieces of a `Document`, put together again, are its text; what is refused is refused with line and column.
Looked for first, a library that edits JSON losslessly: json-source-edit is byte-exact, but takes values instead of
spellings, cannot put back what it removed, fails with RecursionError, and needs over 1 s for 2 MiB; json-five takes
comments and trailing commas for good, and tree-sitter gives a tree of broken text too. So this is our own, after
https://www.rfc-editor.org/rfc/rfc8259.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from json.decoder import JSONDecoder

from keeplit.core.json_fault import WHITE, NotEditable, at_place, fault, shown, too_deep
from keeplit.core.json_said import KNOWN_TOP, MOST_BYTES, STRICT, whole
from keeplit.core.settings_model import ENV

__all__ = ("KNOWN_TOP", "MOST_BYTES", "Braces", "Document", "Member", "NotEditable", "decode", "parse")

BOM = b"\xef\xbb\xbf"
HALF_PAIR = re.compile("[\ud800-\udfff]")  # an escape such as \ud800 alone: no text, and no file can hold it


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object as it is spelled: lead, name, colon, value, trail; then comes a comma or the brace."""

    name: str
    spelled: str  # the name in its quotes
    lead: str
    colon: str  # with the white space around it
    value: str = field(repr=False)  # it may be a secret
    trail: str


@dataclass(frozen=True, slots=True)
class Braces:
    """One object: its members, or the white space within an empty one."""

    members: tuple[Member, ...] = ()
    space: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One settings file: `head` and `tail` are what stands before and after the root object."""

    text: str = field(repr=False)
    value: Mapping[str, object] = field(repr=False)
    head: str
    root: Braces
    env: Braces | None
    tail: str


QUICK = JSONDecoder(parse_int=whole)  # for a text that is known to be strict


def decode(data: bytes) -> str:
    """Return the text of a file; raises NotEditable where it is too large, has a byte order mark, or is not UTF-8."""
    if len(data) > MOST_BYTES:
        raise NotEditable("too_large", 1, 1, f"{len(data)} bytes, and Claude Code reads {MOST_BYTES} at most")
    if data.startswith(BOM):
        raise NotEditable("bom", 1, 1, "the file begins with a byte order mark")
    try:
        return data.decode()
    except UnicodeDecodeError as wrong:
        good = data[: wrong.start].decode()
        raise at_place("not_utf8", good, len(good), "this is not UTF-8") from None


def parse(text: str) -> Document:
    """Take a text apart; raises NotEditable where it is not one object of strict JSON, as Claude Code reads it."""
    if too_deep(text):
        raise fault(text)
    try:
        value = STRICT.decode(text)
    except ValueError:
        raise fault(text) from None
    start = _white(text, 0)
    if not isinstance(value, dict):
        raise at_place("not_an_object", text, start, "the settings are no object in braces")
    root, places, end = _members(text, start)
    env = None
    for member, place in zip(root.members, places, strict=True):
        if member.name == "env":
            if not isinstance(value["env"], dict):
                raise at_place("env_not_an_object", text, place, 'the value of "env" is no object in braces')
            env, env_places, _end = _members(text, place)
            for inner, inner_place in zip(env.members, env_places, strict=True):
                _only_text("env_not_text", text, inner_place, f"{ENV}{inner.name}", value["env"][inner.name])
        elif member.name in KNOWN_TOP:
            _only_text("not_text", text, place, member.name, value[member.name])
    return Document(text, value, text[:start], root, env, text[end:])


def _white(text: str, place: int) -> int:
    found = WHITE.match(text, place)
    return found.end() if found else place


def _members(text: str, start: int) -> tuple[Braces, list[int], int]:
    """Return the object that begins at a place of a good text, the places of its values, and its end."""
    members: list[Member] = []
    places: list[int] = []
    before, at = start + 1, _white(text, start + 1)
    more = text[at] != "}"
    space = "" if more else text[before:at]
    while more:
        name, after = QUICK.raw_decode(text, at)
        place = _white(text, _white(text, after) + 1)
        _value, end = QUICK.raw_decode(text, place)
        close = _white(text, end)
        members.append(
            Member(name, text[at:after], text[before:at], text[after:place], text[place:end], text[end:close])
        )
        places.append(place)
        more = text[close] == ","
        before, at = close + 1, _white(text, close + 1) if more else close
    return Braces(tuple(members), space), places, at + 1


def _only_text(code: str, text: str, place: int, key: str, value: object) -> None:
    if not isinstance(value, str):
        raise at_place(code, text, place, f"the value of {shown(key)} is no text in double quotes")
    if HALF_PAIR.search(key + value):
        raise at_place(code, text, place, f"{shown(key)} holds half of a character")
