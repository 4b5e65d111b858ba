"""The flame on a real bus, in the hands of a tray host: what it shows, and what each click comes to in the files."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from keeplit.adapters import clock
from keeplit.adapters.tray_host import has_old_tray
from keeplit.core.tray_lists import MOST_TOGETHER
from keeplit.core.view import rfc3339
from keeplit.engine.living import is_running
from keeplit.sandbox.clients import write_home
from tests.conftest import real_part
from tests.core.lit_status import session, status, trouble
from tests.desktop.bed import until
from tests.desktop.notifications import Recorder
from tests.desktop.tray_desk import KEEPLIT, Desk, desk, ended
from tests.desktop.tray_host import Item, Node, TrayHost, changed

SANDBOX = "http://127.0.0.1:9"  # nobody listens there
WAITS = ("Quit", "Region", "Extend", "Renew", "Pause")
NAMES = ("snake_case", "a & b", "\U0001f525 hot", "\u05e2\u05d1\u05d5\u05d3\u05d4")


def lit(**changes: Any) -> Any:
    """Return the status of a daemon that keeps acme, as of now."""
    now = clock.now()
    told = {"access_expires_at": rfc3339(now + timedelta(minutes=34)), "next_action_at": rfc3339(now)}
    return status(session(**{**told, **changes.pop("of", {})}), **changes)


def press(item: Item, *path: str) -> None:
    """Click an entry; once more where the menu was made anew between the look and the click."""

    def pressed() -> bool:
        try:
            item.click(*path)
        except AssertionError as error:
            if "does not refer to a menu item" not in str(error):
                raise
            return False
        return True

    until(pressed, what=f"a click on {path}")


@pytest.fixture
def bare(tmp_path: Path, own_home: Path) -> Iterator[Desk]:
    """Give a desktop without a tray host."""
    with desk(tmp_path / "bed", own_home) as found:
        yield found


@pytest.fixture
def mine(bare: Desk, own_home: Path) -> Desk:
    """Give a desktop where a daemon has published."""
    write_home(own_home, SANDBOX)
    bare.keep()
    bare.publish(lit())
    return bare


@pytest.fixture
def host(bare: Desk) -> Iterator[TrayHost]:
    """Give a tray host."""
    with TrayHost(bare.bed.environment["DBUS_SESSION_BUS_ADDRESS"]) as found:
        yield found


def test_the_icon_appears_with_state_and_menu(mine: Desk, host: TrayHost) -> None:
    """Its tooltip is the state, its picture a PNG in a private folder, its menu what can be done."""
    process = mine.flame()
    item = host.item()

    assert item.title.startswith("work: signed in · ")
    assert item.picture().startswith(b"\x89PNG")
    until(lambda: "Profile" in item.menu().labels())
    assert {"Renew now", "Extend the day…", "Pause", "Region"} <= set(item.menu().labels())
    assert (mine.paths.state / "tray").stat().st_mode & 0o077 == 0
    assert ended(process) == 0
    assert list((mine.paths.state / "tray").iterdir()) == []


def test_title_and_icon_follow_the_status(mine: Desk, host: TrayHost) -> None:
    """Each state has its own; what is published is seen."""
    mine.flame()
    item = host.item()
    seen = {item.picture()}
    for state, words in (("signed_out", "signed out"), ("sign_in_soon", "sign in soon"), ("renewing", "renewing")):
        before = item.picture()
        mine.publish(lit(of={"state": state}))
        until(lambda words=words: f"work: {words}" in item.title, what=words)  # type: ignore[misc]
        seen.add(bytes(changed(item.picture, before)))  # type: ignore[call-overload]
    assert len(seen - {b""}) == 4


def test_a_daemon_that_goes_and_comes_back_is_seen(mine: Desk, host: TrayHost) -> None:
    """The flame says that nothing is renewed, offers a start, and lives on."""
    mine.flame()
    item = host.item()
    mine.die()
    until(lambda: item.title == "keeplit is not running: nothing is renewed")
    assert "Start keeping" in item.menu().labels()
    mine.keep()
    until(lambda: item.title.startswith("work: signed in"))
    assert "Start keeping" not in item.menu().labels()


@pytest.mark.parametrize(
    ("path", "verb", "duration"),
    [
        (("Renew now",), "refresh", None),
        (("Extend the day…", "Extend now"), "extend", None),
        (("Pause", "30 min"), "pause", "PT1800S"),
        (("Pause", "1 h"), "pause", "PT3600S"),
        (("Pause", "Until I resume"), "pause", None),
    ],
)
def test_a_click_becomes_a_wish(
    mine: Desk, host: TrayHost, path: tuple[str, ...], verb: str, duration: str | None
) -> None:
    """It lies in the wishes' folder for the daemon."""
    mine.flame()
    item = host.item()
    press(item, *path)
    until(mine.wishes, what="a wish")
    (wish,) = mine.wishes()

    assert wish["verb"] == verb
    assert wish.get("duration") == duration


