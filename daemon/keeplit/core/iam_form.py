"""A policy in the form in which somebody takes it: bare JSON, a permission set, a command, Terraform. Pure.

Law: every form holds the same document, character by character, and none of them is run by keeplit.
"""

import json
import shlex
from collections.abc import Mapping
from enum import StrEnum
from typing import assert_never

NAME = "ClaudeCodeOnBedrock"
DESCRIPTION = "Lets Claude Code call Anthropic models on Amazon Bedrock"


class Form(StrEnum):
    """The forms."""

    JSON = "json"
    PERMISSION_SET = "permission-set"
    AWS_CLI = "aws-cli"
    TERRAFORM = "terraform"


def written(document: Mapping[str, object], form: Form) -> str:
    """Return a policy document in a form."""
    match form:
        case Form.JSON:
            return json.dumps(document, indent=2)
        case Form.PERMISSION_SET:
            return json.dumps(permission_set(document), indent=2)
        case Form.AWS_CLI:
            return aws_cli(document)
        case Form.TERRAFORM:
            return terraform(document)
        case _:
            assert_never(form)


def permission_set(document: Mapping[str, object]) -> Mapping[str, object]:
    """Return a CloudFormation template of a permission set; IAM Identity Center takes the policy inline."""
    properties = {
        "Name": NAME,
        "Description": DESCRIPTION,
        "InstanceArn": {"Ref": "InstanceArn"},
        "SessionDuration": "PT12H",
        "InlinePolicy": document,
    }
    parameter = {"Type": "String", "Description": "aws sso-admin list-instances shows it"}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": DESCRIPTION,
        "Parameters": {"InstanceArn": parameter},
        "Resources": {"PermissionSet": {"Type": "AWS::SSO::PermissionSet", "Properties": properties}},
    }


def aws_cli(document: Mapping[str, object]) -> str:
    """Return the command that makes a managed policy of it, for a shell."""
    words = ["aws", "iam", "create-policy", "--policy-name", NAME, "--description", DESCRIPTION]
    return shlex.join([*words, "--policy-document", json.dumps(document, separators=(",", ":"))])


def terraform(document: Mapping[str, object]) -> str:
    """Return a resource of Terraform; a dollar sign before a brace would be Terraform's own."""
    text = json.dumps(document, indent=2).replace("${", "$${").replace("%{", "%%{")
    indented = text.replace("\n", "\n  ")
    return (
        f'resource "aws_iam_policy" "claude_code" {{\n  name        = "{NAME}"\n  description = "{DESCRIPTION}"\n'
        f"  policy      = jsonencode({indented})\n}}"
    )
