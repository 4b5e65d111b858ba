"""Whom STS takes credentials for is read from its answer, and its errors are told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from keeplit.adapters import sts_identity
from keeplit.adapters.sts_identity import Identity
from keeplit.core.answers import Answer
from keeplit.core.deeds import Result
from keeplit.core.secrets import RoleCredentials

KEYS = RoleCredentials("ASIA1", "secret", "token", datetime(2026, 3, 2, tzinfo=UTC))
ARN = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_ClaudeCode_0123/sam"


def asked(answer: Answer, environ: Mapping[str, str] | None = None) -> tuple[Result, Identity | None, list[object]]:
    """Ask for an identity, and return what came of it and which calls were made."""
    made: list[object] = []

    def ask(calls: Sequence[Mapping[str, object]]) -> list[Answer]:
        made.extend(calls)
        return [answer]

    outcome, found = sts_identity.ask_for(ask, environ or {}, "us-east-1", KEYS)
    return outcome.result, found, made


def test_the_account_and_the_name_are_read() -> None:
    """Account, and role with session name; no permission is needed for it."""
    result, found, made = asked(Answer(200, fields={"Account": "111122223333", "Arn": ARN}))

    assert (result, found) == (Result.DONE, Identity("111122223333", "AWSReservedSSO_ClaudeCode_0123/sam"))
    assert [(one["service"], one["operation"]) for one in made] == [("sts", "get_caller_identity")]  # type: ignore[index]  # a call


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(403, "ExpiredToken"), Result.REJECTED),
        (Answer(403, "InvalidClientTokenId"), Result.REJECTED),
        (Answer(403, "SignatureDoesNotMatch"), Result.REFUSED),
        (Answer(403, "Odd"), Result.REFUSED),
        (Answer(500, "InternalFailure"), Result.TRANSIENT),
        (Answer(200, page=True, fields={"Account": "1", "Arn": ARN}), Result.TRANSIENT),
        (Answer(403, "ExpiredToken", page=True), Result.TRANSIENT),
        (Answer(403, "SignatureDoesNotMatch", page=True), Result.TRANSIENT),
        (Answer(200), Result.TRANSIENT),
        (Answer(failure="network"), Result.TRANSIENT),
    ],
)
def test_errors_are_told_apart(answer: Answer, expected: Result) -> None:
    """What AWS named is told; the page of a proxy is nothing that AWS said."""
    assert asked(answer)[:2] == (expected, None)


def test_an_address_in_the_clear_gets_no_key() -> None:
    """Not even to ask who we are."""
    assert asked(Answer(200), {"AWS_ENDPOINT_URL_STS": "http://elsewhere"}) == (Result.CANNOT, None, [])
