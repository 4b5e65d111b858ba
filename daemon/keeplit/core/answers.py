"""What an answer of Identity Center or the portal means: the facts' answer table. Pure.

Law: an answer is over, dead or rejected only where AWS itself said so by name; a page of some proxy, a broken answer
and every failure on the way are transient. No sentence here repeats what was answered, since that may hold a secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from keeplit.core.deeds import Outcome, Result

LONGEST_WAIT = timedelta(minutes=5)
FEWER = "AWS asks for fewer calls."
TROUBLE = "AWS has trouble of its own."
PENDING = "AuthorizationPendingException"

NAMED: Mapping[str, tuple[Result, str]] = {
    "InvalidGrantException": (Result.OVER, "The sign-in is over."),
    "ExpiredTokenException": (Result.OVER, "The sign-in is over."),
    "InvalidClientException": (Result.REGISTRATION_DEAD, "The client registration is not known any more."),
    "UnauthorizedClientException": (Result.REGISTRATION_DEAD, "The client registration is not accepted any more."),
    "AccessDeniedException": (Result.REFUSED, "It was refused by a person or a policy."),
    "InvalidRequestException": (Result.REFUSED, "The request does not suit: often a wrong sso_region or start URL."),
    PENDING: (Result.TRANSIENT, "Nobody has signed in yet."),
    "SlowDownException": (Result.THROTTLED, FEWER),
    "TooManyRequestsException": (Result.THROTTLED, FEWER),
    "ThrottlingException": (Result.THROTTLED, FEWER),
    "InternalServerException": (Result.TRANSIENT, TROUBLE),
}
PORTAL: Mapping[int, tuple[Result, str]] = {
    401: (Result.REJECTED, "The portal does not accept this token any more."),
    403: (Result.FORBIDDEN, "The role or its assignment is missing; signing in will not help."),
    404: (Result.FORBIDDEN, "The account or role does not exist; signing in will not help."),
}
STATUSES: Mapping[int, tuple[Result, str]] = {
    407: (Result.TRANSIENT, "The proxy wants a password."),
    408: (Result.TRANSIENT, "AWS gave up waiting."),
    429: (Result.THROTTLED, FEWER),
}
FAILURES: Mapping[str, tuple[Result, str]] = {
    "network": (Result.TRANSIENT, "AWS could not be reached."),
    "timeout": (Result.TRANSIENT, "AWS did not answer in time."),
    "tls": (Result.TRANSIENT, "No trusted connection to AWS: look at the proxy and AWS_CA_BUNDLE."),
    "proxy": (Result.TRANSIENT, "The proxy could not be reached or refused."),
    "garbage": (Result.TRANSIENT, "What came back was no answer of AWS."),
    "html": (Result.TRANSIENT, "A web page came back instead of AWS: a proxy, or a network that wants a sign-in."),
    "redirect": (Result.TRANSIENT, "Something in between sends elsewhere: often a network that wants a sign-in."),
    "died": (Result.TRANSIENT, "The process that asked AWS was ended."),
    "not_started": (Result.TRANSIENT, "The process that asks AWS could not be started."),
    "settings": (Result.CANNOT, "The AWS settings do not allow the call: look at sso_region."),
    "endpoint": (Result.CANNOT, "The endpoint that the environment names is neither https nor this machine."),
}
ON_THE_WAY = frozenset(
    {*(FAILURES[name][1] for name in ("network", "timeout", "tls", "proxy", "html", "redirect")), STATUSES[407][1]}
)
"""The sentences of what never came to AWS, or never came back from it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one call: an HTTP status with AWS's own error name, or a failure on the way; 0 is no status.

    `failure` is a key of `FAILURES`, else the class of an error nobody expected.
    """

    status: int = 0
    error: str = ""
    failure: str = ""
    page: bool = False
    date: str = ""
    retry_after: str = ""
    fields: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def good(self) -> bool:
        """Whether AWS did what it was asked."""
        return not self.failure and not self.page and 200 <= self.status < 300  # noqa: PLR2004  # RFC 9110, section 15


def judged(answer: Answer, *, portal: bool = False) -> Outcome:
    """Return what an answer means; `portal` for the calls that carry an access token."""
    if answer.good:
        return Outcome(Result.DONE)
    result, code, sentence = _meaning(answer, portal=portal)
    waits = result in {Result.THROTTLED, Result.TRANSIENT}
    return Outcome(result, code, sentence, retry_after=retry_after(answer) if waits else None)


def _meaning(answer: Answer, *, portal: bool) -> tuple[Result, str, str]:
    """Return result, code and sentence; the order is that of certainty about who answered."""
    status, error = answer.status, answer.error
    code = error or (f"HTTP {status}" if status else "")
    if answer.failure:
        result, sentence = FAILURES.get(answer.failure, (Result.UNEXPECTED, "An error that was not foreseen."))
        return result, answer.failure, sentence
    if status in STATUSES:
        return STATUSES[status][0], code, STATUSES[status][1]
    if answer.page:
        return FAILURES["html"][0], "html", FAILURES["html"][1]
    if status >= 500:  # noqa: PLR2004  # RFC 9110, section 15.6
        return Result.TRANSIENT, code, TROUBLE
    if status < 400:  # noqa: PLR2004  # RFC 9110, section 15.4
        return FAILURES["redirect"][0], code, FAILURES["redirect"][1]
    if portal and status in PORTAL:
        return PORTAL[status][0], code, PORTAL[status][1]
    result, sentence = NAMED.get(error, (Result.REFUSED, "AWS refused, and does not say why."))
    return result, code, sentence


def broken(code: str = "garbage") -> Outcome:
    """Return the outcome of a good answer without what it must hold, or of a failure by its key."""
    result, sentence = FAILURES[code]
    return Outcome(result, code, sentence)


def is_the_network(outcome: Outcome) -> bool:
    """Whether a call that may go well the next time did not come to AWS and back, or nothing says that it did."""
    return outcome.result is not Result.THROTTLED and (not outcome.detail or outcome.detail in ON_THE_WAY)


def in_passing(outcome: Outcome, then: str) -> str:
    """Return what to say of a call that may go well the next time: whose fault it was, and `then`, what comes now.

    Only where it is the network, or nothing else is known, a person is sent to look at it.
    """
    after = f"{then[0].upper()}{then[1:]}"
    reason = outcome.detail.rstrip(".") or outcome.code or str(outcome.result)
    if outcome.result is Result.THROTTLED:
        return f"{FEWER} {after}"
    if outcome.code == "network":
        return f"{FAILURES['network'][1]} Check the network; {then}"
    if is_the_network(outcome):
        return f"AWS could not be reached ({reason}). Check the network; {then}"
    if outcome.code == "garbage" or outcome.detail in {TROUBLE, STATUSES[408][1]}:
        return f"AWS answered with an error ({outcome.code}). {after}"
    return f"AWS could not be asked ({reason}). {after}"


def retry_after(answer: Answer) -> timedelta | None:
    """Return how long AWS asks to wait (RFC 9110, section 10.2.3), at most 5 min; None where it does not say.

    A date is counted from the answer's own date: the clock of this machine may be wrong.
    """
    if answer.retry_after.isascii() and answer.retry_after.isdecimal():
        return min(timedelta(seconds=int(answer.retry_after[:9])), LONGEST_WAIT)
    until, since = _http_date(answer.retry_after), _http_date(answer.date)
    if until is None or since is None:
        return None
    return max(timedelta(0), min(until - since, LONGEST_WAIT))


def skew(answer: Answer, now: datetime) -> timedelta | None:
    """Return how far AWS's clock is ahead of `now`; None where the answer has no date."""
    date = _http_date(answer.date)
    return None if date is None else date - now


def _http_date(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # a megabyte, and the flame's process reads no date of AWS

    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
