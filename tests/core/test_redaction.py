import pytest

from keeplit.core.redaction import ABSENT, HIDDEN, safe, secret, shown, visible


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
        "env.MY_PAT",
        "env.PAT",
        "env.DB_PWD",
        "env.my_auth_header",
        "env.SESSION_COOKIE_OLD",
        "env.COOKIES",
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
        "env.CLAUDE_CODE_SKIP_BEDROCK_AUTH",
        "claude.env.CLAUDE_CODE_SKIP_BEDROCK_AUTH",
        "env.SEARCH_PATH",
        "env.OLDPWD",
        "env.AUTHOR",
        "model",
    ],
)
def test_the_rest_is_shown_as_it_is(key: str) -> None:
    """Limits count tokens and are none; part of a word is no word, and a switch of Claude Code's is known."""
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
    ("raw", "text"),
    [
        ("7", "7"),
        ("true", "true"),
        ("not json", "not json"),
        ('"a\\u001b[2Jb"', '"a\\u001b[2Jb"'),
        ('"é\\nü"', '"é\\nü"'),
        ('"a\\u202eb"', '"a\\u202eb"'),
        ('""', '""'),
    ],
)
def test_what_is_no_plain_text_is_shown_as_it_is_spelled(raw: str, text: str) -> None:
    """A number, a spelling of TOML, what would act on a terminal, and nothing at all; letters are letters."""
    assert shown("env.ODD", raw) == text


@pytest.mark.parametrize("key", ["awsAuthRefresh", "awsCredentialExport"])
def test_a_persons_own_helper_is_hidden_and_ours_is_not(key: str) -> None:
    """A command may hold a token; what does nothing but run keeplit is known. Undo and reset say both."""
    assert shown(key, '"corp --token TOPSECRET"') == HIDDEN
    assert shown(key, '"/opt/keeplit credentials"') == "/opt/keeplit credentials"
    assert (shown(key, '""'), shown(key, None)) == ('""', ABSENT)


@pytest.mark.parametrize(
    "value",
    [
        "ghp_0123456789",
        "github_pat_11AA",
        "sk-ant-0123",
        "Bearer sk-0123",
        "xoxb-1-2",
        "AKIAIOSFODNN7EXAMPLE",
        "id=ASIAIOSFODNN7EXAMPLE",
    ],
)
def test_a_value_that_begins_as_secrets_do_is_hidden(value: str) -> None:
    """Whatever the variable is called; the profile's name alone is known to be none."""
    assert safe("env.FOO", value) == HIDDEN
    assert safe("env.AWS_PROFILE", value) == value


@pytest.mark.parametrize("value", ["task-1", "ask-me", "/opt/sk-tools/x", "AKIA", "AKIAIOSFODNN7EXAMPLES3", "xoxo"])
def test_what_only_sounds_like_a_secret_is_shown(value: str) -> None:
    """The beginning of a word, and the whole length, make the difference."""
    assert safe("env.FOO", value) == value


def test_a_screen_gets_eighty_characters_and_a_program_all() -> None:
    """A value of many kilobytes would bury the rest."""
    assert visible("x" * 80) == "x" * 80
    assert visible("x" * 81) == "x" * 79 + "…"
    assert safe("env.FOO", "x" * 81) == "x" * 81
