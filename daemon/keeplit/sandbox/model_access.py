"""Bedrock's answers to whether an account may use a model: what stands in between, and its form for Anthropic."""

from __future__ import annotations

import re
from base64 import b64encode

from keeplit.sandbox.bedrock import caller_of, refuse
from keeplit.sandbox.model_catalogue import MODELS, NOT_GRANTED, WITHOUT_FORM
from keeplit.sandbox.refusal import Refused
from keeplit.sandbox.service import Route, Service
from keeplit.sandbox.wire import Request, Response, answer


def get_foundation_model_availability(service: Service, request: Request) -> Response:
    """GetFoundationModelAvailability: what stands between the account and one model; it costs nothing."""
    region, caller = caller_of(service, request, "bedrock:GetFoundationModelAvailability")
    asked = request.path.removeprefix("/bedrock/foundation-model-availability/")
    if all(one.id != asked for one in MODELS):
        raise Refused("ResourceNotFoundException", "The model was not found.")
    here = any(region in one.regions() for one in MODELS if one.id == asked)
    granted = (caller.account_id, asked) not in NOT_GRANTED
    agreed = caller.account_id not in WITHOUT_FORM
    told = {
        "modelId": asked,
        "agreementAvailability": {"status": "AVAILABLE" if agreed else "NOT_AVAILABLE"},
        "authorizationStatus": "AUTHORIZED" if granted else "NOT_AUTHORIZED",
        "entitlementAvailability": "AVAILABLE",
        "regionAvailability": "AVAILABLE" if here else "NOT_AVAILABLE",
    }
    return answer(told)


def get_use_case_for_model_access(service: Service, request: Request) -> Response:
    """GetUseCaseForModelAccess: the form that the account has filled in for Anthropic's models."""
    _, caller = caller_of(service, request, "bedrock:GetUseCaseForModelAccess")
    if caller.account_id in WITHOUT_FORM:
        raise Refused("ResourceNotFoundException", "No use case form was found for the account.")
    return answer({"formData": b64encode(b'{"companyName":"Acme"}').decode()})


ROUTES = (
    Route(
        "GetFoundationModelAvailability",
        "GET",
        re.compile("/bedrock/foundation-model-availability/.+"),
        get_foundation_model_availability,
        refuse,
    ),
    Route(
        "GetUseCaseForModelAccess",
        "GET",
        re.compile("/bedrock/use-case-for-model-access"),
        get_use_case_for_model_access,
        refuse,
    ),
)
