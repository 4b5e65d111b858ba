from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from keeplit.sandbox.claude import Second
from keeplit.sandbox.measure import Measure

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Fake:
    """A Claude whose every second is as told, in a time that runs a hundred times as fast."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.enough = threading.Event()
        self.closed = False
        self.worked = 0

    def work(self) -> Second | None:
        self.worked += 1
        if self.worked > 3:
            self.enough.set()
        if self.fails:
            message = "a secret may stand here"
            raise OSError(message)
        return None if self.worked == 1 else Second(NOON, lit=True)

    def close(self) -> None:
        self.closed = True


def counted(fake: Fake) -> tuple[Second, ...]:
    """Measure a Claude until it has worked enough."""
    began = datetime.now(UTC)

    def now() -> datetime:
        return NOON + (datetime.now(UTC) - began) * 100

    with Measure(lambda _: fake, now) as measure:  # type: ignore[arg-type,return-value]  # a fake
        measure.start("work")
        measure.start("work")
        assert fake.enough.wait(10)
        measure.stop()
        return measure.seconds()["work"]


def test_every_second_is_counted_from_the_first_answer_on() -> None:
    """What is not yet a second is not counted; the Claude is ended with the measure."""
    fake = Fake()
    seconds = counted(fake)
    assert (len(seconds), all(second.lit for second in seconds)) == (fake.worked - 1, True)
    assert fake.closed


def test_work_that_breaks_is_dark() -> None:
    """An error is a dark second of its kind, and the measure goes on."""
    seconds = counted(Fake(fails=True))
    assert {(second.lit, second.why) for second in seconds} == {(False, "OSError")}
    assert len(seconds) >= 3


def test_the_time_between_two_looks_is_a_second() -> None:
    """The measure does not look more often than once a second."""
    fake = Fake()
    with Measure(lambda _: fake) as measure:  # type: ignore[arg-type,return-value]  # a fake
        measure.start("work")
        began = datetime.now(UTC)
        assert fake.enough.wait(10)
        assert datetime.now(UTC) - began >= timedelta(seconds=2.5)
        measure.stop()
