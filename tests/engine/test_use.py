from __future__ import annotations

import json
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from keeplit.adapters import journal, own_command, settings_layers
from keeplit.adapters import paths as places
from keeplit.adapters.claude_settings.written import WriteResult, Written
from keeplit.adapters.files import FileTrouble
from keeplit.adapters.paths import Paths
from keeplit.core.journal_entry import Phase
from keeplit.core.json_said import MOST_BYTES
from keeplit.core.switching import Asked
from keeplit.engine import cut_off, guarded, undo, use, using
from keeplit.engine.choosing import Refused
from keeplit.engine.use import Used

AWS = """\
[sso-session acme]
sso_start_url = https://acme.awsapps.com/start
sso_region = us-east-1

[profile work]
sso_session = acme
sso_account_id = 111122223333
sso_role_name = ClaudeCode
region = us-west-2

[profile play]
sso_session = acme
sso_account_id = 444455556666
sso_role_name = ClaudeCode
region = eu-central-1
"""
COMMANDS = {"awsAuthRefresh": "/opt/keeplit login --for-claude", "awsCredentialExport": "/opt/keeplit credentials"}
ODD = '{"theme":"d\\u0061rk",\n   "env" : {"FOO":"1"} , "n": 1.50}'
CONFIG = (
    '# mine\n[claude]\nprofile = "work"  # the good one\n\n# presets\n[[preset]]\nname = "home"\nprofile = "play"\n'
)


@dataclass(frozen=True, slots=True)
class Desk:
    """A home with an AWS config."""

    paths: Paths

    @property
    def config(self) -> Path:
        return self.paths.config_file

    @property
    def settings(self) -> Path:
        return self.paths.home / ".claude" / "settings.json"

    def writes(self, config: str | None = None, settings: str | None = None) -> None:
        for file, text in ((self.config, config), (self.settings, settings)):
            if text is not None:
                file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                file.write_text(text)

    @property
    def said(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.settings.read_text())
        return told

    def use(self, preset: str = "", **asked: Any) -> Used:
        done = use.use(self.paths, os.environ, Asked(**asked), preset)
        assert isinstance(done, Used)
        return done

    def refused(self, preset: str = "", **asked: Any) -> Refused:
        done = use.use(self.paths, os.environ, Asked(**asked), preset)
        assert isinstance(done, Refused)
        return done


