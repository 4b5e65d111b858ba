"""What Claude Code uses now: config.toml and its settings, read together."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from keeplit.adapters import claude_settings, clock, config, config_edit
from keeplit.adapters.config import Config
from keeplit.adapters.config_edit import Contents
from keeplit.adapters.paths import Paths
from keeplit.core.settings_keys import HAIKU, Claude, in_effect
from keeplit.core.settings_model import FileState
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
