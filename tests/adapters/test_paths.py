import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from keeplit.adapters import paths


def test_awss_folders_hang_on_the_home_alone(own_home: Path) -> None:
    """Only HOME moves AWS's caches, so the locks beside them meet from cron, SSH and the desktop."""
    found = paths.find(os.environ)
    assert found.sso_cache == own_home / ".aws" / "sso" / "cache"
    assert found.cli_cache == own_home / ".aws" / "cli" / "cache"
    assert found.own == own_home / ".aws" / "sso" / "keeplit"


def test_our_own_folders_are_the_systems(own_home: Path) -> None:
    """config.toml and the state lie where the system keeps such things, each under our name."""
    found = paths.find(os.environ)
    assert found.config_file == own_home / ".config" / "keeplit" / "config.toml"
    assert found.state == own_home / ".local" / "state" / "keeplit"
    assert {path.parent for path in (found.memory, found.status, found.journal, found.daemon_lock)} == {found.state}


def test_a_home_that_is_not_there_is_said(tmp_path: Path) -> None:
    """A missing home is no reason to write somewhere else."""
    with pytest.raises(paths.NoHome, match="does not exist; set HOME"):
        paths.find({"HOME": str(tmp_path / "gone")})


def test_a_home_that_is_no_full_path_is_refused() -> None:
    """A relative home would be another folder in each working directory."""
    with pytest.raises(paths.NoHome, match="set HOME"):
        paths.find({"HOME": "somewhere"})


@pytest.mark.skipif(os.name == "nt", reason="the user database is POSIX's")
def test_without_the_variable_the_system_knows_the_home(monkeypatch: pytest.MonkeyPatch, own_home: Path) -> None:
    """A service without HOME still has a home in the system's list of users, and all that is ours lies there."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name)
    monkeypatch.setattr("pwd.getpwuid", lambda _: SimpleNamespace(pw_dir=str(own_home)))
    found = paths.find(os.environ)
    assert found.home == own_home
    assert all(path.is_relative_to(own_home) for path in (found.own, found.sso_cache, found.state, found.config_file))


@pytest.mark.skipif(os.name == "nt", reason="the user database is POSIX's")
def test_a_user_that_the_system_does_not_know_has_to_name_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's number without a name has no home: a sentence, and no traceback of Python's own search."""

    def unknown(number: int) -> None:
        raise KeyError(number)

    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", unknown)
    with pytest.raises(paths.NoHome, match="HOME is not set"):
        paths.find(os.environ)


@pytest.mark.skipif(os.name == "nt", reason="there it is USERPROFILE")
def test_an_empty_home_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The root to botocore, the working folder to Node, the user's own to platformdirs: none of them is taken."""
    monkeypatch.setenv("HOME", "")
    with pytest.raises(paths.NoHome, match=r"HOME is empty.*set HOME to your home folder"):
        paths.find(os.environ)
