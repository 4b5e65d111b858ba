"""What is missing is a code; GTK, a bus or a display are not started to find that out."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

import pytest

from keeplit.adapters.tray_parts import NoTray, indicator, missing, without

BUS = "unix:path=/nowhere"


@pytest.mark.parametrize(
    ("environ", "bus", "code"),
    [
        ({}, "", "no_display"),
        ({}, BUS, "no_display"),
        ({"DISPLAY": ":4711"}, "", "no_bus"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "", "no_bus"),
    ],
)
def test_a_session_comes_first(environ: dict[str, str], bus: str, code: str) -> None:
    """The first thing that is missing is said."""
    assert missing(environ, bus) == code


def test_without_pygobject_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    monkeypatch.setitem(sys.modules, "gi", None)

    assert missing({"DISPLAY": ":4711"}, BUS) == "no_pygobject"


@pytest.mark.parametrize("has", ["", "AppIndicator3", "AyatanaAppIndicator3"])
def test_either_indicator_will_do(has: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one pystray would fall back to what has no menu."""

    def require_version(name: str, version: str) -> None:
        if name not in {"Gtk", has}:
            raise ValueError(name)

    gi = ModuleType("gi")
    gi.require_version = require_version  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gi", gi)

    assert missing({"WAYLAND_DISPLAY": "wayland-0"}, BUS) == ("" if has else "no_indicator")
    if not has:
        with pytest.raises(NoTray, match="no_indicator"):
            indicator()


def test_what_is_left_out_can_be_loaded_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meanwhile its import fails; one that was loaded before stays."""
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with without("colorsys"), without("sys"):
        with pytest.raises(ImportError):
            import_module("colorsys")
        assert import_module("sys") is sys

    assert import_module("colorsys").rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)
