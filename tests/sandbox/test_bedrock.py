"""Bedrock as a real botocore client sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from keeplit.sandbox.bedrock import LEGACY_SINCE, PAGE, READ_ONLY
from keeplit.sandbox.model_catalogue import MODELS
from keeplit.sandbox.server import Sandbox
from tests.sandbox.conftest import NOON

ClientOf = Callable[..., Any]
HAIKU = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
OLD_HAIKU = "anthropic.claude-3-haiku-20240307-v1:0"


def refusal_of(call: Callable[..., object], **asked: Any) -> tuple[str, int]:
    """Return code and HTTP status of the error a real client raises."""
    with pytest.raises(ClientError) as refused:
        call(**asked)
    answer = refused.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def every(client: Any, **asked: Any) -> list[dict[str, Any]]:
    """Return the profiles of all pages."""
    pages = client.get_paginator("list_inference_profiles").paginate(**asked)
    return list(pages.build_full_result()["inferenceProfileSummaries"])


@pytest.fixture
def given(sandbox: Sandbox) -> Callable[..., dict[str, Any]]:
    """Give a function that gives out role credentials as the portal answers them."""

    def give(account: str = "111122223333", role: str = "ClaudeCode") -> dict[str, Any]:
        one = sandbox.service.vault.issue(account, role, "sam")
        return {
            "accessKeyId": one.access_key_id,
            "secretAccessKey": one.secret_access_key,
            "sessionToken": one.session_token,
        }

    return give


def test_a_region_lists_its_models(client_of: ClientOf, role_keys: dict[str, Any]) -> None:
    """All that the region has, or those of one provider, whatever its capitals."""
    bedrock = client_of("bedrock", role_keys)
    found = bedrock.list_foundation_models()["modelSummaries"]
    ours = bedrock.list_foundation_models(byProvider="anthropic")["modelSummaries"]

    assert [one["modelId"] for one in found] == [one.id for one in MODELS]
    assert {one["providerName"] for one in ours} == {"Anthropic"}
    assert len(ours) == len(found) - 1


def test_a_model_near_its_end_is_legacy(client_of: ClientOf, role_keys: dict[str, Any]) -> None:
    """With the day on which it became so, and the day on which it ends; the others are active and without."""
    found = client_of("bedrock", role_keys).list_foundation_models()["modelSummaries"]
    lives = {one["modelId"]: one["modelLifecycle"] for one in found}

    end = NOON + timedelta(days=60)
    assert lives[OLD_HAIKU] == {"status": "LEGACY", "legacyTime": end - LEGACY_SINCE, "endOfLifeTime": end}
    assert lives["anthropic.claude-opus-5"] == {"status": "ACTIVE"}


def test_the_profiles_of_a_region(client_of: ClientOf, role_keys: dict[str, Any]) -> None:
    """In the United States each model has one of us., and some one of global.; ids are spelled both ways."""
    found = every(client_of("bedrock", role_keys), typeEquals="SYSTEM_DEFINED")
    by_id = {one["inferenceProfileId"]: one for one in found}

    arn = "arn:aws:bedrock:{}::foundation-model/anthropic.claude-opus-5".format
    assert {f"us.{model.id}" for model in MODELS} <= set(by_id)
    assert {"us.anthropic.claude-opus-5", "global.anthropic.claude-opus-5", HAIKU} <= set(by_id)
    assert by_id["us.anthropic.claude-opus-5"]["models"] == [
        {"modelArn": arn(region)} for region in ("us-east-1", "us-east-2", "us-west-2")
    ]
    assert by_id["global.anthropic.claude-opus-5"]["models"] == [{"modelArn": arn("us-east-1")}, {"modelArn": arn("")}]


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("eu-central-1", {"eu", "global"}),
        ("ap-northeast-1", {"jp", "apac", "global"}),
        ("ap-southeast-2", {"au", "apac", "global"}),
        ("us-gov-west-1", {"us-gov"}),
        ("af-south-1", set()),
    ],
)
def test_each_region_has_its_prefixes(
    botocore_session: Any,
    sandbox: Sandbox,
    given: Callable[..., dict[str, Any]],
    region: str,
    expected: set[str],
) -> None:
    """As a client sees them that signs for the region."""
    keys = given()
    client = botocore_session.create_client(
        "bedrock",
        region_name=region,
        endpoint_url=f"{sandbox.url}/bedrock",
        aws_access_key_id=keys["accessKeyId"],
        aws_secret_access_key=keys["secretAccessKey"],
        aws_session_token=keys["sessionToken"],
    )

    found = every(client, typeEquals="SYSTEM_DEFINED")

    assert {one["inferenceProfileId"].partition(".")[0] for one in found} == expected


def test_profiles_of_the_account(client_of: ClientOf, given: Callable[..., dict[str, Any]]) -> None:
    """Each account has its own, in their region; without a word for the type both kinds come."""
    mine, others = client_of("bedrock", given()), client_of("bedrock", given("777788889999"))

    found = every(mine, typeEquals="APPLICATION")

    assert [one["inferenceProfileName"] for one in found] == ["team-lamp", "team-wick", "night-jobs"]
    assert found[0]["inferenceProfileArn"].endswith(":application-inference-profile/a1b2c3d4e5f6")
    assert [len(one["models"]) for one in found] == [3, 1, 3]
    assert every(others, typeEquals="APPLICATION") == []
    assert len(every(mine)) == len(every(mine, typeEquals="SYSTEM_DEFINED")) + 3


def test_profiles_come_in_pages(client_of: ClientOf, role_keys: dict[str, Any]) -> None:
    """A page is short whatever is asked for, and shorter where that is; a foreign token is refused."""
    bedrock = client_of("bedrock", role_keys)

    first, shorter = bedrock.list_inference_profiles(maxResults=1000), bedrock.list_inference_profiles(maxResults=2)

    assert [len(one["inferenceProfileSummaries"]) for one in (first, shorter)] == [PAGE, 2]
    assert first["nextToken"] != shorter["nextToken"]
    assert refusal_of(bedrock.list_inference_profiles, nextToken="!") == ("ValidationException", 400)
    assert refusal_of(bedrock.list_inference_profiles, typeEquals="OTHER") == ("ValidationException", 400)


def test_a_role_that_may_not_list(client_of: ClientOf, given: Callable[..., dict[str, Any]]) -> None:
    """It is denied both lists and the call, with AWS's own words."""
    keys = given(role=READ_ONLY)
    bedrock, runtime = client_of("bedrock", keys), client_of("bedrock-runtime", keys)

    assert refusal_of(bedrock.list_inference_profiles) == ("AccessDeniedException", 403)
    assert refusal_of(bedrock.list_foundation_models) == ("AccessDeniedException", 403)
    assert refusal_of(runtime.invoke_model, modelId=HAIKU, body=b"{}") == ("AccessDeniedException", 403)
    with pytest.raises(ClientError, match="is not authorized to perform: bedrock:ListInferenceProfiles on resource"):
        bedrock.list_inference_profiles()


