import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from keeplit.adapters import clock
from keeplit.adapters.identity_center import IdentityCenter
from keeplit.core.answers import PENDING
from keeplit.core.deeds import Result
from keeplit.core.model import Kind, Session
from keeplit.core.secrets import NewToken, Registration, Secrets
from keeplit.sandbox.clients import ACME
from keeplit.sandbox.faults import Fault
from keeplit.sandbox.server import Sandbox

ACCOUNT, ROLE = "111122223333", "ClaudeCode"
SESSION = Session("0" * 40, "acme", Kind.SSO_SESSION, ACME, "us-east-1", ("sso:account:access",))
WRONG = Secrets(access_token="access", refresh_token="refresh", client_id="client", client_secret="secret")

KILL, STOP = 9, 19  # Linux's numbers; the names are not on every system
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    """Give one Identity Center to the whole module: each call of a real worker takes its time."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def sandbox(shared: Sandbox) -> Iterator[Sandbox]:
    """Give the Identity Center without faults."""
    yield shared
    shared.faults.clear()


def environment(url: str, **more: str) -> dict[str, str]:
    """Return an environment that names `url` instead of AWS."""
    return {**os.environ, "AWS_ENDPOINT_URL": url, **more}


@pytest.fixture
def center(sandbox: Sandbox) -> IdentityCenter:
    """Give the Identity Center's client."""
    return IdentityCenter(environment(sandbox.url), connect_seconds=2, read_seconds=5)


@dataclass(frozen=True)
class SignedIn:
    client: Registration
    token: NewToken = field(repr=False)

    @property
    def secrets(self) -> Secrets:
        return Secrets(
            self.token.access_token, self.token.refresh_token or "", self.client.client_id, self.client.client_secret
        )


@pytest.fixture
def signed_in(sandbox: Sandbox) -> SignedIn:
    """Give a token of the sandbox, got without a worker."""
    identity = sandbox.identity
    known = identity.register("keeplit", ("sso:account:access",))
    device = identity.start_device(known, ACME)
    identity.decide(device.ticket, "sam", approve=True)
    grant = identity.redeem_device(known, device.code)
    assert grant.refresh is not None
    client = Registration(known.client_id, known.client_secret, known.expires_at, known.scopes)
    return SignedIn(client, NewToken(grant.access.value, 3600, grant.refresh.value))


@pytest.mark.parametrize(
    ("fault", "result", "code"),
    [
        (Fault("invalid_grant"), Result.OVER, "InvalidGrantException"),
        (Fault("expired_token"), Result.OVER, "ExpiredTokenException"),
        (Fault("invalid_client"), Result.REGISTRATION_DEAD, "InvalidClientException"),
        (Fault("unauthorized_client"), Result.REGISTRATION_DEAD, "UnauthorizedClientException"),
        (Fault("access_denied"), Result.REFUSED, "AccessDeniedException"),
        (Fault("invalid_request"), Result.REFUSED, "InvalidRequestException"),
        (Fault("slow_down"), Result.THROTTLED, "SlowDownException"),
        (Fault("throttle"), Result.THROTTLED, "TooManyRequestsException"),
        (Fault("server_error"), Result.TRANSIENT, "InternalServerException"),
        (Fault("server_error", status=503), Result.TRANSIENT, "InternalServerException"),
        (Fault("html"), Result.TRANSIENT, "html"),
        (Fault("html", status=403), Result.TRANSIENT, "html"),
        (Fault("html", status=503), Result.TRANSIENT, "html"),
        (Fault("garbage"), Result.TRANSIENT, "garbage"),
        (Fault("drop"), Result.TRANSIENT, "network"),
        (Fault("lost"), Result.TRANSIENT, "network"),
        (Fault("unnamed"), Result.REFUSED, "HTTP 418"),
        (Fault("unnamed", status=401), Result.REFUSED, "HTTP 401"),
        (Fault("unnamed", status=200), Result.TRANSIENT, "garbage"),
        (Fault("unnamed", status=302), Result.TRANSIENT, "HTTP 302"),
        (Fault("unnamed", status=502), Result.TRANSIENT, "HTTP 502"),
    ],
    ids=lambda value: f"{value.kind}-{value.status}" if isinstance(value, Fault) else "",
)
def test_every_answer_to_a_renewal_means_what_the_table_says(
    sandbox: Sandbox, center: IdentityCenter, fault: Fault, result: Result, code: str
) -> None:
    """The answers are the sandbox's, and what reads them is the real botocore in the real worker."""
    sandbox.faults.inject("CreateToken", fault)

    outcome, token = center.create_token(SESSION, WRONG)

    assert (outcome.result, outcome.code, token) == (result, code, None)


