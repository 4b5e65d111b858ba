"""The scheduler: one job that knocks at the wake time.

Law: one alarm, moved each time. APScheduler does not see a resume from suspend and skips a job that is late; so the
job has no grace to miss, and whoever waits for the knock never waits longer than its own slice.
"""

from collections.abc import Callable
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler

JOB = "wake"
SELDOM_WEEKS = 520
MOST_AT_ONCE = 8  # a ring that is not quite over must not make the scheduler skip the next


class Alarm:
    """Knocks once at the time that was set last."""

    def __init__(self, knock: Callable[[], None]) -> None:
        """Start the scheduler's thread, with nothing to do."""
        self._knock = knock
        self._at: datetime | None = None
        self._scheduler = BackgroundScheduler(timezone="UTC", daemon=True)
        # A job that is done would be removed by the scheduler's thread, which a stop at that moment turns into an error
        # there; so there is one job that is never done, and whose next time is far away between the alarms.
        self._job = self._scheduler.add_job(
            self._ring,
            "interval",
            weeks=SELDOM_WEEKS,
            id=JOB,
            misfire_grace_time=None,
            coalesce=True,
            max_instances=MOST_AT_ONCE,
            next_run_time=None,
        )
        self._scheduler.start()

    def set(self, at: datetime) -> None:
        """Knock at `at` (aware) instead of at any time set before; one that is past knocks at once."""
        if at == self._at:
            return
        self._at = at
        self._job.modify(next_run_time=at)

    def _ring(self) -> None:
        self._at = None
        self._knock()

    def stop(self) -> None:
        """End the scheduler's thread."""
        self._scheduler.shutdown(wait=False)
