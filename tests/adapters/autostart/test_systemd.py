from __future__ import annotations

from datetime import UTC, datetime

import pytest

from keeplit.adapters.autostart import NotStartable, Standing
from keeplit.adapters.autostart import systemd as adapter
from keeplit.adapters.autostart.systemd import Systemd
from keeplit.adapters.files import NotPrivate
from keeplit.core.service_files import PACKAGED_FOR
from keeplit.core.service_files import unit as expected
from tests.adapters.autostart.tools import Tools

PROGRAM, MOVED = "/opt/keeplit", "/opt/new/keeplit"


def systemd(machine: Tools) -> Systemd:
    """Give the user manager of a machine."""
    return Systemd(machine.home, machine.environ)


def stands(machine: Tools, **shown: str) -> Standing:
    """Return how the daemon stands where systemd shows this."""
    machine.say("shown", "".join(f"{name}={value}\n" for name, value in shown.items()))
    return systemd(machine).standings(PROGRAM)[0]


def test_it_is_told_in_order(machine: Tools) -> None:
    """The unit is read, failures are forgotten, links are made anew, and it is started."""
    systemd(machine).enable(PROGRAM)
    assert machine.calls("systemctl") == [
        "--user daemon-reload",
        "--user reset-failed keeplit.service",
        "--user reenable keeplit.service",
        "--user start keeplit.service",
    ]


