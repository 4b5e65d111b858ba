"""Bedrock's list of inference profiles, asked by the worker process, and the file that keeps the last one.

Law: only what is read is asked for, with the profile's own role credentials; no model is called and nothing costs. A
denied list says nothing about access, so its code is ``denied`` and what is known stays. The file holds names and
dates, no secret, for one account and region; its age is told, never hidden.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from keeplit.adapters import files
from keeplit.core.answers import Answer, broken, judged
from keeplit.core.aws_dates import read_date, write_date
from keeplit.core.aws_environment import override
from keeplit.core.deeds import Outcome, Result
from keeplit.core.model_list import InferenceProfile, Lifecycle, profile_of
from keeplit.core.models import ANTHROPIC, is_region
from keeplit.core.secrets import RoleCredentials
from keeplit.core.signed_call import begin

FOLDER = "models"
SCHEMA = 1
MOST_BYTES = 8 << 20  # an account may have thousands of profiles of its own
PAGE = 1000
DENIED = "denied"
APPLICATION, LIFECYCLE = "application", "lifecycle"
ACCOUNT = re.compile(r"[0-9]{12}")

Ask = Callable[[Sequence[Mapping[str, object]]], Sequence[Answer]]

NAMED: Mapping[str, tuple[Result, str]] = {
    "AccessDeniedException": (
        Result.FORBIDDEN,
        "your role may not list them (bedrock:ListInferenceProfiles), so it is not known which models you have",
    ),
    **dict.fromkeys(
        ("ExpiredTokenException", "ExpiredToken", "UnrecognizedClientException", "InvalidClientTokenId"),
        (Result.REJECTED, "Bedrock does not accept the role credentials; is the region switched on for the account?"),
    ),
    **dict.fromkeys(
        ("InvalidSignatureException", "SignatureDoesNotMatch", "RequestExpired"),
        (Result.REFUSED, "AWS does not accept the signature: look at this machine's clock"),
    ),
    "OptInRequired": (Result.REFUSED, "the region is not switched on for the account"),
}


@dataclass(frozen=True, slots=True)
class Known:
    """One list as it was given: when, the profiles, base ids that need none, and what AWS did not tell beside it."""

    asked_at: datetime
    profiles: tuple[InferenceProfile, ...] = ()
    on_demand: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def ask_for(
    ask: Ask, environ: Mapping[str, str], region: str, credentials: RoleCredentials
) -> tuple[Outcome, Mapping[str, Any] | None]:
    """Ask a region for its profiles, the account's own and what AWS says of the models' lives: what `write` takes.

    REJECTED: the credentials are not accepted; FORBIDDEN with the code ``denied``: the role may not ask.
    """
    named = override(environ, "bedrock")
    if named is not None and not named.allowed:
        return broken("endpoint"), None
    where = begin("bedrock", region, named.url if named else None, credentials)
    listed = {**where, "operation": "list_inference_profiles", "pages": True}
    pages = {"PaginationConfig": {"PageSize": PAGE}}
    system, own, models = ask(
        [
            {**listed, "parameters": {"typeEquals": "SYSTEM_DEFINED", **pages}},
            {**listed, "parameters": {"typeEquals": "APPLICATION", **pages}},
            {**where, "operation": "list_foundation_models", "parameters": {"byProvider": ANTHROPIC}},
        ]
    )
    outcome, summaries = _listed(system, "inferenceProfileSummaries", _summary)
    if summaries is None:
        return outcome, None
    applications = _listed(own, "inferenceProfileSummaries", _summary)[1]
    lives = _listed(models, "modelSummaries", _life)[1]
    missing = {APPLICATION: applications is None, LIFECYCLE: lives is None}
    return outcome, {
        "profiles": [*summaries, *(applications or ())],
        "models": lives or [],
        "unknown": [what for what, is_missing in missing.items() if is_missing],
    }


def path(state: Path, account: str, region: str) -> Path | None:
    """Return the file of one account and region; None where either is none."""
    if not ACCOUNT.fullmatch(account) or not is_region(region):
        return None
    return state / FOLDER / f"{account}.{region}.json"


def read(state: Path, account: str, region: str) -> Known | None:
    """Return the last list that is kept; None where there is none, or none that can be read."""
    file = path(state, account, region)
    try:
        data = files.read_own(file, MOST_BYTES) if file is not None else None
        told: dict[str, Any] = json.loads(data) if data else {"asked_at": None}
        asked_at = read_date(told["asked_at"])
        if asked_at is None or (told["schema"], told["account"], told["region"]) != (SCHEMA, account, region):
            return None
        return known(told, asked_at)
    except (files.FileTrouble, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def write(state: Path, account: str, region: str, told: Mapping[str, Any], now: datetime) -> Outcome:
    """Keep a list, 0600 and whole; one that cannot be kept costs only the next call."""
    file = path(state, account, region)
    if file is None:
        return broken("settings")
    document = {"schema": SCHEMA, "account": account, "region": region, "asked_at": write_date(now), **told}
    try:
        files.private_folder(state)
        files.private_folder(file.parent)
        files.replace(file, json.dumps(document).encode())
    except files.FileTrouble as trouble:
        return Outcome(Result.NOT_WRITABLE, "models", str(trouble))
    return Outcome(Result.DONE)


def known(told: Mapping[str, Any], asked_at: datetime) -> Known:
    """Return what a list says, of AWS's answers or of the file. Raises what broken content raises."""
    lives = {
        one["id"]: Lifecycle(
            legacy=one.get("legacy") is True,
            legacy_at=read_date(one.get("legacy_at")),
            ends_at=read_date(one.get("ends_at")),
            on_demand=one.get("on_demand") is True,
        )
        for one in told["models"]
    }
    profiles = (profile_of(one, lives) for one in told["profiles"])
    return Known(
        asked_at=asked_at,
        profiles=tuple(one for one in profiles if one is not None),
        on_demand=tuple(name for name, life in lives.items() if life.on_demand),
        unknown=tuple(what for what in (APPLICATION, LIFECYCLE) if what in told["unknown"]),
    )


