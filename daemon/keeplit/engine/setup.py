"""`keeplit setup`: from the answers to the changes of every file, and those written as one command or not at all.

Law: nothing is written before all is known and checked, and what is so already is not written. Where the last file is
refused, the first ones are put back. Whoever is killed leaves the AWS config whole by itself, and of the other two both
or a promise that is kept later. One group of the journal holds all, so one `keeplit undo` takes all back.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from keeplit.adapters import config_edit, files, own_command
from keeplit.adapters.claude_settings import writing
from keeplit.adapters.paths import Paths
from keeplit.core import json_edit, switching
from keeplit.core.json_edit import Remove, Set, encode
from keeplit.core.own_command import HELPERS
from keeplit.core.own_statusline import NotComposable
from keeplit.core.settings_keys import Claude, rivals
from keeplit.core.setup_answers import Answers, Found, Way
from keeplit.core.switching import Asked
from keeplit.engine import aws_config_change, setup_row, status_row
from keeplit.engine.choosing import Refused
from keeplit.engine.setup_look import Draft
from keeplit.engine.use import TRIES, Command, Moved
from keeplit.engine.using import Files, look, with_layers

COMMAND = "setup"
NO_ROW = "keeplit's row in the status line is left out: {0}."
BECAUSE = {
    Way.NEW: "a new profile",
    Way.UPGRADE: "a legacy profile becomes renewable",
    Way.EXISTING: "",
    Way.OTHER: "",
}


@dataclass(frozen=True, slots=True)
class Edited:
    """One file before and after; None: there is none. It may hold secrets: it is shown line by line, redacted."""

    path: Path
    before: bytes | None = field(repr=False)
    after: bytes = field(repr=False)

    @property
    def differs(self) -> bool:
        """Whether there is anything to write."""
        return (self.before or b"") != self.after


@dataclass(frozen=True, slots=True)
class Planned:
    """All that is to be written, and what a person should know of it."""

    answers: Answers
    way: Way
    aws: Edited
    config: Edited
    settings: Edited
    files: Files
    claude: Claude
    changes: Mapping[str, str | None] = field(repr=False)
    notes: tuple[str, ...] = ()
    row: bool = False  # keeplit's row comes into the status line
    rivals: tuple[str, ...] = ()  # keys of the settings that bypass the profile all the same

    @property
    def edits(self) -> tuple[json_edit.Change, ...]:
        """Return the changes of the settings."""
        return tuple(Remove(key) if value is None else Set(key, encode(value)) for key, value in self.changes.items())

    @property
    def differing(self) -> tuple[Edited, ...]:
        """Return the files that are written, in their order."""
        return tuple(one for one in (self.aws, self.config, self.settings) if one.differs)


@dataclass(frozen=True, slots=True)
class Applied:
    """What was written, under which group of the journal; empty: all was so already."""

    written: tuple[Path, ...] = ()
    group: str = ""
    note: str = ""  # what could not be done besides


def planned(paths: Paths, draft: Draft, answers: Answers, found: Found, way: Way) -> Planned | Refused:
    """Return what is to be written for the answers; nothing is. Raises `FileTrouble`."""
    seen = look(paths, draft.own)
    if isinstance(seen, Refused):
        return seen
    asked = asked_for(answers, found)
    claude = switching.config_after(asked, seen.ours.claude, answers.profile)
    commands = own_command.commands(draft.own) if way is not Way.OTHER else {}
    if why := switching.cannot_isolate(asked, claude, seen.values, commands):
        return Refused(why)
    changes = switching.settings_changes(asked, claude, seen.values, commands, answers.profile, answers.region)
    data = config_edit.change(seen.config.data, switching.config_changes(seen.ours.claude, claude))
    after = {key: value for key, value in {**seen.values, **changes}.items() if value is not None}
    notes = switching.notes(asked, seen.values, after)
    if way is not Way.OTHER and not commands:
        notes.append(f"{' and '.join(HELPERS)} are not written: keeplit has no path of its own here; install it.")
    there = draft.before.encode() if draft.before or draft.file.exists() else None
    aws = Edited(draft.file, there, draft.after.encode())
    config = Edited(paths.config_file, seen.config.data, data)
    settings = Edited(seen.place, seen.settings.data, seen.settings.data or b"")
    plan = Planned(answers, way, aws, config, settings, seen, claude, changes, tuple(notes), rivals=rivals(after))
    try:
        return _with_settings(plan, draft.own)
    except ValueError as wrong:
        return Refused(f"{seen.place}: {wrong}")


def _with_settings(plan: Planned, environ: Mapping[str, str]) -> Planned:
    """Return the plan with the settings after it. Raises ValueError where they cannot be edited."""
    if plan.changes:
        text = json_edit.edit((plan.settings.before or b"{}\n").decode("utf-8-sig"), plan.edits).text
        plan = replace(plan, settings=replace(plan.settings, after=text.encode()))
    if not plan.answers.statusline or not plan.settings.after:
        return plan
    text = plan.settings.after.decode("utf-8-sig")
    try:
        with_row = setup_row.with_row(text, environ)
    except NotComposable as why:
        return replace(plan, notes=(*plan.notes, NO_ROW.format(str(why).rstrip("."))))
    if with_row == text:
        return plan
    return replace(plan, settings=replace(plan.settings, after=with_row.encode()), row=True)


def asked_for(answers: Answers, found: Found) -> Asked:
    """Return the answers as `keeplit use` takes them; what is so already is not asked for once more."""
    isolate = answers.isolate if answers.isolate is not None and answers.isolate != found.isolate else None
    return Asked(
        profile=answers.profile,
        region=answers.region,
        model=answers.model,
        haiku=answers.haiku,
        isolate=isolate,
        replace_helpers=answers.replace_helpers is True,
    )


def apply(paths: Paths, draft: Draft, plan: Planned, found: Found) -> Applied | Refused:
    """Write what is planned, all or nothing; where another program changes a file meanwhile, it is planned anew."""
    group = uuid.uuid4().hex
    command = Command(paths, draft.own, group, COMMAND)
    before = draft.after  # what the AWS config is to be once it is put back: so far it is not written
    try:
        refused = _unfit(plan)
        if refused is None and plan.differing:
            because = BECAUSE[plan.way]
            aws_config_change.write(paths, draft.own, draft.before, draft.after, because=because, group=group)
            before = draft.before
            refused = _written(paths, draft, command, plan, found)
    except files.FileTrouble as trouble:
        refused = Refused(f"{trouble}")
    if refused is None:
        note = _row(paths, draft, group) if plan.row else ""
        return Applied(tuple(one.path for one in plan.differing), group if plan.differing else "", note)
    back = command.put_back()
    back = aws_config_change.put_back(paths, draft.own, before, draft.after, group=group) and back
    end = "Nothing is changed." if back else "What was written already, `keeplit undo` takes back."
    return Refused(f"{refused.sentence.rstrip('.')}. {end}", refused.exit_code)


def overruled(paths: Paths, draft: Draft) -> tuple[str, ...]:
    """Return a sentence for each key that another layer of Claude Code's settings decides here, once all is written."""
    seen = look(paths, draft.own)
    if isinstance(seen, Refused):
        return ()
    return tuple(with_layers(paths, draft.own, seen.using(seen.ours.claude, seen.values), seen.values)[1])


def _unfit(plan: Planned) -> Refused | None:
    """Return why the settings cannot be written, before anything is."""
    edits = plan.edits
    unfit = writing.refusal(plan.files.place, edits, expected=None) if edits else None
    return None if unfit is None or unfit.as_wanted else Refused(f"{unfit.fault}. Do: {unfit.fix}")


def _written(paths: Paths, draft: Draft, command: Command, plan: Planned, found: Found) -> Refused | None:
    for _ in range(TRIES):
        try:
            return command.write_both(plan.files, plan.claude, plan.edits, plan.changes)
        except Moved:
            again = planned(paths, draft, plan.answers, found, plan.way)
            if isinstance(again, Refused):
                return again
            plan = again
    return Refused("another program changes the settings again and again; try once more in a moment")


def _row(paths: Paths, draft: Draft, group: str) -> str:
    """Put the row in, last of all; return why it is left out: the rest stands without it."""
    try:
        done = status_row.put_in(paths, draft.own, group=group)
    except files.FileTrouble as trouble:
        return NO_ROW.format(trouble)
    return NO_ROW.format(done.sentence.rstrip(".")) if isinstance(done, Refused) else ""
