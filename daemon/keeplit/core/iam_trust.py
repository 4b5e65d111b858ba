"""Trust policies of a role that calls Bedrock: from GitHub Actions, another issuer, an account, a service. Pure.

Law: who may assume a role is named as narrowly as it was said, and every wildcard is warned about. An account is
trusted with an external id or not at all. Source: the IAM User Guide, "Create a role for OpenID Connect federation".
"""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

GITHUB = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
SERVICES = {"ec2": "ec2.amazonaws.com", "lambda": "lambda.amazonaws.com"}
REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.*-]+")
WORKFLOW = re.compile(r"[\w./-]+\.ya?ml")
BRANCH = re.compile(r"[\w./*-]+")
ISSUER = re.compile(r"[a-z0-9.-]+\.[a-z]{2,}(?:/[\w./-]*)?")
ACCOUNT = re.compile(r"[0-9]{12}")
EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}")
SUBJECT = re.compile(r"[\w+=,.@:/*-]{1,255}")


# AWS knows this claim since February 2026 (AWS STS, "validation of identity provider specific claims").
OF_THE_JOB = "The claim job_workflow_ref names the file that a job stands in: in a reusable workflow, that one's file."


class Wrong(ValueError):  # noqa: N818  # it becomes a sentence
    """Something that nobody should trust; its text says why and what to write instead."""


@dataclass(frozen=True, slots=True)
class Trust:
    """A trust policy, the command that makes what it stands on (empty: nothing is needed), and what to think over."""

    document: Mapping[str, object]
    provider: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the document as JSON."""
        return json.dumps(self.document, indent=2)


def github(repository: str, *, account: str, branch: str = "main", workflow: str = "", partition: str = "aws") -> Trust:
    """Trust a repository's workflows on a branch, or one workflow file alone. Raises `Wrong`."""
    if not REPOSITORY.fullmatch(repository):
        raise Wrong(f"{repository!r} is no repository: write --github ORG/REPO")
    if not BRANCH.fullmatch(branch):
        raise Wrong(f"{branch!r} is no branch: write for example --branch main")
    if workflow and not WORKFLOW.fullmatch(workflow):
        raise Wrong(f"{workflow!r} is no workflow: write for example --workflow deploy.yml")
    warnings = []
    conditions = {"sub": f"repo:{repository}:{'*' if branch == '*' else f'ref:refs/heads/{branch}'}"}
    if workflow:
        file = workflow if "/" in workflow else f".github/workflows/{workflow}"
        conditions["job_workflow_ref"] = f"{repository}/{file}@{'*' if branch == '*' else f'refs/heads/{branch}'}"
        warnings.append(OF_THE_JOB)
    if "*" in repository:
        warnings.append("A repository with a wildcard lets every repository that fits assume the role, new ones too.")
    if "*" in branch:
        warnings.append("A branch with a wildcard lets whoever may push one assume the role; pull requests too with *.")
    return _federated(GITHUB, account, {"aud": AUDIENCE}, conditions, tuple(warnings), partition)


def oidc(issuer: str, *, account: str, subject: str, audience: str = AUDIENCE, partition: str = "aws") -> Trust:
    """Trust a subject of another OpenID Connect issuer. Raises `Wrong`."""
    host = issuer.removeprefix("https://").rstrip("/")
    if not ISSUER.fullmatch(host):
        raise Wrong(f"{issuer!r} is no issuer: write for example --oidc https://gitlab.example.com")
    if not SUBJECT.fullmatch(subject):
        raise Wrong("an issuer gives tokens to everybody it knows: name whose with --subject SUB (its claim `sub`)")
    wild = "A subject with a wildcard lets everybody that fits assume the role."
    warnings = (wild,) if "*" in subject else ()
    return _federated(host, account, {"aud": audience}, {"sub": subject}, warnings, partition)


def other_account(account: str, *, external_id: str, partition: str = "aws") -> Trust:
    """Trust another account, by an external id. Raises `Wrong`."""
    _account(account)
    if not EXTERNAL_ID.fullmatch(external_id):
        raise Wrong("an account is trusted with an external id alone: write --external-id X (2 to 1224 characters)")
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
    }
    warning = (
        f"Every role of {account} that may call sts:AssumeRole can assume this one; name a role there to narrow it."
    )
    return Trust(_document(statement), warnings=(warning,))


def service(name: str) -> Trust:
    """Trust a service of AWS that runs Claude Code. Raises `Wrong`."""
    if name not in SERVICES:
        raise Wrong(f"{name!r} is no service for this: write --service {' or --service '.join(SERVICES)}")
    return Trust(_document({"Effect": "Allow", "Principal": {"Service": SERVICES[name]}, "Action": "sts:AssumeRole"}))


def _federated(  # each is a part of the statement
    host: str,
    account: str,
    exact: Mapping[str, str],
    narrowed: Mapping[str, str],
    warnings: tuple[str, ...],
    partition: str,
) -> Trust:
    equal, like = dict(exact), {name: value for name, value in narrowed.items() if "*" in value}
    equal |= {name: value for name, value in narrowed.items() if name not in like}
    condition = {"StringEquals": {f"{host}:{name}": value for name, value in equal.items()}}
    if like:
        condition["StringLike"] = {f"{host}:{name}": value for name, value in like.items()}
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:{partition}:iam::{_account(account)}:oidc-provider/{host}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }
    words = [
        "aws",
        "iam",
        "create-open-id-connect-provider",
        "--url",
        f"https://{host}",
        "--client-id-list",
        exact["aud"],
    ]
    return Trust(_document(statement), shlex.join(words), warnings)


def _account(text: str) -> str:
    if not ACCOUNT.fullmatch(text):
        raise Wrong(f"{text!r} is no account: it has 12 digits (aws sts get-caller-identity)")
    return text


def _document(statement: Mapping[str, object]) -> Mapping[str, object]:
    return {"Version": "2012-10-17", "Statement": [statement]}
