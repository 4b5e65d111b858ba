from __future__ import annotations

import json
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from keeplit.adapters import claude_code, login, own_command
from keeplit.adapters.autostart import NotStartable
from keeplit.core.aws_cli import Found as Cli
from keeplit.engine import autostart, aws_cli_install, daemon_start
from keeplit.engine import setup as engine
from keeplit.engine.autostart import Report
from keeplit.engine.choosing import Refused
from keeplit.engine.setup import Applied
from keeplit.ui import setup_command
from keeplit.ui.asking import Asker
from keeplit.ui.setup_command import APPLY, BACK, CANCEL, DIFF
from tests.ui.answering_person import Answering
from tests.ui.typing_person import Said, Typist

GIVEN = ("setup", "--profile", "work", "--no-autostart")


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no program be started that is not keeplit's."""
    monkeypatch.setattr(login, "find", lambda _: Cli())
    monkeypatch.setattr(claude_code, "find", lambda _: claude_code.Found(Path("claude"), "2.1.240"))
    monkeypatch.setattr(daemon_start, "begin", lambda *_: "")


def answered(monkeypatch: pytest.MonkeyPatch, *pages: str, **answers: str | bool) -> Answering:
    """Let a person answer so; `pages` are what the last page hears, one after the other."""
    found = Answering(answers={name.replace("_", " "): said for name, said in answers.items()})
    left = list(pages)
    choose = found.choose

    def chosen(_: object, question: str, choices: Any, **told: Any) -> str:
        return left.pop(0) if question == "Shall it be so?" else choose(question, choices, **told)

    monkeypatch.setattr(Asker, "here", lambda *, yes: found)
    monkeypatch.setattr(Answering, "choose", chosen)
    return found


def settings(person: Typist) -> dict[str, Any]:
    """Return Claude Code's settings; empty where there are none."""
    file = person.laptop.home / ".claude" / "settings.json"
    told: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return told


