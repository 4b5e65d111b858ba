"""config.toml: what a person wants kept, for ever. Read only.

Law: nothing here stops the keeper. A key that is unknown is warned about with its line; one that is wrong is refused
with its line, and the default stands for it; a file that is no TOML is refused whole, and the last good one stands.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from keeplit.adapters import files
from keeplit.core.model import Extend, Mode, Policy, Problem

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
PART = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
LONGEST = timedelta(days=3650)
METHODS = ("auto", "aws-cli", "device")
LEVELS = ("debug", "info", "warning", "error")
FIX = "correct it; the default stands until then"


@dataclass(frozen=True, slots=True)
class Config:
    """config.toml, read: every key has its default."""

    policy: Policy = field(default_factory=Policy)
    keep: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()  # those that it names: of [claude] and of each [[preset]]
    claude_profile: str = ""
    claude_region: str = ""
    claude_model: str = ""
    settings: str = "user"
    environment: Mapping[str, str] = field(default_factory=dict)
    method: str = "auto"
    log_level: str = "info"
    problems: tuple[Problem, ...] = ()
    source: bytes = b""


class Wrong(Exception):  # noqa: N818  # it becomes a Problem
    """A value that its key cannot have; the text says what it must be."""


def text(value: object) -> str:
    """Return a string."""
    if not isinstance(value, str):
        raise Wrong("must be a string")
    return value


def flag(value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise Wrong("must be true or false")
    return value


def number(value: object) -> float:
    """Return a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong("must be a number")
    return float(value)


