"""A tray host without a screen: it lets icons register, reads their menus by com.canonical.dbusmenu, and clicks them.

Specification: StatusNotifierItem of freedesktop.org, as KDE's and Ayatana's libraries speak it.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.desktop.bed import until
from tests.desktop.dbus_library import Message, MessageBus, MessageType, NameFlag, Variant

WATCHER, WATCHER_PATH = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"
ITEM, MENU, PROPERTIES = "org.kde.StatusNotifierItem", "com.canonical.dbusmenu", "org.freedesktop.DBus.Properties"
DBUS = "org.freedesktop.DBus"


def plain(value: Any) -> Any:
    """Return a value without D-Bus's wrappings."""
    if isinstance(value, Variant):
        return plain(value.value)
    if isinstance(value, dict):
        return {key: plain(inside) for key, inside in value.items()}
    return [plain(inside) for inside in value] if isinstance(value, (list, tuple)) else value


@dataclass(frozen=True)
class Node:
    """One entry of a menu."""

    id: int
    label: str
    enabled: bool
    line: bool
    radio: bool
    checked: bool
    children: tuple[Node, ...]

    def find(self, *path: str) -> Node:
        """Return the entry under those labels, each as it is or as its beginning."""
        node = self
        for label in path:
            found = [child for child in node.children if child.label.startswith(label)]
            assert found, f"{label!r} is not in {[child.label for child in node.children]}"
            node = found[0]
        return node

    def labels(self) -> list[str]:
        """Return what its entries say."""
        return [child.label for child in self.children if not child.line]

    def leaves(self, *path: str) -> list[tuple[str, ...]]:
        """Return the paths of all entries that can be clicked."""
        found: list[tuple[str, ...]] = []
        for child in self.children:
            here = (*path, child.label)
            found += child.leaves(*here) if child.children else [here] if child.enabled and not child.line else []
        return found


def _node(found: Sequence[Any]) -> Node:
    number, properties, children = found
    label = properties.get("label", "").replace("__", "\0").replace("_", "").replace("\0", "_")
    return Node(
        number,
        label,
        properties.get("enabled", True),
        properties.get("type") == "separator",
        properties.get("toggle-type") == "radio",
        properties.get("toggle-state", -1) == 1,
        tuple(_node(child) for child in children),
    )


class Item:
    """One icon that registered."""

    def __init__(self, host: TrayHost, name: str, path: str) -> None:
        self.host, self.name, self.path = host, name, path
        self.heard: Counter[str] = Counter()  # its signals, by name

    def _property(self, name: str) -> Any:
        return plain(self.host.call(self.name, self.path, PROPERTIES, "Get", "ss", ITEM, name)[0])

    @property
    def id(self) -> str:
        """Its name."""
        return str(self._property("Id"))

    @property
    def title(self) -> str:
        """Its tooltip."""
        return str(self._property("Title"))

    @property
    def status(self) -> str:
        """Active or passive."""
        return str(self._property("Status"))

    def picture(self) -> bytes:
        """Return the file of its icon."""
        try:
            return Path(self._property("IconName")).read_bytes()
        except FileNotFoundError:  # between two icons
            return b""

    def menu(self) -> Node:
        """Return its menu as it is now."""
        _, root = self.host.call(self.name, self._property("Menu"), MENU, "GetLayout", "iias", 0, -1, [])
        return _node(plain(root))

    def click(self, *path: str) -> None:
        """Click the entry under those labels."""
        node = self.menu().find(*path)
        assert node.enabled, f"{path} cannot be clicked"
        self.event(node.id)

    def event(self, number: int, kind: str = "clicked") -> None:
        """Tell that something happened to an entry."""
        self.host.call(self.name, self._property("Menu"), MENU, "Event", "isvu", number, kind, Variant("i", 0), 0)


class TrayHost:
    """The host on a bus, in a thread of its own."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.items: dict[tuple[str, str], Item] = {}
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.bus: MessageBus | None = None

    def __enter__(self) -> Self:
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self.loop).result(10)
        return self

    def __exit__(self, *ended: object) -> None:
        if self.bus is not None:
            self.loop.call_soon_threadsafe(self.bus.disconnect)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()

    async def _start(self) -> None:
        self.bus = await MessageBus(bus_address=self.address).connect()
        self.bus.add_message_handler(self._on)
        rules = [f"type='signal',interface='{name}'" for name in (ITEM, MENU)]
        for rule in (*rules, f"type='signal',interface='{DBUS}',member='NameOwnerChanged'"):
            await self._call(DBUS, "/org/freedesktop/DBus", DBUS, "AddMatch", "s", rule)
        await self.bus.request_name(WATCHER, NameFlag.DO_NOT_QUEUE)

    async def _call(self, name: str, path: str, interface: str, member: str, signature: str, *body: Any) -> list[Any]:
        assert self.bus is not None
        answer = await self.bus.call(Message(name, path, interface, member, signature=signature, body=list(body)))
        assert answer.message_type is not MessageType.ERROR, f"{answer.error_name}: {answer.body}"
        return list(answer.body)

    def call(self, name: str, path: str, interface: str, member: str, signature: str, *body: Any) -> list[Any]:
        """Call a method and return its answer."""
        work = self._call(name, path, interface, member, signature, *body)
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def _on(self, message: Message) -> Message | None:
        if message.message_type is MessageType.SIGNAL:
            self._heard(message)
            return None
        if message.message_type is not MessageType.METHOD_CALL or message.path != WATCHER_PATH:
            return None
        known = {
            "IsStatusNotifierHostRegistered": Variant("b", True),  # noqa: FBT003  # a variant takes no names
            "ProtocolVersion": Variant("i", 0),
            "RegisteredStatusNotifierItems": Variant("as", ["".join(key) for key in self.items]),
        }
        match message.member:
            case "RegisterStatusNotifierItem":
                service = message.body[0]
                key = (str(message.sender), service) if service.startswith("/") else (service, "/StatusNotifierItem")
                self.items.setdefault(key, Item(self, *key))
                return Message.new_method_return(message)
            case "Get":
                return Message.new_method_return(message, "v", [known[message.body[1]]])
            case "GetAll":
                return Message.new_method_return(message, "a{sv}", [known])
            case _:
                return None

    def _heard(self, message: Message) -> None:
        if message.member == "NameOwnerChanged" and not message.body[2]:
            self.items = {key: item for key, item in self.items.items() if key[0] != message.body[0]}
        for key, item in self.items.items():
            if key[0] == message.sender:
                item.heard[str(message.member)] += 1

    def item(self, name: str = "keeplit", within: float = 10.0) -> Item:
        """Return the icon of that name, once it is there and shown."""
        until(lambda: self._found(name), within, f"the icon {name}")
        found = self._found(name)
        assert found is not None
        return found

    def _found(self, name: str) -> Item | None:
        for item in list(self.items.values()):
            try:
                if item.id == name and item.status == "Active":
                    return item
            except AssertionError:
                continue  # it has just gone
        return None


def changed(read: Callable[[], object], before: object, within: float = 10.0) -> object:
    """Return what `read` gives once that is no longer what it was."""
    until(lambda: read() != before, within, "a change")
    return read()
