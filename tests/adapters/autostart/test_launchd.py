from __future__ import annotations

import os
import plistlib
from datetime import timedelta

import pytest

from keeplit.adapters import clock
from keeplit.adapters.autostart import NotStartable, launchd
from keeplit.adapters.autostart.launchd import Launchd
from keeplit.core.service_files import LABELS, Part
from tests.adapters.autostart.tools import Tools
from tests.end_to_end.machine import stand_in

PROGRAM, MOVED = "/opt/keeplit", "/opt/new/keeplit"
DAEMON = LABELS[Part.DAEMON]


def agents(machine: Tools) -> Launchd:
    """Give the agents of a machine."""
    return Launchd(machine.home, machine.environ)


def domain() -> str:
    """Return what launchctl calls the person's session."""
    return f"gui/{os.getuid()}"


def of_daemon(machine: Tools) -> list[str]:
    """Return how launchctl was called for the daemon."""
    return [line for line in machine.calls("launchctl") if DAEMON in line]


def test_a_new_agent_is_loaded_and_started(machine: Tools) -> None:
    """It is loaded and started, and can write what it prints."""
    agents(machine).enable(PROGRAM)
    target = f"{domain()}/{DAEMON}"
    assert of_daemon(machine) == [
        f"bootstrap {domain()} {agents(machine).entry(Part.DAEMON)}",
        f"kickstart {target}",
    ]
    written = plistlib.loads(agents(machine).entry(Part.DAEMON).read_bytes())
    assert written["ProgramArguments"] == [PROGRAM, "daemon"]
    assert os.path.isdir(os.path.dirname(written["StandardErrorPath"]))  # noqa: PTH112, PTH120


def test_a_changed_agent_is_taken_out_first(machine: Tools) -> None:
    """launchd never goes on with the agent as it was."""
    agents(machine).enable(PROGRAM)
    machine.forget()
    agents(machine).enable(MOVED)
    assert [line.split()[0] for line in of_daemon(machine)] == ["bootout", "bootstrap", "kickstart"]


