"""Whether the flame can be shown on this desktop, and what to install where it cannot; one check of `keeplit doctor`.

Law: it looks, and starts nothing: no icon, no bus, no daemon.
"""

import sys
from collections.abc import Mapping

from keeplit.adapters import tray_host, tray_parts
from keeplit.core import tray_help
from keeplit.core.check import Check, State

CODE = "tray"


def look(environ: Mapping[str, str]) -> Check:
    """Return how it is; `environ` is that of the person's session. PyGObject is loaded for it on Linux."""
    code = missing(environ)
    if not code:
        return Check(CODE, State.OK, "The flame can be shown in this desktop's panel")
    if code == "no_display":  # a machine without a screen lacks nothing
        return Check(CODE, State.SKIPPED, f"{tray_help.why(code)}; keeplit works without it")
    fix = "; then ".join(step.removeprefix("then ") for step in _steps(code, environ))
    return Check(CODE, State.WARN, tray_help.why(code), fix)


def missing(environ: Mapping[str, str]) -> str:
    """Return the code of what keeps an icon from being shown; empty where nothing does, or that is not known."""
    if not sys.platform.startswith("linux"):
        return ""
    code = tray_parts.missing(environ, tray_host.session_bus(environ))
    return code or ("no_host" if tray_host.shows_icons(environ) is False else "")


def why_not(code: str, environ: Mapping[str, str]) -> str:
    """Return why no icon is shown here, every step that is needed, and what does without."""
    return tray_help.sentence(code, _release(), tray_host.desktop(environ))


def _steps(code: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    return tray_help.steps(code, _release(), tray_host.desktop(environ))


def _release() -> Mapping[str, str]:
    return tray_help.os_release(tray_host.os_release())
