import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from keeplit.adapters import device
from keeplit.adapters.identity_center import IdentityCenter
from keeplit.core.answers import PENDING
from keeplit.core.deeds import Outcome, Result
from keeplit.core.model import Kind, Session, SignInCode
from keeplit.core.secrets import NewToken, Registration
from keeplit.core.sign_in_flow import DeviceCode, Page
from keeplit.sandbox.clients import ACME
from keeplit.sandbox.faults import Fault
from keeplit.sandbox.server import Sandbox

SESSION = Session("0" * 40, "acme", Kind.SSO_SESSION, ACME, "us-east-1")
CLIENT = Registration("client", "secret", datetime(2026, 6, 2, tzinfo=UTC))
OLD_CLIENT = Registration("old", "secret", datetime(2026, 6, 2, tzinfo=UTC))
PAGE = Page("https://device.example/?user_code=ABCD-EFGH", "ABCD-EFGH")
DEVICE = DeviceCode(PAGE, "code", timedelta(minutes=10), timedelta(seconds=5))
TOKEN = NewToken("access", 3600, "refresh")

DONE = Outcome(Result.DONE)
WAITING = Outcome(Result.TRANSIENT, PENDING)
OFFLINE = Outcome(Result.TRANSIENT, "network", "AWS could not be reached.")
SLOW = Outcome(Result.THROTTLED, "SlowDownException")
DEAD = Outcome(Result.REGISTRATION_DEAD, "InvalidClientException")


@dataclass
class Script:
    """An Identity Center that says what it was told to, a clock that nobody waits for, and what was asked and when."""

    polls: Sequence[Outcome] = (DONE,)
    registered: Outcome = DONE
    started: Sequence[Outcome] = (DONE,)
    saved: Outcome = DONE
    time: float = 0.0
    cancel_at: float = 1e9
    by_hand_at: float = 1e9
    asked: list[str] = field(default_factory=list)
    polled_at: list[float] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    kept: list[tuple[Registration, NewToken]] = field(default_factory=list)

    def register(self, session: Session, scopes: Sequence[str]) -> tuple[Outcome, Registration | None]:
        self.asked.append(f"register {' '.join(scopes)}".strip())
        return self.registered, CLIENT if self.registered is DONE else None

    def start_device(self, session: Session, registration: Registration) -> tuple[Outcome, DeviceCode | None]:
        outcome = self.started[min(len([one for one in self.asked if one.startswith("start")]), len(self.started) - 1)]
        self.asked.append(f"start {registration.client_id}")
        return outcome, DEVICE if outcome is DONE else None

    def poll_device(
        self, session: Session, registration: Registration, device: DeviceCode
    ) -> tuple[Outcome, NewToken | None]:
        outcome = self.polls[min(len(self.polled_at), len(self.polls) - 1)]
        self.polled_at.append(self.time)
        return outcome, TOKEN if outcome is DONE else None

    def save(self, registration: Registration, token: NewToken) -> Outcome:
        self.kept.append((registration, token))
        return self.saved

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def run(
        self, session: Session = SESSION, deadline: float = 660, registration: Registration | None = None
    ) -> tuple[SignInCode, str]:
        watched = device.Watched(
            lambda: self.time >= self.cancel_at, lambda: self.time >= self.by_hand_at, lambda: self.time, self.sleep
        )
        return device.run(self, session, self.save, self.pages.append, deadline, watched, registration)


def test_a_person_signs_in_on_the_page_that_is_shown() -> None:
    """The code is asked about every interval until there is a token, which is kept with its client."""
    script = Script(polls=(WAITING, WAITING, DONE))

    ended = script.run()

    assert ended == (SignInCode.SIGNED_IN, "")
    assert (script.pages, script.polled_at, script.kept) == ([PAGE], [5, 10, 15], [(CLIENT, TOKEN)])
    assert script.asked == ["register sso:account:access", "start client"]


@pytest.mark.parametrize(
    ("session", "asked"),
    [
        (replace(SESSION, scopes=("a", "b")), "register a b"),
        (replace(SESSION, kind=Kind.LEGACY), "register"),
    ],
)
def test_the_configs_scopes_are_asked_for(session: Session, asked: str) -> None:
    """Without any, an sso-session asks for what makes its token renewable; a legacy one never does."""
    script = Script()

    script.run(session)

    assert script.asked[0] == asked


@pytest.mark.parametrize(
    ("started", "asked"),
    [
        ((DONE,), ["start old"]),
        ((DEAD, DONE), ["start old", "register sso:account:access", "start client"]),
    ],
)
def test_a_client_that_is_known_is_used_again(started: Sequence[Outcome], asked: list[str]) -> None:
    """One that AWS has forgotten is replaced, once."""
    script = Script(started=started)

    ended = script.run(registration=OLD_CLIENT)

    assert (ended[0], script.asked) == (SignInCode.SIGNED_IN, asked)


