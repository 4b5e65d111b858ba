"""All that the doctor's checks look at, each thing read once and only when a check asks for it.

Law: it observes, and writes nothing. What cannot be read raises here, and is the fault of the check that asked. A token
goes only where the shell's own environment says; what a settings file says of addresses is for calls without one.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from keeplit.adapters import clock, config, notebook, settings_layers
from keeplit.adapters.aws_config import AwsConfig
from keeplit.adapters.config import Config
from keeplit.adapters.paths import NoHome, Paths
from keeplit.core.clocks import Case, cases
from keeplit.core.memory import Memory
from keeplit.core.model import Facts
from keeplit.core.notice import notice
from keeplit.core.settings import SETTLE, Judgement, judge
from keeplit.core.settings_keys import PROFILE, USE_BEDROCK, is_off
from keeplit.core.settings_memory import noticed
from keeplit.core.settings_model import ENV, FileState, Settings, SettingsMemory
from keeplit.engine import layers, whose
from keeplit.engine.whose import Meant, Sources, Unclear
from keeplit.engine.world import RealWorld

if TYPE_CHECKING:
    from keeplit.adapters.foreign_places import Line
    from keeplit.core.layers import Layer

MIDDLE_DRAW = 0.5
TORN_LOOKS, TORN_WAIT = 3, 0.1


class Scene:
    """One machine at one moment; `place` is where everything lies, or why that is not known."""

    def __init__(self, place: Paths | NoHome, environ: Mapping[str, str], folder: Path | None) -> None:
        """Read nothing yet; `folder` is the project that Claude Code would be started in."""
        self.place = place
        self.environ = dict(environ)
        self.folder = folder

    @property
    def paths(self) -> Paths:
        """Return where everything lies. Raises `NoHome`."""
        if isinstance(self.place, NoHome):
            raise self.place
        return self.place

    def read(self) -> None:
        """Read what several checks look at, before they do so side by side."""
        _ = (self.cases, self.variables, self.meant, self.region)

    @cached_property
    def now(self) -> datetime:
        """Return the moment of the looks."""
        return clock.now()

    @cached_property
    def world(self) -> RealWorld:
        """Return the world that observes; `facts` comes first."""
        return RealWorld(self.paths, self.environ)

    @cached_property
    def facts(self) -> Facts:
        """Return what a turn would see; a settings file that is being written is looked at again."""
        facts = self.world.observe(self.now)
        for _ in range(TORN_LOOKS):
            if facts.settings.state is not FileState.BROKEN:
                break
            clock.sleep(TORN_WAIT)
            facts = self.world.observe(self.now)
        return facts

    @cached_property
    def memory(self) -> Memory:
        """Return the memory with what was just seen."""
        facts = self.facts
        return notice(self.world.recall(), facts, MIDDLE_DRAW, self.now)

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """Return the sessions in use."""
        return tuple(cases(self.facts, self.memory, self.now))

    @property
    def settings(self) -> Settings:
        """Return Claude Code's settings as a turn sees them."""
        return self.facts.settings

    @cached_property
    def settings_memory(self) -> SettingsMemory:
        """Return what was agreed, as if the file had been as it is for long enough."""
        kept, _ = notebook.read_memory(self.paths.memory)
        return replace(noticed(kept.settings, self.settings, self.now), since=self.now - SETTLE)

    @cached_property
    def judgement(self) -> Judgement:
        """Return what the settings come to beside what was agreed."""
        return judge(self.settings, self.settings_memory, self.now)

    @cached_property
    def config(self) -> Config:
        """Return config.toml."""
        return config.read(self.paths.config_file)

    @cached_property
    def explained(self) -> layers.Explained:
        """Return which layer of the settings decides each key."""
        return layers.explain(self.paths, self.environ, self.folder)

    @cached_property
    def stack(self) -> "tuple[Layer, ...]":
        """Return the layers themselves, the strongest first."""
        managed = settings_layers.managed()
        files = settings_layers.of_project(self.folder, Path(self.explained.path))
        return (*managed.layers, *files.layers, settings_layers.shell(self.environ))

    @cached_property
    def values(self) -> Mapping[str, str]:
        """Return what Claude Code works with, by key: each from the layer that wins. Some of it is secret."""
        found: dict[str, str] = {}
        for layer in reversed(self.stack):
            found |= layer.values
        return found

    @cached_property
    def variables(self) -> Mapping[str, str]:
        """Return Claude Code's environment, by variable. Some of it is secret."""
        return {key.removeprefix(ENV): value for key, value in self.values.items() if key.startswith(ENV)}

    @property
    def on_bedrock(self) -> bool:
        """Whether Claude Code is told to use Bedrock."""
        return not is_off(self.values.get(USE_BEDROCK, ""))

    @cached_property
    def tools(self) -> Mapping[str, str]:
        """Return the shell's environment with Claude Code's profile: what tools are asked with."""
        mine = self.values.get(PROFILE)
        return {**self.environ, "AWS_PROFILE": mine} if mine else self.environ

    @property
    def named_by_settings(self) -> bool:
        """Whether it is a file of the settings that says which profile is meant."""
        mine = self.values.get(PROFILE)
        return bool(mine) and mine == self.sources.name and mine != self.environ.get("AWS_PROFILE")

    @cached_property
    def sources(self) -> Sources:
        """Return what says which profile is meant."""
        return whose.read(self.paths, self.tools, None, for_claude=True)

    @property
    def aws(self) -> AwsConfig:
        """Return the AWS config."""
        return self.sources.aws

    @cached_property
    def meant(self) -> Meant | Unclear:
        """Return the profile that Claude Code works with."""
        return whose.meant(self.paths, self.tools, None)

    @cached_property
    def region(self) -> str:
        """Return the region that Claude Code calls."""
        from keeplit.engine import models

        return self.variables.get("AWS_REGION") or models.region(self.paths, self.tools)

    @cached_property
    def startup_lines(self) -> "tuple[Line, ...]":
        """Return the lines of the shells' startup files."""
        from keeplit.adapters import foreign_places

        return foreign_places.startup_lines(self.paths.home)
