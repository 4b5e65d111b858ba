from datetime import UTC, datetime, timedelta

import pytest

from keeplit.core.answers import FAILURES, NAMED, PENDING, Answer, broken, in_passing, judged, retry_after, skew
from keeplit.core.deeds import Outcome, Result

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HTTP_NOON = "Mon, 02 Mar 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("error", "status", "expected"),
    [
        ("InvalidGrantException", 400, Result.OVER),
        ("ExpiredTokenException", 400, Result.OVER),
        ("InvalidClientException", 401, Result.REGISTRATION_DEAD),
        ("UnauthorizedClientException", 400, Result.REGISTRATION_DEAD),
        ("AccessDeniedException", 400, Result.REFUSED),
        ("InvalidRequestException", 400, Result.REFUSED),
        ("SlowDownException", 400, Result.THROTTLED),
        ("TooManyRequestsException", 429, Result.THROTTLED),
        ("InternalServerException", 500, Result.TRANSIENT),
        (PENDING, 400, Result.TRANSIENT),
    ],
)
def test_each_named_answer_means_what_the_table_says(error: str, status: int, expected: Result) -> None:
    """The service's own name decides, and is told on."""
    outcome = judged(Answer(status, error))

    assert (outcome.result, outcome.code, outcome.detail) == (expected, error, outcome.detail or "a sentence")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (302, Result.TRANSIENT),
        (401, Result.REFUSED),
        (407, Result.TRANSIENT),
        (408, Result.TRANSIENT),
        (418, Result.REFUSED),
        (429, Result.THROTTLED),
        (503, Result.TRANSIENT),
    ],
)
def test_an_answer_without_a_name_goes_by_its_status(status: int, expected: Result) -> None:
    """No status alone says that a sign-in is over."""
    outcome = judged(Answer(status))

    assert (outcome.result, outcome.code) == (expected, f"HTTP {status}")


@pytest.mark.parametrize("status", [200, 400, 401, 403, 503])
@pytest.mark.parametrize("portal", [True, False])
def test_a_web_page_is_transient_whatever_its_status(status: int, *, portal: bool) -> None:
    """A captive portal or a proxy answers instead of AWS; that says nothing about a token."""
    outcome = judged(Answer(status, page=True), portal=portal)

    assert (outcome.result, outcome.code) == (Result.TRANSIENT, "html")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, Result.REFUSED),
        (401, Result.REJECTED),
        (403, Result.FORBIDDEN),
        (404, Result.FORBIDDEN),
        (429, Result.THROTTLED),
        (500, Result.TRANSIENT),
    ],
)
def test_the_portal_says_by_its_status_what_is_wrong_with_a_token_or_a_role(status: int, expected: Result) -> None:
    """401 is the token, 403 and 404 are the role: only the first is a reason to sign in."""
    assert judged(Answer(status), portal=True).result == expected


def test_a_server_error_is_transient_even_with_the_name_of_an_end() -> None:
    """A broken server is not believed."""
    assert judged(Answer(500, "InvalidGrantException")).result == Result.TRANSIENT


@pytest.mark.parametrize("failure", sorted(FAILURES))
def test_each_failure_on_the_way_is_told_by_its_own_code(failure: str) -> None:
    """Whatever stands in between is named, and `broken` says the same."""
    outcome = judged(Answer(failure=failure))

    assert outcome == broken(failure)
    assert outcome.result == (Result.CANNOT if failure in {"settings", "endpoint"} else Result.TRANSIENT)


def test_an_unforeseen_failure_is_unexpected() -> None:
    """The class of the error is the code."""
    outcome = judged(Answer(failure="ZeroDivisionError"))

    assert (outcome.result, outcome.code) == (Result.UNEXPECTED, "ZeroDivisionError")


def test_a_failure_after_an_answer_is_a_failure() -> None:
    """Two hundred and bytes that are no JSON are not good."""
    assert judged(Answer(200, failure="garbage")).result == Result.TRANSIENT


def test_a_good_answer_is_done() -> None:
    """Any 2xx that AWS itself wrote is good."""
    assert judged(Answer(200)) == Outcome(Result.DONE)


