"""Edits of Claude Code's settings in which every byte outside the touched members stays as it is.

Law: an edit, and then `inverse` of what it changed, gives the text from before, byte for byte. It holds for several
changes because it holds for each: they are made one after another, and taken back in the opposite order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from keeplit.core import json_layout
from keeplit.core.journal_entry import Changed, Place
from keeplit.core.json_layout import LINE_END, WHITE, encode, value_of
from keeplit.core.json_text import MOST_BYTES, Braces, Document, NotEditable, parse
from keeplit.core.settings_model import ENV

__all__ = ("Change", "Edited", "Remove", "Set", "edit", "encode", "inverse", "new_file", "value_of")

ENV_CAME_TOO = '"env"'  # the `after` of a place that was not: env itself came with its first member


class TooLarge(NotEditable):
    """The text would become larger than Claude Code reads: that is nowhere in it, so no place is named."""

    def __init__(self, size: int) -> None:
        words = f"it would have {size} bytes after the edit, and Claude Code reads {MOST_BYTES} at most"
        super().__init__("too_large", 1, 1, words)
        self.sentence = words


@dataclass(frozen=True, slots=True)
class Set:
    """A key is to have a value, given in its JSON spelling; `place` is where it once stood."""

    key: str
    raw: str = field(repr=False)  # it may be a secret
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """A key is to be absent; `place` tells what was there before the key came, and is known to `inverse` alone."""

    key: str
    place: Place | None = None


Change = Set | Remove


@dataclass(frozen=True, slots=True)
class Edited:
    """The new text, and what changed in it: nothing where all was as wanted."""

    text: str = field(repr=False)
    changed: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class _Tree:
    """The two objects that hold keys, and how the file ends its lines."""

    root: Braces
    env: Braces | None
    line_end: str

    def holder(self, key: str) -> Braces | None:
        """Return the object that a key belongs to."""
        return self.env if key.startswith(ENV) else self.root

    def having(self, key: str, braces: Braces) -> "_Tree":
        """Return the tree in which this object holds the key."""
        if not key.startswith(ENV):
            return replace(self, root=braces)
        at = json_layout.index_of(self.root, "env")
        return replace(self, root=json_layout.with_value(self.root, at, json_layout.spelled(braces)), env=braces)


def edit(document: Document | str, changes: Iterable[Change]) -> Edited:
    """Return the text after the changes, in their order; a key that is as wanted already is left alone.

    Raises NotEditable for a text that cannot be taken apart, or that would become larger than Claude Code reads; and
    ValueError for a change that would spoil the file, which is a fault of the caller.
    """
    whole = parse(document) if isinstance(document, str) else document
    tree = _Tree(whole.root, whole.env, (LINE_END.findall(whole.text) or ["\n"])[0])
    changed: list[Changed] = []
    for change in changes:
        if change.key == "env":
            raise ValueError("env is changed one member at a time")
        tree, done = _set(tree, change) if isinstance(change, Set) else _removed(tree, change)
        changed += [done] if done else []
    if not changed:
        return Edited(whole.text, ())
    text = f"{whole.head}{json_layout.spelled(tree.root)}{whole.tail}"
    if (size := len(text.encode())) > MOST_BYTES:
        raise TooLarge(size)
    return Edited(text, tuple(changed))


def inverse(changed: Sequence[Changed]) -> tuple[Change, ...]:
    """Return the changes that take an edit back."""
    return tuple(
        Remove(one.key, one.place) if one.before is None else Set(one.key, one.before, one.place)
        for one in reversed(changed)
    )


def new_file(changes: Iterable[Change]) -> str:
    """Return the text of a file that begins with these changes: two spaces, LF, a final newline."""
    return edit("{}\n", changes).text


def _set(tree: _Tree, change: Set) -> tuple[_Tree, Changed | None]:
    _check(change)
    name, braces = change.key.removeprefix(ENV), tree.holder(change.key)
    index = -1 if braces is None else json_layout.index_of(braces, name)
    if braces is not None and index >= 0:
        before = braces.members[index].value
        if before == change.raw:
            return tree, None
        done = Changed(change.key, before, change.raw, json_layout.place_of(braces, index))
        return tree.having(change.key, json_layout.with_value(braces, index, change.raw)), done
    outer, inner = json_layout.parted(change.place)
    stood = None if braces is None or braces.members else Place("", braces.space, "", "}")
    if braces is None:
        stood, braces = Place(ENV_CAME_TOO, tree.root.space, "", ""), Braces()
        env = json_layout.fresh_at_root(tree.root, "env", "{}", tree.line_end)
        tree = replace(tree, root=json_layout.inserted(tree.root, env, outer))
    fresh = (
        json_layout.fresh_in_env(tree.root, braces, name, change.raw)
        if change.key.startswith(ENV)
        else json_layout.fresh_at_root(tree.root, name, change.raw, tree.line_end)
    )
    braces = json_layout.inserted(braces, fresh, inner)
    return tree.having(change.key, braces), Changed(change.key, None, change.raw, stood)


def _removed(tree: _Tree, change: Remove) -> tuple[_Tree, Changed | None]:
    braces = tree.holder(change.key)
    index = -1 if braces is None else json_layout.index_of(braces, change.key.removeprefix(ENV))
    if braces is None or index < 0:
        return tree, None
    value, place = braces.members[index].value, json_layout.place_of(braces, index)
    before = change.place or Place()
    space = "" if before.lead.strip(WHITE) else before.lead
    if change.key.startswith(ENV) and before.after == ENV_CAME_TOO and len(braces.members) == 1:
        at = json_layout.index_of(tree.root, "env")
        place = json_layout.nested(json_layout.place_of(tree.root, at), place)
        tree = replace(tree, root=json_layout.without(tree.root, at, space), env=None)
    else:
        tree = tree.having(change.key, json_layout.without(braces, index, space))
    return tree, Changed(change.key, value, None, place)


def _check(change: Set) -> None:
    """Refuse a spelling that would spoil the file: more than one value, or one that Claude Code cannot take."""
    inside = change.key.startswith(ENV)
    alone = f"{{{encode(change.key.removeprefix(ENV))}:{change.raw}}}"
    try:
        root = parse(f'{{"env":{alone}}}' if inside else alone)
    except NotEditable as wrong:
        raise ValueError(f"{change.key} cannot have this value") from wrong
    held = (root.env if inside else root.root) or Braces()
    if [member.value for member in held.members] != [change.raw]:
        raise ValueError(f"{change.key} cannot have this value")