@pytest.mark.parametrize(
    ("fault", "result", "code"),
    [
        (Fault("unauthorized"), Result.REJECTED, "UnauthorizedException"),
        (Fault("forbidden"), Result.FORBIDDEN, "ForbiddenException"),
        (Fault("not_found"), Result.FORBIDDEN, "ResourceNotFoundException"),
        (Fault("throttle"), Result.THROTTLED, "TooManyRequestsException"),
        (Fault("server_error"), Result.TRANSIENT, "InternalServerException"),
        (Fault("html", status=401), Result.TRANSIENT, "html"),
        (Fault("html", status=403), Result.TRANSIENT, "html"),
        (Fault("unnamed", status=200), Result.TRANSIENT, "garbage"),
        (Fault("invalid_request"), Result.REFUSED, "InvalidRequestException"),
        (Fault("drop"), Result.TRANSIENT, "network"),
    ],
    ids=lambda value: f"{value.kind}-{value.status}" if isinstance(value, Fault) else "",
)
def test_every_answer_of_the_portal_means_what_the_facts_say(
    sandbox: Sandbox, center: IdentityCenter, fault: Fault, result: Result, code: str
) -> None:
    """401 is the token, 403 the role, and a proxy's page neither."""
    sandbox.faults.inject("GetRoleCredentials", fault)

    outcome, credentials = center.role_credentials(SESSION, ACCOUNT, ROLE, "access")

    assert (outcome.result, outcome.code, credentials) == (result, code, None)


@pytest.mark.parametrize(("told", "expected"), [(7, timedelta(seconds=7)), (9000, timedelta(minutes=5)), (None, None)])
def test_a_throttled_call_says_how_long_to_wait(
    sandbox: Sandbox, center: IdentityCenter, told: int | None, expected: timedelta | None
) -> None:
    """As long as AWS says, at most five minutes; without a word of it the usual back-off is used."""
    sandbox.faults.inject("CreateToken", Fault("throttle", retry_after=told))

    assert center.create_token(SESSION, WRONG)[0].retry_after == expected


@pytest.mark.parametrize(
    ("url", "more", "code"),
    [
        ("https://127.0.0.1:{port}", {}, "tls"),
        ("https://127.0.0.1:{port}", {"AWS_CA_BUNDLE": "/nonexistent/ca.pem"}, "tls"),
        ("https://nobody.invalid", {}, "network"),
        ("http://127.0.0.1:1", {}, "network"),
        ("https://nobody.invalid", {"HTTPS_PROXY": "http://127.0.0.1:1"}, "proxy"),
    ],
)
def test_a_way_that_leads_nowhere_is_transient(sandbox: Sandbox, url: str, more: dict[str, str], code: str) -> None:
    """TLS to a port that has none, a CA bundle that is gone, no such name, nobody there, a dead proxy."""
    center = IdentityCenter(environment(url.format(port=sandbox.port), **more))

    outcome, _ = center.create_token(SESSION, WRONG)

    assert (outcome.result, outcome.code) == (Result.TRANSIENT, code)


