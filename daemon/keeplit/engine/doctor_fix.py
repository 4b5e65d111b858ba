"""`keeplit doctor --fix`: what can be mended without a question, through the doors that `keeplit undo` takes back.

Law: a fix is made only where its check says so, nothing of it asks a person's will, and it never opens a browser. A
question that keeplit waits an answer for stays one, and so does a file that cannot be read.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from keeplit.adapters import config, own_command
from keeplit.adapters.files import FileTrouble
from keeplit.adapters.paths import NoHome, Paths
from keeplit.core.check import Check, State
from keeplit.core.json_edit import Set, encode
from keeplit.core.settings_keys import AUTH_REFRESH
from keeplit.engine import autostart, guarded, repair
from keeplit.engine.guard import Guard

COMMAND = "doctor"
OLD_REFRESH = re.compile(r"\s*aws\s+sso\s+login(\s+(--profile|--sso-session)[\s=]+[\w.@+-]+)?\s*")


@dataclass(frozen=True, slots=True)
class Fixed:
    """What came of one fix: the check that it was for, one sentence, and whether it was done."""

    code: str
    sentence: str
    done: bool = True


def fix(place: Paths | NoHome, environ: Mapping[str, str], found: Sequence[Check]) -> tuple[Fixed, ...]:
    """Mend what the checks found and can be mended safely; return what was done, and what could not be."""
    if isinstance(place, NoHome):
        return ()
    states = {one.code: one.state for one in found}
    done: list[Fixed] = []
    for mend in (_settings, _refresh, _environment):
        try:
            done += mend(place, environ, states)
        except FileTrouble as trouble:
            done.append(Fixed(mend.__name__.strip("_"), f"{trouble}.", done=False))
    return tuple(done)


def _settings(paths: Paths, environ: Mapping[str, str], states: Mapping[str, State]) -> list[Fixed]:
    """Put back keys that went missing, and helpers whose keeplit is gone; a question stays a question."""
    code = "settings_kept"
    broken = State.FAIL in {states.get(code), states.get("helpers")}
    if not broken or states.get(code) is State.WARN:
        return []
    mended = repair.repair(paths, environ)
    given = mended.given
    if given.fault:
        return [Fixed(code, f"{given.file} was not repaired: {given.fault}.", done=False)]
    names = ", ".join(one.key.removeprefix("env.") for one in given.changed)
    return [Fixed(code, f"Put back in {given.file}: {names}.")] if given.did else []


def _refresh(paths: Paths, environ: Mapping[str, str], states: Mapping[str, State]) -> list[Fixed]:
    """Replace `aws sso login`, which opens a tab each time, by keeplit's own helper."""
    if states.get("settings_file") is not State.OK:
        return []
    ours = config.read(paths.config_file)
    whole = {**ours.environment, **environ}
    settings = Guard(paths).look(whole, ours.claude, whole=False)
    command = own_command.commands(whole).get(AUTH_REFRESH)
    if command is None or not OLD_REFRESH.fullmatch(settings.values.get(AUTH_REFRESH, "")):
        return []
    change = Set(AUTH_REFRESH, encode(command))
    written = guarded.edit(
        paths, Path(settings.path), [change], expected=settings.digest, command=COMMAND, group=uuid.uuid4().hex
    )
    if not written.as_wanted:
        return [Fixed("helpers", f"{AUTH_REFRESH} was not replaced: {written.fault}.", done=False)]
    return [Fixed("helpers", f"{AUTH_REFRESH} in {settings.path} runs keeplit instead of `aws sso login`.")]


def _environment(paths: Paths, environ: Mapping[str, str], states: Mapping[str, State]) -> list[Fixed]:
    """Record for the service what this shell has."""
    code = "service_environment"
    if states.get(code) is not State.WARN:
        return []
    names, _notes = autostart.record(paths, environ)
    return [Fixed(code, f"Recorded in {paths.config_file}: {', '.join(names)}.")] if names else []
