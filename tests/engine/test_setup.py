from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from keeplit.adapters import aws_config_edit, journal, own_command
from keeplit.adapters import paths as places
from keeplit.adapters.claude_settings.written import WriteResult, Written
from keeplit.adapters.files import FileTrouble
from keeplit.adapters.paths import Paths
from keeplit.core.setup_answers import Answers, Found, Way
from keeplit.engine import guarded, setup, setup_look, status_row, undo, using
from keeplit.engine.choosing import Refused
from keeplit.engine.setup import Applied, Planned
from keeplit.engine.setup_look import Draft

COMMANDS = {"awsAuthRefresh": "/opt/keeplit login --for-claude", "awsCredentialExport": "/opt/keeplit credentials"}
OWN = '{\n    "theme": "dark"\n}\n'
ANSWERS = Answers(
    profile="work", region="us-east-1", model="us.anthropic.claude-sonnet-5", isolate=False, autostart=False
)


@pytest.fixture
def paths(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """Give a home with settings of a person, and a keeplit that has a path."""
    (own_home / ".claude").mkdir()
    (own_home / ".claude" / "settings.json").write_text(OWN)
    monkeypatch.setattr(own_command, "commands", lambda _: COMMANDS)
    monkeypatch.setattr(own_command, "program", lambda _: "/opt/keeplit")
    monkeypatch.setattr(using, "TORN_EVERY", 0.0)
    return places.find(os.environ)


@pytest.fixture
def draft(paths: Paths) -> Iterator[Draft]:
    """Give a draft with a new profile in it."""
    begun = Draft.begin(paths, os.environ)
    assert isinstance(begun, Draft)
    with begun as found:
        text = aws_config_edit.add_session("", name="acme", start_url="https://a.awsapps.com/start", region="us-east-1")
        named = {"name": "work", "session": "acme", "account": "111122223333", "role": "R", "region": "us-east-1"}
        found.put(aws_config_edit.add_profile(text, **named))
        yield found


def found(paths: Paths, draft: Draft) -> Found:
    """Return what is found."""
    seen = setup_look.look(paths, draft)
    assert isinstance(seen, Found)
    return seen


def plan(paths: Paths, draft: Draft, answers: Answers = ANSWERS, way: Way = Way.NEW) -> Planned:
    """Return the plan."""
    planned = setup.planned(paths, draft, answers, found(paths, draft), way)
    assert isinstance(planned, Planned)
    return planned


def apply(paths: Paths, draft: Draft, planned: Planned) -> Applied | Refused:
    """Write what is planned."""
    return setup.apply(paths, draft, planned, found(paths, draft))


def contents(paths: Paths) -> dict[str, str]:
    """Return the files of the person."""
    names = {"aws": paths.home / ".aws" / "config", "settings": paths.home / ".claude" / "settings.json"}
    files = {**names, "config": paths.config_file}
    return {name: file.read_text() for name, file in files.items() if file.exists()}


def test_a_plan_writes_nothing(paths: Paths, draft: Draft) -> None:
    """It holds every file before and after."""
    planned = plan(paths, draft)
    assert [one.path.name for one in planned.differing] == ["config", "config.toml", "settings.json"]
    assert json.loads(planned.settings.after)["env"] == {
        "CLAUDE_CODE_USE_BEDROCK": "1",
        "AWS_PROFILE": "work",
        "AWS_REGION": "us-east-1",
    }
    assert (contents(paths), journal.read(paths)) == ({"settings": OWN}, ())


def test_all_files_are_written_as_planned_under_one_group(paths: Paths, draft: Draft) -> None:
    """Byte for byte; a second time there is nothing to write."""
    planned = plan(paths, draft)
    done = apply(paths, draft, planned)
    assert isinstance(done, Applied)
    assert [one.path for one in planned.differing] == list(done.written)
    assert {one.path.read_bytes() == one.after for one in planned.differing} == {True}
    assert {one.group for one in journal.read(paths)} == {done.group}
    again = Draft.begin(paths, os.environ)
    assert isinstance(again, Draft)
    with again:
        second = plan(paths, again, way=Way.EXISTING)
        assert (second.differing, apply(paths, again, second)) == ((), Applied())


def test_the_row_comes_last_under_the_same_group(paths: Paths, draft: Draft) -> None:
    """As planned to the byte, and one undo takes all of it back."""
    planned = plan(paths, draft, replace(ANSWERS, statusline=True))
    assert json.loads(planned.settings.after)["statusLine"]["command"] == "/opt/keeplit statusline"
    done = apply(paths, draft, planned)
    assert isinstance(done, Applied)
    assert (paths.home / ".claude" / "settings.json").read_bytes() == planned.settings.after
    written = journal.read(paths)
    assert ({one.group for one in written}, written[-1].command) == ({done.group}, "statusline")
    assert next(one.keys for one in undo.history(paths))[-1] == "statusLine"
    again = plan(paths, draft, replace(ANSWERS, statusline=True))
    assert not again.row
    assert undo.undo(paths).command is not None
    assert contents(paths) == {"settings": OWN}


@pytest.mark.parametrize(
    ("told", "row"),
    [("no_slot", "of a kind that keeplit does not know"), ("no_program", "no path of its own")],
)
def test_a_row_that_cannot_stand_there_is_told(
    paths: Paths, draft: Draft, monkeypatch: pytest.MonkeyPatch, told: str, row: str
) -> None:
    """The rest is planned without it."""
    if told == "no_slot":
        (paths.home / ".claude" / "settings.json").write_text('{"statusLine": "mine"}')
    else:
        monkeypatch.setattr(own_command, "program", lambda _: None)
    planned = plan(paths, draft, replace(ANSWERS, statusline=True))
    assert (planned.row, row in planned.notes[-1]) == (False, True)


@pytest.mark.parametrize("way", ["refused", "raised"])
def test_a_row_that_fails_at_the_end_costs_itself_alone(
    paths: Paths, draft: Draft, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """All else is written and stays."""

    def put_in(*_: object, **__: object) -> Refused:
        if way == "raised":
            raise FileTrouble("the disk is full")
        return Refused("the disk is full.")

    monkeypatch.setattr(status_row, "put_in", put_in)
    done = apply(paths, draft, plan(paths, draft, replace(ANSWERS, statusline=True)))
    assert isinstance(done, Applied)
    assert done.note == "keeplit's row in the status line is left out: the disk is full."
    assert json.loads(contents(paths)["settings"])["env"]["AWS_PROFILE"] == "work"


def test_all_of_it_is_called_setup(paths: Paths, draft: Draft) -> None:
    """In the list of what can be undone."""
    apply(paths, draft, plan(paths, draft))
    assert {one.command for one in journal.read(paths)} == {"setup"}


def test_where_the_settings_are_refused_nothing_is_written(paths: Paths, draft: Draft) -> None:
    """It is found out before the first file is touched."""
    planned = plan(paths, draft)
    (paths.home / ".claude" / "settings.json").chmod(0o400)
    done = apply(paths, draft, planned)
    assert isinstance(done, Refused)
    assert done.sentence.endswith("Nothing is changed.")
    assert (contents(paths), journal.read(paths)) == ({"settings": OWN}, ())


def test_where_the_last_file_fails_the_first_ones_are_put_back(
    paths: Paths, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half is worse than none."""
    full = Written(WriteResult.NOT_WRITABLE, fault="the disk is full", fix="make room")
    monkeypatch.setattr(guarded, "edit", lambda *_, **__: full)
    done = apply(paths, draft, plan(paths, draft))
    assert isinstance(done, Refused)
    assert "the disk is full" in done.sentence
    assert done.sentence.endswith("Nothing is changed.")
    assert contents(paths) == {"settings": OWN}


def test_an_aws_config_that_changed_meanwhile_stops_all(paths: Paths, draft: Draft) -> None:
    """What another program wrote stays, and nothing else is written."""
    planned = plan(paths, draft)
    (paths.home / ".aws").mkdir()
    (paths.home / ".aws" / "config").write_text("[default]\n")
    done = apply(paths, draft, planned)
    assert isinstance(done, Refused)
    assert "Nothing is changed." in done.sentence
    assert contents(paths) == {"settings": OWN, "aws": "[default]\n"}


def test_settings_that_changed_meanwhile_are_planned_anew(paths: Paths, draft: Draft) -> None:
    """The other program's key and ours both stand."""
    planned = plan(paths, draft)
    (paths.home / ".claude" / "settings.json").write_text(OWN.replace("dark", "light"))
    assert isinstance(apply(paths, draft, planned), Applied)
    assert json.loads(contents(paths)["settings"])["theme"] == "light"
    assert json.loads(contents(paths)["settings"])["env"]["AWS_PROFILE"] == "work"


def test_another_kind_of_credentials_gets_no_helper(paths: Paths, draft: Draft) -> None:
    """keeplit has nothing to do for it, so Claude Code need not call it."""
    planned = plan(paths, draft, way=Way.OTHER)
    assert COMMANDS.keys() & json.loads(planned.settings.after).keys() == set()


def test_isolation_takes_the_profile_out_of_the_environment(paths: Paths, draft: Draft) -> None:
    """It then stands in config.toml alone; a foreign helper in its place is said to stand in the way."""
    planned = plan(paths, draft, replace(ANSWERS, isolate=True))
    assert "AWS_PROFILE" not in json.loads(planned.settings.after)["env"]
    assert b"isolate = true" in planned.config.after
    (paths.home / ".claude" / "settings.json").write_text('{"awsCredentialExport": "mine"}')
    refused = setup.planned(paths, draft, replace(ANSWERS, isolate=True), found(paths, draft), Way.NEW)
    assert isinstance(refused, Refused)


def test_what_goes_before_the_profile_is_known(
    paths: Paths, draft: Draft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key of another kind in the settings, and a layer above them: the end may not say otherwise."""
    (paths.home / ".claude" / "settings.json").write_text('{"env": {"AWS_BEARER_TOKEN_BEDROCK": "hush"}}')
    local = tmp_path / "project" / ".claude"
    local.mkdir(parents=True)
    monkeypatch.chdir(local.parent)
    (local / "settings.local.json").write_text('{"env": {"AWS_REGION": "eu-west-1"}}')
    planned = plan(paths, draft)
    assert planned.rivals == ("env.AWS_BEARER_TOKEN_BEDROCK",)
    assert isinstance(apply(paths, draft, planned), Applied)
    (said,) = setup.overruled(paths, draft)
    assert said.startswith("AWS_REGION comes from")
    (paths.home / ".claude" / "settings.json").write_text("{")
    assert setup.overruled(paths, draft) == ()


def test_without_a_path_of_its_own_no_helper_is_named(
    paths: Paths, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is planned, and it is said."""
    monkeypatch.setattr(own_command, "commands", lambda _: {})
    planned = plan(paths, draft)
    assert any("no path of its own" in note for note in planned.notes)
    assert "awsAuthRefresh" not in json.loads(planned.settings.after)


def test_settings_that_broke_since_are_refused(paths: Paths, draft: Draft) -> None:
    """Nothing is planned on what nobody can read."""
    seen = found(paths, draft)
    (paths.home / ".claude" / "settings.json").write_text("{")
    assert isinstance(setup.planned(paths, draft, ANSWERS, seen, Way.NEW), Refused)