def test_an_endpoint_that_may_not_have_tokens_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused before any process is started."""
    monkeypatch.setattr("subprocess.Popen", None)

    outcome, _ = IdentityCenter(environment("http://collector.invalid")).create_token(SESSION, WRONG)

    assert (outcome.result, outcome.code) == (Result.CANNOT, "endpoint")


def test_a_renewal_brings_the_next_token(center: IdentityCenter, signed_in: SignedIn) -> None:
    """The answer has another access token, the next refresh token and a life of an hour."""
    outcome, token = center.create_token(SESSION, signed_in.secrets)
    again, _ = center.create_token(SESSION, signed_in.secrets)

    assert token is not None
    assert (outcome.result, outcome.life, token.expires_in) == (Result.DONE, timedelta(hours=1), 3600)
    assert {token.access_token, token.refresh_token}.isdisjoint({signed_in.token.access_token, None})
    assert token.refresh_token != signed_in.token.refresh_token
    assert again.result == Result.OVER


def test_an_answer_without_a_refresh_token_is_one_without(
    sandbox: Sandbox, center: IdentityCenter, signed_in: SignedIn
) -> None:
    """Keeping the old one is for whoever writes the file."""
    known = sandbox.identity.register("keeplit", ())
    device = sandbox.identity.start_device(known, ACME)
    client = Registration(known.client_id, known.client_secret, known.expires_at)
    _, begun = center.start_device(SESSION, client)
    assert begun is not None
    sandbox.identity.decide(begun.page.user_code, "sam", approve=True)

    outcome, token = center.poll_device(SESSION, client, begun)

    assert device.ticket != begun.page.user_code
    assert (outcome.result, token is not None and token.refresh_token) == (Result.DONE, None)


def test_role_credentials_come_with_their_end(center: IdentityCenter, signed_in: SignedIn) -> None:
    """The portal's milliseconds are an aware time an hour ahead."""
    before = clock.now()

    outcome, credentials = center.role_credentials(SESSION, ACCOUNT, ROLE, signed_in.token.access_token)

    assert credentials is not None
    assert (outcome.result, credentials.account) == (Result.DONE, ACCOUNT)
    assert timedelta(minutes=59) < credentials.expires_at - before < timedelta(minutes=61)
    assert all((credentials.access_key_id, credentials.secret_access_key, credentials.session_token))


def test_several_roles_are_answered_one_by_one(center: IdentityCenter, signed_in: SignedIn) -> None:
    """A role that is not assigned does not spoil the others."""
    wanted = ((ACCOUNT, ROLE), (ACCOUNT, "Nobody"), ("444455556666", "Administrator"))

    told = center.several_roles(SESSION, wanted, signed_in.token.access_token)

    assert [(outcome.result, taken is not None) for outcome, taken in told] == [
        (Result.DONE, True),
        (Result.FORBIDDEN, False),
        (Result.DONE, True),
    ]


def test_what_was_answered_before_the_deadline_counts(
    sandbox: Sandbox, center: IdentityCenter, signed_in: SignedIn
) -> None:
    """The second of two calls hangs; the first has its credentials all the same."""
    center.deadline_seconds, center.read_seconds = 3, 30
    sandbox.faults.inject("GetRoleCredentials", Fault("server_error", times=1))
    sandbox.faults.inject("GetRoleCredentials", Fault("hang"))

    told = center.several_roles(SESSION, ((ACCOUNT, ROLE), (ACCOUNT, ROLE)), signed_in.token.access_token)

    assert [outcome.code for outcome, _ in told] == ["InternalServerException", "timeout"]


def test_no_role_is_no_call(center: IdentityCenter) -> None:
    """There is nothing to ask."""
    assert center.several_roles(SESSION, (), "access") == ()


def test_a_logout_ends_the_sign_in_once(center: IdentityCenter, signed_in: SignedIn) -> None:
    """A second one finds it over."""
    ends = [center.logout(SESSION, signed_in.token.access_token).result for _ in range(2)]

    assert ends == [Result.DONE, Result.REJECTED]