def test_a_sign_in_and_a_resume_are_wished_for_where_they_make_sense(mine: Desk, host: TrayHost) -> None:
    """The menu of that state has them."""
    mine.publish(lit(of={"state": "signed_out"}, paused_until="9999-12-31T00:00:00Z"))
    mine.flame()
    item = host.item()
    press(item, "Resume")
    until(mine.wishes)
    press(item, "Sign in now")
    mine.told(item, "…")
    assert {wish["verb"] for wish in mine.wishes()} <= {"resume", "sign_in"}


def test_switching_writes_both_files_and_undo_takes_it_back(mine: Desk, host: TrayHost) -> None:
    """The same as `keeplit use`; what came of it is told in the menu."""
    mine.flame()
    item = host.item()
    settings = mine.paths.home / ".claude" / "settings.json"
    until(lambda: "Profile" in item.menu().labels())
    press(item, "Profile", "play")
    until(settings.exists)
    assert json.loads(settings.read_text())["env"]["AWS_PROFILE"] == "play"
    assert 'profile = "play"' in mine.paths.config_file.read_text()
    mine.told(item, "Claude Code uses play")
    before = settings.read_bytes()
    press(item, "Region", "eu-west-1")
    mine.told(item, "Claude Code uses play in eu-west-1")
    assert "eu-west-1" in settings.read_text()
    press(item, "Settings", "Undo")
    mine.told(item, "Took back: use")
    assert settings.read_bytes() == before


def test_what_is_checked_turns_with_each_click(mine: Desk, host: TrayHost) -> None:
    """Isolation in config.toml, the start at login in the desktop's own entries; a preset is switched as one."""
    mine.paths.config_file.parent.mkdir(parents=True, exist_ok=True)
    mine.paths.config_file.write_text('[[preset]]\nname = "far & wide"\nprofile = "play"\nregion = "eu-west-1"\n')
    mine.flame()
    item = host.item()
    until(lambda: "Preset" in item.menu().labels())
    press(item, "Preset", "far & wide")
    mine.told(item, "Claude Code uses play in eu-west-1")
    until(lambda: item.menu().find("Preset", "far & wide").checked)
    isolate = ("Settings", "Isolate Bedrock's profile")
    for turned in (True, False):
        press(item, *isolate)
        until(lambda turned=turned: ("isolate = true" in _config(mine)) is turned)  # type: ignore[misc]
        until(lambda turned=turned: item.menu().find(*isolate).checked is turned)  # type: ignore[misc]
    entries = mine.paths.home / ".config" / "autostart"
    for turned in (True, False):
        press(item, "Start at login")
        until(lambda turned=turned: len(list(entries.glob("*.desktop"))) == 2 * turned)  # type: ignore[misc]
        until(lambda turned=turned: item.menu().find("Start at login").checked is turned)  # type: ignore[misc]


