"""The flame as the README shows it: in a real panel on an X server without a screen, its states and its menu."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image, features

from keeplit.adapters import clock
from keeplit.adapters.tray_host import has_old_tray
from keeplit.core.view import rfc3339
from tests.conftest import real_part
from tests.core.lit_status import session, status, trouble
from tests.desktop.bed import until
from tests.desktop.dbus_library import MessageBus
from tests.desktop.kept_picture import Picture, grab, ink, still
from tests.desktop.tray_desk import Desk
from tests.desktop.tray_host import DBUS, Item, Node, TrayHost

PANEL = ("trayer", "--edge", "top", "--align", "right", "--widthtype", "percent", "--width", "100", "--height", "32")
LOOKS = ("--heighttype", "pixel", "--padding", "6", "--transparent", "true", "--alpha", "0", "--tint", "0x1d2129")
DARK = "[Settings]\ngtk-theme-name=Adwaita\ngtk-application-prefer-dark-theme=1\ngtk-font-name=DejaVu Sans 10\n"
PROFILE = "[profile {}]\nsso_session = acme\nsso_account_id = {}\nsso_role_name = ClaudeCode\nregion = us-east-1\n"
SESSION = "[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = us-east-1\n"
PROFILES = {"work": "111122223333", "staging": "444455556666", "research": "777788889999"}
PRESET = '[[preset]]\nname = "fast"\nprofile = "staging"\n'
STATES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("fresh", {}),
    ("renewing", {}),
    ("sign_in_soon", {}),
    ("signed_out", {}),
    ("fresh", {"paused_until": "9999-12-31T00:00:00Z"}),
    ("fresh", {"troubles": [trouble()]}),
)
ITEM_PATH = "/org/ayatana/NotificationItem/keeplit"
WIDTH, HIGH = 44, 32  # of an icon's cut
MARGIN = 8
SCALE = 2
WORK_DAY = timedelta(hours=12, minutes=17)  # what the clock shows when a picture is taken
SIGNED_IN = timedelta(hours=2, minutes=37)  # ago
DAY = timedelta(hours=8)
RENEWS = timedelta(minutes=34, seconds=40)  # in


def time_zone(now: datetime) -> str:
    """Return a time zone where it is the hour of the pictures: the times in them are the same at each taking."""
    east = WORK_DAY - timedelta(hours=now.hour, minutes=now.minute, seconds=now.second)
    sign, seconds = ("-" if east >= timedelta(0) else "+"), abs(int(east.total_seconds()))
    return f"DAY{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def published(home: Path, began: datetime, state: str, **changes: Any) -> Any:
    """Return a status in the middle of a day."""
    now = clock.now()
    times: dict[str, Any] = {
        "access_expires_at": rfc3339(now + timedelta(minutes=49)),
        "next_action_at": rfc3339(now + RENEWS),
        "signed_in_at": rfc3339(began - SIGNED_IN),
        "session_ends_at": rfc3339(began - SIGNED_IN + DAY),
        "session_ends_known": "estimated",
    }
    settings = {"path": str(home / ".claude/settings.json"), "state": "ok", "missing": [], "shadowed": []}
    return status(session(profiles=list(PROFILES), state=state, **times), settings=settings, **changes)


def write_files(home: Path, names: Iterable[str], config: str) -> None:
    """Write the files of a person with these profiles."""
    for path, text in {
        ".aws/config": "".join(PROFILE.format(name, PROFILES[name]) for name in names) + SESSION,
        ".config/gtk-3.0/settings.ini": DARK,
        ".config/keeplit/config.toml": f'[claude]\nprofile = "work"\n\n{config}',
    }.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text)


def panel(mine: Desk) -> None:
    """Start the panel and wait until it takes icons."""
    for name in ("trayer", "xdotool"):
        real_part(name, found=shutil.which(name) is not None)
    real_part("Pillow with XCB", found=bool(features.check("xcb")))
    mine.bed.start([*PANEL, *LOOKS], log="panel")
    until(lambda: has_old_tray(mine.bed.environment["DISPLAY"]), what="the panel")


class Onlooker(TrayHost):
    """Reads the flame over D-Bus without being its host: then the flame would leave the panel for it."""

    async def _start(self) -> None:
        self.bus = await MessageBus(bus_address=self.address).connect()

    def flame(self) -> Item:
        """Return the flame, whoever it is on the bus."""
        for name in self.call(DBUS, "/org/freedesktop/DBus", DBUS, "ListNames", "")[0]:
            item = Item(self, name, ITEM_PATH)
            try:
                if name.startswith(":") and item.id == "keeplit":
                    return item
            except AssertionError:
                continue  # another program
        raise AssertionError("the flame is not on the bus")


class FlamesDesk:
    """A panel with the flame, of which pictures are taken."""

    def __init__(self, mine: Desk, onlooker: Onlooker) -> None:
        self.mine, self.onlooker = mine, onlooker
        self.began = clock.now()
        write_files(mine.paths.home, PROFILES, PRESET)
        panel(mine)
        mine.keep()
        self.publish("fresh")
        bare = self.screen()
        mine.flame(TZ=time_zone(self.began))
        until(lambda: ink(self.corner()) > ink(bare) + 0.05, within=30, what="the flame")

    def publish(self, state: str, **changes: Any) -> None:
        """Write the status."""
        self.mine.publish(published(self.mine.paths.home, self.began, state, **changes))

    def screen(self) -> Image.Image:
        """Return what the screen shows."""
        return grab(self.mine.bed.environment["DISPLAY"])

    def corner(self) -> Image.Image:
        """Return the flame in the panel."""
        found = self.screen()
        return found.crop((found.width - WIDTH, 0, found.width, HIGH))

    def states(self) -> Picture:
        """Return the flame's states side by side, and what each says of itself."""
        strip = Image.new("RGB", (WIDTH * len(STATES), HIGH))
        words: list[str] = []
        self.publish("signed_out")
        before = still(self.corner)
        for number, (state, changes) in enumerate(STATES):
            self.publish(state, **changes)
            before = still(self.corner, changed=before)
            strip.paste(before, (number * WIDTH, 0))
            words.append(self.onlooker.flame().title)
        return Picture(strip.resize((strip.width * SCALE, strip.height * SCALE), Image.Resampling.LANCZOS), (*words,))

    def menu(self) -> Picture:
        """Return the menu with its profiles open."""
        self.publish("fresh")
        self.press("Escape", "Escape")
        closed = still(self.screen)
        self.xdotool("search", "--name", "^work: ", "mousemove", "--window", "%1", "12", "12", "click", "1")
        shown = still(self.screen, changed=closed)
        for key in ("Down", "Down", "Down", "Right"):
            self.press(key)
            shown = still(self.screen, changed=shown)
        menu = self.onlooker.flame().menu()
        below = shown.crop((0, HIGH, *shown.size)).point(lambda value: 255 * (value > 8)).getbbox()
        assert below is not None
        edges = (below[0] - MARGIN, 0, shown.width, HIGH + below[3] + MARGIN)
        # All its colours: the few of a palette go to the greys of the letters, and the flame becomes one flat orange.
        return Picture(shown.crop(edges), (*said(menu), *said(menu.find("Profile"))))

    def press(self, *keys: str) -> None:
        """Press keys."""
        self.xdotool("key", *keys)

    def xdotool(self, *arguments: str) -> None:
        """Do what a hand does."""
        subprocess.run(["xdotool", *arguments], env=self.mine.bed.environment, check=True, timeout=30)
        time.sleep(0.1)


def said(menu: Node) -> list[str]:
    """Return the words of a menu as they are read."""
    return [label.strip() for label in menu.labels()]
