"""What clicks do: wishes that get their answer, files that change, programs that run; each told in a sentence."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from keeplit.adapters import clock, files, notebook, own_command, programs
from keeplit.core.memory import Answer
from keeplit.core.model import Verb
from keeplit.core.tray_entries import Choices, Click, Entry
from keeplit.engine import ask, daemon_start, tray_clicks, tray_login
from keeplit.engine.living import prepare
from keeplit.engine.tray_choices import Chooser
from keeplit.engine.tray_clicks import CODES, SILENT, TAKEN_BACK, Clicks, Told, length
from tests.engine.lit_laptop import Laptop, laptop


@pytest.fixture
def mine(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop on a sandbox, signed in to acme, no daemon."""
    with laptop(own_home) as found:
        found.configure('[claude]\nprofile = "work"\n')
        found.sign_in()
        prepare(found.paths)
        yield found


def click(mine: Laptop, what: Click, value: str = "") -> Told:
    """Click an entry."""
    return Clicks(mine.paths, mine.environ).do(Entry("said", what, value))


def answering(monkeypatch: pytest.MonkeyPatch, answer: Answer | None) -> list[Verb]:
    """Answer every wish so; return the verbs that are wished for."""
    wished: list[Verb] = []

    def wish(paths: object, environ: object, verb: Verb, **more: object) -> Answer | None:
        wished.append(verb)
        return answer

    monkeypatch.setattr(ask, "wish", wish)
    return wished


def given(answer: str | None) -> Callable[[object], str | None]:
    """Return a function that answers so."""

    def program(environ: object) -> str | None:
        return answer

    return program


def settings(mine: Laptop) -> dict[str, str]:
    """Return the variables in Claude Code's settings."""
    env: dict[str, str] = json.loads((mine.home / ".claude" / "settings.json").read_text())["env"]
    return env


def last(mine: Laptop) -> str:
    """Return the mark of the last change, as the menu's entry holds it."""
    return Chooser(mine.paths, mine.environ, Choices()).look().undoes


def test_an_undo_takes_back_what_its_entry_named(mine: Laptop) -> None:
    """Another change came while the menu was open: that one stays."""
    click(mine, Click.REGION, "eu-west-1")
    named = last(mine)
    click(mine, Click.MODEL, "global.anthropic.claude-sonnet-5")

    assert click(mine, Click.UNDO, named) == Told("Took back: use")
    assert "eu-west-1" not in (mine.home / ".claude" / "settings.json").read_text()
    assert "global.anthropic.claude-sonnet-5" in (mine.home / ".claude" / "settings.json").read_text()


def test_a_renewal_is_asked_for_and_made(mine: Laptop) -> None:
    """The token is another one."""
    before = mine.token["accessToken"]

    assert click(mine, Click.RENEW, "acme") == Told("Renewed")
    assert mine.token["accessToken"] != before


