import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from keeplit.adapters import clock, settings_layers
from keeplit.core.layers import Layer, Level


def written(path: Path, content: object) -> Path:
    """Write JSON, or bytes as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def test_managed_files_are_read_the_strongest_first(tmp_path: Path) -> None:
    """The last drop-in by name wins over those before it, and all win over the main file."""
    main = written(tmp_path / "managed-settings.json", {"model": "opus", "env": {"AWS_REGION": "eu-west-1"}})
    first = written(tmp_path / "managed-settings.d" / "10-aws.json", {"env": {"AWS_REGION": "us-east-1"}})
    last = written(tmp_path / "managed-settings.d" / "20-gateway.json", {"env": {}})
    written(tmp_path / "managed-settings.d" / ".30-hidden.json", {"model": "haiku"})
    written(tmp_path / "managed-settings.d" / "40-notes.txt", {"model": "haiku"})
    assert settings_layers.managed(tmp_path) == settings_layers.Layers(
        (
            Layer(Level.MANAGED, str(last), {}),
            Layer(Level.MANAGED, str(first), {"env.AWS_REGION": "us-east-1"}),
            Layer(Level.MANAGED, str(main), {"model": "opus", "env.AWS_REGION": "eu-west-1"}),
        )
    )


def test_no_managed_settings_are_no_layers(tmp_path: Path) -> None:
    """Most machines have none."""
    assert settings_layers.managed(tmp_path / "none") == settings_layers.Layers()


def test_the_managed_folder_is_the_platforms() -> None:
    """Each platform has the folder that Claude Code's documentation names."""
    assert settings_layers.MANAGED_FOLDER.name in {"claude-code", "ClaudeCode"}


def test_a_projects_files_stand_over_the_users(tmp_path: Path) -> None:
    """The working folder is the project; no folder above it is looked into."""
    user = written(tmp_path / "home" / ".claude" / "settings.json", {"env": {"AWS_PROFILE": "user"}})
    written(tmp_path / ".claude" / "settings.json", {"env": {"AWS_PROFILE": "above"}})
    shared = written(tmp_path / "p" / ".claude" / "settings.json", {"awsAuthRefresh": "aws sso login"})
    local = written(tmp_path / "p" / ".claude" / "settings.local.json", {"awsCredentialExport": "mine", "x": [1]})
    assert settings_layers.of_project(tmp_path / "p", user).layers == (
        Layer(Level.LOCAL, str(local), {"awsCredentialExport": "mine"}),
        Layer(Level.PROJECT, str(shared), {"awsAuthRefresh": "aws sso login"}),
        Layer(Level.USER, str(user), {"env.AWS_PROFILE": "user"}),
    )
    assert settings_layers.of_project(tmp_path / "empty", tmp_path / "none.json") == settings_layers.Layers()


@pytest.mark.parametrize(
    ("slot", "values"),
    [
        ({"type": "command", "command": "mine", "padding": 0}, {"statusLine": "mine"}),
        ({"command": 1}, {}),
        ("mine", {}),
        (None, {}),
    ],
)
def test_of_the_status_line_its_command_is_read(tmp_path: Path, slot: object, values: dict[str, str]) -> None:
    """What has none decides nothing, and is no fault that a person is told of here."""
    file = written(tmp_path / "settings.json", {"statusLine": slot})
    assert settings_layers.one(file) == settings_layers.Layers((Layer(Level.USER, str(file), values),))


@pytest.mark.parametrize(
    ("switch", "values"),
    [(True, {"disableAllHooks": "true"}), (False, {"disableAllHooks": "false"}), ("true", {}), (None, {})],
)
def test_a_switch_is_read_where_it_is_one(tmp_path: Path, switch: object, values: dict[str, str]) -> None:
    """Of another type it decides nothing."""
    file = written(tmp_path / "settings.json", {"disableAllHooks": switch})
    assert settings_layers.one(file) == settings_layers.Layers((Layer(Level.USER, str(file), values),))


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
def test_one_file_is_one_layer(tmp_path: Path) -> None:
    """In the home folder, or through a link, the project's file is the user's."""
    user = written(tmp_path / ".claude" / "settings.json", {})
    assert settings_layers.of_project(tmp_path, user).layers == (Layer(Level.USER, str(user), {}),)
    (tmp_path / "link").symlink_to(tmp_path)
    assert settings_layers.of_project(tmp_path / "link", user).layers == (Layer(Level.USER, str(user), {}),)


