import json
import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from keeplit.adapters import bedrock
from keeplit.adapters.identity_center import IdentityCenter
from keeplit.core.answers import Answer
from keeplit.core.deeds import Outcome, Result
from keeplit.core.model_list import Lifecycle
from keeplit.core.secrets import RoleCredentials
from keeplit.sandbox.bedrock import LEGACY_SINCE, READ_ONLY
from keeplit.sandbox.faults import Fault
from keeplit.sandbox.server import Sandbox

ACCOUNT, REGION = "111122223333", "us-east-1"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
OLD_HAIKU = "anthropic.claude-3-haiku-20240307-v1:0"
SONNET = "us.anthropic.claude-sonnet-5"


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    """Give one Bedrock to the whole module: each call of a real worker takes its time."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def sandbox(shared: Sandbox) -> Iterator[Sandbox]:
    """Give the Bedrock without faults."""
    yield shared
    shared.faults.clear()


def environment(url: str, **more: str) -> dict[str, str]:
    """Return an environment that names `url` instead of AWS."""
    return {**os.environ, "AWS_ENDPOINT_URL_BEDROCK": f"{url}/bedrock", **more}


def keys(sandbox: Sandbox, role: str = "ClaudeCode", account: str = ACCOUNT) -> RoleCredentials:
    """Return role credentials that the sandbox has given out."""
    given = sandbox.service.vault.issue(account, role, "sam")
    return RoleCredentials(given.access_key_id, given.secret_access_key, given.session_token, given.expires_at, account)


def asked(
    sandbox: Sandbox, region: str = REGION, *, role: str = "ClaudeCode", account: str = ACCOUNT
) -> tuple[Outcome, Mapping[str, Any] | None]:
    """Ask the sandbox through the real worker and the real botocore."""
    environ = environment(sandbox.url)
    ask = IdentityCenter(environ, connect_seconds=2, read_seconds=5).asked
    return bedrock.ask_for(ask, environ, region, keys(sandbox, role, account))


def known(told: Mapping[str, Any] | None) -> bedrock.Known:
    """Return what a good answer says."""
    assert told is not None
    return bedrock.known(told, NOON)


def test_a_region_tells_its_profiles_page_by_page(sandbox: Sandbox) -> None:
    """AWS's own and the account's, of Anthropic alone, with where requests go and when each model ends."""
    before = len(sandbox.log.of("ListInferenceProfiles"))

    outcome, told = asked(sandbox)

    by_id = {one.id: one for one in known(told).profiles}
    assert outcome == Outcome(Result.DONE)
    assert len(sandbox.log.of("ListInferenceProfiles")) - before > 3
    assert by_id[SONNET].regions == ("us-east-1", "us-east-2", "us-west-2")
    assert by_id["global.anthropic.claude-sonnet-5"].everywhere
    assert by_id[SONNET].lifecycle == Lifecycle()
    life = by_id[f"us.{OLD_HAIKU}"].lifecycle
    assert life is not None
    assert life.ends_at is not None
    assert life == Lifecycle(legacy=True, legacy_at=life.ends_at - LEGACY_SINCE, ends_at=life.ends_at, on_demand=True)
    assert [one.name for one in by_id.values() if one.application] == ["team-lamp", "team-wick"]
    assert [name for name in by_id if "anthropic" not in name and "application" not in name] == []
    assert (known(told).on_demand, known(told).unknown) == ((OLD_HAIKU,), ())


def test_each_region_and_account_has_a_list_of_its_own(sandbox: Sandbox) -> None:
    """What is offered in Frankfurt begins with eu. or global., and the account's own are its own."""
    found = known(asked(sandbox, "eu-central-1", account="777788889999")[1]).profiles

    assert {one.model.prefix for one in found if not one.application} == {"eu", "global"}
    assert [one.name for one in found if one.application] == ["client-lamp"]


def test_a_denied_list_is_unknown(sandbox: Sandbox) -> None:
    """The code says that nothing is known of access; the sentence names the permission and holds no ARN."""
    outcome, told = asked(sandbox, role=READ_ONLY)

    assert (outcome.result, outcome.code, told) == (Result.FORBIDDEN, "denied", None)
    assert "bedrock:ListInferenceProfiles" in outcome.detail
    assert "arn:" not in outcome.detail


def test_credentials_that_are_not_accepted_are_rejected(sandbox: Sandbox) -> None:
    """Unknown ones as expired ones, so that fresh ones are taken; the sign-in is not called over."""
    environ = environment(sandbox.url)
    ask = IdentityCenter(environ).asked
    strange = RoleCredentials("ASIAUNKNOWN", "secret", "token", NOON)

    outcome, told = bedrock.ask_for(ask, environ, REGION, strange)

    assert (outcome.result, outcome.code, told) == (Result.REJECTED, "UnrecognizedClientException", None)