def test_one_that_still_ends_is_waited_for(machine: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent that was taken out a moment ago is loaded as soon as it has ended."""
    monkeypatch.setattr(launchd, "WAIT", 0.01)
    machine.say("busy")
    agents(machine).enable(PROGRAM)
    assert [line.split()[0] for line in of_daemon(machine)] == ["bootstrap", "bootstrap", "kickstart"]


def test_one_that_is_as_it_should_be_is_left_running(machine: Tools) -> None:
    """Enabling twice takes nothing out; one that ended is started, one that runs is not started again by launchd."""
    agents(machine).enable(PROGRAM)
    machine.forget()
    agents(machine).enable(PROGRAM)
    assert [line.split()[0] for line in of_daemon(machine)] == ["kickstart"]


def test_launchd_lets_go_before_the_new_one_comes(machine: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent that ends slowly is waited for, so that the old one is never what goes on."""
    monkeypatch.setattr(launchd, "WAIT", 0.01)
    agents(machine).enable(PROGRAM)
    machine.say("lingers")
    agents(machine).enable(MOVED)
    assert agents(machine).standings(MOVED)[0].running is True
    machine.say("lingers")
    agents(machine).disable()
    assert not [name for name in machine.files() if "keeplit" in name]


def test_one_that_is_kept_is_said(machine: Tools) -> None:
    """What launchd does not let go of keeps its file, so that the next try finds it."""
    agents(machine).enable(PROGRAM)
    machine.say("keeps")
    with pytest.raises(NotStartable, match=r"did not let go of io.keeplit.daemon: Boot-out failed: 5"):
        agents(machine).disable()
    assert agents(machine).entry(Part.DAEMON).exists()


def test_a_change_that_was_interrupted_is_made_up_for(machine: Tools) -> None:
    """The file was written anew and launchd kept the old agent: the next enabling sees what is loaded, not the file."""
    agents(machine).enable(PROGRAM)
    machine.say("keeps")
    with pytest.raises(NotStartable, match="did not let go"):
        agents(machine).enable(MOVED)
    machine.unsay("keeps")
    machine.forget()
    agents(machine).enable(MOVED)
    assert [line.split()[0] for line in of_daemon(machine)] == ["bootout", "bootstrap", "kickstart"]


def test_one_that_was_switched_off_by_hand_is_switched_on(machine: Tools) -> None:
    """What `launchctl disable` did is undone; launchd remembers an `enable` for ever, so no other gets one."""
    machine.say("off", f'\t"{DAEMON}" => disabled\n')
    agents(machine).enable(PROGRAM)
    assert [line.split()[0] for line in of_daemon(machine)] == ["enable", "bootstrap", "kickstart"]
    assert not [line for line in machine.calls("launchctl") if "enable" in line and DAEMON not in line]


def test_without_a_screen_the_next_login_is_named(machine: Tools) -> None:
    """Over SSH, with nobody at the Mac, nothing can be loaded; the files lie ready."""
    machine.say("nobody")
    with pytest.raises(NotStartable, match="from the next login there it is started"):
        agents(machine).enable(PROGRAM)
    assert all(agents(machine).entry(part).exists() for part in Part)


def test_one_that_is_refused_names_the_switch(machine: Tools) -> None:
    """What a person has to click is said."""
    machine.say("refuses")
    with pytest.raises(NotStartable, match="Input/output error; look at: System Settings, General, Login Items"):
        agents(machine).enable(PROGRAM)


PRINTED = """\
{target} = {{
	state = {state}
	runs = 3
	pid = 4711
	last exit code = 1: Operation not permitted
	endpoints = {{
		state = active
	}}
"""


def test_what_launchd_says_is_told(machine: Tools) -> None:
    """Since when it runs, how often it was started, and how it ended; the first state counts, not an endpoint's."""
    stand_in(machine.folder, "ps", "#!/bin/sh\n[ \"$4\" = 4711 ] && echo '  1-02:03:04'\n")
    agents(machine).enable(PROGRAM)
    machine.say(f"loaded-{DAEMON}", PRINTED.format(target=DAEMON, state="running"))
    daemon = agents(machine).standings(PROGRAM)[0]
    assert (daemon.running, daemon.restarts, daemon.last_exit, daemon.why_not) == (True, 2, "exit 1", "")
    assert daemon.since is not None
    ago = clock.now() - daemon.since - timedelta(days=1, hours=2, minutes=3, seconds=4)
    assert timedelta(0) <= ago < timedelta(seconds=60)


def test_one_that_does_not_run_says_why(machine: Tools) -> None:
    """One that ended, one that is not loaded and one that is switched off are told apart."""
    agents(machine).enable(PROGRAM)
    machine.say(f"loaded-{DAEMON}", "\tstate = not running\n\tlast terminating signal = Killed: 9\n")
    daemon, tray = agents(machine).standings(PROGRAM)
    assert (daemon.running, daemon.why_not, daemon.last_exit) == (False, "it is not running", "signal Killed: 9")
    assert tray.running is True
    machine.unsay(f"loaded-{DAEMON}")
    daemon = agents(machine).standings(PROGRAM)[0]
    assert (daemon.enabled, daemon.why_not) == (True, "launchd has not loaded it")
    machine.say("off", f'\t"{DAEMON}" => disabled\n\t"other" => enabled\n')
    daemon, tray = agents(machine).standings(PROGRAM)
    assert (daemon.enabled, daemon.why_not, tray.enabled) == (False, "it is switched off", True)
    assert "Login Items" in daemon.fix


def test_a_ps_that_says_nothing_tells_no_time(machine: Tools) -> None:
    """Where the time is not known none is told."""
    stand_in(machine.folder, "ps", "#!/bin/sh\nexit 1\n")
    agents(machine).enable(PROGRAM)
    assert [(one.running, one.since) for one in agents(machine).standings(PROGRAM)] == [(True, None)] * 2


def test_what_it_printed_goes_too(machine: Tools) -> None:
    """Disabling removes the agents' own logs."""
    agents(machine).enable(PROGRAM)
    log = plistlib.loads(agents(machine).entry(Part.TRAY).read_bytes())["StandardErrorPath"]
    with open(log, "w") as file:  # noqa: PTH123
        file.write("a traceback")
    agents(machine).disable()
    assert not os.path.exists(log)  # noqa: PTH110
