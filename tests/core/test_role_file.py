import json
from datetime import UTC, datetime
from typing import Any

import pytest

from keeplit.core.role_file import read_role, role_of

GIVEN = {
    "AccessKeyId": "ASIAEXAMPLE",
    "SecretAccessKey": "secret",
    "SessionToken": "session",
    "Expiration": "2026-03-02T13:00:00Z",
}
ENDS = datetime(2026, 3, 2, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("named", "account", "expected"),
    [({}, "", ""), ({}, "111122223333", "111122223333"), ({"AccountId": "444455556666"}, "1", "444455556666")],
)
def test_a_whole_file_is_read(named: dict[str, str], account: str, expected: str) -> None:
    """Its account comes first, then the one that it was looked up by."""
    document = {"ProviderType": "sso", "Credentials": {**GIVEN, **named}}
    parts = ("ASIAEXAMPLE", "secret", "session", ENDS, expected)
    assert role_of(document, account) == parts
    assert read_role(json.dumps(document).encode(), account) == parts


@pytest.mark.parametrize("data", [None, b"", b"{", b"\xff", b"[" * 200_000, b"[]", b"{}", b'{"Credentials": 7}'])
def test_what_is_no_file_of_the_cache_is_none(data: bytes | None) -> None:
    """Half written, of another shape, or not there."""
    assert read_role(data) is None


@pytest.mark.parametrize("name", list(GIVEN))
@pytest.mark.parametrize("value", [None, "", 7, ["x"]])
def test_a_part_that_lacks_or_is_no_text_makes_it_none(name: str, value: Any) -> None:
    """Credentials are whole or they are none."""
    assert role_of({"Credentials": {**GIVEN, name: value}}) is None
