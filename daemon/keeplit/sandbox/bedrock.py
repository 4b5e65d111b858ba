"""Bedrock under ``/bedrock``: its lists of models and inference profiles, and an InvokeModel that says one word.

Law: a list is what the region has that the request is signed for, in pages that are shorter than anybody asks for. The
role `READ_ONLY` may list and call nothing.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta

from keeplit.sandbox.model_catalogue import (
    APPLICATIONS,
    COMMERCIAL,
    MODELS,
    REGIONS,
    WITHOUT_FORM,
    ApplicationProfile,
    Model,
)
from keeplit.sandbox.refusal import Refused
from keeplit.sandbox.role_credentials import RoleCredentials
from keeplit.sandbox.service import Route, Service
from keeplit.sandbox.wire import Request, Response, answer, refused

READ_ONLY = "ReadOnly"
PAGE = 4
"""At most so many profiles to a page, whatever a client asks for."""
LEGACY_SINCE = timedelta(days=120)

_STATUSES = {
    "AccessDeniedException": 403,
    "ExpiredTokenException": 403,
    "InternalServerException": 500,
    "ResourceNotFoundException": 404,
    "UnrecognizedClientException": 403,
    "ValidationException": 400,
}
_KINDS = ("SYSTEM_DEFINED", "APPLICATION")
_SYSTEM, _APPLICATION = _KINDS


def refuse(refusal: Refused) -> Response:
    """Write a refusal as Bedrock does."""
    return refused(refusal, _STATUSES, {"message": refusal.sentence})


def list_foundation_models(service: Service, request: Request) -> Response:
    """ListFoundationModels: those of the region, of one provider where one is named."""
    region, _ = caller_of(service, request, "bedrock:ListFoundationModels")
    provider = request.query.get("byProvider", "").lower()
    found = [one for one in MODELS if region in one.regions() and provider in {"", one.provider.lower()}]
    return answer({"modelSummaries": [_model(region, one, service.clock()) for one in found]})


def list_inference_profiles(service: Service, request: Request) -> Response:
    """ListInferenceProfiles: a page of them, all of the system or all of the account; both where none is named."""
    region, caller = caller_of(service, request, "bedrock:ListInferenceProfiles")
    wanted = request.query.get("type", "")
    if wanted and wanted not in _KINDS:
        raise Refused("ValidationException", "The provided type is not a member of the enum.")
    system = list(_system(region, caller.account_id)) if wanted != _APPLICATION else []
    made = list(_made(region, caller.account_id)) if wanted != _SYSTEM else []
    return answer(_page([*system, *made], request))


def invoke_model(service: Service, request: Request) -> Response:
    """InvokeModel: the shortest message a model can answer with; 400 for what cannot be called in the region."""
    model = _callable(service, request, "/invoke")
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


def converse(service: Service, request: Request) -> Response:
    """Converse: the same word, in the shape that all models have in common."""
    _callable(service, request, "/converse")
    told = {
        "output": {"message": {"role": "assistant", "content": [{"text": "lit"}]}},
        "stopReason": "max_tokens",
        "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
        "metrics": {"latencyMs": 1},
    }
    return answer(told)


def _callable(service: Service, request: Request, ending: str) -> str:
    """Return the model that a request calls, where the caller may call it there."""
    region, caller = caller_of(service, request, "bedrock:InvokeModel")
    if caller.account_id in WITHOUT_FORM:
        why = "Model use case details have not been submitted for this account."
        raise Refused("ResourceNotFoundException", why)
    asked = request.path.removeprefix("/bedrock/model/").removesuffix(ending)
    model = asked.rpartition("/")[2]
    profiles = [*_system(region, caller.account_id), *_made(region, caller.account_id)]
    known = next((one for one in MODELS if region in one.regions() and one.id == model), None)
    if known is not None and not known.on_demand:
        why = f"Invocation of model ID {model} with on-demand throughput isn\u2019t supported."
        retry = "Retry your request with the ID or ARN of an inference profile that contains this model."
        raise Refused("ValidationException", f"{why} {retry}")
    names = {one[field] for one in profiles for field in ("inferenceProfileId", "inferenceProfileArn")}
    if known is None and asked not in names:
        raise Refused("ValidationException", "The provided model identifier is invalid.")
    return model


def caller_of(service: Service, request: Request, action: str) -> tuple[str, RoleCredentials]:
    """Return the region and who asks; Bedrock's refusal where that is nobody, or may not."""
    caller = service.vault.caller(request.headers)
    if caller.state == "expired":
        raise Refused("ExpiredTokenException", "The security token included in the request is expired")
    if caller.credentials is None:
        raise Refused("UnrecognizedClientException", "The security token included in the request is invalid.")
    one = caller.credentials
    if one.role == READ_ONLY:
        who = f"arn:aws:sts::{one.account_id}:assumed-role/{one.role}/{one.user}"
        why = f"because no identity-based policy allows the {action} action"
        raise Refused(
            "AccessDeniedException", f"User: {who} is not authorized to perform: {action} on resource: * {why}"
        )
    return caller.region, one


