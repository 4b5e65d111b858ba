import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from keeplit.adapters import assumed_role, clock
from keeplit.adapters.assumed_role import MFA, NO_SOURCE, SETTINGS, Assumed
from keeplit.adapters.identity_center import IdentityCenter
from keeplit.core.answers import Answer
from keeplit.core.deeds import Result
from keeplit.core.model import Credential, Profile
from keeplit.core.secrets import RoleCredentials
from keeplit.sandbox.faults import Fault
from keeplit.sandbox.server import Sandbox

ACCOUNT, ARN = "111122223333", "arn:aws:iam::111122223333:role/Deep"
DEEP = Profile("deep", Credential.SSO, "0" * 40, ACCOUNT, "ClaudeCode", "us-east-1", ARN)
SOURCE = RoleCredentials("ASIASOURCE", "very-secret-key", "very-secret-token", datetime(2026, 3, 2, tzinfo=UTC))
KEY = "ab" * 20
DOCUMENT = {
    "Credentials": {
        "AccessKeyId": "ASIADEEP",
        "SecretAccessKey": "secret",
        "SessionToken": "token",
        "Expiration": "2026-03-02T13:00:00Z",
        "AccountId": ACCOUNT,
    }
}
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    """Give one STS to the whole module."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def sandbox(shared: Sandbox) -> Iterator[Sandbox]:
    """Give STS without faults."""
    yield shared
    shared.faults.clear()


class Asked:
    """A worker that gives one answer, and keeps what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.calls: list[Mapping[str, object]] = []

    def __call__(self, calls: Sequence[Mapping[str, object]]) -> list[Answer]:
        self.calls += calls
        return [self.answer]


def told(
    answer: Answer, folder: Path = Path("/nonexistent"), environ: Mapping[str, str] | None = None
) -> tuple[Assumed, Asked]:
    """Return what an answer of the worker comes to, and what it was asked."""
    ask = Asked(answer)
    return assumed_role.assume(ask, environ or {}, folder, DEEP, "eu-west-1", SOURCE), ask


