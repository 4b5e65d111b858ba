import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from keeplit.adapters import own_command

POSIX = pytest.mark.skipif(os.name == "nt", reason="links and modes of POSIX")


@pytest.fixture(autouse=True)
def no_folders_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for links in the test's own folders alone."""
    monkeypatch.setattr(own_command, "FOLDERS", ())


def executable(path: Path) -> Path:
    """Make a program that says how it was called."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('#!/bin/sh\necho "keeplit was called: $*"\n', "utf-8")
    path.chmod(0o755)
    return path


def started_as(monkeypatch: pytest.MonkeyPatch, path: str | Path) -> None:
    """Let this process have been started as `path`."""
    monkeypatch.setattr(sys, "argv", [str(path), "status"])


@POSIX
def test_the_program_is_how_this_process_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both helpers hold its absolute path, and no profile's name whatever the environment says."""
    path = executable(tmp_path / "a b" / "keeplit")
    started_as(monkeypatch, path)
    assert own_command.commands({"AWS_PROFILE": "work", "PATH": "/usr/bin"}) == {
        "awsAuthRefresh": f"'{path}' login --for-claude",
        "awsCredentialExport": f"'{path}' credentials",
    }


@POSIX
def test_a_relative_start_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`./keeplit` in a folder means nothing to Claude Code, so its whole path is taken."""
    path = executable(tmp_path / "keeplit")
    monkeypatch.chdir(tmp_path)
    started_as(monkeypatch, "./keeplit")
    assert own_command.program({}) == str(path)


@POSIX
def test_a_working_folder_that_is_gone_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon outlives the folder in which it was started; then the executable beside its Python counts."""
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    started_as(monkeypatch, "./keeplit")
    path = executable(tmp_path / "venv" / "bin" / "keeplit")
    monkeypatch.setattr(sys, "executable", str(path.with_name("python")))
    assert own_command.program({}) == str(path)


@POSIX
def test_another_program_that_runs_our_code_is_not_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test runner is not keeplit: the executable beside its Python is, and without one there is none."""
    started_as(monkeypatch, executable(tmp_path / "pytest"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    assert own_command.program({}) is None
    assert own_command.commands({}) == {}
    path = executable(tmp_path / "bin" / "keeplit")
    assert own_command.program({}) == str(path)


@POSIX
def test_no_way_to_tell_is_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter inside another program knows neither its arguments nor its own path."""
    monkeypatch.setattr(sys, "argv", [])
    monkeypatch.setattr(sys, "executable", None)
    assert own_command.program({"PATH": str(tmp_path)}) is None


@POSIX
@pytest.mark.parametrize("folder", [".local/bin", ".nix-profile/bin"])
def test_the_link_of_an_installer_is_preferred(
    folder: str, tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link stays when an upgrade moves what is behind it; a service need not have it on its PATH."""
    path = executable(tmp_path / "venvs" / "keeplit" / "bin" / "keeplit")
    link = own_home / folder / "keeplit"
    link.parent.mkdir(parents=True)
    link.symlink_to(path)
    started_as(monkeypatch, path)
    assert own_command.program({"HOME": str(own_home), "PATH": ""}) == str(link)


@POSIX
def test_a_link_on_the_path_is_preferred_when_it_is_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another keeplit, a broken link and a relative folder of the PATH are passed over."""
    path = executable(tmp_path / "cellar" / "1.2" / "keeplit")
    executable(tmp_path / "other" / "keeplit")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "keeplit").symlink_to(tmp_path / "nothing")
    link = tmp_path / "bin" / "keeplit"
    link.parent.mkdir()
    link.symlink_to(path)
    monkeypatch.chdir(tmp_path)
    started_as(monkeypatch, path)
    folders = ["bin", "", *(str(tmp_path / name) for name in ("other", "broken", "bin"))]
    assert own_command.program({"PATH": os.pathsep.join(folders)}) == str(link)


@POSIX
def test_a_frozen_executable_names_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a frozen program sys.executable is the program; a frozen tray has keeplit beside it."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    started_as(monkeypatch, "keeplit")
    path = executable(tmp_path / "Keeplit.app" / "Contents" / "MacOS" / "keeplit")
    monkeypatch.setattr(sys, "executable", str(path))
    assert own_command.program({}) == str(path)
    monkeypatch.setattr(sys, "executable", str(path.with_name("flame")))
    assert own_command.program({}) == str(path)


@POSIX
def test_a_path_that_json_cannot_hold_gives_no_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder whose name is not UTF-8 cannot be written into a settings file."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    try:
        started_as(monkeypatch, executable(folder / "keeplit"))
    except OSError:
        pytest.skip("this disk takes UTF-8 names only")
    assert own_command.commands({}) == {}


@POSIX
def test_a_shell_runs_what_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """sh itself, given the command, starts the program behind the strangest path with exactly the arguments."""
    started_as(monkeypatch, executable(tmp_path / 'it\'s $HOME & "100% é" \\ `x`;' / "keeplit"))
    command = own_command.commands({})["awsAuthRefresh"]
    ran = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True)
    assert ran.stdout == "keeplit was called: login --for-claude\n"


@POSIX
def test_a_keeplit_that_is_gone_is_stale(tmp_path: Path) -> None:
    """Gone, a folder, or not executable is stale; there, without a path, or not ours is not."""
    there = executable(tmp_path / "there dir" / "keeplit")
    closed = executable(tmp_path / "closed" / "keeplit")
    closed.chmod(0o644)
    (tmp_path / "folder" / "keeplit").mkdir(parents=True)

    def judged(program: str, rest: str = "login --for-claude") -> frozenset[str]:
        return own_command.stale({"awsAuthRefresh": f"{program} {rest}", "env.AWS_PROFILE": "work"})

    assert judged(shlex.quote(str(there))) == frozenset()
    assert judged(str(tmp_path / "gone" / "keeplit")) == {"awsAuthRefresh"}
    assert judged(str(tmp_path / "gone" / "keeplit"), "login --for-claude --timeout 9") == {"awsAuthRefresh"}
    assert judged(str(closed)) == {"awsAuthRefresh"}
    assert judged(str(tmp_path / "folder" / "keeplit")) == {"awsAuthRefresh"}
    assert judged("keeplit") == frozenset()
    assert judged("~/gone/keeplit") == frozenset()
    assert judged("/gone/aws", "sso login") == frozenset()
    both = {"awsAuthRefresh": "/gone/keeplit login --for-claude", "awsCredentialExport": "/gone/keeplit credentials"}
    assert own_command.stale(both) == set(both)
    assert own_command.stale({}) == frozenset()
    assert [own_command.gone(one) for one in (str(there), "/gone/keeplit", "keeplit")] == [False, True, False]


@POSIX
def test_a_program_without_its_suffix_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """cmd starts keeplit.exe for keeplit, and a launcher of pip tells itself without it."""
    monkeypatch.setattr(own_command, "SUFFIXES", (".exe", ""))
    path = executable(tmp_path / "keeplit.exe")
    assert own_command.stale({"awsCredentialExport": f"{path.with_suffix('')} credentials"}) == frozenset()
    started_as(monkeypatch, path.with_suffix(""))
    assert own_command.program({}) == str(path)


def test_the_installed_keeplit_is_found() -> None:
    """The one of the environment in which the tests run lies beside its Python."""
    program = own_command.program({})
    assert program is not None
    assert Path(program).parent == Path(sys.executable).parent
