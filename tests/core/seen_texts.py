"""Tables of texts as they were really seen: each with the code that it is known by, and words that are then said."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from keeplit.core.explain import explain

Seen = tuple[str, str, str]


def each(table: Sequence[Seen]) -> pytest.MarkDecorator:
    """Give a test every row of a table."""
    names = [f"{number}-{code}" for number, (_, code, _) in enumerate(table)]
    return pytest.mark.parametrize(("text", "code", "phrase"), table, ids=names)


def told(text: str, phrase: str) -> tuple[str, str]:
    """Explain a text; return the code, and the phrase where it is said, else all that is said instead."""
    found = explain(text)
    whole = f"{found.title}\n{found.cause}\n{found.fix}"
    return found.code, phrase if phrase in whole else whole
