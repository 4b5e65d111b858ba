"""Edits of config.toml on a person's behalf: keys are set and removed, and all else stays as the person wrote it.

Law: what comes out is read again, and means what was asked for and nothing else; where tomlkit cannot do that, nothing
is changed. Bytes in, bytes out: they are written by the one door through which every file of a person is.
"""

import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keeplit.adapters import files

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import InlineTable, Item, Key, Table

    Holder = TOMLDocument | Table | InlineTable
    Body = list[tuple[Key | None, Item]]

BOM = b"\xef\xbb\xbf"
Value = str | bool | None
"""What a key is to hold; None: it is to be absent."""


class NotToml(files.FileTrouble):
    """It is no TOML, or written in a way that cannot be edited; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Contents:
    """config.toml as it was read; `data` is None where there is none."""

    path: Path
    data: bytes | None = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the file in hex; empty where there is none."""
        return digest(self.data)

    def value(self, key: str) -> object:
        """Return what stands under a dotted key, None where nothing does."""
        return _value(self.document, key)


def digest(data: bytes | None) -> str:
    """Return what the journal calls a file's content by."""
    return "" if data is None else sha256(data).hexdigest()


def read(path: Path) -> Contents:
    """Return config.toml. Raises `FileTrouble` where it cannot be read, or is no TOML: its fault and line are said."""
    data = files.read(path)
    return Contents(path, data, _parsed(path.name, data))


def change(data: bytes | None, changes: Mapping[str, Value], name: str = "config.toml") -> bytes:
    """Return the file with these dotted keys set or removed; `data` itself where all is so already. `NotToml`."""
    before = _parsed(name, data)
    wanted = deepcopy(before)
    for key, value in changes.items():
        _place(wanted, key, value)
    if wanted == before:
        return data or b""
    old = (data or b"").removeprefix(BOM)
    new = _edited(old.decode(), {key: value for key, value in changes.items() if _value(before, key) != value}, name)
    if b"\r\n" in old and b"\n" not in old.replace(b"\r\n", b""):
        new = new.replace("\r\n", "\n").replace("\n", "\r\n")
    written = (BOM if data and data.startswith(BOM) else b"") + new.encode()
    try:
        meant = _parsed(name, written)
    except NotToml:
        raise _cannot(name) from None
    if _filled(meant) != _filled(wanted):
        raise _cannot(name)
    return written


