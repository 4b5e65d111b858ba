"""What can be chosen in the flame's menu, from the files: profiles, presets, models, regions, what can be undone.

Law: nothing is asked over the network here, and what one file hides is left out, never an error.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from keeplit.adapters import aws_config, aws_regions, claude_settings, clock, config
from keeplit.adapters.aws_config import AwsConfig
from keeplit.adapters.config import Config
from keeplit.adapters.files import FileTrouble
from keeplit.adapters.paths import Paths
from keeplit.core.models import GOVERNMENT, LONG_CONTEXT, prefixes
from keeplit.core.settings_keys import HAIKU, Preset, in_effect
from keeplit.core.tray_entries import Choices, ModelChoice, ProfileChoice
from keeplit.core.undoing import Command
from keeplit.engine import models, undo
from keeplit.engine.tray_login import AtLogin

log = logging.getLogger(__name__)

CLOSED = "-iso"  # parts of AWS without the internet
OWN = "made by the account"
Stamp = tuple[tuple[Path, int, int], ...]


class Chooser:
    """Reads what can be chosen; files that did not change are not taken apart again."""

    def __init__(
        self,
        paths: Paths,
        environ: Mapping[str, str],
        choices: Choices,
        knock: Callable[[], None] = lambda: None,
    ) -> None:
        """Read nothing yet; `choices` holds what no file says, `knock` tells that another look is worth it."""
        self.paths = paths
        self.environ = dict(environ)
        self._fixed = choices
        self._ours = Config()
        self._aws = AwsConfig()
        self.login = AtLogin(paths, self.environ, knock)

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment with what config.toml adds to it."""
        return {**self._ours.environment, **self.environ}

    def files(self) -> tuple[Path, ...]:
        """Return the files that say it."""
        settings = claude_settings.path(self.environment, self._ours.settings)
        return (self.paths.config_file, self.paths.journal, settings, *aws_config.files(self.environment))

    def stamp(self) -> Stamp:
        """Return what differs as soon as one of the files does."""
        return tuple(_stamped(path) for path in (*self.files(), *self.login.marks))

    def look(self) -> Choices:
        """Return what can be chosen now."""
        self._ours = config.read(self.paths.config_file, self._ours)
        self._aws = aws_config.read(self.environment, self._aws)
        region = models.region(self.paths, self.environ)
        listing = models.cached(self.paths, self.environ, None, region)
        now = clock.now()
        last = self._last()
        sessions = {session.key: session.name for session in self._aws.sessions}
        return Choices(
            profiles=tuple(
                ProfileChoice(profile.name, sessions[profile.session], profile.account)
                for profile in self._aws.profiles
                if profile.session in sessions
            ),
            presets=tuple(preset.name for preset in self._ours.presets if preset.name),
            preset=self._preset(),
            models=tuple(
                ModelChoice(one.id, one.name, OWN if one.application else str(one.model.family))
                for one in listing.profiles
                if not one.over(now)
            ),
            models_at=listing.asked_at,
            regions=self._regions(region),
            isolated=self._ours.claude.isolate,
            can_undo=_said(last) if last is not None else "",
            undoes=last.group if last is not None else "",
            at_login=self.login.now(),
            login_ends_at_once=self.login.ends_at_once,
            commands=self._fixed.commands,
        )

    def _preset(self) -> str:
        """Return the preset all of which is in use; empty where none is."""
        settings = claude_settings.read(claude_settings.path(self.environment, self._ours.settings))
        values = settings.document.strings() if settings.document is not None else {}
        profile, region, model = in_effect(self._ours.claude, values)
        haiku = values.get(HAIKU, "") or self._ours.claude.haiku
        used = {"profile": profile, "region": region, "model": model.removesuffix(LONG_CONTEXT), "haiku": haiku}

        def fits(preset: Preset) -> bool:
            wants = {name: value for name in used if (value := getattr(preset, name))}
            return bool(wants) and all(used[name] == value for name, value in wants.items())

        return next((preset.name for preset in self._ours.presets if preset.name and fits(preset)), "")

    def _regions(self, current: str) -> tuple[str, ...]:
        """Return the regions: those that are named somewhere first, then all of the same part of AWS."""
        of_presets = [preset.region for preset in self._ours.presets if preset.region]
        named = [current, *of_presets, *(profile.region for profile in self._aws.profiles if profile.region)]
        government = prefixes(current) == (GOVERNMENT,)
        open_ones = [region for region in aws_regions.known() if prefixes(region) and CLOSED not in region]
        known = [region for region in open_ones if (prefixes(region) == (GOVERNMENT,)) == government]
        return tuple(dict.fromkeys((*named, *known)))

    def _last(self) -> Command | None:
        """Return the last command that can be undone, of those that a person gave."""
        try:
            return undo.meant(undo.history(self.paths))
        except FileTrouble as trouble:
            log.info("what can be undone is not known: %s", trouble)
            return None


def _said(command: Command) -> str:
    """Return a command as a person reads it."""
    return f"{command.command} ({', '.join(_short(command.keys))})" if command.keys else command.command


def _short(keys: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(key.rpartition(".")[2] for key in keys))


def _stamped(path: Path) -> tuple[Path, int, int]:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return path, 0, 0
    return path, found.st_mtime_ns, found.st_size
