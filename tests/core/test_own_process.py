from __future__ import annotations

from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as draw

from keeplit.core.own_process import FLAG, MODULES, Process, command, environment, module

PYTHON, FROZEN = "/usr/bin/python3", "/opt/keeplit/keeplit"
FOLDER = "/opt/keeplit/_internal"


@pytest.mark.parametrize("process", Process)
def test_python_runs_a_module(process: Process) -> None:
    """Each process is a module that is there, and nothing of the working folder is imported in its place."""
    assert command(process, PYTHON, frozen=False) == (PYTHON, "-P", "-m", MODULES[process])
    assert find_spec(MODULES[process]) is not None


def test_python_runs_a_file_by_itself_alone() -> None:
    """The worker imports nothing of keeplit, so it is run by its path, without what the environment says to Python."""
    expected = (PYTHON, "-I", "/lib/aws_worker.py")
    assert command(Process.AWS, PYTHON, frozen=False, file="/lib/aws_worker.py") == expected


@pytest.mark.parametrize("process", Process)
def test_a_frozen_keeplit_is_asked_for_its_part(process: Process) -> None:
    """What it is asked for it knows again; its whole needs no word."""
    asked = list(command(process, FROZEN, frozen=True, file="/lib/x.py"))
    assert asked[0] == FROZEN
    assert module([*asked[1:], "more"]) == ("" if process is Process.WHOLE else MODULES[process])


@pytest.mark.parametrize(
    "arguments", [[], ["status"], [FLAG], [FLAG, ""], [FLAG, "os"], [FLAG, "keeplit.ui.fast"], ["x", FLAG, "aws"]]
)
def test_nothing_else_can_be_asked_for(arguments: list[str]) -> None:
    """No other module is run, whatever the arguments say."""
    assert module(arguments) == ""


@pytest.mark.parametrize(
    ("executable", "expected"),
    [
        ("C:\\keeplit\\keeplitw.exe", "C:\\keeplit\\keeplit.exe"),
        ("C:\\keeplit\\KEEPLITW.EXE", "C:\\keeplit\\keeplit.EXE"),
        ("/opt/keeplitw/keeplit", "/opt/keeplitw/keeplit"),
    ],
)
def test_one_without_a_console_starts_the_one_that_can_speak(executable: str, expected: str) -> None:
    """A Windows program without a console may have no pipes; beside it lies the one that has."""
    assert command(Process.SIGN_IN, executable, frozen=True)[0] == expected


def test_other_programs_see_what_was_before() -> None:
    """A variable is as it was before freezing changed it, is gone if there was none, and keeps what is the person's."""
    lent = {
        "LD_LIBRARY_PATH": FOLDER,
        "LD_LIBRARY_PATH_ORIG": "/usr/lib/mine",
        "GI_TYPELIB_PATH": f"{FOLDER}/gi_typelibs",
        "GTK_PATH": FOLDER,
        "XDG_DATA_DIRS": f"{FOLDER}/share:/usr/share",
        "_PYI_ARCHIVE_FILE": "/opt/keeplit/keeplit",
        "PATH": "/usr/bin:/opt/keeplit/_internals",
        "MINE": "kept",
        "MINE_ORIG": "kept too",
        "EMPTY": "",
    }
    assert environment(lent, FOLDER, ":") == {
        "LD_LIBRARY_PATH": "/usr/lib/mine",
        "XDG_DATA_DIRS": "/usr/share",
        "PATH": "/usr/bin:/opt/keeplit/_internals",
        "MINE": "kept",
        "MINE_ORIG": "kept too",
        "EMPTY": "",
    }


def test_a_windows_folder_is_known_too() -> None:
    """Its separators are its own."""
    lent = {"X": "C:\\keeplit\\_internal\\share;C:\\Windows"}
    assert environment(lent, "C:\\keeplit\\_internal", ";") == {"X": "C:\\Windows"}


@given(draw.dictionaries(draw.text(max_size=8), draw.text(max_size=20)))
def test_where_nothing_is_frozen_nothing_is_lent(environ: dict[str, str]) -> None:
    """Without a folder of freezing every variable stays as it is."""
    assert environment(environ, "", ":") == environ
