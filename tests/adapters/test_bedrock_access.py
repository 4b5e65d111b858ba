from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

import pytest

from keeplit.adapters import bedrock_access
from keeplit.adapters.identity_center import IdentityCenter
from keeplit.core.answers import Answer
from keeplit.core.secrets import RoleCredentials
from keeplit.sandbox.server import Sandbox

BASE, REGION = "anthropic.claude-sonnet-5", "us-east-1"
FORMLESS = "444455556666"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Give one Bedrock to the whole module: each call of a real worker takes its time."""
    with Sandbox() as running:
        yield running


def environment(url: str) -> dict[str, str]:
    """Return an environment that names `url` instead of AWS."""
    return {
        **os.environ,
        "AWS_ENDPOINT_URL_BEDROCK": f"{url}/bedrock",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": f"{url}/bedrock",
    }


def keys(sandbox: Sandbox, account: str = "111122223333", role: str = "ClaudeCode") -> RoleCredentials:
    """Return role credentials that the sandbox has given out."""
    one = sandbox.service.vault.issue(account, role, "sam")
    return RoleCredentials(one.access_key_id, one.secret_access_key, one.session_token, one.expires_at, account)


def asked(sandbox: Sandbox, who: RoleCredentials, base: str = BASE) -> tuple[Answer, Answer]:
    """Ask through the real worker and the real botocore."""
    environ = environment(sandbox.url)
    return bedrock_access.availability(IdentityCenter(environ).asked, environ, REGION, who, base)


def test_availability_and_the_form_are_answered(sandbox: Sandbox) -> None:
    """Both come in one process; what the form holds is nobody's business and does not come."""
    first, second = asked(sandbox, keys(sandbox))
    assert (first.fields["authorizationStatus"], first.fields["regionAvailability"]) == ("AUTHORIZED", "AVAILABLE")
    assert (second.good, second.fields) == (True, {"formData": ""})
    assert sandbox.log.of("Converse") == ()


def test_an_account_without_the_form_is_told(sandbox: Sandbox) -> None:
    """That there is none is AWS's "not found"."""
    assert asked(sandbox, keys(sandbox, FORMLESS))[1].error == "ResourceNotFoundException"


def test_a_role_that_may_not_ask_is_denied(sandbox: Sandbox) -> None:
    """The answer says so by name."""
    assert [one.error for one in asked(sandbox, keys(sandbox, role="ReadOnly"))] == ["AccessDeniedException"] * 2


def test_a_call_is_one_token_long(sandbox: Sandbox) -> None:
    """A profile's id is called as Claude Code calls it; a base id that needs one is refused."""
    environ = environment(sandbox.url)
    ask = IdentityCenter(environ).asked
    assert bedrock_access.call(ask, environ, REGION, keys(sandbox), f"us.{BASE}").good
    assert bedrock_access.call(ask, environ, REGION, keys(sandbox), BASE).error == "ValidationException"


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({}, None),
        ({"AWS_ENDPOINT_URL_BEDROCK": "https://control.example.com"}, None),
        ({"AWS_ENDPOINT_URL": "https://all.example.com"}, "https://all.example.com"),
        ({"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "https://run.example.com"}, "https://run.example.com"),
        (
            {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "https://a", "ANTHROPIC_BEDROCK_BASE_URL": "https://gateway.example"},
            "https://gateway.example",
        ),
    ],
)
def test_the_call_goes_where_claude_code_goes(environ: Mapping[str, str], url: str | None) -> None:
    """Its own gateway first, then what the SDKs name for the runtime."""
    seen: list[object] = []

    def ask(calls: Sequence[Mapping[str, object]]) -> Sequence[Answer]:
        seen.extend((one["service"], one["endpoint"]) for one in calls)
        return [Answer(200)]

    who = RoleCredentials("A", "s", "t", None, "1")  # type: ignore[arg-type]
    bedrock_access.call(ask, environ, REGION, who, BASE)
    assert seen == [("bedrock-runtime", url)]


def test_no_keys_go_where_they_must_not() -> None:
    """A plain address that is not this machine gets no call, whichever of the three."""

    def ask(_: Sequence[Mapping[str, object]]) -> Sequence[Answer]:
        pytest.fail("it was asked")

    who = RoleCredentials("A", "s", "t", None, "1")  # type: ignore[arg-type]
    environ = {"AWS_ENDPOINT_URL": "http://example.com"}
    assert {one.failure for one in bedrock_access.availability(ask, environ, REGION, who, BASE)} == {"endpoint"}
    assert bedrock_access.call(ask, environ, REGION, who, BASE).failure == "endpoint"