def test_every_row_has_a_sentence() -> None:
    """Every row of the table says what it is."""
    assert [name for name, (_, sentence) in {**NAMED, **FAILURES}.items() if not sentence.endswith(".")] == []


@pytest.mark.parametrize(
    ("header", "date", "expected"),
    [
        ("7", "", timedelta(seconds=7)),
        ("0", "", timedelta(0)),
        ("86400", "", timedelta(minutes=5)),
        ("9" * 40, "", timedelta(minutes=5)),
        ("", "", None),
        ("-5", "", None),
        ("٣", "", None),
        ("soon", HTTP_NOON, None),
        ("Mon, 02 Mar 2026 12:00:30 GMT", HTTP_NOON, timedelta(seconds=30)),
        ("Mon, 02 Mar 2026 12:00:30 -0000", HTTP_NOON, timedelta(seconds=30)),
        ("Mon, 02 Mar 2026 11:00:00 GMT", HTTP_NOON, timedelta(0)),
        ("Mon, 02 Mar 2026 12:00:30 GMT", "", None),
        ("Mon, 02 Mar 99999999999999999999 12:00:30 GMT", HTTP_NOON, None),
    ],
)
def test_retry_after_is_read_in_seconds_or_as_a_date(header: str, date: str, expected: timedelta | None) -> None:
    """A date is counted from the server's own clock, and nothing waits longer than five minutes."""
    assert retry_after(Answer(429, retry_after=header, date=date)) == expected


def test_only_what_can_be_tried_again_says_when() -> None:
    """A refusal with Retry-After is a refusal all the same."""
    waits = [judged(Answer(status, retry_after="7")).retry_after for status in (429, 503, 400)]

    assert waits == [timedelta(seconds=7), timedelta(seconds=7), None]


@pytest.mark.parametrize(("date", "expected"), [("Mon, 02 Mar 2026 12:03:00 GMT", timedelta(minutes=3)), ("", None)])
def test_the_answers_date_tells_how_wrong_this_clock_is(date: str, expected: timedelta | None) -> None:
    """Ahead is positive; without a date nothing is known."""
    assert skew(Answer(200, date=date), NOON) == expected


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (judged(Answer(429, "TooManyRequestsException")), "AWS asks for fewer calls. Try again"),
        (judged(Answer(400, "SlowDownException")), "AWS asks for fewer calls. Try again"),
        (judged(Answer(503)), "AWS answered with an error (HTTP 503). Try again"),
        (
            judged(Answer(500, "InternalServerException")),
            "AWS answered with an error (InternalServerException). Try again",
        ),
        (judged(Answer(408)), "AWS answered with an error (HTTP 408). Try again"),
        (broken(), "AWS answered with an error (garbage). Try again"),
        (broken("died"), "AWS could not be asked (The process that asked AWS was ended). Try again"),
        (Outcome(Result.TRANSIENT, "busy", "another asks"), "AWS could not be asked (another asks). Try again"),
        (broken("network"), "AWS could not be reached. Check the network; try again"),
        (broken("timeout"), "AWS could not be reached (AWS did not answer in time). Check the network; try again"),
        (judged(Answer(407)), "AWS could not be reached (The proxy wants a password). Check the network; try again"),
        (
            Outcome(Result.TRANSIENT, "network_down"),
            "AWS could not be reached (network_down). Check the network; try again",
        ),
        (Outcome(Result.TRANSIENT), "AWS could not be reached (transient). Check the network; try again"),
    ],
)
def test_the_network_is_named_only_where_it_is_the_network(outcome: Outcome, said: str) -> None:
    """AWS's own trouble, its throttle and a process of ours that ended send nobody to look at the network."""
    assert in_passing(outcome, "try again") == said


@pytest.mark.parametrize("failure", ["tls", "proxy", "html", "redirect"])
def test_what_stands_in_between_is_the_network(failure: str) -> None:
    """A proxy, a page of a hotel and a certificate that is not trusted are for the person to mend."""
    assert "could not be reached" in in_passing(broken(failure), "try again")
    assert "Check the network" in in_passing(broken(failure), "try again")
