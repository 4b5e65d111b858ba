"""The catalogue of troubles."""

from __future__ import annotations

from string import Formatter

import pytest

from keeplit.core.catalogue import CATALOGUE
from keeplit.core.deeds import Trouble
from keeplit.core.view import in_words


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_entry_of_the_catalogue_can_be_said(code: str) -> None:
    """It has a title, a text and a next step, and asks for nothing but the session and the detail."""
    entry = CATALOGUE[code]
    for text in (entry.title, entry.text, entry.fix):
        assert text
        assert {field for _, field, _, _ in Formatter().parse(text) if field is not None} <= {"session", "detail"}


@pytest.mark.parametrize("code", ["config_unknown", "config_wrong", "config_unreadable", "config_names_nothing"])
def test_a_mistake_in_config_has_a_title_of_its_own(code: str) -> None:
    """It names the file; the place and the next step are those that its reader found."""
    said = in_words(Trouble(code, "/home/sam/.config/keeplit/config.toml:3", "config.toml, line 3: so.", "do so"))
    assert (said["detail"], said["fix"]) == ("config.toml, line 3: so.", "do so")
    assert "config.toml" in said["title"]
    assert code.replace("_", " ").capitalize() not in said["title"]


def test_a_legacy_profile_is_upgraded_by_its_name() -> None:
    """Without the name setup looks at the profile in use, which may be renewable already, and upgrades nothing."""
    assert in_words(Trouble("legacy_profile", "old"))["fix"] == "keeplit setup --upgrade --profile old"
