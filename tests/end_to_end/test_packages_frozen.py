"""The frozen keeplit: what goes into it, and (in `make soak`) the whole of it, built, timed and at work."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import get_args

import pytest

import keeplit
from installers import freezing
from keeplit.core.aws_environment import Service
from keeplit.core.own_process import MODULES, Process
from keeplit.ui.cli import TABLE
from tests.conftest import real_part
from tests.core.lit_status import session, status
from tests.end_to_end.packages import INSTALLERS, ROOT, install, person, tool

SPECS = ("linux", "macos", "windows")
LARGEST = 130 << 20
SLOWEST = 2.0


@pytest.mark.parametrize("system", SPECS)
def test_a_spec_is_python_and_names_files_that_are_there(system: str) -> None:
    """It is read as PyInstaller reads it, and leaves what the three share to one place."""
    text = (INSTALLERS / system / "keeplit.spec").read_text("utf-8")
    names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    assert {"Analysis", "PYZ", "EXE", "COLLECT", "freezing"} <= names
    assert "freezing.begun(found.scripts)" in text
    for name in re.findall(r'"(keeplit-\d+\.png|[\w.]+\.plist)"', text):
        assert (ROOT / "assets" / "logo" / name).is_file() or (INSTALLERS / system / name).is_file()


def test_what_only_a_name_leads_to_is_named() -> None:
    """Each command, and each process that keeplit starts of itself, is taken along, though no import leads there."""
    asked = {module for process, module in MODULES.items() if process is not Process.WHOLE}
    commands = {f"keeplit.ui.{module}" for module, _ in TABLE.values()}
    assert asked | commands <= set(freezing.own())
    assert {"keeplit", "keeplit.adapters.autostart.windows"} <= set(freezing.own())
    for name in (*freezing.own(), *freezing.EVERYWHERE, *freezing.BY_NAME["linux"]):
        if not name.startswith(("gi.", "pystray.")):  # they look for a display
            assert find_spec(name) is not None, name


def test_the_services_that_are_asked_are_taken_along() -> None:
    """What the code asks of AWS has its description in the frozen program, and nothing else has."""
    said = re.compile(r'(?:"?service"?\s*[=:]|\bbegin\()\s*"([a-z-]+)"')
    sources = (path.read_text("utf-8") for path in (freezing.PACKAGE / "keeplit").rglob("*.py"))
    named = {name for text in sources for name in said.findall(text)}
    assert {"bedrock", "sso"} <= named
    assert named | set(get_args(Service)) == freezing.SERVICES


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("botocore/data/sso/2019-06-10/service-2.json.gz", True),
        ("botocore\\data\\ec2\\2016-11-15\\service-2.json.gz", False),
        ("botocore/data/s3/2006-03-01/endpoint-rule-set-1.json.gz", False),
        ("botocore/data/endpoints.json", True),
        ("botocore/cacert.pem", True),
        ("libicudata.so.72", False),
        ("lib/gdk-pixbuf/loaders/libpixbufloader-svg.so", False),
        ("libgtk-3.so.0", True),
    ],
)
def test_what_nobody_asks_for_is_left_out(name: str, *, kept: bool) -> None:
    """All of AWS, and what draws SVG, would be half of the program."""
    assert bool(freezing.kept([(name, name, "DATA")])) is kept


def test_what_runs_first_is_what_is_needed() -> None:
    """Of PyInstaller's own scripts those stay that a library here needs, and keeplit's comes last."""
    found = ("pyi_rth_inspect", "pyi_rth_gi", "pyi_rth_pkgutil", "pyi_rth_multiprocessing", "pyi_rth_gtk", "frozen")
    begun = freezing.begun((name, f"{name}.py", "PYSOURCE") for name in found)
    assert [name for name, _, _ in begun] == ["pyi_rth_gi", "pyi_rth_gtk", "frozen"]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Build the folder as a release does, in an environment of its own; it is 200 MB, and goes after the tests."""
    folder = tmp_path_factory.mktemp("frozen")
    environ = person(folder) | {"HOME": os.path.expanduser("~"), "VIRTUAL_ENV": str(folder / "venv")}  # noqa: PTH111
    uv = tool("uv")
    install([uv, "venv", "--quiet", "--python", sys.executable, str(folder / "venv")], environ)
    install([uv, "pip", "install", "--quiet", "--require-hashes", "-r", str(ROOT / ".ci" / "release.txt")], environ)
    real_part("PyGObject's headers", found=shutil.which("pkg-config") is not None)
    install([uv, "pip", "install", "--quiet", "--require-hashes", "-r", str(ROOT / ".ci" / "tray.txt")], environ)
    where = ["--distpath", str(folder / "dist"), "--workpath", str(folder / "work"), "--log-level", "ERROR"]
    spec = str(INSTALLERS / "linux" / "keeplit.spec")
    install([str(folder / "venv" / "bin" / "pyinstaller"), "--noconfirm", *where, spec], environ)
    yield folder / "dist" / "keeplit" / "keeplit"
    shutil.rmtree(folder)


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the spec of Linux")
class TestFrozen:
    """The folder, built once."""

    def test_it_starts_soon_and_is_not_large(self, program: Path) -> None:
        """It says its version within two seconds, and is smaller than what it would be with all of AWS and GTK."""
        begun = perf_counter()
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
        took = perf_counter() - begun
        size = sum(
            path.lstat().st_size for path in program.parent.rglob("*") if path.is_file() and not path.is_symlink()
        )
        print(f"\nfrozen: {size / (1 << 20):.0f} MB, --version {took * 1000:.0f} ms")
        assert said == f"keeplit, version {keeplit.__version__}\n"
        assert (size < LARGEST, took < SLOWEST) == (True, True)

    def test_it_answers_for_itself(self, program: Path) -> None:
        """Its status is whole, and it runs no module that is asked for but its own parts."""
        looked = subprocess.run([program, "status", "--json"], capture_output=True, text=True, timeout=30, check=True)
        assert json.loads(looked.stdout)["schema"] == 1
        odd = subprocess.run([program, "--part", "os"], capture_output=True, text=True, timeout=30, check=False)
        assert (odd.returncode, "--part" in odd.stderr) == (2, True)

    @pytest.mark.parametrize("command", TABLE)
    def test_a_command_is_in_it(self, program: Path, command: str) -> None:
        """Each command of the table loads, though nothing but its name leads to it: once a program had none of them."""
        asked = subprocess.run([program, command, "--help"], capture_output=True, text=True, timeout=60, check=False)
        assert (asked.returncode, asked.stderr) == (0, "")
        assert f"Usage: keeplit {command}" in asked.stdout

    def test_every_session_stays_lit(self, program: Path) -> None:
        """The sandbox: the daemon, the sign-ins, the AWS worker and the pretend browser are all the frozen program.

        Its seconds are short: on a machine that has much else to do a new process can take longer than them, once.
        """
        play = partial(subprocess.run, [program, "sandbox"], capture_output=True, text=True, timeout=400, check=False)
        played = play()
        if played.returncode != 0:
            played = play()
        assert (played.returncode, played.stderr) == (0, ""), played.stdout
        assert "Every session stayed lit." in played.stdout

    def test_the_flame_is_shown(self, program: Path, tmp_path: Path, own_home: Path) -> None:
        """The icon and its menu appear in a panel, and a signal ends it."""
        from tests.desktop.bed import until  # they need a bus, which other systems do not have
        from tests.desktop.tray_desk import desk, ended
        from tests.desktop.tray_host import TrayHost

        with desk(tmp_path / "bed", own_home) as panel:
            panel.keep()
            panel.publish(status(session()))
            with TrayHost(panel.bed.environment["DBUS_SESSION_BUS_ADDRESS"]) as host:
                flame = panel.bed.start([str(program), "tray", "--no-daemon"], log="frozen")
                item = host.item()
                until(lambda: "Pause" in item.menu().labels())
                assert item.picture().startswith(b"\x89PNG")
                assert ended(flame) == 0