def test_a_click_that_changes_nothing_turns_no_mark(mine: Desk, host: TrayHost) -> None:
    """GTK turns the mark of what is clicked by itself; what is used is marked, and nothing else."""
    mine.flame()
    item = host.item()
    until(lambda: "Profile" in item.menu().labels())
    press(item, "Profile", "work")
    mine.told(item, "Claude Code uses work")
    press(item, "Profile", "work")
    mine.told(item, "There is nothing to change")
    autostart = mine.paths.home / ".config" / "autostart"
    autostart.parent.mkdir(parents=True, exist_ok=True)
    autostart.write_text("no folder")
    press(item, "Start at login")
    mine.told(item, "the folder ")
    menu = item.menu()

    assert [child.label[:4] for child in menu.find("Profile").children if child.checked] == ["work"]
    assert not menu.find("Start at login").checked


def test_every_entry_can_be_clicked_and_none_ends_the_flame(mine: Desk, host: TrayHost) -> None:
    """All but the one that quits; programs that are opened stand in for the person's."""
    programs = mine.bed.folder / "bin"
    programs.mkdir()
    for name in ("xdg-open", "x-terminal-emulator"):
        (programs / name).write_text(f'#!/bin/sh\necho "{name} $*" >> "{mine.bed.folder}/opened"\n')
        (programs / name).chmod(0o755)
    mine.bed.environment["PATH"] = f"{programs}:{os.environ['PATH']}"
    settings = mine.paths.home / ".claude" / "settings.json"
    told = {"path": str(settings), "state": "damaged", "missing": ["model"], "shadowed": []}
    mine.publish(lit(settings=told, troubles=[trouble(code="settings_question", fix="keeplit logs")]))
    process = mine.flame()
    item = host.item()
    until(lambda: "Profile" in item.menu().labels())
    leaves = item.menu().leaves()
    assert len(leaves) > 40
    for path in leaves:
        if path[0].startswith(("Quit", "Region", "Extend", "Renew", "Pause")) or path[-1].startswith(
            ("Get", "Refresh")
        ):
            continue
        if path in item.menu().leaves():  # else it is not offered any more, since something was clicked
            press(item, *path)
    opened = mine.bed.folder / "opened"
    ran = ("xdg-open ", "keeplit doctor", "keeplit status --watch", "keeplit logs")
    until(lambda: opened.exists() and all(one in opened.read_text() for one in ran), what=f"{ran}")
    assert process.poll() is None
    press(item, "Quit")
    assert process.wait(5) == 0
    assert "Traceback" not in mine.log


TERMINAL = """\
#!/bin/sh
test "$1" = -e && shift
cd "{folder}" && mkfifo typed
exec timeout 90 sh -c '"$@" > screen 2>&1 < typed; echo closed >> screen' - "$@"
"""


def test_the_doctor_speaks_in_a_terminal_that_stays(mine: Desk, host: TrayHost) -> None:
    """The real command in a window that is a file; Enter closes it."""
    programs = mine.bed.folder / "bin"
    programs.mkdir()
    (programs / "x-terminal-emulator").write_text(TERMINAL.format(folder=mine.bed.folder))
    (programs / "x-terminal-emulator").chmod(0o755)
    mine.flame(PATH=f"{programs}:{os.environ['PATH']}")
    item = host.item()
    press(item, "Doctor")
    screen, typed = mine.bed.folder / "screen", mine.bed.folder / "typed"
    until(screen.exists)
    with typed.open("w") as keyboard:
        until(lambda: "Enter closes this window." in screen.read_text(), within=60)
        told = screen.read_text()
        assert "Traceback" not in told
        assert "keeplit" in told
        assert not told.endswith("closed\n")
        keyboard.write("\n")
    until(lambda: screen.read_text().endswith("closed\n"))


def test_without_a_terminal_the_menu_says_what_to_type(mine: Desk, host: TrayHost) -> None:
    """And the flame goes on."""
    process = mine.flame(PATH=str(mine.bed.folder))
    item = host.item()
    press(item, "Doctor")
    mine.told(item, "There is no terminal to open here. Type it in one: ")
    assert process.poll() is None