def test_slow_down_makes_the_questions_rarer() -> None:
    """Five seconds more for each, for good (RFC 8628, section 3.5)."""
    script = Script(polls=(SLOW, WAITING, SLOW, DONE))

    script.run()

    assert script.polled_at == [5, 15, 25, 40]


def test_a_failure_on_the_way_ends_nothing() -> None:
    """The person may be in the middle of signing in."""
    script = Script(polls=(OFFLINE, OFFLINE, DONE))

    assert (script.run()[0], script.polled_at) == (SignInCode.SIGNED_IN, [5, 10, 15])


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome(Result.REFUSED, "AccessDeniedException"), SignInCode.DENIED),
        (Outcome(Result.OVER, "ExpiredTokenException"), SignInCode.TIMED_OUT),
        (Outcome(Result.REFUSED, "InvalidRequestException"), SignInCode.MISCONFIGURED),
        (DEAD, SignInCode.REGISTRATION_DEAD),
        (Outcome(Result.UNEXPECTED, "ValueError"), SignInCode.FAILED),
    ],
)
def test_an_answer_about_the_code_ends_it(outcome: Outcome, expected: SignInCode) -> None:
    """Denied, run out, or not to be had here; every end has a sentence."""
    script = Script(polls=(outcome,))

    code, sentence = script.run()

    assert (code, bool(sentence), script.kept) == (expected, True, [])


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (Script(registered=OFFLINE), SignInCode.OFFLINE),
        (Script(started=(OFFLINE,)), SignInCode.OFFLINE),
        (Script(started=(SLOW,)), SignInCode.OFFLINE),
        (Script(started=(Outcome(Result.REFUSED, "InvalidRequestException"),)), SignInCode.MISCONFIGURED),
        (Script(registered=Outcome(Result.CANNOT, "endpoint")), SignInCode.MISCONFIGURED),
    ],
)
def test_one_that_cannot_begin_shows_no_page(script: Script, expected: SignInCode) -> None:
    """There is nothing to look at, and the reason is told."""
    assert (script.run()[0], script.pages) == (expected, [])


@pytest.mark.parametrize(
    ("saved", "expected"),
    [
        (Outcome(Result.NOT_WRITABLE, detail="The disk is full."), SignInCode.CACHE_NOT_WRITABLE),
        (Outcome(Result.SUPERSEDED), SignInCode.SIGNED_IN),
    ],
)
def test_a_token_that_cannot_be_kept_is_told(saved: Outcome, expected: SignInCode) -> None:
    """Signed in or not is what the cache says."""
    assert Script(saved=saved).run()[0] == expected


@pytest.mark.parametrize(("deadline", "expected"), [(12, 12), (660, 600)])
def test_nobody_there_times_out(deadline: float, expected: float) -> None:
    """At the deadline or when the code has run out, whichever comes first."""
    script = Script(polls=(WAITING,))

    ended = script.run(deadline=deadline)

    assert (ended[0], script.time) == (SignInCode.TIMED_OUT, expected)


def test_a_cancel_is_heard_between_two_questions() -> None:
    """Within half a second, not at the next question."""
    script = Script(polls=(WAITING,), cancel_at=6.2)

    ended = script.run()

    assert (ended[0], script.time) == (SignInCode.CANCELLED, 6.5)


def test_a_sign_in_by_another_way_ends_it_well() -> None:
    """A later token in the cache counts, whoever wrote it."""
    script = Script(polls=(WAITING,), by_hand_at=7)

    assert (script.run(), script.kept) == ((SignInCode.SIGNED_IN, ""), [])


@pytest.mark.parametrize(("approve", "expected"), [(True, (SignInCode.SIGNED_IN, 1)), (False, (SignInCode.DENIED, 0))])
def test_a_real_device_sign_in(*, approve: bool, expected: tuple[SignInCode, int]) -> None:
    """The real botocore against an Identity Center of our own, with a server error on the way."""
    kept: list[tuple[Registration, NewToken]] = []

    def save(registration: Registration, token: NewToken) -> Outcome:
        kept.append((registration, token))
        return DONE

    with Sandbox() as sandbox:
        sandbox.faults.inject("CreateToken", Fault("slow_down", times=1))
        center = IdentityCenter({**os.environ, "AWS_ENDPOINT_URL": sandbox.url})

        def decide(page: Page) -> None:
            sandbox.identity.decide(page.user_code, "sam", approve=approve)

        monotonic, sleep = fast_clock()
        watched = device.Watched(lambda: False, lambda: False, monotonic, sleep)
        ended = device.run(center, SESSION, save, decide, 60, watched)

    assert (ended[0], len(kept)) == expected
    assert [bool(token.refresh_token) for _, token in kept] == [True] * expected[1]


def fast_clock() -> tuple[Callable[[], float], Callable[[float], None]]:
    """Return a clock that jumps over every wait."""
    time = [0.0]

    def sleep(seconds: float) -> None:
        time[0] += seconds

    return lambda: time[0], sleep
