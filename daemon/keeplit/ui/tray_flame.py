"""Keeps the flame true: reads what is published, shows what differs, and has clicks done, each in a thread of its own.

Law: the loop's thread waits for nothing here. Changes are shown at once and at most ten a second; an error is logged,
told in the menu, and ends nothing.
"""

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol

from keeplit.adapters import clock
from keeplit.adapters.paths import Paths
from keeplit.core.face import counts_seconds, face_of, share_left, tooltip, turn_of_things
from keeplit.core.tray_entries import Choices, Click, Entry
from keeplit.core.tray_menu import menu
from keeplit.core.tray_notices import heard, untold
from keeplit.core.view import NoticeStatus, Status
from keeplit.core.words import parse_time
from keeplit.engine import published
from keeplit.engine.living import is_running

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

    from keeplit.adapters.watch import Names, Watch
    from keeplit.engine.tray_choices import Chooser, Stamp

log = logging.getLogger(__name__)

LOOK_EVERY = 3.0  # whether a daemon lives: its lock knocks nobody
TICK = timedelta(seconds=30)  # "in 34 min" goes on by itself
SECOND = timedelta(seconds=1)
SHORTEST = 0.1
TOLD_FOR = timedelta(minutes=5)
TURNS_WITHIN = timedelta(seconds=3)  # what a click brings about is published by then
CHOICES_FOR = timedelta(minutes=10)
SIZE = 64
DAEMON_WITHIN = 3.0
# What is told by a notice too, under which title; the value is a name.
SPOKEN = {
    Click.PROFILE: "Profile {}",
    Click.PRESET: "Preset {}",
    Click.MODEL: "Model {}",
    Click.REGION: "Region {}",
    Click.ISOLATE: "Isolation",
    Click.REPAIR: "Claude Code's settings",
    Click.UNDO: "Undo",
}


class Shown(Protocol):
    """The icon."""

    def show(self, face: object, image: "Callable[[], Image.Image]", title: str, entries: tuple[Entry, ...]) -> None:
        """Show these from now on."""


