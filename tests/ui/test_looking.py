from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from keeplit.adapters import clock, notebook, settings_layers
from keeplit.core.memory import Memory, Unshown
from keeplit.core.settings_model import FileState, SettingsMemory
from keeplit.engine import guard
from keeplit.engine.living import prepare
from keeplit.sandbox.faults import Fault
from keeplit.ui import looking, terminal_notice, tray_process
from tests.ui.typing_person import Typist

SHAPE: dict[str, type | tuple[type, ...]] = {
    "schema": int,
    "daemon": dict,
    "paused_until": (str, type(None)),
    "profile": str,
    "region": str,
    "model": str,
    "sessions": list,
    "settings": dict,
    "troubles": list,
    "answers": list,
    "notices": list,
}
OF_A_SESSION = {
    "name",
    "start_url",
    "kind",
    "state",
    "access_expires_at",
    "refreshable",
    "signed_in_at",
    "session_ends_at",
    "session_ends_known",
    "next_action",
    "next_action_at",
    "profiles",
}


def sound(told: dict[str, Any]) -> bool:
    """Check the document against its contract."""
    assert list(told) == list(SHAPE)
    assert [name for name, kind in SHAPE.items() if not isinstance(told[name], kind)] == []
    assert set(told["daemon"]) == {"running", "version"}
    assert set(told["settings"]) == {"path", "state", "missing", "shadowed"}
    for session in told["sessions"]:
        assert set(session) == OF_A_SESSION
        for name in ("access_expires_at", "session_ends_at", "next_action_at"):
            assert session[name] is None or datetime.fromisoformat(session[name]).tzinfo is not None
    for trouble in told["troubles"]:
        assert set(trouble) == {"code", "severity", "title", "detail", "fix"}
        assert trouble["fix"]
    for notice in told["notices"]:
        assert set(notice) == {"id", "title", "text", "not_after"}
    return True


def test_status_tells_both_clocks(person: Typist) -> None:
    """Signed in, the screen shows the session, when it renews, when the sign-in ends, and its profiles."""
    person.laptop.sign_in()
    said = person.types("status")
    assert (said.code, said.err) == (0, "")
    assert "acme" in said.out
    assert "signed in" in said.out
    assert "[work, play]" in said.out


def test_status_says_what_to_do(person: Typist) -> None:
    """Signed out, each trouble comes with the command to type; status itself is no failure."""
    said = person.types("status")
    assert said.code == 0
    assert "Signed out of acme" in said.out
    assert "Do: keeplit login --session acme" in said.out


def test_status_without_anything_in_use_says_how(person: Typist) -> None:
    """With nothing in use the screen says how to begin, with and without a profile that is there."""
    person.laptop.configure("")
    said = person.types("status")
    assert (said.code, "No session is in use. Set everything up: keeplit setup" in said.out) == (0, True)
    assert "(keeplit profiles): keeplit login --profile NAME" in said.out