def texts(value: object) -> tuple[str, ...]:
    """Return a list of strings."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Wrong("must be a list of strings")
    return tuple(value)


def variables(value: object) -> Mapping[str, str]:
    """Return a table of strings."""
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise Wrong("must be a table of strings")
    return value


def duration(value: object) -> timedelta:
    """Return a length of time: "10m", "8h", "1h30m", "45s"."""
    spelled = text(value).strip().lower()
    parts = PART.findall(spelled)
    length = timedelta(seconds=sum(float(amount) * UNITS[unit] for amount, unit in parts)) if parts else LONGEST * 2
    if "".join(amount + unit for amount, unit in parts) != spelled or length > LONGEST:
        raise Wrong('must be a duration such as "45s", "10m", "8h" or "1h30m"')
    return length


def durations(value: object) -> tuple[timedelta, ...]:
    """Return a list of lengths of time."""
    return tuple(duration(item) for item in texts(value))


def hours(value: object) -> tuple[time, time] | None:
    """Return the start and end of quiet hours, None for none."""
    spelled = text(value)
    if not spelled:
        return None
    found = re.fullmatch(r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)", spelled)
    try:
        start, end = (time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))) if found else (None, None)
    except ValueError:
        start = end = None
    if start is None or end is None:
        raise Wrong('must be like "22:00-07:00"')
    return start, end


def one_of(*names: str) -> Callable[[object], str]:
    """Return a reader for one of these words."""

    def read_word(value: object) -> str:
        if value not in names:
            raise Wrong(f"must be one of {', '.join(names)}")
        return str(value)

    return read_word


KEYS: dict[str, dict[str, Callable[[object], Any]]] = {
    "claude": {
        **dict.fromkeys(("profile", "region", "model", "haiku", "settings"), text),
        "isolate": flag,
        "repair": one_of("auto", "ask", "off"),
        "env": variables,
    },
    "sessions": {"keep": texts},
    "sign_in": {
        "mode": one_of(*Mode),
        "presence": one_of("detect", "always"),
        "quiet_hours": hours,
        "lead": duration,
        "extend": one_of(*Extend),
        "method": one_of(*METHODS),
    },
    "notify": {"enabled": flag, "warn_before": durations},
    "usage": {"budget_month": number, "currency": text, "prices": lambda value: value},
    "log": {"level": one_of(*LEVELS)},
}
PRESET = dict.fromkeys(("name", "profile", "region", "model", "haiku"), text)


def read(path: Path, kept: Config | None = None) -> Config:
    """Return config.toml; `kept` itself where the file has not changed. Raises nothing for bad content."""
    try:
        data = files.read(path) or b""
    except files.FileTrouble as trouble:
        return replace(
            kept or Config(), problems=(Problem("config_unreadable", str(trouble), "make it readable", str(path)),)
        )
    if kept is not None and kept.source == data:
        return kept
    try:
        spelled = data.decode("utf-8")
        document = tomllib.loads(spelled)
    except (ValueError, RecursionError) as error:
        problem = Problem(
            "config_wrong", f"{path.name} is no TOML: {error}.", "correct it; until then the last good one stands"
        )
        return replace(kept or Config(), problems=(problem,), source=data)
    return Reader(path, spelled).config(document, data)


class Reader:
    """Takes one document apart and notes what is wrong with it."""

    def __init__(self, path: Path, spelled: str) -> None:
        """Begin with nothing wrong."""
        self.path = path
        self.lines = spelled.splitlines()
        self.problems: list[Problem] = []

    def config(self, document: Mapping[str, Any], data: bytes) -> Config:
        """Return the config of a document."""
        for name in document:
            if name not in {*KEYS, "environment", "preset"}:
                self.note("config_unknown", name, "", "is unknown")
        claude, sign_in = self.table(document, "claude"), self.table(document, "sign_in")
        notify, sessions, log = (self.table(document, name) for name in ("notify", "sessions", "log"))
        self.table(document, "usage")
        usual = Policy()
        policy = Policy(
            mode=Mode(sign_in.get("mode", usual.mode)),
            always_present=sign_in.get("presence") == "always",
            quiet=sign_in.get("quiet_hours"),
            lead=sign_in.get("lead", usual.lead),
            extend=Extend(sign_in.get("extend", usual.extend)),
            notify=notify.get("enabled", usual.notify),
            warn_before=notify.get("warn_before", usual.warn_before),
        )
        presets = self.presets(document.get("preset", []))
        named = (claude.get("profile", ""), *(preset.get("profile", "") for preset in presets))
        return Config(
            policy=policy,
            keep=sessions.get("keep", ()),
            profiles=tuple(dict.fromkeys(name for name in named if name)),
            claude_profile=claude.get("profile", ""),
            claude_region=claude.get("region", ""),
            claude_model=claude.get("model", ""),
            settings=claude.get("settings", "user"),
            environment=self.environment(document.get("environment", {})),
            method=sign_in.get("method", "auto"),
            log_level=log.get("level", "info"),
            problems=tuple(self.problems),
            source=data,
        )

    def table(self, document: Mapping[str, Any], name: str) -> dict[str, Any]:
        """Return the good keys of a table."""
        return self.values(document.get(name, {}), name, KEYS[name])

    def values(self, found: object, name: str, known: Mapping[str, Callable[[object], Any]]) -> dict[str, Any]:
        """Return the good values of one table, each read by its key's reader."""
        if not isinstance(found, dict):
            self.note("config_wrong", name, "", "must be a table")
            return {}
        good: dict[str, Any] = {}
        for key, value in found.items():
            if key not in known:
                self.note("config_unknown", key, name, "is unknown")
                continue
            try:
                good[key] = known[key](value)
            except Wrong as wrong:
                self.note("config_wrong", key, name, str(wrong))
        return good

    def presets(self, found: object) -> list[dict[str, Any]]:
        """Return the good values of each preset."""
        if not isinstance(found, list):
            self.note("config_wrong", "preset", "", "must be written [[preset]]")
            return []
        return [self.values(one, "preset", PRESET) for one in found]

    def environment(self, found: object) -> Mapping[str, str]:
        """Return the recorded variables."""
        try:
            return variables(found)
        except Wrong as wrong:
            self.note("config_wrong", "environment", "", str(wrong))
            return {}

    def note(self, code: str, key: str, table: str, why: str) -> None:
        """Note what is wrong, with the line where the key stands."""
        inside, line = not table, 0
        for at, written in enumerate(self.lines, 1):
            head = written.strip()
            if head.startswith("["):
                inside = head.strip("[] ").split(".")[0] == table if table else head.strip("[] ") == key
                line = line or (at if inside and not table else 0)
            elif inside and re.match(rf"""["']?{re.escape(key)}["']?\s*=""", head):
                line = at
        name = f"{table}.{key}" if table else key
        at_line = f"line {line}" if line else "the file"
        fix = "remove it, or look for a typing error" if code == "config_unknown" else FIX
        self.problems.append(Problem(code, f"{self.path.name}, {at_line}: {name} {why}.", fix, f"{self.path}:{line}"))
