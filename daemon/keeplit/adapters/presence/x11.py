"""Input on an X display, by its screen saver extension. The one user of python-xlib.

Law: X's idle clock stands still while the machine sleeps, so an input that it calls recent may be from before; the time
of the last wake decides that, in `keeplit.core.permission`. Under Wayland X sees only the input of its own windows, so
there it is not asked.
"""

import logging
import os
import threading
from collections.abc import Mapping
from typing import Any

from keeplit.adapters import clock
from keeplit.adapters.presence.measured import NOTHING, Measured, Patient

log = logging.getLogger(__name__)

AGAIN_AFTER = 15.0
MILLISECONDS = 1000.0
_environment = threading.Lock()


class Display:
    """One X display, connected when it is first asked and again after it was gone."""

    name = "x11"

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Connect to nothing yet."""
        self._environ = dict(environ)
        self._patient = Patient("keeplit-x11")
        self._display: Any = None
        self._tried: float | None = None

    def measure(self) -> Measured:
        """Return how long nothing was typed or moved."""
        return self._patient.call(self._measure, NOTHING)

    def _measure(self) -> Measured:
        if self._display is None and not self._connected():
            return NOTHING
        try:
            info = self._display.screen().root.screensaver_query_info()
        except Exception as error:  # noqa: BLE001  # Xlib raises what the socket raises, and more than it documents
            log.info("the X display no longer answers: %s", type(error).__name__)
            self._display = None
            return NOTHING
        return Measured(idle=info.idle / MILLISECONDS)

    def _connected(self) -> bool:
        now = clock.monotonic()
        if self._tried is not None and now - self._tried < AGAIN_AFTER:
            return False
        self._tried = now
        try:
            from Xlib import display

            # Xlib finds its cookie by the process's environment alone; a service has none of its own.
            with _environment, _variable("XAUTHORITY", self._environ.get("XAUTHORITY")):
                found = display.Display(self._environ.get("DISPLAY"))
        except Exception as error:  # noqa: BLE001  # a display that is not there raises what its socket raises
            log.info("no X display at %s: %s", self._environ.get("DISPLAY"), type(error).__name__)
            return False
        if not found.has_extension("MIT-SCREEN-SAVER"):
            log.info("the X display %s has no screen saver extension", self._environ.get("DISPLAY"))
            found.close()
            return False
        self._display = found
        return True

    def stop(self) -> None:
        """Close the connection."""
        found, self._display = self._display, None
        if found is not None:
            self._patient.call(found.close, None)


class _variable:  # noqa: N801  # read as a verb of a with statement
    """Sets a variable of the process for a moment."""

    def __init__(self, name: str, value: str | None) -> None:
        self._name = name
        self._value = value
        self._before: str | None = None

    def __enter__(self) -> None:
        self._before = os.environ.get(self._name)
        if self._value is not None:
            os.environ[self._name] = self._value

    def __exit__(self, *ended: object) -> None:
        if self._value is None:
            return
        if self._before is None:
            os.environ.pop(self._name, None)
        else:
            os.environ[self._name] = self._before


def found(environ: Mapping[str, str]) -> Display | None:
    """Return the display that an environment names; None where it names none, or Wayland."""
    wayland = environ.get("WAYLAND_DISPLAY") or environ.get("XDG_SESSION_TYPE") == "wayland"
    return Display(environ) if environ.get("DISPLAY") and not wayland else None
