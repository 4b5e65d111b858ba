from __future__ import annotations

import io
import itertools
import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import boto3
import jsonschema
import parliament
import pytest
from moto import mock_aws

from tests.core.simulated_iam import allows
from tests.ui.typing_person import Typist

CALL = "bedrock:InvokeModel"
US = "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-5"
OWN = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6"
LEVELS = ("minimum", "standard", "restricted")
TARGETS: dict[str, tuple[str, ...]] = {
    "all": (),
    "alias": ("--model", "sonnet"),
    "two": ("--model", "sonnet", "--model", "haiku", "--region", "us-east-1", "--region", "eu-west-1"),
    "global": ("--model", "global.anthropic.claude-opus-5"),
    "own": ("--profile-arn", OWN),
}
LIMITS: dict[str, tuple[str, ...]] = {
    "free": (),
    "marketplace": ("--marketplace",),
    "office": ("--source-ip", "8.8.4.0/24", "--source-ip", "2600:1f00::/24"),
    "endpoint": ("--vpce", "vpce-0123456789abcdef0", "--tls-only"),
    "everything": (
        *("--marketplace", "--source-ip", "8.8.8.8", "--principal-tag", "team=web", "--principal-tag", "cost=1"),
        *("--until", "2999-12-31", "--tls-only"),
    ),
}
COMBINED = [
    (level, target, limit)
    for level, target, limit in itertools.product(LEVELS, TARGETS, LIMITS)
    if level != "restricted" or target != "all"
]
# The linter wants each action to have a resource of every type that it can have: routers, imported models and so on.
NOT_MEANT = {"RESOURCE_MISMATCH"}


def found_in(document: str) -> list[str]:
    """Return what the linter finds in a policy."""
    findings = parliament.analyze_policy_string(document).findings
    return [f"{one.issue}: {one.detail}" for one in findings if one.issue not in NOT_MEANT]


@pytest.fixture
def account() -> Iterator[Any]:
    """Give the IAM of a made-up account, which refuses what IAM would refuse."""
    with mock_aws():
        yield boto3.client("iam", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


@pytest.fixture
def signed_in(person: Typist) -> Typist:
    """Give somebody whose account's models can be listed."""
    person.laptop.sign_in()
    return person


@pytest.mark.parametrize("target", TARGETS)
def test_iam_accepts_every_combination(signed_in: Typist, account: Any, target: str) -> None:
    """Each combination of flags is a policy that IAM takes and in which a linter finds nothing."""
    for number, (level, aimed, limit) in enumerate(COMBINED):
        if aimed != target:
            continue
        said = signed_in.types("iam", "policy", "--level", level, *TARGETS[target], *LIMITS[limit])
        assert said.code == 0, said.err
        made = account.create_policy(PolicyName=f"p{number}", PolicyDocument=said.out)
        assert made["Policy"]["Arn"].endswith(f"p{number}")
        assert found_in(said.out) == [], (level, target, limit)


def test_the_linter_sees_what_is_wrong() -> None:
    """The linter that finds nothing in ours finds a misspelt action and a key that is none."""
    wrong = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "bedrock:Invoke", "Resource": "*"}]}'
    assert found_in(wrong)
    assert found_in(wrong.replace('"bedrock:Invoke"', '"bedrock:InvokeModel", "Condition": {"Bool": {"aws:X": "1"}}'))


def test_the_regions_come_from_the_live_list(signed_in: Typist) -> None:
    """A restricted policy names the profile of the alias and the model in the regions that AWS lists, and no other."""
    document = signed_in.types("iam", "policy", "--level", "restricted", "--model", "sonnet").json
    through = {"bedrock:InferenceProfileArn": US}
    assert allows(document, CALL, US)
    for region, allowed in (("us-east-1", True), ("us-east-2", True), ("us-west-2", True), ("eu-west-1", False)):
        arn = f"arn:aws:bedrock:{region}::foundation-model/anthropic.claude-sonnet-5"
        assert allows(document, CALL, arn, through) is allowed
        assert not allows(document, CALL, arn)
    assert not allows(document, CALL, US.replace("sonnet", "opus"))


def test_a_profile_of_the_accounts_own(signed_in: Typist) -> None:
    """The ARN of an application profile brings the model behind it; one that is not listed leaves the regions open."""
    document = signed_in.types("iam", "policy", "--level", "restricted", "--profile-arn", OWN).json
    assert allows(document, CALL, OWN)
    behind = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0"
    assert allows(document, CALL, behind, {"bedrock:InferenceProfileArn": OWN})
    unknown = signed_in.types("iam", "policy", "--profile-arn", OWN.replace("a1b2", "ffff"))
    assert "names the model in every region" in unknown.err
    listed = signed_in.types("iam", "policy", "--profile-arn", US)
    assert allows(listed.json, CALL, US)


