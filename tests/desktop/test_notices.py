"""Every notice on a notification service that people run, and every button pressed in its own menu."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from keeplit.adapters import clock, files, notebook, own_command, paths, programs, sign_in_files
from keeplit.core.deeds import Action, Do, Notice, Outcome, Result
from keeplit.core.model import Kind, Session, SignIn, Verb
from keeplit.core.sign_in_flow import Page
from keeplit.engine import repair
from keeplit.engine.desk import RealDesk
from keeplit.engine.living import prepare
from tests.conftest import real_part
from tests.desktop.bed import Bed, bed, until
from tests.desktop.notifications import NAME

pytestmark = pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="the notices of Linux desktops")
SESSION = Session("a" * 40, "acme & <b>sons", Kind.SSO_SESSION, "https://acme.awsapps.com/start", "us-east-1")
SIGN_IN = SignIn("r1", SESSION.key, SESSION.start_url, clock.now())
PAGE = Page("https://device.sso.us-east-1.amazonaws.com/?user_code=ABCD-EFGH", "ABCD-EFGH")
TITLES = {
    Notice.SIGNING_IN: "Signing in to acme & <b>sons in ",
    Notice.IN_BROWSER: "Signing in to acme & <b>sons: look at your browser",
    Notice.SIGN_IN_NEEDED: "Sign in to acme & <b>sons",
    Notice.EXPIRING: "The sign-in of acme & <b>sons ends in ",
    Notice.SIGNED_IN: "Signed in to acme & <b>sons",
    Notice.SIGN_IN_FAILED: "No sign-in to acme & <b>sons",
    Notice.END_DID_NOT_MOVE: "acme & <b>sons still ends when it did",
    Notice.SETTINGS_QUESTION: "Claude Code's settings changed",
    Notice.SETTINGS_REPAIRED: "Claude Code's settings are repaired",
}
# Its context menu is a program that is given the buttons as lines and prints the chosen one.
MENU = """#!/bin/sh
exec grep -F "#$(cat "{choice}") "
"""


@dataclass
class Dunst:
    """A running dunst and the desk that shows notices on it."""

    desktop: Bed
    desk: RealDesk

    def show(self, notice: Notice) -> Outcome:
        """Show a notice of ACME, or of the settings."""
        about = clock.now() + timedelta(minutes=10)
        action = Action(Do.NOTIFY, SESSION.key, "page:r1", "The reason why.", notice=notice, about=about)
        return self.desk.show(action, SESSION, clock.now())

    def control(self, *words: str) -> str:
        """Return what dunst answers to its own tool."""
        environ = {**os.environ, **self.desktop.environment}
        return subprocess.run(["dunstctl", *words], env=environ, capture_output=True, text=True, check=True).stdout

    def closed(self) -> dict[str, str]:
        """Close what is shown and return its title and text, as dunst remembers them."""
        until(lambda: self.control("count", "displayed").strip() == "1", what="the notice")
        self.control("close-all")
        until(lambda: self.control("count", "history").strip() == "1", what="the end of the notice")
        (note,) = json.loads(self.control("history"))["data"][0]
        return {"title": note["summary"]["data"], "text": note["body"]["data"]}

    def press(self, button: str) -> None:
        """Choose a button in the menu; a notice is drawn some time after it was taken."""
        (self.desktop.folder / "choice").write_text(button)
        self.control("context")
        time.sleep(0.2)


@pytest.fixture
def places() -> paths.Paths:
    """Give the paths of the test's own home."""
    found = paths.find(os.environ)
    prepare(found)
    files.private_folder(found.own)
    return found


@pytest.fixture
def dunst(tmp_path: Path, places: paths.Paths, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dunst]:
    """Give a desktop with dunst, and the daemon's desk on it."""
    real_part("dunst", found=shutil.which("dunst") is not None and shutil.which("dunstctl") is not None)
    with bed(tmp_path / "desktop") as desktop:
        address = desktop.bus()
        desktop.screen()
        menu = desktop.folder / "menu"
        menu.write_text(MENU.format(choice=desktop.folder / "choice"))
        menu.chmod(0o700)
        (desktop.folder / "dunstrc").write_text(f"[global]\ndmenu = {menu}\n")
        desktop.start(["dunst", "-config", desktop.folder / "dunstrc"], log="dunst")
        until(lambda: desktop.owns(NAME, address), what="dunst")
        for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS"):
            monkeypatch.setenv(name, desktop.environment[name])
        desk = RealDesk(places, acts=True)
        desk.look(desktop.environment)
        yield Dunst(desktop, desk)
        desk.stop()


@pytest.mark.parametrize("notice", Notice)
def test_every_notice_is_seen(dunst: Dunst, places: paths.Paths, notice: Notice) -> None:
    """With its own title and text, whatever stands in a name; that of a page with host and code."""
    with files.lock(sign_in_files.sign_in_lock(places.own, SESSION.start_url), timeout=5):
        sign_in_files.write(places.own, SIGN_IN, PAGE)
        outcome = dunst.show(notice)
    seen = dunst.closed()

    assert outcome.result is Result.DONE
    assert seen["title"].startswith(TITLES[notice])
    if notice is Notice.IN_BROWSER:
        assert "device.sso.us-east-1.amazonaws.com" in seen["text"]
        assert "ABCD-EFGH" in seen["text"]
    else:
        assert seen["text"] in {"The reason why.", "It cannot be renewed silently.", "Work goes on."}


@pytest.mark.parametrize(
    ("notice", "button", "verb"),
    [
        (Notice.SIGN_IN_NEEDED, "Sign in", Verb.SIGN_IN),
        (Notice.EXPIRING, "Extend", Verb.EXTEND),
        (Notice.EXPIRING, "In 15 min", Verb.LATER),
        (Notice.SIGNING_IN, "Not today", Verb.NOT_TODAY),
        (Notice.SIGN_IN_FAILED, "Sign in", Verb.SIGN_IN),
        (Notice.END_DID_NOT_MOVE, "Extend", Verb.EXTEND),
    ],
)
def test_every_button_becomes_its_wish(
    dunst: Dunst, places: paths.Paths, notice: Notice, button: str, verb: Verb
) -> None:
    """Once, for the session of the notice."""
    dunst.show(notice)

    def wished() -> bool:
        dunst.press(button)
        return bool(notebook.read_wishes(places.wishes).wishes)

    until(wished, what=button)
    (wish,) = notebook.read_wishes(places.wishes).wishes

    assert (wish.verb, wish.session) == (verb, SESSION.key)


@pytest.mark.parametrize("button", ["Restore", "Keep as it is", "Show"])
def test_every_answer_about_the_settings_is_taken(dunst: Dunst, button: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `keeplit repair` does it, or by a terminal that shows more."""
    done: list[str] = []
    names = {repair.Way.WRITE: "Restore", repair.Way.ACCEPT: "Keep as it is"}
    monkeypatch.setattr(repair, "repair", lambda *told: done.append(names[told[-1]]))
    monkeypatch.setattr(own_command, "program", lambda _: "keeplit")
    monkeypatch.setattr(programs, "in_terminal", lambda *_: done.append("Show"))
    dunst.show(Notice.SETTINGS_QUESTION)

    def chosen() -> bool:
        dunst.press(button)
        return bool(done)

    until(chosen, what=button)

    assert done == [button]
