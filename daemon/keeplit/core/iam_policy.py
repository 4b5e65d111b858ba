"""The IAM policy that lets Claude Code call Bedrock: no wider than asked, whole where a profile spans regions. Pure.

Law: a call through a profile is allowed twice, on the profile's ARN and on the model's in each region where it may run;
one without the other works by luck. Source: AWS's guide to Bedrock, "Prerequisites for inference profiles", and Claude
Code's documentation of Amazon Bedrock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from keeplit.core.aws_dates import write_date
from keeplit.core.explain_admin import INVOKE, Statement, marketplace
from keeplit.core.models import ANTHROPIC, GLOBAL, GOVERNMENT

VERSION = "2012-10-17"
ANY = "*"
EVERY_MODEL = f"{ANTHROPIC}.*"
# What keeplit and Claude Code ask besides, none of which costs or reads any content.
LISTS = ("bedrock:ListInferenceProfiles", "bedrock:ListFoundationModels")
ACCESS = ("bedrock:GetFoundationModelAvailability", "bedrock:GetUseCaseForModelAccess")
GET = "bedrock:GetInferenceProfile"
THROUGH = "bedrock:InferenceProfileArn"
MOST_OF_A_POLICY = 6144
"""The characters of a managed policy, white space not counted (IAM's quotas)."""


class Level(StrEnum):
    """How much is allowed."""

    MINIMUM = "minimum"  # calls alone
    STANDARD = "standard"  # and what keeplit and Claude Code look up
    RESTRICTED = "restricted"  # calls through the named profiles alone, in the regions where these may run


@dataclass(frozen=True, slots=True)
class Target:
    """A profile that may be called, and the model behind it with the regions where it may run; ARNs, with wildcards.

    Without a profile it is a model that is called by its own id.
    """

    profiles: tuple[str, ...]
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """From where, by whom, until when; empty: no limit."""

    source_ips: tuple[str, ...] = ()
    vpces: tuple[str, ...] = ()
    principal_tags: tuple[tuple[str, str], ...] = ()
    until: datetime | None = None
    tls_only: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a policy is to allow."""

    level: Level = Level.STANDARD
    targets: tuple[Target, ...] = ()  # none: every model of Anthropic
    marketplace: bool = False
    limits: Limits = field(default_factory=Limits)
    partition: str = "aws"


def partition_of(region: str) -> str:
    """Return which AWS a region belongs to."""
    if region.startswith(f"{GOVERNMENT}-"):
        return "aws-us-gov"
    return "aws-cn" if region.startswith("cn-") else "aws"


def target(  # each is a part of an ARN
    profile: str,
    base: str,
    *,
    regions: Sequence[str],
    account: str,
    runs_in: Sequence[str] = (),
    everywhere: bool = False,
) -> Target:
    """Return the ARNs of a profile, called from `regions`, whose requests may run `runs_in`; empty: not known.

    `profile` is an id or the ARN of one that the account made.
    """
    partition = profile.split(":")[1] if profile.startswith("arn:") else partition_of(next(iter(regions), ""))
    begin = f"arn:{partition}:bedrock"
    ids = (profile,) if profile.startswith("arn:") else ()
    called = ids or tuple(f"{begin}:{one}:{account or ANY}:inference-profile/{profile}" for one in regions or (ANY,))
    model = f":foundation-model/{base or EVERY_MODEL}"
    where = [*(runs_in or (ANY,)), *([""] if everywhere or profile.startswith(f"{GLOBAL}.") else [])]
    return Target(called, tuple(f"{begin}:{one}:{model}" for one in dict.fromkeys(where)))


def every(partition: str = "aws") -> Target:
    """Return what stands for all models of Anthropic through all profiles."""
    begin = f"arn:{partition}:bedrock:*:"
    return Target(
        (f"{begin}*:inference-profile/*", f"{begin}*:application-inference-profile/*"),
        (f"{begin}:foundation-model/{EVERY_MODEL}",),
    )


def policy(wanted: Wanted) -> Mapping[str, object]:
    """Return the policy document."""
    targets = wanted.targets or (every(wanted.partition),)
    profiles = list(dict.fromkeys(arn for one in targets for arn in one.profiles))
    models = list(dict.fromkeys(arn for one in targets if one.profiles for arn in one.models))
    direct = list(dict.fromkeys(arn for one in targets if not one.profiles for arn in one.models))
    limits = conditions(wanted.limits)
    exact = wanted.level is Level.RESTRICTED
    only_through = {"ArnLike": {THROUGH: profiles}} if exact else {}
    found: list[Statement] = []
    if profiles:
        found.append(_allow("CallThroughProfiles", INVOKE, profiles, limits))
        found.append(_allow("RunWhereProfilesLead", INVOKE, models, {**limits, **only_through}))
    if direct:
        found.append(_allow("CallDirectly", INVOKE, direct, limits))
    if exact and profiles:
        found.append(_allow("SeeProfiles", (GET,), profiles, limits))
    if wanted.level is Level.STANDARD:
        found.append(_allow("SeeProfiles", (GET,), [*every(wanted.partition).profiles], limits))
        found.append(_allow("SeeWhatThereIs", (*LISTS, *ACCESS), ANY, limits))
    if wanted.marketplace:
        found.append(_subscribe(wanted.limits))
    return {"Version": VERSION, "Statement": found}


def conditions(limits: Limits) -> dict[str, dict[str, object]]:
    """Return the condition block of the limits."""
    equal: dict[str, object] = {}
    for key in dict.fromkeys(key for key, _ in limits.principal_tags):
        values = [value for one, value in limits.principal_tags if one == key]
        equal[f"aws:PrincipalTag/{key}"] = values if len(values) > 1 else values[0]  # one of several is enough
    if limits.vpces:
        equal["aws:SourceVpce"] = list(limits.vpces)
    found: dict[str, dict[str, object]] = {"StringEquals": equal} if equal else {}
    if limits.source_ips:
        found["IpAddress"] = {"aws:SourceIp": list(limits.source_ips)}
    if limits.until is not None:
        found["DateLessThan"] = {"aws:CurrentTime": write_date(limits.until.astimezone(UTC))}
    if limits.tls_only:
        found["Bool"] = {"aws:SecureTransport": "true"}
    return found


def _subscribe(limits: Limits) -> Statement:
    """Return the marketplace's statement: Bedrock asks there, so neither address nor endpoint is the person's."""
    own = conditions(Limits(principal_tags=limits.principal_tags, until=limits.until))
    base = marketplace()
    last = base["Condition"]
    called = last["StringEquals"] if isinstance(last, Mapping) else {}
    return {**base, "Condition": {**own, "StringEquals": {**own.get("StringEquals", {}), **called}}}


def _allow(sid: str, actions: Sequence[str], resources: Sequence[str] | str, limits: Mapping[str, object]) -> Statement:
    named = resources if isinstance(resources, str) else list(resources)
    found: dict[str, object] = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": named}
    return {**found, "Condition": dict(limits)} if limits else found
