import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from watchdog.events import FileModifiedEvent, FileSystemEventHandler
from watchdog.observers.polling import PollingObserver

from keeplit.adapters import watch

PATIENCE = 10.0
QUIET = 0.4


class Knocks:
    """Counts knocks; a test waits for one, or sees that none comes."""

    def __init__(self) -> None:
        self.came = threading.Event()

    def __call__(self) -> None:
        self.came.set()

    def after(self, do: Callable[[], object]) -> bool:
        """Tell whether a knock follows a deed."""
        self.settle()
        do()
        return self.came.wait(PATIENCE)

    def none_after(self, do: Callable[[], object]) -> bool:
        """Tell whether a deed is followed by silence."""
        self.settle()
        do()
        return not self.came.wait(QUIET)

    def settle(self) -> None:
        """Wait until nothing comes any more."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            self.came.clear()
            if not self.came.wait(QUIET / 2):
                return


@pytest.fixture
def knocks() -> Knocks:
    """Give a counter of knocks."""
    return Knocks()


@pytest.fixture
def seen(knocks: Knocks) -> Iterator[watch.Watch]:
    """Give a watch that is stopped afterwards."""
    made = watch.Watch(knocks)
    yield made
    made.stop()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Give a folder to watch."""
    made = tmp_path / "sso" / "cache"
    made.mkdir(parents=True)
    return made


def test_a_wanted_file_knocks_however_it_changes(seen: watch.Watch, knocks: Knocks, cache: Path) -> None:
    """Created, written in place, replaced, moved away and deleted: each is seen."""
    token = cache / "token.json"
    seen.names({cache: frozenset({"token.json"})})
    assert knocks.after(token.touch)
    assert knocks.after(lambda: token.write_text("in place"))
    (cache / "new").write_text("whole")
    assert knocks.after(lambda: (cache / "new").replace(token))
    assert knocks.after(lambda: token.rename(cache / "away"))
    assert knocks.after(lambda: (cache / "away").rename(token))
    assert knocks.after(token.unlink)


def test_a_read_does_not_knock(seen: watch.Watch, knocks: Knocks, cache: Path) -> None:
    """A turn that reads must not cause the next turn."""
    token = cache / "token.json"
    token.write_text("text")
    seen.names({cache: frozenset({"token.json"})})
    assert knocks.none_after(token.read_text)
    assert knocks.none_after(lambda: list(cache.iterdir()))


def test_other_names_do_not_knock(seen: watch.Watch, knocks: Knocks, cache: Path) -> None:
    """Other tools' files come and go in the same folder all day."""
    seen.names({cache: frozenset({"token.json"})})

    def come_and_go() -> None:
        for number in range(20):
            place = cache / f"other-{number}.json"
            place.write_text("x")
            place.replace(cache / "other.json")
        (cache / "other.json").unlink()

    assert knocks.none_after(come_and_go)


def test_a_rule_can_stand_for_names(seen: watch.Watch, knocks: Knocks, cache: Path) -> None:
    """Wishes have names that nobody knows before."""
    seen.names({cache: lambda name: name.endswith(".json")})
    assert knocks.after((cache / "wish.json").touch)
    assert knocks.none_after((cache / "wish.txt").touch)


def test_a_folder_that_is_not_there_yet_is_waited_for(seen: watch.Watch, knocks: Knocks, tmp_path: Path) -> None:
    """On a new machine ~/.aws comes with the first sign-in, part by part."""
    folder = tmp_path / ".aws" / "sso" / "cache"
    wanted = {folder: frozenset({"token.json"})}
    seen.names(wanted)
    for part in (tmp_path / ".aws", tmp_path / ".aws" / "sso", folder):
        assert knocks.after(part.mkdir)
        seen.names(wanted)  # the next turn says again what it reads
    assert knocks.after((folder / "token.json").touch)


def test_a_folder_that_vanishes_and_comes_back_is_watched_again(seen: watch.Watch, knocks: Knocks, cache: Path) -> None:
    """`rm -r ~/.aws/sso` is what people do when nothing else helped."""
    wanted = {cache: frozenset({"token.json"})}
    seen.names(wanted)
    assert knocks.after(lambda: shutil.rmtree(cache))
    seen.names(wanted)
    assert knocks.after(cache.mkdir)
    seen.names(wanted)
    assert knocks.after((cache / "token.json").touch)


