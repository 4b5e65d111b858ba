"""`keeplit status` as the README shows it: typed into a real terminal, on an X server without a screen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha1
from pathlib import Path
from typing import TYPE_CHECKING

import pyte

from keeplit.adapters import clock, notebook
from keeplit.core.memory import Memory
from keeplit.core.notice import notice
from keeplit.core.view import rfc3339
from keeplit.engine.look import look
from tests.conftest import real_part
from tests.desktop.bed import until
from tests.desktop.kept_picture import Picture, grab, still
from tests.desktop.tray_desk import Desk
from tests.desktop.tray_pictures import RENEWS, SIGNED_IN, panel, time_zone, write_files

if TYPE_CHECKING:
    from PIL import Image

COLUMNS, ROWS = 96, 8
TOP = 40  # below the panel
XTERM = ("xterm", "-geometry", f"{COLUMNS}x{ROWS}+0+{TOP}", "+sb", "-ah", "-b", "10")
LOOKS = (
    "-fa",
    "DejaVu Sans Mono",
    "-fs",
    "10",
    "-bg",
    "#1d2129",
    "-fg",
    "#e5e9f0",
    "-uc",
    "-xrm",
    "XTerm*cursorBlink: false",
)
COLOURS = {"1": "#e06c75", "2": "#98c379", "3": "#e5c07b", "6": "#56b6c2"}
PROMPT = "$ "
TYPED = "keeplit status"
KEEP = '[sessions]\nkeep = ["globex"]\n'
MORE = "\n[sso-session globex]\nsso_start_url = https://globex.awsapps.com/start\nsso_region = eu-central-1\n"
SCOPE = "sso_registration_scopes = sso:account:access\n"  # what gives a token that can be renewed
MARGIN = timedelta(minutes=30)  # of a token of an hour, for a memory that drew no jitter


class StatusDesk:
    """A desktop with a terminal in which somebody typed `keeplit status`."""

    def __init__(self, mine: Desk) -> None:
        for name in ("xterm", "script"):
            real_part(name, found=shutil.which(name) is not None)
        self.mine = mine
        self.number = 0
        panel(mine)
        mine.keep()

    def _files(self, began: datetime) -> None:
        """Write what the AWS CLI and keeplit left: signed in to one session this morning, to the other never."""
        home = self.mine.paths.home
        write_files(home, ("work", "staging"), KEEP)
        with (home / ".aws/config").open("a") as config:
            config.write(SCOPE + MORE + SCOPE)
        cache = home / ".aws/sso/cache"
        cache.mkdir(parents=True, exist_ok=True)
        token = {
            "startUrl": "https://acme.awsapps.com/start",
            "region": "us-east-1",
            "accessToken": "made up",
            "expiresAt": rfc3339(clock.now() + RENEWS + MARGIN),
            "refreshToken": "made up",
            "clientId": "made up",
            "clientSecret": "made up",
            "registrationExpiresAt": rfc3339(clock.now() + timedelta(days=60)),
        }
        place = cache / f"{sha1(b'acme').hexdigest()}.json"  # noqa: S324  # AWS's own way to name it
        place.write_text(json.dumps(token))
        place.chmod(0o600)
        facts = look(self.mine.paths, {"HOME": str(home)}).facts
        seen = notice(Memory(), facts, 0.5, clock.now())
        sessions = {key: replace(one, signed_in_at=began - SIGNED_IN, jitter=0.0) for key, one in seen.sessions.items()}
        notebook.write_memory(self.mine.paths.memory, replace(seen, sessions=sessions))

    def status(self) -> Picture:
        """Return the terminal after the command, and what stands in it."""
        began = clock.now()
        self._files(began)
        self.number += 1
        log, prompt = self.mine.bed.folder / f"typed-{self.number}", self.mine.bed.folder / "prompt"
        prompt.write_text(f"PS1={PROMPT!r}\n")
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        xterm = [*XTERM, *LOOKS]
        for number, colour in COLOURS.items():
            xterm += ["-xrm", f"XTerm*color{number}: {colour}"]
        terminal = self.mine.bed.start(
            [*xterm, "-e", "script", "-qef", log, "-c", f"bash --rcfile {prompt} -i"],
            log="xterm",
            PATH=path,
            TZ=time_zone(began),
        )
        try:
            until(lambda: _screen(log) == [PROMPT.strip()], within=30, what="the prompt")
            self._type(TYPED)
            until(lambda: _screen(log)[1:] and _screen(log)[-1] == PROMPT.strip(), within=30, what="the next prompt")
            image = still(self._window)
            return Picture(image, tuple(_screen(log)))
        finally:
            self.mine.bed.end(terminal)

    def _window(self) -> Image.Image:
        found = grab(self.mine.bed.environment["DISPLAY"])
        below = found.crop((0, TOP, *found.size))
        box = below.point(lambda value: 255 * (value > 8)).getbbox()
        return below.crop(box) if box else below

    def _type(self, words: str) -> None:
        environ = self.mine.bed.environment
        for command in (["mousemove", "300", "100"], ["type", words], ["key", "Return"]):
            subprocess.run(["xdotool", *command], env=environ, check=True, timeout=30)


def _screen(log: Path) -> list[str]:
    """Return the lines on the terminal, out of all that it was sent."""
    screen = pyte.Screen(COLUMNS, ROWS)
    text = log.read_bytes() if log.exists() else b""
    pyte.ByteStream(screen).feed(text.partition(b"\n")[2])  # `script` begins with a line of its own
    return [line.rstrip() for line in screen.display if line.strip()]
