"""The watcher: knocks when one of the exact names that a turn reads was created, modified, moved or deleted.

Law: an event is a knock and carries no data. A plain read is reported by the system too and must not knock, or a turn
that reads would knock itself. Folders are watched, never files, since a file that is replaced is a moved one; a folder
that is missing is waited for at its nearest parent that is there. Where others write all the time, a folder is looked
at every 4 s instead, for 5 min: each event wakes Python, and a hundred a second cost 4 % of a processor.
"""

import logging
import os
import stat
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.polling import PollingObserver

from keeplit.adapters import clock

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

log = logging.getLogger(__name__)

KINDS = frozenset({"created", "modified", "moved", "deleted"})
POLL_SECONDS = 2.0
LOUD = 20  # events of other names in a second
LOOK_SECONDS = 4.0  # a look costs 0.3 ms with cold caches, and a daemon at rest may use 12 ms a minute
REST_SECONDS = 300.0
# What the system is asked for: without this it wakes us for each opening and closing of any file in the folder.
EVENTS: list[type[FileSystemEvent]] = [
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
]
Names = frozenset[str] | Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of one real folder: names in it, and whether folders that appear in it matter."""

    names: tuple[Names, ...]

    def has(self, name: str) -> bool:
        """Whether `name` is one of them."""
        return any(names(name) if callable(names) else name in names for names in self.names)

    def state(self, folder: str) -> frozenset[tuple[str, int, int, int]]:
        """Return how the wanted names stand in a folder: who is there, and what changes when one is written."""
        found = set()
        for names in self.names:
            with suppress(OSError):
                for name in filter(names, os.listdir(folder)) if callable(names) else names:  # noqa: PTH208  # names only
                    with suppress(OSError, ValueError):
                        told = os.lstat(os.path.join(folder, name))  # noqa: PTH118  # twice as fast as Path
                        found.add((name, told.st_ino, told.st_mtime_ns, told.st_size))
        return frozenset(found)


class Filter(FileSystemEventHandler):
    """Passes on events of wanted names in one folder."""

    def __init__(self, folder: Path, wanted: Wanted, knock: Callable[[], None], loud: Callable[[], None]) -> None:
        """Watch nothing by itself; an observer calls it. `loud` is called where others write all the time."""
        self.is_gone = self.is_loud = False
        self.rests_until = 0.0
        self.identity = _identity(folder)
        self.folder = str(folder)
        self.wanted = wanted
        self.knock = knock
        self.seen = wanted.state(self.folder)
        self._loud = loud
        self._heard, self._since = 0, clock.monotonic()

    def look(self) -> None:
        """Knock where the wanted names are not as they were seen last."""
        now = self.wanted.state(self.folder)
        if now != self.seen:
            self.seen = now
            self.knock()

    def dispatch(self, event: FileSystemEvent) -> None:
        """Knock for an event that matters."""
        # A folder is "modified" by every file that comes and goes in it, ours or not.
        if event.event_type not in KINDS or (event.is_directory and event.event_type == "modified"):
            return
        for path in (event.src_path, event.dest_path):
            text = path.decode("utf-8", "replace") if isinstance(path, bytes) else path
            parent, _, name = text.replace("\\", "/").rpartition("/")
            if text == self.folder and event.event_type == "deleted":
                self.is_gone = True
            if text == self.folder or (parent == self.folder.replace("\\", "/") and self.wanted.has(name)):
                self.seen = self.wanted.state(self.folder)
                self.knock()
                return
        now = clock.monotonic()
        if now - self._since > 1:
            self._heard, self._since = 0, now
        self._heard += 1
        if self._heard == LOUD:
            self.is_loud = True
            self._loud()

    def serves(self, wanted: Wanted | None) -> bool:
        """Whether it still watches the folder of that name, for these names.

        A folder that was removed and made anew between two looks, or moved away with all that is above it, leaves a
        watch that stays silent for ever.
        """
        return self.wanted == wanted and not self.is_gone and self.identity == _identity(Path(self.folder))


class Watch:
    """Watches the folders and names that were given last."""

    def __init__(self, knock: Callable[[], None], *, observer: Callable[[], "BaseObserver"] = Observer) -> None:
        """Start the observer's thread, with nothing to watch."""
        self.problem = ""
        self._knock = knock
        self._lock = threading.Lock()
        self._watched: dict[Path, tuple[object, Filter]] = {}  # None for the watch: it is looked at
        self._loud, self._ended = threading.Event(), False
        self._observer = self._started(observer)
        threading.Thread(target=self._look, name="watch-loud", daemon=True).start()

    def _started(self, observer: Callable[[], "BaseObserver"]) -> "BaseObserver":
        try:
            made = observer()
            made.start()
        except OSError as error:  # inotify's limit of instances
            return self._polling(error)
        return made

    def _polling(self, error: OSError) -> "BaseObserver":
        self.problem = f"the system watches no more files for us ({error.strerror}); looking every {POLL_SECONDS:.0f} s"
        log.warning("%s", self.problem)
        made = PollingObserver(timeout=POLL_SECONDS)
        made.start()
        return made

    def names(self, wanted: Mapping[Path, Names]) -> bool:
        """Watch these names of these folders from now on, and no others; folders may be missing.

        Returns whether a folder is watched anew: what changed in it before that has knocked nobody, so look again.
        """
        places = placed(wanted)
        with self._lock:
            before = set(self._watched.values())
            for folder in [f for f, (_, had) in self._watched.items() if not had.serves(places.get(f))]:
                self._drop(folder)
            for folder, names in places.items():
                if folder not in self._watched:
                    self._add(folder, names)
            return not before.issuperset(self._watched.values())

    def _add(self, folder: Path, wanted: Wanted) -> None:
        handler = Filter(folder, wanted, self._knock, self._loud.set)
        try:
            self._watched[folder] = (self._observer.schedule(handler, str(folder), event_filter=EVENTS), handler)
        except FileNotFoundError:
            self._knock()  # it vanished between two looks: the next turn watches its parent
        except OSError as error:
            if isinstance(error, PermissionError) or isinstance(self._observer, PollingObserver):
                self.problem = f"{folder} cannot be watched: {error.strerror}"
                return
            self._observer.unschedule_all()
            self._observer.stop()
            self._watched.clear()
            self._observer = self._polling(error)
            self._knock()

    def _drop(self, folder: Path) -> None:
        watch, _ = self._watched.pop(folder, (None, None))
        if watch is None:
            return
        try:
            self._observer.unschedule(watch)  # type: ignore[arg-type]  # what schedule gave
        except (KeyError, OSError) as error:
            log.debug("%s was no longer watched: %s", folder, error)

    def _look(self) -> None:
        """Look at folders that are too loud to be listened to, and listen again a while later."""
        resting = False
        while not self._ended:
            self._loud.wait(LOOK_SECONDS if resting else None)
            self._loud.clear()
            with self._lock:
                now = clock.monotonic()
                for folder, (watch, had) in list(self._watched.items()):
                    if watch is not None and not had.is_loud:
                        continue
                    if had.is_loud:
                        self._drop(folder)
                        had.is_loud, had.rests_until = False, now + REST_SECONDS
                        self._watched[folder] = (None, had)
                    elif had.rests_until <= now:
                        self._drop(folder)
                        self._add(folder, had.wanted)
                    had.look()  # whatever was missed between two ways to watch
                resting = any(watch is None for watch, _ in self._watched.values())

    def stop(self) -> None:
        """End the threads."""
        self._ended = True
        self._loud.set()
        self._observer.stop()
        self._observer.join(1.0)


