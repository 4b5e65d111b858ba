"""The catalogue of troubles."""

from __future__ import annotations

from string import Formatter

import pytest

from keeplit.core.catalogue import CATALOGUE


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_entry_of_the_catalogue_can_be_said(code: str) -> None:
    """It has a title, a text and a next step, and asks for nothing but the session and the detail."""
    entry = CATALOGUE[code]
    for text in (entry.title, entry.text, entry.fix):
        assert text
        assert {field for _, field, _, _ in Formatter().parse(text) if field is not None} <= {"session", "detail"}
