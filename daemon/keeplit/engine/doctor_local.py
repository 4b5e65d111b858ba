"""The facts of the doctor's checks of the config, the sign-ins, their rivals, and Claude Code."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from keeplit.adapters import aws_config, backups, claude_code, claude_settings, files, own_command, token_cache
from keeplit.core import own_statusline, registration_file
from keeplit.core.aws_cli import Found
from keeplit.core.doctor_claude import ClaudeCode
from keeplit.core.doctor_config import NEVER_RENEWED, Config
from keeplit.core.doctor_rivals import WANTED, Rivals
from keeplit.core.doctor_sign_in import SignIns
from keeplit.core.layers import Level
from keeplit.core.model import Problem, Session
from keeplit.core.models import Kind, parse
from keeplit.core.settings_keys import USE_BEDROCK, is_off
from keeplit.core.settings_model import ENV, FileState, Settings
from keeplit.core.settings_questions import STOPPED, UNSET, names, said
from keeplit.engine import models
from keeplit.engine.doctor_scene import Scene
from keeplit.engine.whose import Unclear

MOST_BYTES = 1 << 16
READ_BY_OTHERS, WRITTEN_BY_OTHERS = 0o044, 0o022
CLAUDECODE, SETTINGS = "CLAUDECODE", "Claude Code's settings"
PROXIES = ("HTTPS_PROXY", "https_proxy")
PINNED = ("MODEL", "DEFAULT_OPUS_MODEL", "DEFAULT_SONNET_MODEL", "DEFAULT_HAIKU_MODEL", "SMALL_FAST_MODEL")


def config(scene: Scene, cli: Found) -> Config:
    """Return what is known of the AWS config."""
    aws, unclear = scene.aws, scene.meant
    sessions = [case.seen.session.name for case in scene.cases]
    in_use = {scene.sources.name, *scene.world.profiles_wanted(scene.now), *sessions}
    problem = Problem(unclear.code, *_parted(unclear)) if isinstance(unclear, Unclear) else None
    place = aws_config.files(scene.sources.environ)[0]
    return Config(
        cli=cli,
        path=str(place),
        there=os.path.lexists(place),
        problems=(*aws.problems, *_odd_regions(aws.sessions, place)),
        in_use=frozenset(in_use),
        profiles=aws.profiles,
        name=scene.sources.name,
        on_bedrock=scene.on_bedrock,
        said_by=SETTINGS if scene.named_by_settings else scene.sources.said_by,
        unclear=problem,
    )


def _odd_regions(sessions: Iterable[Session], place: Path) -> Iterator[Problem]:
    """Give the sessions that sign in where AWS has no region: their address cannot be reached, whatever the network."""
    for one in sessions:
        if why := models.no_region(one.region):
            yield Problem(
                "sso_region", f"The sign-in of {one.name!r}: {why}", f"correct sso_region in {place}", one.name
            )


def _parted(unclear: Unclear) -> tuple[str, str]:
    """Return a sentence that names its next step as the two; where nothing is named, that is the guided one."""
    sentence = unclear.sentence
    if unclear.code in {"no_profile", "no_sso_profile"}:
        return sentence.partition(". ")[0], "keeplit setup"
    if unclear.code == NEVER_RENEWED:
        return sentence.partition(" See which ")[0], "for one that keeplit renews: keeplit setup"
    for mark in (" Do: ", " See which ", ". Add it "):
        what, found, step = sentence.partition(mark)
        if found:
            return what, f"{found.strip(' .').lower()} {step}" if mark != " Do: " else step
    return sentence, "keeplit profiles"


def sign_ins(scene: Scene) -> SignIns:
    """Return what is known of the sessions in use."""
    cache = scene.paths.sso_cache
    broken: dict[str, str] = {}
    open_files: list[str] = []
    for case in scene.cases:
        session = case.seen.session
        for name in registration_file.names(session):
            why = _broken_registration(cache / name)
            if why:
                broken[session.key] = why
        open_files += [str(one) for one in (token_cache.path(cache, session),) if _mode(one) & READ_BY_OTHERS]
    return SignIns(scene.cases, broken, tuple(open_files))


def _broken_registration(place: Path) -> str:
    try:
        data = files.read(place, MOST_BYTES)
    except files.FileTrouble:
        return "cannot be read"
    if data is None or registration_file.fields_of(data) is not None:
        return ""
    return "is broken, and makes every login of the AWS CLI fail" if data else "is empty, which stops every login"


def _mode(place: Path) -> int:
    """Return the rights of a file; none where it is not there, or the system has no such rights."""
    try:
        return place.stat().st_mode if os.name != "nt" else 0
    except OSError:
        return 0


def rivals(scene: Scene) -> Rivals:
    """Return what beats the profile, and where each is set: files first, then the shell's startup files."""
    set_in: dict[str, list[str]] = {}
    for layer in scene.stack:
        for key in layer.values:
            name = key.removeprefix(ENV)
            if name in WANTED and key.startswith(ENV) and layer.path:
                set_in.setdefault(name, []).append(_line(layer.path, name))
    for name in WANTED & scene.environ.keys():
        lines = [f"{one.path}, line {one.number}" for one in scene.startup_lines if one.sets == name]
        set_in.setdefault(name, []).extend(lines or ["this shell"])
    return Rivals(
        values={name: value for name, value in scene.variables.items() if name in WANTED},
        places={name: tuple(dict.fromkeys(places)) for name, places in set_in.items()},
        shell_profile=scene.environ.get("AWS_PROFILE", ""),
        profile=scene.sources.name,
    )