def test_a_folder_that_is_made_anew_before_anyone_looks_is_watched_again(
    seen: watch.Watch, knocks: Knocks, cache: Path
) -> None:
    """`rm -r` and a new sign-in take less time than a turn: the old watch would stay silent for ever."""
    wanted = {cache: frozenset({"token.json"})}
    seen.names(wanted)

    def anew() -> None:
        shutil.rmtree(cache)
        cache.mkdir()

    assert knocks.after(anew)
    knocks.settle()
    assert seen.names(wanted) is True
    assert knocks.after((cache / "token.json").touch)
    assert seen.names(wanted) is False


def test_a_folder_whose_parents_were_moved_away_is_watched_again(
    seen: watch.Watch, knocks: Knocks, cache: Path, tmp_path: Path
) -> None:
    """`mv ~/.aws ~/.aws.old`: the watch follows the old folder, and the new one has its name."""
    deep = cache / "deep"
    deep.mkdir()
    wanted = {deep: frozenset({"token.json"})}
    seen.names(wanted)
    (tmp_path / "sso").rename(tmp_path / "old")
    deep.mkdir(parents=True)
    assert seen.names(wanted) is True
    assert knocks.after((deep / "token.json").touch)
    assert knocks.none_after((tmp_path / "old" / "cache" / "deep" / "token.json").touch)


def test_nothing_new_to_watch_is_said(seen: watch.Watch, cache: Path) -> None:
    """Only a folder that is watched anew is a cause to look again: else every turn would cause the next."""
    wanted = {cache: frozenset({"token.json"}), cache / "not" / "there": frozenset({"x"})}
    assert seen.names(wanted) is True
    assert [seen.names(wanted) for _ in range(3)] == [False, False, False]


def test_links_that_go_round_are_no_error(seen: watch.Watch, knocks: Knocks, cache: Path) -> None:
    """A turn must not fail for somebody's odd link."""
    (cache / "settings.json").symlink_to("settings.json")
    seen.names({cache: frozenset({"settings.json"})})
    assert knocks.after((cache / "settings.json").unlink)


def test_a_folder_behind_a_link_is_watched(seen: watch.Watch, knocks: Knocks, cache: Path, tmp_path: Path) -> None:
    """~/.aws itself may be a link."""
    (tmp_path / "link").symlink_to(cache.parent)
    seen.names({tmp_path / "link" / "cache": frozenset({"token.json"})})
    assert knocks.after((cache / "token.json").touch)


