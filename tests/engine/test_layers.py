from __future__ import annotations

import json
from pathlib import Path

import pytest

from keeplit.adapters import paths, settings_layers
from keeplit.core.layers import Level
from keeplit.engine import layers


@pytest.fixture
def managed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder of managed settings of the test's own."""
    folder = tmp_path / "managed"
    monkeypatch.setattr(settings_layers, "MANAGED_FOLDER", folder)
    return folder


def written(path: Path, **settings: object) -> Path:
    """Write a settings file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings), "utf-8")
    return path


def explained(home: Path, folder: Path | None = None, **environ: str) -> layers.Explained:
    """Explain the layers as a command in `folder` does."""
    environ = {"HOME": str(home), **environ}
    return layers.explain(paths.find(environ), environ, folder)


def test_each_key_has_its_winner(own_home: Path, managed: Path, tmp_path: Path) -> None:
    """Managed, local, project, user and shell: each row says which wins and which lose."""
    written(managed / "managed-settings.json", env={"AWS_REGION": "eu-west-1"})
    local = written(tmp_path / "p" / ".claude" / "settings.local.json", model="haiku")
    written(tmp_path / "p" / ".claude" / "settings.json", env={"AWS_PROFILE": "team"}, model="opus")
    kept = written(own_home / ".claude" / "settings.json", env={"AWS_PROFILE": "work", "AWS_REGION": "us-west-2"})

    found = explained(own_home, tmp_path / "p", AWS_PROFILE="shell")

    assert found.path == str(kept)
    assert [(row.key, row.wins.level, [lost.level for lost in row.loses], row.seen_by) for row in found.rows] == [
        ("env.AWS_PROFILE", Level.PROJECT, [Level.USER, Level.SHELL], "new"),
        ("env.AWS_REGION", Level.MANAGED, [Level.USER], "running"),
        ("model", Level.LOCAL, [Level.PROJECT], "new"),
    ]
    assert found.rows[2].wins.path == str(local)
    assert {key: one.value for key, one in found.shadowed.items()} == {
        "env.AWS_PROFILE": "team",
        "env.AWS_REGION": "eu-west-1",
    }
    assert found.problems == ()


def configured(home: Path, text: str) -> None:
    """Write config.toml."""
    config = paths.find({"HOME": str(home)}).config_file
    config.parent.mkdir(parents=True)
    config.write_text(text, "utf-8")


def test_a_further_key_is_explained_as_ours_are(own_home: Path, managed: Path) -> None:
    """A key of [claude.env] is looked for in every layer."""
    written(managed / "managed-settings.json", env={"HTTPS_PROXY": "http://corp"})
    written(own_home / ".claude" / "settings.json", env={"HTTPS_PROXY": "http://mine"})
    assert explained(own_home).rows == ()
    configured(own_home, '[claude.env]\nHTTPS_PROXY = "http://mine"\n')
    found = explained(own_home)
    assert [row.key for row in found.rows] == ["env.HTTPS_PROXY"]
    assert found.shadowed["env.HTTPS_PROXY"].level is Level.MANAGED


def test_claude_config_dir_moves_the_users_file(own_home: Path, managed: Path, tmp_path: Path) -> None:
    """The person's shell, or config.toml for a service, says where the user's settings are."""
    moved = written(tmp_path / "moved" / "settings.json", model="opus")
    assert not managed.exists()
    assert explained(own_home, CLAUDE_CONFIG_DIR=str(moved.parent)).rows[0].wins.path == str(moved)
    configured(own_home, f"[environment]\nCLAUDE_CONFIG_DIR = {json.dumps(str(moved.parent))}\n")
    assert explained(own_home).rows[0].wins.path == str(moved)


def test_a_kept_file_in_another_place_loses_to_the_managed_ones(own_home: Path, managed: Path, tmp_path: Path) -> None:
    """What config.toml names instead of the user's file is compared with the managed settings alone."""
    written(managed / "managed-settings.json", env={"AWS_REGION": "eu-west-1"})
    kept = written(tmp_path / "kept.json", env={"AWS_REGION": "us-west-2", "AWS_PROFILE": "work"})
    written(tmp_path / "p" / ".claude" / "settings.json", env={"AWS_PROFILE": "team"})
    configured(own_home, f"[claude]\nsettings = {json.dumps(str(kept))}\n")
    found = explained(own_home, tmp_path / "p")
    assert (found.path, list(found.shadowed)) == (str(kept), ["env.AWS_REGION"])
    kept.unlink()
    assert explained(own_home, tmp_path / "p").shadowed == {}


def test_a_projects_file_can_be_the_kept_one(own_home: Path, managed: Path, tmp_path: Path) -> None:
    """Then only what stands over it is told."""
    kept = written(tmp_path / "p" / ".claude" / "settings.json", env={"AWS_PROFILE": "team", "AWS_REGION": "a"})
    written(tmp_path / "p" / ".claude" / "settings.local.json", env={"AWS_REGION": "b"})
    written(own_home / ".claude" / "settings.json", env={"AWS_PROFILE": "work"})
    configured(own_home, f"[claude]\nsettings = {json.dumps(str(kept))}\n")
    assert list(explained(own_home, tmp_path / "p").shadowed) == ["env.AWS_REGION"]
    assert not managed.exists()


