"""What the keys of config.toml may hold: each has a reader that returns its value, or raises `Wrong`.

Law: whatever TOML can hold is either understood or `Wrong`; no reader raises anything else.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import time, timedelta
from typing import Any

from keeplit.core.model import Extend, Mode

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
# Compiled when they are needed: few files hold such a value, and every look reads the file.
PART = r"(\d+(?:\.\d+)?)([smhd])"
HOURS = r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)"
NAME = r"[^=\0]+"
CLAUDE_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")  # what Claude Code's own schema takes
LONGEST = timedelta(days=3650)
METHODS = ("auto", "aws-cli", "device")
LEVELS = ("debug", "info", "warning", "error")
Reader = Callable[[object], Any]


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


def amount(value: object) -> float:
    """Return a number above zero."""
    found = number(value)
    if not 0 < found < float("inf"):
        raise Wrong("must be a number above 0")
    return found


def prices(value: object) -> object:
    """Return prices for models, as `keeplit.core.prices` reads them."""
    from keeplit.core.prices import WrongPrice, overrides  # late: only `keeplit usage` needs them

    try:
        overrides(value)
    except WrongPrice as wrong:
        raise Wrong(str(wrong)) from None
    return value


def number(value: object) -> float:
    """Return a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong("must be a number")
    try:
        return float(value)
    except OverflowError:
        raise Wrong("must be a number that is not so large") from None


def texts(value: object) -> tuple[str, ...]:
    """Return a list of strings."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Wrong("must be a list of strings")
    return tuple(value)


def variable(value: object) -> str:
    """Return what a variable of a process can hold."""
    spelled = text(value)
    if "\0" in spelled:
        raise Wrong("must not contain a NUL character")
    return spelled


def variables(value: object) -> Mapping[str, str]:
    """Return a table of strings."""
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise Wrong("must be a table of strings")
    odd = next((name for name in value if not CLAUDE_NAME.fullmatch(name)), None)
    if any("\0" in item for item in value.values()):
        raise Wrong("must not contain a NUL character")
    if odd is not None:
        raise Wrong(f"must hold names of capital letters, digits and underscores, and {odd} is none")
    return value


def duration(value: object) -> timedelta:
    """Return a length of time: "10m", "8h", "1h30m", "45s"."""
    spelled = text(value).strip().lower()
    parts = re.findall(PART, spelled)
    seconds = sum(float(amount) * UNITS[unit] for amount, unit in parts)
    if not parts or "".join(amount + unit for amount, unit in parts) != spelled or seconds > LONGEST.total_seconds():
        raise Wrong('must be a duration such as "45s", "10m", "8h" or "1h30m"')
    return timedelta(seconds=seconds)


def durations(value: object) -> tuple[timedelta, ...]:
    """Return a list of lengths of time."""
    return tuple(duration(item) for item in texts(value))


def hours(value: object) -> tuple[time, time] | None:
    """Return the start and end of quiet hours, None for none."""
    spelled = text(value)
    if not spelled:
        return None
    found = re.fullmatch(HOURS, spelled)
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


KEYS: dict[str, dict[str, Reader]] = {
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
    "usage": {
        **dict.fromkeys(("budget_month", "budget_day", "per_dollar"), amount),
        "currency": text,
        "prices": prices,
    },
    "log": {"level": one_of(*LEVELS)},
}
# What a person's shell has and a service lacks. An allow-list: AWS_ENDPOINT_URL would send tokens elsewhere,
# PYTHONPATH or LD_PRELOAD would run someone's code.
RECORDED = frozenset(
    {
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"),
        *("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"),
        *("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"),
        *("CLAUDE_CONFIG_DIR", "PATH", "BROWSER", "LANG", "LC_ALL"),
        *("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"),
    }
)
PRESET = dict.fromkeys(("name", "profile", "region", "model", "haiku"), text)


def not_recorded(value: object) -> str:
    """Refuse a variable: a file says neither where tokens go nor what a process loads; its own environment does."""
    del value
    raise Wrong("cannot stand here; only proxies, CA bundles, AWS files, PATH and the desktop's variables can")


def environment(names: Iterable[str]) -> dict[str, Reader]:
    """Return the readers of those names that a variable of a process can have."""
    return {name: variable if name in RECORDED else not_recorded for name in names if re.fullmatch(NAME, name)}
