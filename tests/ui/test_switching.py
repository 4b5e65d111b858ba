from __future__ import annotations

import json
import os
import subprocess

import pytest

from keeplit.adapters import own_command
from tests.conftest import real_part
from tests.ui.typing_person import Typist

COMMANDS = {"awsAuthRefresh": "/opt/keeplit login --for-claude", "awsCredentialExport": "/opt/keeplit credentials"}
KEYS = {"schema", "changed", "config", "settings", "group", "notes", "now"}


@pytest.fixture(autouse=True)
def lasting(monkeypatch: pytest.MonkeyPatch, own_home: object) -> None:
    """Let keeplit have a path of its own."""
    monkeypatch.setattr(own_command, "commands", lambda _: COMMANDS)


def test_a_switch_says_what_changed_who_sees_it_and_the_way_back(person: Typist) -> None:
    """Key by key; the same again says that there is nothing to do."""
    said = person.types("use", "--profile", "play", "--region", "us-west-2", "--env", "FOO=b=r")
    assert (said.code, said.err) == (0, "")
    lines = [line.strip() for line in said.out.splitlines()]
    assert lines[0] == "Claude Code uses profile play in us-west-2."
    assert "AWS_PROFILE: (absent) → play  (new sessions)" in lines
    assert "FOO: (absent) → b=r  (running sessions too)" in lines
    assert "claude.profile: work → play" in lines
    assert lines[-1] == "Take it back: keeplit undo"
    again = person.types("use", "--profile", "play", "--region", "us-west-2")
    assert (again.code, "nothing to change" in again.out, "undo" in again.out) == (0, True, False)


def test_what_is_removed_stays_with_running_sessions(person: Typist) -> None:
    """Removing a variable does not unset it in them."""
    person.types("use", "--profile", "work")
    said = person.types("use", "--isolate")
    assert "AWS_PROFILE: work → (absent)  (running sessions keep it until they end)" in said.out
    assert "claude.isolate: (absent) → true" in said.out
    assert "profile work (for Bedrock alone)" in said.out
    assert "AWS_PROFILE: (absent) → work" in person.types("use", "--no-isolate").out


def test_the_answer_as_json(person: Typist) -> None:
    """One object with the keys that scripts depend on; secrets are hidden in it too."""
    told = person.types("use", "--profile", "play", "--env", "A_TOKEN=s3cret", "--json")
    assert set(told.json) == KEYS
    assert told.json["schema"] == 1
    assert {"file": "settings", "key": "env.AWS_PROFILE", "before": None, "after": "play", "seen_by": "new"} in (
        told.json["changed"]
    )
    assert {"file": "config", "key": "claude.profile", "before": "work", "after": "play", "seen_by": None} in (
        told.json["changed"]
    )
    assert "s3cret" not in told.out
    assert told.json["settings"].endswith("settings.json")
    again = person.types("use", "--profile", "play", "--json").json
    assert (set(again), again["changed"], again["group"]) == (KEYS, [], None)


def test_without_options_it_says_what_is_used(person: Typist) -> None:
    """Profile, region, model and the presets; nothing is written."""
    assert "uses profile work. No region is named: keeplit use --region R" in person.types("use").out
    person.laptop.configure('[claude]\nprofile = "work"\nmodel = "m"\n[[preset]]\nname = "home"\n')
    said = person.types("use")
    assert ("model m." in said.out, "Presets: home." in said.out) == (True, True)
    assert person.types("use", "--json").json["now"] == {
        "profile": "work",
        "region": None,
        "model": "m",
        "haiku": None,
        "isolate": False,
        "presets": ["home"],
    }
    assert not (person.laptop.home / ".claude").exists()
    person.laptop.configure("")
    assert person.types("use").code == 4


def test_a_preset_is_switched_as_one(person: Typist) -> None:
    """By its name; an unknown one is answered with the nearest."""
    person.laptop.configure('[[preset]]\nname = "home"\nprofile = "play"\nregion = "us-west-2"\n')
    assert "profile play in us-west-2" in person.types("use", "--preset", "home").out
    wrong = person.types("use", "--preset", "hoem")
    assert (wrong.code, "did you mean 'home'" in wrong.err, wrong.out) == (1, True, "")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--profile", "wrok"], 1, "did you mean 'work'"),
        (["--region", "us-wst-2"], 2, "'us-west-2'"),
        (["--preset", "nobody"], 1, "no preset 'nobody'"),
        (["--model", "gpt-4"], 2, "names no model"),
        *[([option, ""], 2, f"{option} wants a value") for option in ("--profile", "--region", "--model", "--haiku")],
        (["--preset", " "], 2, "--preset wants a value"),
        (["--env", "FOO"], 2, "KEY=VALUE"),
        (["--env", "foo=1"], 2, "capital letters"),
        (["--env", "AWS_PROFILE=x"], 2, "--profile"),
        (["--model", "opus"], 3, "full id"),
        (["--profile", "\x1b[31m"], 1, "\\x1b"),
    ],
)
def test_refusals_come_before_anything_is_written(person: Typist, arguments: list[str], code: int, says: str) -> None:
    """Each has its exit code and the next step, on stderr alone; names cannot steer the terminal."""
    before = person.laptop.paths.config_file.read_text()
    said = person.types("use", *arguments)
    assert (said.code, says in said.err, said.out, "\x1b" in said.err) == (code, True, "", False)
    assert (person.laptop.paths.config_file.read_text(), (person.laptop.home / ".claude").exists()) == (before, False)