@pytest.mark.parametrize(
    "model",
    [
        HAIKU,
        "global.anthropic.claude-opus-5",
        OLD_HAIKU,
        f"arn:aws:bedrock:us-east-1:111122223333:inference-profile/{HAIKU}",
        "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6",
    ],
)
def test_what_can_be_called_answers(client_of: ClientOf, role_keys: dict[str, Any], model: str) -> None:
    """A profile by id or ARN, and a model that needs none."""
    told = client_of("bedrock-runtime", role_keys).invoke_model(modelId=model, body=b"{}")["body"].read()

    assert json.loads(told)["content"] == [{"type": "text", "text": "lit"}]


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("us.nothing", "model identifier is invalid"),
        ("eu.anthropic.claude-opus-5", "model identifier is invalid"),
        ("anthropic.claude-opus-5", "with on-demand throughput isn"),
    ],
)
def test_what_cannot_be_called_is_invalid(
    client_of: ClientOf, role_keys: dict[str, Any], model: str, sentence: str
) -> None:
    """What there is not, another region's profile, and a newer model without a profile."""
    with pytest.raises(ClientError, match=sentence) as refused:
        client_of("bedrock-runtime", role_keys).invoke_model(modelId=model, body=b"{}")
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_expired_keys(client_of: ClientOf, role_keys: dict[str, Any], sandbox: Sandbox) -> None:
    """Expired role credentials are refused with 403, in both services."""
    sandbox.clock.advance(timedelta(hours=1))
    assert refusal_of(client_of("bedrock", role_keys).list_foundation_models) == ("ExpiredTokenException", 403)
    invoke = client_of("bedrock-runtime", role_keys).invoke_model
    assert refusal_of(invoke, modelId=HAIKU, body=b"{}") == ("ExpiredTokenException", 403)


def test_foreign_keys(client_of: ClientOf, role_keys: dict[str, Any]) -> None:
    """Keys the portal did not give out are unknown."""
    stranger = client_of("bedrock", {**role_keys, "accessKeyId": "ASIAUNKNOWN"})
    assert refusal_of(stranger.list_inference_profiles) == ("UnrecognizedClientException", 403)
