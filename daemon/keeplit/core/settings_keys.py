"""The keys of Claude Code's settings that matter on Bedrock, and what config.toml wants of them. Pure.

Law: a value is written only where a person named it; what Claude Code would choose by itself is not chosen here.
Source of the keys: Claude Code's documentation of Amazon Bedrock and of its settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from keeplit.core.settings_model import ENV, Repair

USE_BEDROCK = "env.CLAUDE_CODE_USE_BEDROCK"
PROFILE = "env.AWS_PROFILE"
REGION = "env.AWS_REGION"
MODEL = "model"
LAUNCH_MODEL = "env.ANTHROPIC_MODEL"  # wins over `model` at each launch, and so fights a choice made with /model
HAIKU = "env.ANTHROPIC_DEFAULT_HAIKU_MODEL"
OLD_HAIKU = "env.ANTHROPIC_SMALL_FAST_MODEL"
AUTH_REFRESH = "awsAuthRefresh"
CREDENTIAL_EXPORT = "awsCredentialExport"
SKIP_AUTH = "env.CLAUDE_CODE_SKIP_BEDROCK_AUTH"
BEARER_TOKEN = "env.AWS_BEARER_TOKEN_BEDROCK"  # noqa: S105  # a name

# Kept as the file has them. Token limits and caching switches are kept only where a person asks for them.
KEPT = (
    USE_BEDROCK,
    PROFILE,
    REGION,
    MODEL,
    LAUNCH_MODEL,
    "env.ANTHROPIC_DEFAULT_OPUS_MODEL",
    "env.ANTHROPIC_DEFAULT_SONNET_MODEL",
    HAIKU,
    OLD_HAIKU,
    "env.ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION",
    "env.ANTHROPIC_BEDROCK_REGION_PREFIX",
    "env.ANTHROPIC_BEDROCK_BASE_URL",
    AUTH_REFRESH,
    CREDENTIAL_EXPORT,
)
RIVALS = (BEARER_TOKEN, SKIP_AUTH)  # they bypass the profile: there is nothing to renew then
BEDROCK_ON = frozenset({"1", "true", "yes", "on"})
BEDROCK_OFF = frozenset({"", "0", "false", "no", "off"})  # an empty one counts as unset
AT_THE_START = frozenset({MODEL, LAUNCH_MODEL, PROFILE})


@dataclass(frozen=True, slots=True)
class Preset:
    """A ``[[preset]]`` of config.toml: what is switched as one. Empty: left as it is."""

    name: str
    profile: str = ""
    region: str = ""
    model: str = ""
    haiku: str = ""


@dataclass(frozen=True, slots=True)
class Claude:
    """The ``[claude]`` table of config.toml. Empty: what the file says."""

    profile: str = ""
    region: str = ""
    model: str = ""
    haiku: str = ""
    isolate: bool = False
    repair: Repair = Repair.AUTO
    settings: str = "user"
    env: Mapping[str, str] = field(default_factory=dict, repr=False)  # a gateway's key may be among them
    sure: bool = True  # False: some of it could not be read, and what it named before stands


def wanted(claude: Claude, values: Mapping[str, str], commands: Mapping[str, str]) -> Mapping[str, str | None]:
    """Return what config.toml wants of the file that says `values`, by key; None: to be absent.

    `commands` are our own helpers as they are to stand here; without them nothing is isolated, for a profile that is
    taken out of the environment must come from somewhere.
    """
    found: dict[str, str | None] = {f"{ENV}{name}": value for name, value in claude.env.items()}
    if claude.profile and claude.isolate and CREDENTIAL_EXPORT in commands:
        found |= {PROFILE: None, CREDENTIAL_EXPORT: commands[CREDENTIAL_EXPORT]}
    elif claude.profile and not claude.isolate:
        found[PROFILE] = claude.profile
    if claude.region:
        found[REGION] = claude.region
    if claude.model:
        found[model_key(values)] = claude.model
    if claude.haiku:
        found[HAIKU] = claude.haiku
    return found


def model_key(values: Mapping[str, str]) -> str:
    """Return where the model stands: `model`, unless the file uses the variable that would win over it."""
    return LAUNCH_MODEL if values.get(LAUNCH_MODEL) else MODEL


def in_effect(claude: Claude, values: Mapping[str, str]) -> tuple[str, str, str]:
    """Return profile, region and model that Claude Code uses: what the file says, else what config.toml does.

    An isolated profile stands in config.toml alone; what the file says beside it is for the commands Claude runs.
    """
    said = values.get(PROFILE, "")
    profile = claude.profile or said if claude.isolate else said or claude.profile
    model = values.get(LAUNCH_MODEL) or values.get(MODEL) or claude.model
    return profile, values.get(REGION) or claude.region, model


def rivals(values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys of the file that bypass the profile."""
    switch = values.get(SKIP_AUTH)
    found = {BEARER_TOKEN: bool(values.get(BEARER_TOKEN)), SKIP_AUTH: switch is not None and not is_off(switch)}
    return tuple(key for key in RIVALS if found[key])


def is_off(value: str) -> bool:
    """Whether a value of a switch turns it off."""
    return value.strip().lower() in BEDROCK_OFF


def seen_by(key: str, *, removed: bool = False) -> str:
    """Return which Claude Code sessions see a change of `key`: ``running`` ones too, or ``new`` ones only.

    What is removed from `env` stays set in sessions that run. Whether they drop the credentials of another profile is
    not documented, so that counts as seen by new ones.
    """
    return "new" if key in AT_THE_START or (removed and key.startswith(ENV)) else "running"
