"""Tests of how a signed call begins."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from keeplit.core.secrets import RoleCredentials
from keeplit.core.signed_call import begin

KEYS = RoleCredentials("ASIAEXAMPLE", "secret", "token", datetime(2026, 11, 21, tzinfo=UTC))


@pytest.mark.parametrize("endpoint", [None, "http://127.0.0.1:9"])
def test_it_names_whom_to_ask_and_the_keys(endpoint: str | None) -> None:
    """The keys bear the names that botocore's client takes."""
    call = begin("sts", "eu-west-1", endpoint, KEYS)
    assert (call["service"], call["region"], call["endpoint"]) == ("sts", "eu-west-1", endpoint)
    assert call["keys"] == {
        "aws_access_key_id": "ASIAEXAMPLE",
        "aws_secret_access_key": "secret",
        "aws_session_token": "token",
    }
