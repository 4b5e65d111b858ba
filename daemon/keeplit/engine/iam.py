"""What a policy is to name: models that were asked for, looked up in AWS's own list, with the regions where they run.

Law: nothing is changed, and AWS is asked for its list alone. Where the list is not known the regions stay open, and it
is said so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from keeplit.adapters import clock
from keeplit.adapters.paths import Paths
from keeplit.core import model_list
from keeplit.core.exit_codes import USAGE
from keeplit.core.iam_check import Subject
from keeplit.core.iam_policy import Target, partition_of, target
from keeplit.core.model_list import Listing, Refused
from keeplit.core.models import Kind, parse
from keeplit.engine import models

OPEN = "Where {model} may run is not known ({why}), so the policy names the model in every region."


@dataclass(frozen=True, slots=True)
class Named:
    """The targets of a policy, and what a person should know of them."""

    targets: tuple[Target, ...] = ()
    notes: tuple[str, ...] = ()
    account: str = ""


def named(
    paths: Paths, environ: Mapping[str, str], asked: Sequence[str], regions: Sequence[str], arns: Sequence[str]
) -> Named | Refused:
    """Return what the policy names for models, regions and ARNs of profiles; or why not."""
    found: list[Target] = []
    notes: list[str] = []
    account = ""
    for region in regions:
        listing = models.listing(paths, environ, None, region) if asked else Listing(region)
        account = account or listing.account
        for model in asked:
            one = _of_model(listing, model, region)
            if isinstance(one, Refused):
                return one
            found.append(one[0])
            notes += one[1]
    for arn in arns:
        made = _of_arn(paths, environ, arn)
        if isinstance(made, Refused):
            return made
        found.append(made[0])
        notes += made[1]
    return Named(tuple(dict.fromkeys(found)), tuple(dict.fromkeys(notes)), account)


def _of_model(listing: Listing, model: str, region: str) -> tuple[Target, list[str]] | Refused:
    answer = model_list.resolve(listing, model, clock.now())
    if isinstance(answer, Refused):
        return answer
    name, profile = parse(answer.id), answer.profile
    if profile is None and name.kind is Kind.BASE:
        begin = f"arn:{partition_of(region)}:bedrock"
        return Target((), (f"{begin}:{region}::foundation-model/{name.base}",)), _notes(answer.note)
    if profile is None:
        why = listing.fault.rstrip(".") or "AWS's list does not hold it"
        made = target(name.text, name.base, regions=(region,), account=listing.account)
        return made, [OPEN.format(model=name.text, why=why)]
    made = target(
        profile.id,
        profile.model.base,
        regions=(region,),
        account=listing.account,
        runs_in=profile.regions or (region,),
        everywhere=profile.everywhere,
    )
    return made, _notes(answer.note)


def _of_arn(paths: Paths, environ: Mapping[str, str], arn: str) -> tuple[Target, list[str]] | Refused:
    name = parse(arn)
    if not name.region or name.kind not in {Kind.APPLICATION, Kind.PROFILE}:
        text = "write the ARN of an inference profile, as `keeplit models` shows it"
        return Refused("not_a_profile", f"{arn[:80]!r} is no profile: {text}", exit_code=USAGE)
    listing = models.listing(paths, environ, None, name.region)
    wanted = name.text if name.kind is Kind.APPLICATION else f"{name.prefix}.{name.base}"
    listed = next((one for one in listing.profiles if one.id == wanted), None)
    if listed is None:
        why = listing.fault.rstrip(".") or f"{name.region} does not list it"
        return target(arn, name.base, regions=(), account=name.account), [OPEN.format(model=arn, why=why)]
    made = target(
        arn,
        listed.model.base,
        regions=(),
        account=name.account,
        runs_in=listed.regions or (name.region,),
        everywhere=listed.everywhere,
    )
    return made, []


def subject(paths: Paths, environ: Mapping[str, str], model: str, region: str) -> Subject | Refused:
    """Return what a policy is tried with: a model that was asked for, from a region, and where it may run."""
    listing = models.listing(paths, environ, None, region)
    answer = model_list.resolve(listing, model, clock.now())
    if isinstance(answer, Refused):
        return answer
    name, profile = parse(answer.id), answer.profile
    if profile is None:
        return Subject(name.text, name.base, region)
    account = listing.account or Subject("", "", "").account
    return Subject(profile.id, profile.model.base, region, account, profile.regions, profile.everywhere)


def _notes(note: str) -> list[str]:
    return [note] if note else []


def regions_of(paths: Paths, environ: Mapping[str, str], asked: Iterable[str]) -> tuple[str, ...]:
    """Return the regions that were named, else the one that Claude Code calls."""
    return tuple(dict.fromkeys(asked)) or (models.region(paths, environ),)
