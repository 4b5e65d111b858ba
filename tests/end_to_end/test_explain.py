"""The decoder against real errors: of the AWS CLI and of botocore, on a sandbox that says no in each way."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from importlib import resources
from pathlib import Path

import jsonschema
import pytest

from keeplit.core.explain import explain
from keeplit.sandbox.faults import Fault
from tests.end_to_end.machine import Machine
from tests.engine.lit_laptop import HOUR

BEDROCK = """\
import boto3, os, sys
from botocore.config import Config
client = boto3.Session(profile_name="work").client(sys.argv[1], region_name="us-east-1",
    endpoint_url=os.environ["AWS_ENDPOINT_URL_BEDROCK"], config=Config(retries={"total_max_attempts": 1}))
if sys.argv[1] == "bedrock":
    client.list_inference_profiles()
else:
    client.invoke_model(modelId=sys.argv[2], body=b"{}")
"""
Prepare = Callable[[Machine], None]


def nothing(desk: Machine) -> None:
    """Leave all as it is: nobody is signed in."""


def nobody(desk: Machine) -> None:
    """Leave no profile that could be meant."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        desk.environ.pop(name, None)
    desk.environ["AWS_EC2_METADATA_DISABLED"] = "true"


def signed_in(desk: Machine) -> None:
    """Sign the person in."""
    desk.laptop.sign_in()


def refused(kind: str, operation: str = "GetRoleCredentials") -> Prepare:
    """Return what signs in and lets an operation be refused in one way."""

    def prepare(desk: Machine) -> None:
        desk.laptop.sign_in()
        desk.laptop.sandbox.faults.inject(operation, Fault(kind))  # type: ignore[arg-type]  # the name of a fault

    return prepare


def ended(desk: Machine) -> None:
    """Leave a token that is over and that the service renews no more."""
    refused("invalid_grant", "CreateToken")(desk)
    desk.laptop.sign_in(timedelta(seconds=-5))


def read_only(desk: Machine) -> None:
    """Sign in with a role that may not call Bedrock."""
    desk.laptop.sign_in()
    config = desk.home / ".aws" / "config"
    config.write_text(config.read_text().replace("ClaudeCode", "ReadOnly"))


def half_a_key(desk: Machine) -> None:
    """Export half of an access key."""
    desk.environ["AWS_ACCESS_KEY_ID"] = "AKIAIOSFODNN7EXAMPLE"


def foreign_keys(desk: Machine) -> None:
    """Export keys that the sandbox never gave."""
    half_a_key(desk)
    desk.environ["AWS_SECRET_ACCESS_KEY"] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def broken_config(desk: Machine) -> None:
    """Put a line before the first section of the AWS config."""
    config = desk.home / ".aws" / "config"
    config.write_text("sso_region = us-east-1\n" + config.read_text())


def no_service(desk: Machine) -> None:
    """Sign in, and stop the sandbox: nothing listens any more."""
    desk.laptop.sign_in()
    for name in ("AWS_ENDPOINT_URL_BEDROCK", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL"):
        if name in desk.environ:
            desk.environ[name] = "http://127.0.0.1:9"


CLI = [
    ("gone", ("sts", "get-caller-identity", "--profile", "gone"), nothing, "profile_missing"),
    ("nobody", ("sts", "get-caller-identity"), nobody, "credentials_missing"),
    ("signed out", ("sts", "get-caller-identity", "--profile", "work"), nothing, "token_missing"),
    ("session over", ("sts", "get-caller-identity", "--profile", "work"), ended, "session_over"),
    ("no assignment", ("sts", "get-caller-identity", "--profile", "work"), refused("forbidden"), "role_forbidden"),
    ("dead token", ("sts", "get-caller-identity", "--profile", "work"), refused("unauthorized"), "token_expired"),
    ("foreign keys", ("sts", "get-caller-identity"), foreign_keys, "credentials_invalid"),
    ("half a key", ("sts", "get-caller-identity"), half_a_key, "credentials_partial"),
    ("broken config", ("sts", "get-caller-identity"), broken_config, "config_broken"),
    ("wrong command", ("sso", "log-in"), nothing, "cli_too_old"),
    (
        "wrong region",
        ("sso", "login", "--profile", "work"),
        refused("invalid_request", "RegisterClient"),
        "sign_in_region_wrong",
    ),
    (
        "denied",
        ("sso", "login", "--profile", "work"),
        refused("access_denied", "StartDeviceAuthorization"),
        "sign_in_denied",
    ),
]
BOTOCORE = [
    ("gone", ("bedrock",), lambda desk: desk.environ.update(AWS_CONFIG_FILE="/dev/null"), "profile_missing"),
    ("signed out", ("bedrock",), nothing, "token_missing"),
    ("too many", ("bedrock",), refused("throttle"), "portal_throttled"),
    ("no assignment", ("bedrock",), refused("forbidden"), "role_forbidden"),
    ("no permission", ("bedrock",), read_only, "denied_identity"),
    ("bare id", ("bedrock-runtime", "anthropic.claude-opus-5"), signed_in, "on_demand_unsupported"),
    ("no such model", ("bedrock-runtime", "eu.anthropic.claude-opus-5"), signed_in, "model_invalid"),
    ("no service", ("bedrock",), no_service, "unreachable"),
]


@pytest.mark.parametrize(("command", "prepare", "code"), [row[1:] for row in CLI], ids=[row[0] for row in CLI])
def test_errors_of_the_aws_cli(
    desk: Machine, aws_cli_v2: Path, command: tuple[str, ...], prepare: Prepare, code: str
) -> None:
    """What the real AWS CLI prints is known."""
    prepare(desk)
    said = desk.program(str(aws_cli_v2), *command)
    assert said.returncode != 0
    assert (explain(said.stderr).code, said.stderr) == (code, said.stderr)


@pytest.mark.parametrize(
    ("command", "prepare", "code"), [row[1:] for row in BOTOCORE], ids=[row[0] for row in BOTOCORE]
)
def test_errors_of_botocore(desk: Machine, command: tuple[str, ...], prepare: Prepare, code: str) -> None:
    """A traceback of the library that AWS's tools stand on is known."""
    prepare(desk)
    said = desk.program(sys.executable, "-c", BEDROCK, *command)
    assert said.returncode != 0
    assert (explain(said.stderr).code, said.stderr) == (code, said.stderr)


def test_the_command_explains_what_is_piped_into_it(desk: Machine, aws_cli_v2: Path) -> None:
    """An error of the AWS CLI goes through a pipe into `keeplit explain --json`, whose object is as its schema says."""
    error = desk.program(str(aws_cli_v2), "sts", "get-caller-identity", "--profile", "work").stderr
    said = desk.run("explain", "--json", "-", stdin=None, input=error)
    told = json.loads(said.stdout)
    schema = json.loads(resources.files("keeplit").joinpath("schemas/explain.json").read_text())
    jsonschema.validate(told, schema, jsonschema.Draft202012Validator)
    assert (said.returncode, told["code"], told["fix"]) == (0, "token_missing", "keeplit login --profile=work")


def test_the_fix_that_is_named_mends_it(desk: Machine, aws_cli_v2: Path) -> None:
    """A token that went missing is explained, and what is named mends it: the same command works then."""
    error = desk.program(str(aws_cli_v2), "sts", "get-caller-identity", "--profile", "work").stderr
    assert explain(error, profile="work").fix == "keeplit login --profile=work"
    desk.laptop.sign_in(HOUR)
    assert desk.program(str(aws_cli_v2), "sts", "get-caller-identity", "--profile", "work").returncode == 0
