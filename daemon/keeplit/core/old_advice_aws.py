"""Old advice about AWS: how a profile signs in, keys that beat it, regions that must match, and policies. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from shlex import quote

from keeplit.core.aws_profiles import START_URL, head, text
from keeplit.core.check import Check
from keeplit.core.doctor_marks import warn
from keeplit.core.model import ACCOUNT_ACCESS
from keeplit.core.old_advice_evidence import Evidence

NINETY = re.compile(r"\b90[ -]?days?\b", re.IGNORECASE)
MUST_MATCH = re.compile(
    r"region.{0,60}\b(?:must|has to|needs? to|should)\b.{0,40}\b(?:match|equal|be the same)"
    r"|\bmust (?:match|be the same).{0,40}region",
    re.IGNORECASE,
)
USER_KEY = "AKIA"
KEY_VARIABLES = "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"
INVOKE = ("bedrock:invokemodel", "bedrock:invoke*", "bedrock:*", "*")
FULL = "AmazonBedrockFullAccess"
RIGHT_POLICY = "keeplit iam policy (prints the right one)"


def legacy(seen: Evidence) -> Iterator[Check]:
    """``sso_start_url`` inside the profile: a browser every eight hours, whatever is done."""
    for name, section in seen.own_profiles.items():
        if text(section, START_URL) and not text(section, "sso_session"):
            sentence = f"{head('profile', name)} has its start URL inside, so a browser is needed every 8 hours."
            way = f"keeplit setup --upgrade --profile={quote(name)}"
            yield warn("advice_legacy", sentence, f"{way} (it moves it into an [sso-session]; undo takes it back)")


def ninety_days(seen: Evidence) -> Iterator[Check]:
    """That the scope gives 90 days: it renews silently until the organisation's limit."""
    for line in seen.config_comments:
        if NINETY.search(line.text):
            sentence = (
                f"A sign-in does not last 90 days, as {line.place} says: it is renewed silently until your "
                f"organisation's "
                "limit (8 hours unless it says otherwise)."
            )
            yield warn("advice_ninety_days", sentence, "keeplit status shows when yours ends")


def scope(seen: Evidence) -> Iterator[Check]:
    """An sso-session without scope or refresh token: one new sign-in mends it."""
    tokens = {token.session: token for token in seen.tokens}
    named = dict.fromkeys(text(section, "sso_session") for section in seen.own_profiles.values())
    for name in (name for name in named if name in seen.sso_sessions):
        token, where = tokens.get(name), head("sso-session", name)
        if token is not None and token.refreshable:
            continue
        once = f"once: keeplit login --session {quote(name)}"
        if ACCOUNT_ACCESS not in text(seen.sso_sessions[name], "sso_registration_scopes"):
            sentence = f"{where} has no scope, and its sign-in cannot be renewed silently."
            fix = f"add `sso_registration_scopes = {ACCOUNT_ACCESS}` to {where}, then {once}"
            yield warn("advice_scope", sentence, fix)
        elif token is not None:
            sentence = f"The sign-in of {name} is older than its scope: it holds no refresh token."
            yield warn("advice_scope", sentence, once)


def keys(seen: Evidence) -> Iterator[Check]:
    """Access keys of a user, and exported ones: they beat the SSO profile."""
    for said in seen.said("AWS_ACCESS_KEY_ID"):
        whose = "An IAM user's access key" if said.value.startswith(USER_KEY) else "An exported access key"
        sentence = f"{whose} in {said.place} beats the SSO profile in AWS's tools, and nothing renews it."
        yield warn("advice_keys", sentence, f"remove {KEY_VARIABLES} from {said.place}, and unset them")
    for name, section in seen.own_profiles.items():
        if text(section, "aws_access_key_id"):
            sentence = f"{head('profile', name)} has an access key, which nothing renews."
            yield warn("advice_keys", sentence, "keeplit setup (it makes a profile that signs in with SSO)")


def region(seen: Evidence) -> Iterator[Check]:
    """That the region must match the SSO region: they are independent."""
    code, fix = "advice_region", "keeplit use --region REGION (keeplit models --where sonnet shows which have it)"
    for line in seen.config_comments:
        if MUST_MATCH.search(line.text):
            sentence = (
                f"Bedrock's region need not be the sign-in's, as {line.place} says: choose the one with your models."
            )
            yield warn(code, sentence, fix)


def policies(seen: Evidence) -> Iterator[Check]:
    """Policies on foundation-model ARNs only, with one requested region, or with full access."""
    for one in seen.policies:
        if FULL in one:
            yield warn("advice_policies", f"{FULL} allows far more than Claude Code needs.", RIGHT_POLICY)
        for statement in _statements(one):
            yield from _of_statement(statement)


def _of_statement(statement: Mapping[str, object]) -> Iterator[Check]:
    code = "advice_policies"
    actions = [action.lower() for action in _texts(statement.get("Action"))]
    if statement.get("Effect") != "Allow" or not any(action.startswith(INVOKE) for action in actions):
        listing = any(action.startswith("bedrock:listfoundationmodels") for action in actions)
        if listing and statement.get("Effect") == "Allow":
            sentence = "A statement allows bedrock:ListFoundationModels, which gives no access to any model."
            yield warn("advice_proof", sentence, RIGHT_POLICY)
        return
    resources = _texts(statement.get("Resource"))
    if "bedrock:*" in actions:
        yield warn(code, "A statement allows bedrock:*, far more than Claude Code needs.", RIGHT_POLICY)
    if resources and all(":foundation-model/" in resource for resource in resources):
        sentence = "A statement names foundation models alone; a call through a profile needs the profile's ARN too."
        yield warn(code, sentence, RIGHT_POLICY)
    condition = statement.get("Condition")
    if isinstance(condition, Mapping) and any(_one_region(value) for value in condition.values()):
        sentence = "A statement allows one aws:RequestedRegion; a profile sends calls on to other regions."
        yield warn(code, sentence, RIGHT_POLICY)


def _one_region(condition: object) -> bool:
    if not isinstance(condition, Mapping):
        return False
    return any(
        str(key).lower() == "aws:requestedregion" and len(_texts(value)) == 1 for key, value in condition.items()
    )


def _statements(policy: str) -> list[Mapping[str, object]]:
    try:
        document = json.loads(policy)
    except (ValueError, RecursionError):
        return []
    found = document.get("Statement") if isinstance(document, Mapping) else None
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, Mapping)]


def _texts(value: object) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


RULES = (legacy, ninety_days, scope, keys, region, policies)
