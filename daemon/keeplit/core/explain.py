"""The decoder: from the text of an error, however it was pasted, to its cause, one fix, and a message to forward. Pure.

Law: precise before general, and "unknown" where nothing fits, because a wrong explanation costs more than none. No
word of a text is repeated but what has a grammar of its own (an ARN, a region, a name), and nothing that looks secret.
"""

import shlex
from dataclasses import asdict, dataclass

from keeplit.core import denial, explain_admin, explain_denied
from keeplit.core.denial import Denial
from keeplit.core.explain_details import Details, details
from keeplit.core.explain_machine import RULES as MACHINE
from keeplit.core.explain_models import RULES as MODELS
from keeplit.core.explain_network import RULES as NETWORK
from keeplit.core.explain_quota import RULES as QUOTA
from keeplit.core.explain_rule import Rule, rule
from keeplit.core.explain_sign_in import RULES as SIGN_IN
from keeplit.core.explain_text import plain, squashed, without_secrets

UNKNOWN = "unknown"
# What is left when no precise rule fits: a number, or a class of errors that has many causes.
GENERAL = (
    rule(
        "denied_unsaid",
        r"AccessDenied(?:Exception)?|(?:API Error:? \(?|status(?: code)?:? |HTTP(?:/[0-9.]+)? )403|403 Forbidden"
        r"|UnauthorizedOperation|permission_error",
        "AWS says no, and not why",
        "Bedrock answers 403 for ended credentials, a missing permission, a model that is not enabled and a rule of "
        "your organisation alike.",
        "keeplit doctor (it asks step by step which of them it is)",
        admin="look in CloudTrail, in my account and region, for my last AccessDenied of bedrock.amazonaws.com",
    ),
    rule(
        "not_signed_in",
        r"(?:API Error:? \(?|status(?: code)?:? |HTTP(?:/[0-9.]+)? )401|401 Unauthorized|Please run /login"
        r"|Not logged in",
        "Claude Code is not signed in",
        "It has no accepted credentials, or it does not use Bedrock at all: /login is for Anthropic's own service.",
        "{login}; if it comes again: keeplit doctor",
    ),
    rule(
        "not_found",
        r"ResourceNotFoundException|(?:API Error:? \(?|status(?: code)?:? |HTTP(?:/[0-9.]+)? )404|not_found_error",
        "AWS does not know what was asked for",
        "Mostly a model or profile id that this region does not have; else a wrong base URL.",
        "keeplit models shows what {region} has; then: keeplit use --model sonnet",
    ),
)
RULES = (*MODELS, *MACHINE, *SIGN_IN, *NETWORK, *QUOTA, *GENERAL)
SUBSCRIBE = next(rule for rule in MODELS if rule.code == "marketplace_denied")
DEFAULTS = {
    "model": "the model",
    "id": "ID",
    "region": "your region",
    "host": "AWS",
    "profile": "of that name",
    "limit": "",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """An error in words. `code` is stable; `fix` is one step; `admin` a message to forward, empty where none helps."""

    code: str
    title: str
    cause: str
    fix: str
    admin: str = ""


NO_RULE = Explained(
    UNKNOWN,
    "keeplit does not know this error",
    "No known error of AWS, Bedrock or Claude Code stands in this text.",
    "keeplit doctor (it looks for the cause itself)",
)
NOTHING = Explained(
    UNKNOWN,
    "There is no error to explain",
    "The text is empty.",
    'give it the error: keeplit explain "TEXT", or COMMAND 2>&1 | keeplit explain -',
)


def explain(text: str, *, profile: str = "", region: str = "") -> Explained:
    """Explain the text of an error; `profile` and `region` are those in use, where they are known."""
    meant = plain(text)
    read = squashed(meant)
    denied = denial.read(read)
    if denied is not None:
        return _of_denial(denied, profile, region)
    one = next((rule for rule in RULES if rule.known_by.search(read) is not None), None)
    if one is not None:
        return _of_rule(one, details(meant), profile, region)
    if not read:
        return NOTHING
    return NO_RULE


def _of_denial(denied: Denial, profile: str, region: str) -> Explained:
    code, title, cause, fix = explain_denied.words(denied, region)
    if denied.subscribes:
        code, title, cause, fix = SUBSCRIBE.code, SUBSCRIBE.title, SUBSCRIBE.cause, SUBSCRIBE.fix
    message = explain_admin.of_denial(denied, profile=profile, region=region)
    return _safe(Explained(code, title, cause, fix, message))


def _of_rule(one: Rule, names: Details, profile: str, region: str) -> Explained:
    known = {**asdict(names), "region": names.region or region, "profile": names.profile or profile}
    said = {name: value for name, value in known.items() if value}
    values = {**DEFAULTS, **said, "id": names.model or DEFAULTS["id"], "login": _login(profile)}
    values["profile"] = repr(names.profile) if names.profile else DEFAULTS["profile"]
    values["limit"] = f" (here {names.limit})" if names.limit else ""
    title, cause, fix, admin = (part.format_map(values) for part in (one.title, one.cause, one.fix, one.admin))
    if title.startswith((DEFAULTS["model"], DEFAULTS["region"])):
        title = f"{title[0].upper()}{title[1:]}"
    facts = {name.capitalize(): said.get(name, "") for name in ("account", "region", "model", "profile")}
    return _safe(Explained(one.code, title, cause, fix, explain_admin.of_error(title, cause, admin, facts, one.ask)))


def _safe(found: Explained) -> Explained:
    """Return what was found without what only looks like a secret now that it is put together."""
    return Explained(found.code, *map(without_secrets, (found.title, found.cause, found.fix, found.admin)))


def _login(profile: str) -> str:
    return f"keeplit login --profile={shlex.quote(profile)}" if profile else "keeplit login"
