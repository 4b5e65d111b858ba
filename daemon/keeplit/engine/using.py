"""What Claude Code uses now: config.toml and its settings, read together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from keeplit.adapters import claude_settings, clock, config, config_edit
from keeplit.adapters.config import Config
from keeplit.adapters.config_edit import Contents
from keeplit.adapters.paths import Paths
from keeplit.core.model import Problem
from keeplit.core.redaction import safe, visible
from keeplit.core.settings_keys import HAIKU, LAUNCH_MODEL, MODEL, PROFILE, REGION, Claude, in_effect
from keeplit.core.settings_model import ENV, FileState
from keeplit.engine import layers
from keeplit.engine.choosing import Refused

TORN_LOOKS, TORN_EVERY = 20, 0.05


@dataclass(frozen=True, slots=True)
class Using:
    """What Claude Code uses; empty: nothing says so."""

    profile: str
    region: str
    model: str
    haiku: str
    isolate: bool
    presets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Files:
    """Both files as they were read, with what they say."""

    ours: Config
    config: Contents
    place: Path
    settings: claude_settings.Contents
    values: Mapping[str, str]

    def using(self, claude: Claude, values: Mapping[str, str]) -> Using:
        """Return what is used where config.toml and the settings say this."""
        profile, region, model = in_effect(claude, values)
        names = tuple(preset.name for preset in self.ours.presets if preset.name)
        return Using(profile, region, model, values.get(HAIKU, "") or claude.haiku, claude.isolate, names)

    def lines_of(self, preset: str) -> tuple[int, ...]:
        """Return the line of each [[preset]] that has this name."""
        from keeplit.core.toml_lines import line_of  # late: seldom is one named

        text = (self.config.data or b"").decode("utf-8-sig")
        told = self.config.value("preset")
        named = [one.get("name") if isinstance(one, dict) else None for one in (told if isinstance(told, list) else ())]
        return tuple(line_of(text, ("preset", at)) for at, name in enumerate(named) if name == preset)


def look(paths: Paths, environ: Mapping[str, str]) -> Files | Refused:
    """Return both files; settings that are half written are waited for, 1 s. Raises `FileTrouble` for config.toml."""
    contents, ours = config_edit.read(paths.config_file), config.read(paths.config_file)
    place = claude_settings.path({**ours.environment, **environ}, ours.settings)
    settings = claude_settings.read(place)
    for _ in range(TORN_LOOKS):
        if settings.state is not FileState.BROKEN:
            break
        clock.sleep(TORN_EVERY)
        settings = claude_settings.read(place)
    if settings.state in {FileState.BROKEN, FileState.CLOSED}:
        return Refused(f"{settings.fault}. Do: {settings.fix}")
    values = settings.document.strings() if settings.document is not None else {}
    return Files(ours, contents, place, settings, values)


def with_layers(
    paths: Paths, environ: Mapping[str, str], using: Using, values: Mapping[str, str]
) -> tuple[Using, list[str]]:
    """Return what is used where another layer decides, and a sentence for each key that it decides.

    `values` is what the kept file says. Of a key that it lacks the shell is not asked: `use` is about files.
    """
    from keeplit.core.layers import Found, Level  # late: whoever runs a daemon needs none of it

    explained = layers.explain(paths, environ, layers.working_folder())
    won: dict[str, Found] = dict(explained.shadowed)
    for row in explained.rows:
        if row.key not in values and row.wins.level is not Level.SHELL and row.wins.path != explained.path:
            won.setdefault(row.key, row.wins)
    profile = using.profile if using.isolate or PROFILE not in won else won[PROFILE].value
    launch = won.get(LAUNCH_MODEL) or (None if values.get(LAUNCH_MODEL) else won.get(MODEL))
    found = replace(
        using,
        profile=profile,
        region=won[REGION].value if REGION in won else using.region,
        model=launch.value if launch else using.model,
        haiku=won[HAIKU].value if HAIKU in won else using.haiku,
    )
    said = []
    for key, one in won.items():
        over = f"and {explained.path} does not name it"
        if key in values:
            over = f"which wins over {explained.path}: there it is {visible(safe(key, values[key]))}"
        said.append(f"{key.removeprefix(ENV)} comes from {one.layer} here, {over}.")
    return found, said


def problems(paths: Paths) -> tuple[Problem, ...]:
    """Return what is wrong in config.toml, each with its line and what to do."""
    return config.read(paths.config_file).problems
