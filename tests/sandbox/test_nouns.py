"""The things the Identity Center keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from keeplit.sandbox.nouns import Session

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "ended", "alive"),
    [(0, False, True), (59, False, True), (60, False, False), (0, True, False)],
)
def test_session_lives_until_its_end(minutes: int, *, ended: bool, alive: bool) -> None:
    """At its end it is over, and one that was ended is over before."""
    session = Session(1, "https://d-1234567890.awsapps.com/start", "sam", NOON, NOON + timedelta(hours=1), ended)
    assert session.lives(NOON + timedelta(minutes=minutes)) == alive
