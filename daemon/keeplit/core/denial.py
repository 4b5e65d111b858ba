"""AWS's own sentence of a denial, taken apart: who, what, on which resource, and which policy said no. Pure.

Source: the IAM User Guide, "Troubleshoot access denied error messages". AWS says which kind of policy denied, and
whether one of them forbids it or none of them allows it; often only to callers of the same account or organisation.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from keeplit.core import models
from keeplit.core.explain_text import pattern
from keeplit.core.models import ModelName


class Policy(StrEnum):
    """The kind of policy that denied; each is changed by somebody else."""

    IDENTITY = "identity"
    BOUNDARY = "boundary"
    SESSION = "session"
    SCP = "scp"
    RCP = "rcp"
    ENDPOINT = "endpoint"
    RESOURCE = "resource"
    TRUST = "trust"
    UNSAID = "unsaid"


WORDS = {
    "identity-based": Policy.IDENTITY,
    "permissionsboundary": Policy.BOUNDARY,
    "session": Policy.SESSION,
    "servicecontrol": Policy.SCP,
    "resourcecontrol": Policy.RCP,
    "vpcendpoint": Policy.ENDPOINT,
    "resource-based": Policy.RESOURCE,
    "roletrust": Policy.TRUST,
}
KIND = "|".join(re.escape(word) for word in WORDS)
ACCOUNT = r"[\w*<>{}-]{0,40}"  # people take the digits out before they ask for help
ARN = rf"arn:aws[a-z-]*:[a-z0-9-]{{1,40}}:[a-z0-9*-]{{0,30}}:{ACCOUNT}:[\w+=,.@:/*${{}}-]{{1,300}}"
ACTION = r"[a-z0-9-]{2,40}:[A-Za-z0-9*]{2,60}"
# The words that follow an ARN must not be taken for a part of it.
AFTER = r"(?=because|withanexplicitdeny|[.,]?(?:$|[^\w+=,.@:/*$-])|[.](?:If|To|Please|Refer|See)[a-z])"
SENTENCE = pattern(
    rf"(?:(?:User|Principal): (?P<principal>{ARN}?|anonymous|[\w.@-]{{1,64}}?) )?is not authorized to perform: "
    rf"(?P<action>{ACTION}?)(?: on resource: (?P<resource>{ARN}?|\*))?{AFTER}"
)
EXPLICIT = pattern(
    rf"with an explicit deny in (?:an?|the) (?P<kind>{KIND})(?: policy)?(?:: (?P<policy>{ARN}?){AFTER})?"
)
IMPLICIT = pattern(rf"because no (?P<kind>{KIND})(?: policy)? allows the")
ROLE = re.compile(r"assumed-role/(?P<role>[\w+=,.@-]{1,64})(?:/(?P<session>[\w+=,.@-]{1,64}))?")
SSO_ROLE = re.compile(
    r"AWSReservedSSO_(?P<name>[\w+=,.@-]{1,32})_[0-9a-f]{16}|AWSReservedSSO_(?P<other>[\w+=,.@-]{1,50})"
)


@dataclass(frozen=True, slots=True)
class Denial:
    """What AWS denied; what it did not say is empty. `policy_arn` names the policy where AWS does."""

    principal: str = ""
    action: str = ""
    resource: str = ""
    policy: Policy = Policy.UNSAID
    explicit: bool = False
    policy_arn: str = ""

    @property
    def account(self) -> str:
        """Return the account of who asked, else that of the resource."""
        return next((part for arn in (self.principal, self.resource) if (part := _part(arn, 4)).isdigit()), "")

    @property
    def region(self) -> str:
        """Return the region of the resource."""
        return _part(self.resource, 3)

    @property
    def partition(self) -> str:
        """Return which AWS it is: aws, aws-us-gov, aws-cn."""
        return _part(self.principal or self.resource, 1) or "aws"

    @property
    def permission_set(self) -> str:
        """Return the permission set of IAM Identity Center that the role was made from; empty for another role."""
        found = SSO_ROLE.fullmatch(self.role)
        return (found["name"] or found["other"]) if found is not None else ""

    @property
    def role(self) -> str:
        """Return the role that was assumed; empty where it is none."""
        found = ROLE.search(self.principal)
        return found["role"] if found is not None else ""

    @property
    def calls_model(self) -> bool:
        """Whether it is a model that was to be called."""
        return self.action.casefold().startswith("bedrock:invokemodel")

    @property
    def subscribes(self) -> bool:
        """Whether it is the model's subscription in AWS Marketplace that was denied."""
        return self.action.casefold().startswith("aws-marketplace:")

    @property
    def model(self) -> ModelName:
        """Return the model that the resource names, of unknown kind where it names none."""
        return models.parse(self.resource)

    @property
    def is_foundation_model(self) -> bool:
        """Whether the resource is a model itself, which a profile leads to, and not the profile."""
        return ":foundation-model/" in self.resource


def _part(arn: str, index: int) -> str:
    parts = arn.split(":", 5)
    return parts[index] if len(parts) > index else ""


def read(squashed: str) -> Denial | None:
    """Return the denial that a squashed text tells of; None where it tells of none."""
    found = SENTENCE.search(squashed)
    if found is None:
        return None
    rest = squashed[found.end() : found.end() + 400]
    explicit, implicit = EXPLICIT.match(rest), IMPLICIT.match(rest)
    said = explicit or implicit
    return Denial(
        principal=found["principal"] or "",
        action=found["action"],
        resource=found["resource"] or "",
        policy=WORDS[said["kind"].casefold()] if said is not None else Policy.UNSAID,
        explicit=explicit is not None,
        policy_arn=(explicit["policy"] or "") if explicit is not None else "",
    )
