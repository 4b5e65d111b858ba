from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from keeplit.adapters import notify
from keeplit.adapters import paths as places
from keeplit.adapters.paths import Paths
from keeplit.core.deeds import Outcome, Result
from keeplit.engine import crashes
from keeplit.engine.crashes import End, Runs
from keeplit.engine.living import prepare

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def paths(own_home: Path) -> Paths:
    """Give a home with our state folder."""
    found = places.find(os.environ)
    prepare(found)
    return found


def test_a_run_that_ends_well_is_no_crash(paths: Paths) -> None:
    """What began and was asked to end leaves no crash, however often."""
    for count in range(5):
        assert not crashes.began(paths, NOON + count * MINUTE)
        assert crashes.read(paths).began_at == NOON + count * MINUTE
        crashes.ended(paths, NOON + count * MINUTE)
    assert crashes.read(paths) == Runs(None, End(NOON + 4 * MINUTE, "as it was asked to"))


def test_a_run_without_an_end_has_crashed(paths: Paths) -> None:
    """Whoever begins after a run that nobody said to have ended notes a crash; the third is told, and only that one."""
    told = [crashes.began(paths, NOON + count * MINUTE) for count in range(5)]
    assert told == [False, False, False, True, False]
    runs = crashes.read(paths)
    assert [crash.at for crash in runs.crashes] == [NOON + count * MINUTE for count in range(1, 5)]
    assert runs.last == End(NOON + 4 * MINUTE, "without a word")


def test_the_last_end_is_that_of_the_last_run(paths: Paths) -> None:
    """One that nobody said to have ended, and that runs no more, hides behind no earlier end that was well."""
    assert crashes.read(paths).last_end(runs=False) == ""
    crashes.began(paths, NOON)
    crashes.ended(paths, NOON + MINUTE)
    assert crashes.read(paths).last_end(runs=False) == "as it was asked to"
    crashes.began(paths, NOON + 2 * MINUTE)
    assert crashes.read(paths).last_end(runs=True) == "as it was asked to"
    assert crashes.read(paths).last_end(runs=False) == "without a word"


def test_crashes_far_apart_are_not_told(paths: Paths) -> None:
    """Only those of the last ten minutes count, and none that a clock which was set back puts into the future."""
    assert not any(crashes.began(paths, NOON + count * 6 * MINUTE) for count in range(6))
    assert not crashes.began(paths, NOON - timedelta(days=1))
    assert len(crashes.read(paths).crashes) == 6


@pytest.mark.parametrize(
    ("said", "how"),
    [
        (("signal", "killed", "KILL"), "signal KILL"),
        (("exit-code", "exited", "1"), "exit 1"),
        (("core-dump", "dumped", "SEGV"), "signal SEGV"),
        (("watchdog", "killed", "ABRT"), "it was stuck, and ended by the watchdog: signal ABRT"),
        (("timeout", "", ""), "timeout"),
    ],
)
def test_systemd_says_how_it_ended(paths: Paths, said: tuple[str, str, str], how: str) -> None:
    """What systemd knows is noted, and counts once: the next run finds the last one ended."""
    environ = dict(zip(("SERVICE_RESULT", "EXIT_CODE", "EXIT_STATUS"), said, strict=True))
    told = []
    for count in range(4):
        assert not crashes.began(paths, NOON + count * MINUTE)
        told.append(crashes.stopped(paths, environ, NOON + count * MINUTE))
    assert told == [False, False, True, False]
    assert crashes.read(paths).last == End(NOON + 3 * MINUTE, how)
    assert len(crashes.read(paths).crashes) == 4


@pytest.mark.parametrize("environ", [{}, {"SERVICE_RESULT": "success", "EXIT_CODE": "killed", "EXIT_STATUS": "TERM"}])
def test_an_end_that_was_asked_for_is_no_crash(paths: Paths, environ: dict[str, str]) -> None:
    """Where systemd says that all is well, it is."""
    crashes.began(paths, NOON)
    assert not crashes.stopped(paths, environ, NOON)
    assert (crashes.read(paths).crashes, crashes.read(paths).began_at) == ((), None)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"crashes": 7}', b'{"began_at": "soon"}', b'{"last": {"at": 1}}', b"\xff"]
)
def test_notes_that_are_spoiled_are_forgotten(paths: Paths, data: bytes) -> None:
    """Whatever lies there, the daemon begins, and notes are kept again."""
    note = paths.state / crashes.NAME
    note.write_bytes(data)
    assert crashes.read(paths) == Runs()
    assert not crashes.began(paths, NOON)
    assert crashes.read(paths) == Runs(NOON)


def test_a_time_without_a_zone_is_utc(paths: Paths) -> None:
    """A note that somebody edited stops nothing."""
    (paths.state / crashes.NAME).write_text('{"began_at": "2026-11-21T12:00:00"}')
    assert crashes.read(paths) == Runs(NOON)


def test_a_folder_that_is_closed_stops_nothing(paths: Paths) -> None:
    """Where nothing can be noted, the daemon begins and ends all the same."""
    paths.state.rename(paths.state.with_name("gone"))
    assert not crashes.began(paths, NOON)
    crashes.ended(paths, NOON)
    assert crashes.last_lines(paths) == ""


def test_the_last_lines_are_told(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """The notice says what happened, with the log's last lines and where to read more."""
    shown: list[tuple[Any, ...]] = []

    class Notifier:
        def show(self, *said: Any) -> Outcome:
            shown.append(said)
            return Outcome(Result.DONE)

        def stop(self) -> None:
            shown.append(("stopped",))

    monkeypatch.setattr(notify, "find", lambda *_: Notifier())
    paths.log.write_bytes(b"old\n" * 2000 + b"one\ntwo \xff\nthree\n")
    crashes.tell(paths, {})
    action, title, text, buttons = shown[0]
    assert (action.reason, title, buttons) == ("crashed", "keeplit ended by itself 3 times", ())
    assert text == "one\ntwo \ufffd\nthree\nSee more: keeplit logs"
    assert shown[1] == ("stopped",)
    paths.log.write_text("x" * 9000)
    assert crashes.last_lines(paths) == "x" * crashes.LONGEST_LINE


def test_a_secret_that_the_log_holds_is_not_told(paths: Paths) -> None:
    """The log holds none; should it ever, the notice does not."""
    for value in ("s" * 200, "s" * 9000):  # one that is cut off by the notice, and one that fills all that is read
        paths.log.write_text(f'first\nbefore: {{"accessToken": "{value}"}}\nlast\n')
        assert crashes.last_lines(paths) == 'first\nbefore: {"accessToken": [hidden]}\nlast'
