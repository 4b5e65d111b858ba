"""The session's bus through Gio, on a real one."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from keeplit.adapters.tray_host import WATCHER, WATCHER_PATH, owned, shows_icons
from keeplit.ui.tray_bus import SessionBus
from tests.conftest import real_part
from tests.desktop.bed import Bed, bed
from tests.desktop.notifications import Recorder
from tests.desktop.tray_host import TrayHost


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[tuple[Bed, SessionBus]]:
    """Give a private bus and a connection to it."""
    real_part("PyGObject", found=importlib.util.find_spec("gi") is not None)
    from gi.repository import Gio

    with bed(tmp_path / "bed") as found:
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        connection = Gio.DBusConnection.new_for_address_sync(found.bus(), flags, None, None)
        connection.set_exit_on_close(False)
        yield found, SessionBus(connection)


def test_it_answers_as_the_other_bus_does(mine: tuple[Bed, SessionBus]) -> None:
    """A name that is owned, a property that is read."""
    found, bus = mine
    with TrayHost(found.environment["DBUS_SESSION_BUS_ADDRESS"]):
        assert owned(bus, WATCHER)
        assert bus.property(WATCHER, WATCHER_PATH, WATCHER, "IsStatusNotifierHostRegistered") is True
        assert shows_icons(found.environment, bus) is True


def test_nobody_is_no_error(mine: tuple[Bed, SessionBus]) -> None:
    """An answer that cannot be had is none."""
    found, bus = mine

    assert bus.ask("org.nobody", "/", "org.nobody", "Nothing") == []
    assert bus.property("org.nobody", "/", "org.nobody", "Nothing") is None
    assert shows_icons(found.environment, bus) is False


def test_a_notice_is_shown_by_the_desktops_service(mine: tuple[Bed, SessionBus]) -> None:
    """As it is; where nobody shows it, or who does refuses, nothing is raised, and the next one is tried anew."""
    found, bus = mine
    assert not bus.show("Region", "eu-west-1")
    with Recorder(found.environment["DBUS_SESSION_BUS_ADDRESS"]) as recorder:
        recorder.service.refuses = "on purpose"
        assert not bus.show("Region", "eu-west-1")
        recorder.service.refuses = ""
        assert bus.show("Region", "Claude Code uses <work> & more")
        note = recorder.wait()

    assert (note.title, note.text, note.buttons) == ("Region", "Claude Code uses <work> & more", {})


@pytest.mark.parametrize(
    ("able", "text"), [(["body"], "uses <work> & more"), (["body-markup"], "uses &lt;work&gt; &amp; more")]
)
def test_a_notice_takes_the_place_of_the_last_one(able: list[str], text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And its text is text, also where a service would read marks in it."""
    told: list[tuple[object, ...]] = []

    def notices(self: SessionBus, member: str, signature: str = "", *body: object) -> list[object]:
        if member == "GetCapabilities":
            return [able]
        told.append(body)
        return [6 + len(told)]

    monkeypatch.setattr(SessionBus, "_notices", notices)
    bus = SessionBus(None)
    assert bus.show("Region", "uses <work> & more")
    assert bus.show("Region", "again")

    assert [(body[1], body[4]) for body in told] == [(0, text), (7, "again")]
