"""The flame's process, put together: one for each person, beside the daemon.

Law: it ends at once when it is told to, and says on stderr and in the log why nothing is shown. The command line's
library is not loaded here, nor anything that a process of days can do without.
"""

import logging
import os
import sys
import threading
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING

from keeplit.adapters import clock, config, files, logfile, tray_host
from keeplit.adapters import paths as places
from keeplit.adapters.paths import Paths
from keeplit.core import tray_help
from keeplit.core.deeds import Action, Do
from keeplit.core.labels import one_line
from keeplit.core.tray_entries import Choices
from keeplit.engine.living import prepare
from keeplit.ui import tray_icon, tray_library
from keeplit.ui.tray_flame import Flame

if TYPE_CHECKING:
    from keeplit.adapters.notify import Notifier

log = logging.getLogger(__name__)

HOST_EVERY = 1.0
HOST_WITHIN = 5.0  # a panel of a session that begins comes up meanwhile
GRACE = 1.5
PICTURES, LOCK = "tray", "tray.lock"
DONE, FAILED = 0, 1
# What a trouble's fix may run in a terminal.
RUNS = frozenset({"extend", "login", "logs", "models", "profiles", "repair", "resume", "status", "undo", "use"})


def main(environ: Mapping[str, str], *, lights: bool) -> int:
    """Show the flame and return the exit code; `lights`: it starts the daemon where none runs."""
    try:
        paths = places.find(environ)
        prepare(paths)
        logfile.open_log(paths.log, level=config.read(paths.config_file).log_level, rotate=False)
        held = files.try_lock(paths.state / LOCK)
    except (places.NoHome, files.FileTrouble) as trouble:
        return _complain(str(trouble))
    if held is None:
        return _complain("the flame is in your panel already; a second one is not shown")
    with held:
        mine = dict(environ)  # as the person's programs are to have it
        try:
            library = tray_library.loaded()
        except tray_library.NoTray as none:
            said = why_not(str(none), mine)
            log.warning("%s", said)
            return _complain(said)
        return show(paths, mine, library, lights=lights)


def _complain(sentence: str) -> int:
    """Say on stderr, if there is one, what went wrong and what to do; return the exit code."""
    if sys.stderr is not None:  # a program without a console has none
        print(f"keeplit: {sentence}", file=sys.stderr)
    return FAILED


def show(paths: Paths, environ: Mapping[str, str], library: ModuleType, *, lights: bool) -> int:
    """Show the flame until it is told to end."""

    def leave() -> None:
        flame.stop()
        icon.stop()
        last = threading.Timer(GRACE, _gone)  # a display or a bus that is gone may hold the loop for ever
        last.daemon = True
        last.start()

    choices = Choices(commands=RUNS)
    icon = tray_icon.TrayIcon(library, paths.state / PICTURES)
    flame = Flame(paths, environ, icon, leave, Speaker(environ).speak, choices)

    def ready() -> None:
        flame.start(lights=lights)
        threading.Thread(target=look_for_host, args=(environ,), name="keeplit-host", daemon=True).start()

    icon.run(flame.clicked, ready, leave)
    log.info("the flame ends")
    return DONE


def look_for_host(environ: Mapping[str, str], within: float = HOST_WITHIN) -> None:
    """Say once where nothing on this desktop shows icons; one that comes later shows this one by itself."""
    until = clock.monotonic() + within
    while tray_host.shows_icons(environ, tray_library.session_bus()) is False:
        if clock.monotonic() >= until:
            said = why_not("no_host", environ)
            log.warning("%s", said)
            _complain(said)
            return
        clock.sleep(HOST_EVERY)


def _gone() -> None:
    """End at once."""
    logging.shutdown()
    os._exit(DONE)


class Speaker:
    """Shows a notice of what a click came to, where somebody shows notices: a menu is closed by then."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Connect to nothing yet."""
        self._environ = environ
        self._notifier: Notifier | None = None

    def speak(self, title: str, text: str) -> None:
        """Show a notice; it is no loss where none can be shown, since the menu says the same."""
        from keeplit.adapters import notify

        if self._notifier is None:
            self._notifier = notify.find(_no_button, lambda: tray_host.shows_notices(self._environ))
        said = Action(Do.NOTIFY, "", "click", text)
        self._notifier.show(said, one_line(title), one_line(text), ())


def _no_button(action: Action, button: str) -> None:
    """Take a button that no notice of ours has."""
    log.info("%s has no button %s", action.reason, button)


def missing(environ: Mapping[str, str]) -> str:
    """Return why no icon would be shown here, and what to do, for whoever only asks; empty where one would be.

    Nothing is started or shown; PyGObject is loaded.
    """
    if not sys.platform.startswith("linux"):
        return ""
    try:
        tray_library.session(environ)
        tray_library.indicator()
    except tray_library.NoTray as none:
        return why_not(str(none), environ)
    return why_not("no_host", environ) if tray_host.shows_icons(environ) is False else ""


def why_not(code: str, environ: Mapping[str, str]) -> str:
    """Return why no icon is shown here, and what to do."""
    release = tray_help.os_release(tray_host.os_release())
    return tray_help.sentence(code, release, tray_host.desktop(environ))