def test_the_shells_environment_is_a_layer() -> None:
    """Its variables are keys of `env`."""
    assert settings_layers.shell({"AWS_PROFILE": "work"}) == Layer(Level.SHELL, "", {"env.AWS_PROFILE": "work"})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{\n  "env": {"A": "1",}\n}', ", line 2, column 20: this is not JSON ("),
        (b'{"model": "opus"', ", line 1, column 17: this is not JSON ("),
        (b"", ", line 1, column 1: this is not JSON ("),
        (b'{\n // mine\n "model": "opus"}', ", line 2, column 2: this is not JSON ("),
        (b'{"model":\n "\xff"}', ", line 2, column 3: this is not UTF-8."),
        (b"[]", ", line 1, column 1: it is not one JSON object."),
        (b'{"a": NaN}', ": NaN is no number of JSON."),
        (b"[" * 200_000, ": it is nested too deeply."),
        (b" " * (2 << 20) + b"{}", " is larger than 2097152 bytes, so it is not what it should be."),
    ],
)
def test_a_broken_layer_is_a_problem_and_empty(content: bytes, said: str, tmp_path: Path) -> None:
    """It says where, with line and column, shows nothing of the file, and stops nothing."""
    path = written(tmp_path / "managed-settings.json", content)
    found = settings_layers.managed(tmp_path)
    assert found.layers == (Layer(Level.MANAGED, str(path), {}),)
    (problem,) = found.problems
    assert problem.sentence.startswith(f"{path}{said}")
    assert (problem.code, problem.where) == ("settings_layer", str(path))


def test_a_folder_in_the_place_of_a_file_is_a_problem(tmp_path: Path) -> None:
    """What cannot be read is said."""
    (tmp_path / "managed-settings.json").mkdir()
    (problem,) = settings_layers.managed(tmp_path).problems
    assert "cannot be read" in problem.sentence


def test_what_is_no_text_is_said_and_left_out(tmp_path: Path) -> None:
    """The other keys of the file count on; a number of any length, a byte order mark and unknown keys do no harm."""
    path = tmp_path / "managed-settings.json"
    written(path, b'\xef\xbb\xbf{"env": {"A": 1, "B": "b"}, "model": null, "n": ' + b"9" * 5000 + b"}")
    found = settings_layers.managed(tmp_path)
    assert found.layers[0].values == {"env.B": "b"}
    assert [problem.sentence for problem in found.problems] == [
        f'{path}: "A" is no text.',
        f'{path}: "model" is no text.',
    ]
    written(path, {"env": ["A"], "model": "opus"})
    found = settings_layers.managed(tmp_path)
    assert found.layers[0].values == {"model": "opus"}
    assert [problem.sentence for problem in found.problems] == [f'{path}: "env" is no object.']


def test_managed_files_that_did_not_change_are_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once they have settled; a file that changes, comes or goes is seen at once."""
    main = written(tmp_path / "managed-settings.json", {"model": "opus"})
    young = [settings_layers.managed(tmp_path) for _ in range(2)]
    assert young[0] is not young[1]
    later = clock.now() + timedelta(seconds=5)
    monkeypatch.setattr(clock, "now", lambda: later)
    first = settings_layers.managed(tmp_path)
    assert settings_layers.managed(tmp_path) is first
    written(main, {"model": "haiku!"})
    assert settings_layers.managed(tmp_path).layers[0].values == {"model": "haiku!"}
    written(tmp_path / "managed-settings.d" / "1.json", {"model": "sonnet"})
    assert len(settings_layers.managed(tmp_path).layers) == 2
    main.unlink()
    assert [layer.values for layer in settings_layers.managed(tmp_path).layers] == [{"model": "sonnet"}]
    written(tmp_path / "managed-settings.d" / "1.json", b"{]")
    broken = [settings_layers.managed(tmp_path) for _ in range(2)]
    assert broken[0] is not broken[1]
    assert broken[0] == broken[1]