def test_a_unit_that_came_with_the_package_is_used(machine: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it starts this very program it is used as it lies there, so that it is never older than that; else not."""
    packaged = machine.folder / "packaged"
    monkeypatch.setattr(adapter, "PACKAGED", packaged)
    systemd(machine).enable(PROGRAM)
    packaged.write_text(expected(PROGRAM, PACKAGED_FOR))
    systemd(machine).enable(PROGRAM)
    assert not systemd(machine).unit.exists()
    assert machine.calls("systemctl")[-1] == "--user restart keeplit.service"
    enabled = {"UnitFileState": "enabled", "ActiveState": "active", "FragmentPath": str(packaged)}
    assert stands(machine, **enabled).current
    packaged.write_text(expected("/usr/bin/other", PACKAGED_FOR))
    assert not stands(machine, **enabled).current
    systemd(machine).enable(PROGRAM)
    assert systemd(machine).unit.read_text() == expected(PROGRAM, 252)


def test_a_changed_unit_is_started_anew(machine: Tools) -> None:
    """A daemon that runs as the old unit says is started anew as the new one says."""
    systemd(machine).enable(PROGRAM)
    machine.forget()
    systemd(machine).enable(MOVED)
    assert machine.calls("systemctl")[-1] == "--user restart keeplit.service"


def test_it_is_left_for_the_next_login(machine: Tools) -> None:
    """Where another daemon runs, nothing is started now."""
    systemd(machine).enable(PROGRAM, start=False)
    assert "--user start keeplit.service" not in machine.calls("systemctl")


def test_since_when_it_runs_is_told(machine: Tools) -> None:
    """systemd says the time in UTC, as it is asked to."""
    systemd(machine).enable(PROGRAM)
    found = stands(machine, ActiveState="active", ActiveEnterTimestamp="Sat 2026-11-21 13:54:31 UTC", NRestarts="2")
    assert (found.running, found.since, found.restarts) == (True, datetime(2026, 11, 21, 13, 54, 31, tzinfo=UTC), 2)
    assert stands(machine, ActiveState="active", ActiveEnterTimestamp="Sa 21.11. 14:54 CET").since is None


@pytest.mark.parametrize(
    ("shown", "why", "last_exit"),
    [
        (
            {"ActiveState": "failed", "Result": "signal", "ExecMainCode": "2", "ExecMainStatus": "9", "NRestarts": "2"},
            "it ended by itself 3 times within 10 min, so systemd starts it no more",
            "signal KILL",
        ),
        (
            {"ActiveState": "failed", "Result": "exit-code", "ExecMainCode": "1", "ExecMainStatus": "203"},
            "its keeplit is not there any more, or may not be run",
            "exit 203",
        ),
        ({"ActiveState": "failed", "Result": "oom-kill", "NRestarts": "0"}, "it failed (oom-kill)", ""),
        (
            {"ActiveState": "activating", "Result": "watchdog", "ExecMainCode": "3", "ExecMainStatus": "6"},
            "it is activating",
            "it was stuck, and ended by the watchdog: signal ABRT",
        ),
        (
            {"ActiveState": "inactive", "Result": "success", "ExecMainCode": "1", "ExecMainStatus": "0"}
            | {"ExecMainExitTimestamp": "Sat 2026-11-21 13:54:31 UTC"},
            "it was ended",
            "exit 0",
        ),
        ({"ActiveState": "inactive", "Result": "success", "ExecMainExitTimestamp": ""}, "it is inactive", ""),
        ({"ActiveState": "inactive", "ExecMainCode": "2", "ExecMainStatus": "31"}, "it is inactive", "signal 31"),
    ],
)
def test_why_it_does_not_run_is_told(machine: Tools, shown: dict[str, str], why: str, last_exit: str) -> None:
    """A limit of starts, a program that is gone, a watchdog and an end that was asked for are told apart."""
    systemd(machine).enable(PROGRAM)
    found = stands(machine, **shown)
    assert (found.enabled, found.running, found.why_not, found.last_exit) == (True, False, why, last_exit)
    assert found.fix


def test_a_manager_that_does_not_answer_is_said(machine: Tools) -> None:
    """From a shell without a login nothing is claimed, and nothing is removed that still counts."""
    systemd(machine).enable(PROGRAM)
    machine.say("silent")
    found = systemd(machine).standings(PROGRAM)[0]
    assert (found.enabled, found.running) == (True, None)
    assert found.why_not == "systemd's user manager does not answer: Failed to connect to bus"
    with pytest.raises(NotStartable, match="log in as this user"):
        systemd(machine).disable()
    assert systemd(machine).unit.exists()


def test_a_start_that_fails_is_said(machine: Tools) -> None:
    """What systemd says of it is passed on, and where to look."""
    machine.say("refuses")
    with pytest.raises(NotStartable, match=r"did not start keeplit: Job failed\. See things; see: systemctl --user"):
        systemd(machine).enable(PROGRAM)


def test_a_manager_that_reads_elsewhere_is_said(machine: Tools) -> None:
    """Where systemd was started with another config folder nothing is left in this one."""
    elsewhere = {**machine.environ, "XDG_CONFIG_HOME": str(machine.home / "other")}
    with pytest.raises(NotStartable, match="XDG_CONFIG_HOME"):
        Systemd(machine.home, elsewhere).enable(PROGRAM)
    assert not (machine.home / "other" / "systemd").exists()


def test_a_unit_that_somebody_linked_is_theirs(machine: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mask, or a unit that is kept among a person's dotfiles, is not written over."""
    unit = systemd(machine).unit
    unit.parent.mkdir(parents=True)
    unit.symlink_to("/dev/null")
    monkeypatch.setattr(adapter, "PACKAGED", machine.folder / "packaged")
    (machine.folder / "packaged").write_text(expected(PROGRAM, PACKAGED_FOR))
    with pytest.raises(NotStartable, match="masked; do: systemctl --user unmask"):
        systemd(machine).enable(PROGRAM)
    systemd(machine).disable()
    assert str(unit.readlink()) == "/dev/null"
    assert machine.calls("systemctl") == ["--user stop keeplit.service"]
    found = stands(machine, UnitFileState="masked", ActiveState="inactive")
    assert (found.enabled, found.why_not) == (False, "the unit is masked")
    assert found.fix.startswith("systemctl --user unmask keeplit")
    unit.unlink()
    unit.symlink_to("../dotfiles/keeplit.service")
    with pytest.raises(NotPrivate, match="is a link"):
        systemd(machine).enable(PROGRAM)


def test_what_is_enabled_for_everybody_is_linked(machine: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a person's own link or an administrator's, where it is not masked."""
    monkeypatch.setattr(adapter, "FOR_ALL", machine.folder / "for all")
    service = systemd(machine)
    found = [service.linked()]
    for link in (service.link, adapter.FOR_ALL):
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(service.unit)
        found.append(service.linked())
        if link == service.link:
            link.unlink()
    service.unit.symlink_to("/dev/null")
    assert [*found, service.linked()] == [False, True, True, False]


def test_a_release_that_is_not_told_is_said(machine: Tools) -> None:
    """A systemctl that does not say its release gets no unit."""
    (machine.folder / "systemctl").write_text("#!/bin/sh\necho nothing\n")
    with pytest.raises(NotStartable, match="does not tell its release"):
        systemd(machine).enable(PROGRAM)


def test_quotes_in_a_path_are_refused(machine: Tools) -> None:
    """systemd starts no such program, and that is said before anything is written."""
    with pytest.raises(NotStartable, match="quotes or a backslash"):
        systemd(machine).enable("/opt/o'neil/keeplit")
    assert machine.files() == []
