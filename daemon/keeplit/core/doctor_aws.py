"""What `keeplit doctor` says of AWS's own answers: role, identity, the region's models and the pins. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from keeplit.core.check import Check
from keeplit.core.deeds import Outcome, Result
from keeplit.core.doctor_marks import fail, ok, skipped, together, warn
from keeplit.core.model_list import Listing, Refused, resolve

NOT_ASKED = "AWS was not asked."
NO_CREDENTIALS = "There are no role credentials to ask with."
WAITS = frozenset({Result.TRANSIENT, Result.THROTTLED})
AGAIN = "try again in a moment: keeplit doctor; or see: keeplit status"
PINS = "keeplit use --model opus --haiku haiku"


@dataclass(frozen=True, slots=True)
class Answers:
    """What AWS said. None: it was not asked."""

    now: datetime
    why_not: str = NOT_ASKED  # why nothing was asked
    role: Outcome | None = None  # of GetRoleCredentials
    role_fix: str = ""
    role_name: str = ""
    account: str = ""  # of the profile
    identity: Outcome | None = None  # of GetCallerIdentity
    identity_account: str = ""
    identity_name: str = ""
    listing: Listing | None = None
    kept: Listing | None = None  # what AWS said another time
    region: str = ""
    no_region: bool = False
    on_bedrock: bool = True
    pins: Mapping[str, str] = field(default_factory=dict)  # by key of the settings


def role_credentials(seen: Answers) -> Check:
    """Judge whether the portal gives the profile's role."""
    code, outcome = "role_credentials", seen.role
    if outcome is None:
        return skipped(code, seen.why_not)
    if outcome.result is Result.DONE:
        return ok(code, f"AWS gives you the role {seen.role_name!r} in account {seen.account}.")
    if outcome.result in WAITS:
        return warn(code, f"AWS could not say whether you have the role: {outcome.detail}", "try again in a moment")
    if outcome.result is Result.REJECTED:
        return fail(code, "AWS does not accept the token of your sign-in any more.", seen.role_fix)
    if outcome.result is Result.FORBIDDEN:
        sentence = f"AWS does not give you the role {seen.role_name!r} in account {seen.account} (403)."
        fix = "ask your administrator for the assignment, or take another profile: keeplit profiles"
        return fail(code, f"{sentence} Signing in again will not help.", fix)
    return fail(code, f"AWS gave no role credentials: {outcome.detail or outcome.code}", seen.role_fix)


def identity(seen: Answers) -> Check:
    """Judge whom STS takes us for."""
    code, outcome = "identity", seen.identity
    if outcome is None:
        return skipped(code, NO_CREDENTIALS if seen.role is not None else seen.why_not)
    if outcome.result is not Result.DONE:
        mark = warn if outcome.result in WAITS else fail
        return mark(
            code, f"STS does not say who you are: {outcome.detail or outcome.code}", _mends(outcome, seen.region)
        )
    if seen.account and seen.identity_account != seen.account:
        sentence = f"To AWS you are in account {seen.identity_account}, and the profile names {seen.account}."
        return fail(code, sentence, "correct sso_account_id, or see what else gives keys: keeplit profiles")
    return ok(code, f"To AWS you are {seen.identity_name}.")


def model_list(seen: Answers) -> Check:
    """Judge whether the region's models are known; a refusal says nothing about access."""
    code, listing = "model_list", seen.listing
    if seen.no_region:
        return skipped(code, "What Claude Code calls is no region of AWS.")
    if listing is None:
        return skipped(code, NO_CREDENTIALS if seen.role is not None else seen.why_not)
    if listing.code == "denied":
        sentence = f"Your role may not list the models of {seen.region}; that says nothing about calling them."
        return warn(code, sentence, "ask your administrator for bedrock:ListInferenceProfiles")
    if listing.code:
        return fail(code, _sentence(listing.fault or listing.code), f"keeplit models --region {seen.region}")
    if not listing.profiles:
        return fail(code, f"{seen.region} has no Claude model for this account.", "keeplit use --region R")
    return ok(code, f"{seen.region} has {len(listing.profiles)} Claude models for this account.")


def model_pins(seen: Answers) -> Check:
    """Judge whether what is pinned is there, fits the region and stays."""
    code, listing = "model_pins", seen.listing if seen.listing is not None and seen.listing.known else seen.kept
    if not seen.on_bedrock:
        return skipped(code, "Claude Code is not on Bedrock.")
    if not seen.pins:
        sentence = "No model is pinned, so Claude Code takes its own default, which your account may not have."
        return warn(code, sentence, PINS)
    if listing is None or not listing.known:
        return skipped(code, "What is pinned cannot be compared without the region's list.")
    found = []
    for key, pinned in seen.pins.items():
        name = key.removeprefix("env.")
        said = resolve(listing, pinned, seen.now)
        if isinstance(said, Refused):
            use = "--haiku" if "HAIKU" in key else "--model"
            fix = f"keeplit use {use} {said.nearest}" if said.nearest else f"keeplit models --region {seen.region}"
            found.append(fail(code, f"{name}: {_sentence(said.sentence)}", fix))
        elif said.profile is not None and said.profile.legacy:
            found.append(warn(code, f"{name} is {pinned}. {said.note}", f"keeplit models --region {seen.region}"))
    return together(code, f"What is pinned is there: {', '.join(seen.pins.values())}.", found)


def _mends(outcome: Outcome, region: str) -> str:
    """Return what mends a refusal that is known by its name; one that sends back to the doctor is no help here."""
    from keeplit.core.explain import UNKNOWN, explain  # late: its rules take a tenth of the start

    found = explain(f"{outcome.code} {outcome.detail}", region=region)
    return AGAIN if found.code == UNKNOWN or "keeplit doctor" in found.fix else found.fix


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


CHECKS = (role_credentials, identity, model_list, model_pins)
