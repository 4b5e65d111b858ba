"""Role credentials and who signs with them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keeplit.sandbox.clockwork import Clockwork
from keeplit.sandbox.nouns import Lifetimes
from keeplit.sandbox.role_credentials import Vault


def headers_of(key: str, token: str, region: str = "eu-west-1") -> dict[str, str]:
    """Return the headers of a signed request that matter."""
    scope = f"Credential={key}/20260302/{region}/bedrock/aws4_request"
    return {"authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host", "x-amz-security-token": token}


@pytest.mark.parametrize(("minutes", "state"), [(0, "good"), (59, "good"), (60, "expired")])
def test_keys_live_for_the_roles_duration(clock: Clockwork, minutes: int, state: str) -> None:
    """They expire on the minute, and the region is the one that was signed for."""
    vault = Vault(clock, Lifetimes())
    keys = vault.issue("111122223333", "ReadOnly", "sam")
    clock.advance(timedelta(minutes=minutes))
    caller = vault.caller(headers_of(keys.access_key_id, keys.session_token))
    assert (caller.state, caller.region, caller.credentials) == (state, "eu-west-1", keys)


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer x"}, headers_of("ASIAUNKNOWN", "x")])
def test_strangers_are_unknown(clock: Clockwork, headers: dict[str, str]) -> None:
    """A request without a signature, or with unknown keys, has no caller."""
    vault = Vault(clock, Lifetimes())
    vault.issue("111122223333", "ReadOnly", "sam")
    assert vault.caller(headers).state == "unknown"


def test_keys_are_secret(clock: Clockwork) -> None:
    """They show in no repr."""
    vault = Vault(clock, Lifetimes())
    keys = vault.issue("111122223333", "ReadOnly", "sam")
    assert vault.secrets() == {keys.secret_access_key, keys.session_token}
    assert not any(secret in repr((vault, keys)) for secret in vault.secrets())
