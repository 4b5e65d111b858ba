"""A home whose settings and config.toml were written by commands, through the real door, and a journal of them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from keeplit.adapters import config_edit, journal
from keeplit.adapters import paths as places
from keeplit.adapters.claude_settings.written import Written
from keeplit.adapters.paths import Paths
from keeplit.core.journal_entry import Changed, Entry
from keeplit.core.json_edit import Remove, Set, encode
from keeplit.engine import guarded

ODD = b'{"env" :{"AWS_PROFILE":"home"},\r\n\t"theme": "d\\u0061rk", "limit": 1.50}'
PROFILE, REGION, CONFIG_PROFILE = "env.AWS_PROFILE", "env.AWS_REGION", "claude.profile"


@dataclass(frozen=True, slots=True)
class Desk:
    """One home folder with its settings, its config.toml, and the journal."""

    paths: Paths

    @property
    def settings(self) -> Path:
        """Return where the settings are."""
        return self.paths.home / ".claude" / "settings.json"

    @property
    def config(self) -> Path:
        """Return where config.toml is."""
        return self.paths.config_file

    def says(self, data: bytes | None = ODD) -> None:
        """Let a person write the settings; None: remove them."""
        self.settings.parent.mkdir(exist_ok=True)
        if data is None:
            self.settings.unlink(missing_ok=True)
        else:
            self.settings.write_bytes(data)

    def replaces(self, old: bytes, new: bytes, path: Path | None = None) -> None:
        """Let another program replace some bytes of a file."""
        path = path or self.settings
        data = path.read_bytes()
        assert old in data
        path.write_bytes(data.replace(old, new))

    def use(self, group: str, command: str = "use", reason: str = "", **keys: str | None) -> None:
        """Let a command write: `profile` and `region` into the settings, `config` into config.toml as the profile."""
        config, keys = keys.pop("config", None), {{"profile": PROFILE, "region": REGION}[k]: v for k, v in keys.items()}
        if config is not None:
            found = config_edit.read(self.config)
            before = found.value(CONFIG_PROFILE)
            changed = Changed(CONFIG_PROFILE, None if before is None else encode(before), encode(config))
            data = config_edit.change(found.data, {CONFIG_PROFILE: config})
            self.done(
                guarded.put(
                    self.paths,
                    self.config,
                    data,
                    expected=found.digest,
                    command=command,
                    group=group,
                    changed=(changed,),
                    create=True,
                )
            )
        if keys:
            changes = [Remove(key) if value is None else Set(key, encode(value)) for key, value in keys.items()]
            self.done(
                guarded.edit(
                    self.paths,
                    self.settings,
                    changes,
                    expected=None,
                    command=command,
                    group=group,
                    reason=reason,
                    create=True,
                )
            )

    def done(self, written: Written) -> None:
        """See to it that something was written."""
        assert written.result == "written", written

    @property
    def journal(self) -> tuple[Entry, ...]:
        """Return the journal."""
        return journal.read(self.paths)


def desk() -> Desk:
    """Give the home folder of this test, with settings in an odd spelling."""
    found = Desk(places.find(os.environ))
    found.says()
    return found
