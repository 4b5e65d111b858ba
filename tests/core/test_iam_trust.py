from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from keeplit.core.iam_trust import Trust, Wrong, github, oidc, other_account, service
from tests.core.simulated_iam import allows

MINE = "111122223333"
HOST = "token.actions.githubusercontent.com"
WEB = "sts:AssumeRoleWithWebIdentity"


def token(branch: str = "main", repository: str = "acme/web", workflow: str = "review.yml") -> dict[str, str]:
    """Return what a token of GitHub Actions claims."""
    return {
        f"{HOST}:aud": "sts.amazonaws.com",
        f"{HOST}:sub": f"repo:{repository}:ref:refs/heads/{branch}",
        f"{HOST}:job_workflow_ref": f"{repository}/.github/workflows/{workflow}@refs/heads/{branch}",
    }


def test_a_repository_is_trusted_on_one_branch() -> None:
    """The branch's workflows may, another branch's and another repository's may not; the provider is told."""
    found = github("acme/web", account=MINE)
    assert allows(found.document, WEB, "*", token())
    for other in (token("dev"), token(repository="acme/api"), token(repository="evil/web"), {}):
        assert not allows(found.document, WEB, "*", other)
    assert not allows(found.document, WEB, "*", {**token(), f"{HOST}:aud": "https://github.com/acme"})
    assert found.provider == (
        f"aws iam create-open-id-connect-provider --url https://{HOST} --client-id-list sts.amazonaws.com"
    )
    assert found.warnings == ()
    assert f"arn:aws:iam::{MINE}:oidc-provider/{HOST}" in found.text


def test_one_workflow_alone_is_trusted() -> None:
    """With a workflow the others of the same branch may not."""
    found = github("acme/web", account=MINE, workflow="review.yml")
    assert allows(found.document, WEB, "*", token())
    assert not allows(found.document, WEB, "*", token(workflow="deploy.yml"))
    assert github("acme/web", account=MINE, workflow=".github/workflows/review.yml") == found


def test_wildcards_work_and_are_warned_about() -> None:
    """A wildcard is taken as it was said, with what it opens."""
    branches = github("acme/web", account=MINE, branch="*", workflow="review.yml")
    assert allows(branches.document, WEB, "*", token("dev"))
    assert not allows(branches.document, WEB, "*", token(repository="evil/web"))
    assert len(branches.warnings) == 2
    repositories = github("acme/*", account=MINE)
    assert allows(repositories.document, WEB, "*", token(repository="acme/api"))
    assert len(repositories.warnings) == 1


def test_another_issuer_is_trusted_by_its_subject() -> None:
    """An issuer's token is trusted for one subject, or with a warning for many."""
    found = oidc("https://gitlab.example.com/", account=MINE, subject="project_path:acme/web:ref:main")
    claims = {"gitlab.example.com:aud": "sts.amazonaws.com", "gitlab.example.com:sub": "project_path:acme/web:ref:main"}
    assert allows(found.document, WEB, "*", claims)
    assert not allows(found.document, WEB, "*", {**claims, "gitlab.example.com:sub": "other"})
    assert "--url https://gitlab.example.com" in found.provider
    assert oidc("gitlab.example.com", account=MINE, subject="project_path:acme/*").warnings


def test_another_account_is_trusted_by_an_external_id() -> None:
    """Without the external id nobody may."""
    found = other_account("444455556666", external_id="keeplit-1")
    assert allows(found.document, "sts:AssumeRole", "*", {"sts:ExternalId": "keeplit-1"})
    assert not allows(found.document, "sts:AssumeRole", "*")
    assert "444455556666:root" in found.text
    assert found.warnings


@pytest.mark.parametrize("name", ["ec2", "lambda"])
def test_a_service_is_trusted(name: str) -> None:
    """A service of AWS is its own principal, and needs no provider."""
    found = service(name)
    assert json.loads(found.text)["Statement"][0]["Principal"] == {"Service": f"{name}.amazonaws.com"}
    assert (found.provider, found.warnings) == ("", ())


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (lambda: github("acme", account=MINE), "ORG/REPO"),
        (lambda: github("*/web", account=MINE), "ORG/REPO"),
        (lambda: github("acme/web", account=MINE, branch="a b"), "--branch"),
        (lambda: github("acme/web", account=MINE, workflow="*"), "--workflow"),
        (lambda: github("acme/web", account="12"), "12 digits"),
        (lambda: oidc("http://x", account=MINE, subject="x"), "--oidc"),
        (lambda: oidc("https://x.example.com", account=MINE, subject=""), "--subject"),
        (lambda: other_account("12", external_id="xy"), "12 digits"),
        (lambda: other_account(MINE, external_id=""), "--external-id"),
        (lambda: service("s3"), "--service ec2"),
    ],
)
def test_what_nobody_should_trust_is_refused(wrong: Callable[[], Trust], why: str) -> None:
    """What is misspelt, or would trust everybody, is refused with what to write instead."""
    with pytest.raises(Wrong, match=why):
        wrong()
