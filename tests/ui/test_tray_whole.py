"""The flame's process: one for each person, and one sentence where no icon can be shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from keeplit.adapters import files, logfile, tray_host
from keeplit.adapters import paths as places
from keeplit.adapters.notify import Nowhere
from keeplit.core.deeds import Action, Outcome, Result
from keeplit.engine.living import prepare
from keeplit.ui import tray_whole
from tests.ui.typing_person import Typist


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open no log: it would stay open in the tests that follow."""
    monkeypatch.setattr(logfile, "open_log", lambda *_, **__: None)


def test_without_a_display_it_says_so(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, with exit code 1 and another way."""
    assert tray_whole.main(os.environ, lights=False) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("keeplit: The flame needs ")
    assert "keeplit status --watch" in said.err


def test_a_second_one_says_so(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before it looks for a display."""
    paths = places.find(os.environ)
    prepare(paths)
    with files.lock(paths.state / tray_whole.LOCK, timeout=1.0):
        assert tray_whole.main(os.environ, lights=False) == 0
    assert capsys.readouterr().err == "keeplit: the flame is in your panel already; a second one is not shown\n"


def test_a_home_that_is_missing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a sentence with the next step."""
    assert tray_whole.main({"HOME": str(tmp_path / "none"), "USERPROFILE": str(tmp_path / "none")}, lights=False) == 1
    assert "does not exist; set HOME" in capsys.readouterr().err


def test_without_a_console_nothing_is_said(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program of the desktop has no stderr on Windows."""
    monkeypatch.setattr("sys.stderr", None)

    assert tray_whole.main(os.environ, lights=False) == 1


def test_a_desktop_without_a_tray_is_told_what_to_add(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once, when its panel has had time to come; a host that is there, or cannot be asked, is not spoken of."""
    answers: list[bool | None] = [None, True, False]
    monkeypatch.setattr(tray_host, "shows_icons", lambda *told: answers.pop(0))
    for _ in range(3):
        tray_whole.look_for_host({"XDG_CURRENT_DESKTOP": "GNOME"}, within=0.0)

    assert capsys.readouterr().err.count("Nothing on this desktop shows tray icons") == 1


def test_a_notice_says_what_a_click_came_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the desktop's service, found once; on one line each."""
    shown: list[tuple[str, str]] = []

    class Seen(Nowhere):
        def show(self, action: Action, title: str, text: str, buttons: tuple[str, ...]) -> Outcome:
            shown.append((title, text))
            return Outcome(Result.DONE)

    found: list[Seen] = []

    def find(*told: object) -> Seen:
        found.append(Seen())
        return found[-1]

    monkeypatch.setattr("keeplit.adapters.notify.find", find)
    by_panel: list[str] = []
    speaker = tray_whole.Speaker(lambda title, text: by_panel.append(title))
    speaker.speak("Region", "Claude Code\nuses it")
    speaker.speak("Profile", "again")

    assert shown == [("Region", "Claude Code uses it"), ("Profile", "again")]
    assert len(found) == 1
    assert by_panel == []


def test_a_notice_that_no_service_shows_is_the_panels(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Mac's program outside a bundle has no service, and a panel all the same."""
    monkeypatch.setattr("keeplit.adapters.notify.find", lambda *told: Nowhere())
    by_panel: list[tuple[str, str]] = []
    tray_whole.Speaker(lambda title, text: by_panel.append((title, text))).speak("Region", "It is used")

    assert by_panel == [("Region", "It is used")]


def test_what_a_terminal_may_run_are_commands(person: Typist) -> None:
    """Each is there, under that name."""
    codes = {name: person.types(name, "--help").code for name in sorted(tray_whole.RUNS)}
    assert codes == dict.fromkeys(sorted(tray_whole.RUNS), 0)