class Flame:
    """The state of the icon, and what its menu does."""

    def __init__(
        self,
        paths: Paths,
        environ: Mapping[str, str],
        icon: Shown,
        leave: Callable[[], None],
        speak: Callable[[str, str], object],
        choices: Choices | None = None,
    ) -> None:
        """Show nothing yet. `leave` ends the tray; `speak` shows a notice."""
        self.paths = paths
        self.environ = dict(environ)
        self.icon = icon
        self.leave = leave
        self.speak = speak
        self.choices = choices or Choices()
        self.told = ""
        self.told_until = clock.now()
        self.knocked = threading.Event()
        self.stopping = threading.Event()
        self.clicks: queue.SimpleQueue[Entry | NoticeStatus | None] = queue.SimpleQueue()
        self._chooser: Chooser | None = None
        self._stamp: Stamp | None = None
        self._chosen_at = clock.now()
        self._seconds = self._lived = False
        self._heard: dict[str, str] = {}
        self._shown: tuple[object, str, tuple[Entry, ...]] | None = None
        self._turn: tuple[object, ...] = ()
        self._answered_at: datetime | None = None  # what is told is the answer to a click of then

    def start(self, *, lights: bool) -> None:
        """Begin the threads; `lights`: one that sees to it that a daemon runs."""
        for work in (self.run, self.work, *([self.light] if lights else [])):
            threading.Thread(target=work, name=f"keeplit-{work.__name__}", daemon=True).start()

    def knock(self) -> None:
        """Ask for a look; from any thread."""
        self.knocked.set()

    def stop(self) -> None:
        """End both threads."""
        self.stopping.set()
        self.knocked.set()
        self.clicks.put(None)

    def run(self) -> None:
        """Look until told to stop."""
        self.once(choosing=False)  # the icon first: what can be chosen takes a moment
        from keeplit.adapters.watch import Watch

        watch = Watch(self.knock)
        try:
            while not self.stopping.is_set():
                self.knocked.clear()
                self.once(watch)
                self.stopping.wait(SHORTEST)
                self._wait()
        finally:
            watch.stop()

    def _wait(self) -> None:
        """Wait for a knock, the next tick by the wall clock, or another answer to whether a daemon lives."""
        last = clock.now()
        every, tick = (SECOND.total_seconds(), SECOND) if self._seconds else (LOOK_EVERY, TICK)
        while not self.knocked.wait(every):
            if is_running(self.paths) != self._lived or not last <= clock.now() < last + tick:
                return

    def once(self, watch: "Watch | None" = None, *, choosing: bool = True) -> None:
        """Look once and show what differs; what goes wrong is told in the menu."""
        now = clock.now()
        self._lived = is_running(self.paths)  # before it is read what to show: who dies after that is seen to
        if choosing:
            try:
                self._choose(now)
            except Exception as error:
                log.exception("what can be chosen is not known")  # the state of the sign-in is another thing
                self._failed(error, now)
        try:
            if watch is not None and watch.names(self._watched()):
                self.knock()
            status = published.read(self.paths, now)
            self._hear(status, now)
            self._show(status, self.choices, now)
        except Exception as error:
            log.exception("the flame could not be brought up to date")
            self._failed(error, now)
            self._show(published.NOTHING, Choices(), now)

    def _failed(self, error: Exception, now: datetime) -> None:
        self.told = f"The flame is not up to date ({type(error).__name__}). See: keeplit logs"
        self.told_until = now + TOLD_FOR

    def _choose(self, now: datetime) -> None:
        """Read anew what can be chosen, where a file of it changed."""
        if self._chooser is None:
            from keeplit.engine.tray_choices import Chooser  # what it needs takes a while

            self._chooser = Chooser(self.paths, self.environ, self.choices, self._again)
        stamp = self._chooser.stamp()
        if stamp == self._stamp and timedelta(0) <= now - self._chosen_at < CHOICES_FOR:
            return
        self.choices = self._chooser.look()
        self._stamp, self._chosen_at = stamp, now

    def _again(self) -> None:
        """Have read anew what can be chosen; from any thread."""
        self._stamp = None
        self.knock()

    def _watched(self) -> "dict[Path, Names]":
        files = (self.paths.status, *(self._chooser.files() if self._chooser is not None else ()))
        return {folder: frozenset(f.name for f in files if f.parent == folder) for folder in {f.parent for f in files}}

    def _hear(self, status: Status, now: datetime) -> None:
        """Have told what the desktop did not show, once."""
        for one in untold(status, self._heard, now):
            self.clicks.put(one)
        self._heard = heard(status, self._heard, now)

    def _show(self, status: Status, choices: Choices, now: datetime) -> None:
        from keeplit.ui import icons

        self._seconds = counts_seconds(status, now)
        offset, turn = clock.utc_offset(now), turn_of_things(status)
        if turn != self._turn and self._answered_at is not None and now - self._answered_at > TURNS_WITHIN:
            self.told = ""
        self._turn = turn
        told = self.told if timedelta(0) < self.told_until - now <= TOLD_FOR else ""
        face, share, panel = face_of(status, now), icons.rounded(share_left(status, now)), icons.panel()
        shown = ((face, share, panel), tooltip(status, now, offset), menu(status, choices, now, offset, told))
        if shown != self._shown:
            self._shown = shown
            self.icon.show(shown[0], partial(icons.picture, face, share, SIZE, panel), *shown[1:])

    def clicked(self, entry: Entry) -> None:
        """Take a click; it is done elsewhere, one after the other."""
        if entry.click is Click.QUIT:
            self.leave()
        else:
            self.clicks.put(entry)

    def work(self) -> None:
        """Do what is clicked, and tell what was not told, until told to stop."""
        while (one := self.clicks.get()) is not None:
            try:
                self.do(one) if isinstance(one, Entry) else self._pass_on(one)
            except Exception as error:
                log.exception("a click, or a notice, came to nothing")  # the next one is done all the same
                self.tell(f"That failed ({type(error).__name__}). See: keeplit logs")

    def _pass_on(self, one: NoticeStatus) -> None:
        """Tell what the desktop was not told; of a sign-in's page the code too, which no status holds."""
        from keeplit.engine import untold as notices

        self.tell(notices.line(self.paths.own, one), parse_time(one["not_after"]))
        self.speak(one["title"], notices.text(self.paths.own, one))

    def do(self, entry: Entry) -> None:
        """Do what one entry says, and tell what came of it."""
        from keeplit.engine.tray_clicks import Clicks

        self.tell(f"{entry.label} …")
        told = Clicks(self.paths, self.environ).do(entry)
        log.info("click on %s: %s", entry.click, "failed" if told.failed else "done")
        if entry.click is Click.AT_LOGIN and self._chooser is not None:
            self._chooser.login.forget()
        self._stamp = None
        self.tell(told.sentence)
        if told.sentence and (told.failed or entry.click in SPOKEN):
            title = SPOKEN.get(entry.click, "").format(entry.value)
            self.speak("That did not work" if told.failed else title, told.sentence)
        if entry.click is Click.QUIT_ALL and not told.failed:
            self.leave()

    def tell(self, said: str, not_after: datetime | None = None) -> None:
        """Say something in the menu for a while."""
        until = clock.now() + TOLD_FOR
        self.told, self.told_until = said, min(until, not_after or until)
        self._answered_at = None if not_after is not None else clock.now()
        self.knock()

    def light(self, wait: float = DAEMON_WITHIN) -> None:
        """Start the daemon once, where none comes by itself: at login a service may be starting it."""
        until = clock.monotonic() + wait
        while not is_running(self.paths) and not self.stopping.wait(LOOK_EVERY / 10):
            if clock.monotonic() >= until:
                from keeplit.engine import daemon_start

                self.tell(daemon_start.begin(self.paths, self.environ))
                return