def test_what_a_click_came_to_is_a_notice(mine: Desk, host: TrayHost) -> None:
    """Its menu is closed by then; and so is one that the daemon could not show."""
    with Recorder(mine.bed.environment["DBUS_SESSION_BUS_ADDRESS"]) as service:
        mine.flame()
        item = host.item()
        until(lambda: "Profile" in item.menu().labels())
        press(item, "Profile", "play")
        note = service.wait()
        assert (note.title, note.text[:21]) == ("Profile play", "Claude Code uses play")
        not_after = rfc3339(clock.now() + timedelta(minutes=5))
        notice = {"id": "a", "title": "Sign in to acme", "text": "It ended.", "not_after": not_after}
        for _ in range(2):
            mine.publish(lit(notices=[notice]))
        note = service.wait(2)
        assert (note.title, note.text) == ("Sign in to acme", "It ended.")
        mine.publish(lit(notices=[notice], of={"state": "renewing"}))
        until(lambda: "renewing" in item.title)
        assert len(service.notes) == 2


def test_a_notice_that_nobody_showed_is_in_the_menu(mine: Desk, host: TrayHost) -> None:
    """The desktop has no service for it, and Linux's panels have no other way."""
    not_after = rfc3339(clock.now() + timedelta(minutes=5))
    notice = {"id": "a", "title": "Sign in to acme", "text": "It ended.", "not_after": not_after}
    process = mine.flame()
    item = host.item()
    mine.publish(lit(notices=[notice]))
    mine.told(item, "Sign in to acme. It ended.")
    assert process.poll() is None


def test_a_host_that_comes_late_goes_and_comes_back_shows_the_flame(mine: Desk) -> None:
    """It waits, says once what to do, and is there as soon as there is a place for it."""
    address = mine.bed.environment["DBUS_SESSION_BUS_ADDRESS"]
    process = mine.flame()
    until(lambda: "Nothing on this desktop shows tray icons" in mine.said(), within=20)
    for _ in range(2):
        with TrayHost(address) as host:
            assert host.item().title.startswith("work: signed in")
    mine.publish(lit(of={"state": "signed_out"}))
    with TrayHost(address) as host:
        item = host.item()
        until(lambda: item.title.startswith("work: signed out"))
    assert mine.said().count("Nothing on this desktop") == 1
    assert process.poll() is None


def test_words_change_in_an_open_menu_and_its_clicks_count(mine: Desk, host: TrayHost) -> None:
    """A clock that goes on gives no new ids; the entry that somebody has before them does what it says."""
    mine.flame()
    item = host.item()
    until(lambda: "Profile" in item.menu().labels())
    before = item.menu()
    mine.publish(lit(of={"next_action_at": rfc3339(clock.now() + timedelta(minutes=20, seconds=30))}))
    until(lambda: any("in 20 min" in label for label in item.menu().labels()))
    assert item.menu().find("Pause", "30 min").id == before.find("Pause", "30 min").id
    item.event(before.find("Pause", "30 min").id)
    until(mine.wishes)


@pytest.mark.parametrize("name", NAMES)
def test_a_word_that_changes_is_shown_as_it_is(mine: Desk, host: TrayHost, name: str) -> None:
    """Underscores too, which mark a key where they are not doubled."""
    mine.flame()
    item = host.item()
    until(lambda: "Profile" in item.menu().labels())
    before = item.menu().find("Pause").id
    not_after = rfc3339(clock.now() + timedelta(minutes=5))
    mine.publish(lit(notices=[{"id": "a", "title": name, "text": "AWS_REGION is back", "not_after": not_after}]))
    until(lambda: item.menu().labels()[0] == f"{name}. AWS_REGION is back", what=name)
    assert item.menu().find("Pause").id == before


def test_a_click_on_a_menu_that_is_gone_is_harmless(mine: Desk, host: TrayHost) -> None:
    """A stale id does nothing, and least of all something else."""
    process = mine.flame()
    item = host.item()
    until(lambda: "Profile" in item.menu().labels())
    stale = item.menu().find("Extend the day…", "Extend now").id
    mine.publish(lit(of={"state": "signed_out"}))
    until(lambda: "Sign in now" in item.menu().labels())
    fresh = {path: item.menu().find(*path).id for path in item.menu().leaves()}
    assert stale not in fresh.values()
    with pytest.raises(AssertionError, match="does not refer to a menu item"):
        item.event(stale)
    press(item, "Pause", "30 min")
    until(mine.wishes)
    assert [wish["verb"] for wish in mine.wishes()] == ["pause"]
    assert process.poll() is None


