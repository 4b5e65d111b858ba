"""What the desktop did not show is told once, while it is news."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from keeplit.core.tray_notices import heard, untold
from keeplit.core.view import NoticeStatus, Status
from tests.core.lit_status import session, status

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
SOON = "2026-01-05T12:05:00Z"


def notice(number: str, not_after: str = SOON) -> NoticeStatus:
    """Return a notice of the status."""
    return {"id": number, "title": "Sign in to acme", "text": "It ended.", "not_after": not_after}


def published(*notices: NoticeStatus, running: bool = True) -> Status:
    """Return a status with these notices."""
    return status(session(), notices=list(notices), daemon={"running": running, "version": "1"})


def test_each_is_given_in_its_order_but_those_that_were_told() -> None:
    """By their ids, whatever they say."""
    one, two, three = map(notice, "123")

    assert untold(published(one, two, three), {"2"}, NOW) == (one, three)


@pytest.mark.parametrize(("later", "count"), [(timedelta(minutes=5), 1), (timedelta(minutes=5, seconds=1), 0)])
def test_what_is_no_news_any_more_is_not_told(later: timedelta, count: int) -> None:
    """A flame that starts in the afternoon says nothing of the morning."""
    assert len(untold(published(notice("1")), (), NOW + later)) == count


def test_what_has_no_end_is_no_news() -> None:
    """A time that cannot be read is none."""
    assert untold(published(notice("1", "soon")), (), NOW) == ()


def test_a_daemon_that_is_gone_has_no_news() -> None:
    """Its last word may be old."""
    assert untold(published(notice("1"), running=False), (), NOW) == ()


def test_what_was_told_is_known_as_long_as_it_is_news() -> None:
    """A status that was lost for a moment makes no second notice, and nothing is remembered for ever."""
    told = heard(published(notice("1"), notice("2", "soon")), {}, NOW)
    told = heard(published(), told, NOW)
    assert untold(published(notice("1")), told, NOW) == ()

    assert told == {"1": SOON}
    assert heard(published(), told, NOW + timedelta(minutes=6)) == {}
