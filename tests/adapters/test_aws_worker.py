import ast
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from keeplit.adapters import aws_worker
from keeplit.sandbox.clients import write_home
from keeplit.sandbox.faults import Fault
from keeplit.sandbox.server import Sandbox

SCRIPT = Path(aws_worker.__file__)
NO_PROXY_THERE = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Give an Identity Center of our own."""
    with Sandbox() as running:
        yield running
        running.faults.clear()


def call(endpoint: str | None, **changed: object) -> dict[str, object]:
    """Return a renewal that the sandbox does not know the client of."""
    secrets = {"refreshToken": "a", "clientId": "b", "clientSecret": "c"}
    parameters = {"grantType": "refresh_token", **secrets}
    where = {"service": "sso-oidc", "region": "us-east-1", "endpoint": endpoint}
    return {**where, "operation": "create_token", "parameters": parameters, **changed}


def ask(
    *calls: dict[str, object], command: Sequence[str] = (sys.executable, "-I", str(SCRIPT)), **environ: str
) -> list[dict[str, Any]]:
    """Run the script by its path, as the caller does, and return its answers."""
    request = json.dumps({"connect_seconds": 2, "read_seconds": 5, "calls": calls})
    ended = subprocess.run(
        command,
        input=request.encode(),
        capture_output=True,
        env={**os.environ, "HOME": "/nonexistent", **environ},
        timeout=30,
        check=True,
    )
    assert ended.stderr == b""
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_it_imports_nothing_of_keeplit() -> None:
    """Run by its path in isolated mode it would not find it, and a call would cost more than botocore."""
    tree = ast.parse(SCRIPT.read_text())
    names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}

    assert [name for name in names if name.startswith("keeplit")] == []


def test_it_sees_the_libraries_beside_it(sandbox: Sandbox, tmp_path: Path) -> None:
    """A keeplit of `pip install --user` lies, with all that it needs, where -I does not look."""
    bare, packages = tmp_path / "bare", tmp_path / "home" / ".local" / "lib" / "site-packages"
    venv.create(bare, symlinks=os.name == "posix")
    worker = packages / "keeplit" / "adapters" / SCRIPT.name
    worker.parent.mkdir(parents=True)
    shutil.copy(SCRIPT, worker)
    for name in ("botocore", "dateutil", "jmespath", "six", "urllib3"):
        found = Path(str(import_module(name).__file__))
        beside = found.parent if found.name == "__init__.py" else found
        (packages / beside.name).symlink_to(beside)
    python = str(bare / ("Scripts" if os.name == "nt" else "bin") / "python")

    (told,) = ask(call(sandbox.url), command=(python, "-I", str(worker)))

    assert (told["status"], told["error"]) == (401, "InvalidClientException")


def test_each_call_has_its_answer_in_its_order(sandbox: Sandbox) -> None:
    """Two calls of one client, and one of another service."""
    portal = {"service": "sso", "operation": "logout", "parameters": {"accessToken": "x"}}
    sandbox.faults.inject("CreateToken", Fault("invalid_grant", times=1))

    told = ask(call(sandbox.url), call(sandbox.url), call(sandbox.url, **portal))

    assert [(one["status"], one["error"]) for one in told] == [
        (400, "InvalidGrantException"),
        (401, "InvalidClientException"),
        (401, "UnauthorizedException"),
    ]


def test_the_oauth_name_serves_where_the_header_is_lost() -> None:
    """The body has RFC 6749's name, and some proxies drop headers they do not know."""
    seen: dict[str, Any] = {}

    aws_worker._note(seen, {"status_code": 400, "headers": {}, "body": b'{"error": "invalid_grant"}'})

    assert seen == {"status": 400, "page": False, "oauth_error": "InvalidGrantException"}


@pytest.mark.parametrize(
    ("headers", "body", "page"),
    [
        ({"content-type": "text/html; charset=utf-8"}, b"", True),
        ({}, b"\n <html>", True),
        ({"content-type": "application/json"}, b"[]", False),
        ({}, b'{"error": 7}', False),
        ({}, b"", False),
    ],
)
def test_a_web_page_is_known_by_its_type_or_its_first_sign(headers: dict[str, str], body: bytes, *, page: bool) -> None:
    """No proxy's page is taken for an answer, whatever else the body is."""
    seen: dict[str, Any] = {}

    aws_worker._note(seen, {"status_code": 200, "headers": headers, "body": body})

    assert seen == {"status": 200, "page": page}


@pytest.mark.parametrize(
    ("kind", "body", "page"),
    [("text/xml", b"<ErrorResponse/>", False), ("text/html", b"<html>", True), ("", b"<html>", True)],
)
def test_sts_speaks_xml_and_that_is_no_page(kind: str, body: bytes, *, page: bool) -> None:
    """A proxy's page is known all the same."""
    seen: dict[str, Any] = {}

    aws_worker._note(seen, {"status_code": 403, "headers": {"content-type": kind}, "body": body}, xml=True)

    assert seen["page"] is page


@pytest.mark.parametrize(
    "text",
    [
        "[default",
        "[default]\nsso_session = gone\nsso_account_id = 1\nsso_role_name = r\n",
        "\ufeff[default]\n",
        "text before\n[default]\n",
        "[default]\nregion = a\nregion = b\n",
    ],
)
def test_a_spoiled_config_file_stops_no_call(sandbox: Sandbox, tmp_path: Path, text: str) -> None:
    """A renewal needs nothing from it."""
    config = tmp_path / "config"
    config.write_text(text, encoding="utf-8")

    (told,) = ask(call(sandbox.url), AWS_CONFIG_FILE=str(config))

    assert told["error"] == "InvalidClientException"


