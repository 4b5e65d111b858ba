"""The names of models: an id or ARN of Bedrock, an id of Anthropic, or an alias, taken apart. Pure.

Law: nothing is ever composed here. A name is read, and what it means in a region is looked up in the region's own list
(`keeplit.core.model_list`): prefixes, dates and endings have changed with every generation of models.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

LONG_CONTEXT = "[1m]"
"""Claude Code's own ending for the long context; it is stripped before Bedrock is asked."""
ANTHROPIC = "anthropic"
CLAUDE = "claude"
GLOBAL, GOVERNMENT = "global", "us-gov"
PREFIXES = ("us", "eu", "apac", "jp", "au", "ca", GLOBAL, GOVERNMENT)

_ARN = re.compile(r"arn:(aws[a-z-]*):bedrock:([a-z0-9-]*):([0-9]{12}|):([a-z-]+)/(.+)")
_MOST = 2048
"""No ARN is longer (Bedrock's own limit)."""
_DATE, _NUMBER, _REVISION = re.compile(r"[0-9]{8}"), re.compile(r"[0-9]{1,2}"), re.compile(r"v([0-9]{1,2})")
_COUNTED = re.compile(r"[0-9]{1,2}|[0-9]{8}|v[0-9]{1,2}")
_SILENT = frozenset({CLAUDE, "latest"})
_REGION = re.compile(r"[a-z]{2,6}(-[a-z]{2,12}){1,3}-[0-9]{1,2}")
# Where a region's requests may go, nearest first; of a part of the world that is not named here nothing is known.
_PARTS = {
    "us-gov-": (GOVERNMENT,),
    "us-": ("us", GLOBAL),
    "ca-": ("ca", "us", GLOBAL),
    "eu-": ("eu", GLOBAL),
    "ap-": ("apac", GLOBAL),
}
_COUNTRIES = {
    "jp": frozenset({"ap-northeast-1", "ap-northeast-3"}),
    "au": frozenset({"ap-southeast-2", "ap-southeast-4", "ap-southeast-6"}),
}


class Family(StrEnum):
    """What Claude Code's aliases tell apart, in the order in which they are shown."""

    OPUS = "opus"
    SONNET = "sonnet"
    HAIKU = "haiku"
    OTHER = "other"


ALIASES = frozenset(Family) - {Family.OTHER}


class Kind(StrEnum):
    """What a name is."""

    ALIAS = "alias"  # Claude Code's: opus, sonnet, haiku
    ANTHROPIC = "anthropic"  # claude-sonnet-4-5, as Anthropic itself says it
    BASE = "base"  # anthropic.claude-sonnet-4-5-20250929-v1:0
    PROFILE = "profile"  # us.anthropic.claude-sonnet-4-5-20250929-v1:0
    APPLICATION = "application"  # the ARN of a profile that the account made itself
    ARN = "arn"  # of something else that can be called: provisioned throughput, a router
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ModelName:
    """A name taken apart; what it does not say is empty. `version` 4.5 is (4, 5), `date` eight digits."""

    kind: Kind
    text: str  # as it was given, without the ending for the long context
    prefix: str = ""
    base: str = ""  # the id without its prefix
    vendor: str = ""
    family: Family = Family.OTHER
    line: str = ""  # what stands for the family in the name, also where it is another one
    version: tuple[int, ...] = ()
    date: str = ""
    revision: int = 0
    region: str = ""  # of an ARN
    account: str = ""
    long_context: bool = False

    @property
    def age(self) -> tuple[tuple[int, ...], str, int]:
        """Return what a model is ordered by: the newer, the larger."""
        return self.version, self.date, self.revision

    def names(self, other: "ModelName") -> bool:
        """Whether `other` is a model that this name can mean: what this one leaves open, any date, does not count."""
        same = (self.vendor, self.line, self.version) == (other.vendor, other.line, other.version)
        numbered = bool(self.version) or self.revision == other.revision  # claude-v2 has its number there
        return same and numbered and self.date in {"", other.date}


