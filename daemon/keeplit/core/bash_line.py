"""What Tab replaces of a line in bash, and what stands there for a value, quoted as a person began. Pure.

Law: what is offered means the value and nothing else, whatever it holds: a space, a quote, ``$(...)``. Source: Bash's
manual, "Programmable Completion" and COMP_WORDBREAKS, by which the editor begins its word anew behind a ``=`` or a
``:``, and behind a quote that is open.
"""

import re
from collections.abc import Iterable

# What a line is made of; a quote may be open at its end. XCU 2.2, "Quoting".
PIECE = re.compile(
    r"(?P<space>\s+)|'(?P<single>[^']*)(?P<single_end>'?)|\"(?P<double>(?:[^\"\\]|\\.)*)\\?(?P<double_end>\"?)"
    r"|\\(?P<escaped>.?)|(?P<plain>[^\s'\"\\]+)",
    re.DOTALL,
)
ESCAPED = re.compile(r"\\([\\\"$`])")  # within double quotes
IN_DOUBLE_QUOTES = re.compile(r"[\\\"$`]")
NOT_PLAIN = re.compile(r"[^\w@%+=:,./-]")


def words(line: str) -> list[str]:
    """Return the words of a line up to the cursor as a command gets them, the last one as far as it is typed."""
    found = [""]
    for piece in PIECE.finditer(line):
        if piece["space"]:
            found.append("")
        elif piece["double"] is not None:
            found[-1] += ESCAPED.sub(r"\1", piece["double"])
        else:
            found[-1] += piece["single"] or piece["escaped"] or piece["plain"] or ""
    return found


def replies(line: str, replaced: str, values: Iterable[str]) -> list[str]:
    """Return what stands for each value in the place of the text that the editor replaces, which ends the line."""
    if not line.endswith(replaced):
        return []
    quote, head = _open_quote(line), line.removesuffix(replaced)
    before = words(head.removesuffix(quote))[-1]
    return [_quoted(value.removeprefix(before), quote) for value in values if value.startswith(before)]


def _open_quote(line: str) -> str:
    """Return the quote that is open at the end of a line; empty: none is."""
    pieces = list(PIECE.finditer(line))
    if pieces and pieces[-1]["single_end"] == "":
        return "'"
    return '"' if pieces and pieces[-1]["double_end"] == "" else ""


def _quoted(text: str, quote: str) -> str:
    """Return a text within a quote that is open and that the editor closes, or without one."""
    if quote == "'":
        return text.replace("'", "'\\''")
    escaped = (IN_DOUBLE_QUOTES if quote else NOT_PLAIN).sub(r"\\\g<0>", text)
    return escaped.replace("!", "\"'!'\"") if quote else escaped  # within double quotes it would stand for a past line
