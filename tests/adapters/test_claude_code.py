"""Claude Code is found where its installers put it, and is asked for nothing but its version."""

import os
from pathlib import Path

import pytest

from keeplit.adapters import claude_code
from keeplit.adapters.claude_code import Found

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look in no folder of this machine."""
    monkeypatch.setattr(claude_code, "FOLDERS", ())


def installed(folder: Path, says: str = "echo '2.1.240 (Claude Code)'") -> Path:
    """Put a stand-in for Claude Code into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "claude"
    path.write_text(f"#!/bin/sh\n{says}\n")
    path.chmod(0o755)
    return path


def test_none_is_found_in_an_empty_home(tmp_path: Path) -> None:
    """An empty home, an empty environment and a PATH of relative folders lead nowhere."""
    assert claude_code.find({"HOME": str(tmp_path), "PATH": "bin:."}) == Found()
    assert claude_code.find({}) == Found()


@pytest.mark.parametrize("folder", [".local/bin", ".claude/local", ".npm-global/bin", ".nvm/versions/node/v22.1.0/bin"])
def test_it_is_found_where_its_installers_put_it(tmp_path: Path, folder: str) -> None:
    """A desktop's PATH lacks these folders, so they are looked at by themselves."""
    path = installed(tmp_path / folder)

    assert claude_code.find({"HOME": str(tmp_path), "PATH": "/nowhere:/bin"}) == Found(path, "2.1.240")


def test_the_path_comes_first(tmp_path: Path) -> None:
    """What a person would start by typing its name is the one that is meant."""
    installed(tmp_path / ".local/bin")
    first = installed(tmp_path / "first", "echo 2.1.208")

    assert claude_code.find({"HOME": str(tmp_path), "PATH": f"{first.parent}:/bin"}) == Found(first, "2.1.208")


def test_npm_prefix_is_looked_at(tmp_path: Path) -> None:
    """A person who moved npm's global folder has it in a variable."""
    path = installed(tmp_path / "prefix" / "bin")

    assert claude_code.find({"NPM_CONFIG_PREFIX": str(tmp_path / "prefix"), "PATH": "/bin"}).path == path


@pytest.mark.parametrize("says", ["exit 1", "echo hello", "sleep 30", "echo 1.2.3.4"])
def test_one_that_says_no_version_is_found_all_the_same(tmp_path: Path, says: str) -> None:
    """A command that fails, talks of something else or hangs has an empty version, and costs its deadline at most."""
    path = installed(tmp_path / "bin", f"exec {says}" if says.startswith("sleep") else says)

    assert claude_code.find({"PATH": f"{path.parent}:/bin:/usr/bin"}, within=0.3) == Found(path, "")


def test_it_is_asked_once_for_each_file(tmp_path: Path) -> None:
    """A second look starts nothing while the file is the same."""
    count = tmp_path / "count"
    path = installed(tmp_path / "bin", f"echo once >> {count}; echo 2.1.240")
    environ = {"PATH": f"{path.parent}:/bin"}

    assert [claude_code.find(environ).version for _ in range(3)] == ["2.1.240"] * 3
    assert count.read_text() == "once\n"
