"""A file of AWS's token cache: bytes to fields and back."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core import token_file
from keeplit.core.model import Kind, Reading, Session, Token
from keeplit.core.secrets import NewToken, Registration, Secrets

URL = "https://d-1234567890.awsapps.com/start"
ACME = Session("a" * 40, "acme", Kind.SSO_SESSION, URL, "eu-west-1", ("sso:account:access",))
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
FULL: dict[str, object] = {
    "startUrl": URL,
    "region": "eu-west-1",
    "accessToken": "access-one",
    "expiresAt": "2026-01-05T10:00:00Z",
    "clientId": "client-one",
    "clientSecret": "secret-one",
    "registrationExpiresAt": "2026-04-05T09:00:00Z",
    "refreshToken": "refresh-one",
}
TOKEN = Token(
    sha256(b"access-one").hexdigest()[:32],
    datetime(2026, 1, 5, 10, 0, tzinfo=UTC),
    refreshable=True,
    registration_expires_at=datetime(2026, 4, 5, 9, 0, tzinfo=UTC),
)


def spelled(**changes: object) -> bytes:
    """Return the bytes of a file like `FULL`; a change to None takes a field away."""
    return json.dumps({name: value for name, value in {**FULL, **changes}.items() if value is not None}).encode()


def fields_of(data: bytes) -> dict[str, object]:
    """Return the fields of a file."""
    found: dict[str, object] = json.loads(data)
    return found


def test_a_whole_file_is_read() -> None:
    """The token is known by a digest; the fields are all there, unknown ones too."""
    found = token_file.parse(spelled(issuer="idp"), ACME)
    assert (found.reading, found.token, found.fields) == (Reading.PRESENT, TOKEN, {**FULL, "issuer": "idp"})


def test_a_file_shows_none_of_its_fields() -> None:
    """The repr of what was read holds no secret."""
    shown = repr(token_file.parse(spelled(), ACME))
    assert [word for word in ("access-one", "refresh-one", "secret-one", "client-one") if word in shown] == []


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(FULL).encode(),
        json.dumps(FULL, indent=2, sort_keys=True).encode() + b"\n",
        json.dumps(FULL, indent="\t", separators=(",", " : ")).encode(),
        json.dumps(FULL, separators=(",", ":")).encode(),
    ],
    ids=["botocore", "pretty", "java", "go"],
)
def test_every_writers_layout_is_read(data: bytes) -> None:
    """White space is no one's business."""
    assert token_file.parse(data, ACME).token == TOKEN


def test_an_old_clis_file_is_read() -> None:
    """Four fields are a token that cannot be renewed."""
    old = {name: FULL[name] for name in ("startUrl", "region", "accessToken", "expiresAt")}
    found = token_file.parse(json.dumps(old).encode(), ACME)
    assert (found.reading, found.token) == (Reading.PRESENT, Token(TOKEN.digest, TOKEN.expires_at))


def test_no_file_is_absent() -> None:
    """What is not there is not torn."""
    assert token_file.parse(None, ACME).reading is Reading.ABSENT


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 400,
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        spelled()[:100],
        spelled() + b'"}',
        spelled() + spelled(),
        spelled().replace(b"access-one", b"access-\xff\xfe"),
        b"[" * 200_000,
        b'{"expiresIn":' + b"9" * 10_000 + b"}",
        spelled(accessToken=""),
        spelled(accessToken=None),
        spelled(accessToken=5),
        spelled(accessToken=["access-one"]),
        spelled(expiresAt=None),
        spelled(expiresAt=1767607200),
        spelled(expiresAt="soon"),
        spelled(expiresAt={"at": "2026-01-05T10:00:00Z"}),
    ],
)
def test_what_is_not_whole_is_torn(data: bytes) -> None:
    """Empty, half, garbled, doubled, with another writer's end, or wrong-typed: look again, never guess."""
    assert token_file.parse(data, ACME) == token_file.TORN


@pytest.mark.parametrize("url", [URL, URL + "/", URL + "#/", URL + "/#/", URL + "#"])
def test_a_start_url_may_end_in_a_slash(url: str) -> None:
    """The same portal is the same portal, in the file or in the config."""
    other = Session(ACME.key, ACME.name, ACME.kind, url, ACME.region)
    assert [token_file.parse(spelled(startUrl=url), ACME).token, token_file.parse(spelled(), other).token] == [
        TOKEN
    ] * 2


@pytest.mark.parametrize(
    "changes",
    [
        {"startUrl": "https://d-9999999999.awsapps.com/start"},
        {"startUrl": 5},
        {"region": "us-east-1"},
        {"region": ["eu-west-1"]},
        {"region": {}},
    ],
)
def test_another_sessions_file_is_foreign(changes: dict[str, object]) -> None:
    """A token for another start URL or region is nobody's here."""
    found = token_file.parse(spelled(**changes), ACME)
    assert (found.reading, found.token) == (Reading.FOREIGN, None)


def test_a_file_that_does_not_say_whose_it_is_belongs_here() -> None:
    """Its name says it."""
    assert token_file.parse(spelled(startUrl=None, region=None), ACME).token == TOKEN


@pytest.mark.parametrize("name", ["refreshToken", "clientId", "clientSecret"])
@pytest.mark.parametrize("value", [None, "", 5, [], {}])
def test_without_all_that_a_refresh_sends_it_is_not_refreshable(name: str, value: object) -> None:
    """A field that is missing, empty or no text cannot be sent."""
    found = token_file.parse(spelled(**{name: value}), ACME)
    assert (found.reading, found.token is not None and found.token.refreshable) == (Reading.PRESENT, False)


