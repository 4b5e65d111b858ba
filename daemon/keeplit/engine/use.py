"""`keeplit use`: what Claude Code uses is changed in config.toml first, then in its settings, and undone as one.

Law: nothing is written before all is checked, and nothing that is so already. Both files are changed through the one
door; where the second is refused all the same, the first is put back. Whoever is killed between the two leaves a
promise in the journal, which the daemon keeps; the same command, once more, does it too.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from keeplit.adapters import clock, config_edit, files, own_command
from keeplit.adapters.claude_settings import writing
from keeplit.adapters.claude_settings.written import WriteResult, Written
from keeplit.adapters.paths import Paths
from keeplit.core import json_edit, switching
from keeplit.core.exit_codes import NOT_SET_UP
from keeplit.core.journal_entry import Changed, Entry, Phase
from keeplit.core.json_edit import Remove, Set, encode
from keeplit.core.settings_keys import Claude, seen_by
from keeplit.core.switching import Asked, Value
from keeplit.core.undoing import reverse
from keeplit.engine import guarded
from keeplit.engine.choosing import Chosen, Refused, choose, of_preset
from keeplit.engine.cut_off import changing
from keeplit.engine.using import Files, Using, look, with_layers

TRIES = 5
COMMAND = "use"
NO_COMMAND = "awsAuthRefresh and awsCredentialExport were not written: keeplit has no path of its own here; install it."
HALF = "config.toml is changed already: keeplit undo takes it back."
NO_PROFILE = "nothing says which profile Claude Code uses. Choose one: keeplit use --profile P; see: keeplit profiles"


@dataclass(frozen=True, slots=True)
class Change:
    """One key that was changed, as it may be shown; None: absent. `seen_by` is empty for a key of config.toml."""

    file: str  # config, or settings
    key: str
    before: Value
    after: Value
    seen_by: str = ""


@dataclass(frozen=True, slots=True)
class Used:
    """What a command changed, in which files, under which group of the journal, and what is used now."""

    config: Path
    settings: Path
    now: Using
    changed: tuple[Change, ...] = ()
    group: str = ""
    notes: tuple[str, ...] = ()


class Moved(Exception):  # noqa: N818  # it is tried again
    """A file changed between our look and our write."""


def now(paths: Paths, environ: Mapping[str, str]) -> Used | Refused:
    """Return what is used now; nothing is changed."""
    found = look(paths, environ)
    if isinstance(found, Refused):
        return found
    using, overruled = with_layers(paths, environ, found.using(found.ours.claude, found.values), found.values)
    if not using.profile:
        return Refused(NO_PROFILE, NOT_SET_UP)
    notes = switching.notes(Asked(), found.values, found.values)
    return Used(paths.config_file, found.place, using, notes=(*notes, *overruled))


def use(paths: Paths, environ: Mapping[str, str], asked: Asked, preset: str = "") -> Used | Refused:
    """Change what was asked for, with a preset of config.toml where one is named. Raises `FileTrouble`."""
    command = Command(paths, environ, uuid.uuid4().hex)
    try:
        done = command.tried(asked, preset)
    except files.FileTrouble:
        command.put_back()
        raise
    if isinstance(done, Refused) and command.puts:
        end = "config.toml is put back: nothing is changed." if command.put_back() else HALF
        return replace(done, sentence=f"{done.sentence}{'' if done.sentence[-1] in '.?' else '.'} {end}")
    return done


@dataclass(frozen=True, slots=True)
class _Put:
    """config.toml before and after one of our writes, and what that changed."""

    before: bytes | None = field(repr=False)
    after: bytes = field(repr=False)
    changed: tuple[Changed, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Command:
    """One command; `changed` is what it has changed so far, also where it must begin anew."""

    paths: Paths
    environ: Mapping[str, str]
    group: str
    name: str = COMMAND
    changed: list[Change] = field(default_factory=list)
    puts: list[_Put] = field(default_factory=list)
    returned: list[bool] = field(default_factory=list)  # whether config.toml could be put back, once that was tried

    def tried(self, asked: Asked, preset: str) -> Used | Refused:
        """Run until no other program has changed a file meanwhile."""
        for _ in range(TRIES):
            try:
                return self.run(asked, preset)
            except Moved:
                continue
        return Refused("another program changes the settings again and again; try once more in a moment")

    def run(self, asked: Asked, preset: str) -> Used | Refused:
        """Look, check, and write both files. Raises `Moved` where one of them was changed meanwhile."""
        found = look(self.paths, self.environ)
        if isinstance(found, Refused):
            return found
        wanted = of_preset(asked, preset, found.ours.presets, found.lines_of(preset)) if preset else asked
        if isinstance(wanted, Refused):
            return wanted
        chosen = choose(self.paths, self.environ, wanted, found.ours.claude, found.values, asked)
        if isinstance(chosen, Refused):
            return chosen
        claude = switching.config_after(chosen.asked, found.ours.claude, chosen.profile)
        commands = own_command.commands(self.environ)
        if why := switching.cannot_isolate(chosen.asked, claude, found.values, commands):
            return Refused(why)
        changes = switching.settings_changes(
            chosen.asked, claude, found.values, commands, chosen.profile, chosen.region
        )
        edits = [Remove(key) if value is None else Set(key, encode(value)) for key, value in changes.items()]
        unfit = writing.refusal(found.place, edits, expected=found.settings.digest) if edits else None
        if unfit is not None and not _done(unfit):
            return _refused(unfit)
        refused = self.write_both(found, claude, edits, changes)
        return refused or self.told(found, claude, chosen, changes, commands)

    def write_both(
        self, found: Files, claude: Claude, edits: Sequence[json_edit.Change], changes: Mapping[str, str | None]
    ) -> Refused | None:
        """Change both files; return why that cannot be. Whoever is killed between the two leaves a promise."""
        keys = tuple(Changed(key, _raw(found.values.get(key)), _raw(after)) for key, after in changes.items())
        entry, file, digest = uuid.uuid4().hex, str(found.place), found.settings.digest
        promise = Entry(entry, self.group, clock.now(), self.name, file, keys, digest, "", phase=Phase.PROMISED)
        with changing(self.paths, promise if keys else None):
            refused = self.write_config(found, claude) or self.write_settings(found, edits, changes)
            if refused is not None:
                self.put_back()
            return refused

    def write_config(self, found: Files, claude: Claude) -> Refused | None:
        """Bring config.toml to say `claude`; return why it cannot be."""
        changes = switching.config_changes(found.ours.claude, claude)
        data = config_edit.change(found.config.data, changes)
        if data == (found.config.data or b""):
            return None
        values = {key: (found.config.value(key), after) for key, after in changes.items()}
        keys = tuple(Changed(key, _raw(before), _raw(after)) for key, (before, after) in values.items())
        written = guarded.put(
            self.paths,
            self.paths.config_file,
            data,
            expected=found.config.digest,
            command=self.name,
            group=self.group,
            changed=keys,
            create=True,
        )
        if not _done(written):
            return _refused(written)
        self.puts.append(_Put(found.config.data, data, keys))
        for key, (before, after) in values.items():
            self.changed.append(Change("config", key, _shown(key, before), _shown(key, after)))
        return None

    def put_back(self) -> bool:
        """Bring config.toml to what it was before this command, where nobody changed it since; return whether it is."""
        if self.returned or not self.puts:
            return all(self.returned)
        before, changed = self.puts[0].before, tuple(one for put in self.puts for one in put.changed)
        given = partial(guarded.remove, self.paths, self.paths.config_file)
        if before is not None:
            given = partial(guarded.put, self.paths, self.paths.config_file, before)
        written = given(
            expected=config_edit.digest(self.puts[-1].after),
            command="undo",
            group=self.group,
            changed=reverse(changed),
            undoes=self.group,
        )
        self.returned.append(written.as_wanted)
        return written.as_wanted

    def write_settings(
        self, found: Files, edits: Sequence[json_edit.Change], changes: Mapping[str, str | None]
    ) -> Refused | None:
        """Make the changes in Claude Code's settings; return why it cannot be."""
        if not edits:
            return None
        written = guarded.edit(
            self.paths,
            found.place,
            edits,
            expected=found.settings.digest,
            command=self.name,
            group=self.group,
            create=True,
        )
        if not _done(written):
            return _refused(written)
        for key, after in changes.items():
            before = found.values.get(key)
            seen = seen_by(key, removed=after is None)
            self.changed.append(Change("settings", key, _shown(key, before), _shown(key, after), seen))
        return None

    def told(
        self,
        found: Files,
        claude: Claude,
        chosen: Chosen,
        changes: Mapping[str, str | None],
        commands: Mapping[str, str],
    ) -> Used:
        """Return what was done."""
        after = {key: value for key, value in {**found.values, **changes}.items() if value is not None}
        notes = [*chosen.notes, *switching.notes(chosen.asked, found.values, after)]
        using, overruled = with_layers(self.paths, self.environ, found.using(claude, after), after)
        notes += [*([] if commands else [NO_COMMAND]), *overruled]
        group = self.group if self.changed else ""
        return Used(self.paths.config_file, found.place, using, tuple(self.changed), group, tuple(notes))


def _refused(written: Written) -> Refused:
    fix = written.fix.removesuffix("; nothing was changed")
    return Refused(f"{written.fault}. Do: {fix}, then the same command again")


def _done(written: Written) -> bool:
    """Whether a file says what was asked for. Raises `Moved`."""
    if written.result is WriteResult.MOVED:
        raise Moved
    return written.as_wanted


def _raw(value: object) -> str | None:
    return None if value is None else encode(value)


def _shown(key: str, value: object) -> Value:
    return switching.shown(key, value) if value is None or isinstance(value, str | bool) else str(value)
