"""A region's own list of inference profiles, and the answer it gives to a model that somebody asks for. Pure.

Law: what is answered stands in the list. A name that is not in it is refused with the nearest one that is; where the
list is not known, a full id is let through unchecked and said to be so, and an alias is refused. Nearest is the profile
whose requests travel least: it can run in the region itself, and in the fewest others; `global.` comes last.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from keeplit.core.exit_codes import DONE, FAILED, USAGE
from keeplit.core.models import ANTHROPIC, LONG_CONTEXT, Family, Kind, ModelName, may_work, parse, prefixes

SEE = "See what there is: keeplit models"


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """What AWS says of a model's life in a region; a date that it does not say is None."""

    legacy: bool = False
    legacy_at: datetime | None = None
    ends_at: datetime | None = None
    on_demand: bool = False  # it can be called by its own id, without a profile


@dataclass(frozen=True, slots=True)
class InferenceProfile:
    """One profile of the list: `id` is what is called (for one of the account's own, its ARN)."""

    id: str
    name: str
    model: ModelName  # of an application profile: of the model behind it
    regions: tuple[str, ...] = ()  # where its requests may run
    everywhere: bool = False  # in any commercial region
    application: bool = False
    lifecycle: Lifecycle | None = None  # None: not known

    @property
    def legacy(self) -> bool:
        """Whether AWS has announced its end."""
        return self.lifecycle is not None and self.lifecycle.legacy

    def over(self, now: datetime) -> bool:
        """Whether its end of life is behind us."""
        return self.lifecycle is not None and self.lifecycle.ends_at is not None and self.lifecycle.ends_at <= now


@dataclass(frozen=True, slots=True)
class Listing:
    """What is known of a region's profiles: the list, how old it is (None: there is none), and why it is no fresh one.

    `code` is empty for a list that AWS has just given or whose age is still good; ``denied`` means unknown, never that
    there is no access. `unknown` names what AWS did not tell beside the list: ``application``, ``lifecycle``.
    """

    region: str
    profiles: tuple[InferenceProfile, ...] = ()
    age: timedelta | None = None
    code: str = ""
    fault: str = ""
    exit_code: int = DONE  # of the command that cannot do without a list
    account: str = ""
    unknown: tuple[str, ...] = ()
    asked_at: datetime | None = None
    on_demand: tuple[str, ...] = ()  # base ids that can be called without a profile

    @property
    def known(self) -> bool:
        """Whether there is a list, of whatever age."""
        return self.age is not None


@dataclass(frozen=True, slots=True)
class Resolved:
    """The id to write, as Claude Code takes it; `note` is a sentence that a person should read, often empty."""

    id: str
    note: str = ""
    checked: bool = True  # False: there is no list to check it against
    profile: InferenceProfile | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a model cannot be taken: a code, a sentence with the next step, and the nearest right id (empty: none)."""

    code: str
    sentence: str
    nearest: str = ""
    exit_code: int = (
        FAILED  # USAGE: it is no name of a model; SIGN_IN: the list is not known until a person has signed in
    )


def profile_of(summary: Mapping[str, object], lives: Mapping[str, Lifecycle]) -> InferenceProfile | None:
    """Read one summary of ListInferenceProfiles; None for what is broken or none of Anthropic's."""
    found, arns = {name: _text(summary.get(name)) for name in ("id", "name", "arn")}, summary.get("models")
    bases = [parse(arn) for arn in (arns if isinstance(arns, list | tuple) else ()) if isinstance(arn, str)]
    application = summary.get("application") is True
    called = found["arn"] if application else found["id"]
    model = parse(called)
    if application and bases:
        model = bases[0]
    if not called or not bases or model.vendor != ANTHROPIC:
        return None
    life = next((lives[one.base] for one in (model, *bases) if one.base in lives), None)
    regions = tuple(dict.fromkeys(one.region for one in bases if one.region))
    everywhere = any(not one.region for one in bases)
    return InferenceProfile(called, found["name"], model, regions, everywhere, application, life)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def nearness(profile: InferenceProfile, region: str) -> tuple[bool, bool, int, str]:
    """Return what profiles of one model are ordered by: the nearer, the smaller."""
    return profile.everywhere, region not in profile.regions, len(profile.regions), profile.id


def ordered(profiles: Iterable[InferenceProfile], region: str) -> tuple[InferenceProfile, ...]:
    """Return profiles as they are shown: by family, the newest first, AWS's own before the account's, nearest first."""
    families = list(Family)
    near = sorted(profiles, key=lambda one: (one.application, nearness(one, region)))
    newest = sorted(near, key=lambda one: one.model.age, reverse=True)
    return tuple(sorted(newest, key=lambda one: families.index(one.model.family)))


def resolve(listing: Listing, asked: str, now: datetime) -> Resolved | Refused:
    """Return what to write for a model that was asked for by id, ARN, Anthropic's id or alias; or why not."""
    name = parse(asked)
    if name.kind is Kind.UNKNOWN:
        text = "a model is named by an alias (opus, sonnet, haiku), an id of Anthropic or of Bedrock, or an ARN"
        return Refused("not_a_model", f"{asked[:80]!r} names no model: {text}. {SEE}", exit_code=USAGE)
    if name.vendor not in {"", ANTHROPIC}:
        return Refused("not_anthropic", f"{name.text!r} is no model of Anthropic, as Claude Code needs one. {SEE}")
    if not listing.known:
        return _unchecked(listing, name)
    if name.kind in {Kind.ALIAS, Kind.ANTHROPIC}:
        return _looked_up(listing, name, now)
    return _checked(listing, name, now)


