"""A home in which nothing is really started, and autostarts that note what they are told."""

from __future__ import annotations

from keeplit.adapters import autostart as adapter
from keeplit.adapters import config
from keeplit.adapters.autostart import NotStartable, Standing
from keeplit.adapters.paths import Paths
from keeplit.core.service_files import Part

PROGRAM = "/opt/keeplit/bin/keeplit"


class Starter:
    """An autostart that notes what it is told."""

    def __init__(self, *standings: Standing, parts: tuple[Part, ...] = (Part.DAEMON,), name: str = "systemd") -> None:
        self.name = name
        self.parts = parts
        self.told: list[str] = []
        self.refuses = ""
        self._standings = standings

    def enable(self, program: str, *, start: bool = True) -> None:
        self.told.append(f"enable {program} {start}")
        if self.refuses:
            raise NotStartable(self.refuses)

    def disable(self) -> None:
        self.told.append("disable")

    def standings(self, program: str | None) -> tuple[Standing, ...]:
        return self._standings


class Bed:
    """A home, its environment, and the autostarts that are found there."""

    def __init__(self, paths: Paths, environ: dict[str, str]) -> None:
        self.paths = paths
        self.environ = environ
        self.starters: tuple[adapter.Autostart, ...] = ()
        self.begun: list[str] = []

    @property
    def noted(self) -> dict[str, str]:
        """Return what is recorded."""
        return dict(config.read(self.paths.config_file).environment)
