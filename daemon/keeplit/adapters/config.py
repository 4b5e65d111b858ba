"""config.toml: what a person wants kept, for ever. Read only.

Law: nothing here stops the keeper. A key that is unknown is warned about with its line; one that is wrong is refused
with its line, and the default stands for it; a file that is no TOML is refused whole, and the last good one stands.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keeplit.adapters import files
from keeplit.core.config_values import KEYS, PRESET, Reader, Wrong, environment
from keeplit.core.model import Extend, Mode, Policy, Problem
from keeplit.core.settings_keys import Claude, Preset
from keeplit.core.settings_model import Repair

if TYPE_CHECKING:
    from keeplit.core.toml_lines import Key

LINE_END = b"\n"
BOM = b"\xef\xbb\xbf"  # Windows editors begin a file with it
MOST_PROBLEMS = 50
KEEP = ("sessions", "keep")
FIX = "correct it; the default stands until then"


@dataclass(frozen=True, slots=True)
class Config:
    """config.toml, read: every key has its default."""

    policy: Policy = field(default_factory=Policy)
    keep: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()  # those that it names: of [claude] and of each [[preset]]
    claude: Claude = field(default_factory=Claude)
    presets: tuple[Preset, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    method: str = "auto"
    log_level: str = "info"
    usage: Mapping[str, Any] = field(default_factory=dict)  # the good keys of [usage]
    problems: tuple[Problem, ...] = ()
    named: "tuple[tuple[Key, str], ...]" = ()  # each name of a profile or session, by its key; none of a bad file
    spelled: str = ""  # the text of the file
    source: bytes | None = b""  # the file's bytes; None where they could not be read

    @property
    def claude_profile(self) -> str:
        """The profile of [claude]; empty: none."""
        return self.claude.profile

    @property
    def claude_region(self) -> str:
        """The region of [claude]; empty: none."""
        return self.claude.region

    @property
    def settings(self) -> str:
        """Which settings file is kept: ``user``, or a path."""
        return self.claude.settings


UNKNOWN = Config(claude=Claude(repair=Repair.OFF, sure=False))  # nobody knows what it says: nothing is written by it


def read(path: Path, kept: Config | None = None) -> Config:
    """Return config.toml; `kept` itself where the file has not changed. Raises nothing for bad content."""
    try:
        data = files.read(path) or b""
    except files.FileTrouble as trouble:
        problem = Problem("config_unreadable", f"{trouble}.", "make it readable", str(path))
        return replace(kept or UNKNOWN, problems=(problem,), named=(), source=None)
    if kept is not None and kept.source == data:
        return kept
    text = data.removeprefix(BOM)
    try:
        spelled = text.decode()
        document = tomllib.loads(spelled)
    except UnicodeDecodeError as error:
        return _refused(path, data, f"it is not UTF-8 (at line {text[: error.start].count(LINE_END) + 1})", kept)
    except (ValueError, RecursionError) as error:
        end = f"at line {data.rstrip().count(LINE_END) + 1}"
        return _refused(path, data, str(error).replace("at end of document", end), kept)
    return Sorting(path, spelled).config(document, data)


def _refused(path: Path, data: bytes, why: str, kept: Config | None) -> Config:
    fix = "correct it; until then what was last read without a fault stands, the defaults after a new start"
    problem = Problem("config_wrong", f"{path.name} is no TOML: {why}.", fix, str(path))
    return replace(kept or UNKNOWN, problems=(problem,), named=(), source=data)


def place_of(path: Path, spelled: str, key: "Key") -> tuple[str, str]:
    """Return where a key stands: in words for a sentence, and as ``path:line``."""
    from keeplit.core.toml_lines import line_of  # late: seldom is something wrong

    line = line_of(spelled, key)
    name = ".".join(part for part in key if isinstance(part, str))
    return f"{path.name}, {f'line {line}' if line else 'the file'}: {name}", f"{path}:{line}"


class Sorting:
    """Takes one document apart and notes what is wrong with it."""

    def __init__(self, path: Path, spelled: str) -> None:
        """Begin with nothing wrong."""
        self.path = path
        self.spelled = spelled
        self.problems: list[Problem] = []
        self.named: list[tuple[Key, str]] = []

    def config(self, document: Mapping[str, Any], data: bytes) -> Config:
        """Return the config of a document."""
        for name in document:
            if name not in {*KEYS, "environment", "preset"}:
                self.note("config_unknown", (name,), "is unknown")
        claude = self.claude(document)
        sign_in = self.table(document, "sign_in")
        notify, sessions, log = (self.table(document, name) for name in ("notify", "sessions", "log"))
        usage = self.table(document, "usage")
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
        profiles = tuple(dict.fromkeys(name for _, name in self.named))
        keep = sessions.get("keep", ())
        return Config(
            policy=policy,
            keep=keep,
            profiles=profiles,
            claude=claude,
            presets=presets,
            environment=self.environment(document.get("environment", {})),
            method=sign_in.get("method", "auto"),
            log_level=log.get("level", "info"),
            usage=usage,
            problems=tuple(self.problems),
            named=(*self.named, *((KEEP, name) for name in keep if name)),
            spelled=self.spelled,
            source=data,
        )

    def claude(self, document: Mapping[str, Any]) -> Claude:
        """Return the table [claude]; with a mistake in it nothing is repaired unless it says so."""
        before = len(self.problems)
        good = self.table(document, "claude")
        sure = len(self.problems) == before
        self.name(("claude", "profile"), good)
        repair = Repair(good.get("repair", Repair.AUTO if sure else Repair.OFF))
        return Claude(**{**good, "repair": repair, "sure": sure})

    def table(self, document: Mapping[str, Any], name: str) -> dict[str, Any]:
        """Return the good keys of a table."""
        return self.values(document.get(name, {}), (name,), KEYS[name])

    def values(self, found: object, table: "Key", known: Mapping[str, Reader]) -> dict[str, Any]:
        """Return the good values of one table, each read by its key's reader."""
        if not isinstance(found, dict):
            self.note("config_wrong", table, "must be a table")
            return {}
        good: dict[str, Any] = {}
        for key, value in found.items():
            if key not in known:
                self.note("config_unknown", (*table, key), "is unknown")
                continue
            try:
                good[key] = known[key](value)
            except Wrong as wrong:
                self.note("config_wrong", (*table, key), str(wrong))
        return good

    def presets(self, found: object) -> tuple[Preset, ...]:
        """Return the good values of each preset; one that nobody could name is none."""
        if not isinstance(found, list):
            self.note("config_wrong", ("preset",), "must be written [[preset]]")
            return ()
        good: list[Preset] = []
        for number, one in enumerate(found):
            values = self.values(one, ("preset", number), PRESET)
            if values.get("name"):
                good.append(Preset(**values))
                self.name(("preset", number, "profile"), values)
            elif not isinstance(one, dict) or not one.get("name"):
                self.note("config_wrong", ("preset", number), "needs a name")
        return tuple(good)

    def environment(self, found: object) -> Mapping[str, str]:
        """Return the recorded variables."""
        return self.values(found, ("environment",), environment(found if isinstance(found, dict) else ()))

    def name(self, key: "Key", good: Mapping[str, Any]) -> None:
        """Note the profile that a table names, where it does."""
        if good.get("profile"):
            self.named.append((key, good["profile"]))

    def note(self, code: str, key: "Key", why: str) -> None:
        """Note what is wrong, with the line where the key stands; a file that is all wrong needs no full list."""
        if len(self.problems) >= MOST_PROBLEMS:
            return
        at, where = place_of(self.path, self.spelled, key)
        fix = "remove it, or look for a typing error" if code == "config_unknown" else FIX
        self.problems.append(Problem(code, f"{at} {why}.", fix, where))
