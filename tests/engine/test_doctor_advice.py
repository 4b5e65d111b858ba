"""What the checks of old advice look at, and what an editor and AWS say besides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keeplit.core.check import State
from keeplit.core.doctor_aws import Answers
from keeplit.core.model_list import Listing
from keeplit.engine import doctor_advice
from keeplit.engine.doctor_scene import Scene
from tests.engine.lit_laptop import Laptop, laptop, write

ENV = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_PROFILE": "work", "AWS_REGION": "us-east-1"}
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
OPUS = "us.anthropic.claude-opus-5"


@pytest.fixture
def mine(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop with settings, signed in."""
    with laptop(own_home) as found:
        write(own_home / ".claude" / "settings.json", {"env": ENV, "cleanupPeriodDays": 9})
        found.sign_in()
        yield found


def scene(mine: Laptop) -> Scene:
    """Return the scene of a laptop."""
    return Scene(mine.paths, mine.environ, None)


def editor(home: Path, text: str) -> None:
    """Write the settings of VS Code."""
    file = home / ".config" / "Code" / "User" / "settings.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_the_evidence_is_whole(mine: Laptop) -> None:
    """Settings, sections, comments, startup lines, folders, editor and tokens, each with where it stands."""
    config = mine.home / ".aws" / "config"
    config.write_text("# the scope gives 90 days\n" + config.read_text())
    (mine.home / ".bashrc").write_text("alias c='claude --provider bedrock'\n")
    (mine.home / ".config" / "claude-code").mkdir(parents=True)
    editor(mine.home, '{"a": 1}')
    found = doctor_advice.evidence(scene(mine))

    assert found.settings["cleanupPeriodDays"] == 9
    assert (found.settings_path, found.config_path) == (str(mine.home / ".claude" / "settings.json"), str(config))
    assert found.profiles["old"]["sso_role_name"] == "ReadOnly"
    assert set(found.sso_sessions) == {"acme", "beta"}
    assert [one.text for one in found.config_comments] == ["# the scope gives 90 days"]
    assert [one.text for one in found.shell_lines if one.path.startswith(str(mine.home))] == [
        "alias c='claude --provider bedrock'"
    ]
    assert found.foreign == (str(mine.home / ".config" / "claude-code"),)
    assert (found.vscode, found.profile) == ({"a": 1}, "work")
    assert [(one.session, one.refreshable) for one in found.tokens] == [("acme", True)]


def test_what_cannot_be_read_is_empty(mine: Laptop) -> None:
    """No evidence is none."""
    (mine.home / ".claude" / "settings.json").write_text("{")
    (mine.home / ".aws" / "config").write_text("x\n")
    found = doctor_advice.evidence(scene(mine))

    assert (found.settings, found.profiles, found.sso_sessions, found.vscode, found.tokens) == ({}, {}, {}, None, ())


@pytest.mark.parametrize(
    ("text", "state", "said"),
    [
        (None, State.SKIPPED, "No settings"),
        ("{", State.WARN, "cannot be read"),
        ("{}", State.OK, "login screen goes away"),
        ('{"claudeCode.disableLoginPrompt": true}', State.OK, "the same settings."),
        ('{"claudeCode.environmentVariables": [{"name": "AWS_PROFILE", "value": "work"}]}', State.OK, "same"),
        ('{"claudeCode.environmentVariables": [{"name": "AWS_PROFILE", "value": "play"}]}', State.WARN, "AWS_PROFILE"),
        ('{"claudeCode.environmentVariables": [3, {"name": 3}]}', State.OK, "same"),
        ('{"claudeCode.environmentVariables": 3}', State.OK, "same"),
    ],
)
def test_an_editor_is_judged(mine: Laptop, text: str | None, state: State, said: str) -> None:
    """It reads the same settings; what it is told besides must not contradict."""
    if text is not None:
        editor(mine.home, text)
    (found,) = doctor_advice.vscode(scene(mine))

    assert (found.code, found.state, said in found.sentence) == ("vscode", state, True)


def test_access_is_asked_without_cost(mine: Laptop) -> None:
    """For the first model that is pinned; no model is called."""
    write(mine.home / ".claude" / "settings.json", {"env": {**ENV, "ANTHROPIC_DEFAULT_OPUS_MODEL": OPUS}})
    known = Answers(
        NOON, listing=Listing("us-east-1", age=timedelta(0)), pins={"env.ANTHROPIC_DEFAULT_OPUS_MODEL": OPUS}
    )
    found = {one.code: one.state for one in doctor_advice.model_access(scene(mine), known)}

    assert found["use_case_form"] is State.OK
    assert set(found.values()) == {State.OK}
    assert mine.calls("Converse") == mine.calls("InvokeModel") == []


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (Answers(NOON, pins={"model": OPUS}), "not asked"),
        (Answers(NOON, pins={"model": OPUS}, listing=Listing("us-east-1")), "not asked"),
        (Answers(NOON, listing=Listing("us-east-1", age=timedelta(0))), "No model is pinned"),
        (
            Answers(NOON, pins={"model": "us.anthropic.claude-opus-9"}, listing=Listing("us-east-1", age=timedelta(0))),
            "not in the list",
        ),
    ],
)
def test_where_access_is_not_asked_it_is_said(mine: Laptop, known: Answers, said: str) -> None:
    """Both checks are there all the same."""
    found = tuple(doctor_advice.model_access(scene(mine), known))

    assert [(one.code, one.state) for one in found] == [
        ("model_availability", State.SKIPPED),
        ("use_case_form", State.SKIPPED),
    ]
    assert said in found[0].sentence


def test_advice_is_a_tuple_of_checks(mine: Laptop) -> None:
    """With a code, a sentence and a fix each."""
    write(mine.home / ".claude" / "settings.json", {"env": ENV, "awsAuthRefresh": "aws sso login"})
    for one in doctor_advice.advice(scene(mine)):
        assert one.code
        assert one.sentence
        assert json.dumps(one.fix)