def test_no_file_says_where_a_token_goes(sandbox: Sandbox, tmp_path: Path) -> None:
    """Neither a config file's endpoint, nor a rule set in a data folder, draws a token away from AWS."""
    write_home(tmp_path, sandbox.url)
    config = tmp_path / "config"
    data = tmp_path / "endpoints"
    config.write_text(
        f"[default]\nendpoint_url = {sandbox.url}\nservices = s\ndata_path = {data}\n"
        f"[services s]\nsso_oidc =\n  endpoint_url = {sandbox.url}\n"
    )
    before = len(sandbox.log.since())

    (told,) = ask(
        call(None),
        HOME=str(tmp_path),
        AWS_CONFIG_FILE=str(config),
        AWS_DATA_PATH=str(data),
        HTTPS_PROXY=NO_PROXY_THERE,
    )

    assert (told, len(sandbox.log.since())) == ({"failure": "proxy"}, before)


def test_a_token_for_this_machine_passes_no_proxy(sandbox: Sandbox) -> None:
    """Plain http to a loopback endpoint would show the token to a proxy that the environment names."""
    (told,) = ask(call(sandbox.url), HTTP_PROXY=NO_PROXY_THERE, ALL_PROXY=NO_PROXY_THERE)

    assert told["error"] == "InvalidClientException"


def signed(sandbox: Sandbox, region: str = "us-east-1", **changed: object) -> dict[str, object]:
    """Return a call of Bedrock with role credentials that the sandbox has given out."""
    given = sandbox.service.vault.issue("111122223333", "ClaudeCode", "sam")
    keys = {
        "aws_access_key_id": given.access_key_id,
        "aws_secret_access_key": given.secret_access_key,
        "aws_session_token": given.session_token,
    }
    where = {"service": "bedrock", "region": region, "endpoint": f"{sandbox.url}/bedrock", "keys": keys}
    return {**where, "operation": "list_inference_profiles", "parameters": {}, **changed}


def test_sts_answers_and_refuses_in_xml_and_neither_is_a_page(sandbox: Sandbox) -> None:
    """What speaks XML is known by its service, not by a word of the caller."""
    whose = {"service": "sts", "endpoint": f"{sandbox.url}/sts", "operation": "get_caller_identity"}
    refused = {"aws_access_key_id": "AKIAUNKNOWN", "aws_secret_access_key": "x", "aws_session_token": "x"}

    good, bad = ask(signed(sandbox, **whose), signed(sandbox, **whose, keys=refused))

    assert (good["status"], good["page"], good["fields"]["Account"]) == (200, False, "111122223333")
    assert (bad["status"], bad["page"], bool(bad["error"])) == (403, False, True)


def ids(told: dict[str, Any]) -> list[str]:
    """Return the profiles of an answer."""
    return [one["inferenceProfileId"] for one in told["fields"]["inferenceProfileSummaries"]]


def test_a_signed_call_has_its_keys_and_its_region(sandbox: Sandbox) -> None:
    """Each call is signed with its own, also where one of its kind came before; an unsigned one is refused."""
    first, strange, other, none = ask(
        signed(sandbox),
        signed(sandbox, keys=dict.fromkeys(("aws_access_key_id", "aws_secret_access_key"), "unknown")),
        signed(sandbox, "eu-central-1"),
        signed(sandbox, keys={}),
    )

    assert [first["status"], strange["error"], other["status"], none["error"]] == [
        200,
        "UnrecognizedClientException",
        200,
        "UnrecognizedClientException",
    ]
    assert ids(first)[0].startswith("us.")
    assert ids(other)[0].startswith("eu.")


def test_an_answer_in_pages_comes_as_one(sandbox: Sandbox) -> None:
    """With its dates as text; without the word for it only the first page comes."""
    before = len(sandbox.log.of("ListInferenceProfiles"))

    (told,) = ask(signed(sandbox, pages=True, parameters={"PaginationConfig": {"PageSize": 2}}))
    pages = len(sandbox.log.of("ListInferenceProfiles")) - before
    (one,) = ask(signed(sandbox, parameters={"maxResults": 2}))

    assert pages == (len(ids(told)) + 1) // 2 > 1
    assert len(set(ids(told))) == len(ids(told))
    assert (ids(one), one["fields"]["nextToken"] != "") == (ids(told)[:2], True)
    assert told["fields"]["inferenceProfileSummaries"][0]["createdAt"] == "2025-03-01T00:00:00Z"


def test_pages_that_are_refused_are_a_refusal(sandbox: Sandbox) -> None:
    """As any other call: its status and name, and no list."""
    sandbox.faults.inject("ListInferenceProfiles", Fault("throttle", times=1))

    (told,) = ask(signed(sandbox, pages=True))

    assert (told["status"], told["error"], "fields" in told) == (429, "TooManyRequestsException", False)


@pytest.mark.parametrize("region", ["", "evil.example/", "us-east-1 ", "-"])
def test_a_region_that_is_no_region_is_a_matter_of_settings(region: str) -> None:
    """A region becomes part of a host's name."""
    (told,) = ask(call(None, region=region), HTTPS_PROXY=NO_PROXY_THERE)

    assert told == {"failure": "settings"}


def test_what_went_wrong_is_told_by_its_kind_alone(sandbox: Sandbox) -> None:
    """The text of an error can hold what was sent."""
    (told,) = ask(call(sandbox.url, parameters={"grantType": "g", "refreshToken": ["very-secret"]}))

    assert told == {"failure": "settings"}


def test_an_error_that_nobody_foresaw_is_told_by_its_class(sandbox: Sandbox) -> None:
    """Even so the worker answers."""
    (told,) = ask(call(sandbox.url, parameters=[]))

    assert told == {"failure": "TypeError"}
