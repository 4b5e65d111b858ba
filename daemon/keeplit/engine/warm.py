"""Role credentials straight from the AWS CLI's cache, with no configuration read: the index, and what keeps it true.

Law: what is served here is to the letter what `keeplit.engine.credentials` would print; whatever is odd is not served.
An entry of the index holds for one request in one environment, while every file that led to it is the same by its time,
size and inode. Imports os and json alone: this is the path that Claude Code waits for.
"""

import json
import os
import sys
from collections.abc import Iterable, Mapping

INDEX = "profiles.json"
SCHEMA = 1
MOST = 50
LIMIT = 1 << 20
ROLE_LIMIT = 1 << 16
ENOUGH_SECONDS = 15 * 60
ASKED_SECONDS = 3600
SETTLED_SECONDS = 2
"""A file that changed later than this before it was read may change again without its time telling."""
ENVIRONMENT = (
    "HOME",
    "USERPROFILE",
    "LOCALAPPDATA",
    "APPDATA",
    "WIN_PD_OVERRIDE_LOCAL_APPDATA",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "CLAUDE_CONFIG_DIR",
)
"""The variables that say which files are read and which profile is meant."""
LOCATIONS = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "CLAUDE_CONFIG_DIR")
DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
NAMES = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION")

Stamp = list[int] | None


def serve(environ: Mapping[str, str], profile: str | None, form: str, version: str, now: float) -> str | None:
    """Return what `keeplit credentials` prints, or None where only the slow path can say. Raises nothing."""
    try:
        aws = os.path.join(home(environ), ".aws")  # noqa: PTH118  # pathlib costs a fifth of the budget
        index = json.loads(_read(os.path.join(aws, "sso", "keeplit", INDEX), LIMIT, own=True))  # noqa: PTH118
        if index["schema"] != SCHEMA or index["version"] != version:
            return None
        entry = index["profiles"][request(profile, environ)]
        if any(stamp(path) != seen for path, seen in entry["files"].items()):
            return None
        if not 0 <= now - os.stat(entry["asked"]).st_mtime < ASKED_SECONDS:  # noqa: PTH116
            return None
        name = entry["role"]
        if not (name.endswith(".json") and name[:-5].isalnum()):
            return None
        cached = json.loads(_read(os.path.join(aws, "cli", "cache", name), ROLE_LIMIT))  # noqa: PTH118
        values = [cached["Credentials"][field] for field in NAMES]
        if not all(isinstance(value, str) and value for value in values):
            return None
        if epoch(values[3]) - now <= ENOUGH_SECONDS:
            return None
        return printed(form, *values)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def printed(form: str, access_key_id: str, secret_access_key: str, session_token: str, expiration: str) -> str:
    """Return role credentials as ``claude``, ``process`` or ``env`` wants them; `expiration` is RFC 3339 in UTC."""
    values = (access_key_id, secret_access_key, session_token, expiration)
    if form == "env":
        return "\n".join(f"export {name}={_quoted(value)}" for name, value in zip(VARIABLES, values, strict=True))
    fields = dict(zip(NAMES, values, strict=True))
    return json.dumps({"Version": 1, **fields} if form == "process" else {"Credentials": fields})


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "'\"'\"'") + "'"


def request(profile: str | None, environ: Mapping[str, str]) -> str:
    """Return the name of one request in one environment: it has no secret."""
    return json.dumps([profile, *(environ.get(name) for name in ENVIRONMENT)])


def repeatable(environ: Mapping[str, str]) -> bool:
    """Whether the environment leads to the same files from every working folder."""
    return all(os.path.isabs(environ.get(name) or "/") or environ[name][0] == "~" for name in LOCATIONS)  # noqa: PTH117


def home(environ: Mapping[str, str]) -> str:
    """Return the home folder that the environment names; raises `LookupError` where it names none."""
    found = environ["USERPROFILE" if os.name == "nt" else "HOME"]
    if not os.path.isabs(found):  # noqa: PTH117
        raise LookupError
    return found


def stamp(path: str) -> Stamp:
    """Return what tells one state of a file from another, None where there is none."""
    try:
        seen = os.stat(path)  # noqa: PTH116
    except (FileNotFoundError, NotADirectoryError):
        return None
    return [seen.st_mtime_ns, seen.st_size, seen.st_ino, seen.st_ctime_ns]


def stamps(paths: Iterable[str]) -> dict[str, Stamp]:
    """Return the stamps of several files."""
    return {path: stamp(path) for path in paths}


def settled(seen: Mapping[str, Stamp], now: float) -> bool:
    """Whether no file changed so lately that another change of it could bear the same stamp."""
    latest = (now - SETTLED_SECONDS) * 1e9
    return all(one is None or max(one[0], one[3]) < latest for one in seen.values())


def indexed(old: bytes | None, version: str, key: str, entry: Mapping[str, object]) -> bytes:
    """Return the index with one entry more, the last of `MOST`; one that cannot be read is begun anew."""
    profiles: dict[str, object] = {}
    try:
        before = json.loads(old or b"{}")
        if before["schema"] == SCHEMA and before["version"] == version:
            profiles = dict(before["profiles"])
    except (ValueError, LookupError, TypeError):
        profiles = {}
    profiles.pop(key, None)
    kept = dict(list(profiles.items())[-(MOST - 1) :])
    return json.dumps({"schema": SCHEMA, "version": version, "profiles": {**kept, key: entry}}).encode()


def epoch(text: str) -> int:
    """Return the Unix time of ``2026-03-02T12:00:00Z``; any other form raises `ValueError`."""
    shape = text[4] + text[7] + text[10] + text[13] + text[16] + text[19:] if len(text) == 20 else ""  # noqa: PLR2004
    parts = (text[:4], text[5:7], text[8:10], text[11:13], text[14:16], text[17:19])
    if shape != "--T::Z" or not all(part.isascii() and part.isdigit() for part in parts):
        raise ValueError
    year, month, day, hour, minute, second = map(int, parts)
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    longest = DAYS[month - 1] + (leap and month == 2) if 1 <= month <= 12 else 0  # noqa: PLR2004
    if not (1 <= day <= longest and hour < 24 and minute < 60 and second < 60):  # noqa: PLR2004
        raise ValueError
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400 + sum(DAYS[: month - 1])
    days += (leap and month > 2) + day - 719163  # noqa: PLR2004  # the days from year 1 to 1970
    return ((days * 24 + hour) * 60 + minute) * 60 + second


def _read(path: str, limit: int, *, own: bool = False) -> bytes:
    """Read a file whole; `own` must be ours alone and no link. Raises `OSError`, `ValueError` where it is not right."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, flags | (getattr(os, "O_NOFOLLOW", 0) if own else 0))
    try:
        if own and sys.platform != "win32":
            seen = os.fstat(handle)
            if seen.st_uid != os.getuid() or seen.st_mode & 0o077:
                raise ValueError
        data = os.read(handle, limit + 1)
    finally:
        os.close(handle)
    if len(data) > limit:
        raise ValueError
    return data
