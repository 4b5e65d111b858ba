from __future__ import annotations

import os
from pathlib import Path

import pytest

from keeplit.adapters.autostart import standing
from keeplit.adapters.autostart.standing import MISSING, TOO_LONG, call, put, take_away
from keeplit.adapters.files import NotPrivate, NotWritable
from tests.end_to_end.machine import stand_in

posix = pytest.mark.skipif(os.name != "posix", reason="shell scripts stand in for the tools")


def environ(folder: Path) -> dict[str, str]:
    """Return an environment in which only this folder's programs are found."""
    return {"PATH": f"{folder}{os.pathsep}/bin{os.pathsep}/usr/bin"}


@posix
def test_a_call_says_what_came_of_it(tmp_path: Path) -> None:
    """The output is told, and of a failure the first line without its full stop."""
    stand_in(tmp_path, "tool", '#!/bin/sh\necho "out $*"\necho "It failed.\nRead more." >&2\nexit $1\n')
    well = call("tool", "0", "a b", environ=environ(tmp_path))
    assert (well.well, well.out) == (True, "out 0 a b\n")
    ill = call("tool", "3", environ=environ(tmp_path))
    assert (ill.well, ill.code, ill.why) == (False, 3, "It failed")


@posix
def test_a_silent_failure_has_its_number(tmp_path: Path) -> None:
    """A tool that says nothing is quoted by its exit code."""
    stand_in(tmp_path, "tool", "#!/bin/sh\nexit 7\n")
    assert call("tool", environ=environ(tmp_path)).why == "it ended with 7"


@posix
def test_a_tool_that_is_missing_hangs_or_cannot_run_is_an_answer(tmp_path: Path) -> None:
    """Nothing is raised, and each is said."""
    assert call("no-such-tool", environ=environ(tmp_path)) == standing.Called(MISSING, "", "no-such-tool is not there")
    stand_in(tmp_path, "hangs", "#!/bin/sh\nexec sleep 30\n")
    assert call("hangs", environ=environ(tmp_path), patience=0.1).code == TOO_LONG
    stand_in(tmp_path, "broken", "#!/nonexistent/interpreter\n")
    assert "cannot be run" in call("broken", environ=environ(tmp_path)).why


def test_an_entry_is_written_once(tmp_path: Path) -> None:
    """A new entry is a change, the same again is none."""
    path = tmp_path / "a" / "b" / "entry"
    assert [put(path, b"1"), put(path, b"1"), put(path, b"2")] == [True, False, True]
    assert standing.read(path) == b"2"


def test_taking_away_leaves_no_empty_folder(tmp_path: Path) -> None:
    """Folders that are empty then go too, up to the one that is named; one with something in it stays."""
    path = tmp_path / "a" / "b" / "entry"
    put(path, b"1")
    (tmp_path / "a" / "other").touch()
    assert [take_away(path, up_to=tmp_path), take_away(path, up_to=tmp_path)] == [True, False]
    assert sorted(one.name for one in tmp_path.rglob("*") if "home" not in one.parts) == ["a", "other"]


@posix
def test_what_stands_in_the_way_is_said(tmp_path: Path) -> None:
    """A file in place of a folder, a folder in place of an entry, and a link of somebody's own are sentences."""
    (tmp_path / "file").touch()
    with pytest.raises(NotWritable, match=r"cannot be made: .*; see what is in its way"):
        put(tmp_path / "file" / "x" / "entry", b"")
    (tmp_path / "entry").mkdir()
    with pytest.raises(NotWritable, match=r"cannot be removed: .*; do it yourself"):
        take_away(tmp_path / "entry", up_to=tmp_path)
    assert standing.read(tmp_path / "entry") is None
    (tmp_path / "link").symlink_to("/dev/null")
    with pytest.raises(NotPrivate, match="is a link"):
        put(tmp_path / "link", b"")


def test_what_cannot_be_there_is_gone(tmp_path: Path) -> None:
    """Where a file lies in place of the folder there is no entry, and nothing to be done."""
    (tmp_path / "autostart").write_text("")
    assert not take_away(tmp_path / "autostart" / "entry", up_to=tmp_path)
    assert (tmp_path / "autostart").read_text() == ""
