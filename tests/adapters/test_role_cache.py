"""The AWS CLI's role cache, shared with botocore and the CLI."""

import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import SSOCredentialFetcher
from botocore.utils import JSONFileCache
from hypothesis import given
from hypothesis import strategies as st

from keeplit.adapters import files, role_cache
from keeplit.core.deeds import Result
from keeplit.core.model import Kind, Session
from keeplit.core.secrets import RoleCredentials

URL = "https://d-1234567890.awsapps.com/start"
ACME = Session("a" * 40, "acme", Kind.SSO_SESSION, URL, "eu-west-1")
LEGACY = Session("b" * 40, "old", Kind.LEGACY, URL, "eu-west-1")
ACCOUNT, ROLE = "111122223333", "Developer"
ENDS = datetime(2126, 1, 5, 9, 0, tzinfo=UTC)
KEYS = RoleCredentials("AKIDONE", "secret-one", "session-one", ENDS, ACCOUNT)
BY_CLI = {
    "ProviderType": "sso",
    "Credentials": {
        "AccessKeyId": "AKIDONE",
        "SecretAccessKey": "secret-one",
        "SessionToken": "session-one",
        "Expiration": "2126-01-05T09:00:00Z",
        "AccountId": ACCOUNT,
    },
}


def never(*_: object, **__: object) -> Any:
    """Stand for the AWS client of botocore that must not be needed."""
    pytest.fail("botocore asked AWS although the cache holds the keys")


def fetcher(folder: Path, session: Session, account: str = ACCOUNT, role: str = ROLE) -> SSOCredentialFetcher:
    """Return botocore's own reader of the cache."""
    name = session.name if session.kind is Kind.SSO_SESSION else None
    cache = JSONFileCache(str(folder))
    return SSOCredentialFetcher(
        session.start_url, session.region, role, account, never, cache=cache, sso_session_name=name
    )


@pytest.mark.parametrize("session", [ACME, LEGACY], ids=["sso-session", "legacy"])
def test_botocore_reads_what_we_wrote(tmp_path: Path, session: Session) -> None:
    """The CLI goes on with the keys that we took, without a call to AWS."""
    folder = tmp_path / "cli" / "cache"
    assert role_cache.write(folder, session, ACCOUNT, ROLE, KEYS).result is Result.DONE

    found = fetcher(folder, session).fetch_credentials()
    assert (found["access_key"], found["secret_key"], found["token"]) == ("AKIDONE", "secret-one", "session-one")
    assert found["account_id"] == ACCOUNT


@given(
    name=st.text(st.characters(exclude_categories=["Cs"])),
    account=st.text(st.characters(exclude_categories=["Cs"])),
    role=st.text(st.characters(exclude_categories=["Cs"])),
    kind=st.sampled_from(Kind),
)
def test_every_name_is_botocores(name: str, account: str, role: str, kind: Kind) -> None:
    """Whatever stands in a config, both mean the same file."""
    session = Session("c" * 40, name or "x", kind, URL + name, "eu-west-1")
    ours = role_cache.path(Path("cache"), session, account, role)
    assert ours == Path("cache", fetcher(Path("cache"), session, account, role)._cache_key + ".json")


def test_we_read_what_the_cli_wrote(tmp_path: Path) -> None:
    """Its keys come back with the moment they end."""
    place = role_cache.path(tmp_path, ACME, ACCOUNT, ROLE)
    place.write_text(json.dumps(BY_CLI))
    assert role_cache.read(tmp_path, ACME, ACCOUNT, ROLE) == KEYS
    assert role_cache.look(tmp_path, ACME, ACCOUNT, ROLE) == ENDS


@pytest.mark.parametrize("spelled", ["2126-01-05T09:00:00UTC", "2126-01-05T09:00:00+00:00", "2126-01-05T09:00:00.5Z"])
def test_every_writers_date_is_read(tmp_path: Path, spelled: str) -> None:
    """Old CLIs write ``UTC``, and do not name the account."""
    old = {name: value for name, value in BY_CLI["Credentials"].items() if name != "AccountId"}  # type: ignore[attr-defined]
    place = role_cache.path(tmp_path, ACME, ACCOUNT, ROLE)
    place.write_text(json.dumps({"Credentials": {**old, "Expiration": spelled}}))
    found = role_cache.read(tmp_path, ACME, ACCOUNT, ROLE)
    assert found is not None
    assert (found.expires_at - ENDS < timedelta(seconds=1), found.account) == (True, ACCOUNT)


def test_the_bytes_are_the_clis(tmp_path: Path) -> None:
    """The same fields, for the owner's eyes alone; the account is the one asked for where the keys name none."""
    nameless = RoleCredentials("AKIDONE", "secret-one", "session-one", ENDS)
    role_cache.write(tmp_path, ACME, ACCOUNT, ROLE, nameless)
    place = role_cache.path(tmp_path, ACME, ACCOUNT, ROLE)
    assert json.loads(place.read_bytes()) == BY_CLI
    if os.name != "nt":
        assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_no_file_is_no_keys(tmp_path: Path) -> None:
    """Neither is a folder that does not exist."""
    assert role_cache.read(tmp_path / "gone", ACME, ACCOUNT, ROLE) is None
    assert role_cache.look(tmp_path, ACME, ACCOUNT, ROLE) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"Credentials": []}',
        b'{"Credentials": {}}',
        b"[" * 60_000,
        b"\xff\xfe",
        json.dumps(BY_CLI).encode()[:-9],
        json.dumps(BY_CLI).encode() + b'"}',
        json.dumps(BY_CLI).replace('"AKIDONE"', "5").encode(),
        json.dumps(BY_CLI).replace('"secret-one"', '""').encode(),
        json.dumps(BY_CLI).replace('"session-one"', "null").encode(),
        json.dumps(BY_CLI).replace("2126-01-05", "soon").encode(),
        json.dumps(BY_CLI).encode() + b" " * (1 << 16),
    ],
)
def test_what_is_not_whole_is_no_keys(tmp_path: Path, data: bytes) -> None:
    """Empty, half, huge and wrong-typed files are passed over, and replaced by the next keys."""
    place = role_cache.path(tmp_path, ACME, ACCOUNT, ROLE)
    place.write_bytes(data)
    assert role_cache.read(tmp_path, ACME, ACCOUNT, ROLE) is None
    assert role_cache.write(tmp_path, ACME, ACCOUNT, ROLE, KEYS).result is Result.DONE
    assert role_cache.read(tmp_path, ACME, ACCOUNT, ROLE) == KEYS


def test_a_cache_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """A file stands where the folder should be; the sentence names the place and no key."""
    blocked = tmp_path / "cli"
    blocked.write_text("")
    outcome = role_cache.write(blocked / "cache", ACME, ACCOUNT, ROLE, KEYS)
    assert (outcome.result, outcome.code) == (Result.NOT_WRITABLE, "role_cache")
    assert str(blocked / "cache") in outcome.detail


def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old keys stay as they were."""

    def refuse(*_: object, **__: object) -> None:
        raise files.NotWritable("the disk is full")

    role_cache.write(tmp_path, ACME, ACCOUNT, ROLE, KEYS)
    monkeypatch.setattr(files, "replace", refuse)
    newer = RoleCredentials("AKIDTWO", "secret-two", "session-two", ENDS)
    outcome = role_cache.write(tmp_path, ACME, ACCOUNT, ROLE, newer)
    assert (outcome.result, outcome.detail) == (Result.NOT_WRITABLE, "the disk is full")
    assert role_cache.read(tmp_path, ACME, ACCOUNT, ROLE) == KEYS
