import pytest

from keeplit.core.redaction import ABSENT, HIDDEN, secret, shown


@pytest.mark.parametrize(
    "key",
    [
        "env.AWS_BEARER_TOKEN_BEDROCK",
        "env.ANTHROPIC_API_KEY",
        "env.ANTHROPIC_AUTH_TOKEN",
        "env.AWS_SECRET_ACCESS_KEY",
        "env.aws_session_token",
        "env.MY_PASSWORD",
        "env.PGPASSWORD",
        "env.DB_PASSWD_OLD",
        "env.AUTHORIZATION",
        "env.GOOGLE_CREDENTIALS",
        "env.ANTHROPIC_CUSTOM_HEADERS",
        "claude.env.MY_SECRET",
    ],
)
def test_what_looks_like_a_secret_is_hidden(key: str) -> None:
    """The name decides, wherever the variable stands, and no part of the value is shown."""
    assert secret(key) is True
    assert shown(key, '"sk-value"') == HIDDEN


@pytest.mark.parametrize(
    "key",
    [
        "env.AWS_PROFILE",
        "env.CLAUDE_CODE_MAX_OUTPUT_TOKENS",
        "env.MAX_THINKING_TOKENS",
        "model",
        "awsCredentialExport",
    ],
)
def test_the_rest_is_shown_as_it_is(key: str) -> None:
    """Limits count tokens and are none; what is a command of ours is no secret."""
    assert secret(key) is False
    assert shown(key, '"some value"') == "some value"


def test_an_absent_key_is_absent_even_where_it_is_secret() -> None:
    """That nothing was there is worth knowing, and tells nothing."""
    assert shown("env.ANTHROPIC_API_KEY", None) == ABSENT


def test_a_password_within_an_address_is_not_shown() -> None:
    """A proxy or a gateway may carry a name and a password before its host."""
    assert shown("env.HTTPS_PROXY", '"http://me:word@proxy:80/@x"') == "http://...@proxy:80/@x"
    assert shown("env.HTTPS_PROXY", '"http://proxy:80/me@x"') == "http://proxy:80/me@x"


@pytest.mark.parametrize(
    ("raw", "text"), [("7", "7"), ("true", "true"), ("not json", "not json"), ('"a\\u001b[2Jb"', '"a\\u001b[2Jb"')]
)
def test_what_is_no_plain_text_is_shown_as_it_is_spelled(raw: str, text: str) -> None:
    """A number, a spelling of TOML, and what would act on a terminal."""
    assert shown("env.ODD", raw) == text
