"""What others have in a home folder is read, and what cannot be read counts as not there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from keeplit.adapters import foreign_places


def test_startup_files_say_what_they_set(tmp_path: Path) -> None:
    """With the line; a comment sets nothing, and the text is not shown by accident."""
    (tmp_path / ".bashrc").write_text(
        "# export AWS_PROFILE=a\n\nexport AWS_PROFILE=work\nif true; then\nAWS_X=1\nfi\nPATH\n"
    )
    (tmp_path / ".config" / "fish").mkdir(parents=True)
    (tmp_path / ".config" / "fish" / "config.fish").write_text("set -gx AWS_REGION us-east-1\n")

    found = foreign_places.startup_lines(tmp_path, ())

    assert [(Path(one.path).name, one.number, one.sets) for one in found] == [
        (".bashrc", 3, "AWS_PROFILE"),
        (".bashrc", 4, ""),
        (".bashrc", 5, "AWS_X"),
        (".bashrc", 6, ""),
        (".bashrc", 7, ""),
        ("config.fish", 1, "AWS_REGION"),
    ]
    assert "work" not in repr(found)


def test_what_cannot_be_read_is_not_there(tmp_path: Path) -> None:
    """A folder in place of a file, or nothing at all."""
    (tmp_path / ".bashrc").mkdir()

    assert foreign_places.startup_lines(tmp_path, (str(tmp_path / "none"),)) == ()


def test_comments_of_a_config_have_their_lines(tmp_path: Path) -> None:
    """Both kinds that AWS's files know."""
    (tmp_path / "config").write_text("# one\n[profile work]\n  # no comment of AWS\n; two\n")

    assert foreign_places.comments(tmp_path / "config") == ((1, "# one"), (4, "; two"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="each system has its own folder")
def test_editors_are_found(tmp_path: Path) -> None:
    """Where they keep their settings, one that cannot be read too."""
    for editor, text in (("Code", '{"a": 1}'), ("Cursor", "{")):
        folder = tmp_path / ".config" / editor / "User"
        folder.mkdir(parents=True)
        (folder / "settings.json").write_text(text)

    assert [one.settings for one in foreign_places.editors(tmp_path, {})] == [{"a": 1}, None]
    assert foreign_places.editors(tmp_path, {"XDG_CONFIG_HOME": "/nowhere"}) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"a": "//x", "b": [1, 2,], /* c */ }', {"a": "//x", "b": [1, 2]}),
        (b'// mine\n{"a": ",}"}', {"a": ",}"}),
        (b'{"a": "\\"//"}', {"a": '"//'}),
        (b"[]", None),
        (b"{", None),
        (b"[" * 100000, None),
    ],
)
def test_editors_json_is_read(text: bytes, expected: object) -> None:
    """With comments and commas at the end, as they take it."""
    assert foreign_places.parsed(text) == expected


def test_folders_of_old_advice_are_found(tmp_path: Path) -> None:
    """Each once."""
    (tmp_path / ".config" / "claude-code").mkdir(parents=True)
    roaming = tmp_path / "AppData" / "Roaming"
    (roaming / "claude-code").mkdir(parents=True)

    found = foreign_places.folders(tmp_path, {"APPDATA": str(roaming)})

    assert found == (str(tmp_path / ".config" / "claude-code"), str(roaming / "claude-code"))
    assert foreign_places.folders(tmp_path / "none", {}) == ()


def test_containers_are_known(tmp_path: Path) -> None:
    """By the environment, or by the file that they have."""
    mark = tmp_path / ".dockerenv"
    assert foreign_places.in_container({}, (str(mark),)) is False
    mark.touch()
    assert foreign_places.in_container({}, (str(mark),)) is True
    assert foreign_places.in_container({"CODESPACES": "true"}, ()) is True
