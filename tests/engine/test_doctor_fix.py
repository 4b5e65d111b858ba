"""What needs no question is mended through the door that undo takes back; a question stays one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keeplit.adapters import config, files
from keeplit.adapters.paths import NoHome
from keeplit.core.check import Check, State
from keeplit.engine import autostart, doctor_fix, undo
from tests.engine.lit_laptop import Laptop, laptop, write

ENV = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_PROFILE": "work"}
GONE = {"awsAuthRefresh": "/gone/keeplit login --for-claude"}
HELPERS = Check("helpers", State.FAIL, "x", "x")
KEPT = Check("settings_kept", State.FAIL, "x", "x")
READABLE = Check("settings_file", State.OK, "x")
SERVICE = Check("service_environment", State.WARN, "x", "x")


@pytest.fixture
def mine(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop."""
    with laptop(own_home) as found:
        yield found


def settings(mine: Laptop) -> Path:
    """Return the settings file."""
    return mine.home / ".claude" / "settings.json"


def said(mine: Laptop, **more: object) -> dict[str, Any]:
    """Write settings, and return them."""
    document = {"env": ENV, **more}
    write(settings(mine), document)
    return document


def fixed(mine: Laptop, *found: Check) -> list[tuple[str, bool]]:
    """Mend what checks found, and return which were."""
    return [(one.code, one.done) for one in doctor_fix.fix(mine.paths, mine.environ, found)]


def test_where_all_is_well_nothing_is_written(mine: Laptop) -> None:
    """Not a byte, and no folder of ours."""
    said(mine, **GONE)
    before = sorted(mine.home.rglob("*"))

    assert fixed(mine, READABLE) == []
    assert sorted(mine.home.rglob("*")) == before


def test_without_a_home_nothing_is_mended() -> None:
    """There is no place to write to."""
    assert doctor_fix.fix(NoHome("none"), {}, (HELPERS,)) == ()


@pytest.mark.parametrize(
    "command", ["aws sso login", "aws sso login --profile work", "aws sso login --sso-session=acme "]
)
def test_a_login_that_opens_a_tab_gives_way(mine: Laptop, command: str) -> None:
    """To ours, which opens one only where it must; undo brings it back."""
    before = said(mine, awsAuthRefresh=command)

    assert fixed(mine, READABLE) == [("helpers", True)]
    assert json.loads(settings(mine).read_text())["awsAuthRefresh"].endswith("keeplit login --for-claude")
    assert undo.undo(mine.paths).command is not None
    assert json.loads(settings(mine).read_text()) == before


@pytest.mark.parametrize("command", ["aws sso login && echo done", "my-login", "aws sso logout", ""])
def test_a_command_of_a_person_stays(mine: Laptop, command: str) -> None:
    """It may do more than the old advice."""
    said(mine, awsAuthRefresh=command)

    assert fixed(mine, READABLE) == []


def test_a_helper_that_is_gone_comes_back(mine: Laptop) -> None:
    """By the path that keeplit has now."""
    said(mine, **GONE)

    assert fixed(mine, HELPERS, READABLE) == [("settings_kept", True)]
    assert "/gone/" not in settings(mine).read_text()


def test_a_question_stays_one(mine: Laptop) -> None:
    """A repair would answer it."""
    said(mine, **GONE)

    assert fixed(mine, HELPERS, Check("settings_kept", State.WARN, "x", "x")) == []


def test_what_cannot_be_repaired_is_told(mine: Laptop) -> None:
    """With why, and nothing is guessed."""
    settings(mine).parent.mkdir()
    settings(mine).write_text("{")

    assert fixed(mine, KEPT) == [("settings_kept", False)]


def test_a_service_learns_what_the_shell_has(mine: Laptop) -> None:
    """Once; a second time there is nothing to record."""
    mine.environ["AWS_CA_BUNDLE"] = "/etc/ssl/acme.pem"

    assert fixed(mine, SERVICE) == [("service_environment", True)]
    assert config.read(mine.paths.config_file).environment["AWS_CA_BUNDLE"] == "/etc/ssl/acme.pem"
    assert fixed(mine, SERVICE) == []


def test_a_fix_that_cannot_be_made_leaves_the_others(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told, without a traceback."""

    def full(*_: object) -> None:
        raise files.NotWritable("the disk is full")

    monkeypatch.setattr(autostart, "record", full)
    said(mine, awsAuthRefresh="aws sso login")
    found = doctor_fix.fix(mine.paths, mine.environ, (SERVICE, READABLE))

    assert [(one.code, one.done) for one in found] == [("helpers", True), ("environment", False)]
    assert found[1].sentence == "the disk is full."


def test_settings_that_cannot_be_written_are_told(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """And stay as they are."""
    from keeplit.adapters.claude_settings.written import WriteResult, Written
    from keeplit.engine import guarded

    said(mine, awsAuthRefresh="aws sso login")
    monkeypatch.setattr(guarded, "edit", lambda *_, **__: Written(WriteResult.NOT_WRITABLE, fault="it is full"))

    assert fixed(mine, READABLE) == [("helpers", False)]
