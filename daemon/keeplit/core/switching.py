"""What one `keeplit use` sets: which keys of config.toml, and which of Claude Code's settings. Pure.

Law: config.toml gets what was asked for and nothing else. The settings get that, what Bedrock cannot do without, and
what config.toml names and they lack; what a person wrote into them and did not ask to change stays as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from keeplit.core import redaction
from keeplit.core.config_values import CLAUDE_NAME
from keeplit.core.own_command import HELPERS
from keeplit.core.redaction import is_foreign
from keeplit.core.settings_keys import (
    BEDROCK_ON,
    CREDENTIAL_EXPORT,
    HAIKU,
    LAUNCH_MODEL,
    OLD_HAIKU,
    PROFILE,
    REGION,
    USE_BEDROCK,
    Claude,
    Preset,
    model_key,
    rivals,
    wanted,
)
from keeplit.core.settings_model import ENV

NAMED = ("profile", "region", "model", "haiku")
OPTIONS: Mapping[str, str] = {
    PROFILE: "--profile",
    REGION: "--region",
    LAUNCH_MODEL: "--model",
    HAIKU: "--haiku",
    OLD_HAIKU: "--haiku",
}
"""Variables that have an option of their own."""
PINS = ("env.ANTHROPIC_DEFAULT_OPUS_MODEL", "env.ANTHROPIC_DEFAULT_SONNET_MODEL")
"""Further variables that hold a model."""
Value = str | bool | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks `use` for. Empty, and None: not asked."""

    profile: str = ""
    region: str = ""
    model: str = ""
    haiku: str = ""
    env: Mapping[str, str] = field(default_factory=dict, repr=False)  # a gateway's key may be among them
    isolate: bool | None = None
    replace_helpers: bool = False
    migrate_haiku: bool = False

    @property
    def nothing(self) -> bool:
        """Whether nothing was asked for."""
        return self == Asked()


def with_preset(asked: Asked, preset: Preset) -> Asked:
    """Return what was asked for, with the preset's values where nothing else was said."""
    return replace(asked, **{name: getattr(asked, name) or getattr(preset, name) for name in NAMED})


def with_old_haiku(asked: Asked, values: Mapping[str, str]) -> Asked:
    """Return what was asked for with the deprecated variable's model as the Haiku one, unless there is one already."""
    if not asked.migrate_haiku or asked.haiku or values.get(HAIKU):
        return asked
    return replace(asked, haiku=values.get(OLD_HAIKU, ""))


def wrong_variable(name: str, value: str) -> str:
    """Return why a variable cannot be set by ``--env``, and what to do; empty where it can."""
    option = OPTIONS.get(f"{ENV}{name}")
    if not CLAUDE_NAME.fullmatch(name):
        return f"{name!r} is no variable: its name has capital letters, digits and _, and begins with no digit"
    if option:
        return f"{name} has an option of its own: {option}"
    if f"{ENV}{name}" == USE_BEDROCK:
        return f"{name} is set by `keeplit use` itself; turn Bedrock off in Claude Code's settings"
    return f"the value of {name} has a null character, which no variable can hold" if "\0" in value else ""


def config_after(asked: Asked, claude: Claude, profile: str) -> Claude:
    """Return ``[claude]`` of config.toml as it is to be; an isolated profile must stand there: `profile` is it."""
    isolate = claude.isolate if asked.isolate is None else asked.isolate
    kept = {name: value for name, value in claude.env.items() if not (asked.migrate_haiku and _is_old(name))}
    return replace(
        claude,
        **{name: getattr(asked, name) or getattr(claude, name) for name in NAMED[1:]},
        profile=asked.profile or claude.profile or (profile if isolate else ""),
        isolate=isolate,
        env={**kept, **asked.env},
    )


def config_changes(before: Claude, after: Claude) -> dict[str, Value]:
    """Return what is to change in config.toml, by dotted key."""
    names = (*NAMED, "isolate")
    changes: dict[str, Value] = {
        f"claude.{name}": getattr(after, name) for name in names if getattr(after, name) != getattr(before, name)
    }
    for name in {**before.env, **after.env}:
        if before.env.get(name) != after.env.get(name):
            changes[f"claude.env.{name}"] = after.env.get(name)
    return changes


def settings_changes(
    asked: Asked, claude: Claude, values: Mapping[str, str], commands: Mapping[str, str], profile: str, region: str
) -> dict[str, str | None]:
    """Return what is to change in settings that say `values`, by key; `claude` is what config.toml says by then.

    `profile` and `region` are those that are used from now on, `commands` our own helpers as they are to stand there.
    """
    found: dict[str, str | None] = {}
    if values.get(USE_BEDROCK, "").strip().lower() not in BEDROCK_ON:
        found[USE_BEDROCK] = "1"
    if claude.isolate and asked.isolate:
        found[PROFILE] = None
    elif not claude.isolate and (asked.profile or asked.isolate is False or not values.get(PROFILE)):
        found[PROFILE] = profile
    if asked.region or not values.get(REGION):
        found[REGION] = region
    want = {key: value for key, value in wanted(claude, values, {}).items() if key != PROFILE}
    mine = {model_key(values): asked.model, HAIKU: asked.haiku, **{f"{ENV}{name}": "set" for name in asked.env}}
    found |= {key: value for key, value in want.items() if mine.get(key) or key not in values}
    if asked.migrate_haiku:
        found[OLD_HAIKU] = None
    for key in HELPERS:
        if key in commands and (asked.replace_helpers or not is_foreign(values.get(key, ""))):
            found[key] = commands[key]
    return {key: value for key, value in found.items() if values.get(key) != value}


def cannot_isolate(asked: Asked, claude: Claude, values: Mapping[str, str], commands: Mapping[str, str]) -> str:
    """Return why the profile cannot be isolated, and what to do; empty where it can, or is not to be."""
    if not claude.isolate:
        return ""
    if CREDENTIAL_EXPORT not in commands:
        return "the profile cannot be isolated: keeplit has no path of its own to write there. Install it, with pipx"
    if is_foreign(values.get(CREDENTIAL_EXPORT, "")) and not asked.replace_helpers:
        return "awsCredentialExport is your own command, and the isolated profile needs its place: --replace-helpers"
    return ""


def notes(asked: Asked, before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return what a person should know of the settings as they are after the change, in sentences."""
    said = [
        f"{key} is your own command and stays; --replace-helpers puts keeplit's in its place."
        for key in HELPERS
        if is_foreign(after.get(key, ""))
    ]
    if after.get(OLD_HAIKU):
        said.append("ANTHROPIC_SMALL_FAST_MODEL is deprecated. Move it: keeplit use --migrate-haiku")
    if asked.isolate is False and PROFILE not in before and after.get(CREDENTIAL_EXPORT):
        said.append("awsCredentialExport stays: it gives the same profile's credentials, as AWS_PROFILE names it.")
    said += [
        f"{key.removeprefix(ENV)} is set: Claude Code then uses no profile, and there is nothing to renew."
        for key in rivals(after)
    ]
    return said


def shown(key: str, value: Value) -> Value:
    """Return a value, of the settings or of config.toml, as it may be shown: one that can be a secret is not."""
    return redaction.safe(key, value) if isinstance(value, str) else value


def _is_old(name: str) -> bool:
    return f"{ENV}{name}" == OLD_HAIKU
