from __future__ import annotations

import dataclasses
import json
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core import explain_machine, explain_models, explain_network, explain_quota, explain_sign_in
from keeplit.core.explain import NO_RULE, NOTHING, RULES, Explained, explain
from tests.core import (
    test_explain_machine,
    test_explain_models,
    test_explain_network,
    test_explain_quota,
    test_explain_sign_in,
)
from tests.core.seen_texts import each, told

SCP_LOOP = """2025-10-29 15:21:51.947 [info] From claude: [ERROR] Error streaming, falling back to non-streaming: 403
  {"Message":"User:
  arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_MyCompanyAdministrator_abc123/user.name@company.com is not
  authorized to perform: bedrock:InvokeModelWithResponseStream on resource:
  arn:aws:bedrock:::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0 with an explicit deny in a service
  control policy"}"""
SESSION_POLICY = """\u2502   API Error: 403 {"Message":"User: arn:aws:sts::xxx:assumed-role/xxx is    \u2502
\u2502   not authorized to perform: bedrock:InvokeModelWithResponseStream on resource:       \u2502
\u2502   arn:aws:bedrock:us-east-1:245200388354:inference-profile/us.anthropic.claude-3-5-haiku-20241022-v1:0   \u2502
\u2502   because no session policy allows the bedrock:InvokeModelWithResponseStream action"} \u2502"""
NO_POLICY = (
    'litellm.PermissionDeniedError: BedrockException - {\\"Message\\":\\"User: arn:aws:iam::<account '
    "id>:user/litellm is not "
    "authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1:<account id>:inference-profile/"
    "us.anthropic.claude-haiku-4-5-20251001-v1:0 because no identity-based policy allows the bedrock:InvokeModel "
    'action\\"}'
)
SEEN = [
    (SCP_LOOP, "cross_region_scp", "every region"),  # anthropics/claude-code #10594
    (SESSION_POLICY, "denied_session", "session"),  # anthropics/claude-code #541
    (NO_POLICY, "denied_identity", "bedrock:InvokeModel"),  # BerriAI/litellm #39166
    (
        # aws-samples/dify-self-hosted-on-aws #74
        (
            "`An error occurred (AccessDeniedException) when calling the ListFoundationModels operation: User: "
            "arn:aws:sts::ACCOUNT_ID:assumed-role/DifyOnAwsStack/XXXX is not \nauthorized to perform: "
            "bedrock:ListFoundationModels because no identity-based policy allows the "
            "bedrock:ListFoundationModels action`"
        ),
        "denied_identity",
        "anything at all",
    ),
    (
        # positron #10683
        (
            '{"Message":"User: arn:aws:sts::0482xxxxxxxx:assumed-role/mcp-tenantOperator/dxxxx is not authorized '
            "to perform: "
            "bedrock:InvokeModelWithResponseStream on resource: "
            "arn:aws:bedrock:::foundation-model/anthropic.claude-sonnet-4-"
            '20250514-v1:0 with an explicit deny in an identity-based policy"}'
        ),
        "denied_identity",
        "A Deny statement",
    ),
    (
        (
            "User: arn:aws:sts::111122223333:assumed-role/Dev/me is not authorized to perform: "
            "aws-marketplace:Subscribe on "
            "resource: * because no identity-based policy allows the aws-marketplace:Subscribe action"
        ),
        "marketplace_denied",
        "subscribes",
    ),
    ('API Error: 403 {"message":null}', "denied_unsaid", "keeplit doctor"),  # anthropics/claude-code, many
    ("Please run /login", "not_signed_in", "Anthropic's own service"),
    (
        # aws-sdk-go-v2's way of saying it
        "https response error StatusCode: 404, RequestID: b781030a, ResourceNotFoundException: ",
        "not_found",
        "keeplit models",
    ),
    ("There is no such thing.", "unknown", "keeplit doctor"),
    (" \n\x1b[0m", "unknown", "give it the error"),
]
TABLES = {
    test_explain_machine: explain_machine.RULES,
    test_explain_models: explain_models.RULES,
    test_explain_network: explain_network.RULES,
    test_explain_quota: explain_quota.RULES,
    test_explain_sign_in: explain_sign_in.RULES,
}
EVERY = [(text, code) for table in TABLES for text, code, _ in table.SEEN]
SECRETS = st.sampled_from(
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ASIAIOSFODNN7EXAMPLE",
        "aoaAAAAAGdrQm9Vq0Zt1xk8hK3nGf-q_mT7oR5sY2wE9uI4pA1sD6fG",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV",
        "IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJHMEUCIQ" * 4,
        "sk-ant-api03-0123456789abcdef",
    ]
)
HOLES = st.sampled_from(
    [
        "The config profile ({}) could not be found",
        "User: {} is not authorized to perform: bedrock:InvokeModel on resource: {} because no identity-based policy",
        "User: arn:aws:sts::111122223333:assumed-role/{}/{} is not authorized to perform: bedrock:InvokeModel",
        "model ID {} with on-demand throughput isn't supported",
        "anthropic.claude-{} the provided model identifier is invalid",
        "SSL validation failed for https://{}/x",
        "Could not connect to the endpoint URL: https://{}.amazonaws.com",
        "x-amz-sso_bearer_token: {} ForbiddenException: No access",
        "Authorization: Bearer {} 403 Forbidden",
        "getaddrinfo ENOTFOUND {}",
        "with an explicit deny in a service control policy: arn:aws:organizations::1:policy/{}",
        "{}",
    ]
)


