from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from keeplit.adapters import clock
from keeplit.adapters.bus import Bus
from keeplit.adapters.presence import linux
from keeplit.adapters.presence.measured import NOTHING, Measured
from keeplit.core.model import Network
from tests.desktop.bed import Bed, mock, until
from tests.desktop.dbus_library import Variant
from tests.desktop.notifications import Recorder

MOCK = "org.freedesktop.DBus.Mock"
LOGIN = ("org.freedesktop.login1", "/org/freedesktop/login1")
MUTTER = "org.gnome.Mutter.IdleMonitor"
CORE = "/org/gnome/Mutter/IdleMonitor/Core"
NETWORK = ("org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager")


@pytest.fixture
def address(desktop: Bed) -> str:
    """Give a bus that plays the session's and the system's."""
    return desktop.bus()


@pytest.fixture
def hand(address: str) -> Iterator[Bus]:
    """Give a connection that tells the pretended services what to say."""
    bus = Bus(address)
    yield bus
    bus.stop()


@pytest.fixture
def session(address: str) -> Iterator[linux.SessionBus]:
    """Give the source under test, of the session bus."""
    source = linux.SessionBus(address, lambda: None)
    yield source
    source.stop()


def measure(source: linux.SessionBus | linux.SystemBus) -> Measured:
    """Let a source measure once."""
    try:
        return source.measure()
    finally:
        source.stop()


def logind(desktop: Bed, address: str, hand: Bus, **said: Variant) -> str:
    """Start a logind with one session of this user and return the session's object."""
    mock(desktop, address, "--system", "--template", "logind", name=LOGIN[0])
    ours = os.getuid()
    user, of_user, of_session = f"{LOGIN[1]}/user/{ours}", f"{LOGIN[0]}.User", f"{LOGIN[0]}.Session"
    # The template's own GetUser adds a number to a text, and fails.
    found = f'ret = "{user}"'
    hand.ask(*LOGIN, MOCK, "AddMethod", "sssss", f"{LOGIN[0]}.Manager", "GetUser", "u", "o", found)
    hand.ask(*LOGIN, MOCK, "AddSeat", "s", "seat0")
    hand.ask(*LOGIN, MOCK, "AddUser", "usb", ours, "someone", True)  # noqa: FBT003  # a method of D-Bus takes no names
    (path,) = hand.ask(*LOGIN, MOCK, "AddSession", "ssusb", "c1", "seat0", ours, "someone", True)  # noqa: FBT003
    shown = {"Display": Variant("(so)", ["c1", path])}
    hand.ask(LOGIN[0], user, MOCK, "UpdateProperties", "sa{sv}", of_user, shown)
    hand.ask(LOGIN[0], path, MOCK, "UpdateProperties", "sa{sv}", of_session, said)
    return str(path)


def test_mutter_says_how_long_nothing_was_touched(
    desktop: Bed, address: str, hand: Bus, session: linux.SessionBus
) -> None:
    """It counts milliseconds."""
    mock(desktop, address, MUTTER, CORE, MUTTER, name=MUTTER)
    hand.ask(MUTTER, CORE, MOCK, "AddMethod", "sssss", MUTTER, "GetIdletime", "", "t", "ret = 4200")

    assert session.measure().idle == pytest.approx(4.2)


@pytest.mark.parametrize("active", [True, False])
def test_a_screen_saver_says_whether_the_screen_is_locked(
    desktop: Bed, address: str, hand: Bus, session: linux.SessionBus, *, active: bool
) -> None:
    """It is asked by the method that all of them have."""
    name, path = linux.SAVERS[1]
    mock(desktop, address, name, path, name, name=name)
    hand.ask(name, path, MOCK, "AddMethod", "sssss", name, "GetActive", "", "b", f"ret = {active}")

    assert session.measure().locked is active


def test_a_desktop_without_such_services_tells_nothing(session: linux.SessionBus) -> None:
    """Unknown is the answer, and nothing is started to ask it; that nobody shows notices is known."""
    assert session.measure() == replace(NOTHING, notices=False)


def test_a_bus_that_does_not_answer_tells_nothing(tmp_path: Path) -> None:
    """Not even that nobody shows notices."""
    source = linux.SessionBus(f"unix:path={tmp_path}/none", lambda: None)
    try:
        assert source.measure() == NOTHING
    finally:
        source.stop()


@pytest.mark.parametrize("display", [True, False])
def test_a_service_that_could_be_started_counts_where_there_is_a_display(desktop: Bed, *, display: bool) -> None:
    """Without one it could show nothing."""
    desktop.startable(linux.NOTICES, "/bin/false")
    assert measure(linux.SessionBus(desktop.bus(), lambda: None, display=display)).notices is display


