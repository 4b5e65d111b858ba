"""AWS's cache dates, in every form that a tool writes."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.aws_dates import has_zone, read_date, write_date

THEN = datetime(2020, 6, 17, 10, 2, 8, tzinfo=UTC)
MILLI = THEN + timedelta(milliseconds=123)
MICRO = THEN + timedelta(microseconds=123456)


@pytest.mark.parametrize(
    ("spelled", "at"),
    [
        ("2020-06-17T10:02:08UTC", THEN),
        ("2020-06-17T10:02:08Z", THEN),
        ("2020-06-17T10:02:08z", THEN),
        ("2020-06-17T10:02:08GMT", THEN),
        ("2020-06-17T10:02:08 UTC", THEN),
        ("2020-06-17 10:02:08Z", THEN),
        ("2020-06-17T10:02:08.123Z", MILLI),
        ("2020-06-17T10:02:08,123Z", MILLI),
        ("2020-06-17T10:02:08.123456Z", MICRO),
        ("2020-06-17T10:02:08.123456789Z", MICRO),
        ("2020-06-17T10:02:08.123456789UTC", MICRO),
        ("2020-06-17T10:02:08+00:00", THEN),
        ("2020-06-17T10:02:08+0000", THEN),
        ("2020-06-17T12:02:08+02:00", THEN),
        ("2020-06-17T05:32:08-04:30", THEN),
        ("2020-06-17T10:02:08", THEN),
        (" 2020-06-17T10:02:08Z\n", THEN),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_every_form_is_read(spelled: str, at: datetime) -> None:
    """What botocore, the CLIs, Go, Java and JavaScript write is the same moment, in UTC."""
    read = read_date(spelled)
    assert (read, read.tzinfo if read else None) == (at, UTC)


@pytest.mark.parametrize(
    "spelled",
    [
        "",
        "soon",
        "2020-06-17",
        "2020-06-17T10:02Z",
        "2020-13-17T10:02:08Z",
        "2020-02-30T10:02:08Z",
        "2020-06-17T24:02:08Z",
        "0000-06-17T10:02:08Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "2020-06-17T10:02:08PST",
        "2020-06-17T10:02:08Z and more",
        1592388128,
        None,
        True,
        ["2020-06-17T10:02:08Z"],
    ],
)
def test_what_is_no_date_is_none(spelled: object) -> None:
    """Nothing is guessed, and nothing is raised."""
    assert read_date(spelled) is None


@given(at=st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), ahead=st.integers(-12, 12))  # noqa: DTZ001
def test_what_is_written_is_read_again(at: datetime, ahead: int) -> None:
    """The seconds survive, whatever zone the time was given in."""
    moment = at.replace(tzinfo=UTC)
    zone = timezone(timedelta(hours=ahead))
    assert read_date(write_date(moment.astimezone(zone))) == moment.replace(microsecond=0)


def test_one_form_is_written() -> None:
    """Go rejects ``UTC`` and botocore raises on a date without a zone."""
    assert write_date(MICRO) == "2020-06-17T10:02:08Z"


@given(st.text() | st.none() | st.integers() | st.binary())
def test_no_text_whatever_raises(found: object) -> None:
    """A cache file may hold anything."""
    read = read_date(found)
    assert read is None or read.tzinfo is UTC


@pytest.mark.parametrize(
    ("spelled", "expected"),
    [
        ("2020-06-17T10:02:08Z", True),
        ("2020-06-17T10:02:08.5+00:00", True),
        (" 2020-06-17T10:02:08UTC ", True),
        ("2020-06-17T10:02:08", False),
        ("soon", False),
        (None, False),
    ],
)
def test_a_zone_is_seen(spelled: object, expected: bool) -> None:  # noqa: FBT001  # a column of the table
    """botocore raises on a date without one."""
    assert has_zone(spelled) is expected


@pytest.mark.parametrize("year", [1, 999, 9999])
def test_a_year_has_four_digits(year: int) -> None:
    """A wrong clock still writes a date that every tool reads."""
    at = datetime(year, 6, 17, 10, 2, 8, tzinfo=UTC)
    assert (write_date(at), read_date(write_date(at))) == (f"{year:04d}-06-17T10:02:08Z", at)
