"""Our own files, to and from the core's nouns: memory, wishes, status, and what was asked for.

Law: a file that is corrupt, of a newer version or of wrong types costs what cannot be read and no more, and a person is
told; an unchanged file is never rewritten; a wish that makes no sense is deleted, never guessed at.
"""

import contextlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha1
from pathlib import Path
from typing import Any, TypeVar

from keeplit.adapters import files
from keeplit.core.memory import Answer, Memory, SessionMemory, Unshown
from keeplit.core.model import Problem, Wish
from keeplit.core.settings_model import SettingsMemory

SCHEMA = 1
MOST_BYTES = 16 << 20
MOST_WISH = 4096
MOST_WISHES = 100  # in one turn
TOUCH_EVERY = timedelta(hours=1)
NANOSECONDS = 1_000_000_000
Pause: Any = datetime | None  # a type that is a value, for the decoder
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wishes:
    """The wishes that wait, oldest first, and the names of files that were none and are gone."""

    wishes: tuple[Wish, ...]
    broken: tuple[str, ...] = ()


def read_memory(path: Path) -> tuple[Memory, Problem | None]:
    """Return what is remembered, and a problem where some of it could not be read. Raises nothing for bad content."""
    try:
        data = files.read_own(path, MOST_BYTES)
    except files.NotReadable as trouble:
        with contextlib.suppress(OSError):
            path.replace(path.with_name(f"{path.name}.bad"))
        return Memory(), _lost(path, str(trouble))
    except files.FileTrouble as trouble:
        return Memory(), _lost(path, str(trouble), f"remove {path}")
    if data is None:
        return Memory(), None
    page = _parts(data) or {}
    version, parts = _decoded(page.get("schema", b""), int), _parts(page.get("sessions", b"{}"))
    if version is None or parts is None:
        _keep_bad(path, data)
        return Memory(), _lost(path, "it is not what keeplit writes")
    if version != SCHEMA:
        _keep_bad(path, data)
        return Memory(), _lost(path, f"it is of version {version}, and this keeplit knows version {SCHEMA}")
    sessions = {key: _decoded(part, SessionMemory) for key, part in parts.items()}
    good = {key: memory for key, memory in sessions.items() if memory is not None and _sound(memory)}
    until = page.get("paused_until", b"null")
    pause = _decoded(until, Pause)
    paused = pause if pause is None or _utc(pause) else None
    answers = _decoded(page.get("answers", b"[]"), tuple[Answer, ...])
    settings = _decoded(page.get("settings", b"{}"), SettingsMemory)
    if settings is not None and not _settings_sound(settings):
        settings = None
    unshown = _decoded(page.get("unshown", b"[]"), tuple[Unshown, ...])
    news = tuple(one for one in unshown or () if _utc(one.at) and _utc(one.about))
    memory = Memory(good, paused, answers or (), settings or SettingsMemory(), news)
    lost = len(good) < len(sessions) or answers is None or settings is None or (paused is None and until != b"null")
    lost = lost or unshown is None or len(news) < len(unshown)
    if lost:
        _keep_bad(path, data)
    return memory, _lost(path, "some of it is not what keeplit writes") if lost else None


def _parts(data: bytes) -> Mapping[str, bytes] | None:
    """Return the parts of an object, not yet read: one that is wrong must not cost the others."""
    import msgspec

    found = _decoded(data, dict[str, msgspec.Raw])
    return None if found is None else {name: bytes(part) for name, part in found.items()}


def _decoded(data: bytes, kind: type[T]) -> T | None:
    import msgspec  # late: whoever looks, and has nothing remembered, reads nothing of ours

    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, OverflowError, RecursionError):
        return None


def _sound(memory: SessionMemory) -> bool:
    """Whether every time of a session's memory is UTC: others cannot all be compared, or moved to UTC."""
    times = [memory.refresh.at, memory.bridge.at, memory.start.at, memory.asked.not_after if memory.asked else None]
    times += [value for value in map(memory.__getattribute__, memory.__slots__) if isinstance(value, datetime)]
    return all(_utc(at) for at in times)


def _settings_sound(memory: SettingsMemory) -> bool:
    """Whether every time of the settings' memory is UTC."""
    return all(_utc(at) for at in (memory.since, memory.written_at, memory.write.at, *(r.at for r in memory.repaired)))


def _lost(path: Path, why: str, fix: str = "") -> Problem:
    return Problem(
        "memory_unreadable",
        f"{path.name} could not be used as it was: {why}. keeplit goes on without it.",
        fix or f"nothing to do; the old file is kept as {path.name}.bad",
        str(path),
    )


def _keep_bad(path: Path, data: bytes) -> None:
    with contextlib.suppress(files.FileTrouble):
        files.replace(path.with_name(f"{path.name}.bad"), data)


