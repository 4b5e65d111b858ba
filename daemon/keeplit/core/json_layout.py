"""How a member stands among its siblings: taken out, put back exactly where it stood, or added in the file's manner.

Law: whatever is done to an object here can be undone here, byte for byte, with the `Place` that was noted before.
A member that is added takes over the white space before the closing brace, and gives it back when it goes; a member
that went last gave its own to the one before, and takes it back when it returns.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import replace

from keeplit.core.journal_entry import Place
from keeplit.core.json_text import HALF_PAIR, Braces, Member

WHITE = " \t\n\r"
LEAD = re.compile(r'([ \t\n\r]*)((?:".*")?)')
COLON = re.compile(r"[ \t\n\r]*:[ \t\n\r]*")
TRAIL = re.compile(r"[ \t\n\r]*\}?")
LINE_END = re.compile(r"\r\n|\r|\n")
INDENT = "  "  # of a file that shows none


def encode(value: object) -> str:
    """Return the JSON spelling of a value."""
    return HALF_PAIR.sub(_escaped, json.dumps(value, ensure_ascii=False, allow_nan=False))


def _escaped(half: re.Match[str]) -> str:
    return f"\\u{ord(half[0]):04x}"


def value_of(raw: str | None) -> str | None:
    """Return the text that a JSON spelling stands for; None for an absent key, and for what is no text."""
    try:
        value = None if raw is None else json.loads(raw)
    except ValueError:
        return None
    return value if isinstance(value, str) else None


def spelled(braces: Braces) -> str:
    """Return the object as it stands in the text."""
    members = (f"{member.lead}{member.spelled}{member.colon}{member.value}{member.trail}" for member in braces.members)
    return f"{{{','.join(members) if braces.members else braces.space}}}"


def index_of(braces: Braces, name: str) -> int:
    """Return which member has the name; -1: none."""
    return next((index for index, member in enumerate(braces.members) if member.name == name), -1)


def with_value(braces: Braces, index: int, raw: str) -> Braces:
    """Return the object in which one member has another value."""
    members = list(braces.members)
    members[index] = replace(members[index], value=raw)
    return Braces(tuple(members))


def place_of(braces: Braces, index: int) -> Place:
    """Note where a member stands: a name of odd spelling goes with its lead, the brace after the last with its trail.

    So the place of a member that was last is not taken for one within.
    """
    member = braces.members[index]
    after = braces.members[index - 1].spelled if index else ""
    odd = "" if member.spelled == encode(member.name) else member.spelled
    brace = "}" if index == len(braces.members) - 1 else ""
    return Place(after, member.lead + odd, member.colon, member.trail + brace)


def without(braces: Braces, index: int, space: str = "") -> Braces:
    """Return the object without one member; `space` is what an empty one then holds."""
    members = list(braces.members)
    gone = members.pop(index)
    if members and index == len(members):
        members[-1] = replace(members[-1], trail=members[-1].trail + gone.trail)
    return Braces(tuple(members), "" if members else space)


def inserted(braces: Braces, fresh: Member, place: Place | None = None) -> Braces:
    """Return the object with one member more: where it once stood if that still fits, else in the file's manner."""
    members = list(braces.members)
    siblings = [member.spelled for member in members]
    index = len(members)
    if place is not None and place.after in {"", *siblings}:
        index = siblings.index(place.after) + 1 if place.after else 0
    last = index == len(members)
    trail = members[-1].trail if members and last else "" if members else fresh.trail
    new = _as_it_stood(fresh, place, trail, last=last, alone=not members) or replace(fresh, trail=trail)
    if members and last:
        members[-1] = replace(members[-1], trail=members[-1].trail.removesuffix(new.trail))
    members.insert(index, new)
    return Braces(tuple(members))


def _as_it_stood(fresh: Member, place: Place | None, trail: str, *, last: bool, alone: bool) -> Member | None:
    """Return the member as it stood; None where its place is not known, or is no longer like that."""
    lead = LEAD.fullmatch(place.lead) if place else None
    if place is None or lead is None or not COLON.fullmatch(place.colon) or not TRAIL.fullmatch(place.trail):
        return None
    own = place.trail.removesuffix("}")
    if place.trail.endswith("}") != last or (last and not alone and not trail.endswith(own)):
        return None
    name = lead[2] if value_of(lead[2]) == fresh.name else fresh.spelled
    return replace(fresh, lead=lead[1], spelled=name, colon=place.colon, trail=own)


def nested(outer: Place, inner: Place) -> Place:
    """Return as one the place of an object and that of its only member; `parted` tells it from a single one."""
    lead, colon, trail = f"{outer.lead}{{{inner.lead}", f"{outer.colon}{{{inner.colon}", f"{outer.trail}{{{inner.trail}"
    return Place(f"{outer.after}{{", lead, colon, trail)


def parted(place: Place | None) -> tuple[Place | None, Place | None]:
    """Return the place of the object, if that went with its only member, and the member's own."""
    if place is None or not place.after.endswith("{"):
        return None, place
    lead, colon, trail = place.lead.partition("{"), place.colon.partition("{"), place.trail.partition("{")
    return Place(place.after[:-1], lead[0], colon[0], trail[0]), Place("", lead[2], colon[2], trail[2])


def fresh_at_root(root: Braces, name: str, raw: str, line_end: str) -> Member:
    """Return a new member of the root as the file spells its members; `trail` counts where it is the only one."""
    lead = _lead(root.members) if root.members else line_end + INDENT
    return Member(name, encode(name), lead, _colon(root.members), raw, line_end)


def fresh_in_env(root: Braces, env: Braces, name: str, raw: str) -> Member:
    """Return a new member of ``env``, which is a member of the root; `trail` counts where it is the only one."""
    if env.members:
        return Member(name, encode(name), _lead(env.members), _colon(env.members), raw, "")
    above = root.members[index_of(root, "env")].lead
    lead = trail = ""
    if ends := LINE_END.findall(above):
        indent = LINE_END.split(above)[-1]
        closing = LINE_END.split(root.members[-1].trail)[-1]
        trail = ends[-1] + indent
        lead = trail + indent.removeprefix(closing)
    return Member(name, encode(name), lead, _colon(root.members), raw, trail)


def _lead(members: tuple[Member, ...]) -> str:
    """Return the white space before one member more: a line and its indentation, or as in a file of one line."""
    last = members[-1]
    if ends := LINE_END.findall(last.lead):
        return str(ends[-1]) + LINE_END.split(last.lead)[-1]
    if len(members) > 1:
        return last.lead
    return " " if last.colon.endswith(tuple(WHITE)) else ""


def _colon(members: Iterable[Member]) -> str:
    """Return how the file spells its colons; a new file has a space after each."""
    return next((member.colon for member in reversed(tuple(members))), ": ")