def _looked_up(listing: Listing, name: ModelName, now: datetime) -> Resolved | Refused:
    fits = [one for one in _own(listing) if one.model.family is name.family]
    if name.kind is Kind.ANTHROPIC:
        fits = [one for one in fits if name.names(one.model)]
    best = _best(fits, listing.region, now)
    if best is not None:
        return _taken(best, name, listing.region)
    what = f"{listing.region} has no model {name.text!r}"
    return Refused("no_such_model", _sentence(what, near := _nearest(listing, name, now)), near)


def _checked(listing: Listing, name: ModelName, now: datetime) -> Resolved | Refused:
    """Return the answer to what has one place in the list, or none."""
    region = listing.region
    found = _found(listing, name)
    near = _nearest(listing, name, now)
    if found is not None and found.over(now):
        return Refused("over", _sentence(f"{name.text!r} has reached its end of life", near), near)
    if found is not None:
        return _taken(found, name, region)
    if name.kind is Kind.BASE and name.base in listing.on_demand:
        return Resolved(_spelled(name.base, name))
    if not _complete(listing, name):
        note = f"It was not checked: {region} does not list such names."
        return Resolved(_spelled(name.text, name), note, checked=False)
    if name.kind is Kind.BASE and any(name.names(one.model) for one in listing.profiles):
        what = f"{name.text!r} cannot be called by itself from {region}: only through an inference profile"
        return Refused("needs_profile", _sentence(what, near), near)
    code = "no_such_model" if may_work(name, region) else "wrong_region"
    return Refused(code, _sentence(f"{name.text!r} does not work from {region}", near), near)


def _unchecked(listing: Listing, name: ModelName) -> Resolved | Refused:
    """Return what can be said without a list: a full id that is not plainly wrong goes through."""
    region, why = listing.region, listing.fault.rstrip(".") or "nobody has asked yet"
    if name.kind in {Kind.ALIAS, Kind.ANTHROPIC}:
        return Refused(
            "unknown_list",
            f"{name.text!r} cannot be answered: which models {region} has is not known ({why}). Give the full id, as "
            "the Bedrock console shows it",
            exit_code=listing.exit_code or FAILED,
        )
    if not may_work(name, region):
        begin = " or ".join(f"{prefix}." for prefix in prefixes(region)) or "another prefix"
        what = f"{name.text!r} does not work from {region}"
        return Refused("wrong_region", f"{what}: there the ids begin with {begin} {SEE}")
    return Resolved(_spelled(name.text, name), f"It was not checked: {why}.", checked=False)


def _taken(profile: InferenceProfile, name: ModelName, region: str) -> Resolved:
    notes = []
    if profile.everywhere:
        notes.append("Its requests may run in any commercial region.")
    elif region not in profile.regions:
        notes.append(f"Its requests leave {region}: they run in {', '.join(profile.regions)}.")
    if profile.lifecycle is not None and profile.lifecycle.legacy:
        end = profile.lifecycle.ends_at
        notes.append(f"AWS calls it legacy{f'; it ends on {end:%Y-%m-%d}' if end else ''}.")
    return Resolved(_spelled(profile.id, name), " ".join(notes), profile=profile)


def _spelled(model: str, name: ModelName) -> str:
    return f"{model}{LONG_CONTEXT if name.long_context else ''}"


def _own(listing: Listing) -> list[InferenceProfile]:
    """Return AWS's own profiles; those of the account are taken only by their name."""
    return [one for one in listing.profiles if not one.application]


def _found(listing: Listing, name: ModelName) -> InferenceProfile | None:
    if name.region not in {"", listing.region}:
        return None
    if name.kind is Kind.APPLICATION:
        return next((one for one in listing.profiles if one.application and one.id == name.text), None)
    wanted = f"{name.prefix}.{name.base}" if name.kind is Kind.PROFILE else ""
    return next((one for one in _own(listing) if one.id == wanted), None)


def _complete(listing: Listing, name: ModelName) -> bool:
    """Whether the list would hold such a name if it worked."""
    if name.region not in {"", listing.region}:
        return name.kind is not Kind.BASE
    if name.kind is Kind.APPLICATION:
        return "application" not in listing.unknown
    return name.kind is not Kind.ARN and (name.kind is not Kind.BASE or "lifecycle" not in listing.unknown)


def _best(fits: Sequence[InferenceProfile], region: str, now: datetime) -> InferenceProfile | None:
    """Return the newest, the nearest of those; one that is legacy only where there is no other."""
    alive = [one for one in ordered(fits, region) if not one.over(now)]
    return next((one for one in alive if not one.legacy), next(iter(alive), None))


def _nearest(listing: Listing, name: ModelName, now: datetime) -> str:
    """Return the id that was most likely meant: the same model's, else its family's newest; empty where none is."""
    own = _own(listing)
    same = [one for one in own if name.names(one.model) or one.model.names(name)]
    family = [one for one in own if one.model.family is name.family is not Family.OTHER]
    best = _best(same, listing.region, now) or _best(family, listing.region, now)
    return _spelled(best.id, name) if best is not None else ""


def _sentence(what: str, near: str) -> str:
    return f"{what}. The nearest right one: {near}" if near else f"{what}. {SEE}"