def test_200_profiles_with_odd_names_can_be_chosen(mine: Desk, host: TrayHost) -> None:
    """Each is there with its very name, in menus that fit a screen."""
    lines = []
    for number in range(200):
        name = f"{NAMES[number % 4]} {number}"
        lines += [
            f"[profile {json.dumps(name, ensure_ascii=False)}]",
            f"sso_session = {'acme' if number % 2 else 'globex'}",
        ]
        lines += ["sso_account_id = 111122223333", "sso_role_name = ClaudeCode", "region = us-east-1"]
    for name in ("acme", "globex"):
        lines += [
            f"[sso-session {name}]",
            f"sso_start_url = https://{name}.awsapps.com/start",
            "sso_region = us-east-1",
        ]
    (mine.paths.home / ".aws" / "config").write_text("\n".join(lines), "utf-8")
    mine.flame()
    item = host.item()
    until(lambda: "Profile" in item.menu().labels())
    found = {path[-1] for path in item.menu().find("Profile").leaves()}
    assert len(found) == 200
    assert item.menu().find("Profile").labels() == ["globex", "acme"]
    assert item.menu().find("Profile", "acme").labels()[-1] == "More"
    assert _longest(item.menu().find("Profile")) <= MOST_TOGETHER + 1
    for number, name in enumerate(NAMES, 100):
        path = next(p for p in item.menu().find("Profile").leaves() if f"{name} {number}" in p[-1])
        press(item, "Profile", *path)
        until(lambda name=name, number=number: f"{name} {number}" in _config(mine), what=name)  # type: ignore[misc]


def _longest(node: Node) -> int:
    return max(len(node.children), *map(_longest, node.children)) if node.children else 0


def _config(mine: Desk) -> str:
    return mine.paths.config_file.read_text("utf-8") if mine.paths.config_file.exists() else ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once(mine: Desk, host: TrayHost, number: signal.Signals) -> None:
    """With exit code 0, also without a host or a daemon that answers."""
    process = mine.flame()
    host.item()

    assert ended(process, number, within=3.0) == 0


def test_a_second_flame_says_so_and_ends(mine: Desk, host: TrayHost) -> None:
    """The first one lives on."""
    first = mine.flame()
    host.item()
    second = mine.flame(log="second")

    assert second.wait(10) == 0
    assert mine.said("second") == "keeplit: the flame is in your panel already; a second one is not shown\n"
    assert first.poll() is None


def test_the_session_bus_that_goes_away_ends_it(mine: Desk, host: TrayHost) -> None:
    """It does not hang for ever, and whoever keeps it running starts it anew."""
    process = mine.flame()
    host.item()
    bus = next(one for one in mine.bed.running if "dbus-daemon" in str(one.args))
    bus.kill()

    assert process.wait(10) == 0
    assert "the session's bus went away" in mine.log


@pytest.mark.parametrize(
    ("gone", "sentence"),
    [
        ("DISPLAY", "The flame needs a graphical session"),
        ("DBUS_SESSION_BUS_ADDRESS", "The flame needs the session's D-Bus"),
    ],
)
@pytest.mark.parametrize("value", ["", "unix:path=/nowhere"])
def test_what_is_missing_is_said_in_one_sentence(bare: Desk, gone: str, sentence: str, value: str) -> None:
    """No traceback, exit code 1, the same in the log; no bus is launched, as D-Bus's own library would."""
    process = bare.flame("--no-daemon", **{gone: value})

    assert process.wait(20) == 1
    assert bare.said().startswith(f"keeplit: {sentence}")
    assert "Traceback" not in bare.said() + bare.log
    assert sentence in bare.log