@pytest.mark.parametrize(
    ("what", "verb"),
    [(Click.SIGN_IN, Verb.SIGN_IN), (Click.EXTEND, Verb.EXTEND), (Click.RENEW, Verb.REFRESH)],
)
def test_each_entry_is_its_wish(mine: Laptop, what: Click, verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    """Done is told in words."""
    wished = answering(monkeypatch, Answer("1", "done", ""))

    assert click(mine, what, "acme") == Told(tray_clicks.DONE[verb])
    assert wished == [verb]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer("1", "done", "joined"), Told(CODES["joined"])),
        (Answer("1", "failed", "nothing_to_renew"), Told(CODES["nothing_to_renew"], failed=True)),
        (Answer("1", "failed", "odd"), Told("That did not work (odd). See: keeplit status", failed=True)),
        (Answer("1", "waiting", "sign_in"), Told(SILENT, failed=True)),
        (None, Told(SILENT, failed=True)),
    ],
)
def test_every_answer_is_told(mine: Laptop, answer: Answer | None, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """A code that nobody knows is said as it is."""
    answering(monkeypatch, answer)

    assert click(mine, Click.SIGN_IN, "acme") == told


def test_an_extension_that_nobody_answers_is_not_made_later(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends the sign-in: nobody is promised one, and none comes after the person went on."""
    answering(monkeypatch, None)

    assert click(mine, Click.EXTEND, "acme") == Told(TAKEN_BACK, failed=True)


def test_a_session_that_is_gone_is_told(mine: Laptop) -> None:
    """A menu may be older than the AWS config."""
    told = click(mine, Click.SIGN_IN, "globex")

    assert told.failed
    assert "globex" in told.sentence


def test_a_pause_and_its_end_are_in_memory(mine: Laptop) -> None:
    """As the commands write them."""
    assert click(mine, Click.PAUSE, "30m") == Told("Paused; tokens are still renewed")
    until = notebook.read_memory(mine.paths.memory)[0].paused_until
    assert until is not None
    assert timedelta(minutes=29) < until - clock.now() <= timedelta(minutes=30)
    assert click(mine, Click.RESUME) == Told("Resumed")
    assert notebook.read_memory(mine.paths.memory)[0].paused_until is None


def test_a_daemon_that_is_silent_is_told(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wish stays, and is done when it can be."""
    answering(monkeypatch, None)

    assert [click(mine, what) for what in (Click.PAUSE, Click.RESUME, Click.QUIT_ALL)] == [
        Told(SILENT, failed=True)
    ] * 3


def test_until_tomorrow_ends_at_the_next_local_midnight() -> None:
    """Never more than a day, and at 00:00 by the clock on the wall."""
    pause = length("tomorrow")
    assert pause is not None
    end = (clock.now() + pause).astimezone()

    assert (round(end.timestamp()) + end.utcoffset().total_seconds()) % 86400 == 0  # type: ignore[union-attr]
    assert (length("1h"), length("")) == (timedelta(hours=1), None)


def test_a_region_is_switched_and_both_kinds_of_sessions_are_told(mine: Laptop) -> None:
    """The same function as `keeplit use`: both files say it, and it can be undone."""
    told = click(mine, Click.REGION, "eu-west-1")

    assert settings(mine)["AWS_REGION"] == "eu-west-1"
    assert told.sentence.startswith("Claude Code uses work in eu-west-1; running sessions see the new region")
    named = last(mine)
    assert click(mine, Click.UNDO, named) == Told("Took back: use")
    assert click(mine, Click.UNDO, named) == Told("That is taken back already", failed=True)


def test_a_profile_is_seen_by_new_sessions_only(mine: Laptop) -> None:
    """That is said."""
    mine.configure("")
    told = click(mine, Click.PROFILE, "work")

    assert settings(mine)["AWS_PROFILE"] == "work"
    assert "only new sessions see the new profile" in told.sentence


def test_what_is_so_already_is_told(mine: Laptop) -> None:
    """Nothing is written twice."""
    click(mine, Click.REGION, "eu-west-1")

    assert click(mine, Click.REGION, "eu-west-1") == Told("There is nothing to change: all is so already")


def test_a_preset_is_switched_as_one(mine: Laptop) -> None:
    """By its name; one that is gone is refused in a sentence."""
    mine.configure('[claude]\nprofile = "work"\n[[preset]]\nname = "far"\nregion = "ap-south-1"\n')

    assert not click(mine, Click.PRESET, "far").failed
    assert settings(mine)["AWS_REGION"] == "ap-south-1"
    assert click(mine, Click.PRESET, "gone").failed


def test_a_list_of_models_is_fetched_and_a_model_of_it_pinned(mine: Laptop) -> None:
    """Whatever is not in the list is refused."""
    assert click(mine, Click.REFRESH_MODELS).sentence.endswith("models of us-east-1")
    assert click(mine, Click.MODEL, "no-such-model").failed
    assert not click(mine, Click.MODEL, "opus").failed


def test_isolation_goes_on_and_off(mine: Laptop) -> None:
    """The entry holds what it turns to."""
    click(mine, Click.ISOLATE, "on")
    assert "isolate = true" in mine.paths.config_file.read_text()
    click(mine, Click.ISOLATE, "")
    assert "isolate = true" not in mine.paths.config_file.read_text()


def test_without_a_list_the_reason_is_told(mine: Laptop) -> None:
    """Nobody is signed in."""
    mine.token_file.unlink()

    assert click(mine, Click.REFRESH_MODELS).failed


def test_settings_are_repaired_or_accepted(mine: Laptop) -> None:
    """A file that is not there is told with what makes one."""
    assert click(mine, Click.REPAIR).failed
    click(mine, Click.REGION, "eu-west-1")

    assert not click(mine, Click.ACCEPT).failed
    assert not click(mine, Click.REPAIR).failed


def test_an_undo_that_cannot_be_is_told(mine: Laptop) -> None:
    """A settings file that nobody can read is not written."""
    click(mine, Click.REGION, "eu-west-1")
    (mine.home / ".claude" / "settings.json").write_text("{")

    undone = click(mine, Click.UNDO, last(mine))
    assert undone.failed
    assert "Do: " in undone.sentence


def test_an_undo_leaves_what_others_changed(mine: Laptop) -> None:
    """And says so."""
    click(mine, Click.REGION, "eu-west-1")
    file = mine.home / ".claude" / "settings.json"
    file.write_text(file.read_text().replace("eu-west-1", "eu-west-2"))

    assert "left alone, since it was changed later: env.AWS_REGION" in click(mine, Click.UNDO, last(mine)).sentence


def test_files_are_opened_by_the_persons_program(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log, or what the entry names."""
    opened: list[Path] = []

    def open_file(path: Path, environ: Mapping[str, str]) -> str:
        opened.append(path)
        return "" if path == mine.paths.log else "It is not there."

    monkeypatch.setattr(programs, "open_file", open_file)

    assert click(mine, Click.OPEN_LOG) == Told()
    assert click(mine, Click.OPEN_SETTINGS, "/s.json") == Told("It is not there.", failed=True)
    assert opened == [mine.paths.log, Path("/s.json")]


def test_a_command_of_ours_runs_in_a_terminal(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """By keeplit's own path, its words apart; without such a path it is said what to type."""
    ran: list[Sequence[str]] = []

    def in_terminal(command: Sequence[str], environ: Mapping[str, str]) -> str:
        ran.append(command)
        return ""

    monkeypatch.setattr(programs, "in_terminal", in_terminal)
    monkeypatch.setattr(own_command, "program", given("/opt/keeplit"))
    assert click(mine, Click.RUN, "login --profile='my work'") == Told()
    assert ran == [["/opt/keeplit", "login", "--profile=my work"]]

    monkeypatch.setattr(own_command, "program", given(None))
    assert click(mine, Click.RUN, "logs") == Told("Type it in a terminal: keeplit logs", failed=True)


def test_a_daemon_is_started(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong is told."""
    answers = iter(["", "It ended."])

    def begin(paths: object, environ: object) -> str:
        return next(answers)

    monkeypatch.setattr(daemon_start, "begin", begin)

    assert click(mine, Click.START) == Told("keeplit keeps watch again")
    assert click(mine, Click.START) == Told("It ended.", failed=True)


def test_the_start_at_login_is_turned_on_and_off(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The entry holds what it turns to; what goes wrong is told."""
    asked: list[bool] = []

    def change(paths: object, environ: object, *, starts: bool) -> str:
        asked.append(starts)
        if len(asked) > 2:
            raise files.NotWritable("the disk is full")
        return f"It is {starts}"

    monkeypatch.setattr(tray_login, "change", change)

    assert click(mine, Click.AT_LOGIN, "on") == Told("It is True")
    assert click(mine, Click.AT_LOGIN) == Told("It is False")
    assert click(mine, Click.AT_LOGIN) == Told("the disk is full", failed=True)
    assert asked == [True, False, False]


def test_without_an_opener_the_log_is_shown_in_a_terminal(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that is not there yet is nowhere."""
    ran: list[Sequence[str]] = []

    def in_terminal(command: Sequence[str], environ: Mapping[str, str]) -> str:
        ran.append(command)
        return ""

    monkeypatch.setattr(programs, "open_file", lambda path, environ: "No program opens files here")
    monkeypatch.setattr(programs, "in_terminal", in_terminal)
    monkeypatch.setattr(own_command, "program", given("/opt/keeplit"))
    mine.paths.log.unlink(missing_ok=True)
    assert click(mine, Click.OPEN_LOG) == Told("No program opens files here", failed=True)
    mine.paths.log.parent.mkdir(parents=True, exist_ok=True)
    mine.paths.log.write_text("")

    assert click(mine, Click.OPEN_LOG) == Told()
    assert ran == [["/opt/keeplit", "logs"]]


def test_a_click_that_raises_is_told_and_no_more(
    mine: Laptop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its traceback is in the log; a trouble with a file is said as it is."""

    def fails(*told: object) -> str:
        raise RuntimeError("on purpose")

    def troubled(*told: object) -> str:
        raise files.NotWritable("the disk is full")

    monkeypatch.setattr(daemon_start, "begin", fails)
    assert click(mine, Click.START) == Told("That failed (RuntimeError). See: keeplit logs", failed=True)
    assert "on purpose" in caplog.text
    monkeypatch.setattr(daemon_start, "begin", troubled)
    assert click(mine, Click.START) == Told("the disk is full", failed=True)


def test_an_entry_that_does_nothing_does_nothing(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of the header; no process is started for it."""

    def started(*told: object, **more: object) -> None:
        pytest.fail("a process was started")

    monkeypatch.setattr(subprocess, "Popen", started)

    assert click(mine, Click.NOTHING) == Told()