def said(found: Explained) -> str:
    """Return all that is said."""
    return "\n".join(dataclasses.astuple(found))


@each(SEEN)
def test_each_text_is_explained(text: str, code: str, phrase: str) -> None:
    """A text as it was really seen is known, and what is said names the cause or the way out."""
    assert told(text, phrase) == (code, phrase)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__.rpartition(".")[2])
def test_each_rule_has_a_text(table: ModuleType) -> None:
    """No rule stands there without a text that it knows."""
    assert {rule.code for rule in TABLES[table]} == {code for _, code, _ in table.SEEN}


def framed(text: str, width: int) -> str:
    """Return a text as a program draws it into a narrow terminal: words broken, a frame around, in colour."""
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    return "\n".join(f"\x1b[31m\u2502 {line:<{width}} \u2502\x1b[0m" for line in lines)


@pytest.mark.parametrize("width", [17, 38, 79])
def test_every_text_is_known_however_it_was_pasted(width: int) -> None:
    """Broken anywhere, framed and coloured, or inside JSON inside JSON, each text is explained as the same."""
    framed_codes = [explain(framed(text, width)).code for text, _ in EVERY]
    assert framed_codes == [code for _, code in EVERY]
    quoted = [text for text, code in EVERY if code != "registration_file_broken"]  # that one is nothing but its name
    assert [explain(json.dumps({"a": json.dumps({"b": text})})).code for text in quoted] == [
        code for _, code in EVERY if code != "registration_file_broken"
    ]


def test_codes_are_told_apart() -> None:
    """No two rules have one code."""
    codes = [rule.code for rule in RULES]
    assert len(set(codes)) == len(codes)


def test_what_is_not_known_is_not_guessed() -> None:
    """A text that no rule knows, and no text at all, are both unknown, and each says what to do."""
    assert explain("Segmentation fault (core dumped)") == NO_RULE
    assert explain("") == NOTHING


def test_the_beginning_of_a_sentence_is_large_and_names_are_not() -> None:
    """A title begins with a capital unless it begins with a name, which is written as it is."""
    assert explain("model identifier: this model version has reached the end of its life").title.startswith("The model")
    assert explain("Service bedrock not available in region mars").title.startswith("Your region")
    seen = "us.anthropic.claude-sonnet-4-6 (model version has reached the end of its life)"
    assert explain(seen).title.startswith("us.anthropic")


def test_the_message_names_what_is_known() -> None:
    """What the command knows stands in the message beside what the text says."""
    found = explain(
        "Model use case details have not been submitted for this account.", profile="work", region="eu-west-1"
    )
    assert "Profile: work" in found.admin
    assert "Region:  eu-west-1" in found.admin


def test_a_message_points_to_no_place_that_is_not_there() -> None:
    """What is asked for stands last: nothing comes below it."""
    found = explain("AccessDeniedException: no", profile="work", region="eu-west-1")
    assert found.admin.endswith(
        "Please: look in CloudTrail, in my account and region, for my last AccessDenied of bedrock.amazonaws.com."
    )


@given(st.text(max_size=400), st.text(max_size=20), st.text(max_size=20))
def test_no_text_raises(text: str, profile: str, region: str) -> None:
    """Whatever is pasted, there is an answer with a code, a title, a cause and a fix."""
    found = explain(text, profile=profile, region=region)
    assert all((found.code, found.title, found.cause, found.fix))


@given(SECRETS, HOLES, st.text(max_size=30), st.text(max_size=30))
def test_no_secret_is_repeated(secret: str, hole: str, before: str, after: str) -> None:
    """Wherever a secret stands in an error, nothing of what is said holds it."""
    text = f"{before} {hole.replace('{}', secret)} {after}"
    assert secret not in said(explain(text))
