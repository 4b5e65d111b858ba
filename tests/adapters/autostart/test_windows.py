from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from keeplit.adapters.autostart import NotStartable, windows
from keeplit.adapters.autostart.windows import Windows
from keeplit.core.service_files import Part
from tests.adapters.autostart.tools import Tools

PROGRAM = "C:\\keeplit\\keeplit.exe"
DAEMON, AFTER = "keeplit daemon (sam)", "keeplit daemon after a crash (sam)"


def scheduler(machine: Tools) -> Windows:
    """Give the scheduler of a machine."""
    return Windows(machine.home, machine.environ)


def test_tasks_are_made_and_started(machine: Tools) -> None:
    """Each is made over the old one, from a file that is gone then, and started."""
    scheduler(machine).enable(PROGRAM)
    said = machine.calls("schtasks")
    assert [line.split(" /xml ")[0] for line in said if "daemon" in line] == [
        f"/create /tn {DAEMON}",
        f"/create /tn {AFTER}",
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


def test_one_that_took_the_place_of_a_crashed_one_is_seen(machine: Tools) -> None:
    """Whichever of the two tasks runs it, the daemon runs; without the second one it is not as it should be."""
    scheduler(machine).enable(PROGRAM, start=False)
    assert scheduler(machine).standings(PROGRAM)[0].running is False
    machine.say(f"runs-{AFTER}")
    found = scheduler(machine).standings(PROGRAM)[0]
    assert (found.running, found.current) == (True, True)
    machine.unsay(f"task-{AFTER}")
    assert scheduler(machine).standings(PROGRAM)[0].current is False


def test_what_starts_it_again_goes_first(machine: Tools) -> None:
    """No task is left that could start the daemon while the other one is being ended, and none at the end."""
    scheduler(machine).enable(PROGRAM)
    machine.forget()
    scheduler(machine).disable()
    gone = [line for line in machine.calls("schtasks") if "/delete" in line]
    assert gone[:2] == [f"/delete /tn {AFTER} /f", f"/delete /tn {DAEMON} /f"]
    assert not list(machine.folder.glob("task-*"))


def test_whoever_is_ended_with_the_flame_leaves_no_task_that_starts_it(machine: Tools) -> None:
    """A click in the flame's own menu: the process that does it may go with the flame's task, before it is removed."""
    scheduler(machine).enable(PROGRAM)
    machine.forget()
    machine.say("fells-keeplit tray (sam)")
    ours = "import os; from pathlib import Path; from keeplit.adapters.autostart.windows import Windows"
    environ = {**os.environ, **machine.environ}
    done = subprocess.run(
        [sys.executable, "-c", f"{ours}; Windows(Path({str(machine.home)!r}), os.environ).disable()"],
        env=environ,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert [path.name for path in machine.folder.glob("task-*")] == ["task-keeplit tray (sam)"]
    daemon, tray = scheduler(machine).standings(PROGRAM)
    assert (daemon.enabled, tray.enabled) == (False, False)
    assert tray.why_not == "the task 'keeplit tray (sam)' is switched off"


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


def test_letters_of_every_language_are_the_same_program(machine: Tools) -> None:
    """schtasks prints in the console's code page: what cannot be read there is no other program."""
    program = "C:\\Users\\Jörg Å\\keeplit.exe"
    scheduler(machine).enable(program)
    file = machine.folder / f"task-{DAEMON}"
    file.write_bytes(file.read_text("utf-8").encode("cp850"))
    assert scheduler(machine).standings(program)[0].current is True
    assert scheduler(machine).standings("C:\\Users\\Jorg\\keeplit.exe")[0].current is False


def test_names_hold_nothing_that_a_name_may_not(machine: Tools) -> None:
    """A task is named after its person, without what stands for a folder; without a domain the name is enough."""
    environ = {**machine.environ, "USERNAME": "o/n:e", "USERDOMAIN": ""}
    found = Windows(machine.home, environ)
    assert found.task_name(Part.TRAY) == "keeplit tray (o_n_e)"
    found.enable(PROGRAM)
    assert "<UserId>o/n:e</UserId>" in (machine.folder / "task-keeplit tray (o_n_e)").read_text()