def test_without_pygobject_the_packages_are_named(bare: Desk) -> None:
    """With every step that is needed."""
    (bare.bed.folder / "gi").mkdir()
    (bare.bed.folder / "gi" / "__init__.py").write_text("raise ImportError('no gi')\n")
    process = bare.flame(PYTHONPATH=str(bare.bed.folder))

    assert process.wait(20) == 1
    assert "The flame needs more than Python here: PyGObject is missing. Do:\n  1. " in bare.said()


def test_a_daemon_is_started_where_none_runs(bare: Desk, host: TrayHost) -> None:
    """It outlives the flame, and ends with the next one where that is told to end both."""
    process = bare.flame("--")
    until(lambda: is_running(bare.paths), within=20)
    item = host.item()
    until(lambda: item.title == "keeplit: no session is in use")
    assert ended(process) == 0
    assert is_running(bare.paths)
    process = bare.flame()
    item = host.item()
    until(lambda: "Quit and stop keeping" in item.menu().labels())
    press(item, "Quit and stop keeping")
    assert process.wait(10) == 0
    until(lambda: not is_running(bare.paths))
    assert bare.log.count("keeplit starts") == 1


def test_the_sandbox_shows_its_flame(bare: Desk, host: TrayHost) -> None:
    """Beside the person's own; it goes with the sandbox."""
    process = bare.bed.start([*KEEPLIT, "sandbox", "--shell", "--device", "--tray"], log="sandbox")
    item = host.item()
    until(lambda: item.title.startswith("work: signed out"), within=20)
    assert not (bare.paths.state / "tray.lock").exists()
    process.send_signal(signal.SIGTERM)  # as Ctrl-C, which a shell lets what it starts in the background ignore
    assert process.wait(20) == 1
    until(lambda: not host.items)


def test_a_real_panel_shows_the_flame_and_its_menu(mine: Desk) -> None:
    """X's older kind of tray: pictures of both are kept where KEEPLIT_ARTEFACTS says."""
    for name in ("trayer", "import", "xdotool"):
        real_part(name, found=shutil.which(name) is not None)
    mine.bed.start([*PANEL, *LOOKS], log="panel")
    folder = Path(os.environ.get("KEEPLIT_ARTEFACTS") or mine.bed.folder)
    folder.mkdir(parents=True, exist_ok=True)
    until(lambda: has_old_tray(mine.bed.environment["DISPLAY"]), what="the panel")
    empty = _colours(mine, mine.bed.folder / "empty.png")
    process = mine.flame()
    until(lambda: _colours(mine, folder / "panel.png") > empty + 20, within=20, what="the flame")
    alone = _ink(folder / "panel.png")
    until(lambda: _clicked(mine, folder / "menu.png") > alone + 20_000, within=20, what="the menu")
    assert "Nothing on this desktop" not in mine.said()
    assert ended(process) == 0


PANEL = ("trayer", "--edge", "top", "--align", "right", "--widthtype", "request", "--expand", "false")
LOOKS = ("--heighttype", "pixel", "--height", "32", "--transparent", "true", "--alpha", "0", "--tint", "0x26262a")


def _colours(mine: Desk, picture: Path) -> int:
    """Return how many colours the screen has now."""
    environ = mine.bed.environment
    subprocess.run(["import", "-silent", "-window", "root", picture], env=environ, check=False, timeout=20)
    said = subprocess.run(["identify", "-format", "%k", picture], capture_output=True, text=True, check=False).stdout
    return int(said or 0)


def _clicked(mine: Desk, picture: Path) -> int:
    """Click the icon in the panel and return how much there is on the screen then."""
    environ = mine.bed.environment
    click = ["xdotool", "search", "--name", "^work: ", "mousemove", "--window", "%1", "12", "12", "click", "1"]
    subprocess.run(click, env=environ, capture_output=True, check=False, timeout=20)
    time.sleep(1.0)
    _colours(mine, picture)
    return _ink(picture)


def _ink(picture: Path) -> int:
    """Return how many points of a picture are not black."""
    with Image.open(picture) as found:
        return sum(found.convert("L").histogram()[8:])
