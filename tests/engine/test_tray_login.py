"""The entry "Start at login": true on every system, and nobody who shows it waits for a system's tool."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from keeplit.adapters import clock, own_command
from keeplit.adapters import paths as places
from keeplit.adapters.autostart import NotStartable, Standing
from keeplit.adapters.paths import Paths
from keeplit.core.service_files import Part
from keeplit.engine import autostart
from keeplit.engine.autostart import Report
from keeplit.engine.tray_login import AtLogin, change, whole
from tests.desktop.bed import until

BOTH, NEITHER = (True, True), (False, False)


def report(*enabled: bool) -> Report:
    """Return what a Mac says of its parts."""
    parts = tuple(Standing(part, enabled=one) for part, one in zip(Part, enabled, strict=False))
    return Report(("launchd",), parts)


@pytest.fixture
def paths(own_home: Path) -> Paths:
    """Give the folders of a person."""
    return places.find(os.environ)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be on a system where no file says what starts at login."""
    monkeypatch.setattr(autostart, "marks", lambda *_: ())
    monkeypatch.setattr(own_command, "program", lambda _: "/opt/keeplit")


@pytest.mark.parametrize(
    ("enabled", "all_of_it"), [((True, True), True), ((True, False), False), ((False, True), False), ((), False)]
)
def test_all_parts_make_a_start(enabled: tuple[bool, ...], all_of_it: bool) -> None:  # noqa: FBT001
    """One alone is none: the daemon without the flame, the flame without the daemon."""
    assert whole(report(*enabled)) is all_of_it


def test_where_files_say_it_nobody_is_asked(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are read at each look."""
    answers = [False, True]
    monkeypatch.setattr(autostart, "marks", lambda *_: (paths.home / "entry",))
    monkeypatch.setattr(autostart, "starts_at_login", lambda *_: answers.pop(0))
    monkeypatch.setattr(autostart, "status", lambda *_: pytest.fail("a program was asked"))
    found = AtLogin(paths, os.environ, lambda: None)

    assert [found.now(), found.now()] == [False, True]
    assert not found.ends_at_once


@pytest.mark.usefixtures("elsewhere")
def test_elsewhere_the_answer_comes_by_itself(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known at first; a tool that takes its time holds up nobody, and is asked once at a time."""
    slow, knocks, asked = threading.Event(), threading.Event(), []

    def status(*_: object) -> Report:
        asked.append(threading.current_thread().name)
        slow.wait(10)
        return report(*BOTH)

    monkeypatch.setattr(autostart, "status", status)
    found = AtLogin(paths, os.environ, knocks.set)
    assert [found.now(), found.now()] == [None, None]
    slow.set()
    assert knocks.wait(10)

    assert found.now() is True
    assert found.ends_at_once
    assert asked == ["keeplit-login"]


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("why", ["changed", "old"])
def test_it_is_asked_again_when_it_may_be_another(paths: Paths, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a change here at once, after one elsewhere some minutes later; the same answer knocks nobody."""
    knocks: list[None] = []
    answers = [report(*BOTH), report(*BOTH), report(*NEITHER)]
    monkeypatch.setattr(autostart, "status", lambda *_: answers.pop(0))
    found = AtLogin(paths, os.environ, lambda: knocks.append(None))
    later = clock.now()
    for left in (2, 1, 0):
        found.now()
        until(lambda left=left: len(answers) == left and not found._lock.locked())  # type: ignore[misc]
        found.now()
        if why == "changed":
            found.forget()
        else:
            later += timedelta(minutes=11)
            monkeypatch.setattr(clock, "now", lambda later=later: later)

    assert len(knocks) == 2


@pytest.mark.usefixtures("elsewhere")
def test_a_tool_that_fails_leaves_what_was_known(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is in the log, and asked again later."""

    def status(*_: object) -> Report:
        raise OSError("on purpose")

    monkeypatch.setattr(autostart, "status", status)
    found = AtLogin(paths, os.environ, lambda: None)
    found.now()
    until(lambda: "on purpose" in caplog.text and not found._lock.locked())

    assert found.now() is None


def test_without_a_program_of_its_own_it_cannot_be_changed(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked either."""
    monkeypatch.setattr(autostart, "marks", lambda *_: ())
    monkeypatch.setattr(own_command, "program", lambda _: None)
    monkeypatch.setattr(autostart, "status", lambda *_: pytest.fail("a program was asked"))
    found = AtLogin(paths, os.environ, lambda: None)

    assert (found.now(), found.ends_at_once) == (None, False)
    with pytest.raises(NotStartable, match="keeplit autostart disable"):
        change(paths, os.environ, starts=False)


def test_where_files_say_it_what_runs_goes_on(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next login is another matter."""
    asked: list[bool] = []

    def at_next_login(paths: object, environ: object, *, starts: bool) -> None:
        asked.append(starts)

    monkeypatch.setattr(autostart, "marks", lambda *_: (paths.home / "entry",))
    monkeypatch.setattr(autostart, "at_next_login", at_next_login)

    assert change(paths, {}, starts=True) == "keeplit starts at your next login"
    assert change(paths, {}, starts=False).endswith("what runs goes on")
    assert asked == [True, False]


@pytest.mark.usefixtures("elsewhere")
def test_elsewhere_it_is_switched_on_by_the_same_function_as_the_command(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It prints nothing."""
    asked: list[object] = []
    monkeypatch.setattr(autostart, "enable", lambda *given: asked.append(given))

    assert change(paths, {"A": "b"}, starts=True) == "keeplit starts at your next login"
    assert asked == [(paths, {"A": "b"})]


@pytest.fixture
def ender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: None) -> Callable[[str], Path]:
    """Give what makes a stand-in for keeplit, and returns the file that says how it was called."""

    def make(does: str) -> Path:
        told = tmp_path / "told"
        program = tmp_path / "keeplit"
        program.write_text(f'#!/bin/sh\necho "$@" "$(ps -o sid= -p $$)" > "{told}"\n{does}\n')
        program.chmod(0o700)
        monkeypatch.setattr(own_command, "program", lambda _: str(program))
        return told

    return make


@pytest.mark.skipif(os.name == "nt", reason="a stand-in is a shell script")
def test_what_would_end_the_flame_is_done_outside_of_it(paths: Paths, ender: Callable[[str], Path]) -> None:
    """In a session of its own, so that all of it is done even if this process is ended first."""
    told = ender("")

    assert change(paths, dict(os.environ), starts=False).endswith("what was started so ended")
    called = told.read_text().split()
    assert called[:3] == ["autostart", "disable", "--json"]
    assert int(called[3]) != os.getsid(0)


@pytest.mark.skipif(os.name == "nt", reason="a stand-in is a shell script")
@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("echo 'keeplit: launchd did not let go' >&2; exit 1", "^launchd did not let go$"),
        ("exit 3", "type it in a terminal: keeplit autostart disable"),
    ],
)
def test_what_the_command_says_is_told(paths: Paths, ender: Callable[[str], Path], does: str, said: str) -> None:
    """In its own words, else what to type."""
    ender(does)

    with pytest.raises(NotStartable, match=said):
        change(paths, dict(os.environ), starts=False)


def test_a_command_that_is_gone_is_told(paths: Paths, elsewhere: None) -> None:
    """What to type is said."""
    with pytest.raises(NotStartable, match="keeplit autostart disable"):
        change(paths, dict(os.environ), starts=False)
