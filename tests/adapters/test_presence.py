from __future__ import annotations

import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from keeplit.adapters import clock, presence
from keeplit.adapters.presence.measured import NOTHING, Measured
from keeplit.core.model import Desk, Network
from tests.conftest import real_part
from tests.desktop.bed import bed


class Says:
    """A source that says what it is told to."""

    name = "test"

    def __init__(self, measured: Measured = NOTHING, woke_at: datetime | None = None) -> None:
        self.measured = measured
        self.woke_at = woke_at
        self.stopped = False

    def measure(self) -> Measured:
        return self.measured

    def stop(self) -> None:
        self.stopped = True


class Raises(Says):
    """A source whose library raises what nobody foresaw."""

    def measure(self) -> Measured:
        raise RuntimeError("the library of this source is broken")


def seen(*sources: Says) -> Desk:
    """Return what sources say together."""
    return presence.Measuring(clock.WakeWatch(), sources).look()


def ago(desk: Desk) -> float:
    """Return the seconds since the last input, which must be known."""
    assert desk.last_input_at is not None
    return (clock.now() - desk.last_input_at).total_seconds()


def test_where_nothing_can_be_known_that_is_the_answer() -> None:
    """Presence and network are unknown; the wake and the local clock's offset are what they are."""
    wake = clock.WakeWatch()
    unknown = presence.find(wake)
    desk = unknown.look()
    unknown.stop()

    assert desk.last_input_at is None
    assert desk.network is Network.UNKNOWN
    assert desk.woke_at == wake.look()
    assert desk.utc_offset == clock.utc_offset(clock.now())
    assert abs(desk.utc_offset) < timedelta(hours=15)


def test_of_several_idle_times_the_shortest_counts() -> None:
    """Each source sees only part of the input."""
    assert ago(seen(Says(Measured(idle=300.0)), Says(Measured(idle=4.0)), Says())) == pytest.approx(4.0, abs=2)


def test_one_that_says_locked_is_enough() -> None:
    """Others may not know it."""
    assert seen(Says(Measured(locked=False)), Says(Measured(locked=True)), Says()).locked
    assert not seen(Says(Measured(locked=False)), Says()).locked


@pytest.mark.parametrize(
    ("told", "notices"), [((), None), ((None, None), None), ((None, False), False), ((False, True), True)]
)
def test_notices_are_shown_where_one_source_says_so(told: tuple[bool | None, ...], *, notices: bool | None) -> None:
    """None of them may know."""
    assert seen(*(Says(Measured(notices=one)) for one in told)).notices is notices


def test_why_nobody_knows_is_said_where_nobody_does() -> None:
    """A source that knows when somebody typed last is reason enough to say nothing."""
    watch = clock.WakeWatch()
    assert presence.Measuring(watch, (Says(),), "It is dark.").look().blind == "It is dark."
    assert presence.Measuring(watch, (Says(Measured(idle=1.0)),), "It is dark.").look().blind == ""
    assert presence.Unknown(watch, "It is dark.").look().blind == "It is dark."


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="Linux's desktops")
@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "neither its environment nor systemd's user manager names a display"),
        ({"DISPLAY": ":4711", "XDG_SESSION_TYPE": "wayland"}, "Nothing on this Wayland desktop tells"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "Nothing on this Wayland desktop tells"),
        ({"DISPLAY": ":4711"}, "Nothing on the X display tells"),
    ],
)
def test_a_desktop_that_cannot_be_looked_at_is_named(
    environ: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person learns why they are asked before a tab opens; a command, which looks at none, says nothing."""
    monkeypatch.setattr("keeplit.adapters.bus.system_address", lambda _: "")
    found = presence.find(clock.WakeWatch(), environ)
    desk = found.look()
    found.stop()

    assert said in desk.blind
    assert presence.find(clock.WakeWatch()).look().blind == ""


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_another_system_that_says_nothing_is_named_too(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As over SSH to a Mac."""
    monkeypatch.setattr(sys, "platform", system)

    assert presence._why_blind({}) == "Nothing on this system tells the daemon when you last typed."


@pytest.mark.parametrize(
    ("networks", "network"),
    [
        ((), Network.UNKNOWN),
        ((Network.UNKNOWN, Network.DOWN), Network.DOWN),
        ((Network.UP, Network.UNKNOWN), Network.UP),
        ((Network.UP, Network.DOWN), Network.UNKNOWN),
    ],
)
def test_two_that_differ_about_the_network_know_nothing(networks: tuple[Network, ...], network: Network) -> None:
    """Then it counts as up."""
    assert seen(*(Says(Measured(network=one)) for one in networks)).network is network


def test_the_latest_wake_counts_and_none_that_is_to_come() -> None:
    """A clock that was set back does not put a person to sleep."""
    watch = clock.WakeWatch()
    early, late = watch.look() - timedelta(hours=1), clock.now() + timedelta(hours=1)
    heard = clock.now()
    desk = presence.Measuring(watch, (Says(woke_at=early), Says(woke_at=heard), Says(woke_at=late))).look()

    assert desk.woke_at == heard


def test_a_source_that_raises_tells_nothing_and_the_others_do(caplog: pytest.LogCaptureFixture) -> None:
    """The log says which."""
    desk = seen(Raises(), Says(Measured(idle=1.0)))

    assert desk.last_input_at is not None
    assert "test told nothing of the desk" in caplog.text


def test_all_sources_are_let_go() -> None:
    """Their connections and threads end with the daemon."""
    sources = (Says(), Says())
    presence.Measuring(clock.WakeWatch(), sources).stop()

    assert [source.stopped for source in sources] == [True, True]


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="Linux's sources")
def test_a_machine_without_a_desktop_knows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No display and no bus: as `Unknown`."""
    monkeypatch.setattr("keeplit.adapters.bus.system_address", lambda _: "")

    assert isinstance(presence.find(clock.WakeWatch(), {}), presence.Unknown)


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="Linux's sources")
def test_a_real_display_and_bus_are_measured_together(tmp_path: Path) -> None:
    """On a desktop nobody ever touched, the display knows since when; the bus knows nothing more."""
    real_part("dbus-daemon", found=shutil.which("dbus-daemon") is not None)
    with bed(tmp_path / "desktop") as desktop:
        desktop.bus()
        desktop.screen()
        found = presence.find(clock.WakeWatch(), desktop.environment)
        desk = found.look()
        found.stop()

    assert isinstance(found, presence.Measuring)
    assert {"x11", "session bus"} <= {source.name for source in found.sources}
    assert desk.last_input_at is not None