def config(home: Path, text: str = "", **settings: str) -> dict[str, str]:
    """Write a config with the profile deep, and return an environment that leads to it."""
    path = home / "config"
    lines = {"role_arn": ARN, "source_profile": "work", **settings}
    work = "[profile work]\nsso_session = acme\nsso_account_id = 1\nsso_role_name = r\n[sso-session acme]\n"
    path.write_text(f"{text}\n{work}[profile deep]\n" + "".join(f"{name} = {one}\n" for name, one in lines.items()))
    return {**os.environ, "AWS_CONFIG_FILE": str(path), "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "HOME": str(home)}


def assume(environ: Mapping[str, str], home: Path, source: RoleCredentials | None) -> Assumed:
    """Have the real worker assume the role of deep."""
    center = IdentityCenter(environ, connect_seconds=2, read_seconds=5)
    return assumed_role.assume(center.asked, environ, home / "cache", DEEP, "us-east-1", source)


def keys(sandbox: Sandbox) -> RoleCredentials:
    """Return role credentials that the sandbox knows."""
    given = sandbox.service.vault.issue(ACCOUNT, "ClaudeCode", "sam")
    return RoleCredentials(given.access_key_id, given.secret_access_key, given.session_token, given.expires_at)


@pytest.mark.parametrize(
    ("answer", "result", "code"),
    [
        (Answer(failure="source"), Result.CANNOT, NO_SOURCE),
        (Answer(failure="mfa"), Result.CANNOT, MFA),
        (Answer(failure="settings"), Result.CANNOT, SETTINGS),
        (Answer(failure="network"), Result.TRANSIENT, "network"),
        (Answer(failure="timeout"), Result.TRANSIENT, "timeout"),
        (Answer(403, "AccessDenied"), Result.FORBIDDEN, "AccessDenied"),
        (Answer(403, "AccessDenied", page=True), Result.TRANSIENT, "html"),
        (Answer(403, "ExpiredToken"), Result.REJECTED, "ExpiredToken"),
        (Answer(403, "InvalidClientTokenId"), Result.REJECTED, "InvalidClientTokenId"),
        (Answer(400, "Throttling"), Result.THROTTLED, "Throttling"),
        (Answer(429, "Throttling"), Result.THROTTLED, "Throttling"),
        (Answer(400, "ValidationError"), Result.REFUSED, "ValidationError"),
        (Answer(403, "SignatureDoesNotMatch"), Result.REFUSED, "SignatureDoesNotMatch"),
        (Answer(403, "RegionDisabledException"), Result.REFUSED, "RegionDisabledException"),
        (Answer(403, "Strange"), Result.REFUSED, "Strange"),
        (Answer(500, "AccessDenied"), Result.TRANSIENT, "AccessDenied"),
        (Answer(200), Result.TRANSIENT, "garbage"),
    ],
    ids=lambda value: f"{value.status}{value.error}{value.failure}" if isinstance(value, Answer) else "",
)
def test_every_answer_of_sts_has_its_meaning(answer: Answer, result: Result, code: str) -> None:
    """Who may not is told apart from whose keys are dead, and both from a network that is none."""
    found, _ = told(answer)

    assert (found.outcome.result, found.outcome.code, found.credentials, found.key) == (result, code, None, "")


def test_the_role_that_was_refused_is_named() -> None:
    """Of a chain, the one that was asked for last."""
    first, _ = told(Answer(403, "AccessDenied"))
    last, _ = told(Answer(403, "AccessDenied", fields={"role": "arn:aws:iam::1:role/Middle"}))

    assert (ARN in first.outcome.detail, "role/Middle'" in last.outcome.detail) == (True, True)


@pytest.mark.parametrize(
    ("environ", "endpoint"),
    [
        ({}, None),
        ({"AWS_ENDPOINT_URL_SSO": "https://sso.invalid"}, None),
        ({"AWS_ENDPOINT_URL": "https://all.invalid"}, "https://all.invalid"),
        (
            {"AWS_ENDPOINT_URL": "http://all.invalid", "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1"},
            "http://127.0.0.1:1",
        ),
        ({"AWS_ENDPOINT_URL_STS": "http://sts.invalid", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, None),
    ],
)
def test_the_address_of_sts_is_the_environments(environ: dict[str, str], endpoint: str | None) -> None:
    """Its own variable comes before the one for every service; another service's means nothing."""
    _, asked = told(Answer(failure="network"), environ=environ)

    assert [call["endpoint"] for call in asked.calls] == [endpoint]


def test_an_address_that_may_not_have_keys_gets_none() -> None:
    """Neither https nor this machine: nothing is asked."""
    found, asked = told(Answer(failure="network"), environ={"AWS_ENDPOINT_URL_STS": "http://sts.invalid"})

    assert (found.outcome.result, found.outcome.code, asked.calls) == (Result.CANNOT, "endpoint", [])


@pytest.mark.parametrize(("own", "expected"), [("us-east-1", "us-east-1"), ("", "eu-west-1")])
def test_the_profiles_region_comes_first(own: str, expected: str) -> None:
    """Where it has none, the session's is better than none at all."""
    ask = Asked(Answer(failure="network"))
    assumed_role.assume(ask, {}, Path("/nonexistent"), replace(DEEP, region=own), "eu-west-1", None)

    assert [(call["region"], call["source"]) for call in ask.calls] == [(expected, None)]


@pytest.mark.parametrize("key", ["", "../../evil", "x" * 40, 7, None])
def test_what_is_no_key_names_no_file(tmp_path: Path, key: object) -> None:
    """Only a sha1 becomes a file's name."""
    fields = {"key": key, "new": {str(key): DOCUMENT}, "document": DOCUMENT}
    found, _ = told(Answer(200, fields=fields), tmp_path / "cache")

    assert (found.key, found.credentials is not None) == ("", True)
    assert list(tmp_path.rglob("*.json")) == []


@pytest.mark.parametrize("new", [{KEY: DOCUMENT}, {}, None])
def test_what_is_new_is_cached(tmp_path: Path, new: object) -> None:
    """In the AWS CLI's format, 0600, and read back the same."""
    found, _ = told(Answer(200, fields={"key": KEY, "new": new, "document": DOCUMENT}), tmp_path / "cache")

    assert found.credentials is not None
    assert found.credentials.expires_at == datetime(2026, 3, 2, 13, tzinfo=UTC)
    back = assumed_role.read(tmp_path / "cache", KEY)
    assert back == (found.credentials if new else None)
    assert {oct(path.stat().st_mode & 0o777) for path in tmp_path.glob("cache/*")} <= {"0o600", "0o666"}


def test_a_cache_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    """What was got is returned all the same."""
    (tmp_path / "cache").touch()
    found, _ = told(Answer(200, fields={"key": KEY, "new": {KEY: DOCUMENT}, "document": DOCUMENT}), tmp_path / "cache")

    assert (found.outcome.result, found.credentials is not None) == (Result.DONE, True)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"Credentials": 7}', '{"Credentials": {"AccessKeyId": "A"}}', "[" * 100_000, "\udcff"],
)
def test_a_spoiled_file_is_none(tmp_path: Path, text: str) -> None:
    """Whatever it holds, it is as if it were not there."""
    (tmp_path / f"{KEY}.json").write_bytes(text.encode("utf-8", "surrogateescape"))

    assert assumed_role.read(tmp_path, KEY) is None