def test_status_says_which_layer_wins(person: Typist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line for each kept key that another layer decides, with its file and value; the object stays as it is."""
    kept = person.laptop.home / ".claude" / "settings.json"
    managed = tmp_path / "managed" / "managed-settings.json"
    monkeypatch.setattr(settings_layers, "MANAGED_FOLDER", managed.parent)
    for path, settings in {
        kept: {"model": "opus", "awsAuthRefresh": "mine", "env": {"AWS_PROFILE": "work", "AWS_REGION": "us-west-2"}},
        managed: {"env": {"AWS_REGION": "eu-west-1\x1b[2J", "AWS_PROFILE": "work"}, "awsAuthRefresh": "theirs"},
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings), "utf-8")
    monkeypatch.setenv("ANTHROPIC_MODEL", "haiku")

    said = person.types("status")

    assert [line for line in said.out.splitlines() if " comes from " in line] == [
        f"! AWS_REGION comes from the managed settings ({managed}), not from {kept}: 'eu-west-1\\x1b[2J'",
        f"! model comes from ANTHROPIC_MODEL in the shell's environment, not from {kept}: 'haiku'",
        f"! awsAuthRefresh comes from the managed settings ({managed}), not from {kept}",
    ]
    assert sound(person.types("status", "--json").json)


def test_status_says_what_is_wrong_above_the_file(
    person: Typist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A drop-in that is broken, and a credential that is used instead of the sign-in; the token itself is not shown."""
    managed = tmp_path / "managed"
    monkeypatch.setattr(settings_layers, "MANAGED_FOLDER", managed)
    monkeypatch.setattr(guard, "managed_folder", lambda _: str(managed))
    (managed / "managed-settings.d").mkdir(parents=True)
    (managed / "managed-settings.d" / "10.json").write_text('{"env": {"AWS_BEARER_TOKEN_BEDROCK": "made-up-token"}}')
    (managed / "managed-settings.d" / "20.json").write_text('{"env":{')

    said = person.types("status").out
    lines = [line for line in said.splitlines() if str(managed) in line]

    assert lines[0].startswith("  It uses AWS_BEARER_TOKEN_BEDROCK in the managed settings (")
    assert "is used instead of your sign-in" not in said
    assert "20.json, line 1, column 9" in lines[1]
    assert "made-up-token" not in said


def test_a_kept_file_that_cannot_be_read_is_said_once(person: Typist) -> None:
    """As the trouble that it is, once that was so for a while; not as that of another layer too."""
    kept = person.laptop.home / ".claude" / "settings.json"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("{")
    prepare(person.laptop.paths)
    met = SettingsMemory(str(kept), seen=str(FileState.BROKEN), since=clock.now() - timedelta(minutes=1))
    notebook.write_memory(person.laptop.paths.memory, Memory(settings=met))

    said = person.types("status").out

    assert said.count("line 1, column 2") == 1
    assert said.count("Claude Code's settings cannot be read") == 1


def test_status_without_a_daemon_says_nothing_that_one_does(person: Typist) -> None:
    """No renewal to come, and no pause left out, under a line that says that nothing is renewed."""
    person.laptop.sign_in(timedelta(minutes=5))
    person.types("pause", "8h")
    document = person.types("status", "--json").json
    said = person.types("status").out
    assert [session["state"] for session in document["sessions"]] == ["renewing"]
    assert [session["next_action"] for session in document["sessions"]] == ["refresh"]
    assert "nothing is renewed, and it is paused for" in said.splitlines()[0]
    assert "renew" not in said.partition("\n")[2].partition("!")[0]
    assert "● acme  signed in · token ends in " in said


def test_status_without_a_daemon_promises_no_other_try(person: Typist) -> None:
    """What failed at the last turn is told with its reason; that it is tried again holds for a daemon only."""
    person.laptop.sign_in(timedelta(minutes=5))
    person.laptop.sandbox.faults.inject("CreateToken", Fault("drop"))
    assert person.types("daemon", "--once").code == 1
    document = person.types("status", "--json").json
    said = person.types("status").out
    (network,) = (trouble for trouble in document["troubles"] if trouble["code"] == "network")
    assert network["detail"] == "The renewal failed: AWS could not be reached. It is tried again by itself."
    assert "  The renewal failed: AWS could not be reached.\n" in said
    assert "by itself" not in said


@pytest.mark.parametrize("screen", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_status_says_that_no_flame_can_be_shown(person: Typist, screen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line, with how to mend it; only in a graphical session, and only where something is missing."""
    asked: list[str] = []
    answers = iter(["The flame needs more\nthan Python here: do it", ""])

    def missing(environ: object) -> str:
        asked.append("missing")
        return next(answers)

    monkeypatch.setattr(tray_process, "missing", missing)
    assert "flame" not in person.types("status").out
    monkeypatch.setenv(screen, ":4711")
    person.types("status", "--json")
    assert asked == []

    assert person.types("status").out.splitlines()[-1] == "! The flame needs more than Python here: do it"
    assert "flame" not in person.types("status").out
    assert asked == ["missing"] * 2


@pytest.mark.parametrize("left", [timedelta(minutes=50), timedelta(minutes=1), timedelta(minutes=-5)])
def test_status_as_json_is_one_object(person: Typist, left: timedelta) -> None:
    """`--json` prints the documented object and nothing else, whatever the state."""
    person.laptop.sign_in(left)
    said = person.types("status", "--json")
    assert (said.code, said.err) == (0, "")
    assert sound(said.json)
    assert said.json["schema"] == 1


def test_status_never_lacks_a_set_up(person: Typist) -> None:
    """Without any AWS config the document is complete, and the exit code 0."""
    person.laptop.configure("")
    (person.laptop.home / ".aws" / "config").unlink()
    said = person.types("status", "--json")
    assert said.code == 0
    assert sound(said.json)
    assert said.json["sessions"] == []


def test_looking_changes_nothing(person: Typist) -> None:
    """`status` and `profiles` perform, publish and write nothing."""
    person.laptop.sign_in(timedelta(minutes=1))
    before = person.laptop.token_file.read_bytes()
    for arguments in (["status"], ["status", "--json"], ["profiles"], ["profiles", "--json"]):
        person.types(*arguments)
    assert person.laptop.token_file.read_bytes() == before
    assert person.laptop.sandbox.log.since() == ()
    assert not person.laptop.paths.state.exists()


@pytest.mark.parametrize("as_json", [False, True])
def test_watching_goes_on_until_interrupted(person: Typist, monkeypatch: pytest.MonkeyPatch, *, as_json: bool) -> None:
    """`--watch` shows it each second; Ctrl-C ends it with 0."""
    person.laptop.sign_in()
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(clock, "sleep", sleep)
    said = person.types("status", "--watch", *(["--json"] if as_json else []))
    assert (said.code, slept) == (0, [looking.EVERY] * 3)
    shown = [line for line in said.out.splitlines() if "acme" in line]
    assert len(shown) == 3
    if as_json:
        assert all(sound(json.loads(line)) for line in shown)


def test_watching_tells_what_the_desktop_does_not_show(person: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the terminal's own notices, once; a pipe gets none of it."""
    person.laptop.sign_in()
    prepare(person.laptop.paths)
    now, key = clock.now(), person.laptop.token_file.stem
    notice = Unshown("needed:1", now, key, "sign_in_needed", "The sign-in is over.", why="no_service")
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        notebook.write_memory(person.laptop.paths.memory, Memory(unshown=(notice,)))
        if len(slept) % 3 == 0:
            raise KeyboardInterrupt

    monkeypatch.setattr(clock, "sleep", sleep)
    monkeypatch.setenv("TERM", "foot")
    piped = person.types("status", "--watch").out
    person.laptop.paths.memory.unlink()
    monkeypatch.setattr(terminal_notice, "is_terminal", lambda _: True)
    shown = person.types("status", "--watch").out

    told = "\x1b]777;notify;Sign in to acme;The sign-in is over.\x07"
    assert (piped.count("\x1b]"), shown.count(told), shown.count("\x1b]")) == (0, 1, 1)


def test_profiles_are_listed(person: Typist) -> None:
    """Each profile with its session, account and role; the one in use has a star."""
    said = person.types("profiles")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("* 'work'")
    assert lines[0].endswith("acme  111122223333 ClaudeCode")
    assert [line for line in lines if line.startswith("*")] == lines[:1]


def test_profiles_as_json_are_one_object(person: Typist) -> None:
    """`--json` prints each profile with the documented keys, absent things null."""
    with (person.laptop.home / ".aws" / "config").open("a") as config:
        config.write("\n[profile keys]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = x\n")
    said = person.types("profiles", "--json")
    assert (said.code, said.err) == (0, "")
    told = said.json
    assert (told["schema"], told["problems"]) == (1, [])
    keys = {"name", "kind", "session", "account", "role", "assumes", "region", "renewed", "in_use"}
    assert all(set(profile) == keys for profile in told["profiles"])
    by_name = {profile["name"]: profile for profile in told["profiles"]}
    assert (by_name["work"]["renewed"], by_name["work"]["in_use"], by_name["work"]["session"]) == (True, True, "acme")
    assert (by_name["keys"]["renewed"], by_name["keys"]["session"], by_name["keys"]["kind"]) == (False, None, "keys")
    assert "AKIAEXAMPLE" not in said.out
    assert "access keys" in person.types("profiles").out


@pytest.mark.parametrize(
    ("arn", "said"),
    [
        ("arn:aws:iam::111122223333:role/Deploy", "→ Deploy"),
        ("arn:aws-cn:iam::444455556666:role/a/path/Deploy", "→ 444455556666 Deploy"),
        ("Deploy", "→ Deploy"),
    ],
)
def test_a_role_that_is_assumed_is_named(person: Typist, arn: str, said: str) -> None:
    """Since its keys are what `credentials` gives; with its account where that is another."""
    with (person.laptop.home / ".aws" / "config").open("a") as config:
        config.write(f"\n[profile on]\nrole_arn = {arn}\nsource_profile = work\n")
    (line,) = (line for line in person.types("profiles").out.splitlines() if "'on'" in line)
    assert line.endswith(f"acme  111122223333 ClaudeCode {said}")
    told = {profile["name"]: profile for profile in person.types("profiles", "--json").json["profiles"]}
    assert (told["on"]["assumes"], told["work"]["assumes"]) == (arn, None)


def test_no_profile_at_all_is_not_set_up(person: Typist) -> None:
    """Without a profile the exit code is 4, with the command that makes one."""
    (person.laptop.home / ".aws" / "config").unlink()
    said = person.types("profiles")
    assert (said.code, "keeplit setup" in said.err) == (4, True)
    said = person.types("profiles", "--json")
    assert (said.code, said.json["profiles"]) == (4, [])


def test_problems_of_the_config_are_told(person: Typist) -> None:
    """What is wrong in the AWS config is told with what to do: on stderr, or in the object."""
    config = person.laptop.home / ".aws" / "config"
    config.write_text("text before any header\n" + config.read_text())
    said = person.types("profiles")
    assert "Do: " in said.err
    told = person.types("profiles", "--json").json
    assert [set(problem) for problem in told["problems"]] == [{"code", "where", "detail", "fix"}]
