"""The measure: every second of every pretend Claude, counted, in a thread that nothing else here holds up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

from keeplit.sandbox.claude import Claude, Second
from keeplit.sandbox.clockwork import Now, wall

EVERY = timedelta(seconds=1)


@dataclass(slots=True)
class Measure:
    """The seconds of each profile; a profile counts from the moment it is begun."""

    begin: Callable[[str], Claude]
    now: Now = wall
    _claudes: dict[str, Claude] = field(default_factory=dict)
    _seconds: dict[str, list[Second]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock, repr=False)
    _over: Event = field(default_factory=Event, repr=False)
    _thread: Thread | None = field(default=None, repr=False)

    def __enter__(self) -> Self:
        """Begin to count."""
        self._thread = Thread(target=self._run, name="measure", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop counting; no question to keeplit is left running."""
        self.stop()
        for claude in self._claudes.values():
            claude.close()

    def stop(self) -> None:
        """Count no further."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def start(self, profile: str) -> None:
        """Let Claude Code work on a profile from now on; once begun, it goes on."""
        with self._lock:
            if profile not in self._claudes:
                self._claudes[profile] = self.begin(profile)
                self._seconds[profile] = []

    def seconds(self) -> Mapping[str, tuple[Second, ...]]:
        """Return what was counted so far."""
        with self._lock:
            return {profile: tuple(counted) for profile, counted in self._seconds.items()}

    def _run(self) -> None:
        due = self.now()
        with ThreadPoolExecutor(max_workers=4, thread_name_prefix="claude") as desks:
            while not self._over.wait(max(0.0, (due - self.now()) / EVERY)):
                due = max(due + EVERY, self.now())
                with self._lock:
                    working = tuple(self._claudes.items())
                for profile, second in desks.map(self._worked, working):
                    if second is not None:
                        with self._lock:
                            self._seconds[profile].append(second)

    def _worked(self, one: tuple[str, Claude]) -> tuple[str, Second | None]:
        profile, claude = one
        try:
            return profile, claude.work()
        except Exception as error:  # noqa: BLE001 - whatever breaks the work makes it dark, and it is counted
            return profile, Second(self.now(), lit=False, why=type(error).__name__)