def test_without_a_list_the_regions_stay_open(person: Typist) -> None:
    """Nobody is signed in: a full id goes through with a word about its regions, an alias cannot."""
    said = person.types("iam", "policy", "--model", "us.anthropic.claude-sonnet-5")
    assert allows(said.json, CALL, "arn:aws:bedrock:us-east-2::foundation-model/anthropic.claude-sonnet-5")
    assert "names the model in every region" in said.err
    assert person.types("iam", "policy", "--model", "sonnet").code == 3
    assert person.types("iam", "policy").err == ""


def test_a_model_that_needs_no_profile(signed_in: Typist) -> None:
    """A model by its own id is allowed in the region that is called."""
    listed = signed_in.types("iam", "policy", "--model", "anthropic.claude-3-haiku-20240307-v1:0")
    arn = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0"
    assert allows(listed.json, CALL, arn), listed.err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--level", "restricted"), "restricted to what"),
        (("--source-ip", "10.0.0.0/8"), "--vpce"),
        (("--until", "2020-01-01"), "past"),
        (("--profile-arn", "sonnet"), "no profile"),
        (("--level", "most"), "most"),
        (("--model", "gpt-4"), "names no model"),
        (("--model", "sonnet", "--region", "us-east-9"), "no region 'us-east-9'"),
    ],
)
def test_wrong_usage_says_what_to_write(person: Typist, arguments: tuple[str, ...], why: str) -> None:
    """What no policy should be ends with 2 and says why; stdout stays empty."""
    said = person.types("iam", "policy", *arguments)
    assert (said.code, said.out) == (2, "")
    assert why in said.err


def test_a_model_that_does_not_exist_is_refused(signed_in: Typist) -> None:
    """A policy for a model that the region does not have would allow nothing."""
    said = signed_in.types("iam", "policy", "--model", "us.anthropic.claude-sonnet-99")
    assert (said.code, said.out) == (1, "")


def test_forms_hold_the_policy(signed_in: Typist, account: Any) -> None:
    """The command of the AWS CLI and the template are what IAM and CloudFormation take."""
    command = shlex.split(signed_in.types("iam", "policy", "--as", "aws-cli").out)
    assert command[:3] == ["aws", "iam", "create-policy"]
    document = command[command.index("--policy-document") + 1]
    account.create_policy(PolicyName="of-the-command", PolicyDocument=document)
    template = signed_in.types("iam", "policy", "--as", "permission-set").json
    assert template["Resources"]["PermissionSet"]["Properties"]["InlinePolicy"] == json.loads(document)
    assert "jsonencode" in signed_in.types("iam", "policy", "--as", "terraform").out


def test_a_policy_that_is_too_long_is_said_to_be(person: Typist) -> None:
    """What a managed policy cannot hold is printed with a word."""
    tags = [f"--principal-tag=key{number}={'v' * 200}" for number in range(10)]
    assert "longer than a managed policy" in person.types("iam", "policy", *tags).err


class Pipe(io.TextIOWrapper):
    """A pipe that holds a text."""

    def __init__(self, text: str) -> None:
        super().__init__(io.BytesIO(text.encode()))


