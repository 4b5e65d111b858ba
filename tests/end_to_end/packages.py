"""What the tests of packages share: the wheel and the sdist as a release builds them, and a home to install into."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import real_part

POSIX = pytest.mark.skipif(os.name != "posix", reason="shell scripts stand in for the tools")
ROOT = Path(__file__).resolve().parents[2]
INSTALLERS = ROOT / "installers"
LOCK = ROOT / ".ci" / "requirements.txt"
OUT_OF_REACH = ("network", "dns", "connect", "failed to fetch", "could not find a version", "no matching distribution")


@dataclass(frozen=True, slots=True)
class Built:
    """What `python -m build` made."""

    wheel: Path
    sdist: Path


def built(folder: Path) -> Built:
    """Build wheel and sdist with the locked tools."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    (sdist,) = folder.glob("*.tar.gz")
    return Built(wheel, sdist)


def tool(name: str) -> str:
    """Return a tool of the virtual environment, or else of the PATH; skip where it is neither."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    real_part(name, found=found is not None)
    return found or ""


def install(command: Sequence[str], environ: Mapping[str, str]) -> None:
    """Install something; skip where the package index is out of reach, and fail for every other reason."""
    done = subprocess.run(command, env=dict(environ), capture_output=True, text=True, timeout=600, check=False)
    said = f"{done.stdout}{done.stderr}"
    if done.returncode != 0 and any(word in said.lower() for word in OUT_OF_REACH):
        real_part(f"a package index ({said.strip().splitlines()[-1]})", found=False)
    assert done.returncode == 0, said


def person(home: Path) -> dict[str, str]:
    """Return the environment of a person who installs into this home, with what says where packages come from."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "UV_"))}
    folders = {"HOME": home, "UV_TOOL_DIR": home / "tools", "UV_TOOL_BIN_DIR": home / "bin"}
    folders |= {"PIPX_HOME": home / "pipx", "PIPX_BIN_DIR": home / "bin"}
    path = f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {
        **kept,
        **{name: str(folder) for name, folder in folders.items()},
        "UV_PYTHON_DOWNLOADS": "never",
        "PATH": path,
    }