def parse(text: str) -> ModelName:
    """Take a name apart, whatever it is; white space around it, and capitals of an alias, do not count."""
    name = text.strip()
    long_context = name.lower().endswith(LONG_CONTEXT)
    name = name[: -len(LONG_CONTEXT)].rstrip() if long_context else name
    return replace(_parsed(name), long_context=long_context)


def _parsed(text: str) -> ModelName:
    if not text or len(text) > _MOST or not text.isascii() or not text.isprintable():
        return ModelName(Kind.UNKNOWN, text)
    if text.startswith("arn:"):
        return _of_arn(text)
    lower = text.lower()
    if lower in ALIASES:
        return ModelName(Kind.ALIAS, lower, vendor=ANTHROPIC, family=Family(lower))
    if re.split(r"[-. ]", lower)[0] in {CLAUDE, *ALIASES} and f"{ANTHROPIC}." not in lower:
        base = re.sub(r"[.@ ]+", "-", lower)  # Claude Sonnet 4.5, and Vertex's way of writing the date
        return _named(Kind.ANTHROPIC, text, "", base, ANTHROPIC)
    return _of_bedrock(text, text)


def _of_bedrock(text: str, name: str) -> ModelName:
    """Take an id of Bedrock apart. A prefix that nobody knows yet is one before ``anthropic.``."""
    head, _, rest = name.partition(".")
    profile = rest.startswith(f"{ANTHROPIC}.") or (head in PREFIXES and "." in rest)
    prefix, base = (head, rest) if profile else ("", name)
    vendor, _, model = base.partition(".")
    if not vendor or not model or " " in name:
        return ModelName(Kind.UNKNOWN, text)
    kind = Kind.PROFILE if profile else Kind.BASE
    return _named(kind, text, prefix, base, vendor)


def _of_arn(text: str) -> ModelName:
    found = _ARN.fullmatch(text)
    if found is None:
        return ModelName(Kind.UNKNOWN, text)
    _, region, account, resource, name = found.groups()
    if resource in {"foundation-model", "inference-profile"}:
        return replace(_of_bedrock(text, name), region=region, account=account)
    kind = Kind.APPLICATION if resource == "application-inference-profile" else Kind.ARN
    return ModelName(kind, text, region=region, account=account)


def _named(kind: Kind, text: str, prefix: str, base: str, vendor: str) -> ModelName:
    """Read family, version, date and revision out of a model's name, in whatever order they stand."""
    # What follows a colon is a revision of the revision, or the length of a provisioned context (:0, :0:28k).
    parts = base.partition(".")[2].partition(":")[0] if kind is not Kind.ANTHROPIC else base
    words = parts.split("-")
    revisions = [int(found[1]) for word in words if (found := _REVISION.fullmatch(word))]
    said = [word for word in words if word not in _SILENT and not _COUNTED.fullmatch(word)]
    return ModelName(
        kind=kind,
        text=text,
        prefix=prefix,
        base=base,
        vendor=vendor,
        family=next((Family(word) for word in words if word in ALIASES), Family.OTHER),
        line="-".join(said),
        version=tuple(int(word) for word in words if _NUMBER.fullmatch(word)),
        date=next((word for word in words if _DATE.fullmatch(word)), ""),
        revision=max(revisions, default=0),
    )


def is_region(text: str) -> bool:
    """Whether a text can be the name of a region: it becomes part of a host's name and of a file's."""
    return _REGION.fullmatch(text) is not None


def prefixes(region: str) -> tuple[str, ...]:
    """Return the prefixes of profiles that can work from a region, nearest first; none where nothing is known."""
    countries = tuple(prefix for prefix, regions in _COUNTRIES.items() if region in regions)
    # The first that fits: the government's regions begin as the others of the United States do.
    return countries + next((found for part, found in _PARTS.items() if region.startswith(part)), ())


def may_work(name: ModelName, region: str) -> bool:
    """Whether a name can work from a region as far as it can be known without the region's list."""
    if name.region and name.region != region and name.kind is not Kind.BASE:
        return False
    near = prefixes(region)
    return name.kind is not Kind.PROFILE or name.prefix not in PREFIXES or not near or name.prefix in near