def test_the_settings_as_exports(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """bash takes what $SHELL asks for; an isolated profile is unset."""
    person.types("use", "--profile", "play", "--env", "FOO=it's $(id)")
    monkeypatch.setenv("SHELL", "/bin/bash")
    lines = person.types("env").out
    real_part("bash", found=os.access("/bin/bash", os.X_OK))
    shown = subprocess.run(
        ["/bin/bash", "-c", f'{lines}printf %s "$AWS_PROFILE|$FOO"'], capture_output=True, text=True, check=True
    )
    assert shown.stdout == "play|it's $(id)"
    person.types("use", "--isolate")
    assert "set -e AWS_PROFILE" in person.types("env", "--shell", "fish").out


def test_a_shell_that_is_not_spoken_is_asked_for(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong usage, with all that are spoken; a value that a shell cannot take fails by its name alone."""
    monkeypatch.setenv("SHELL", "/bin/nu")
    assert (person.types("env").code, "--shell bash|zsh" in person.types("env").err) == (2, True)
    monkeypatch.delenv("SHELL")
    monkeypatch.setattr("sys.platform", "linux")
    assert "SHELL is not set" in person.types("env").err
    person.types("use", "--profile", "play", "--env", "FOO=two\nlines")
    said = person.types("env", "--shell", "cmd")
    assert (said.code, said.out, "FOO" in said.err, "lines" in said.err) == (1, "", True, False)


def test_settings_that_cannot_be_read_fail(person: Typist) -> None:
    """Both commands name the place; without any setting there is nothing to export."""
    person.laptop.configure("")
    assert person.types("env", "--shell", "bash").code == 4
    file = person.laptop.home / ".claude" / "settings.json"
    file.parent.mkdir()
    file.write_text(json.dumps([]))
    assert [person.types(*one).code for one in (("use",), ("env", "--shell", "bash"))] == [1, 1]


def test_what_is_wrong_in_config_toml_comes_first(person: Typist) -> None:
    """Its line and what to do; also before a refusal, which it may explain, and among the notes of JSON."""
    person.laptop.configure('[claude]\nprofile = "work"\nregion = 5\n')
    lines = person.types("use").out.splitlines()
    assert ("config.toml, line 3: claude.region" in lines[0], "Do: " in lines[0]) == (True, True)
    assert lines[1].startswith("Claude Code uses profile work")
    assert "line 3" in person.types("use", "--json").json["notes"][0]
    person.laptop.configure("[claude]\nprofile = 5\n")
    refused = person.types("use")
    assert (refused.code, refused.out, "line 2: claude.profile" in refused.err) == (4, "", True)


def test_a_preset_that_stands_twice_is_refused(person: Typist) -> None:
    """Both lines are named, and nothing is written."""
    person.laptop.configure('[[preset]]\nname = "a"\nprofile = "work"\n\n[[preset]]\nname = "a"\nprofile = "play"\n')
    said = person.types("use", "--preset", "a")
    assert (said.code, "in the lines 1 and 5" in said.err) == (1, True)
    assert not (person.laptop.home / ".claude").exists()


def test_values_are_shown_as_a_person_reads_them(person: Typist) -> None:
    """Letters are letters, nothing is a pair of quotes, and what is long is cut; JSON has it whole."""
    said = person.types(
        "use", "--profile", "work", "--env", "A=é\nü", "--env", "B=", "--env", "C=" + "x" * 99, "--json"
    )
    whole = {one["key"]: one["after"] for one in said.json["changed"]}
    assert (whole["env.A"], whole["env.B"], whole["env.C"]) == ("é\nü", "", "x" * 99)
    shown = person.types("use", "--env", "A=ö\n", "--env", "B=y", "--env", "C=z").out
    assert 'A: "é\\nü" → "ö\\n"' in shown
    assert 'B: "" → y' in shown
    assert f"C: {'x' * 79}… → z" in shown
