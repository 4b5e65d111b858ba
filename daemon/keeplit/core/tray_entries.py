"""The nouns of the flame's menu: entries, what a click does, and what can be chosen.

Law: an entry holds what its click needs, so that a click on a menu that is no longer the latest does what it said.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Click(StrEnum):
    """What an entry does."""

    NOTHING = "nothing"
    SIGN_IN = "sign_in"
    EXTEND = "extend"
    RENEW = "renew"
    PROFILE = "profile"
    PRESET = "preset"
    MODEL = "model"
    REFRESH_MODELS = "refresh_models"
    REGION = "region"
    REPAIR = "repair"
    ACCEPT = "accept"
    UNDO = "undo"
    ISOLATE = "isolate"
    OPEN_SETTINGS = "open_settings"
    PAUSE = "pause"
    RESUME = "resume"
    RUN = "run"  # a command of ours, in a terminal
    OPEN_LOG = "open_log"
    AT_LOGIN = "at_login"
    START = "start"
    QUIT = "quit"
    QUIT_ALL = "quit_all"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: what it says, what a click does and with what; an entry with children opens them."""

    label: str
    click: Click = Click.NOTHING
    value: str = ""
    checked: bool | None = None  # None: nothing to check
    radio: bool = False
    children: tuple["Entry", ...] = ()

    @property
    def enabled(self) -> bool:
        """Whether it can be clicked or opened."""
        return bool(self.children) or self.click is not Click.NOTHING


LINE = Entry("-")
Shape = tuple[object, ...]


def shape(entries: tuple[Entry, ...]) -> Shape:
    """Return all of a menu but its words: two of one shape differ in their labels alone."""
    return tuple((e == LINE, e.click, e.value, e.checked, e.radio, shape(e.children)) for e in entries)


@dataclass(frozen=True, slots=True)
class ProfileChoice:
    """A profile that can be switched to."""

    name: str
    session: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that can be pinned, as the region's own list has it."""

    id: str
    name: str
    family: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen besides what the status says."""

    profiles: tuple[ProfileChoice, ...] = ()
    presets: tuple[str, ...] = ()
    preset: str = ""  # the one that is in use as a whole, if any
    models: tuple[ModelChoice, ...] = ()
    models_at: datetime | None = None  # when AWS was asked for them
    regions: tuple[str, ...] = ()
    isolated: bool = False
    at_login: bool | None = None  # whether all starts at login; None: that cannot be changed here
    login_ends_at_once: bool = False  # whether what is not started at login any more ends now
    can_undo: str = ""  # what the last change that a person made was; empty: none
    undoes: str = ""  # its mark in the journal
    commands: frozenset[str] = frozenset()  # of the command line: what a terminal can be opened with