def _line(path: str, name: str) -> str:
    """Return where a settings file names a variable."""
    try:
        lines = (files.read(Path(path), 2 << 20) or b"").splitlines()
    except files.FileTrouble:
        return path
    at = next((number for number, line in enumerate(lines, 1) if f'"{name}"'.encode() in line), 0)
    return f"{path}, line {at}" if at else path


def claude(scene: Scene, found: claude_code.Found) -> ClaudeCode:
    """Return what is known of Claude Code and its settings."""
    settings, judged = scene.settings, scene.judgement
    explained = scene.explained
    variables = scene.variables
    rows = {row.key: row for row in explained.rows}
    shadowed = {key: won.layer for key, won in explained.shadowed.items()}
    row = rows.get(USE_BEDROCK)
    if row is not None and row.wins.path != explained.path:
        shadowed[USE_BEDROCK] = row.wins.layer
    mode = _mode(Path(settings.path))
    return ClaudeCode(
        path=str(found.path or ""),
        version=found.version,
        gateway="ANTHROPIC_BEDROCK_BASE_URL" in variables,
        proxied=any(variables.get(name) for name in PROXIES),
        settings=settings.path,
        state=settings.state,
        fault=settings.fault,
        fix=settings.fix,
        last_good=backups.backup(scene.paths, scene.settings_memory.last_good) is not None,
        file=settings.values,
        values=variables,
        shadowed=shadowed,
        layer_problems=tuple(one for one in explained.problems if not one.where.startswith(explained.path)),
        question=_question(scene),
        damaged=tuple(key for key in sorted({*(edit.key for edit in judged.edits), *judged.missing} - settings.stale)),
        stale=settings.stale,
        row_gone=_row_gone(settings),
        row_hidden=explained.row_hidden,
        open_to_others="write" if mode & WRITTEN_BY_OTHERS else "",
        older_session=scene.on_bedrock and _began_before(scene.environ),
        only_shell=scene.on_bedrock and row is not None and row.wins.level is Level.SHELL,
        region=scene.region,
        no_region=models.no_region(scene.region),
    )


def _row_gone(settings: Settings) -> str:
    """Return the keeplit that the status line names, where it is gone; empty where it is there, or not ours."""
    document = claude_settings.read(Path(settings.path)).document if settings.state is FileState.PRESENT else None
    row = own_statusline.read(document.value.get(own_statusline.KEY) if document is not None else None)
    return row.program if row.ours and own_command.gone(row.program) else ""


def _began_before(environ: Mapping[str, str]) -> bool:
    """Whether we run inside a Claude Code whose environment is not on Bedrock."""
    return CLAUDECODE in environ and is_off(environ.get(USE_BEDROCK.removeprefix(ENV), ""))


def _question(scene: Scene) -> str:
    """Return what keeplit waits for, in a sentence."""
    judged = scene.judgement
    if judged.question is not None:
        return said(judged.question)
    if judged.unset:
        return UNSET.format(keys=names(judged.unset))
    return STOPPED.format(keys=names(judged.stopped)) if judged.stopped else ""


def pins(scene: Scene) -> dict[str, str]:
    """Return the models that are pinned by a name of their own, by key; an alias pins none."""
    keys = ("model", *(f"{ENV}ANTHROPIC_{name}" for name in PINNED))
    found = {key: scene.values[key] for key in keys if scene.values.get(key)}
    return {
        key: value
        for key, value in found.items()
        if (name := parse(value)).kind is not Kind.ALIAS and (name.kind is not Kind.UNKNOWN or key != "model")
    }
