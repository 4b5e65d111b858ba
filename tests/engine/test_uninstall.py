from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from keeplit.adapters import autostart as adapter
from keeplit.adapters import clock, files, sign_in_files
from keeplit.adapters import paths as places
from keeplit.adapters.autostart.xdg import Xdg
from keeplit.adapters.paths import Paths
from keeplit.core.json_edit import Set, encode
from keeplit.core.model import SignIn
from keeplit.engine import autostart, guarded, status_row, undo
from keeplit.engine import uninstall as uninstalling
from keeplit.engine.autostart import starting
from keeplit.engine.choosing import Refused
from keeplit.engine.living import prepare
from keeplit.engine.uninstall import goes, uninstall

HELPER = "/opt/keeplit/bin/keeplit login --for-claude"


@pytest.fixture
def paths(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """Give a home where the desktop starts keeplit, which has a state, a config and files beside AWS's cache."""
    found = places.find(os.environ)
    xdg = Xdg(own_home, os.environ)
    monkeypatch.setattr(adapter, "find", lambda *_: (xdg,))
    xdg.enable("/opt/keeplit/bin/keeplit")
    prepare(found)
    found.log.write_text("keeplit starts\n")
    for folder in (found.own, found.sso_cache, found.cli_cache):
        files.private_folder(folder)
        (folder / "something.json").write_text("{}")
    found.config_file.parent.mkdir(parents=True, exist_ok=True)
    found.config_file.write_text("[sign_in]\n")
    return found


def settings(home: Path) -> Path:
    """Return Claude Code's settings file."""
    return home / ".claude" / "settings.json"


def edit(paths: Paths, home: Path, value: str) -> None:
    """Let keeplit write its helper into Claude Code's settings."""
    change = [Set("awsAuthRefresh", encode(value))]
    written = guarded.edit(paths, settings(home), change, expected=None, command="setup", group="1", create=True)
    assert written.as_wanted


def test_nothing_of_ours_is_left(paths: Paths, own_home: Path) -> None:
    """Settings are what they were, nothing starts at login, and our own files are gone; AWS's caches stay."""
    settings(own_home).parent.mkdir()
    settings(own_home).write_bytes(b'{ "model":"opus" }')
    edit(paths, own_home, HELPER)
    assert goes(paths) == (paths.config_file, paths.state, paths.own)
    done = uninstall(paths, os.environ)
    assert (done.why_not, done.pointing) == ("", ())
    assert done.removed == (paths.config_file, paths.state, paths.own)
    assert settings(own_home).read_bytes() == b'{ "model":"opus" }'
    left = sorted(str(path.relative_to(own_home)) for path in own_home.rglob("*") if path.is_file())
    assert left == [".aws/cli/cache/something.json", ".aws/sso/cache/something.json", ".claude/settings.json"]
    assert not paths.config_file.parent.exists()
    assert uninstall(paths, os.environ).removed == ()


@pytest.mark.parametrize(
    ("lock", "who"), [("daemon.lock", "a daemon still runs"), ("tray.lock", "the tray still runs")]
)
def test_what_still_runs_is_waited_for(
    paths: Paths, own_home: Path, lock: str, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A daemon or tray that does not end would bring the files back: nothing is removed before it ends."""
    edit(paths, own_home, HELPER)
    for where in (autostart, starting):
        monkeypatch.setattr(where, "end", lambda *_: None)
    with files.lock(paths.state / lock, timeout=1.0):
        done = uninstall(paths, os.environ)
    assert who in done.why_not
    assert done.removed == ()
    assert json.loads(settings(own_home).read_text()) == {"awsAuthRefresh": HELPER}


@pytest.mark.parametrize("ends", [True, False])
def test_a_sign_in_is_asked_to_end(paths: Paths, monkeypatch: pytest.MonkeyPatch, *, ends: bool) -> None:
    """Its runner would write its record anew: it is waited for, and where it does not end nothing is removed."""
    begun = SignIn("one", "acme", "https://a.example", datetime(2026, 11, 21, 12, 0, tzinfo=UTC))
    looks = iter([(begun,), (begun,), () if ends else (begun,)])
    asked: list[str] = []
    monkeypatch.setattr(uninstalling, "END_WITHIN", 5.0 if ends else 0.0)
    monkeypatch.setattr(clock, "sleep", lambda _: None)
    monkeypatch.setattr(sign_in_files, "running", lambda _: next(looks))
    monkeypatch.setattr(sign_in_files, "ask_cancel", lambda _, sign_in: asked.append(sign_in.id))
    done = uninstall(paths, os.environ)
    assert (asked, bool(done.removed)) == (["one"], ends)
    assert ("close its tab" in done.why_not) is not ends


def test_empty_folders_of_aws_go_too(paths: Paths) -> None:
    """Where nobody but keeplit ever wrote there, nothing of it is left; with a cache in it the folder stays."""
    shutil.rmtree(paths.sso_cache)
    shutil.rmtree(paths.cli_cache.parent)
    uninstall(paths, os.environ)
    assert not paths.aws.exists()


def test_what_cannot_be_given_back_keeps_its_journal(paths: Paths, own_home: Path) -> None:
    """Settings that cannot be read now are not given up: the journal that knows them stays."""
    settings(own_home).parent.mkdir()
    settings(own_home).write_text('{"model": "opus"}')
    edit(paths, own_home, HELPER)
    settings(own_home).write_text("{")
    done = uninstall(paths, os.environ)
    assert "could be given back" in done.why_not
    assert done.given[0].fault
    assert paths.journal.exists()
    assert undo.history(paths)


def test_settings_that_still_run_keeplit_are_named(paths: Paths, own_home: Path) -> None:
    """A helper that somebody else put there is not removed, but said: it would run what is not there any more."""
    settings(own_home).parent.mkdir()
    settings(own_home).write_text(json.dumps({"awsAuthRefresh": HELPER, "awsCredentialExport": "/usr/bin/other"}))
    assert uninstall(paths, os.environ).pointing == ("awsAuthRefresh",)


def test_a_link_is_not_followed(paths: Paths, tmp_path: Path) -> None:
    """A state folder that is a link loses the link, not what it leads to."""
    kept = tmp_path / "kept"
    paths.state.rename(kept)
    paths.state.symlink_to(kept)
    uninstall(paths, os.environ)
    assert not os.path.lexists(paths.state)
    assert (kept / paths.log.name).exists()


def test_a_persons_own_file_keeps_its_folder(paths: Paths) -> None:
    """What somebody put beside config.toml stays."""
    (paths.config_file.parent / "notes.txt").touch()
    uninstall(paths, os.environ)
    assert [path.name for path in paths.config_file.parent.iterdir()] == ["notes.txt"]


def test_what_cannot_be_removed_is_said(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is closed is a sentence with its path; one that is gone meanwhile is none."""

    def refused(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    def gone(path: Path) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(shutil, "rmtree", refused)
    with pytest.raises(files.NotWritable, match="Permission denied; remove it yourself"):
        uninstall(paths, os.environ)
    monkeypatch.setattr(shutil, "rmtree", gone)
    assert uninstall(paths, os.environ).removed == ()


def test_what_a_daemon_repaired_is_not_taken_away(paths: Paths, own_home: Path) -> None:
    """A person's own key that went missing and came back was there before keeplit."""
    settings(own_home).parent.mkdir()
    settings(own_home).write_bytes(b'{ "model":"opus" }')
    change = [Set("env.AWS_PROFILE", encode("work"))]
    file = settings(own_home)
    written = guarded.edit(paths, file, change, expected=None, command="rule", reason="missing", group="1")
    assert written.as_wanted
    repaired = settings(own_home).read_bytes()
    assert uninstall(paths, os.environ).given == ()
    assert settings(own_home).read_bytes() == repaired


ROW = {"type": "command", "command": "/opt/keeplit/bin/keeplit statusline --with date", "padding": 1}


def test_a_row_that_somebody_changed_goes_too(paths: Paths, own_home: Path) -> None:
    """A person's own command comes back with what they set beside it, also where no journal knows of ours."""
    settings(own_home).parent.mkdir()
    settings(own_home).write_text(json.dumps({"statusLine": ROW}))
    done = uninstall(paths, os.environ)
    told = json.loads(settings(own_home).read_bytes())
    assert (told, done.pointing) == ({"statusLine": {**ROW, "command": "date"}}, ())


def test_a_changed_row_is_not_said_to_be_left(paths: Paths, own_home: Path) -> None:
    """What the journal leaves alone is taken out all the same; what else somebody changed is named."""
    settings(own_home).parent.mkdir()
    settings(own_home).write_text("{}")
    edit(paths, own_home, HELPER)
    ours = {"type": "command", "command": "/opt/keeplit/bin/keeplit statusline"}
    change = [Set("statusLine", encode(ours))]
    assert guarded.edit(paths, settings(own_home), change, expected=None, command="setup", group="2").as_wanted
    settings(own_home).write_text(json.dumps({"awsAuthRefresh": "theirs", "statusLine": {**ours, "padding": 1}}))
    done = uninstall(paths, os.environ)
    assert json.loads(settings(own_home).read_bytes()) == {"awsAuthRefresh": "theirs"}
    assert [key for one in done.given for key in one.left] == ["awsAuthRefresh"]


def test_a_row_that_cannot_be_taken_out_is_named(paths: Paths, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program writes again and again: a person is told."""
    settings(own_home).parent.mkdir()
    settings(own_home).write_text(json.dumps({"statusLine": ROW}))
    monkeypatch.setattr(status_row, "take_out", lambda *_: Refused("try once more"))
    assert uninstall(paths, os.environ).pointing == ("statusLine",)
