"""A denial of AWS in words: which policy said no, and who can change it. Pure."""

from keeplit.core.denial import Denial, Policy
from keeplit.core.explain_admin import whose

FORWARD = 'keeplit explain --for-admin "TEXT" prints what to ask for'
TITLES = {
    Policy.IDENTITY: "Your role may not do this",
    Policy.UNSAID: "AWS denies this to your role",
    Policy.BOUNDARY: "A permissions boundary stops this",
    Policy.SESSION: "A session policy stops this",
    Policy.SCP: "Your organisation forbids this (service control policy)",
    Policy.RCP: "Your organisation forbids this (resource control policy)",
    Policy.ENDPOINT: "The policy of a VPC endpoint stops this",
    Policy.RESOURCE: "The policy of the resource stops this",
    Policy.TRUST: "The role does not trust you",
}
CAUSES = {
    Policy.IDENTITY: "no policy of {whose} allows {action} on {resource}",
    Policy.UNSAID: "AWS denies {action} on {resource}, and does not say which policy does",
    Policy.BOUNDARY: "the permissions boundary of {whose} does not let {action} on {resource} pass, whatever else "
    "allows it",
    Policy.SESSION: "the session was begun with a policy of its own that leaves out {action} on {resource}",
    Policy.SCP: "AWS Organizations does not let your account do {action} on {resource}; your role's policies are "
    "not at "
    "fault",
    Policy.RCP: "AWS Organizations does not let {resource} be used for {action}; your role's policies are not at fault",
    Policy.ENDPOINT: "your network's private endpoint does not let {action} on {resource} pass; from another "
    "network it may",
    Policy.RESOURCE: "the policy of {resource} does not allow you {action}",
    Policy.TRUST: "the trust policy of {resource} does not name your role for {action}",
}
EXPLICIT = {
    Policy.IDENTITY: "a Deny statement in a policy of {whose} forbids {action} on {resource}",
    Policy.BOUNDARY: "a Deny statement in the permissions boundary of {whose} forbids {action} on {resource}",
    Policy.SESSION: "the session's own policy forbids {action} on {resource}",
    Policy.SCP: "a service control policy forbids {action} on {resource}; your role's policies are not at fault",
}
CODES = {
    Policy.IDENTITY: "denied_identity",
    Policy.UNSAID: "denied",
    Policy.BOUNDARY: "denied_boundary",
    Policy.SESSION: "denied_session",
    Policy.SCP: "denied_scp",
    Policy.RCP: "denied_rcp",
    Policy.ENDPOINT: "denied_endpoint",
    Policy.RESOURCE: "denied_resource",
    Policy.TRUST: "denied_trust",
}
OWN = {Policy.IDENTITY, Policy.UNSAID}
"""Where a policy of the role's own may mend it."""
ELSEWHERE = {Policy.IDENTITY, Policy.UNSAID, Policy.BOUNDARY}


def words(denial: Denial, region: str) -> tuple[str, str, str, str]:
    """Return code, title, cause and fix of a denial; `region` is the one that was called, where it is known."""
    if denial.action.casefold().startswith("sts:assumerole") and denial.policy is Policy.UNSAID:
        return _plain(denial, Policy.TRUST)
    if denial.calls_model and denial.is_foundation_model and region != (denial.region or None):
        where = denial.region or "every region"
        if denial.policy in ELSEWHERE and not denial.explicit:
            cause = (
                f"The call was sent on to {where}, as the inference profile may, and {whose(denial)} does not allow "
                f"the "
                "model there: a policy must name the profile and the model in every region where it may run."
            )
            return "cross_region_missing", "The policy forgets a region that the profile uses", cause, _ask()
        if denial.policy is Policy.SCP:
            cause = (
                f"The inference profile sends calls on to {where}, which a service control policy of your organisation "
                "forbids."
            )
            fix = f"choose a profile that stays where you may be (keeplit models), or: {FORWARD}"
            return "cross_region_scp", "Your organisation forbids a region that the profile uses", cause, fix
    return _plain(denial, denial.policy)


def _plain(denial: Denial, policy: Policy) -> tuple[str, str, str, str]:
    texts = EXPLICIT if denial.explicit and policy in EXPLICIT else CAUSES
    cause = texts[policy].format(
        whose=whose(denial), action=denial.action, resource=denial.resource or "anything at all"
    )
    return CODES[policy], TITLES[policy], f"{cause[0].upper()}{cause[1:]}.", _ask(denial)


def _ask(denial: Denial | None = None) -> str:
    lacks = denial is None or (denial.calls_model and denial.policy in OWN and not denial.explicit)
    policy = "; keeplit iam policy prints the whole policy" if lacks else ""
    return f"ask an administrator: {FORWARD}{policy}"