def test_our_own_policy_passes_the_check(signed_in: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `iam policy` prints, `iam check` finds whole, for the model that it was made for."""
    for model in ("sonnet", "global.anthropic.claude-opus-5"):
        document = signed_in.types("iam", "policy", "--model", model).out
        monkeypatch.setattr(sys, "stdin", Pipe(document))
        said = signed_in.types("iam", "check", "--policy", "-", "--model", model, "--json")
        assert said.code == 0
        assert [one["state"] for one in said.json["checks"]] == ["ok"] * 5


def test_a_policy_that_lacks_something_fails(signed_in: Typist, tmp_path: Path) -> None:
    """Each finding is a line with its fix, and the command ends with 1."""
    file = tmp_path / "policy.json"
    statement = {"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "*"}
    file.write_text(json.dumps({"Statement": statement}))
    said = signed_in.types("iam", "check", "--policy", str(file))
    assert said.code == 1
    assert "fail  It does not allow bedrock:InvokeModelWithResponseStream on" in said.out
    assert "Do: keeplit iam policy" in said.out


def test_a_check_without_a_list_takes_a_model_that_stands_for_others(person: Typist, tmp_path: Path) -> None:
    """Nobody is signed in: the check goes on, and says with what."""
    file = tmp_path / "policy.json"
    file.write_text(person.types("iam", "policy").out)
    said = person.types("iam", "check", "--policy", str(file))
    assert (said.code, said.out.count("ok  ")) == (0, 5)
    assert "stands for the others" in said.err
    assert person.types("iam", "check", "--policy", str(file), "--model", "us.anthropic.claude-sonnet-5").code == 0


def test_files_that_are_no_policies(person: Typist, tmp_path: Path) -> None:
    """A file that is not there, and one that holds something else, are said to be so."""
    assert "there is no" in person.types("iam", "check", "--policy", str(tmp_path / "gone")).err
    file = tmp_path / "policy.json"
    file.write_text("{}")
    said = person.types("iam", "check", "--policy", str(file))
    assert (said.code, "has no Statement" in said.err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [(("--model", "gpt-4"), "names no model"), (("--region", "us-east-9"), "no region 'us-east-9'")],
)
def test_a_check_of_what_is_no_name_is_wrong_usage(
    person: Typist, tmp_path: Path, arguments: tuple[str, ...], why: str
) -> None:
    """Neither a policy nor AWS is asked about a model or a region that there is not."""
    file = tmp_path / "policy.json"
    file.write_text('{"Statement": []}')
    for given in ((), ("--policy", str(file))):
        said = person.types("iam", "check", *given, *arguments)
        assert (said.code, said.out, why in said.err) == (2, "", True), said


def test_the_role_in_use_is_asked_about(signed_in: Typist) -> None:
    """Without a file AWS is asked what the role may, and no model is called."""
    said = signed_in.types("iam", "check", "--json")
    assert {one["code"] for one in said.json["checks"]} >= {"model_listed"}
    schema = json.loads(resources.files("keeplit").joinpath("schemas/iam_check.json").read_text())
    jsonschema.validate(said.json, schema, jsonschema.Draft202012Validator)


def test_what_is_to_be_done_before_a_check_is_told_by_its_exit_code(person: Typist) -> None:
    """3: sign in first. 4: there is no profile to sign in with, and no finding is made of that."""
    out = person.types("iam", "check")
    (person.laptop.home / ".aws" / "config").unlink()
    bare = person.types("iam", "check", "--json")

    assert (out.code, "Do: keeplit login --profile=work" in out.out) == (3, True)
    assert (bare.code, json.loads(bare.out)["exit_code"], bare.err.endswith("Make one: keeplit setup\n")) == (
        4,
        4,
        True,
    )


TRUSTED = [
    ("--github", "acme/web", "--workflow", "review.yml"),
    ("--github", "acme/*", "--branch", "*"),
    ("--oidc", "https://gitlab.example.com", "--subject", "project_path:acme/web:ref:main"),
    ("--account", "444455556666", "--external-id", "keeplit-1"),
    ("--service", "ec2"),
    ("--service", "lambda"),
]


@pytest.mark.parametrize("arguments", TRUSTED)
def test_iam_takes_the_trust_policies(person: Typist, account: Any, arguments: tuple[str, ...]) -> None:
    """Each trust policy makes a role; the account is that of the profile in use; the provider's command works."""
    said = person.types("iam", "trust", *arguments)
    assert said.code == 0
    role = account.create_role(RoleName="lit", AssumeRolePolicyDocument=said.out)["Role"]
    assert role["AssumeRolePolicyDocument"] == said.json
    if "Federated" in said.out:
        assert "arn:aws:iam::111122223333:oidc-provider/" in said.out
        line = next(line for line in said.err.splitlines() if "create-open-id-connect-provider" in line)
        words = shlex.split(line)
        account.create_open_id_connect_provider(
            Url=words[words.index("--url") + 1], ClientIDList=[words[words.index("--client-id-list") + 1]]
        )


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "name one of"),
        (("--github", "acme/web", "--service", "ec2"), "name one of"),
        (("--github", "acme"), "ORG/REPO"),
        (("--account", "444455556666"), "--external-id"),
        (("--github", "acme/web", "--in-account", "12"), "12 digits"),
    ],
)
def test_trust_that_nobody_should_give(person: Typist, arguments: tuple[str, ...], why: str) -> None:
    """Wrong usage ends with 2 and says what to write."""
    said = person.types("iam", "trust", *arguments)
    assert (said.code, said.out) == (2, "")
    assert why in said.err


def test_wildcards_are_warned_about_and_the_account_is_asked_for(person: Typist) -> None:
    """A wildcard is said beside the policy; without a profile the account has to be named."""
    assert "! A repository with a wildcard" in person.types("iam", "trust", "--github", "acme/*").err
    (person.laptop.home / ".aws" / "config").write_text("")
    assert "--in-account" in person.types("iam", "trust", "--github", "acme/web").err
    assert person.types("iam", "trust", "--github", "acme/web", "--in-account", "444455556666").code == 0


def test_the_command_the_aws_cli_would_run_is_one_command() -> None:
    """The words of a shell's command survive a shell."""
    from keeplit.core.iam_form import aws_cli

    text = aws_cli({"Version": "2012-10-17", "Statement": [{"Sid": "it's"}]})
    said = subprocess.run(["sh", "-c", f"printf '%s\\n' {text}"], capture_output=True, text=True, check=True)
    assert json.loads(said.stdout.splitlines()[-1])["Statement"] == [{"Sid": "it's"}]
