"""What a sentence may repeat of an error's text: names that have a grammar of their own, and nothing else. Pure."""

import re
from dataclasses import dataclass

from keeplit.core.models import PREFIXES

# A name at the end of a line may go on in the next one: half a name in a command is worse than none.
WHOLE = r"(?![\w.:/-]|[ \t]*\n)"
END = r"(?![\w-])"
AREA = "north|south|east|west|central|northeast|northwest|southeast|southwest"
REGION = re.compile(
    r"(?:arn:aws[a-z-]*:bedrock:|bedrock(?:-runtime|-mantle)?(?:-fips)?\.|(?i:region)[\"' =:(]{1,4}|oidc\.|sso\.|sts\.)"
    rf"([a-z]{{2}}(?:-(?:gov|iso[a-z]?))?-(?:{AREA})-[0-9]){END}"
)
PREFIX = "|".join(PREFIXES)
MODEL = re.compile(
    rf"(?<![\w.-])((?:(?:{PREFIX})\.)?anthropic\.claude-[a-z0-9-]{{2,60}}(?::[0-9]{{1,3}})?)(?:[.](?!\w)|{WHOLE})"
)
ANY_MODEL = re.compile(r"\bmodel ID:? ([a-z0-9-]{2,20}\.[a-z0-9.-]{2,60}(?::[0-9]{1,3})?)(?:[.](?!\w)|" + WHOLE + ")")
HOST = re.compile(
    rf"(?:https?://|ENOTFOUND |EAI_AGAIN |[Hh]ost: )([a-z0-9-]{{1,63}}(?:\.[a-z0-9-]{{1,63}}){{1,6}}){END}(?![ \t]*\n)"
)
PROFILES = (
    re.compile(r"config profile \(([\w .@+/-]{1,64})\)"),
    re.compile(r"using profile: \[([\w .@+/-]{1,64})\]"),
    re.compile(r"shared config profile, ([\w.@+/-]{1,64})"),
    re.compile(r"[Pp]rofile [\"']?([\w.@+/-]{1,64})[\"']? (?:was )?not found"),
    re.compile(r"with profile=([\w.@+/-]{1,64}) "),
)
ACCOUNT = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12}):")
LIMIT = re.compile(r"([0-9][0-9,]{0,12}) (?:tokens|requests) per (?:minute|day)")


@dataclass(frozen=True, slots=True)
class Details:
    """The names that stand in a text; empty where there is none."""

    model: str = ""
    region: str = ""
    host: str = ""
    profile: str = ""
    account: str = ""
    limit: str = ""


def details(plain: str) -> Details:
    """Return the names of a plain text, each where it is found first."""
    return Details(
        model=_first(plain, MODEL, ANY_MODEL),
        region=_first(plain, REGION),
        host=_first(plain, HOST),
        profile=_first(plain, *PROFILES),
        account=_first(plain, ACCOUNT),
        limit=_first(plain, LIMIT),
    )


def _first(plain: str, *patterns: "re.Pattern[str]") -> str:
    found = next((match for one in patterns if (match := one.search(plain)) is not None), None)
    return found[1] if found is not None else ""
