"""The files that start keeplit at login, written for those who manage machines: the very ones of `autostart enable`."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from installers.login_items import main
from keeplit.adapters.autostart.launchd import Launchd
from keeplit.adapters.autostart.windows import Windows
from keeplit.core.service_files import Part
from tests.adapters.autostart.tools import tools
from tests.end_to_end.packages import POSIX

MAC, PC = "/opt/homebrew/bin/keeplit", "C:\\keeplit\\keeplitw.exe"


@POSIX
def test_a_mac_gets_what_keeplit_writes(tmp_path: Path, own_home: Path) -> None:
    """Byte for byte the property lists that `keeplit autostart enable` puts there."""
    machine = tools(tmp_path / "tools", own_home)
    agents = Launchd(own_home, machine.environ)
    agents.enable(MAC)

    assert main(["macos", str(tmp_path / "out"), "--program", MAC, "--home", str(own_home)]) == 0
    for part in Part:
        written = agents.entry(part)
        assert (tmp_path / "out" / written.name).read_bytes() == written.read_bytes()


@POSIX
def test_windows_gets_what_keeplit_registers(tmp_path: Path, own_home: Path) -> None:
    """The very tasks that the Task Scheduler is handed, in UTF-16 as it wants them."""
    machine = tools(tmp_path / "tools", own_home)
    scheduler = Windows(own_home, machine.environ)
    scheduler.enable(PC)

    asked = ["windows", str(tmp_path / "out"), "--program", PC, "--home", str(own_home), "--user", "DESK\\sam"]
    assert main(asked) == 0
    for name in (name for part in Part for name in scheduler.task_names(part)):
        registered = (machine.folder / f"task-{name}").read_text("utf-8")
        file = tmp_path / "out" / f"{name.removesuffix(' (sam)')}.xml"
        assert file.read_bytes().decode("utf-16") == registered


def test_odd_letters_stay(tmp_path: Path) -> None:
    """A home with signs that mean something in XML is the home that is named."""
    assert main(["macos", str(tmp_path), "--program", MAC, "--home", "/Users/sam & <co>/"]) == 0
    logs = {plistlib.loads(file.read_bytes())["StandardErrorPath"] for file in tmp_path.glob("*.plist")}
    assert logs == {f"/Users/sam & <co>/Library/Logs/keeplit/{part}.log" for part in Part}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["windows", "out", "--program", PC, "--home", "C:\\Users\\sam"], "name them with --user"),
        (["windows", "out", "--program", "C:\\%A%\\k.exe", "--home", "C:\\", "--user", "sam"], "percent signs"),
        (["linux", "out", "--program", MAC, "--home", "/home/sam"], "invalid choice"),
    ],
)
def test_what_cannot_be_written_is_said(
    arguments: list[str],
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Wrong usage is exit code 2 and a sentence."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert complaint in capsys.readouterr().err