def test_a_role_is_assumed_and_cached(sandbox: Sandbox, tmp_path: Path) -> None:
    """The worker looks first; with keys it assumes; then the cache serves, without keys."""
    environ = {**config(tmp_path), "AWS_ENDPOINT_URL_STS": f"{sandbox.url}/sts"}
    looked = assume(environ, tmp_path, None)
    taken = assume(environ, tmp_path, keys(sandbox))
    again = assume({**environ, "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1"}, tmp_path, None)

    assert (looked.outcome.code, looked.credentials) == (NO_SOURCE, None)
    assert taken.credentials is not None
    assert timedelta(minutes=59) < taken.credentials.expires_at - clock.now() <= timedelta(hours=1)
    assert (looked.key, again.key, again.credentials) == (taken.key, taken.key, taken.credentials)


@pytest.mark.parametrize("text", ["", "{", "{}", '{"Credentials": {"Expiration": "soon"}}'])
def test_a_spoiled_cache_file_is_written_anew(sandbox: Sandbox, tmp_path: Path, text: str) -> None:
    """The AWS CLI would stop at it for ever."""
    environ = {**config(tmp_path), "AWS_ENDPOINT_URL_STS": f"{sandbox.url}/sts"}
    key = assume(environ, tmp_path, None).key
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / f"{key}.json").write_text(text)
    taken = assume(environ, tmp_path, keys(sandbox))

    assert (taken.credentials is not None, assumed_role.read(tmp_path / "cache", key)) == (True, taken.credentials)


def test_no_file_says_where_keys_go(sandbox: Sandbox, tmp_path: Path) -> None:
    """Not a config file's address of STS, also where the environment names another service's address."""
    services = f"[services s]\nsts =\n  endpoint_url = {sandbox.url}/sts\n"
    environ = config(tmp_path, services, services="s", endpoint_url=f"{sandbox.url}/sts")
    before = len(sandbox.log.since())
    nowhere = {"AWS_ENDPOINT_URL_SSO": sandbox.url, "HTTPS_PROXY": "http://127.0.0.1:1"}
    found = assume({**environ, **nowhere}, tmp_path, keys(sandbox))

    assert (found.outcome.code, len(sandbox.log.since())) == ("proxy", before)