def _identity(folder: Path) -> tuple[int, int] | None:
    """Return what tells a folder from another of its name; None where there is none that we may look at."""
    try:
        found = folder.stat()
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISDIR(found.st_mode) else None


def placed(wanted: Mapping[Path, Names]) -> dict[Path, Wanted]:
    """Return the folders that are there and what to watch in each: of a missing one, its next part in its parent.

    A name that is a link is watched in its target's folder too.
    """
    found: dict[Path, list[Names]] = {}
    for folder, names in wanted.items():
        there, missing = folder, ""
        while not os.path.isdir(there) and there != there.parent:  # noqa: PTH112  # Path's own raises where it may not look
            there, missing = there.parent, there.name
        found.setdefault(there, []).append(frozenset({missing}) if missing else names)
        if not missing and there.parent != there:
            # A folder that is moved away or deleted is told by its parent, not by itself on every system.
            found.setdefault(there.parent, []).append(frozenset({there.name}))
        if missing or callable(names):
            continue
        for name in names:
            path = folder / name
            if os.path.islink(path):  # noqa: PTH114  # as above
                target = Path(os.path.realpath(path))  # Path.resolve raises for links that go round
                found.setdefault(target.parent, []).append(frozenset({target.name}))
    return {folder: Wanted(tuple(dict.fromkeys(names))) for folder, names in found.items() if _identity(folder)}
