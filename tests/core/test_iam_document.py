from __future__ import annotations

import json
from typing import Any

import pytest

from keeplit.core.iam_document import Rule, Unreadable, allowed, read


def document(**statement: Any) -> str:
    """Return a document of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


@pytest.mark.parametrize(
    ("statement", "action", "resource", "expected"),
    [
        ({"Action": "bedrock:*", "Resource": "*"}, "bedrock:InvokeModel", "x", True),
        ({"Action": ["BEDROCK:invoke*"], "Resource": "*"}, "bedrock:InvokeModel", "x", True),
        ({"Action": "s3:*", "Resource": "*"}, "bedrock:InvokeModel", "x", False),
        ({"Action": "*", "Resource": ["arn:?", "b"]}, "a:b", "arn:x", True),
        ({"Action": "*", "Resource": "ARN:x"}, "a:b", "arn:x", False),
        ({"NotAction": "s3:*", "Resource": "*"}, "bedrock:InvokeModel", "x", True),
        ({"NotAction": "s3:*", "Resource": "*"}, "s3:GetObject", "x", False),
        ({"Action": "*", "NotResource": "y"}, "a:b", "x", True),
        ({"Action": "*", "NotResource": "x"}, "a:b", "x", False),
    ],
)
def test_a_statement_is_matched_as_iam_does(
    statement: dict[str, Any],
    action: str,
    resource: str,
    expected: bool,  # noqa: FBT001  # a column of the table
) -> None:
    """Actions are matched without capitals, resources with them; both know wildcards and their opposites."""
    assert bool(allowed(read(document(**statement)), action, resource)) is expected


def test_a_deny_wins_unless_it_has_a_condition() -> None:
    """What is forbidden for all is not allowed; what is forbidden to some may be."""
    allow, deny = (
        Rule(allow=True, actions=("*",), resources=("*",)),
        Rule(allow=False, actions=("a:*",), resources=("*",)),
    )
    some = Rule(allow=False, actions=("a:*",), resources=("*",), condition={"Bool": {"x": "true"}})
    assert allowed((allow, deny), "a:b", "x") == ()
    assert allowed((allow, deny), "c:d", "x") == (allow,)
    assert allowed((allow, some), "a:b", "x") == (allow,)


@pytest.mark.parametrize(
    "around",
    [
        lambda one: one,
        lambda one: [one],
        lambda one: {"PolicyVersion": {"Document": one, "VersionId": "v1"}},
        lambda one: {"RoleName": "x", "PolicyDocument": one},
        lambda one: {"InlinePolicy": json.dumps(one)},
        lambda one: {"Policy": json.dumps({"Document": one})},
    ],
)
def test_what_awss_tools_print_is_read(around: Any) -> None:
    """A document is found in what `aws iam get-policy-version` and its like put around it."""
    bare = json.loads(document(Action="a:b", Resource="*", Sid="Here", Condition={"Bool": {"x": "true"}}))
    assert read(json.dumps(around(bare))) == (
        Rule(allow=True, actions=("a:b",), resources=("*",), condition={"Bool": {"x": "true"}}, sid="Here"),
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("not JSON", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("{}", "no Statement"),
        ("3", "no Statement"),
        ('{"Statement": ["x"]}', "no Statement"),
        ('{"InlinePolicy": "not JSON"}', "no Statement"),
        ('{"Policy": {"Policy": {"Policy": {"Policy": {"Policy": {"Policy": {}}}}}}}', "no Statement"),
    ],
)
def test_what_is_no_policy_is_refused(text: str, why: str) -> None:
    """A text without statements says what it is not."""
    with pytest.raises(Unreadable, match=why):
        read(text)
