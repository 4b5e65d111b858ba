"""The daemon's loop: wait for a knock or the wake time, make a turn, publish; until it is told to stop.

Law: watcher, scheduler and signals only knock. A wait is never longer than 60 s (5 s while a sign-in waits for a
person), so that a resume from suspend is seen; turns are at most five a second; an error in a turn is logged, shown as
a trouble by the next one, and never ends the loop.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from types import FrameType

from keeplit.adapters import clock, files, logfile, login, notebook, readiness
from keeplit.adapters.alarm import Alarm
from keeplit.adapters.paths import Paths
from keeplit.adapters.watch import Watch
from keeplit.core.model import Problem, Verb
from keeplit.engine import crashes
from keeplit.engine.living import prepare
from keeplit.engine.turn import NOTHING, Turned, turn
from keeplit.engine.upgrade import Upgrade
from keeplit.engine.watching import watched
from keeplit.engine.world import RealWorld

log = logging.getLogger(__name__)

SLICE = 60.0
PERSON_SLICE = 5.0
SHORTEST_TURN = 0.2
AFTER_ERROR = 5.0
GRACE = 1.5
LOCK_WAIT = 2.0
NO_BROWSER = (
    "no browser can be opened from here: neither BROWSER nor a graphical session is in the environment; "
    "name them in config.toml under [environment], or sign in with: keeplit login --no-browser"
)


class AlreadyRunning(Exception):  # noqa: N818  # it is an answer to a person, not a fault
    """Another daemon holds the lock."""


class Loop:
    """The daemon's loop over one world."""

    def __init__(self, world: RealWorld) -> None:
        """Start nothing yet."""
        self.world = world
        self.knocked = threading.Event()
        self.stopping = threading.Event()
        self.turns = 0
        self.taken: frozenset[str] = frozenset()
        self.upgrade = Upgrade(world.environ)
        world.desk.knock = self.knock

    def knock(self) -> None:
        """Ask for a turn soon; from any thread, and without data."""
        self.knocked.set()

    def stop(self) -> None:
        """Ask for the end."""
        self.stopping.set()
        self.knocked.set()

    def run(self) -> None:
        """Turn until told to stop."""
        watch = Watch(self.knock)
        alarm = Alarm(self.knock)
        try:
            while not self.stopping.is_set():
                started = clock.monotonic()
                self.knocked.clear()
                wait = self.once(watch, alarm)
                readiness.alive()
                rest = SHORTEST_TURN - (clock.monotonic() - started)
                if rest > 0:
                    self.stopping.wait(rest)
                self.knocked.wait(wait)
        finally:
            alarm.stop()
            watch.stop()
            self.world.desk.stop()

    def once(self, watch: Watch, alarm: Alarm) -> float:
        """Make one turn and return how many seconds to wait at most before the next."""
        self.turns += 1
        log.debug("turn %d", self.turns)
        try:
            turned = turn(self.world)
            if watch.names(watched(self.world)):
                self.knock()
        except Exception as error:
            log.exception("a turn failed; the next one is in %.0f s", AFTER_ERROR)
            said = f"The last turn failed ({type(error).__name__}); the next one was made {AFTER_ERROR:.0f} s later."
            self.world.fault = Problem("turn_failed", said, "keeplit logs")
            return AFTER_ERROR
        self.world.fault = None
        if self.turns == 1 and not login.can_open_browser(self.world.environment):
            log.warning("%s", NO_BROWSER)
        logfile.set_level(self.world.config.log_level if self.world.config is not None else "info")
        alarm.set(turned.plan.wake_at)
        if asked_to_end(turned, self.world.now()):
            log.info("told to end by a wish")
            self.stop()
        busy = bool(turned.performed) or turned.plan.watch_person
        if self.upgrade.ready(turned.plan, self.world.now(), busy=busy):
            self.stop()
        return self.wait_after(turned)

    def wait_after(self, turned: Turned) -> float:
        """Return the longest wait after a turn: none where it did something, since the facts have changed.

        Nor where it took as many new wishes as a turn takes: others wait behind them. The same ones again are wishes
        that cannot be deleted, and must not keep it turning.
        """
        taken, self.taken = self.taken, frozenset(wish.id for wish in turned.facts.wishes)
        if turned.performed or (len(self.taken) >= notebook.MOST_WISHES and not self.taken <= taken):
            return 0.0
        longest = PERSON_SLICE if turned.plan.watch_person else SLICE
        due = (turned.plan.wake_at - self.world.now()) / timedelta(seconds=1)
        return max(0.0, min(longest, due, readiness.longest_silence()))


def asked_to_end(turned: Turned, now: datetime) -> bool:
    """Whether a person wants the daemon to end; a wish whose file could not be deleted counts for its two minutes."""
    ends = (wish for wish in turned.facts.wishes if wish.verb is Verb.STOP)
    return any(wish.not_after is not None and now <= wish.not_after for wish in ends)


def keep(world: RealWorld, paths: Paths, on_start: Callable[[], None] = lambda: None) -> None:
    """Run the daemon in this process until SIGTERM or SIGINT. Raises `AlreadyRunning`, `upgrade.NotRestarted`."""
    prepare(paths)
    held = files.try_lock(paths.daemon_lock, wait=LOCK_WAIT)
    if held is None:
        raise AlreadyRunning
    with held:
        loop = Loop(world)
        listen(loop)
        log.info("keeplit starts, process %d", os.getpid())
        on_start()
        if crashes.began(paths, clock.now()):
            threading.Thread(target=crashes.tell, args=(paths, os.environ), name="keeplit-crashed", daemon=True).start()
        readiness.ready()
        loop.run()
        crashes.ended(paths, clock.now())
        log.info("keeplit ends")
    if loop.upgrade.found:
        loop.upgrade.restart()


def listen(loop: Loop) -> None:
    """End at SIGTERM and SIGINT, within 2 s even while a call is under way; look again at SIGHUP."""

    def out_of_time() -> None:
        crashes.ended(loop.world.paths, clock.now())
        leave()

    def end(number: int, frame: FrameType | None) -> None:
        del frame
        log.info("told to end by signal %d", number)
        loop.stop()
        readiness.stopping()
        last = threading.Timer(GRACE, out_of_time)
        last.daemon = True
        last.start()

    def again(number: int, frame: FrameType | None) -> None:
        del number, frame
        loop.knock()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, again)


def leave() -> None:
    """End at once: a call that is still under way is lost, the locks are the kernel's to free."""
    log.warning("ended while a call was under way")
    logging.shutdown()
    os._exit(0)


def once(world: RealWorld, paths: Paths) -> Turned:
    """Make a single turn as the daemon would, and publish what came of it. Raises `AlreadyRunning`."""
    prepare(paths)
    held = files.try_lock(paths.daemon_lock, wait=LOCK_WAIT)
    if held is None:
        raise AlreadyRunning
    with held:
        turned = turn(world)
        if turned.performed:
            turn(world, NOTHING)
        return turned
