"""The flame's process, put together: one for each person, beside the daemon.

Law: it ends at once when it is told to, and says on stderr and in the log why nothing is shown. The command line's
library is not loaded here, nor anything that a process of days can do without.
"""

import logging
import os
import sys
import threading
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING

from keeplit.adapters import clock, config, files, logfile, tray_host
from keeplit.adapters import paths as places
from keeplit.adapters.paths import Paths
from keeplit.adapters.tray_parts import NoTray
from keeplit.core.deeds import Action, Do, Result
from keeplit.core.exit_codes import DONE, FAILED
from keeplit.core.labels import one_line
from keeplit.core.tray_entries import Choices
from keeplit.engine import tray_check
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
# What a trouble's fix may run in a terminal.
RUNS = frozenset(
    {"doctor", "extend", "login", "logs", "models", "profiles", "repair", "resume", "status", "undo", "use"},
)


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
        _complain("the flame is in your panel already; a second one is not shown")
        return DONE  # whoever keeps it running would start it again and again
    with held:
        mine = dict(environ)  # as the person's programs are to have it
        try:
            library = tray_library.loaded()
        except NoTray as none:
            said = tray_check.why_not(str(none), mine)
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
    flame = Flame(paths, environ, icon, leave, Speaker(icon.notify).speak, choices)

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
            said = tray_check.why_not("no_host", environ)
            log.warning("%s", said)
            _complain(said)
            return
        clock.sleep(HOST_EVERY)


def _gone() -> None:
    """End at once."""
    logging.shutdown()
    os._exit(DONE)


class Speaker:
    """Shows notices: by the desktop's service, else by the panel itself where it can."""

    def __init__(self, panel: Callable[[str, str], object]) -> None:
        """Connect to nothing yet; `panel` shows one without a service."""
        self._panel = panel
        self._notifier: Notifier | None = None

    def speak(self, title: str, text: str) -> None:
        """Show a notice; it is no loss where none can be shown, since the menu says the same. It may take seconds."""
        title, text = one_line(title), one_line(text)
        bus = tray_library.session_bus()
        if not (bus.show(title, text) if bus is not None else self._by_library(title, text)):
            self._panel(title, text)

    def _by_library(self, title: str, text: str) -> bool:
        from keeplit.adapters import notify

        if self._notifier is None:
            self._notifier = notify.find(_no_button)
        shown = self._notifier.show(Action(Do.NOTIFY, "", "click", text), title, text, ())
        return shown.result is Result.DONE


def _no_button(action: Action, button: str) -> None:
    """Take a button that no notice of ours has."""
    log.info("%s has no button %s", action.reason, button)
