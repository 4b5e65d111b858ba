"""Autostart by the desktop: entries in the autostart folder (Desktop Application Autostart Specification).

Law: the desktop starts them once at login and not again after a crash; whether one runs is not known here. `TryExec`
keeps an entry whose program is gone from showing an error.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from keeplit.adapters.autostart import standing
from keeplit.adapters.autostart.standing import NotStartable, Standing
from keeplit.core.service_files import Part, desktop_entry

OFF = ("Hidden=true", "X-GNOME-Autostart-enabled=false")


class Xdg:
    """The entries of one person; those of `parts` are written, the others removed."""

    name = "xdg"

    def __init__(self, home: Path, environ: Mapping[str, str], parts: tuple[Part, ...] = tuple(Part)) -> None:
        """Read nothing yet."""
        self.parts = parts
        moved = environ.get("XDG_CONFIG_HOME", "")
        self._config = Path(moved) if os.path.isabs(moved) else home / ".config"  # noqa: PTH117  # it may be empty

    def entry(self, part: Part) -> Path:
        """Return where the entry of a part lies."""
        name = "keeplit" if part is Part.DAEMON else f"keeplit-{part}"
        return self._config / "autostart" / f"{name}.desktop"

    def enable(self, program: str, *, start: bool = True) -> None:
        """Write the entries; the desktop reads them at the next login. Raises `FileTrouble`."""
        del start
        try:
            wanted = {part: desktop_entry(part, program).encode() for part in self.parts}
        except ValueError as error:
            raise NotStartable(f"{error}: {program!r}; install keeplit elsewhere, then try again") from None
        for part in Part:
            if part in wanted:
                standing.put(self.entry(part), wanted[part])
            else:
                standing.take_away(self.entry(part), up_to=self._config)

    def disable(self) -> None:
        """Remove the entries. Raises `FileTrouble`."""
        for part in Part:
            standing.take_away(self.entry(part), up_to=self._config)

    def standings(self, program: str | None) -> tuple[Standing, ...]:
        """Return how each part stands."""
        return tuple(self._standing(part, program) for part in self.parts)

    def _standing(self, part: Part, program: str | None) -> Standing:
        path = self.entry(part)
        data = standing.read(path)
        if data is None:
            return Standing(part, enabled=False, why_not=f"{path} is not there", fix="keeplit autostart enable")
        off = next((line for line in data.decode(errors="replace").splitlines() if line.replace(" ", "") in OFF), "")
        if off:
            why = f"the desktop's settings switched it off ({off} in {path})"
            return Standing(part, enabled=False, why_not=why, fix="keeplit autostart enable")
        return Standing(part, enabled=True, current=program is None or data == _wanted(part, program))


def _wanted(part: Part, program: str) -> bytes:
    try:
        return desktop_entry(part, program).encode()
    except ValueError:
        return b""
