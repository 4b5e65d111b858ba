from __future__ import annotations

from typing import Any

import pytest

from keeplit.core.old_advice_evidence import Evidence, Line
from keeplit.core.old_advice_settings import (
    auth_refresh,
    launch_model,
    model_ids,
    proof,
    provider,
    restart,
    small_model,
    token_limits,
)


def env(**variables: str) -> Evidence:
    """Return evidence whose settings set variables."""
    return Evidence(settings={"env": variables})


@pytest.mark.parametrize(
    ("command", "count"),
    [
        ("aws sso login --profile work", 1),
        ("aws --profile work sso login", 1),
        ("bash -c 'aws sso login'", 1),
        ("aws sso logout", 0),
        ("keeplit login --for-claude", 0),
    ],
)
def test_aws_sso_login_as_a_helper(command: str, count: int) -> None:
    """A helper that runs `aws sso login`, however it is spelt, is replaced by ours."""
    checks = list(auth_refresh(Evidence(settings={"awsAuthRefresh": command})))
    assert len(checks) == count
    assert {check.fix for check in checks} <= {"keeplit use --replace-helpers"}


@pytest.mark.parametrize(
    ("name", "value", "count"),
    [
        ("CLAUDE_CODE_MAX_OUTPUT_TOKENS", "4096", 1),
        ("CLAUDE_CODE_MAX_OUTPUT_TOKENS", "1024", 1),
        ("CLAUDE_CODE_MAX_OUTPUT_TOKENS", "32000", 0),
        ("CLAUDE_CODE_MAX_OUTPUT_TOKENS", "many", 0),
        ("CLAUDE_CODE_MAX_OUTPUT_TOKENS", "9" * 5000, 0),
        ("MAX_THINKING_TOKENS", "1024", 1),
        ("MAX_THINKING_TOKENS", "0", 0),
        ("MAX_THINKING_TOKENS", "16000", 0),
    ],
)
def test_the_old_limits(name: str, value: str, count: int) -> None:
    """4096 and 1024, and what is less, are the old advice; zero switches thinking off and is a choice."""
    assert len(list(token_limits(env(**{name: value})))) == count


def test_the_limit_is_found_where_it_is_exported() -> None:
    """A limit in a shell's file is named with its line."""
    line = Line("~/.zshrc", 7, "export MAX_THINKING_TOKENS=1024")
    (check,) = token_limits(Evidence(shell_lines=(line,)))
    assert check.sentence == (
        "MAX_THINKING_TOKENS is 1024 in ~/.zshrc, line 7: an older guide's advice; today's models ignore it."
    )
    assert check.fix == "remove MAX_THINKING_TOKENS from ~/.zshrc, line 7"


def test_a_model_that_undoes_what_is_chosen() -> None:
    """ANTHROPIC_MODEL is named wherever it is set."""
    (check,) = launch_model(Evidence(environ={"ANTHROPIC_MODEL": "opus"}))
    assert "/model" in check.sentence
    assert "your environment" in check.fix


@pytest.mark.parametrize(
    ("seen", "fix"),
    [
        (env(ANTHROPIC_SMALL_FAST_MODEL="x"), "keeplit use --migrate-haiku"),
        (
            Evidence(environ={"ANTHROPIC_SMALL_FAST_MODEL": "x"}),
            "rename it to ANTHROPIC_DEFAULT_HAIKU_MODEL in your environment",
        ),
    ],
)
def test_the_old_name_of_haikus_pin(seen: Evidence, fix: str) -> None:
    """In the settings keeplit renames it; in a person's own files the person does."""
    assert [check.fix for check in small_model(seen)] == [fix]


def test_a_session_that_is_older_than_its_settings() -> None:
    """Inside Claude Code it is said what reaches a running session; outside, or where all agree, nothing is."""
    settings = {"env": {"AWS_REGION": "us-west-2", "AWS_PROFILE": "new"}}
    old = {"CLAUDECODE": "1", "AWS_REGION": "us-west-2", "AWS_PROFILE": "old"}
    (check,) = restart(Evidence(settings=settings, environ=old))
    assert "another AWS_PROFILE" in check.sentence
    assert list(restart(Evidence(settings=settings, environ={**old, "CLAUDECODE": ""}))) == []
    assert list(restart(Evidence(settings=settings, environ={**old, "AWS_PROFILE": "new"}))) == []