@pytest.mark.parametrize(
    ("fault", "result", "code"),
    [
        (Fault("throttle"), Result.THROTTLED, "TooManyRequestsException"),
        (Fault("server_error"), Result.TRANSIENT, "InternalServerException"),
        (Fault("html", status=403), Result.TRANSIENT, "html"),
        (Fault("garbage"), Result.TRANSIENT, "garbage"),
        (Fault("drop"), Result.TRANSIENT, "network"),
        (Fault("access_denied", status=403), Result.FORBIDDEN, "denied"),
        (Fault("expired_token", status=403), Result.REJECTED, "ExpiredTokenException"),
        (Fault("invalid_request"), Result.REFUSED, "InvalidRequestException"),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
def test_every_answer_means_what_it_says(sandbox: Sandbox, fault: Fault, result: Result, code: str) -> None:
    """The answers are the sandbox's, and what reads them is the real botocore in the real worker."""
    sandbox.faults.inject("ListInferenceProfiles", fault)

    outcome, told = asked(sandbox)

    assert (outcome.result, outcome.code, told) == (result, code, None)


def test_a_list_without_the_models_lives_is_a_list(sandbox: Sandbox) -> None:
    """What AWS did not tell beside it is named as unknown, never as absent."""
    sandbox.faults.inject("ListFoundationModels", Fault("access_denied", status=403))

    outcome, told = asked(sandbox)

    assert (outcome.result, known(told).unknown) == (Result.DONE, ("lifecycle",))
    assert {one.lifecycle for one in known(told).profiles} == {None}


def given(*answers: Answer) -> bedrock.Ask:
    """Return a worker that gives these answers."""

    def ask(calls: Sequence[Mapping[str, object]]) -> Sequence[Answer]:
        assert len(calls) == len(answers)
        return answers

    return ask


CREDENTIALS = RoleCredentials("ASIAKEY", "secret-key", "session-token", NOON, ACCOUNT)
EMPTY = Answer(200, fields={"inferenceProfileSummaries": []})


def test_a_list_without_the_accounts_own_is_a_list() -> None:
    """As where only the second of the three calls fails."""
    outcome, told = bedrock.ask_for(given(EMPTY, Answer(failure="timeout"), EMPTY), {}, REGION, CREDENTIALS)

    assert (outcome.result, known(told).unknown) == (Result.DONE, ("application", "lifecycle"))


@pytest.mark.parametrize("found", [None, "x", {}])
def test_a_good_answer_without_a_list_is_broken(found: object) -> None:
    """It is no empty list."""
    answer = Answer(200, fields={"inferenceProfileSummaries": found})

    outcome, told = bedrock.ask_for(given(answer, EMPTY, EMPTY), {}, REGION, CREDENTIALS)

    assert (outcome.result, outcome.code, told) == (Result.TRANSIENT, "garbage", None)


ARN = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-5"
WHOLE = {
    "inferenceProfileId": SONNET,
    "inferenceProfileName": "US Claude Sonnet 5",
    "inferenceProfileArn": f"arn:aws:bedrock:us-east-1:{ACCOUNT}:inference-profile/{SONNET}",
    "models": [{"modelArn": ARN}],
    "status": "ACTIVE",
    "type": "SYSTEM_DEFINED",
}


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {**WHOLE, "inferenceProfileId": None},
        {**WHOLE, "models": None},
        {**WHOLE, "models": [None, {}]},
        {**WHOLE, "status": "CREATING"},
        {**WHOLE, "inferenceProfileId": "us.amazon.nova-pro-v1:0"},
    ],
)
def test_one_broken_profile_spoils_no_list(broken: dict[str, object]) -> None:
    """It is left out; so is one that cannot be called yet, and one of another vendor."""
    profiles = Answer(200, fields={"inferenceProfileSummaries": [broken, WHOLE, "x"]})
    models = Answer(200, fields={"modelSummaries": [{}, {"modelId": "anthropic.claude-sonnet-5", "modelLifecycle": 7}]})

    _, told = bedrock.ask_for(given(profiles, EMPTY, models), {}, REGION, CREDENTIALS)

    assert [(one.id, one.lifecycle) for one in known(told).profiles] == [(SONNET, Lifecycle())]