def test_a_folder_that_is_closed_to_us_costs_no_other(
    seen: watch.Watch, knocks: Knocks, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said, and everything else is watched as before, without polling."""
    closed = tmp_path / "closed"
    closed.mkdir()
    schedule = seen._observer.schedule

    def refuse(handler: FileSystemEventHandler, path: str, **more: Any) -> object:
        if path == str(closed):
            raise PermissionError(13, "Permission denied")
        return schedule(handler, path, **more)

    monkeypatch.setattr(seen._observer, "schedule", refuse)
    seen.names({closed: frozenset({"x"}), cache: frozenset({"token.json"})})
    assert f"{closed} cannot be watched: Permission denied" in seen.problem
    assert not isinstance(seen._observer, PollingObserver)
    assert knocks.after((cache / "token.json").touch)


def test_the_folder_of_a_links_target_is_watched_too(
    seen: watch.Watch, knocks: Knocks, cache: Path, tmp_path: Path
) -> None:
    """Settings often live in a folder of dotfiles, with a link to them."""
    real = tmp_path / "dotfiles" / "settings.json"
    real.parent.mkdir()
    real.write_text("{}")
    (cache / "settings.json").symlink_to(real)
    seen.names({cache: frozenset({"settings.json"})})
    assert knocks.after(lambda: real.write_text("{ }"))


def test_what_is_no_longer_wanted_does_not_knock(seen: watch.Watch, knocks: Knocks, cache: Path) -> None:
    """The names are those that were given last."""
    seen.names({cache: frozenset({"token.json"})})
    seen.names({cache: frozenset({"other.json"})})
    assert knocks.none_after((cache / "token.json").touch)
    assert knocks.after((cache / "other.json").touch)


def test_where_the_system_watches_no_more_files_they_are_polled(knocks: Knocks, cache: Path) -> None:
    """Inotify has limits that other programs use up; then changes are found by looking, and that is said."""

    def none_left() -> PollingObserver:
        raise OSError(24, "inotify instance limit reached")

    seen = watch.Watch(knocks, observer=none_left)
    try:
        assert "inotify instance limit reached" in seen.problem
        seen.names({cache: frozenset({"token.json"})})
        assert knocks.after((cache / "token.json").touch)
    finally:
        seen.stop()


def test_a_watch_that_is_refused_later_is_polled_too(
    knocks: Knocks, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit of watches is met folder by folder."""
    seen = watch.Watch(knocks)
    try:

        def refuse(*args: object, **more: object) -> None:
            raise OSError(28, "inotify watch limit reached")

        monkeypatch.setattr(seen._observer, "schedule", refuse)
        seen.names({cache: frozenset({"token.json"})})
        assert "inotify watch limit reached" in seen.problem
        seen.names({cache: frozenset({"token.json"})})
        assert knocks.after((cache / "token.json").touch)
    finally:
        seen.stop()


def test_a_folder_in_bytes_is_understood(knocks: Knocks, cache: Path) -> None:
    """The observer may name paths in bytes."""
    one = watch.Filter(cache, watch.Wanted((frozenset({"token.json"}),)), knocks, lambda: None)
    one.dispatch(FileModifiedEvent(os.fsencode(cache / "token.json")))
    assert knocks.came.is_set()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a loud folder be looked at more often than a daemon at rest may."""
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.2)


def make_noise(folder: Path) -> None:
    """Let others write in a folder until it is too loud to be listened to."""
    for number in range(2 * watch.LOUD):
        (folder / f"other-{number % 7}.json").write_text(str(number))


def rests(seen: watch.Watch, folder: Path) -> bool:
    """Whether a folder is looked at, not listened to."""
    return folder in seen._watched and seen._watched[folder][0] is None


def until(look: Callable[[], bool]) -> bool:
    """Wait until something is so, and tell whether it came to be."""
    end = time.monotonic() + PATIENCE
    while not look() and time.monotonic() < end:
        time.sleep(0.01)
    return look()


def test_a_loud_folder_is_looked_at(seen: watch.Watch, knocks: Knocks, cache: Path) -> None:
    """Others' noise knocks nobody and soon wakes nobody; what is wanted still knocks, however it changes."""
    token = cache / "token.json"
    wanted = {cache: frozenset({"token.json"})}
    seen.names(wanted)
    assert knocks.none_after(lambda: make_noise(cache))
    assert until(lambda: rests(seen, cache))
    assert seen.names(wanted) is False
    assert knocks.after(token.touch)
    assert knocks.after(lambda: token.write_text("in place"))
    assert knocks.after(token.unlink)
    assert knocks.none_after(lambda: make_noise(cache))
    assert rests(seen, cache)


def test_a_loud_folder_is_listened_to_again(
    seen: watch.Watch, knocks: Knocks, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A while later; nothing that changed meanwhile is missed."""
    monkeypatch.setattr(watch, "REST_SECONDS", 0.0)
    seen.names({cache: lambda name: name.endswith(".wish")})
    make_noise(cache)
    assert until(lambda: rests(seen, cache))
    assert knocks.after((cache / "one.wish").touch)
    assert until(lambda: not rests(seen, cache))
    assert knocks.after((cache / "two.wish").touch)


def test_a_loud_folder_that_is_made_anew_is_watched(seen: watch.Watch, knocks: Knocks, cache: Path) -> None:
    """It is looked at by its name."""
    wanted = {cache: frozenset({"token.json"})}
    seen.names(wanted)
    make_noise(cache)
    assert until(lambda: rests(seen, cache))
    shutil.rmtree(cache)
    cache.mkdir()
    knocks.settle()
    seen.names(wanted)
    assert knocks.after((cache / "token.json").touch)
