import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.layers import (
    HIDDEN,
    KEYS,
    Found,
    Layer,
    Level,
    Row,
    explain,
    placed,
    rivals_of,
    shadowed,
    switched_by,
)
from keeplit.core.settings_keys import BEARER_TOKEN, SKIP_AUTH

REGION, PROFILE = "env.AWS_REGION", "env.AWS_PROFILE"
FILE = "/home/ada/.claude/settings.json"
MANAGED = Layer(Level.MANAGED, "/etc/claude-code/managed-settings.json", {REGION: "eu-west-1"})
LOCAL = Layer(Level.LOCAL, "/p/.claude/settings.local.json", {PROFILE: "local"})
PROJECT = Layer(Level.PROJECT, "/p/.claude/settings.json", {PROFILE: "project"})
USER = Layer(Level.USER, FILE, {PROFILE: "work", REGION: "us-west-2"})
SHELL = Layer(Level.SHELL, "", {PROFILE: "shell", REGION: "us-east-1", "env.EDITOR": "vi"})
ALL = (MANAGED, LOCAL, PROJECT, USER, SHELL)


def found(layer: Layer, key: str, value: str | None = None) -> Found:
    """Return what a layer says of a key."""
    return Found(layer.name, layer.level, layer.path, key, layer.values[key] if value is None else value)


def test_the_strongest_layer_wins_key_by_key() -> None:
    """Each key has its own winner and its losers in order; a key that no layer sets has no row."""
    assert explain(ALL, (PROFILE, REGION, "env.ANTHROPIC_BEDROCK_BASE_URL")) == (
        Row(PROFILE, found(LOCAL, PROFILE), tuple(found(layer, PROFILE) for layer in (PROJECT, USER, SHELL)), "new"),
        Row(REGION, found(MANAGED, REGION), (found(USER, REGION), found(SHELL, REGION)), "running"),
    )


def test_an_env_block_overrides_the_shell() -> None:
    """What a file says counts, whatever was exported where Claude Code is started."""
    (row,) = explain((USER, SHELL), (PROFILE,))
    assert row.wins.value == "work"
    assert [lost.layer for lost in row.loses] == ["the shell's environment"]


def test_a_layer_is_named_with_its_file() -> None:
    """A sentence about a layer says where to look."""
    assert MANAGED.name == "the managed settings (/etc/claude-code/managed-settings.json)"
    assert LOCAL.name == "the project's local settings (/p/.claude/settings.local.json)"
    assert PROJECT.name == "the project's settings (/p/.claude/settings.json)"
    assert USER.name == f"the user's settings ({FILE})"
    assert SHELL.name == "the shell's environment"


def test_the_models_variable_beats_the_model_of_every_file() -> None:
    """ANTHROPIC_MODEL decides at each launch, even from a weaker layer than the one that sets `model`."""
    shell = Layer(Level.SHELL, "", {"env.ANTHROPIC_MODEL": "opus"})
    user = Layer(Level.USER, FILE, {"model": "sonnet"})
    (row,) = explain((user, shell), ("model",))
    assert row == Row("model", found(shell, "env.ANTHROPIC_MODEL"), (found(user, "model"),), "new")
    assert explain((shell,), ("model",)) == ()


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("AWS_BEARER_TOKEN_BEDROCK", True),
        ("AWS_ACCESS_KEY_ID", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("ANTHROPIC_API_KEY", True),
        ("ANTHROPIC_AUTH_TOKEN", True),
        ("ANTHROPIC_CUSTOM_HEADERS", True),
        ("GATEWAY_PHRASE", True),
        ("CLAUDE_CODE_MAX_OUTPUT_TOKENS", False),
        ("MAX_THINKING_TOKENS", False),
        ("AWS_PROFILE", False),
    ],
)
def test_a_secret_is_not_said(name: str, *, hidden: bool) -> None:
    """A row says that a secret is there and where, and neither a row nor a layer's repr shows it."""
    layer = Layer(Level.USER, FILE, {f"env.{name}": "abc123"})
    (row,) = explain((layer,), (f"env.{name}",))
    assert row.wins.value == (HIDDEN if hidden else "abc123")
    assert "abc123" not in repr(layer)


def test_a_key_is_shadowed_where_it_comes_to_another_value() -> None:
    """A higher layer that says the same is none of anybody's trouble; a lower one never is."""
    assert shadowed(ALL, FILE, USER.values) == {PROFILE: found(LOCAL, PROFILE), REGION: found(MANAGED, REGION)}
    assert shadowed(ALL, FILE, {REGION: "eu-west-1", "env.EDITOR": "ed"}) == {}
    assert shadowed((USER, SHELL), FILE, USER.values) == {}


