"""A client registration in AWS's token cache."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from keeplit.core import registration_file
from keeplit.core.model import Kind, Session
from keeplit.core.secrets import Registration

URL = "https://d-1234567890.awsapps.com/start"
ACME = Session("a" * 40, "acme", Kind.SSO_SESSION, URL, "eu-west-1", ("sso:account:access",))
PLAIN = Session("b" * 40, "acme", Kind.SSO_SESSION, URL, "eu-west-1")
LEGACY = Session("c" * 40, "old", Kind.LEGACY, URL, "eu-west-1")
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
WHOLE = {"clientId": "client-one", "clientSecret": "secret-one", "expiresAt": "2026-04-05T09:00:00Z"}


def spelled(**changes: object) -> bytes:
    """Return the bytes of a registration; a change to None takes a field away."""
    return json.dumps({name: value for name, value in {**WHOLE, **changes}.items() if value is not None}).encode()


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        # Each computed by the AWS CLI's own `_registration_cache_key`.
        (ACME, "5a0d4b7d082846aae3e3b83a53f15b4297a8dd00.json"),
        (PLAIN, "a3f5e89273951a88235d1e82e18cef09be9d73d1.json"),
        (LEGACY, "8ba5c4795fa8538a47da089266d94d19d06fe7f6.json"),
    ],
)
def test_a_registration_is_named_as_the_aws_cli_names_it(session: Session, expected: str) -> None:
    """The name is a digest of what the registration is for."""
    assert registration_file.name(session) == expected


def test_all_names_that_a_registration_can_have() -> None:
    """Today's, and the one of CLIs before 2.7.32; without scopes they may have been written as an empty list."""
    assert registration_file.names(ACME) == (registration_file.name(ACME), "botocore-client-id-eu-west-1.json")
    assert registration_file.names(PLAIN) == (
        registration_file.name(PLAIN),
        "a6c350853f4977307e856f982552c5530964e2e0.json",
        "botocore-client-id-eu-west-1.json",
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 90,
        b"null",
        b"[]",
        b"{}",
        b"{" * 200_000,
        spelled()[:40],
        spelled() + b'"}',
        spelled().replace(b"client-one", b"client-\xff\xfe"),
        spelled(clientId=None),
        spelled(clientId=5),
        spelled(clientSecret=None),
        spelled(clientSecret=[]),
        spelled(expiresAt=None),
        spelled(expiresAt=1775379600),
        spelled(expiresAt="never"),
        spelled(expiresAt="2026-04-05T09:00:00"),  # botocore raises on a date without a zone
    ],
)
def test_a_broken_registration_must_go(data: bytes) -> None:
    """With it in the cache, ``aws sso login`` fails for ever."""
    assert registration_file.must_go(data, NOW)


@pytest.mark.parametrize(
    ("left", "goes"),
    [
        (timedelta(days=30), False),
        (timedelta(days=30) - timedelta(seconds=1), True),
        (timedelta(days=-1), True),
        (timedelta(days=90), False),
    ],
)
def test_a_registration_that_soon_ends_must_go(left: timedelta, goes: bool) -> None:  # noqa: FBT001  # a column
    """The next login then gets 90 days."""
    data = registration_file.spelled(Registration("client-one", "secret-one", NOW + left))
    assert registration_file.must_go(data, NOW) is goes


@pytest.mark.parametrize("grants", [None, ["authorization_code", "refresh_token"]])
def test_every_clis_registration_is_whole(grants: list[str] | None) -> None:
    """The browser flow's registrations name their grants; old ones have dates with ``UTC``."""
    data = spelled(grantTypes=grants, expiresAt="2026-04-05T09:00:00UTC", scopes=["sso:account:access"])
    assert not registration_file.must_go(data, NOW)


@pytest.mark.parametrize("scopes", [(), ("sso:account:access", "codewhisperer:completions")])
def test_a_registration_is_written_as_the_aws_cli_writes_it(scopes: tuple[str, ...]) -> None:
    """The scopes stand in it only where there are any."""
    data = registration_file.spelled(Registration("client-one", "secret-one", NOW + timedelta(days=90), scopes))
    assert json.loads(data) == {**WHOLE, **({"scopes": list(scopes)} if scopes else {})}