def test_what_cannot_be_read_is_told_and_nothing_more(own_home: Path, managed: Path, tmp_path: Path) -> None:
    """Each broken layer is a problem with its place, and the others count on."""
    for path in (managed / "managed-settings.json", tmp_path / "p" / ".claude" / "settings.json"):
        path.parent.mkdir(parents=True)
        path.write_text('{"env": {,}}', "utf-8")
    written(own_home / ".claude" / "settings.json", model="opus")
    found = explained(own_home, tmp_path / "p")
    assert [row.key for row in found.rows] == ["model"]
    assert ["line 1, column 10" in problem.sentence for problem in found.problems] == [True, True]


def test_the_daemon_knows_the_managed_files_alone(managed: Path) -> None:
    """It has no working folder, and its environment is not that of Claude Code."""
    path = written(
        managed / "managed-settings.d" / "10-aws.json",
        env={"AWS_REGION": "eu-west-1", "AWS_PROFILE": "work", "PAGER": "more"},
    )
    values = {"env.AWS_REGION": "us-west-2", "env.AWS_PROFILE": "work", "model": "opus", "env.PAGER": "less"}
    name = f"the managed settings ({path})"
    assert layers.above(values) == layers.Above({"env.AWS_REGION": name})
    assert layers.above(values, {"env.PAGER": "less"}).shadowed == {"env.AWS_REGION": name, "env.PAGER": name}
    written(path, env={"CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1"})
    assert layers.above(values) == layers.Above({}, {"env.CLAUDE_CODE_SKIP_BEDROCK_AUTH": name})
    path.unlink()
    assert layers.above(values) == layers.Above()


def test_a_working_folder_that_is_gone_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell can stand in a folder that somebody removed."""
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert layers.working_folder() == folder
    folder.rmdir()
    assert layers.working_folder() is None


HIDDEN_BY = "keeplit's row is not shown here: "
OURS, THEIRS = "/opt/keeplit/bin/keeplit statusline", "git branch --show-current"


@pytest.mark.parametrize(
    ("user", "local", "project", "by"),
    [
        (OURS, None, THEIRS, "the project's settings"),
        (OURS, THEIRS, OURS, "the project's local settings"),
        (OURS, f"{OURS} --with '{THEIRS}'", THEIRS, ""),
        (OURS, OURS, None, ""),
        (OURS, None, None, ""),
        (THEIRS, None, "make row", ""),
        (None, None, THEIRS, ""),
    ],
)
def test_a_project_with_a_status_line_of_its_own_hides_our_row(
    own_home: Path, managed: Path, tmp_path: Path, user: str | None, local: str | None, project: str | None, by: str
) -> None:
    """Told only where ours is installed, and does not stand in the one that wins either."""
    places = {
        own_home / ".claude" / "settings.json": user,
        tmp_path / "p" / ".claude" / "settings.local.json": local,
        tmp_path / "p" / ".claude" / "settings.json": project,
    }
    for place, command in places.items():
        if command is not None:
            written(place, statusLine={"type": "command", "command": command})

    hidden = explained(own_home, tmp_path / "p").row_hidden

    assert (hidden.sentence.partition(" (")[0] if hidden else "") == (f"{HIDDEN_BY}{by}" if by else "")
    assert explained(own_home).row_hidden is None


def test_the_managed_settings_hide_our_row_everywhere(own_home: Path, managed: Path, tmp_path: Path) -> None:
    """Over a file of --settings too, which no project's wins over; a slot without a command decides nothing."""
    other = written(tmp_path / "other.json", statusLine={"type": "command", "command": OURS})
    configured(own_home, f"[claude]\nsettings = {json.dumps(str(other))}\n")
    written(tmp_path / "p" / ".claude" / "settings.json", statusLine={"type": "command", "command": THEIRS})
    assert explained(own_home, tmp_path / "p").row_hidden is None
    written(managed / "managed-settings.d" / "1.json", statusLine={"padding": 2})
    assert explained(own_home).row_hidden is None
    last = written(managed / "managed-settings.d" / "2.json", statusLine={"command": THEIRS})
    hidden = explained(own_home).row_hidden
    assert hidden is not None
    assert hidden.sentence.startswith(f"{HIDDEN_BY}the managed settings ({last}) have")


def test_hooks_that_are_switched_off_take_the_row_with_them(own_home: Path, managed: Path, tmp_path: Path) -> None:
    """Claude Code draws no status line then; told only where ours is in, by the layer that decides."""
    user, project = own_home / ".claude" / "settings.json", tmp_path / "p" / ".claude" / "settings.json"
    row = {"type": "command", "command": OURS}
    written(user, disableAllHooks=True)
    assert explained(own_home).row_hidden is None
    written(user, disableAllHooks=True, statusLine=row)
    hidden = explained(own_home).row_hidden
    assert hidden is not None
    assert hidden.sentence == (
        f"{HIDDEN_BY}the user's settings ({user}) say disableAllHooks, which switches the status line off too."
    )
    written(project, disableAllHooks=False)
    assert explained(own_home, tmp_path / "p").row_hidden is None
    written(project, disableAllHooks="yes")  # of a wrong type: it decides nothing
    assert explained(own_home, tmp_path / "p").row_hidden == hidden
    written(managed / "managed-settings.json", disableAllHooks=True)
    above = explained(own_home, tmp_path / "p").row_hidden
    assert above is not None
    assert above.sentence.startswith(f"{HIDDEN_BY}the managed settings")
