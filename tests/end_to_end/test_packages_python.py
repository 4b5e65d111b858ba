"""The plain ways: the wheel by uv and by pipx, in a clean home, used and removed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import keeplit
from tests.end_to_end.packages import LOCK, Built, built, install, person, tool

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.name != "posix", reason="the folders of POSIX"),
]
RELEASE = f"keeplit-{keeplit.__version__}"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build the packages once."""
    return built(tmp_path_factory.mktemp("dist"))


def said(program: Path, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run what was installed, as the person does."""
    command = [str(program), *arguments]
    return subprocess.run(command, env=person(home), capture_output=True, text=True, timeout=60, check=False)


def left(home: Path) -> list[str]:
    """Return what of keeplit lies in a home, without the installer's own caches and logs."""
    found = (path.relative_to(home) for path in home.rglob("*keeplit*"))
    return sorted(str(path) for path in found if not {".cache", "logs"} & set(path.parts))


def test_the_wheel_holds_the_program_and_nothing_else(release: Built) -> None:
    """Its files are the package and what describes it; tests and tools stay in the repository."""
    with zipfile.ZipFile(release.wheel) as wheel:
        names = wheel.namelist()
        about = Parser().parsestr(wheel.read(f"{RELEASE}.dist-info/METADATA").decode())
        started = wheel.read(f"{RELEASE}.dist-info/entry_points.txt").decode()
    assert {name.split("/")[0] for name in names} == {"keeplit", f"{RELEASE}.dist-info"}
    assert "keeplit/py.typed" in names
    assert not [name for name in names if name.endswith((".pyc", ".so")) or "/test" in name]
    assert (about["Name"], about["Version"], about["License-Expression"]) == (
        "keeplit",
        keeplit.__version__,
        "Apache-2.0",
    )
    assert started.split() == [
        *("[console_scripts]", "keeplit", "=", "keeplit.ui.fast:main"),
        *("[gui_scripts]", "keeplitw", "=", "keeplit.ui.fast:main"),
    ]


def test_the_sdist_builds_the_same(release: Built, tmp_path: Path) -> None:
    """What is in the source package is enough to build and to test keeplit."""
    with tarfile.open(release.sdist) as source:
        source.extractall(tmp_path, filter="data")
    inside = tmp_path / RELEASE
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(inside)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    with zipfile.ZipFile(release.wheel) as one, zipfile.ZipFile(tmp_path / release.wheel.name) as other:
        assert {name: other.getinfo(name).CRC for name in other.namelist()} == {
            name: one.getinfo(name).CRC for name in one.namelist()
        }
    assert (inside / "tests" / "conftest.py").is_file()


@pytest.mark.parametrize("installer", ["uv", pytest.param("pipx", marks=pytest.mark.soak)])
def test_a_person_installs_uses_and_removes_it(installer: str, release: Built, own_home: Path) -> None:
    """By the ordinary command; it says its version, its status and how it stands at login, and leaves nothing."""
    environ = person(own_home)
    found = tool(installer)
    commands = {
        "uv": [found, "tool", "install", "--constraints", str(LOCK), str(release.wheel)],
        "pipx": [found, "install", str(release.wheel)],
    }
    install(commands[installer], environ)
    program = own_home / "bin" / "keeplit"

    assert sorted(path.name for path in (own_home / "bin").iterdir()) == ["keeplit", "keeplitw"]
    assert said(program, "--version", home=own_home).stdout == f"keeplit, version {keeplit.__version__}\n"
    status = said(program, "status", "--json", home=own_home)
    told = json.loads(status.stdout)
    assert (status.returncode, told["schema"], told["daemon"]["running"]) == (0, 1, False)
    starts = said(program, "autostart", "status", "--json", home=own_home)
    assert [one["enabled"] for one in json.loads(starts.stdout)["parts"]] == [False, False], starts.stderr

    removal = {"uv": [found, "tool", "uninstall", "keeplit"], "pipx": [found, "uninstall", "keeplit"]}
    subprocess.run(removal[installer], env=environ, check=True, capture_output=True, timeout=60)
    assert left(own_home) == []
