"""What a policy lacks for Claude Code on Bedrock, and where it allows far more than that. Pure.

Law: what is tried is what really happens: a call on a profile, the same call on the model in another region, the list.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from keeplit.core import models
from keeplit.core.check import Check
from keeplit.core.doctor_marks import fail, ok, warn
from keeplit.core.explain_admin import INVOKE
from keeplit.core.iam_document import Rule, allowed, texts
from keeplit.core.iam_policy import GET, LISTS, partition_of

STANDS_FOR = "anthropic.claude-sonnet-4-6"
RIGHT = "keeplit iam policy"
FULL = "AmazonBedrockFullAccess"
OTHER_ACTIONS = ("bedrock:CreateModelCustomizationJob", "bedrock:DeleteCustomModel", "bedrock:PutUseCaseForModelAccess")
OTHER_SERVICE = "s3:GetObject"
OTHER_MODEL = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0"
# A region beside the one that is called, of each part of the world, where nothing better is known.
BESIDE = {"us-": "us-east-2", "eu-": "eu-north-1", "ap-": "ap-southeast-3", "ca-": "us-east-2"}


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be called: a profile's id or ARN, the model behind it, from where, and where it may run."""

    profile: str
    base: str
    region: str
    account: str = "111122223333"
    runs_in: tuple[str, ...] = ()  # empty: not known
    everywhere: bool = False

    @property
    def arn(self) -> str:
        """Return the ARN of the profile."""
        if self.profile.startswith("arn:"):
            return self.profile
        return f"arn:{partition_of(self.region)}:bedrock:{self.region}:{self.account}:inference-profile/{self.profile}"

    @property
    def models(self) -> tuple[str, ...]:
        """Return the ARNs of the model where the profile may run."""
        near = next((found for part, found in BESIDE.items() if self.region.startswith(part)), "us-east-2")
        regions = [*(self.runs_in or (self.region, near)), *([""] if self.everywhere else [])]
        begin = f"arn:{partition_of(self.region)}:bedrock"
        return tuple(f"{begin}:{one}::foundation-model/{self.base}" for one in dict.fromkeys(regions))


def judge(rules: Sequence[Rule], subject: Subject) -> tuple[Check, ...]:
    """Return the checks of a policy: what it lacks first, then what is too broad."""
    return (_calls(rules, subject), _runs(rules, subject), _lists(rules), _limits(rules, subject), _broad(rules))


def _calls(rules: Sequence[Rule], subject: Subject) -> Check:
    code = "call_profile"
    lacking = [action for action in INVOKE if not allowed(rules, action, subject.arn)]
    if lacking:
        sentence = f"It does not allow {' and '.join(lacking)} on {subject.arn}."
        return fail(code, sentence, RIGHT)
    return ok(code, f"It allows calls through {subject.profile} from {subject.region}.")


def _runs(rules: Sequence[Rule], subject: Subject) -> Check:
    code = "run_in_regions"
    lacking = [arn for arn in subject.models if not all(allowed(rules, action, arn) for action in INVOKE)]
    if len(lacking) == len(subject.models):
        sentence = f"It allows the profile without the model behind it ({subject.base}): each call is denied."
        return fail(code, sentence, RIGHT)
    if lacking:
        regions = ", ".join(arn.split(":")[3] or "every region (global)" for arn in lacking)
        sentence = f"It forgets regions to which the profile sends calls: {regions}. Some calls are denied."
        return fail(code, sentence, RIGHT)
    return ok(code, "It allows the model wherever the profile may send a call.")


def _lists(rules: Sequence[Rule]) -> Check:
    code = "see_profiles"
    lacking = [
        action for action in (*LISTS[:1], GET) if not any(rule.allow and rule.speaks_of(action) for rule in rules)
    ]
    if lacking:
        sentence = f"It does not allow {' and '.join(lacking)}: `keeplit models` and Claude Code's own look stay blind."
        return warn(code, sentence, f"{RIGHT} --level standard")
    return ok(code, "It allows the profiles to be listed.")


def _limits(rules: Sequence[Rule], subject: Subject) -> Check:
    code = "conditions"
    found = {
        rule for action in INVOKE for arn in (subject.arn, *subject.models) for rule in allowed(rules, action, arn)
    }
    single = [key for rule in found for key in _keys(rule) if key == "aws:requestedregion"]
    if single and any(_single_region(rule) for rule in found):
        sentence = "It allows one aws:RequestedRegion; a profile sends calls on to others, which are denied then."
        return fail(code, sentence, RIGHT)
    arns = (subject.arn, *subject.models)
    denies = [rule for rule in rules if not rule.allow and any(rule.matches(INVOKE[0], arn) for arn in arns)]
    against = sorted({key for rule in denies for key in _keys(rule)})
    if against:
        sentence = f"A Deny forbids calls under conditions that were not tried here: {', '.join(against)}."
        return warn(code, sentence, "see whether they hold for how you call; where they do, narrow the Deny")
    keys = sorted({key for rule in found for key in _keys(rule)} - {"bedrock:inferenceprofilearn"})
    if keys:
        return ok(code, f"It allows calls under conditions that were not tried here: {', '.join(keys)}.")
    return ok(code, "It allows calls without conditions.")


def _keys(rule: Rule) -> list[str]:
    blocks = [block for block in rule.condition.values() if isinstance(block, dict)]
    return [str(key).lower() for block in blocks for key in block]


def _single_region(rule: Rule) -> bool:
    blocks = [block for block in rule.condition.values() if isinstance(block, dict)]
    return any(
        str(key).lower() == "aws:requestedregion" and len(texts(value)) == 1
        for block in blocks
        for key, value in block.items()
    )


def _broad(rules: Sequence[Rule]) -> Check:
    code = "too_broad"
    if allowed(rules, OTHER_SERVICE, "arn:aws:s3:::any/thing"):
        return warn(code, "It allows other services too (an Action of *).", RIGHT)
    if any(allowed(rules, action, "*") for action in OTHER_ACTIONS):
        sentence = f"It allows far more than calls (bedrock:*, as {FULL} does): training, deleting, agreements."
        return warn(code, sentence, RIGHT)
    if allowed(rules, INVOKE[0], OTHER_MODEL):
        return warn(code, "It allows the models of every vendor, not Anthropic's alone.", RIGHT)
    return ok(code, "It allows no more than Claude Code needs.")


def subject(model: str, region: str) -> Subject:
    """Return what is to be called where only a base id is known: through a profile of the region's own."""
    prefix = next(iter(models.prefixes(region)), models.GLOBAL)
    return Subject(f"{prefix}.{model}", model, region)