def test_the_last_page_decides(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """The diff as often as one likes, Back asks again, Cancel changes nothing, Apply writes."""
    person.laptop.sign_in()
    asker = answered(monkeypatch, DIFF, BACK, CANCEL, Call=False)
    said = person.types(*GIVEN)
    assert (said.code, settings(person)) == (0, {})
    assert '+    "AWS_PROFILE": "work"' in said.out
    assert "Which profile shall Claude Code use?" in asker.heard
    assert said.out.endswith("Nothing was changed.\n")
    answered(monkeypatch, APPLY, Call=False)
    monkeypatch.setattr(own_command, "program", lambda _: "/opt/keeplit/bin/keeplit")
    said = person.types(*GIVEN)
    assert (said.code, settings(person)["env"]["AWS_PROFILE"]) == (0, "work")
    assert settings(person)["statusLine"]["command"] == "/opt/keeplit/bin/keeplit statusline"
    assert "Nothing starts at login" in said.out
    assert "Claude Code 2.1.240" in said.out


def test_what_is_refused_at_the_end_ends_with_why(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether before or after the last page."""
    person.laptop.sign_in()
    monkeypatch.setattr(engine, "apply", lambda *_: Refused("the disk is full. Nothing is changed."))
    assert "the disk is full" in person.types(*GIVEN, "--yes").err
    monkeypatch.setattr(engine, "planned", lambda *_: Refused("it cannot be isolated", 2))
    assert person.types(*GIVEN, "--yes").code == 2


def test_what_could_not_be_done_besides_is_said(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is done, so setup ends well."""
    person.laptop.sign_in()
    monkeypatch.setattr(engine, "apply", lambda *_: Applied((Path("settings.json"),), "1", "the row is left out."))
    said = person.types(*GIVEN, "--yes")
    assert (said.code, "! the row is left out." in said.out) == (0, True)


def test_help_fits_a_screen(person: Typist) -> None:
    """In a terminal of 80 columns it has fewer than 30 lines."""
    assert len(person.types("setup", "--help").out.splitlines()) < 30


def test_yes_and_a_call_are_wrong_usage(person: Typist) -> None:
    """A paid call is never made by default."""
    assert person.types(*GIVEN, "--yes", "--call").code == 2


def test_broken_files_end_it_before_a_question(person: Typist) -> None:
    """The settings are those that are written last, and looked at first."""
    file = person.laptop.home / ".claude" / "settings.json"
    file.parent.mkdir()
    file.write_text("{")
    assert (said := person.types(*GIVEN)).code == 1, said
    assert "settings.json" in said.err


def test_what_bypasses_every_profile_is_said(person: Typist) -> None:
    """A Bedrock API key in the settings makes all else idle."""
    file = person.laptop.home / ".claude" / "settings.json"
    file.parent.mkdir()
    file.write_text('{"env": {"AWS_BEARER_TOKEN_BEDROCK": "secret"}}')
    said = person.types(*GIVEN, "--plan")
    assert "env.AWS_BEARER_TOKEN_BEDROCK in Claude Code's settings goes before every profile" in said.out
    assert "secret" not in said.out + said.err


def test_a_plan_says_where_an_id_will_stand(person: Typist) -> None:
    """The diff shows the word that was typed, and what is written is the region's own id; an id is shown as it is."""
    short = person.types(*GIVEN, "--region", "us-east-1", "--model", "sonnet", "--plan")
    assert "where it shows 'sonnet', Apply writes the id that the region has." in short.out
    whole = person.types(*GIVEN, "--region", "us-east-1", "--model", "us.anthropic.claude-opus-5", "--plan")
    assert (short.code, whole.code, "A plan does not ask AWS" in whole.out) == (0, 0, False)


@pytest.mark.parametrize(
    ("wrong", "why"), [(("--model", "gpt-4"), "names no model"), (("--region", "us-east-9"), "no region 'us-east-9'")]
)
def test_a_plan_of_what_is_no_name_is_wrong_usage(person: Typist, wrong: tuple[str, str], why: str) -> None:
    """A plan asks nothing of AWS, and shows nothing that could never be written."""
    said = person.types(*GIVEN, "--plan", *wrong)
    assert (said.code, why in said.err, "{" in said.out) == (2, True, False), said


def test_an_installer_is_offered_and_run_after_a_yes(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in a plan, and not where none is known."""
    ran: list[object] = []
    monkeypatch.setattr(aws_cli_install, "command", lambda _: ("brew", "install", "awscli"))

    def run(wanted: object, _: object) -> str:
        ran.append(wanted)
        return ""

    monkeypatch.setattr(aws_cli_install, "run", run)
    person.laptop.sign_in()
    answered(monkeypatch, CANCEL, Call=False, Install=True)
    assert "AWS CLI v2 is installed." in person.types(*GIVEN).out
    asker = answered(monkeypatch, CANCEL, Call=False)
    person.types(*GIVEN, "--plan")
    assert (ran, [one for one in asker.heard if "Install" in one]) == ([("brew", "install", "awscli")], [])
    monkeypatch.setattr(aws_cli_install, "command", lambda _: ())
    answered(monkeypatch, CANCEL, Call=False)
    assert "https://docs.aws.amazon.com" in person.types(*GIVEN).out


def started(person: Typist) -> Said:
    """Set up with a start at login."""
    return person.types("setup", "--profile", "work", "--yes")


def test_the_start_at_login_is_made_once(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its notes are shown; what stands already is only started now."""
    person.laptop.sign_in()
    monkeypatch.setattr(autostart, "status", lambda *_: Report(("test",), ()))
    monkeypatch.setattr(autostart, "enable", lambda *_, **__: Report(("test",), (), ("mind this",)))
    assert "! mind this" in started(person).out

    class Standing:
        enabled = current = True

    monkeypatch.setattr(autostart, "status", lambda *_: Report(("test",), (Standing(),)))  # type: ignore[arg-type]
    assert "starts at login already" in started(person).out


def test_a_machine_that_cannot_start_it_is_told_so(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """And setup ends well: the rest is done."""
    person.laptop.sign_in()

    def cannot(*_: object, **__: object) -> Report:
        raise NotStartable("there is no system for it")

    monkeypatch.setattr(autostart, "status", cannot)
    monkeypatch.setattr(autostart, "enable", cannot)
    said = started(person)
    assert (said.code, "! keeplit does not start at login here: there is no system" in said.out) == (0, True), said


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_ending_waits_for_the_last_file(name: str) -> None:
    """While files are written it does nothing, and after that what it did before."""
    number = getattr(signal, name)
    before = signal.getsignal(number)
    with setup_command.on_ending(signal.SIG_IGN):
        assert signal.getsignal(number) is signal.SIG_IGN
    assert signal.getsignal(number) is before


def test_a_polite_kill_leaves_as_ctrl_c_does() -> None:
    """So the draft goes with it."""
    with pytest.raises(KeyboardInterrupt), setup_command.on_ending(setup_command.leave):
        signal.raise_signal(signal.SIGTERM)


def test_beside_the_main_thread_signals_are_left_alone() -> None:
    """Only the main thread may set them."""
    before = signal.getsignal(signal.SIGINT)
    seen: list[object] = []

    def look() -> None:
        with setup_command.on_ending(signal.SIG_IGN):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before]
