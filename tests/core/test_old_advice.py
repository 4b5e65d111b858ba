from __future__ import annotations

from keeplit.core import old_advice
from keeplit.core.check import State
from keeplit.core.old_advice import CODES, Evidence, Line, TokenSeen, found

TODAY = Evidence(
    settings={
        "awsAuthRefresh": "/usr/bin/keeplit login --for-claude",
        "model": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "env": {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_PROFILE": "work", "AWS_REGION": "us-west-2"},
        "hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": "keeplit"}]}]},
    },
    profiles={"work": {"sso_session": "acme", "region": "us-west-2"}, "old": {"sso_start_url": "https://x"}},
    sso_sessions={"acme": {"sso_region": "us-east-1", "sso_registration_scopes": "sso:account:access"}},
    profile="work",
    environ={"AWS_PROFILE": "work"},
    vscode={"editor.fontSize": 14, "claudeCode.environmentVariables": [{"name": "EDITOR", "value": "vi"}]},
    tokens=(TokenSeen("acme", refreshable=True),),
)
EVERYTHING = Evidence(
    settings={
        "awsAuthRefresh": "aws sso login --profile work",
        "model": "anthropic.claude-sonnet-4-6",
        "provider": "bedrock",
        "hooks": [{"command": "aws bedrock list-foundation-models"}],
        "env": {
            "CLAUDE_CODE_MAX_OUTPUT_TOKENS": "4096",
            "ANTHROPIC_MODEL": "sonnet",
            "ANTHROPIC_SMALL_FAST_MODEL": "haiku",
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_REGION": "us-west-2",
        },
    },
    profiles={"work": {"sso_start_url": "https://x"}, "new": {"sso_session": "acme"}},
    sso_sessions={"acme": {}},
    config_comments=(
        Line("~/.aws/config", 1, "# lasts 90 days"),
        Line("~/.aws/config", 2, "# the region must match"),
    ),
    environ={"CLAUDECODE": "1", "AWS_REGION": "eu-west-1"},
    foreign=("~/.config/claude-code",),
    vscode={"claudeCode.environmentVariables": {"AWS_PROFILE": "work"}},
    policies=('{"Statement": {"Effect": "Allow", "Action": "bedrock:*", "Resource": "*"}}',),
)


def test_what_is_of_today_is_no_old_advice() -> None:
    """Nothing is found where all is as today's documentation says, nor where there is nothing at all."""
    assert found(TODAY) == ()
    assert found(Evidence()) == ()


def test_each_piece_of_advice_is_found_at_once() -> None:
    """With every mark there at once, each code is found, in its order, and none that is not known."""
    assert tuple(dict.fromkeys(check.code for check in found(EVERYTHING))) == CODES


def test_each_check_warns_with_one_sentence_and_one_fix() -> None:
    """Old advice is a warning with a fix, and its sentence ends as one."""
    for check in found(EVERYTHING):
        assert check.state is State.WARN
        assert check.sentence.endswith(".")
        assert check.fix


def test_no_key_is_said() -> None:
    """No check repeats a value that is secret, and neither does the evidence's repr."""
    assert "AKIAIOSFODNN7EXAMPLE" not in f"{found(EVERYTHING)}{EVERYTHING}"


def test_the_words_of_the_evidence_come_with_the_rules() -> None:
    """Whoever builds the evidence needs one module alone."""
    assert old_advice.__all__ == ["CODES", "Evidence", "Line", "TokenSeen", "found"]
