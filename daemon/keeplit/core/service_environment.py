"""The environment of a service, which is poor: what of a person's shell is recorded for it, and what it makes of that.

Law: what a service was started with wins. Its PATH alone is added to: every service has one, which lacks the folders of
a person. A proxy's password is never written down.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from keeplit.core.config_values import RECORDED

# Another at each login: they are asked for when they are needed, never recorded.
DESKTOP = (
    *("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"),
    *("XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP"),
)
PATH = "PATH"
# Between a service and the system that started it; a program that it starts must not speak for it.
BETWEEN = frozenset({"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"})


def recorded(environ: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the variables of a shell that are recorded, without PATH, and the names of those that hold a password."""
    found = {name: environ[name] for name in sorted(RECORDED - {*DESKTOP, PATH}) if environ.get(name)}
    secret = tuple(name for name, value in found.items() if _has_password(value))
    return {name: value for name, value in found.items() if name not in secret}, secret


def _has_password(value: str) -> bool:
    try:
        parts = urlsplit(value if "://" in value else f"//{value}")
    except ValueError:
        return "@" in value
    return "@" in parts.netloc


def completed(
    noted: Mapping[str, str], desktop: Mapping[str, str], own: Mapping[str, str], separator: str
) -> dict[str, str]:
    """Return what a process works with: what is recorded, then the desktop's variables, then its own environment."""
    whole = {name: value for name, value in {**noted, **desktop, **own}.items() if name not in BETWEEN}
    folders = [folder for one in (own, noted) for folder in one.get(PATH, "").split(separator) if folder]
    return {**whole, PATH: separator.join(dict.fromkeys(folders))} if folders else whole