def _parsed(name: str, data: bytes | None) -> dict[str, Any]:
    try:
        return tomllib.loads((data or b"").decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise NotToml(f"{name} is not UTF-8. Correct it, then try again") from None
    except (ValueError, RecursionError) as error:
        raise NotToml(f"{name} is no TOML: {error}. Correct it, then try again") from None


def _cannot(name: str) -> NotToml:
    return NotToml(f"{name} is written in a way that keeplit cannot edit safely; change these keys there yourself")


def _value(document: object, key: str) -> object:
    for part in key.split("."):
        document = document.get(part) if isinstance(document, dict) else None
    return document


def _place(document: dict[str, Any], key: str, value: Value) -> None:
    *tables, last = key.split(".")
    for part in tables:
        inner = document.get(part)
        if not isinstance(inner, dict):
            if value is None:
                return
            inner = document[part] = {}
        document = inner
    if value is None:
        document.pop(last, None)
    else:
        document[last] = value


def _filled(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table without the tables in it that are empty: they say nothing."""
    inner = {key: _filled(value) if isinstance(value, dict) else value for key, value in table.items()}
    return {key: value for key, value in inner.items() if value != {}}


def _edited(text: str, changes: Mapping[str, Value], name: str) -> str:
    """Return the text after the changes, by tomlkit, which reads it again for each: what is moved within it is then so.

    Raises `NotToml`.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        for key, value in sorted(changes.items(), key=lambda one: one[0].count(".")):  # a table's own keys come first
            document = tomlkit.parse(text)
            *tables, last = key.split(".")
            if value is None:
                _remove(document, tables, last)
            else:
                _set(document, tables, last, value)
            text = tomlkit.dumps(document)
    except (TOMLKitError, ValueError, LookupError, TypeError, AttributeError):
        raise _cannot(name) from None
    return text


def _set(document: "TOMLDocument", tables: "list[str]", last: str, value: Value) -> None:
    import tomlkit
    from tomlkit.items import Table

    holders = _tables(document, tables)
    held = next((holder for holder in holders if last in holder), None)
    if held is not None:
        held[last] = value
        return
    # Of several pieces, one with a head of its own: the others stand there only for a table within them.
    holders.sort(key=lambda one: isinstance(one, Table) and one.is_super_table())
    _add(holders[0] if holders else _made(document, tables), last, tomlkit.item(value))


def _remove(document: "TOMLDocument", tables: "list[str]", last: str) -> None:
    """Remove a key, and the head of each table that then holds nothing: what follows an empty line is not its own."""
    from tomlkit.items import Comment, Table, Whitespace

    for holder in _tables(document, tables):
        if last in holder:
            holder.remove(last)
    for depth in range(len(tables), 0, -1):
        pieces = _tables(document, tables[:depth])
        if len(pieces) != 1 or not isinstance(pieces[0], Table):
            return
        body = _body(pieces[0])
        if any(key is not None for key, _ in body) or (body and isinstance(body[0][1], Comment)):
            return
        body = body[1:] if body and isinstance(body[0][1], Whitespace) else body
        for outer in map(_body, _tables(document, tables[: depth - 1])):
            outer[:] = [kept for one in outer for kept in (body if one[1] is pieces[0] else [one])]


def _tables(document: "TOMLDocument", names: "list[str]") -> "list[Holder]":
    """Return all pieces of a table: TOML lets one table stand in several places."""
    from tomlkit.items import InlineTable, Table

    found: list[Holder] = [document]
    for name in names:
        inside = [item for holder in found for key, item in _body(holder) if key is not None and key.key == name]
        found = [item for item in inside if isinstance(item, Table | InlineTable)]
    return found


def _body(holder: "Holder") -> "Body":
    from tomlkit.container import Container

    return holder.body if isinstance(holder, Container) else holder.value.body


def _made(document: "TOMLDocument", names: "list[str]") -> "Holder":
    """Return a table that was not there, made at the end of the one that holds it, or of the file."""
    import tomlkit
    from tomlkit.items import InlineTable

    *above, name = names
    outer = _tables(document, above)
    holder = outer[0] if outer else _made(document, above)  # an empty one is false
    if holder is document and document.body:
        document.add(tomlkit.nl())
    made = tomlkit.inline_table() if isinstance(holder, InlineTable) else tomlkit.table()
    _add(holder, name, made)
    return next(iter(_tables(document, names)), made)


def _add(holder: "Holder", name: str, item: "Item") -> None:
    """Add a key behind the last one and the comments that follow it; what stands after an empty line is another's."""
    from tomlkit.items import Table, Whitespace

    indents = [(one, one.trivia.indent) for _, one in _body(holder) if isinstance(one, Table)]
    holder.append(name, item)
    if not isinstance(holder, Table):
        return
    body = _body(holder)
    at = next(index for index, (key, _) in enumerate(body) if key is not None and key.key == name)
    first = next((index + 1 for index in range(at - 1, -1, -1) if body[index][0] is not None), 0)
    if first:
        item.trivia.indent = "\n" if isinstance(item, Table) else body[first - 1][1].trivia.indent
    loose = body[first:at]
    for one, indent in indents if loose else ():  # tomlkit puts an empty line between a table and its own comment
        one.trivia.indent = indent
    stay = next((n for n, (_, one) in enumerate(loose) if isinstance(one, Whitespace)), len(loose))
    body[first : at + 1] = [*loose[:stay], body[at], *loose[stay:]]