def _listed(
    answer: Answer, field: str, read_one: Callable[[Mapping[str, Any]], dict[str, object] | None]
) -> tuple[Outcome, list[dict[str, object]] | None]:
    """Return what an answer lists, each as we keep it; what makes no sense of its own is left out."""
    if not answer.good:
        return _judged(answer), None
    found = answer.fields.get(field)
    if not isinstance(found, list):
        return broken(), None
    read_all = (read_one(one) for one in found if isinstance(one, dict))
    return Outcome(Result.DONE), [one for one in read_all if one is not None]


def _summary(one: Mapping[str, Any]) -> dict[str, object] | None:
    arns = [model.get("modelArn") for model in one.get("models") or () if isinstance(model, dict)]
    texts = {"id": one.get("inferenceProfileId"), "name": one.get("inferenceProfileName")}
    texts["arn"] = one.get("inferenceProfileArn")
    if not all(isinstance(text, str) for text in texts.values()) or one.get("status", "ACTIVE") != "ACTIVE":
        return None
    kept = {**texts, "application": one.get("type") == "APPLICATION", "models": arns}
    return kept if profile_of(kept, {}) is not None else None  # Claude Code calls no others


def _life(one: Mapping[str, Any]) -> dict[str, object] | None:
    life = one.get("modelLifecycle")
    life = life if isinstance(life, dict) else {}
    if not isinstance(one.get("modelId"), str):
        return None
    return {
        "id": one["modelId"],
        "legacy": life.get("status") == "LEGACY",
        "legacy_at": life.get("legacyTime"),
        "ends_at": life.get("endOfLifeTime"),
        "on_demand": "ON_DEMAND" in (one.get("inferenceTypesSupported") or ()),
    }


def _judged(answer: Answer) -> Outcome:
    """Return what an answer of Bedrock means; no sentence repeats what was answered."""
    general = judged(answer)
    if answer.failure or answer.page or general.result in {Result.TRANSIENT, Result.THROTTLED}:
        return general
    if answer.error not in NAMED:
        return general
    result, sentence = NAMED[answer.error]
    return Outcome(result, DENIED if result is Result.FORBIDDEN else answer.error, sentence)
