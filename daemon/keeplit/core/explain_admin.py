"""What a person forwards to an administrator: who, what, where, which policy denied, and what to add to which. Pure.

Law: a statement that is shown can be pasted as it is. A profile that spans regions needs its own ARN and that of the
model in every region where it may run (AWS's guide to Bedrock, "Prerequisites for inference profiles").
"""

import json
from collections.abc import Mapping

from keeplit.core.denial import Denial, Policy
from keeplit.core.explain_rule import Ask
from keeplit.core.models import GLOBAL, Kind

Statement = Mapping[str, object]
INVOKE = ("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream")
SUBSCRIBE = ("aws-marketplace:ViewSubscriptions", "aws-marketplace:Subscribe")
EVERY_REGION = "*"
GREETING = "Claude Code on Amazon Bedrock is denied for me. What AWS answered, and what would let me work:"
NO_REGION = "unspecified"
"""What AWS calls the region of a call that a ``global.`` profile sends on (source: AWS's guide, global inference)."""


def marketplace() -> Statement:
    """Return the statement by which Bedrock itself may subscribe to a model on a role's behalf."""
    return {
        "Sid": "SubscribeToModelsThroughBedrock",
        "Effect": "Allow",
        "Action": list(SUBSCRIBE),
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:CalledViaLast": "bedrock.amazonaws.com"}},
    }


def invoke(denial: Denial) -> Statement:
    """Return the statement that lets a model be called through the profile that leads to it."""
    partition, account, model = denial.partition, denial.account or "*", denial.model
    home = f"arn:{partition}:bedrock:{EVERY_REGION}:{account}"
    base = model.base or "anthropic.*"
    if model.kind is Kind.PROFILE or model.kind is Kind.APPLICATION:
        profiles = [denial.resource]
    else:
        profiles = [f"{home}:inference-profile/*.{base}"]
    if model.kind is not Kind.PROFILE and not model.base:
        profiles = [denial.resource] if model.kind is Kind.APPLICATION else [f"{home}:inference-profile/*"]
    found = [*profiles, f"arn:{partition}:bedrock:{EVERY_REGION}::foundation-model/{base}"]
    if model.prefix == GLOBAL or (denial.is_foundation_model and not denial.region):
        found.append(f"arn:{partition}:bedrock:::foundation-model/{base}")
    return {"Sid": "CallClaudeThroughBedrock", "Effect": "Allow", "Action": list(INVOKE), "Resource": found}


def statement(denial: Denial) -> Statement:
    """Return the statement that allows what was denied, with what belongs to it."""
    if denial.calls_model:
        return invoke(denial)
    if denial.subscribes:
        return marketplace()
    return {"Effect": "Allow", "Action": [denial.action], "Resource": denial.resource or "*"}


def whose(denial: Denial) -> str:
    """Return whose permissions they are, as an administrator finds them."""
    account = f" in account {denial.account}" if denial.account else ""
    if denial.permission_set:
        return f"the permission set {denial.permission_set!r} of IAM Identity Center (assigned{account})"
    return f"the role {denial.role!r}{account}" if denial.role else f"my user or role{account}"


def place(denial: Denial) -> str:
    """Return which policy is to be changed, and where it lives."""
    named = f" {denial.policy_arn}" if denial.policy_arn else ""
    where = {
        Policy.IDENTITY: f"the policy of {whose(denial)}",
        Policy.UNSAID: f"the policy of {whose(denial)} (AWS does not say which policy denied; an SCP or a boundary "
        f"may too)",
        Policy.BOUNDARY: f"the permissions boundary{named} of {whose(denial)}",
        Policy.SESSION: f"the session policy that is passed when {whose(denial)} is assumed",
        Policy.SCP: f"the service control policy{named} in AWS Organizations (management account)",
        Policy.RCP: f"the resource control policy{named} in AWS Organizations (management account)",
        Policy.ENDPOINT: f"the policy of the VPC endpoint{named} for bedrock-runtime that our network uses",
        Policy.RESOURCE: f"the policy of the resource {denial.resource or 'itself'}",
        Policy.TRUST: f"the trust policy of the role {denial.resource or 'that is to be assumed'}",
    }
    return where[denial.policy]


def wish(denial: Denial) -> list[str]:
    """Return what is asked for: a statement to add, or a deny to narrow."""
    added = json.dumps(statement(denial), indent=2)
    if denial.policy is Policy.TRUST:
        return [f"Please let me assume it: add my role ({denial.principal or 'above'}) to {place(denial)}."]
    if not denial.explicit:
        return [f"Please add this statement to {place(denial)}:", "", added]
    lines = [f"A Deny statement in {place(denial)} forbids it, so no Allow helps. Please take these out of that Deny:"]
    lines += ["", added]
    if denial.policy is Policy.SCP and denial.is_foundation_model:
        region = denial.region or NO_REGION
        sends = "The profile sends calls on to this region by itself. Where the Deny compares aws:RequestedRegion, "
        lines += ["", f'{sends}add "{region}" to the regions that it lets pass, for bedrock:InvokeModel* alone.']
    return lines


def of_denial(denial: Denial, *, profile: str, region: str) -> str:
    """Return the message about a denial."""
    kind = "forbids it" if denial.explicit else "does not allow it"
    said = {Policy.UNSAID: "AWS does not say which policy"}.get(denial.policy, f"{place(denial)} {kind}")
    facts = {
        "Who": denial.principal,
        "What": denial.action,
        "On": denial.resource,
        "Account": denial.account,
        "Region": denial.region or region,
        "Profile": profile,
        "Why": said,
    }
    return "\n".join([GREETING, "", *_table(facts), "", *wish(denial)])


def of_error(title: str, cause: str, asked: str, facts: Mapping[str, str], ask: Ask) -> str:
    """Return the message about another error that an administrator can mend; empty where there is nothing to ask."""
    if not asked:
        return ""
    lines = ["Claude Code on Amazon Bedrock does not work for me.", "", f"{title}. {cause}", "", *_table(facts)]
    lines += ["", f"Please: {asked}."]
    if ask is Ask.MARKETPLACE:
        lines += ["", "The statement that allows it:", json.dumps(marketplace(), indent=2)]
    if ask is Ask.INVOKE:
        lines += ["", "What the role needs besides:", json.dumps(invoke(Denial()), indent=2)]
    return "\n".join(lines)


def _table(facts: Mapping[str, str]) -> list[str]:
    return [f"{name + ':':<9}{value}" for name, value in facts.items() if value]