def test_a_service_that_shows_notices_is_seen_and_its_coming_knocks(address: str) -> None:
    """A notice that nobody took need not wait for the next look."""
    knocks: list[int] = []
    source = linux.SessionBus(address, lambda: knocks.append(1))
    try:
        before = source.measure().notices
        with Recorder(address):
            until(lambda: knocks)
            during = source.measure().notices
    finally:
        source.stop()

    assert (before, during) == (False, True)


def test_an_unlocked_screen_knocks(desktop: Bed, address: str, hand: Bus) -> None:
    """A sign-in that waits for a person need not wait for the next look."""
    knocks: list[int] = []
    source = linux.SessionBus(address, lambda: knocks.append(1))
    name, path = linux.SAVERS[0]
    mock(desktop, address, name, path, name, name=name)
    try:
        source.measure()
        hand.ask(name, path, MOCK, "EmitSignal", "sssav", name, "ActiveChanged", "b", [Variant("b", False)])  # noqa: FBT003
        until(lambda: knocks)
    finally:
        source.stop()

    assert knocks == [1]


@pytest.mark.parametrize(
    ("said", "idle", "locked"),
    [
        ({"LockedHint": True, "Active": True}, None, True),
        ({"LockedHint": False, "Active": True}, None, False),
        ({"LockedHint": False, "Active": False}, None, True),
        ({"LockedHint": False, "Active": True, "IdleHint": True}, 600.0, False),
    ],
)
@pytest.mark.parametrize("known", ["c1", ""])
def test_logind_says_what_its_session_says(
    desktop: Bed, address: str, hand: Bus, said: dict[str, bool], idle: float | None, known: str, *, locked: bool
) -> None:
    """Found by the environment's session, or by the user's graphical one; whose screen another has is not there."""
    since = int((clock.now() - timedelta(seconds=600)).timestamp() * linux.MICROSECONDS)
    hints = {name: Variant("b", value) for name, value in said.items()} | {"IdleSinceHint": Variant("t", since)}
    logind(desktop, address, hand, **hints)
    found = measure(linux.SystemBus(address, lambda: None, known))
    assert found.locked is locked
    assert found.idle == (None if idle is None else pytest.approx(idle, abs=30))


def test_a_resume_is_heard_and_its_time_kept(desktop: Bed, address: str, hand: Bus) -> None:
    """Falling asleep knocks too, but is no wake."""
    logind(desktop, address, hand)
    knocks: list[int] = []
    source = linux.SystemBus(address, lambda: knocks.append(1))
    emit = (*LOGIN, MOCK, "EmitSignal", "sssav", f"{LOGIN[0]}.Manager", "PrepareForSleep", "b")
    try:
        source.measure()
        before = clock.now()
        hand.ask(*emit, [Variant("b", True)])  # noqa: FBT003
        until(lambda: len(knocks) == 1)
        asleep = source.woke_at
        hand.ask(*emit, [Variant("b", False)])  # noqa: FBT003
        until(lambda: len(knocks) == 2)
    finally:
        source.stop()

    assert asleep is None
    assert source.woke_at is not None
    assert before <= source.woke_at <= clock.now()


@pytest.mark.parametrize(
    ("state", "network"),
    [(70, Network.UP), (60, Network.UP), (50, Network.UNKNOWN), (40, Network.UNKNOWN), (20, Network.DOWN)],
)
def test_the_network_is_down_only_where_somebody_knows_it(
    desktop: Bed, address: str, hand: Bus, state: int, network: Network
) -> None:
    """A machine that is still connecting, or knows only its own cable, is not called down."""
    mock(desktop, address, "--system", *NETWORK, NETWORK[0], name=NETWORK[0])
    hand.ask(*NETWORK, MOCK, "AddProperty", "ssv", NETWORK[0], "State", Variant("u", state))
    assert measure(linux.SystemBus(address, lambda: None)).network is network


@pytest.mark.parametrize(
    ("state", "network"),
    [("online", Network.UP), ("partial", Network.UP), ("offline", Network.DOWN), ("unknown", Network.UNKNOWN)],
)
def test_where_there_is_no_networkmanager_networkd_is_asked(
    desktop: Bed, address: str, hand: Bus, state: str, network: Network
) -> None:
    """As on servers; what it does not know either is unknown."""
    networkd = ("org.freedesktop.network1", "/org/freedesktop/network1")
    mock(desktop, address, "--system", *networkd, f"{networkd[0]}.Manager", name=networkd[0])
    hand.ask(*networkd, MOCK, "AddProperty", "ssv", f"{networkd[0]}.Manager", "OnlineState", Variant("s", state))
    assert measure(linux.SystemBus(address, lambda: None)).network is network


def test_a_session_that_is_not_idle_says_nothing_of_the_last_input() -> None:
    """Desktops set the hint after minutes; until then somebody may have left."""
    assert linux._idle({"IdleHint": False, "IdleSinceHint": 1}) is None
    assert linux._idle({"IdleHint": True, "IdleSinceHint": 0}) is None
