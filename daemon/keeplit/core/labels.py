"""Names and sentences as a panel may show them: one line, not too long, nothing in them that steers the line. Pure.

A name may hold anything that a file can: control characters, halves of characters, text from right to left. The last is
put into marks that isolate it, so that what stands beside it stays where it was (Unicode Standard Annex 9).
"""

import unicodedata

LONGEST = 90
LONGEST_TIP = 120  # Windows takes 127, counted as UTF-16 does
LONGEST_TITLE, LONGEST_TEXT = 60, 250  # of a notice; there 63 and 255
JOINERS = frozenset("\u200c\u200d")  # they make one sign of several: an emoji, a letter
TO_THE_LEFT = frozenset({"R", "AL", "AN"})
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
CUT = "…"


def one_line(said: str) -> str:
    """Return a text on one line, without what cannot be seen."""
    return " ".join("".join(sign if sign.isprintable() or sign in JOINERS else " " for sign in said).split())


def name(said: str) -> str:
    """Return a name that leaves the rest of its line alone."""
    line = one_line(said)
    if any(unicodedata.bidirectional(sign) in TO_THE_LEFT for sign in line):
        return f"{FIRST_STRONG_ISOLATE}{line}{POP_ISOLATE}"
    return line


def label(said: str) -> str:
    """Return an entry's text: cut where it is too long, its own indent kept."""
    return _cut(said, LONGEST)


def tip(said: str) -> str:
    """Return a tooltip that every system takes."""
    return _cut(said, LONGEST_TIP)


def notice(title: str, text: str) -> tuple[str, str]:
    """Return a notice's two lines as every system takes them."""
    return _cut(one_line(title), LONGEST_TITLE), _cut(one_line(text), LONGEST_TEXT)


def units(said: str) -> int:
    """Return how long a text is as Windows counts."""
    return len(said.encode("utf-16-le", "surrogatepass")) // 2


def _cut(said: str, most: int) -> str:
    if units(said) <= most:
        return said
    kept = said[:most]
    while units(kept) > most - len(CUT) - said.count(FIRST_STRONG_ISOLATE):
        kept = kept[:-1]
    still_open = kept.count(FIRST_STRONG_ISOLATE) - kept.count(POP_ISOLATE)
    return f"{kept.rstrip()}{POP_ISOLATE * still_open}{CUT}"
