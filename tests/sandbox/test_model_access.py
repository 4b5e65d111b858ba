"""Bedrock's answers about access as a real botocore client sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from keeplit.sandbox.model_catalogue import NOT_GRANTED, WITHOUT_FORM
from keeplit.sandbox.server import Sandbox

ClientOf = Callable[..., Any]
OPUS, SONNET = "anthropic.claude-opus-5", "anthropic.claude-sonnet-5"


@pytest.fixture
def bedrock(sandbox: Sandbox, client_of: ClientOf) -> Callable[[str], Any]:
    """Give a function that makes the client of an account."""

    def of(account: str, role: str = "ClaudeCode") -> Any:
        one = sandbox.service.vault.issue(account, role, "sam")
        keys = {
            "accessKeyId": one.access_key_id,
            "secretAccessKey": one.secret_access_key,
            "sessionToken": one.session_token,
        }
        return client_of("bedrock", keys)

    return of


def test_what_stands_in_between_is_told(bedrock: Callable[[str], Any]) -> None:
    """Nothing, or that the account has no grant, or that it has not agreed."""
    good = bedrock("111122223333").get_foundation_model_availability(modelId=SONNET)
    ((other, model),) = NOT_GRANTED
    (formless,) = WITHOUT_FORM
    ungranted = bedrock(other).get_foundation_model_availability(modelId=model)
    unagreed = bedrock(formless).get_foundation_model_availability(modelId=OPUS)
    assert (good["authorizationStatus"], good["regionAvailability"]) == ("AUTHORIZED", "AVAILABLE")
    assert ungranted["authorizationStatus"] == "NOT_AUTHORIZED"
    assert unagreed["agreementAvailability"]["status"] == "NOT_AVAILABLE"


def test_a_model_that_is_none_is_not_found(bedrock: Callable[[str], Any]) -> None:
    """By its base id; a profile's id is none."""
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        bedrock("111122223333").get_foundation_model_availability(modelId=f"us.{SONNET}")


def test_the_form_is_there_or_not_found(bedrock: Callable[[str], Any]) -> None:
    """As AWS has it."""
    assert b"Acme" in bedrock("111122223333").get_use_case_for_model_access()["formData"]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        bedrock(next(iter(WITHOUT_FORM))).get_use_case_for_model_access()
