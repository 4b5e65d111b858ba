"""The D-Bus library, for tests that play a desktop: it is installed on Linux alone, and modules that need it skip."""

from __future__ import annotations

import sys

import pytest

try:
    from dbus_fast import DBusError, Message, MessageType, NameFlag, Variant
    from dbus_fast.aio import MessageBus
    from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal
except ModuleNotFoundError:
    if sys.platform == "linux":
        raise
    pytest.skip("a D-Bus session is Linux's own", allow_module_level=True)

__all__ = (
    "DBusError",
    "Message",
    "MessageBus",
    "MessageType",
    "NameFlag",
    "ServiceInterface",
    "Variant",
    "dbus_method",
    "dbus_signal",
)
