"""The notices that the desktop did not show, as the flame takes them from the published status. Pure.

Law: the status says what is untold, the flame tells each once, and nothing goes back.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from keeplit.core.view import NoticeStatus, Status
from keeplit.core.words import parse_time


def untold(status: Status, told: Collection[str], now: datetime) -> tuple[NoticeStatus, ...]:
    """Return the notices to be shown now, in their order; `told` holds the ids of those that were."""
    if not status["daemon"]["running"]:
        return ()  # what a daemon that is gone left behind is no news
    return tuple(one for one in status["notices"] if one["id"] not in told and _is_news(one, now))


def heard(status: Status, told: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Return the ids of what was told, each with its end: one that the status lost for a moment is not told again."""
    known = {**told, **{one["id"]: one["not_after"] for one in status["notices"]}}
    return {one: end for one, end in known.items() if (until := parse_time(end)) is not None and now <= until}


def _is_news(one: NoticeStatus, now: datetime) -> bool:
    until = parse_time(one["not_after"])
    return until is not None and now <= until