def test_a_device_code_waits_for_its_person(sandbox: Sandbox, center: IdentityCenter) -> None:
    """Registered, begun, asked too early, approved, got."""
    _, client = center.register(SESSION, SESSION.scopes)
    assert client is not None
    _, device = center.start_device(SESSION, client)
    assert device is not None
    early, nothing = center.poll_device(SESSION, client, device)
    sandbox.identity.decide(device.page.user_code, "sam", approve=True)
    done, token = center.poll_device(SESSION, client, device)

    assert (client.scopes, client.expires_at > clock.now() + timedelta(days=89)) == (SESSION.scopes, True)
    assert (device.life, device.interval) == (timedelta(minutes=10), timedelta(seconds=1))
    assert device.page.url == f"{sandbox.url}/device?user_code={device.page.user_code}"
    assert (early.result, early.code, nothing) == (Result.TRANSIENT, PENDING, None)
    assert (done.result, token is not None and bool(token.refresh_token)) == (Result.DONE, True)


@pytest.mark.parametrize(
    ("fault", "result"),
    [(Fault("unnamed", status=200), Result.TRANSIENT), (Fault("invalid_request"), Result.REFUSED)],
    ids=["empty", "refused"],
)
def test_a_device_sign_in_that_cannot_begin_says_why(
    sandbox: Sandbox, center: IdentityCenter, fault: Fault, result: Result
) -> None:
    """An answer without what it must hold is no answer."""
    sandbox.faults.inject("RegisterClient", fault)
    sandbox.faults.inject("StartDeviceAuthorization", fault)
    client = Registration("client", "secret", datetime(2026, 3, 2, tzinfo=UTC))

    unregistered, nobody = center.register(SESSION, ())
    unstarted, nothing = center.start_device(SESSION, client)

    assert (unregistered.result, unstarted.result, nobody, nothing) == (result, result, None, None)


def test_a_wrong_clock_is_noticed(sandbox: Sandbox, center: IdentityCenter) -> None:
    """The answer's date is compared with this machine's."""
    sandbox.faults.skew = timedelta(minutes=7)

    center.create_token(SESSION, WRONG)

    assert center.last_skew is not None
    assert abs(center.last_skew - timedelta(minutes=7)) < timedelta(seconds=5)


def test_an_answer_without_a_date_changes_nothing_of_that(center: IdentityCenter) -> None:
    """What was known of the clock stays known."""
    center.last_skew = timedelta(minutes=3)
    center.environ = environment("http://127.0.0.1:1")

    center.create_token(SESSION, WRONG)

    assert center.last_skew == timedelta(minutes=3)


@contextmanager
def calling(center: IdentityCenter, secrets: Secrets = WRONG) -> Iterator[tuple[int, Callable[[], str]]]:
    """Make a renewal in a thread; give its worker's id, and a wait for the code of the outcome."""
    before = workers()
    ended: list[str] = []
    thread = Thread(target=lambda: ended.append(center.create_token(SESSION, secrets)[0].code))
    thread.start()

    def outcome() -> str:
        thread.join(20)
        return ended[0]

    until = clock.monotonic() + 10
    while not (new := workers() - before) and clock.monotonic() < until:
        clock.sleep(0.01)
    (worker,) = new
    yield worker, outcome
    thread.join(20)


def workers() -> set[int]:
    """Return the ids of the worker processes that this process started."""
    found = set()
    for folder in Path("/proc").iterdir():
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            if parent == str(os.getpid()) and b"aws_worker.py" in (folder / "cmdline").read_bytes():
                found.add(int(folder.name))
        except (OSError, IndexError):
            continue
    return found


