"""What the doctor says of Claude Code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keeplit.core.check import State
from keeplit.core.doctor_claude import CHECKS, ClaudeCode
from keeplit.core.model import Problem
from keeplit.core.own_statusline import Hidden
from keeplit.core.settings_model import FileState

OK, WARN, FAIL, SKIPPED = State.OK, State.WARN, State.FAIL, State.SKIPPED
ON = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1"}
WELL = ClaudeCode(
    path="/home/sam/.local/bin/claude",
    version="2.1.240",
    settings="~/.claude/settings.json",
    state=FileState.PRESENT,
    values=ON,
    region="us-east-1",
)
BROKEN = Problem("settings_layer", "project, line 3: it is not JSON.", "correct it", "project")


def test_a_good_claude_code_is_well() -> None:
    """Every check ends well."""
    assert {judge(WELL).state for judge in CHECKS} == {OK}


@pytest.mark.parametrize(
    ("changes", "code", "state", "said"),
    [
        ({"path": ""}, "claude_code", WARN, "not found"),
        ({"version": ""}, "claude_code", WARN, "does not say its version"),
        ({"version": "2.1.207"}, "claude_code", FAIL, "sso_region differs"),
        ({"version": "2.1.304"}, "claude_code", OK, "2.1.304"),
        ({"version": "2.1.304", "gateway": True}, "claude_code", FAIL, "gateway"),
        ({"version": "1.0.52"}, "claude_code", FAIL, "awsAuthRefresh"),
        ({"version": "2.0.0"}, "claude_code", WARN, "older than 2.1.208"),
        ({"version": "2.1.238", "proxied": True}, "claude_code", WARN, "behind proxies"),
        ({"state": FileState.ABSENT}, "settings_file", SKIPPED, "There is no"),
        ({"state": FileState.ABSENT, "fault": "a dead link", "fix": "x"}, "settings_file", FAIL, "a dead link."),
        ({"state": FileState.BROKEN, "fault": "line 3.", "fix": "x"}, "settings_file", FAIL, "line 3."),
        ({"open_to_others": "write"}, "settings_rights", WARN, "can write"),
        ({"state": FileState.BROKEN}, "settings_kept", SKIPPED, "cannot be read"),
        ({"question": "Which one?"}, "settings_kept", WARN, "Which one?"),
        ({"damaged": ("env.AWS_REGION",)}, "settings_kept", FAIL, "wrong: AWS_REGION."),
        ({"stale": frozenset({"awsAuthRefresh"})}, "helpers", FAIL, "awsAuthRefresh runs a keeplit"),
        ({"row_gone": "/gone/keeplit"}, "status_line", FAIL, "any more: /gone/keeplit."),
        ({"row_hidden": Hidden("It is not shown.", "take it out")}, "status_line", WARN, "It is not shown."),
        ({"file": {"awsAuthRefresh": "x"}}, "helpers", OK, "awsAuthRefresh can be run."),
        ({"shadowed": {"env.AWS_REGION": "the project's settings"}}, "layers", WARN, "decided by the project's"),
        ({"shadowed": {"env.CLAUDE_CODE_USE_BEDROCK": "it"}}, "layers", OK, "No other layer"),
        ({"layer_problems": (BROKEN,)}, "layers", FAIL, "line 3"),
        ({"state": FileState.CLOSED}, "on_bedrock", SKIPPED, "cannot be read"),
        ({"values": {}}, "on_bedrock", FAIL, "is missing"),
        ({"values": {"AWS_PROFILE": "my work"}}, "on_bedrock", FAIL, "is missing"),
        ({"values": {"CLAUDE_CODE_USE_BEDROCK": "0"}}, "on_bedrock", FAIL, "is '0'."),
        (
            {"values": {"CLAUDE_CODE_USE_BEDROCK": ""}, "shadowed": {"env.CLAUDE_CODE_USE_BEDROCK": "the project's"}},
            "on_bedrock",
            FAIL,
            "is '' in the project's.",
        ),
        ({"older_session": True}, "on_bedrock", WARN, "began before"),
        ({"only_shell": True}, "on_bedrock", WARN, "Only your shell"),
        ({"values": {**ON, "CLAUDE_CODE_USE_BEDROCK": "please"}}, "on_bedrock", WARN, "'please'"),
        ({"values": {}}, "region", SKIPPED, "not on Bedrock"),
        ({"damaged": ("env.AWS_REGION",)}, "region", SKIPPED, "settings_kept"),
        ({"no_region": "AWS has no region 'x'"}, "region", FAIL, "AWS has no region 'x'."),
        ({"values": {"CLAUDE_CODE_USE_BEDROCK": "1"}}, "region", WARN, "takes us-east-1"),
        ({"values": {**ON, "DISABLE_PROMPT_CACHING": "1"}}, "caching", WARN, "paid in full"),
    ],
)
def test_each_thing_is_named(changes: dict[str, object], code: str, state: State, said: str) -> None:
    """By its own check, with what mends it."""
    found = next(one for one in (judge(replace(WELL, **changes)) for judge in CHECKS) if one.code == code)  # type: ignore[arg-type]  # fields by name

    assert (found.state, said in found.sentence) == (state, True), found.sentence
    assert found.fix or state in {OK, SKIPPED}


def test_a_last_good_copy_is_offered() -> None:
    """Only where there is one."""
    broken = replace(WELL, state=FileState.BROKEN, fault="line 3", fix="correct it")

    assert CHECKS[1](broken).fix == "correct it"
    assert CHECKS[1](replace(broken, last_good=True)).fix == "correct it, or: keeplit repair --last-good"


@pytest.mark.parametrize(
    ("values", "fix"), [({}, "keeplit setup"), ({"AWS_PROFILE": "my work"}, "keeplit use --profile='my work'")]
)
def test_bedrock_is_switched_on_with_the_profile_that_is_there(values: dict[str, str], fix: str) -> None:
    """A newcomer who has none is led through everything; nobody has to fill in a name."""
    assert next(judge for judge in CHECKS if judge.__name__ == "on_bedrock")(replace(WELL, values=values)).fix == fix


@pytest.mark.parametrize(("why", "sentence"), [("There is none", "There is none."), ("Is it x?", "Is it x?")])
def test_why_a_region_is_none_ends_with_one_sign(why: str, sentence: str) -> None:
    """A question keeps its own."""
    judge = next(judge for judge in CHECKS if judge.__name__ == "region")
    assert judge(replace(WELL, no_region=why)).sentence == sentence
