"""Loading pystray: where something is missing, a code says what; nothing else is raised."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from keeplit.adapters.tray_parts import NoTray
from keeplit.ui import tray_library
from keeplit.ui.tray_library import loaded

SESSION = {"DISPLAY": ":4711", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        ({}, "no_display"),
        ({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}, "no_display"),
        ({"DISPLAY": ":4711"}, "no_bus"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "no_bus"),
    ],
)
def test_a_session_is_needed_before_anything_is_loaded(environ: dict[str, str], code: str) -> None:
    """Neither GTK nor a bus is started to find that out."""
    with pytest.raises(NoTray, match=code):
        loaded(environ)


@pytest.mark.parametrize(("has_menu", "code"), [(False, "no_indicator"), (None, "no_display")])
def test_a_backend_without_a_menu_is_none(has_menu: bool | None, code: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    """Nor is one whose import raises, as it does without a display."""
    pystray = ModuleType("pystray")
    if has_menu is not None:
        pystray.Icon = type("Icon", (), {"HAS_MENU": has_menu})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pystray", pystray if has_menu is not None else None)
    monkeypatch.setattr(tray_library, "indicator", lambda: None)
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(NoTray, match=code):
        loaded({})


def test_other_systems_need_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """pystray is given as it is."""
    pystray = ModuleType("pystray")
    pystray.Icon = type("Icon", (), {"HAS_MENU": True})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pystray", pystray)
    monkeypatch.setattr(sys, "platform", "darwin")

    assert loaded({}) is pystray
