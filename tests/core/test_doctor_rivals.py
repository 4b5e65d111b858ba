"""What the doctor says of credentials that beat the profile."""

from __future__ import annotations

import pytest

from keeplit.core.check import State
from keeplit.core.doctor_rivals import CHECKS, Rivals

OK, WARN, FAIL = State.OK, State.WARN, State.FAIL


def test_an_environment_without_keys_is_well() -> None:
    """Nothing beats the profile there."""
    assert {judge(Rivals()).state for judge in CHECKS} == {OK}


@pytest.mark.parametrize(
    ("seen", "code", "state", "said"),
    [
        (Rivals({"AWS_ACCESS_KEY_ID": "AKIA"}), "aws_keys", FAIL, "AWS_ACCESS_KEY_ID beats the profile"),
        (Rivals({"AWS_SESSION_TOKEN": "t"}), "aws_keys", FAIL, "AWS_SESSION_TOKEN"),
        (Rivals({"AWS_ROLE_ARN": "arn"}), "aws_keys", WARN, "AWS_ROLE_ARN"),
        (Rivals({"AWS_BEARER_TOKEN_BEDROCK": "t"}), "api_key", FAIL, "nothing renews it"),
        (Rivals({"CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1"}), "api_key", WARN, "gateway"),
        (Rivals({"CLAUDE_CODE_SKIP_BEDROCK_AUTH": "0"}), "api_key", OK, "No Bedrock API key"),
        (Rivals({"ANTHROPIC_API_KEY": "sk"}), "anthropic_key", WARN, "Bedrock does not take"),
        (Rivals({"AWS_DEFAULT_PROFILE": "play"}, shell_profile="work"), "shell_profile", WARN, "two profiles"),
        (Rivals({"AWS_DEFAULT_PROFILE": "work"}, shell_profile="work"), "shell_profile", OK, "no other profile"),
        (Rivals(shell_profile="play", profile="work"), "shell_profile", OK, "'play', Claude Code 'work'"),
    ],
)
def test_each_rival_is_named(seen: Rivals, code: str, state: State, said: str) -> None:
    """By its name and never by its value."""
    found = next(one for one in (judge(seen) for judge in CHECKS) if one.code == code)

    assert (found.state, said in found.sentence) == (state, True)


def test_the_places_are_named_and_the_values_are_not() -> None:
    """A person finds the line; nobody reads the key."""
    seen = Rivals({"AWS_ACCESS_KEY_ID": "AKIAHIDDEN"}, {"AWS_ACCESS_KEY_ID": ("~/.zshrc, line 4", "this shell")})
    found = CHECKS[0](seen)

    assert found.sentence.endswith("It is set in ~/.zshrc, line 4 and this shell.")
    assert "AKIAHIDDEN" not in f"{found}{seen}"
