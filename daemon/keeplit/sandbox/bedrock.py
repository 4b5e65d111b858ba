"""Bedrock under ``/bedrock``: a few models and inference profiles, and an InvokeModel that says one word."""

from __future__ import annotations

import re

from keeplit.sandbox.refusal import Refused
from keeplit.sandbox.role_credentials import Caller
from keeplit.sandbox.service import Route, Service
from keeplit.sandbox.wire import Request, Response, answer, refused

_STATUSES = {
    "AccessDeniedException": 403,
    "ExpiredTokenException": 403,
    "InternalServerException": 500,
    "UnrecognizedClientException": 403,
    "ValidationException": 400,
}
_MODELS = (
    ("anthropic.claude-opus-4-1-20250805-v1:0", "Claude Opus 4.1"),
    ("anthropic.claude-sonnet-4-5-20250929-v1:0", "Claude Sonnet 4.5"),
    ("anthropic.claude-haiku-4-5-20251001-v1:0", "Claude Haiku 4.5"),
)
# A profile's prefix names the part of the world it may run in, and the regions that offer it begin like this.
_PARTS = {"us": "us", "eu": "eu", "ap": "apac"}


def refuse(refusal: Refused) -> Response:
    """Write a refusal as Bedrock does."""
    return refused(refusal, _STATUSES, {"message": refusal.sentence})


def list_foundation_models(service: Service, request: Request) -> Response:
    """ListFoundationModels in the region the request is signed for."""
    region = _caller(service, request).region
    return answer({"modelSummaries": [_model(region, model, name) for model, name in _MODELS]})


def list_inference_profiles(service: Service, request: Request) -> Response:
    """ListInferenceProfiles: one of the system's own for each model, where the region has a prefix."""
    caller = _caller(service, request)
    part = _PARTS.get(caller.region.partition("-")[0], "global")
    wanted = request.query.get("type", "SYSTEM_DEFINED")
    models = _MODELS if wanted == "SYSTEM_DEFINED" else ()
    return answer({"inferenceProfileSummaries": [_profile(caller, part, model, name) for model, name in models]})


def invoke_model(service: Service, request: Request) -> Response:
    """InvokeModel: the shortest message a model can answer with; 400 for a model that does not exist."""
    _caller(service, request)
    asked = request.path.removeprefix("/bedrock/model/").removesuffix("/invoke")
    model = asked.rpartition("/")[2]
    known = any(model == one or model.endswith(f".{one}") for one, _ in _MODELS)
    if not known:
        raise Refused("ValidationException", "The provided model identifier is invalid.")
    told = {
        "id": "msg_sandbox",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": "lit"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    return answer(told)


def _caller(service: Service, request: Request) -> Caller:
    caller = service.vault.caller(request.headers)
    if caller.state == "expired":
        raise Refused("ExpiredTokenException", "The security token included in the request is expired")
    if caller.state == "unknown":
        raise Refused("UnrecognizedClientException", "The security token included in the request is invalid.")
    return caller


def _arn(region: str, model: str) -> str:
    return f"arn:aws:bedrock:{region}::foundation-model/{model}"


def _model(region: str, model: str, name: str) -> dict[str, object]:
    return {
        "modelArn": _arn(region, model),
        "modelId": model,
        "modelName": name,
        "providerName": "Anthropic",
        "inputModalities": ["TEXT", "IMAGE"],
        "outputModalities": ["TEXT"],
        "responseStreamingSupported": True,
        "customizationsSupported": [],
        "inferenceTypesSupported": ["INFERENCE_PROFILE"],
        "modelLifecycle": {"status": "ACTIVE"},
    }


def _profile(caller: Caller, part: str, model: str, name: str) -> dict[str, object]:
    account = caller.credentials.account_id if caller.credentials else ""
    return {
        "inferenceProfileName": f"{part.upper()} Anthropic {name}",
        "description": f"Routes requests to Anthropic {name} in {part}.",
        "inferenceProfileArn": f"arn:aws:bedrock:{caller.region}:{account}:inference-profile/{part}.{model}",
        "inferenceProfileId": f"{part}.{model}",
        "models": [{"modelArn": _arn(caller.region, model)}],
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    }


ROUTES = (
    Route("ListFoundationModels", "GET", re.compile("/bedrock/foundation-models"), list_foundation_models, refuse),
    Route("ListInferenceProfiles", "GET", re.compile("/bedrock/inference-profiles"), list_inference_profiles, refuse),
    Route("InvokeModel", "POST", re.compile("/bedrock/model/.+/invoke"), invoke_model, refuse),
)