@pytest.mark.parametrize(
    ("fault", "result", "code"),
    [
        (Fault("server_error"), Result.TRANSIENT, "InternalServerException"),
        (Fault("throttle"), Result.THROTTLED, "TooManyRequestsException"),
        (Fault("html"), Result.TRANSIENT, "garbage"),
        (Fault("html", status=403), Result.TRANSIENT, "garbage"),
        (Fault("garbage"), Result.TRANSIENT, "garbage"),
        (Fault("drop"), Result.TRANSIENT, "network"),
    ],
    ids=lambda value: f"{value.kind}-{value.status}" if isinstance(value, Fault) else "",
)
def test_real_answers_mean_what_they_should(
    sandbox: Sandbox, tmp_path: Path, fault: Fault, result: Result, code: str
) -> None:
    """As the real botocore reads them."""
    sandbox.faults.inject("GetCallerIdentity", fault)
    found = assume({**config(tmp_path), "AWS_ENDPOINT_URL_STS": f"{sandbox.url}/sts"}, tmp_path, keys(sandbox))

    assert (found.outcome.result, found.outcome.code) == (result, code)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"mfa_serial": "arn:aws:iam::1:mfa/sam"}, MFA),
        ({"source_profile": "gone"}, SETTINGS),
        ({"source_profile": "deep"}, SETTINGS),
        ({"credential_source": "Environment"}, SETTINGS),
        ({"region": "evil.example/"}, SETTINGS),
    ],
)
def test_a_profile_that_cannot_be_is_a_matter_of_settings(
    sandbox: Sandbox, tmp_path: Path, settings: dict[str, str], code: str
) -> None:
    """Nobody is prompted, and nothing is asked."""
    before = len(sandbox.log.since())
    environ = {**config(tmp_path, **settings), "AWS_ENDPOINT_URL_STS": f"{sandbox.url}/sts"}

    assert assume(environ, tmp_path, keys(sandbox)).outcome.code == code
    assert len(sandbox.log.since()) == before


def test_a_profile_that_is_gone_is_a_matter_of_settings(tmp_path: Path) -> None:
    """It was in the config a moment ago."""
    environ = {**config(tmp_path), "AWS_CONFIG_FILE": os.devnull}

    assert assume(environ, tmp_path, SOURCE).outcome.code == SETTINGS


@linux
def test_no_key_is_in_the_workers_arguments_or_environment(sandbox: Sandbox, tmp_path: Path) -> None:
    """They go through the pipe alone."""
    sandbox.faults.inject("GetCallerIdentity", Fault("hang", seconds=1.5))
    environ = {**config(tmp_path), "AWS_ENDPOINT_URL_STS": f"{sandbox.url}/sts", "AWS_SECRET_ACCESS_KEY": "very-secret"}
    thread = Thread(target=assume, args=(environ, tmp_path, SOURCE))
    thread.start()
    shown = b""
    until = clock.monotonic() + 10
    while b"aws_worker.py" not in shown and clock.monotonic() < until:
        shown = b"".join(seen(Path(folder)) for folder in Path("/proc").glob("[0-9]*"))
    thread.join(20)

    assert (b"aws_worker.py" in shown, b"very-secret" in shown) == (True, False)


def seen(folder: Path) -> bytes:
    """Return what everybody can see of a worker that this process started."""
    try:
        mine = (folder / "stat").read_text().rpartition(")")[2].split()[1] == str(os.getpid())
        line = (folder / "cmdline").read_bytes()
        return line + (folder / "environ").read_bytes() if mine and b"aws_worker.py" in line else b""
    except (OSError, IndexError):
        return b""


def test_what_is_cached_is_what_the_cli_would_find(sandbox: Sandbox, tmp_path: Path) -> None:
    """The file's name is botocore's own, and its dates are those that every tool reads."""
    from botocore.credentials import AssumeRoleCredentialFetcher

    environ = {**config(tmp_path), "AWS_ENDPOINT_URL_STS": f"{sandbox.url}/sts"}
    key = assume(environ, tmp_path, keys(sandbox)).key
    document = json.loads((tmp_path / "cache" / f"{key}.json").read_text())

    assert AssumeRoleCredentialFetcher(None, None, ARN)._cache_key == key
    assert document["Credentials"]["Expiration"][-1] == "Z"
    assert document["Credentials"]["AccountId"] == ACCOUNT