@pytest.mark.parametrize(
    ("variables", "endpoint"),
    [
        ({}, None),
        ({"AWS_ENDPOINT_URL": "https://vpce.example.com"}, "https://vpce.example.com"),
        ({"AWS_ENDPOINT_URL": "https://a", "AWS_ENDPOINT_URL_BEDROCK": " https://b "}, "https://b"),
        ({"AWS_ENDPOINT_URL_SSO": "https://portal.example.com"}, None),
        ({"AWS_ENDPOINT_URL_BEDROCK": "https://b", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, None),
    ],
)
def test_only_the_environment_names_another_endpoint(variables: dict[str, str], endpoint: str | None) -> None:
    """Bedrock's own variable before the one for all, as AWS's SDKs read them; the portal's says nothing here."""
    calls: list[Mapping[str, object]] = []

    def ask(asked: Sequence[Mapping[str, object]]) -> Sequence[Answer]:
        calls.extend(asked)
        return (EMPTY, EMPTY, EMPTY)

    bedrock.ask_for(ask, variables, REGION, CREDENTIALS)

    assert [one["endpoint"] for one in calls] == [endpoint] * 3
    assert [one["region"] for one in calls] == [REGION] * 3


def test_an_endpoint_that_may_not_have_credentials_gets_none() -> None:
    """It is refused before any process is started."""
    environ = {"AWS_ENDPOINT_URL_BEDROCK": "http://collector.invalid"}

    outcome, told = bedrock.ask_for(given(), environ, REGION, CREDENTIALS)

    assert (outcome.result, outcome.code, told) == (Result.CANNOT, "endpoint", None)


@pytest.fixture
def told(sandbox: Sandbox) -> Mapping[str, Any]:
    """Give a true list of the sandbox."""
    found = asked(sandbox)[1]
    assert found is not None
    return found


def test_the_last_list_is_kept_with_its_age(tmp_path: Path, told: Mapping[str, Any]) -> None:
    """What is read back is what AWS said, with the moment at which it said so, and of that account and region only."""
    state = tmp_path / "state"

    assert bedrock.write(state, ACCOUNT, REGION, told, NOON) == Outcome(Result.DONE)

    assert bedrock.read(state, ACCOUNT, REGION) == bedrock.known(told, NOON)
    assert bedrock.read(state, ACCOUNT, "us-west-2") is None
    assert bedrock.read(state, "444455556666", REGION) is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_file_is_private_and_holds_no_secret(tmp_path: Path, sandbox: Sandbox) -> None:
    """0600 in a folder of 0700; none of the keys that it was asked with is in it."""
    found = asked(sandbox)[1]
    assert found is not None
    state = tmp_path / "state"
    bedrock.write(state, ACCOUNT, REGION, found, NOON)

    file = bedrock.path(state, ACCOUNT, REGION)

    assert file is not None
    assert [stat.S_IMODE(one.stat().st_mode) for one in (file, file.parent, state)] == [0o600, 0o700, 0o700]
    assert [secret for secret in sandbox.secrets() if secret in file.read_text()] == []
    assert "ASIA" not in file.read_text()


@pytest.mark.parametrize(
    ("account", "region"), [("", REGION), ("../../etc/12", REGION), (ACCOUNT, "../x"), (ACCOUNT, ""), ("12", REGION)]
)
def test_no_other_name_becomes_a_file(tmp_path: Path, account: str, region: str) -> None:
    """Nothing is read or written beside the folder."""
    state = tmp_path / "state"

    outcome = bedrock.write(state, account, region, {"profiles": [], "models": [], "unknown": []}, NOON)

    assert (outcome.result, bedrock.read(state, account, region)) == (Result.CANNOT, None)
    assert not state.exists()


CHANGES: tuple[dict[str, object], ...] = (
    {"schema": 2},
    {"account": "444455556666"},
    {"region": "us-west-2"},
    {"asked_at": "yesterday"},
    {"asked_at": 7},
    {"profiles": None},
    {"profiles": [7]},
    {"models": [7]},
    {"models": [{}]},
    {"models": [{"id": []}]},
    {"unknown": 7},
)
GOOD = {
    "schema": 1,
    "account": ACCOUNT,
    "region": REGION,
    "asked_at": "2026-03-02T12:00:00Z",
    "profiles": [],
    "models": [],
    "unknown": [],
}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"7",
        b"[" * 100_000,
        *(json.dumps({**GOOD, **changed}).encode() for changed in CHANGES),
    ],
)
def test_a_spoiled_file_is_no_list(tmp_path: Path, content: bytes) -> None:
    """Whatever it holds; the next list takes its place."""
    file = bedrock.path(tmp_path, ACCOUNT, REGION)
    assert file is not None
    file.parent.mkdir()
    file.write_bytes(content)
    assert bedrock.read(tmp_path, ACCOUNT, REGION) is None

    bedrock.write(tmp_path, ACCOUNT, REGION, {name: GOOD[name] for name in ("profiles", "models", "unknown")}, NOON)
    assert bedrock.read(tmp_path, ACCOUNT, REGION) == bedrock.Known(NOON)


def test_a_list_that_cannot_be_kept_costs_only_the_next_call(tmp_path: Path) -> None:
    """A file where the folder should be is told, not raised."""
    (tmp_path / "models").write_text("in the way")

    outcome = bedrock.write(tmp_path, ACCOUNT, REGION, {"profiles": [], "models": [], "unknown": []}, NOON)

    assert (outcome.result, str(tmp_path / "models") in outcome.detail) == (Result.NOT_WRITABLE, True)
    assert bedrock.read(tmp_path, ACCOUNT, REGION) is None


def test_a_link_is_not_followed(tmp_path: Path, told: Mapping[str, Any]) -> None:
    """What somebody planted among our files is not read."""
    elsewhere = tmp_path / "elsewhere"
    bedrock.write(elsewhere, ACCOUNT, REGION, told, NOON + timedelta(hours=1))
    file, true = bedrock.path(tmp_path, ACCOUNT, REGION), bedrock.path(elsewhere, ACCOUNT, REGION)
    assert file is not None
    assert true is not None
    file.parent.mkdir()
    file.symlink_to(true)

    assert bedrock.read(tmp_path, ACCOUNT, REGION) is None
