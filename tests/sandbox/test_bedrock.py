"""Bedrock as a real botocore client sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from keeplit.sandbox.server import Sandbox

ClientOf = Callable[..., Any]


def refusal_of(call: Callable[..., object], **asked: Any) -> tuple[str, int]:
    """Return code and HTTP status of the error a real client raises."""
    with pytest.raises(ClientError) as refused:
        call(**asked)
    answer = refused.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_every_model_has_a_profile(client_of: ClientOf, role_keys: dict[str, Any]) -> None:
    """In a region of the United States each model is reached through a profile of that part of the world."""
    bedrock = client_of("bedrock", role_keys)
    models = [one["modelId"] for one in bedrock.list_foundation_models()["modelSummaries"]]
    profiles = bedrock.list_inference_profiles()["inferenceProfileSummaries"]
    assert [one["inferenceProfileId"] for one in profiles] == [f"us.{model}" for model in models]


def test_no_application_profiles(client_of: ClientOf, role_keys: dict[str, Any]) -> None:
    """There are no profiles made by the account itself."""
    told = client_of("bedrock", role_keys).list_inference_profiles(typeEquals="APPLICATION")
    assert told["inferenceProfileSummaries"] == []


def test_invoke_model(client_of: ClientOf, role_keys: dict[str, Any]) -> None:
    """A known model answers, a profile of it too, and another is invalid."""
    runtime = client_of("bedrock-runtime", role_keys)
    profile = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
    told = json.loads(runtime.invoke_model(modelId=profile, body=b"{}")["body"].read())
    assert told["content"] == [{"type": "text", "text": "lit"}]
    assert refusal_of(runtime.invoke_model, modelId="us.nothing", body=b"{}") == ("ValidationException", 400)


def test_expired_keys(client_of: ClientOf, role_keys: dict[str, Any], sandbox: Sandbox) -> None:
    """Expired role credentials are refused with 403, in both services."""
    sandbox.clock.advance(timedelta(hours=1))
    assert refusal_of(client_of("bedrock", role_keys).list_foundation_models) == ("ExpiredTokenException", 403)
    invoke = client_of("bedrock-runtime", role_keys).invoke_model
    assert refusal_of(invoke, modelId="us.anthropic.claude-haiku-4-5-20251001-v1:0", body=b"{}") == (
        "ExpiredTokenException",
        403,
    )


def test_foreign_keys(client_of: ClientOf, role_keys: dict[str, Any]) -> None:
    """Keys the portal did not give out are unknown."""
    stranger = client_of("bedrock", {**role_keys, "accessKeyId": "ASIAUNKNOWN"})
    assert refusal_of(stranger.list_inference_profiles) == ("UnrecognizedClientException", 403)