def test_what_is_kept_counts_and_not_what_was_read() -> None:
    """The values of the kept file are those that are given, whatever its layer holds."""
    stronger = {"model": "opus", "env.ANTHROPIC_MODEL": "sonnet"}
    assert shadowed(ALL, FILE, stronger) == {}
    environment = Layer(Level.SHELL, "", {"env.ANTHROPIC_MODEL": "haiku"})
    assert shadowed((USER, environment), FILE, {"model": "opus"}) == {
        "model": found(environment, "env.ANTHROPIC_MODEL")
    }


def test_a_file_that_is_no_layer_loses_to_the_managed_ones_alone() -> None:
    """Settings given on the command line stand under the managed ones and above all others."""
    given_file = {PROFILE: "given", REGION: "given"}
    assert shadowed(ALL, "/elsewhere.json", given_file) == {REGION: found(MANAGED, REGION)}
    assert shadowed((), "/elsewhere.json", given_file) == {}


def test_a_command_is_not_said() -> None:
    """People write secrets into commands; two that are the same are told as the same all the same."""
    value = "AWS_SECRET_ACCESS_KEY=abc123 aws sts get-session-token"
    managed = Layer(Level.MANAGED, "/m", {"awsCredentialExport": value})
    (row,) = explain((managed,), KEYS)
    assert row.wins.value == HIDDEN
    assert shadowed((managed,), FILE, {"awsCredentialExport": value}) == {}
    assert shadowed((managed,), FILE, {"awsCredentialExport": "mine"}) == {"awsCredentialExport": row.wins}


@pytest.mark.parametrize(
    ("url", "said"),
    [("https://ada:pw@gateway.example", HIDDEN), ("https://gateway.example/a@b", "https://gateway.example/a@b")],
)
def test_an_address_with_a_password_is_not_said(url: str, said: str) -> None:
    """Only what stands before the host is a secret."""
    (row,) = explain((Layer(Level.USER, FILE, {"env.ANTHROPIC_BEDROCK_BASE_URL": url}),), KEYS)
    assert row.wins.value == said


@given(st.sets(st.sampled_from(range(len(ALL)))).map(lambda some: tuple(ALL[at] for at in sorted(some))))
def test_a_winner_is_the_first_that_says_it(layers: tuple[Layer, ...]) -> None:
    """Over any layers: the winner is the first that sets the key, and winner and losers are all that set it."""
    for key in (PROFILE, REGION):
        saying = [layer for layer in layers if key in layer.values]
        rows = explain(layers, (key,))
        assert [(one.path, one.value) for row in rows for one in (row.wins, *row.loses)] == [
            (layer.path, layer.values[key]) for layer in saying
        ]


def test_a_rival_credential_is_named_by_the_layer_that_decides_it() -> None:
    """The strongest one that names it; one that is switched off there bypasses nothing."""
    strong = Layer(Level.MANAGED, "/20.json", {SKIP_AUTH: "0"})
    weak = Layer(Level.MANAGED, "/10.json", {SKIP_AUTH: "1", BEARER_TOKEN: "made-up", "model": "opus"})
    assert rivals_of([strong, weak]) == {BEARER_TOKEN: "the managed settings (/10.json)"}
    assert rivals_of([weak, strong]).keys() == {BEARER_TOKEN, SKIP_AUTH}
    assert rivals_of([strong]) == rivals_of([]) == {}


def test_a_switch_is_decided_by_the_strongest_layer_that_has_it() -> None:
    """One that is turned off above stays off, whatever stands below."""
    on, off = Layer(Level.USER, "/u", {"switch": "true"}), Layer(Level.LOCAL, "/l", {"switch": "false"})
    other = Layer(Level.PROJECT, "/p", {"other": "true"})
    assert switched_by([other, on], "switch") == "the user's settings (/u)"
    assert switched_by([off, on], "switch") == ""
    assert switched_by([other], "switch") == ""


def test_where_a_file_stands_among_the_layers() -> None:
    """In its own place with what it says now, else right under the managed ones."""
    managed, project, user = Layer(Level.MANAGED, "/m"), Layer(Level.PROJECT, "/p"), Layer(Level.USER, "/u", {"a": "1"})
    assert placed([managed, project, user], "/u", {"a": "2"}) == [managed, project, Layer(Level.USER, "/u", {"a": "2"})]
    given = Layer(Level.USER, "/s", {"a": "3"})
    assert placed([managed, project, user], "/s", {"a": "3"}) == [managed, given, project, user]