@linux
def test_nothing_secret_is_in_the_workers_arguments_or_environment(sandbox: Sandbox, center: IdentityCenter) -> None:
    """Everybody on the machine can read the first; neither the token's nor the environment's own keys are there."""
    center.environ = environment(sandbox.url, AWS_SECRET_ACCESS_KEY="very-secret-key", AWS_PROFILE="gone", KEPT="yes")
    sandbox.faults.inject("CreateToken", Fault("hang", seconds=1.5))
    secrets = replace(WRONG, refresh_token="very-secret-refresh", client_secret="very-secret-client")

    with calling(center, secrets) as (worker, outcome):
        shown = Path(f"/proc/{worker}/cmdline").read_bytes() + Path(f"/proc/{worker}/environ").read_bytes()
        code = outcome()

    assert code == "network"
    assert [word for word in (b"very-secret", b"AWS_PROFILE", b"gone") if word in shown] == []
    assert b"KEPT=yes" in shown


@linux
def test_a_worker_killed_in_the_middle_of_a_call_is_transient(sandbox: Sandbox, center: IdentityCenter) -> None:
    """kill -9 says nothing about the token."""
    sandbox.faults.inject("CreateToken", Fault("hang"))

    with calling(center) as (worker, outcome):
        os.kill(worker, KILL)

        assert outcome() == "died"


@linux
def test_a_worker_that_hangs_is_killed_at_the_deadline(sandbox: Sandbox, center: IdentityCenter) -> None:
    """Its own time-outs may fail it; ours does not, not even when it is stopped."""
    center.deadline_seconds = 1.5
    sandbox.faults.inject("CreateToken", Fault("hang"))

    with calling(center) as (worker, outcome):
        os.kill(worker, STOP)

        assert Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[2] == str(worker)
        assert outcome() == "timeout"
        assert worker not in workers()


def test_botocores_own_deadline_comes_first(sandbox: Sandbox, center: IdentityCenter) -> None:
    """A server that never answers costs the read time-out, and no second attempt."""
    center.read_seconds = 0.5
    sandbox.faults.inject("CreateToken", Fault("hang", times=1))
    before = clock.monotonic()

    outcome, _ = center.create_token(SESSION, WRONG)

    assert (outcome.code, clock.monotonic() - before < 4, sandbox.faults.armed()) == ("timeout", True, {})


@pytest.mark.parametrize("executable", ["/nonexistent/python", "/bin/echo"])
def test_a_worker_that_cannot_work_is_transient(
    center: IdentityCenter, monkeypatch: pytest.MonkeyPatch, executable: str
) -> None:
    """An interpreter that is gone after an update, or that says something else."""
    monkeypatch.setattr("sys.executable", executable)

    outcome, _ = center.create_token(SESSION, WRONG)

    assert (outcome.result, outcome.code in {"not_started", "died"}) == (Result.TRANSIENT, True)


@pytest.mark.parametrize(
    ("region", "more", "host"),
    [
        ("eu-central-1", {}, "oidc.eu-central-1.amazonaws.com"),
        ("cn-north-1", {}, "oidc.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", {"AWS_USE_FIPS_ENDPOINT": "true"}, "oidc.us-gov-west-1.amazonaws.com"),
        ("us-east-1", {"AWS_USE_DUALSTACK_ENDPOINT": "true"}, "oidc.us-east-1.api.aws"),
    ],
)
def test_partitions_and_proxies_are_botocores_own(region: str, more: dict[str, str], host: str) -> None:
    """The proxy that the environment names is asked for the host of the region's partition."""
    with asked_proxy() as (proxy, asked):
        center = IdentityCenter({**os.environ, "HTTPS_PROXY": proxy, **more})
        outcome, _ = center.create_token(replace(SESSION, region=region), WRONG)

    assert (outcome.code, asked) == ("proxy", [f"CONNECT {host}:443 HTTP/1.1"])


@contextmanager
def asked_proxy() -> Iterator[tuple[str, list[str]]]:
    """Give a proxy that refuses everything, and the first lines of what it was asked."""
    asked: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                asked.append(connection.recv(4096).decode().splitlines()[0].replace("HTTP/1.0", "HTTP/1.1"))
                connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", asked
        thread.join(20)