def _page(found: list[dict[str, object]], request: Request) -> dict[str, object]:
    token, most = request.query.get("nextToken", ""), request.query.get("maxResults", "")
    try:
        begin = int(urlsafe_b64decode(token)) if token else 0
        size = min(int(most or PAGE), PAGE)
    except ValueError:
        raise Refused("ValidationException", "The provided nextToken or maxResults is invalid.") from None
    end = begin + max(size, 1)
    more = {"nextToken": urlsafe_b64encode(str(end).encode()).decode()} if end < len(found) else {}
    return {"inferenceProfileSummaries": found[begin:end], **more}


def _arn(region: str, model: str) -> str:
    return f"arn:aws:bedrock:{region}::foundation-model/{model}"


def _model(region: str, model: Model, now: datetime) -> dict[str, object]:
    life: dict[str, object] = {"status": "ACTIVE"}
    if model.ends_in is not None:
        end = now + model.ends_in
        life = {"status": "LEGACY", "legacyTime": _time(end - LEGACY_SINCE), "endOfLifeTime": _time(end)}
    return {
        "modelArn": _arn(region, model.id),
        "modelId": model.id,
        "modelName": model.name,
        "providerName": model.provider,
        "inputModalities": ["TEXT", "IMAGE"],
        "outputModalities": ["TEXT"],
        "responseStreamingSupported": True,
        "customizationsSupported": [],
        "inferenceTypesSupported": [*(["ON_DEMAND"] if model.on_demand else []), "INFERENCE_PROFILE"],
        "modelLifecycle": life,
    }


def _system(region: str, account: str) -> Iterator[dict[str, object]]:
    """Give the profiles that AWS itself has in a region."""
    for model in MODELS:
        for prefix in model.prefixes:
            offered = COMMERCIAL if prefix == "global" else REGIONS[prefix]
            if region not in offered:
                continue
            title = f"{'Global' if prefix == 'global' else prefix.upper()} {model.provider} {model.name}"
            # A global profile names its own region, and one ARN without any for all the others.
            runs_in = (region, "") if prefix == "global" else REGIONS[prefix]
            profile = f"{prefix}.{model.id}"
            arn = f"arn:aws:bedrock:{region}:{account}:inference-profile/{profile}"
            yield _profile(profile, arn, title, [_arn(one, model.id) for one in runs_in], _SYSTEM)


def _made(region: str, account: str) -> Iterator[dict[str, object]]:
    """Give the profiles that the account made in a region."""
    for one in APPLICATIONS:
        if (one.region, one.account) == (region, account):
            arn = f"arn:aws:bedrock:{region}:{account}:application-inference-profile/{one.id}"
            yield _profile(one.id, arn, one.name, [_arn(place, one.model) for place in _places(one)], _APPLICATION)


def _places(made: ApplicationProfile) -> tuple[str, ...]:
    return REGIONS[made.prefix] if made.prefix else (made.region,)


def _profile(profile: str, arn: str, name: str, models: list[str], kind: str) -> dict[str, object]:
    return {
        "inferenceProfileName": name,
        "description": f"Routes requests to {name}.",
        "inferenceProfileArn": arn,
        "inferenceProfileId": profile,
        "models": [{"modelArn": one} for one in models],
        "status": "ACTIVE",
        "type": kind,
        "createdAt": "2025-03-01T00:00:00Z",
        "updatedAt": "2025-11-01T00:00:00Z",
    }


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


ROUTES = (
    Route("ListFoundationModels", "GET", re.compile("/bedrock/foundation-models"), list_foundation_models, refuse),
    Route("ListInferenceProfiles", "GET", re.compile("/bedrock/inference-profiles"), list_inference_profiles, refuse),
    Route("Converse", "POST", re.compile("/bedrock/model/.+/converse"), converse, refuse),
    Route("InvokeModel", "POST", re.compile("/bedrock/model/.+/invoke"), invoke_model, refuse),
)
