from __future__ import annotations

from pathlib import Path

import pytest

from keeplit.adapters.autostart import NotStartable, windows
from keeplit.adapters.autostart.windows import Windows
from keeplit.core.service_files import Part
from tests.adapters.autostart.tools import Tools

PROGRAM = "C:\\keeplit\\keeplit.exe"
DAEMON = "keeplit daemon (sam)"


def scheduler(machine: Tools) -> Windows:
    """Give the scheduler of a machine."""
    return Windows(machine.home, machine.environ)


def test_tasks_are_made_and_started(machine: Tools) -> None:
    """Each is made over the old one, from a file that is gone then, and started."""
    scheduler(machine).enable(PROGRAM)
    said = machine.calls("schtasks")
    assert [line.split(" /xml ")[0] for line in said if "daemon" in line] == [
        f"/create /tn {DAEMON}",
        f"/run /tn {DAEMON}",
    ]
    file = next(line for line in said if "/create" in line).split(" /xml ")[1].removesuffix(" /f")
    with pytest.raises(FileNotFoundError):
        open(file)  # noqa: PTH123, SIM115
    assert "<UserId>DESK\\sam</UserId>" in (machine.folder / f"task-{DAEMON}").read_text()


def test_nothing_is_started_over_one_that_runs(machine: Tools) -> None:
    """Where another daemon runs, the tasks are for the next logon."""
    scheduler(machine).enable(PROGRAM, start=False)
    assert not any("/run" in line for line in machine.calls("schtasks"))


@pytest.mark.parametrize(
    ("result", "running", "last_exit"),
    [
        ("267009", True, ""),
        ("267011", False, ""),
        ("0", False, "exit 0"),
        ("1", False, "exit 1"),
        ("267014", False, "it was ended"),
        ("-1073741510", False, "exit 3221225786"),
        ("niemals", None, ""),
    ],
)
def test_the_last_result_is_read_in_every_language(
    machine: Tools, result: str, running: object, last_exit: str
) -> None:
    """The scheduler's number says whether it runs and how it ended, whatever language the columns are in."""
    scheduler(machine).enable(PROGRAM)
    machine.say("result", result)
    found = scheduler(machine).standings(PROGRAM)[0]
    assert (found.running, found.last_exit) == (running, last_exit)


def test_a_task_that_was_switched_off_is_said(machine: Tools) -> None:
    """A person can switch a task off, which is seen, and enabling makes it anew."""
    scheduler(machine).enable(PROGRAM)
    task = machine.folder / f"task-{DAEMON}"
    off = task.read_text().replace("<Enabled>true</Enabled>\n    <Hidden>", "<Enabled>false</Enabled>\n    <Hidden>")
    task.write_text(off)
    daemon, tray = scheduler(machine).standings(PROGRAM)
    assert (daemon.enabled, daemon.why_not, tray.enabled) == (False, f"the task '{DAEMON}' is switched off", True)
    scheduler(machine).enable(PROGRAM)
    assert scheduler(machine).standings(PROGRAM)[0].enabled is True


def test_a_task_that_is_no_xml_is_not_current(machine: Tools) -> None:
    """What cannot be read is enabled, as far as is known, and not what it should be."""
    scheduler(machine).enable(PROGRAM)
    (machine.folder / f"task-{DAEMON}").write_text("<Task")
    found = scheduler(machine).standings(PROGRAM)[0]
    assert (found.enabled, found.current) == (True, False)


def test_a_refusal_is_said(machine: Tools) -> None:
    """What the scheduler says of it is passed on."""
    machine.say("refuses")
    with pytest.raises(NotStartable, match=r"refused /create 'keeplit daemon \(sam\)': ERROR: Access is denied"):
        scheduler(machine).enable(PROGRAM)


def test_the_program_without_a_console_is_preferred(machine: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside keeplit.exe lies keeplitw.exe, which flashes no window; without it keeplit.exe is started."""
    assert windows._windowless(PROGRAM) == PROGRAM
    monkeypatch.setattr(Path, "is_file", lambda path: str(path) == "C:\\keeplit\\keeplitw.exe")
    assert windows._windowless(PROGRAM) == "C:\\keeplit\\keeplitw.exe"
    assert windows._windowless("C:\\keeplit\\other.exe") == "C:\\keeplit\\other.exe"


def test_names_hold_nothing_that_a_name_may_not(machine: Tools) -> None:
    """A task is named after its person, without what stands for a folder; without a domain the name is enough."""
    environ = {**machine.environ, "USERNAME": "o/n:e", "USERDOMAIN": ""}
    found = Windows(machine.home, environ)
    assert found.task_name(Part.TRAY) == "keeplit tray (o_n_e)"
    found.enable(PROGRAM)
    assert "<UserId>o/n:e</UserId>" in (machine.folder / "task-keeplit tray (o_n_e)").read_text()
