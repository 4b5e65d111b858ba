from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keeplit.adapters import clock, files, notebook
from keeplit.adapters import paths as places
from keeplit.adapters.paths import Paths
from keeplit.core.deeds import Action, Do, Outcome, Plan, Result
from keeplit.core.memory import Memory
from keeplit.core.model import Facts, Verb, Wish
from keeplit.engine import run
from keeplit.engine.desk import RealDesk
from keeplit.engine.living import prepare
from keeplit.engine.turn import Turned
from keeplit.engine.world import RealWorld
from tests.engine.lit_laptop import Laptop, laptop

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def paths(own_home: Path) -> Paths:
    """Give the paths of an empty home."""
    return places.find({"HOME": str(own_home)})


@pytest.fixture
def lit(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop on a sandbox, its profile in use."""
    with laptop(own_home) as mine:
        mine.configure('[claude]\nprofile = "work"\n')
        yield mine


class Watch:
    """A watcher that watches nothing."""

    def __init__(self, *, anew: bool = False) -> None:
        self.anew = anew

    def names(self, wanted: Mapping[Path, object]) -> bool:
        return self.anew


class Alarm:
    """An alarm that never rings."""

    def __init__(self) -> None:
        self.at: datetime | None = None

    def set(self, at: datetime) -> None:
        self.at = at


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.wall, self.ran = NOON, 0.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.ran


def turned(wake_at: datetime, *, watch: bool = False, acted: bool = False) -> Turned:
    """Return what a turn came to."""
    action = Action(Do.REFRESH, "key", "due", "Renewing.")
    performed = ((action, Outcome(Result.DONE)),) if acted else ()
    return Turned(Facts(), Memory(), Plan((), wake_at, watch_person=watch), performed)


@pytest.mark.parametrize(
    ("ahead", "watch", "acted", "wait"),
    [
        (7, False, False, 7),
        (3600, False, False, 60),
        (3600, True, False, 5),
        (-5, False, False, 0),
        (9, False, True, 0),
    ],
)
def test_the_wait_is_never_longer_than_its_slice(
    lit: Laptop, monkeypatch: pytest.MonkeyPatch, ahead: int, *, watch: bool, acted: bool, wait: float
) -> None:
    """It waits for the wake time, 60 s at most, 5 s where a person is awaited, and not at all after an action."""
    loop = run.Loop(RealWorld(lit.paths, lit.environ))
    monkeypatch.setattr(loop.world, "now", lambda: NOON)
    assert loop.wait_after(turned(NOON + timedelta(seconds=ahead), watch=watch, acted=acted)) == wait


def test_more_wishes_than_a_turn_takes_are_not_waited_with(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full hand of new wishes is followed by a turn at once; one that stays, since none can be deleted, is not."""
    loop = run.Loop(RealWorld(lit.paths, lit.environ))
    monkeypatch.setattr(loop.world, "now", lambda: NOON)

    def wait_after(first: int, count: int) -> float:
        wishes = tuple(Wish(f"{number}", Verb.PAUSE) for number in range(first, first + count))
        return loop.wait_after(replace(turned(NOON + timedelta(hours=1)), facts=Facts(wishes=wishes)))

    most = notebook.MOST_WISHES
    assert [wait_after(0, most), wait_after(most, most), wait_after(most, most), wait_after(0, most - 1)] == [
        0,
        0,
        60,
        60,
    ]


def test_a_new_watch_asks_for_one_more_look(lit: Laptop) -> None:
    """What changed before a folder was watched has knocked nobody, so the loop looks once more."""
    loop = run.Loop(RealWorld(lit.paths, lit.environ, publishes=True))
    prepare(lit.paths)
    loop.once(Watch(), Alarm())  # type: ignore[arg-type]
    assert not loop.knocked.is_set()
    loop.once(Watch(anew=True), Alarm())  # type: ignore[arg-type]
    assert loop.knocked.is_set()


def test_an_error_in_a_turn_is_told_by_the_next_one(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn that fails is logged, tried again 5 s later, and shown as a trouble then; the one after is clean."""
    lit.sign_in()
    world = RealWorld(lit.paths, lit.environ, publishes=True)
    loop, alarm = run.Loop(world), Alarm()
    prepare(lit.paths)
    with monkeypatch.context() as broken:
        broken.setattr(world, "observe", lambda _: 1 // 0)
        assert loop.once(Watch(), alarm) == run.AFTER_ERROR  # type: ignore[arg-type]
    assert alarm.at is None
    loop.once(Watch(), alarm)  # type: ignore[arg-type]
    assert "turn_failed" in lit.paths.status.read_text()
    loop.once(Watch(), alarm)  # type: ignore[arg-type]
    assert "turn_failed" not in lit.paths.status.read_text()
    assert alarm.at is not None


def test_a_suspended_machine_is_renewed_in_the_first_slice(lit: Laptop) -> None:
    """Suspended past its token's margin, the next slice of the loop, 60 s later at most, renews, and knows the wake."""
    clocks = Clock()
    lit.sign_in(timedelta(hours=1))
    world = RealWorld(lit.paths, lit.environ, publishes=True)
    world.desk = RealDesk(lit.paths, acts=True, wake=clock.WakeWatch(run.SLICE, clocks.now, clocks.monotonic))
    begun = clock.now()
    asleep = [timedelta(0)]
    world.now = lambda: begun + asleep[0]  # type: ignore[method-assign]
    clocks.wall = begun
    loop, alarm = run.Loop(world), Alarm()
    prepare(lit.paths)
    wait = loop.once(Watch(), alarm)  # type: ignore[arg-type]
    assert 0 < wait <= run.SLICE
    before = lit.token["accessToken"]
    asleep[0] = timedelta(minutes=50)
    clocks.wall, clocks.ran = clocks.wall + asleep[0], clocks.ran + wait
    assert loop.once(Watch(), alarm) == 0.0  # type: ignore[arg-type]
    assert lit.token["accessToken"] != before
    assert world.desk.look(lit.environ).woke_at == clocks.wall


def test_knocks_from_threads_make_turns_and_stop_ends_the_loop(lit: Laptop) -> None:
    """A hundred knocks at once are a turn or two, and `stop` ends the loop at once."""
    lit.sign_in()
    prepare(lit.paths)
    loop = run.Loop(RealWorld(lit.paths, lit.environ, publishes=True))
    living = threading.Thread(target=loop.run)
    living.start()
    try:
        end = clock.monotonic() + 20
        while not lit.paths.status.exists() and clock.monotonic() < end:
            clock.sleep(0.02)
        clock.sleep(1.0)
        before = loop.turns
        for _ in range(100):
            loop.knock()
        end = clock.monotonic() + 20
        while loop.turns == before and clock.monotonic() < end:
            clock.sleep(0.02)
        assert 1 <= loop.turns - before <= 2
    finally:
        loop.stop()
        living.join(5)
    assert not living.is_alive()


def test_a_wish_to_end_ends_the_loop_and_leaves_no_wish(lit: Laptop) -> None:
    """Nobody has to know the daemon's process; the wish is gone, so that the next daemon stays."""
    lit.sign_in()
    prepare(lit.paths)
    loop = run.Loop(RealWorld(lit.paths, lit.environ, publishes=True))
    until = clock.now() + timedelta(minutes=2)
    notebook.write_wish(lit.paths.wishes, Wish("w1", Verb.STOP, not_after=until))
    loop.run()

    assert loop.stopping.is_set()
    assert notebook.read_wishes(lit.paths.wishes).wishes == ()


def test_a_wish_to_end_whose_time_is_over_ends_nothing(lit: Laptop) -> None:
    """Were its file still there, each new daemon would end at once."""
    lit.sign_in()
    prepare(lit.paths)
    loop, alarm = run.Loop(RealWorld(lit.paths, lit.environ, publishes=True)), Alarm()
    notebook.write_wish(lit.paths.wishes, Wish("w1", Verb.STOP, not_after=clock.now() - timedelta(seconds=1)))
    loop.once(Watch(), alarm)  # type: ignore[arg-type]

    assert not loop.stopping.is_set()


def test_one_daemon_holds_the_lock(lit: Laptop) -> None:
    """Where the lock is held, neither a daemon nor a single turn is made."""
    prepare(lit.paths)
    world = RealWorld(lit.paths, lit.environ, publishes=True)
    with files.lock(lit.paths.daemon_lock, timeout=1.0):
        for begin in (run.keep, run.once):
            with pytest.raises(run.AlreadyRunning):
                begin(world, lit.paths)
    assert not lit.paths.status.exists()


def test_a_single_turn_publishes_what_came_of_it(lit: Laptop) -> None:
    """`daemon --once` renews a due token and publishes the state after it."""
    lit.sign_in(timedelta(minutes=1))
    done = run.once(RealWorld(lit.paths, lit.environ, publishes=True), lit.paths)
    assert [action.do for action, _ in done.performed] == [Do.REFRESH]
    assert '"state":"fresh"' in lit.paths.status.read_text()
    assert lit.calls("CreateToken") == ["200"]


def test_signals_only_ask(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM and SIGINT ask the loop to end, with a last resort 1.5 s later; SIGHUP knocks."""
    timers: list[float] = []

    class Timer(threading.Timer):
        def start(self) -> None:
            timers.append(self.interval)

    monkeypatch.setattr(threading, "Timer", Timer)
    known = ("SIGTERM", "SIGINT", "SIGHUP")
    kept = {name: signal.getsignal(getattr(signal, name)) for name in known if hasattr(signal, name)}
    loop = run.Loop(RealWorld(lit.paths, lit.environ))
    try:
        run.listen(loop)
        if hasattr(signal, "SIGHUP"):
            signal.raise_signal(signal.SIGHUP)
            assert loop.knocked.is_set()
        assert not loop.stopping.is_set()
        signal.raise_signal(signal.SIGTERM)
        assert loop.stopping.is_set()
    finally:
        for name, handler in kept.items():
            signal.signal(getattr(signal, name), handler)
    assert timers == [run.GRACE]
    assert run.GRACE < 2


def test_leaving_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last resort ends the process with 0."""
    left: list[int] = []
    monkeypatch.setattr(os, "_exit", left.append)
    monkeypatch.setattr(logging, "shutdown", lambda: None)
    run.leave()
    assert left == [0]