def write_memory(path: Path, memory: Memory) -> bool:
    """Write down what is remembered, and return whether that changed the file. Raises `files.FileTrouble`."""
    document = {
        "schema": SCHEMA,
        "sessions": dict(memory.sessions),
        "paused_until": memory.paused_until,
        "answers": memory.answers,
        "settings": memory.settings,
        "unshown": memory.unshown,
    }
    return files.replace_if_changed(path, _encoded(document))


def _encoded(document: object) -> bytes:
    """Return a document as JSON; a name that is no UTF-8, such as a folder's, costs its odd characters only."""
    import msgspec

    try:
        return msgspec.json.encode(document)
    except UnicodeEncodeError:
        return msgspec.json.encode(_sayable(msgspec.to_builtins(document)))


def _sayable(value: object) -> object:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case dict():
            return {_sayable(key): _sayable(item) for key, item in value.items()}
        case list() | tuple():
            return [_sayable(item) for item in value]
    return value


def read_wishes(folder: Path, limit: int = MOST_WISHES) -> Wishes:
    """Return the oldest wishes, `limit` of them at most; files that are no wish are deleted."""
    try:
        with os.scandir(folder) as found:
            names = [entry for entry in found if entry.name.endswith(".json") and not entry.name.startswith(".")]
            oldest = sorted(names, key=_age)[:limit]
    except OSError:  # absent, or closed to us: no wish is worth a renewal that is due
        return Wishes(())
    wishes: list[Wish] = []
    broken: list[str] = []
    for entry in oldest:
        wish = _wish(Path(entry.path))
        if wish is not None:
            wishes.append(wish)
        else:
            with contextlib.suppress(OSError):  # taken by another reader meanwhile, or a folder
                Path(entry.path).unlink()
                broken.append(entry.name)
    return Wishes(tuple(wishes), tuple(broken))


def _age(entry: "os.DirEntry[str]") -> tuple[int, str]:
    try:
        return entry.stat(follow_symlinks=False).st_mtime_ns, entry.name
    except OSError:
        return 0, entry.name


def _wish(path: Path) -> Wish | None:
    """Return the wish of a file named for its id."""
    try:
        data = files.read_own(path, MOST_WISH)
    except files.FileTrouble:
        return None
    wish = _decoded(data, Wish) if data is not None else None
    return wish if wish is not None and wish.id == path.stem and _utc(wish.not_after) else None


def _utc(at: datetime | None) -> bool:
    return at is None or at.utcoffset() == timedelta(0)


def write_wish(folder: Path, wish: Wish) -> None:
    """Put a wish down, whole. Raises `files.FileTrouble`."""
    files.replace(folder / f"{wish.id}.json", _encoded(wish))


def drop_wishes(folder: Path, ids: Iterable[str]) -> int:
    """Delete wishes and return how many were there; one that stays keeps its answer and so does nothing more."""
    dropped = 0
    for name in ids:
        with contextlib.suppress(OSError):
            (folder / f"{name}.json").unlink()
            dropped += 1
    return dropped


def write_status(path: Path, document: Mapping[str, object]) -> bool:
    """Publish the status, and return whether that changed the file. Raises `files.FileTrouble`."""
    return files.replace_if_changed(path, _encoded(document) + b"\n")


def asked_file(folder: Path, profile: str) -> Path:
    """Return the file whose time says when a profile was last asked for."""
    return folder / sha1(profile.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def touch_asked(folder: Path, profile: str, now: datetime) -> None:
    """Note that a profile was asked for, at most hourly. Raises `files.FileTrouble`."""
    path = asked_file(folder, profile)
    try:
        age = now.timestamp() - path.lstat().st_mtime
    except FileNotFoundError:
        files.private_folder(folder)
        age = -1.0
    except OSError as error:
        raise files.NotReadable(f"{path} cannot be read: {error.strerror}") from None
    if 0 <= age < TOUCH_EVERY.total_seconds():
        return
    files.replace(path, b"")  # anew, for a link that somebody put there is not to be followed
    with contextlib.suppress(FileNotFoundError):
        os.utime(path, (now.timestamp(), now.timestamp()))


def asked_since(folder: Path, profiles: Iterable[str], since: datetime) -> frozenset[str]:
    """Return those of `profiles` that were asked for after `since`."""
    try:
        with os.scandir(folder) as found:
            # One that is being written goes by another name, and is gone before its time can be read.
            times = {entry.name: _age(entry)[0] for entry in found if not entry.name.startswith(".")}
    except OSError:
        return frozenset()
    if not times:
        return frozenset()
    after = since.timestamp() * NANOSECONDS
    return frozenset(name for name in profiles if times.get(asked_file(folder, name).name, 0) > after)
