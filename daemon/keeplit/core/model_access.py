"""Whether a model may be used, read out of Bedrock's answers. Pure.

Law: only what AWS itself said is yes or no; a question that was denied leaves the matter unknown, never "no access".
The call counts most: it is what Claude Code does.
"""

from dataclasses import dataclass

from keeplit.core.answers import Answer, judged
from keeplit.core.check import Check, State
from keeplit.core.deeds import Result

CONSOLE = "open the model catalog of the Bedrock console in that region, choose the model and request access"
ADMIN = "give your administrator what this prints: keeplit iam policy"
FORM_FIX = "fill in the use-case form once for the account: Bedrock console, model catalog, any Claude model"


@dataclass(frozen=True, slots=True)
class Access:
    """What was asked and answered, one check each; `allowed` None: it is not known."""

    states: tuple[Check, ...] = ()
    allowed: bool | None = None


def judge(model: str, region: str, availability: Answer, form: Answer, call: Answer | None = None) -> Access:
    """Return whether a model may be used from a region; `call` is the answer to one call of it, if it was made."""
    available = _available(model, region, availability)
    states = [*available, _form(form)]
    if call is not None:
        states.append(_called(model, region, call))
        return Access(tuple(states), _verdict([states[-1]]))
    return Access(tuple(states), _verdict(states))


def _verdict(states: list[Check]) -> bool | None:
    """Return no where one says so, unknown where one is not known, else yes."""
    if any(one.state is State.FAIL for one in states):
        return False
    return None if any(one.state is not State.OK for one in states) else True


def _available(model: str, region: str, answer: Answer) -> list[Check]:
    if not answer.good:
        return [_unknown("model_availability", "what stands between the account and the model", answer)]
    agreement = answer.fields.get("agreementAvailability")
    told = {
        "model_region": (answer.fields.get("regionAvailability"), "AVAILABLE"),
        "model_agreement": (agreement.get("status") if isinstance(agreement, dict) else None, "AVAILABLE"),
        "model_entitled": (answer.fields.get("entitlementAvailability"), "AVAILABLE"),
        "model_authorized": (answer.fields.get("authorizationStatus"), "AUTHORIZED"),
    }
    said = {
        "model_region": (
            f"the model {model} is to be had in {region}",
            f"the model {model} is not to be had in {region}",
            f"keeplit models --where {model}",
        ),
        "model_agreement": (
            f"the account has agreed to the terms of {model}",
            f"the account has not agreed to the terms of {model}",
            CONSOLE,
        ),
        "model_entitled": (f"the account may have {model}", f"the account may not have {model}", CONSOLE),
        "model_authorized": (
            f"the account is authorized for {model}",
            f"the account is not authorized for {model}",
            ADMIN,
        ),
    }
    return [_one(code, told[code], said[code]) for code in told]


def _one(code: str, told: tuple[object, str], said: tuple[str, str, str]) -> Check:
    value, right = told
    if not isinstance(value, str):
        return Check(code, State.SKIPPED, f"AWS did not say whether {said[0]}.")
    yes = value == right
    return (
        Check(code, State.OK, f"{_upper(said[0])}.") if yes else Check(code, State.FAIL, f"{_upper(said[1])}.", said[2])
    )


def _form(answer: Answer) -> Check:
    code = "use_case_form"
    if answer.good:
        return Check(code, State.OK, "The account has filled in the use-case form for Anthropic's models.")
    if answer.error == "ResourceNotFoundException":
        return Check(code, State.FAIL, "The account has not filled in the use-case form for Anthropic.", FORM_FIX)
    return _unknown(code, "the use-case form", answer)


def _called(model: str, region: str, answer: Answer) -> Check:
    code = "model_call"
    if answer.good:
        return Check(code, State.OK, f"{model} answers in {region}.")
    outcome = judged(answer)
    if answer.error == "AccessDeniedException":
        return Check(code, State.FAIL, f"Your role may not call {model} in {region} (AccessDenied).", ADMIN)
    if answer.error in {"ResourceNotFoundException", "ValidationException"}:
        fix = FORM_FIX if answer.error == "ResourceNotFoundException" else f"keeplit models --region {region}"
        return Check(code, State.FAIL, f"Bedrock refuses {model} in {region} ({answer.error}).", fix)
    if outcome.result is Result.THROTTLED or answer.error == "ServiceQuotaExceededException":
        return Check(code, State.WARN, f"{model} is throttled in {region} just now; access is not the matter.", "wait")
    return _unknown(code, f"whether {model} answers", answer)


def _unknown(code: str, what: str, answer: Answer) -> Check:
    outcome = judged(answer)
    if answer.error == "AccessDeniedException":
        return Check(code, State.SKIPPED, f"Your role may not ask for {what}, so it is not known.")
    reason = outcome.detail.rstrip(".") or outcome.code
    return Check(code, State.SKIPPED, f"It is not known: {what} could not be asked for ({reason}).")


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
