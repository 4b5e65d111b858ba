from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.explain_text import MOST, pattern, plain, squashed, without_secrets

SESSION = "IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJHMEUCIQ" * 4
SECRETS = [
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAIOSFODNN7EXAMPLE",
    "aoaAAAAAGdrQm9Vq0Zt1xk8hK3nGf-q_mT7oR5sY2wE9uI4pA1sD6fG",
    "aorAAAAAGdrQm9Vq0Zt1xk8hK3nGf-q_mT7oR5sY2wE9uI4pA1sD6fG",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
    "ABSKQmVkcm9ja0FQSUtleS1hYmNkMTIzNA==",
    "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t",
    "ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "sk-ant-REDACTED",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKE1",
    SESSION,
]
NAMED = [
    "aws_secret_access_key = hunter2hunter2",
    '"SecretAccessKey": "hunter2hunter2"',
    "AWS_SESSION_TOKEN=hunter2hunter2",
    "'refreshToken': 'hunter2hunter2'",
    "Authorization: Bearer hunter2hunter2",
    "x-amz-sso_bearer_token: hunter2hunter2",
    "client_secret=hunter2hunter2&x=1",
    "password: hunter2hunter2",
    "https://hunter2hunter2@proxy.example.com/",
]
HARMLESS = [
    "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_ClaudeCode_0123456789abcdef/kim@example.com",
    "Error loading SSO Token: Token for https://d-1234567890.awsapps.com/start does not exist",
    "Error when retrieving token from sso: Token has expired and refresh failed",
    "2b829b0ac0b3c2ba0d1ea2ecb2e9ec9a6d4e6e5b",
    "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    "RequestID: b781030a-91bb-4196-bb7a-ec46747a0f37",
    f"arn:aws:sts::111122223333:assumed-role/{'R' * 64}/{'s' * 64}",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("around", ["{}", "key is {} now", '{{"x":"{}"}}', "x={}&y", "The config profile ({}) could"])
def test_secrets_are_hidden_wherever_they_stand(secret: str, around: str) -> None:
    """A secret goes, whatever stands around it."""
    assert secret not in without_secrets(around.format(secret))


@pytest.mark.parametrize("secret", [one for one in SECRETS if not one.startswith("wJalr")])
def test_what_begins_as_a_secret_is_hidden_inside_a_path(secret: str) -> None:
    """Only a bare secret key cannot be told from the path of a role."""
    assert secret not in without_secrets(f"assumed-role/{secret}/{secret}")


@pytest.mark.parametrize("text", NAMED)
def test_what_is_named_a_secret_is_hidden(text: str) -> None:
    """A value that its name calls secret goes, whatever it looks like."""
    assert "hunter2" not in without_secrets(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_explains_an_error_stays(text: str) -> None:
    """ARNs, file names, ids of models and requests, and AWS's own sentences stay as they are."""
    assert without_secrets(text) == text


def test_a_secret_that_was_broken_is_hidden_when_it_is_whole_again() -> None:
    """A key that a terminal broke in two does not come together again."""
    assert "AKIAIOSFODNN7EXAMPLE" not in squashed(plain("AKIAIOS\nFODNN7EXAMPLE"))


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        ("\x1b[1;31mError\x1b[0m: no", "Error: no"),
        ("\\u001b[31mError", "Error"),
        ("\x1b]8;;https://x\x07link", "link"),
        ("\u2502 one \u2502\n\u2502 two \u2502", "  one  \n  two  "),
        ('{\\"message\\":\\"it\u2019s\\"}', '{"message":"it\'s"}'),
    ],
)
def test_a_text_is_read_as_it_was_meant(pasted: str, meant: str) -> None:
    """Colours, links, frames, escapes and typographers' quotes go."""
    assert plain(pasted) == meant


def test_only_the_beginning_is_read() -> None:
    """A text of any length takes no longer than its first part."""
    assert len(plain("x " * MOST)) == MOST


@given(st.text())
def test_no_space_is_left(text: str) -> None:
    """Nothing raises, and a pattern that is written with spaces meets a text without."""
    assert not any(character.isspace() for character in squashed(plain(text)))
    assert pattern("a b").pattern == "ab"
