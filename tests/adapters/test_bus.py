from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from keeplit.adapters.bus import DBUS, Bus, session_address, system_address
from tests.desktop.bed import Bed, until
from tests.desktop.notifications import Recorder


def test_a_question_is_answered(desktop: Bed) -> None:
    """The bus itself has a name, and knows who else has."""
    bus = Bus(desktop.bus())
    try:
        names = bus.ask(*DBUS, "ListNames")
    finally:
        bus.stop()

    assert DBUS[0] in names[0]


def test_a_refusal_is_no_answer(desktop: Bed) -> None:
    """A service or a method that is not there, and a property that nobody has."""
    bus = Bus(desktop.bus())
    try:
        answers = [
            bus.ask("org.example.Nobody", "/", "org.example.Nobody", "Hello"),
            bus.ask(*DBUS, "NoSuchMethod"),
            bus.property(DBUS[0], DBUS[1], DBUS[2], "NoSuchProperty"),
            bus.properties("org.example.Nobody", "/", "org.example.Nobody"),
        ]
    finally:
        bus.stop()

    assert answers == [[], [], None, {}]


def test_a_property_comes_without_its_wrapping(desktop: Bed) -> None:
    """The bus's own features are a list of texts."""
    bus = Bus(desktop.bus())
    try:
        until(lambda: bus.property(*DBUS, "Features") is not None)
        features = bus.property(*DBUS, "Features")
        every = bus.properties(*DBUS)
    finally:
        bus.stop()

    assert isinstance(features, list)
    assert every["Features"] == features


def test_a_signal_that_was_asked_for_is_heard_and_no_other(desktop: Bed) -> None:
    """Signals of another member pass by."""
    heard: list[tuple[str, list[Any]]] = []
    address = desktop.bus()
    bus = Bus(
        address, ("type='signal',interface='org.example.Desk',member='Unlocked'",), lambda m, b: heard.append((m, b))
    )
    try:
        bus.listen()
        for member in ("Locked", "Unlocked"):
            subprocess.run(
                ["dbus-send", f"--bus={address}", "--type=signal", "/", f"org.example.Desk.{member}", "boolean:true"],
                check=True,
            )
        until(lambda: heard)
    finally:
        bus.stop()

    assert heard == [("Unlocked", [True])]


def test_who_owns_a_name_now_is_heard(desktop: Bed) -> None:
    """The bus itself says so; what it tells every new connection, of its own name, is not passed on."""
    heard: list[tuple[str, list[Any]]] = []
    address = desktop.bus()
    rule = "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.freedesktop.Notifications'"
    bus = Bus(address, (rule,), lambda member, body: heard.append((member, body[:1])))
    try:
        bus.listen()
        with Recorder(address):
            until(lambda: heard)
        until(lambda: len(heard) == 2)
    finally:
        bus.stop()

    assert heard == [("NameOwnerChanged", ["org.freedesktop.Notifications"])] * 2


def test_a_bus_that_hangs_holds_nobody_up(desktop: Bed) -> None:
    """Half a second is waited, then there is no answer."""
    bus = Bus(desktop.bus())
    daemon = desktop.running[-1]
    try:
        bus.listen()
        os.kill(daemon.pid, signal.SIGSTOP)
        began = time.monotonic()
        answer = bus.ask(*DBUS, "ListNames")
        waited = time.monotonic() - began
    finally:
        os.kill(daemon.pid, signal.SIGCONT)
        bus.stop()

    assert answer == []
    assert waited < 2.0


def test_a_bus_that_goes_and_comes_back_is_found_again(desktop: Bed) -> None:
    """In between there is no answer, and no error."""
    bus = Bus(desktop.bus())
    try:
        first = bus.ask(*DBUS, "ListNames")
        desktop.end(desktop.running[-1])
        gone = bus.ask(*DBUS, "ListNames")
        (desktop.folder / "session.bus").unlink(missing_ok=True)
        desktop.bus()
        bus._tried = None  # ten seconds later
        again = bus.ask(*DBUS, "ListNames")
    finally:
        bus.stop()

    assert (bool(first), gone, bool(again)) == (True, [], True)


def test_a_bus_that_is_not_there_is_no_error() -> None:
    """Nor is it tried again at every question."""
    bus = Bus("unix:path=/nonexistent/bus")
    try:
        answers = [bus.ask(*DBUS, "ListNames"), bus.ask(*DBUS, "ListNames")]
    finally:
        bus.stop()

    assert answers == [[], []]


def test_stopping_what_never_began_is_nothing() -> None:
    """No thread was started."""
    Bus("unix:path=/nonexistent/bus").stop()


def test_the_buses_are_found_by_the_environment_or_by_their_places(tmp_path: Path) -> None:
    """A service knows its runtime folder where it does not know the address."""
    (tmp_path / "bus").touch()

    assert session_address({"DBUS_SESSION_BUS_ADDRESS": "unix:abstract=a"}) == "unix:abstract=a"
    assert session_address({"XDG_RUNTIME_DIR": str(tmp_path)}) == f"unix:path={tmp_path}/bus"
    assert session_address({"XDG_RUNTIME_DIR": str(tmp_path / "none")}) == ""
    assert session_address({}) == ""
    assert system_address({"DBUS_SYSTEM_BUS_ADDRESS": "unix:abstract=b"}) == "unix:abstract=b"
    assert bool(system_address({})) is Path("/run/dbus/system_bus_socket").exists()
