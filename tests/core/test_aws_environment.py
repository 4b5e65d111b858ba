import pytest

from keeplit.core.aws_environment import (
    EVERY,
    IDENTITY,
    IGNORE,
    Override,
    Service,
    elsewhere,
    override,
    without_identity,
)

LOOPBACK = "http://127.0.0.1:4000"


@pytest.mark.parametrize(
    ("service", "variable"),
    [
        ("sso-oidc", "AWS_ENDPOINT_URL_SSO_OIDC"),
        ("sso", "AWS_ENDPOINT_URL_SSO"),
        ("sts", "AWS_ENDPOINT_URL_STS"),
        ("bedrock", "AWS_ENDPOINT_URL_BEDROCK"),
    ],
)
def test_the_services_own_variable_comes_before_the_one_for_all(service: Service, variable: str) -> None:
    """The order is that of the AWS SDKs."""
    environ = {variable: LOOPBACK, EVERY: "https://all.example"}

    assert override(environ, service) == Override(variable, LOOPBACK, allowed=True, loopback=True)
    assert override({EVERY: LOOPBACK}, service) == Override(EVERY, LOOPBACK, allowed=True, loopback=True)


def test_nothing_named_is_no_override() -> None:
    """An empty variable names nothing, and a person may switch all of them off."""
    named = [override(environ, "sso") for environ in ({}, {EVERY: " "}, {EVERY: LOOPBACK, IGNORE: "TRUE"})]

    assert named == [None, None, None]


@pytest.mark.parametrize(
    ("url", "allowed", "loopback"),
    [
        ("https://vpce.example", True, False),
        ("https://localhost:4000", True, True),
        ("http://localhost:4000", True, True),
        ("http://[::1]:4000", True, True),
        ("http://127.9.9.9", True, True),
        ("http://vpce.example", False, False),
        ("http://10.0.0.1:4000", False, False),
        ("http://127.0.0.1.example", False, False),
        ("ftp://127.0.0.1", False, False),
        ("127.0.0.1:4000", False, False),
        ("https://", False, False),
        ("https://[::1", False, False),
        ("https://vpce.example:port", False, False),
        ("https://user@vpce.example", False, False),
        ("https://:word@vpce.example", False, False),
    ],
)
def test_a_token_goes_by_https_or_stays_on_this_machine(url: str, allowed: bool, loopback: bool) -> None:  # noqa: FBT001
    """Anything else is named and refused."""
    assert override({EVERY: url}, "sso") == Override(EVERY, url, allowed=allowed, loopback=loopback)


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, ""),
        ({EVERY: LOOPBACK, IGNORE: "true"}, ""),
        ({EVERY: LOOPBACK}, "sso-oidc, sso, sts, bedrock to 127.0.0.1"),
        (
            {"AWS_ENDPOINT_URL_SSO": f"{LOOPBACK}/x?token=secret", "AWS_ENDPOINT_URL_STS": "https://vpce.example/s"},
            "sso to 127.0.0.1; sts to vpce.example",
        ),
        ({EVERY: "http://collector.example", "AWS_ENDPOINT_URL_SSO": "https://sam:word@vpce.example"}, ""),
    ],
)
def test_where_calls_go_is_said_by_service_and_host(environ: dict[str, str], said: str) -> None:
    """No path, query or password is named, nor what gets no call at all."""
    assert elsewhere(environ) == said


def test_who_to_be_is_taken_out_and_the_network_stays() -> None:
    """A profile or a key of the environment must not decide which session is renewed."""
    environ = {**dict.fromkeys(IDENTITY, "x"), "HTTPS_PROXY": "http://proxy", "AWS_CA_BUNDLE": "/ca.pem"}

    assert without_identity(environ) == {"HTTPS_PROXY": "http://proxy", "AWS_CA_BUNDLE": "/ca.pem"}
