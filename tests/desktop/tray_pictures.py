"""Takes the README's pictures of the flame: on a real panel and window manager, on an X server without a screen.

    python tests/desktop/tray_pictures.py assets

It needs Xvfb, openbox, tint2, xdotool and ImageMagick.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[2]))  # so that it runs as a script too

from PIL import Image

from keeplit.adapters import clock
from keeplit.core.view import rfc3339
from tests.core.lit_status import session, status, trouble
from tests.desktop.tray_desk import Desk, desk

PANEL = """\
rounded = 0
border_width = 0
background_color = #1d2129 100
panel_items = TSC
panel_size = 100% 36
panel_position = top center horizontal
panel_background_id = 1
systray_padding = 8 4 8
systray_icon_size = 24
time1_format = %H:%M
time1_font = DejaVu Sans 10
clock_font_color = #e5e9f0 100
clock_padding = 10 0
"""
DARK = "[Settings]\ngtk-theme-name=Adwaita\ngtk-application-prefer-dark-theme=1\ngtk-font-name=DejaVu Sans 10\n"
PROFILE = "[profile {}]\nsso_session = acme\nsso_account_id = {}\nsso_role_name = ClaudeCode\nregion = us-east-1\n"
SESSION = "[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = us-east-1\n"
PROFILES = {"work": "111122223333", "staging": "444455556666", "research": "777788889999"}
STATES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("fresh", {}),
    ("renewing", {}),
    ("sign_in_soon", {}),
    ("signed_out", {}),
    ("fresh", {"paused_until": "9999-12-31T00:00:00Z"}),
    ("fresh", {"troubles": [trouble()]}),
)
WIDTH, HIGH, CLOCK = 44, 36, 54  # of an icon's cut, the panel, and what the panel's clock takes
SCALE = 2


def published(home: Path, state: str, **changes: Any) -> Any:
    """Return a status in the middle of a day."""
    now = clock.now()
    times: dict[str, Any] = {
        "access_expires_at": rfc3339(now + timedelta(minutes=49)),
        "next_action_at": rfc3339(now + timedelta(minutes=34, seconds=20)),
        "signed_in_at": rfc3339(now - timedelta(hours=2, minutes=37)),
        "session_ends_at": rfc3339(now + timedelta(hours=5, minutes=23)),
        "session_ends_known": "estimated",
    }
    settings = {"path": str(home / ".claude/settings.json"), "state": "ok", "missing": [], "shadowed": []}
    return status(session(profiles=list(PROFILES), state=state, **times), settings=settings, **changes)


def prepare(home: Path) -> None:
    """Write the files of a person with three profiles and a preset."""
    for path, text in {
        ".aws/config": "".join(PROFILE.format(*one) for one in PROFILES.items()) + SESSION,
        ".config/gtk-3.0/settings.ini": DARK,
        ".config/keeplit/config.toml": '[claude]\nprofile = "work"\n\n[[preset]]\nname = "fast"\nprofile = "staging"\n',
    }.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text)


def screen(mine: Desk) -> Image.Image:
    """Return what the screen shows."""
    picture = mine.bed.folder / "screen.png"
    subprocess.run(["import", "-silent", "-window", "root", picture], env=mine.bed.environment, check=True, timeout=30)
    with Image.open(picture) as found:
        return found.convert("RGB")


def take(mine: Desk, home: Path, folder: Path) -> None:
    """Take both pictures."""
    environ = mine.bed.environment
    (mine.bed.folder / "tint2rc").write_text(PANEL)
    mine.bed.start(["openbox"], log="openbox")
    mine.bed.start(["tint2", "-c", mine.bed.folder / "tint2rc"], log="tint2")
    mine.keep()
    mine.publish(published(home, "fresh"))
    time.sleep(2.0)
    mine.flame()
    time.sleep(5.0)
    strip = Image.new("RGB", (WIDTH * len(STATES), HIGH))
    for number, (state, changes) in enumerate(STATES):
        mine.publish(published(home, state, **changes))
        time.sleep(2.0)
        found = screen(mine)
        left = found.width - CLOCK - WIDTH
        strip.paste(found.crop((left, 0, left + WIDTH, HIGH)), (number * WIDTH, 0))
    strip.resize((strip.width * SCALE, strip.height * SCALE), Image.Resampling.LANCZOS).save(
        folder / "screenshot-panel.png", optimize=True
    )
    mine.publish(published(home, "fresh"))
    time.sleep(2.0)
    click = ["xdotool", "search", "--name", "^work: ", "mousemove", "--window", "%1", "12", "12", "click", "1"]
    subprocess.run(click, env=environ, check=True, timeout=30)
    time.sleep(1.0)
    for key in ("Down", "Down", "Down", "Right"):
        subprocess.run(["xdotool", "key", key], env=environ, check=True, timeout=30)
        time.sleep(0.3)
    found = screen(mine)
    box = found.point(lambda value: 255 * (value > 8)).getbbox()
    assert box is not None
    # All its colours: the few of a palette go to the greys of the letters, and the flame becomes one flat orange.
    found.crop((0, 0, found.width, box[3] + 4)).save(folder / "screenshot-menu.png", optimize=True)


def main() -> None:
    """Take the pictures for a folder."""
    with tempfile.TemporaryDirectory() as made:
        home = Path(made, "home")
        home.mkdir()
        base = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "XDG_", "CLAUDE"))}
        with (
            mock.patch.dict(os.environ, {**base, "HOME": str(home)}, clear=True),
            desk(Path(made, "bed"), home) as mine,
        ):
            prepare(home)
            take(mine, home, Path(sys.argv[1]))


if __name__ == "__main__":
    main()