@pytest.mark.parametrize(
    ("key", "model", "said"),
    [
        ("ANTHROPIC_MODEL", "us.anthropic.claude-3-7-sonnet-20250219-v1:0", "retired"),
        ("ANTHROPIC_DEFAULT_SONNET_MODEL", "anthropic.claude-sonnet-4-6", "bare id"),
        ("ANTHROPIC_DEFAULT_HAIKU_MODEL", "eu.anthropic.claude-haiku-4-5-20251001-v1:0", "prefixes are us., global."),
        ("ANTHROPIC_MODEL", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", ""),
        ("ANTHROPIC_MODEL", "global.anthropic.claude-opus-4-6-v1", ""),
        ("ANTHROPIC_MODEL", "opus", ""),
        ("ANTHROPIC_MODEL", "amazon.nova-pro-v1:0", ""),
    ],
)
def test_ids_of_older_guides(key: str, model: str, said: str) -> None:
    """Retired models, bare ids and prefixes that do not work from the region are named; what works today is not."""
    checks = list(model_ids(env(**{key: model, "AWS_REGION": "us-west-2"})))
    assert [said in check.sentence for check in checks] == [True] * bool(said)
    assert [("--haiku" in check.fix) == ("HAIKU" in key) for check in checks] == [True] * bool(said)


def test_a_prefix_is_judged_only_by_a_region_that_was_chosen() -> None:
    """A region that is the sign-in's own is judged too; without a region nothing is known."""
    seen = Evidence(
        settings={"model": "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "env": {"AWS_REGION": "eu-west-1"}},
        profiles={"work": {"sso_session": "acme"}, "gone": {"sso_session": "nowhere"}},
        sso_sessions={"acme": {"sso_region": "eu-west-1"}},
    )
    assert ["does not work from eu-west-1" in one.sentence for one in model_ids(seen)] == [True]
    assert list(model_ids(env(ANTHROPIC_MODEL="eu.anthropic.claude-sonnet-4-5-20250929-v1:0"))) == []


@pytest.mark.parametrize(
    ("settings", "places"),
    [
        (
            {"awsCredentialExport": "aws bedrock list-foundation-models && x"},
            ["awsCredentialExport of ~/.claude/settings.json"],
        ),
        (
            {"hooks": {"Stop": [{"hooks": [{"command": "aws bedrock list-foundation-models"}]}]}},
            ["hooks of ~/.claude/settings.json"],
        ),
        ({"permissions": {"allow": ["Bash(aws bedrock list-foundation-models:*)"]}}, []),
        ({"note": 3}, []),
    ],
)
def test_a_list_that_proves_nothing(settings: dict[str, Any], places: list[str]) -> None:
    """A command that takes the list of models for a proof of access is named with its place."""
    checks = list(proof(Evidence(settings=settings)))
    assert [place in check.sentence for check, place in zip(checks, places, strict=True)] == [True] * len(places)


def test_a_list_that_proves_nothing_in_a_shell() -> None:
    """The same in a file of the shell."""
    line = Line("~/.bashrc", 4, "alias check='aws bedrock list-foundation-models'")
    assert ["~/.bashrc, line 4" in check.sentence for check in proof(Evidence(shell_lines=(line,)))] == [True]


def test_what_claude_code_never_read() -> None:
    """Keys, variables and options that guides made up are named, each where it stands."""
    seen = Evidence(
        settings={"provider": "bedrock", "bedrock": {}},
        shell_lines=(
            Line("~/.bashrc", 1, "alias c='claude --provider bedrock'"),
            Line("~/.bashrc", 2, "export CLAUDE_PROVIDER=bedrock"),
            Line("~/.bashrc", 3, "terraform --provider aws"),
        ),
    )
    assert [check.sentence for check in provider(seen)] == [
        "Claude Code does not read the key 'provider' of ~/.claude/settings.json.",
        "Claude Code does not read the key 'bedrock' of ~/.claude/settings.json.",
        "Claude Code does not read CLAUDE_PROVIDER (~/.bashrc, line 2).",
        "Claude Code has no option --provider (~/.bashrc, line 1).",
    ]
