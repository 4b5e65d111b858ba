from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from keeplit.adapters import paths as places
from keeplit.adapters.paths import Paths
from keeplit.core.setup_answers import Found
from keeplit.engine import setup_look, using
from keeplit.engine.choosing import Refused
from keeplit.engine.setup_look import Draft

CONFIG = "[profile keys]\naws_access_key_id = A\n"
MORE = "[profile work]\nregion = us-east-1\n"
SETTINGS = """{"env": {"AWS_PROFILE": "keys", "AWS_REGION": "eu-west-1", "AWS_BEARER_TOKEN_BEDROCK": "x"},
 "model": "opus", "awsAuthRefresh": "aws sso login"}"""


@pytest.fixture
def paths(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """Give a home with an AWS config."""
    (own_home / ".aws").mkdir()
    (own_home / ".aws" / "config").write_text(CONFIG)
    monkeypatch.setattr(using, "TORN_EVERY", 0.0)
    return places.find(os.environ)


def begun(paths: Paths) -> Draft:
    """Return a draft."""
    draft = Draft.begin(paths, os.environ)
    assert isinstance(draft, Draft)
    return draft


def test_a_draft_is_a_file_of_its_own(paths: Paths) -> None:
    """AWS tools are pointed at it, the person's config stays, and it is gone at the end."""
    with begun(paths) as draft:
        assert draft.environ.get("AWS_CONFIG_FILE") is None
        draft.put(CONFIG + MORE)
        place = Path(draft.environ["AWS_CONFIG_FILE"])
        assert place.read_text() == CONFIG + MORE
        if sys.platform != "win32":
            assert stat.S_IMODE(place.stat().st_mode) == 0o600
        draft.put(CONFIG)
        assert "AWS_CONFIG_FILE" not in draft.environ
    assert not place.parent.exists()
    assert (paths.home / ".aws" / "config").read_text() == CONFIG


def test_what_is_there_is_found(paths: Paths) -> None:
    """Profiles of the draft, what Claude Code uses, and what stands in the way."""
    settings = paths.home / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(SETTINGS)
    with begun(paths) as draft:
        draft.put(CONFIG + MORE)
        found = setup_look.look(paths, draft)
    assert isinstance(found, Found)
    assert [one.name for one in found.profiles] == ["keys", "work"]
    assert (found.profile, found.region, found.model, found.isolate) == ("keys", "eu-west-1", "opus", False)
    assert (found.foreign_refresh, found.rivals) == ("aws sso login", ("env.AWS_BEARER_TOKEN_BEDROCK",))


def test_a_broken_aws_config_is_said_first(paths: Paths) -> None:
    """With its line, and what comes after: no AWS tool could read what would be added."""
    (paths.home / ".aws" / "config").write_text("nonsense\n" + CONFIG)
    refused = Draft.begin(paths, os.environ)
    assert isinstance(refused, Refused)
    assert "line 1" in refused.sentence
    assert refused.sentence.endswith("then: keeplit setup")


def test_broken_settings_are_said_first(paths: Paths) -> None:
    """Nothing is asked before they can be written."""
    settings = paths.home / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text("{")
    refused = Draft.begin(paths, os.environ)
    assert isinstance(refused, Refused)
    assert str(settings) in refused.sentence
    settings.write_text("{}")
    with begun(paths) as draft:
        settings.write_text("{")
        assert isinstance(setup_look.look(paths, draft), Refused)