@pytest.fixture
def desk(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a home with two profiles, and a keeplit that has a path."""
    (own_home / ".aws").mkdir()
    (own_home / ".aws" / "config").write_text(AWS)
    monkeypatch.setattr(own_command, "commands", lambda _: COMMANDS)
    monkeypatch.setattr(using, "TORN_EVERY", 0.0)
    monkeypatch.chdir(own_home)
    return Desk(places.find(os.environ))


def test_both_files_are_made_where_there_are_none(desk: Desk) -> None:
    """A newcomer's first command writes all that Bedrock needs, for their eyes alone."""
    done = desk.use(profile="work")
    env = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_PROFILE": "work", "AWS_REGION": "us-west-2"}
    assert desk.said == {"env": env, **COMMANDS}
    assert desk.config.read_text() == '[claude]\nprofile = "work"\n'
    if sys.platform != "win32":
        assert [stat.S_IMODE(file.stat().st_mode) for file in (desk.config, desk.settings)] == [0o600, 0o600]
    assert [(one.file, one.key, one.before, one.after) for one in done.changed][:2] == [
        ("config", "claude.profile", None, "work"),
        ("settings", "env.CLAUDE_CODE_USE_BEDROCK", None, "1"),
    ]
    assert (done.now.profile, done.now.region, done.config, done.settings) == (
        "work",
        "us-west-2",
        desk.config,
        desk.settings,
    )


def test_the_same_again_writes_nothing(desk: Desk) -> None:
    """Neither file is touched, and the journal has no entry more."""
    desk.use(profile="work")
    before = [(file.stat().st_mtime_ns, file.stat().st_ino) for file in (desk.config, desk.settings)]
    count = len(journal.read(desk.paths))
    done = desk.use(profile="work", region="us-west-2")
    assert [one.key for one in done.changed] == ["claude.region"]
    again = desk.use(profile="work", region="us-west-2")
    assert (again.changed, again.group) == ((), "")
    assert before[1] == (desk.settings.stat().st_mtime_ns, desk.settings.stat().st_ino)
    assert count + 1 == len(journal.read(desk.paths))


def test_one_undo_takes_back_the_whole_command(desk: Desk) -> None:
    """Both files say again, to the byte, what they said before; they share one group of the journal."""
    desk.writes(CONFIG, ODD)
    done = desk.use("home", region="us-east-1", env={"BAR": "x"})
    assert desk.said["env"]["AWS_PROFILE"] == "play"
    assert 'profile = "play"  # the good one' in desk.config.read_text()
    entries = [entry for entry in journal.read(desk.paths) if entry.group == done.group]
    assert {(entry.file, entry.command, entry.phase) for entry in entries} == {
        (str(desk.config), "use", Phase.DONE),
        (str(desk.settings), "use", Phase.DONE),
    }
    assert {one.key: (one.before, one.after) for one in entries[0].changed} == {
        "claude.profile": ('"work"', '"play"'),
        "claude.region": (None, '"us-east-1"'),
        "claude.env.BAR": (None, '"x"'),
    }
    undo.undo(desk.paths)
    assert [desk.config.read_text(), desk.settings.read_text()] == [CONFIG, ODD]


def test_what_else_stands_in_the_settings_is_left_alone(desk: Desk) -> None:
    """Only the keys of the command come to the file; its odd spellings stay."""
    desk.writes(None, ODD)
    desk.use(profile="work")
    text = desk.settings.read_text()
    assert all(piece in text for piece in ('"theme":"d\\u0061rk"', '"FOO":"1"', '"n": 1.50'))


def test_a_kill_between_the_files_is_mended_by_the_same_command(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """config.toml comes first, so the daemon, or the same command, knows what was meant."""
    desk.writes(CONFIG, ODD)

    def killed(*_: object, **__: object) -> Written:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(guarded, "edit", killed)
        with pytest.raises(KeyboardInterrupt):
            desk.use(profile="play")
    assert ('"play"' in desk.config.read_text(), desk.settings.read_text()) == (True, ODD)
    done = desk.use(profile="play")
    assert desk.said["env"]["AWS_PROFILE"] == "play"
    assert {one.file for one in done.changed} == {"settings"}


def test_another_program_that_writes_meanwhile_keeps_its_work(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command looks again, and decides on what the file says then; one group holds all."""
    desk.writes(CONFIG, ODD)
    real = guarded.edit
    others = iter(['{"env": {"FOO": "2", "AWS_REGION": "eu-west-1"}}'])

    def late(*arguments: Any, **keywords: Any) -> Written:
        for text in others:
            desk.settings.write_text(text)
        return real(*arguments, **keywords)

    monkeypatch.setattr(guarded, "edit", late)
    done = desk.use(profile="play")
    assert (desk.said["env"]["FOO"], desk.said["env"]["AWS_REGION"], done.now.region) == ("2", "eu-west-1", "eu-west-1")
    assert {entry.group for entry in journal.read(desk.paths)} == {done.group}
    assert next(one.key for one in done.changed) == "claude.profile"


def test_a_file_that_never_rests_ends_the_command(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some tries it says so."""
    desk.writes(CONFIG, ODD)
    real = guarded.edit
    count = iter(range(100))

    def always(*arguments: Any, **keywords: Any) -> Written:
        desk.settings.write_text(json.dumps({"env": {"FOO": str(next(count))}}))
        return real(*arguments, **keywords)

    monkeypatch.setattr(guarded, "edit", always)
    said = desk.refused(profile="play").sentence
    assert ("again and again" in said, said.endswith("config.toml is put back: nothing is changed.")) == (True, True)
    assert desk.config.read_text() == CONFIG


def test_isolation_there_and_back(desk: Desk) -> None:
    """The profile leaves the environment of Claude's commands for config.toml, and comes back."""
    desk.writes(None, '{"env": {"AWS_PROFILE": "work", "AWS_REGION": "us-east-1"}}')
    done = desk.use(isolate=True)
    assert ("AWS_PROFILE" not in desk.said["env"], desk.said["awsCredentialExport"]) == (
        True,
        COMMANDS["awsCredentialExport"],
    )
    assert (done.now.profile, done.now.isolate) == ("work", True)
    assert desk.config.read_text() == '[claude]\nprofile = "work"\nisolate = true\n'
    assert [one.seen_by for one in done.changed if one.key == "env.AWS_PROFILE"] == ["new"]
    desk.use(profile="play")
    assert "AWS_PROFILE" not in desk.said["env"]
    back = desk.use(isolate=False)
    assert (desk.said["env"]["AWS_PROFILE"], back.now.isolate) == ("play", False)
    assert any("awsCredentialExport stays" in note for note in back.notes)


def test_isolation_is_refused_where_the_helper_is_a_persons_own(desk: Desk) -> None:
    """Nothing is written before they say that keeplit's may take its place."""
    own = '{"env": {"AWS_PROFILE": "work"}, "awsCredentialExport": "mine.sh"}'
    desk.writes(None, own)
    assert "--replace-helpers" in desk.refused(isolate=True).sentence
    assert (desk.settings.read_text(), desk.config.exists()) == (own, False)
    desk.use(isolate=True, replace_helpers=True)
    assert desk.said["awsCredentialExport"] == COMMANDS["awsCredentialExport"]


def test_without_a_path_of_its_own_no_helper_is_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keeplit that is run from a folder of sources says so and sets the rest."""
    monkeypatch.setattr(own_command, "commands", lambda _: {})
    done = desk.use(profile="work")
    assert set(desk.said) == {"env"}
    assert any("were not written" in note for note in done.notes)


@pytest.mark.parametrize("text", ["{", '{"env": []}', "[]"])
def test_broken_settings_stop_the_command_before_it_writes(desk: Desk, text: str) -> None:
    """A file that cannot be edited is named with what to do, and config.toml is not changed either."""
    desk.writes(CONFIG, text)
    said = desk.refused(profile="play").sentence
    assert ("settings.json" in said, "Do: " in said) == (True, True)
    assert (desk.config.read_text(), desk.settings.read_text()) == (CONFIG, text)


def test_a_broken_config_toml_stops_the_command(desk: Desk) -> None:
    """Its line is said, and nothing is written."""
    desk.writes("[claude\n", "{}")
    with pytest.raises(FileTrouble, match="line 1"):
        desk.use(profile="work")
    assert desk.settings.read_text() == "{}"


def test_settings_that_cannot_be_written_stop_the_command_before_it_writes(desk: Desk) -> None:
    """What would not be done is known before config.toml is changed."""
    desk.writes(CONFIG, "{}")
    desk.settings.chmod(0o400)
    refused = desk.refused(profile="play")
    assert ("keeplit undo" in refused.sentence, "chmod u+w" in refused.sentence, refused.exit_code) == (False, True, 1)
    assert (desk.said, desk.config.read_text(), journal.read(desk.paths)) == ({}, CONFIG, ())


def test_settings_that_would_become_too_large_stop_it_too(desk: Desk) -> None:
    """The size is named, and no place: it is nowhere in the file."""
    large = json.dumps({"x": "a" * (MOST_BYTES - 30)})
    desk.writes(CONFIG, large)
    said = desk.refused(profile="play").sentence
    assert ("it would have 2097" in said, "line 1" in said, "changed" in said) == (True, False, False)
    assert (desk.config.read_text(), desk.settings.read_text()) == (CONFIG, large)


def refuses(*_: object, **__: object) -> Written:
    """Stand for a write of the settings that fails at the very last."""
    return Written(WriteResult.NOT_WRITABLE, fault="the disk went away", fix="see to that; nothing was changed")


@pytest.mark.parametrize("before", [CONFIG, None])
def test_what_is_refused_at_the_last_is_put_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    """config.toml is what it was, to the byte or gone, the sentence says so, and there is nothing to undo."""
    desk.writes(before, "{}")
    with monkeypatch.context() as patched:
        patched.setattr(guarded, "edit", refuses)
        said = desk.refused(profile="play").sentence
    assert said == (
        "the disk went away. Do: see to that, then the same command again. config.toml is put back: nothing is changed."
    )
    assert (desk.config.read_text() if desk.config.exists() else None, desk.said) == (before, {})
    assert len({entry.group for entry in journal.read(desk.paths)}) == 1
    assert [one.number for one in undo.history(desk.paths)] == [None]
    assert desk.use(profile="play").now.profile == "play"


class Killed(BaseException):
    """The end of a process in the middle of its work; nothing catches it."""


def test_what_is_killed_before_it_is_put_back_is_ended_later(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """config.toml says it already, so the settings follow, as was promised before the first write."""
    desk.writes(CONFIG, "{}")
    real, calls = guarded.put, [None]

    def once(*given: Any, **more: Any) -> Written:
        if not calls:
            raise Killed
        calls.pop()
        return real(*given, **more)

    with monkeypatch.context() as patched:
        patched.setattr(guarded, "edit", refuses)
        patched.setattr(guarded, "put", once)
        with pytest.raises(Killed):
            desk.use(profile="play")
    assert (desk.config.read_text() == CONFIG, desk.said) == (False, {})
    assert cut_off.end(desk.paths) is None
    assert desk.said["env"]["AWS_PROFILE"] == "play"
    undo.undo(desk.paths)
    assert (desk.config.read_text(), desk.said) == (CONFIG, {})


def test_a_config_toml_that_another_changed_meanwhile_is_not_put_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their work stands; the sentence tells the way back."""
    desk.writes(CONFIG, "{}")

    def refused(*_: object, **__: object) -> Written:
        desk.config.write_text(desk.config.read_text() + "# more\n")
        return refuses()

    monkeypatch.setattr(guarded, "edit", refused)
    assert desk.refused(profile="play").sentence.endswith(f"again. {use.HALF}")
    assert desk.config.read_text().endswith("# more\n")


def test_a_fault_on_the_way_puts_config_toml_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else goes wrong with a file after the first write."""
    desk.writes(CONFIG, "{}")

    def fails(*_: object, **__: object) -> Written:
        raise FileTrouble("a fault")

    monkeypatch.setattr(guarded, "edit", fails)
    with pytest.raises(FileTrouble, match="a fault"):
        desk.use(profile="play")
    assert desk.config.read_text() == CONFIG
    desk.writes("[claude\n")
    with pytest.raises(FileTrouble, match="line 1"):
        desk.use(profile="play")


def test_a_config_toml_that_cannot_be_written_leaves_the_settings(desk: Desk) -> None:
    """Nothing is half done."""
    desk.writes(CONFIG, "{}")
    desk.config.chmod(0o400)
    assert "Do: " in desk.refused(profile="play").sentence
    assert desk.said == {}


def test_secrets_are_not_said(desk: Desk) -> None:
    """A variable that sounds like a secret is written and not shown."""
    done = desk.use(profile="work", env={"GATEWAY_TOKEN": "s3cret"})
    assert desk.said["env"]["GATEWAY_TOKEN"] == "s3cret"
    assert "s3cret" not in repr(done)


def test_a_stronger_layer_is_told(desk: Desk, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the project decides, this command cannot."""
    project = own_home / "project"
    (project / ".claude").mkdir(parents=True)
    (project / ".claude" / "settings.json").write_text('{"env": {"AWS_REGION": "eu-west-1"}}')
    monkeypatch.chdir(project)
    done = desk.use(profile="work")
    said = next(note for note in done.notes if note.startswith("AWS_REGION comes from the project's settings"))
    assert said.endswith("settings.json: there it is us-west-2.")
    assert done.now.region == "eu-west-1"


def test_a_link_to_a_dotfiles_folder_stays_a_link(desk: Desk, own_home: Path) -> None:
    """Both files may be links; what they lead to is changed."""
    desk.writes(CONFIG, ODD)
    for file in (desk.config, desk.settings):
        target = own_home / "dotfiles" / file.name
        target.parent.mkdir(exist_ok=True)
        file.rename(target)
        file.symlink_to(target)
    desk.use(profile="play")
    assert [file.is_symlink() for file in (desk.config, desk.settings)] == [True, True]
    assert desk.said["env"]["AWS_PROFILE"] == "play"


def now(desk: Desk) -> Used | Refused:
    """Return what is used."""
    return use.now(desk.paths, os.environ)


def test_what_is_used_now(desk: Desk) -> None:
    """Without anything asked for the files are only read."""
    assert isinstance(nothing := now(desk), Refused)
    assert (nothing.exit_code, "keeplit use --profile" in nothing.sentence) == (4, True)
    desk.writes(CONFIG, ODD)
    assert isinstance(found := now(desk), Used)
    assert (found.now.profile, found.now.presets, found.changed) == ("work", ("home",), ())
    desk.writes(None, "{")
    assert isinstance(broken := now(desk), Refused)
    assert broken.exit_code == 1


def test_what_wins_is_what_is_used_now(desk: Desk, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Managed settings decide: their values are told, with what the file says, and what it lacks."""
    managed = own_home / "managed"
    managed.mkdir()
    monkeypatch.setattr(settings_layers, "MANAGED_FOLDER", managed)
    (managed / "managed-settings.json").write_text(
        '{"model": "opus", "awsAuthRefresh": "corp s3cret", "env": {"AWS_REGION": "eu-west-2", "AWS_PROFILE": "corp"}}'
    )
    desk.writes(CONFIG, '{"model": "haiku", "awsAuthRefresh": "mine s3cret", "env": {"AWS_REGION": "us-east-1"}}')
    found = now(desk)
    assert isinstance(found, Used)
    assert (found.now.profile, found.now.region, found.now.model) == ("corp", "eu-west-2", "opus")
    notes = "\n".join(found.notes)
    assert f"AWS_REGION comes from the managed settings ({managed}/managed-settings.json) here" in notes
    assert f"{desk.settings}: there it is us-east-1." in notes
    assert f"and {desk.settings} does not name it." in notes
    assert "s3cret" not in notes
    desk.writes('[claude]\nprofile = "work"\nisolate = true\n', '{"env": {"ANTHROPIC_MODEL": "sonnet"}}')
    alone = now(desk)
    assert isinstance(alone, Used)
    assert (alone.now.profile, alone.now.model) == ("work", "sonnet")


def test_two_presets_of_one_name_are_refused(desk: Desk) -> None:
    """Both lines are named."""
    desk.writes(CONFIG + '\n[[preset]]\nname = "home"\nprofile = "work"\n', "{}")
    assert "in the lines 6 and 10" in desk.refused("home").sentence