def test_a_registration_without_a_date_can_still_refresh() -> None:
    """CreateToken does not ask for the date; botocore alone does."""
    found = token_file.parse(spelled(registrationExpiresAt="never"), ACME).token
    assert found == Token(TOKEN.digest, TOKEN.expires_at, refreshable=True)


def test_the_secrets_of_a_file() -> None:
    """What is no text is empty."""
    assert token_file.secrets_of({**FULL, "clientSecret": 5}) == Secrets("access-one", "refresh-one", "client-one", "")


STRIPPED = {name: value for name, value in FULL.items() if name != "refreshToken"} | {"accessToken": "access-two"}


@pytest.mark.parametrize(
    ("fields", "kept", "expected"),
    [
        (STRIPPED, FULL, True),
        (STRIPPED | {"refreshToken": ""}, FULL, True),
        (STRIPPED | {"refreshToken": None}, FULL, True),
        (FULL, FULL, False),
        (STRIPPED, STRIPPED, False),
        (STRIPPED, {}, False),
        (STRIPPED | {"clientId": "client-two"}, FULL, False),
        (STRIPPED | {"startUrl": "https://other.awsapps.com/start"}, FULL, False),
        ({"startUrl": URL, "accessToken": "access-two"}, FULL, False),
        ({"clientId": "client-one", "accessToken": "access-two"}, FULL, False),
    ],
)
def test_a_stripped_refresh_token_is_known(
    fields: dict[str, object],
    kept: dict[str, object],
    expected: bool,  # noqa: FBT001  # a column of the table
) -> None:
    """Only our copy of the same client registration and start URL can give it back."""
    assert token_file.stripped(fields, kept) is expected


@pytest.mark.parametrize("gone", [None, "", 5])
def test_a_stripped_refresh_token_is_restored(gone: object) -> None:
    """What the other tool renewed stays; what it dropped or emptied comes back."""
    dropped = ("refreshToken", "clientSecret", "registrationExpiresAt")
    fields = {name: value for name, value in STRIPPED.items() if name not in dropped}
    left = fields if gone is None else {**fields, **dict.fromkeys(dropped, gone)}
    assert token_file.restored(left, FULL) == {**FULL, "accessToken": "access-two"}


def test_nothing_is_restored_that_our_copy_does_not_have() -> None:
    """An old copy without a date gives none."""
    kept = {name: value for name, value in FULL.items() if name != "registrationExpiresAt"}
    fields = {"startUrl": URL, "clientId": "client-one", "accessToken": "access-two"}
    assert "registrationExpiresAt" not in token_file.restored(fields, kept)


def test_a_renewal_keeps_unknown_fields_and_the_old_refresh_token() -> None:
    """Only what AWS answered changes, and the one date form that every tool reads is written."""
    data = token_file.renewed({**FULL, "issuer": {"name": "idp"}}, NewToken("access-two", 1800), NOW)
    assert fields_of(data) == {
        **FULL,
        "issuer": {"name": "idp"},
        "accessToken": "access-two",
        "expiresAt": "2026-01-05T09:30:00Z",
    }


def test_a_rotated_refresh_token_replaces_the_old_one() -> None:
    """The old one may be dead already."""
    data = token_file.renewed(FULL, NewToken("access-two", 3600, "refresh-two"), NOW)
    assert fields_of(data)["refreshToken"] == "refresh-two"


@pytest.mark.parametrize("refresh", [None, "refresh-two"])
def test_a_sign_in_is_written_as_the_aws_cli_writes_it(refresh: str | None) -> None:
    """The same fields; a refresh token only where one came."""
    registration = Registration("client-two", "secret-two", NOW + timedelta(days=90), ACME.scopes)
    data = token_file.signed_in(ACME, NewToken("access-two", 3600, refresh), registration, NOW)
    assert fields_of(data) == {
        "startUrl": URL,
        "region": "eu-west-1",
        "accessToken": "access-two",
        "expiresAt": "2026-01-05T10:00:00Z",
        "clientId": "client-two",
        "clientSecret": "secret-two",
        "registrationExpiresAt": "2026-04-05T09:00:00Z",
        **({"refreshToken": refresh} if refresh else {}),
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELD = st.sampled_from(sorted(FULL))


@given(st.dictionaries(FIELD, JSON), st.dictionaries(FIELD, JSON))
def test_no_fields_whatever_raise(changes: dict[str, object], kept: dict[str, object]) -> None:
    """Any file of the right names with any values is read, compared and restored."""
    found = token_file.parse(json.dumps({**FULL, **changes}).encode(), ACME)
    whole = token_file.restored(found.fields, kept) if token_file.stripped(found.fields, kept) else found.fields
    assert token_file.stripped(found.fields, kept) <= token_file.can_refresh(whole)
    assert isinstance(token_file.secrets_of(whole), Secrets)


@given(st.binary())
def test_no_bytes_whatever_raise(data: bytes) -> None:
    """A cache file may hold anything."""
    assert token_file.parse(data, ACME).token is None


@given(st.dictionaries(st.text(), JSON), st.text(), st.none() | st.text(min_size=1))
def test_what_is_renewed_is_read_again(extra: dict[str, object], access: str, refresh: str | None) -> None:
    """A renewal of any file, unknown fields of any kind kept, gives the token that AWS gave."""
    data = token_file.renewed({**extra, **FULL}, NewToken(f"a{access}", 3600, refresh), NOW)
    found = token_file.parse(data, ACME).token
    assert found == replace(TOKEN, digest=token_file.digest(f"a{access}"), expires_at=NOW + timedelta(hours=1))
