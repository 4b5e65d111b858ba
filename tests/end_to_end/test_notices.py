"""Each notice as a person sees it, and each button's effect: a real daemon, a real bus, and a real AWS CLI."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from keeplit.sandbox.clients import ACME
from keeplit.sandbox.nouns import Lifetimes
from keeplit.sandbox.person import Person
from tests.desktop.bed import Bed, bed
from tests.desktop.notifications import Note, Recorder
from tests.end_to_end.machine import KEEPLIT, PRESENT, Machine, machine, seconds, stand_in, until

pytestmark = pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="the notices of Linux desktops")
METHOD = PRESENT + 'method = "aws-cli"\n'
WARNED = METHOD + 'lead = "1s"\n[notify]\nwarn_before = ["50s", "40s"]\n'
CODE = re.compile(r"[A-Z0-9]{4}-[A-Z0-9]{4}")
MINUTE = 60.0


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Bed]:
    """Give a desktop of nothing but a bus."""
    with bed(tmp_path / "desktop") as made:
        made.bus()
        yield made


@pytest.fixture
def service(desktop: Bed) -> Iterator[Recorder]:
    """Give the desktop's notification service."""
    with Recorder(desktop.environment["DBUS_SESSION_BUS_ADDRESS"]) as made:
        yield made


@pytest.fixture
def desk(own_home: Path, desktop: Bed, aws_cli_v2: Path) -> Iterator[Machine]:
    """Give a machine at that desktop, somebody there, with a real AWS CLI v2."""
    with machine(own_home, lifetimes=Lifetimes(access_token=seconds(20))) as made:
        (made.home / "v2").mkdir()
        (made.home / "v2" / "aws").symlink_to(aws_cli_v2)
        made.put_first(made.home / "v2")
        made.environ["DBUS_SESSION_BUS_ADDRESS"] = desktop.environment["DBUS_SESSION_BUS_ADDRESS"]
        made.configure(METHOD)
        yield made


def titled(service: Recorder, title: str, count: int = 1, within: float = MINUTE) -> Note:
    """Return the latest notice of a title once there are so many."""

    def found() -> list[Note]:
        return [note for note in service.notes if note.title.startswith(title)]

    until(lambda: len(found()) >= count, within=within, what=f"{title!r}, of {[n.title for n in service.notes]}")
    return found()[-1]


def titles(service: Recorder) -> list[str]:
    """Return what was shown, without the seconds that are left."""
    return [re.sub(r" in \d+ (s|min)$", "", note.title) for note in service.notes]


def answered(desk: Machine, code: str) -> None:
    """Wait until a wish has its answer."""
    until(lambda: [one for one in desk.status()["answers"] if one["code"] == code], what=code)


def written(desk: Machine, folder: str) -> str:
    """Return all text that keeplit wrote below a folder of the home."""
    found = []
    for path in (desk.home / folder).rglob("*"):
        with suppress(FileNotFoundError, IsADirectoryError):  # one that is being written goes by another name
            found.append(path.read_text(errors="replace"))
    assert found or folder == ".cache"
    return "\n".join(found)


def signed_in_and_ended(desk: Machine) -> None:
    """Let an administrator end a sign-in that was alive."""
    desk.laptop.sign_in(seconds(20))
    desk.daemon()
    until(desk.is_fresh)
    assert desk.laptop.sandbox.sessions.revoke(ACME) == 1


def test_who_is_not_signed_in_signs_in_by_the_button(desk: Machine, service: Recorder) -> None:
    """The page's host and code are in the notice, as the AWS CLI says them, and in no log or status of ours."""
    desk.laptop.person(Person(after=3.0))
    desk.daemon()
    needed = titled(service, "Sign in to acme")
    service.press(needed, "Sign in")
    page = titled(service, "Signing in to acme: look at your browser")
    done = titled(service, "Signed in to acme")
    until(desk.is_fresh)
    code = CODE.search(page.text)

    assert titles(service) == ["Sign in to acme", "Signing in to acme: look at your browser", "Signed in to acme"]
    assert (needed.text, tuple(needed.buttons)) == ("You are not signed in.", ("Sign in", "In 15 min", "Not today"))
    assert "The page begins at 127.0.0.1:" in page.text
    assert code is not None
    assert (page.open, done.open, done.text) == (False, True, "Work goes on.")
    assert desk.tabs == 1
    for folder in (".local", ".config", ".cache", ".aws"):
        assert code[0] not in written(desk, folder)


def test_a_running_sign_ins_code_is_in_its_own_record_alone(desk: Machine, service: Recorder) -> None:
    """While the tab waits: the record is for the person's own eyes, and the page's whole address is in no notice."""
    desk.laptop.person(Person("close"))
    desk.daemon()
    service.press(titled(service, "Sign in to acme"), "Sign in")
    page = titled(service, "Signing in to acme: look")
    code = CODE.search(page.text)
    assert code is not None
    record = desk.record()

    assert record.page.user_code == code[0]
    assert record.page.url not in page.text
    assert (desk.laptop.paths.own / f"{record.sign_in.session}.sign-in.json").stat().st_mode & 0o777 == 0o600
    for folder in (".local", ".config", ".cache"):
        assert code[0] not in written(desk, folder)


def test_the_code_of_our_own_flow_is_told_too(desk: Machine, service: Recorder) -> None:
    """`login --no-browser` prints it; the notice shows the same one, and where its page begins."""
    desk.laptop.sign_in(seconds(20))
    desk.daemon()
    until(desk.is_fresh)
    login = desk.start("login", "--no-browser")
    page = titled(service, "Signing in to acme: look")
    code = CODE.search(page.text)
    assert code is not None
    assert desk.laptop.sandbox.identity.decide(code[0], "sam", approve=True) is not None
    out, _ = login.communicate(timeout=30)

    assert f"The page shows this code:  {code[0]}" in out
    assert "The page begins at " in page.text
    assert "http" not in page.text


def test_a_tab_is_announced_and_comes_at_once_where_somebody_wants_it(desk: Machine, service: Recorder) -> None:
    """Twenty seconds before; the button does not wait for them."""
    signed_in_and_ended(desk)
    note = titled(service, "Signing in to acme in 20 s")
    assert desk.tabs == 0
    service.press(note, "Sign in")
    until(lambda: desk.tabs, within=10, what="the tab")
    titled(service, "Signed in to acme")

    assert note.text.endswith("A browser tab opens.")
    assert desk.tabs == 1


def test_in_15_min_keeps_the_announced_tab_away(desk: Machine, service: Recorder) -> None:
    """The wish is answered, and twenty seconds later nothing has opened or been said."""
    signed_in_and_ended(desk)
    note = titled(service, "Signing in to acme in 20 s")
    service.press(note, "In 15 min")
    answered(desk, "later")
    subprocess.run(["sleep", "22"], check=True)

    assert desk.tabs == 0
    assert titles(service) == ["Signing in to acme"]


def test_a_denied_sign_in_is_told_with_its_reason_and_begun_again(desk: Machine, service: Recorder) -> None:
    """By the button of that very notice."""
    desk.laptop.person(Person("deny"))
    desk.daemon()
    service.press(titled(service, "Sign in to acme"), "Sign in")
    failed = titled(service, "No sign-in to acme")
    desk.laptop.person(Person())
    service.press(failed, "Sign in")
    titled(service, "Signed in to acme")

    assert failed.text == "The sign-in was denied in the browser."
    assert desk.tabs == 2


def test_an_end_that_comes_is_warned_of_as_config_says_and_the_day_extended(desk: Machine, service: Recorder) -> None:
    """Twice at the times of `warn_before`, each once; Extend ends the old sign-in and begins a new one."""
    desk.configure(WARNED)
    desk.laptop.sign_in(seconds(58), refreshToken=None)
    desk.daemon()
    first = titled(service, "The sign-in of acme ends in")
    second = titled(service, "The sign-in of acme ends in", 2)
    service.press(second, "Extend")
    titled(service, "Signed in to acme")

    assert (tuple(first.buttons), first.open) == (("Extend", "In 15 min"), False)
    assert [number(note.title) for note in (first, second)] == [pytest.approx(49, abs=3), pytest.approx(39, abs=3)]
    assert titles(service).count("The sign-in of acme ends") == 2
    assert [one.ended for one in desk.laptop.sandbox.sessions.all()] == [True, False]


def number(title: str) -> int:
    """Return the seconds that a title names."""
    found = re.search(r"(\d+) s$", title)
    assert found is not None, title
    return int(found[1])


def test_switched_off_nothing_is_shown(desk: Machine, service: Recorder) -> None:
    """Nor is that a trouble."""
    desk.configure(METHOD + "[notify]\nenabled = false\n")
    desk.daemon()
    until(lambda: "signed_out" in desk.codes())
    subprocess.run(["sleep", "2"], check=True)

    assert service.notes == []
    assert (desk.codes() & {"no_notices"}, desk.status()["notices"]) == (set(), [])


def settings(desk: Machine, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what Claude Code's settings say; with `changes` write them first, as another program does."""
    path = desk.home / ".claude" / "settings.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    if changes is not None:
        found["env"] = {key: value for key, value in {**found["env"], **changes}.items() if value is not None}
        path.write_text(json.dumps(found))
    return found


@pytest.mark.parametrize("button", ["Restore", "Keep as it is"])
def test_repaired_settings_are_told_and_a_question_is_answered(desk: Machine, service: Recorder, button: str) -> None:
    """One key that went missing is put back; two at once are asked about, and the button decides; Show shows more."""
    desk.put_first(stand_in(desk.home / "terminal", "x-terminal-emulator", '#!/bin/sh\necho "$@" > "$HOME/opened"\n'))
    desk.laptop.sign_in(seconds(3600))
    assert desk.run("use", "--profile", "work", "--region", "us-east-1").returncode == 0
    desk.daemon()
    until(desk.is_fresh)
    subprocess.run(["sleep", "3"], check=True)  # what is there has settled
    settings(desk, {"AWS_REGION": None})
    repaired = titled(service, "Claude Code's settings are repaired")
    assert settings(desk)["env"]["AWS_REGION"] == "us-east-1"
    service.press(repaired, "Show")
    until((desk.home / "opened").exists, what="the terminal")
    until(lambda: (desk.home / "opened").read_text().endswith("keeplit undo --list\n"), what="its command")
    settings(desk, {"AWS_REGION": "eu-west-1", "AWS_PROFILE": "play"})
    question = titled(service, "Claude Code's settings changed")
    service.press(question, button)
    restored = button == "Restore"
    until(lambda: (settings(desk)["env"]["AWS_PROFILE"] == "work") is restored, what="the settings")
    until(lambda: "settings_question" not in desk.codes(), what="the end of the question")

    assert (repaired.text.startswith("Put back as agreed: AWS_REGION."), tuple(repaired.buttons)) == (True, ("Show",))
    assert tuple(question.buttons) == ("Restore", "Keep as it is", "Show")
    assert settings(desk)["env"]["AWS_REGION"] == ("us-east-1" if restored else "eu-west-1")


def test_without_a_service_status_says_it_and_the_notice_comes_later(desk: Machine, desktop: Bed) -> None:
    """What nobody took is in the status, without delay for anything else, and shown once somebody shows notices."""
    desk.daemon()
    until(lambda: desk.status()["notices"], what="the notice")
    assert "no_notices" in desk.codes()
    (notice,) = desk.status()["notices"]
    assert (notice["title"], notice["text"]) == ("Sign in to acme", "You are not signed in.")
    shown = json.loads(desk.run("status", "--json").stdout)
    assert "no_notices" in {trouble["code"] for trouble in shown["troubles"]}
    assert shown["notices"] == [notice]
    with Recorder(desktop.environment["DBUS_SESSION_BUS_ADDRESS"]) as service:
        titled(service, "Sign in to acme", within=100)
        until(lambda: "no_notices" not in desk.codes(), what="the end of the trouble")
        until(lambda: desk.status()["notices"] == [], what="the end of the notice in the status")

    assert titles(service) == ["Sign in to acme"]


def test_a_terminal_that_watches_tells_what_the_desktop_does_not(desk: Machine) -> None:
    """A real terminal gets the notice as its own, once, with the code of the page that waits."""
    desk.laptop.person(Person("close"))
    desk.environ["TERM"] = "foot"
    leader, follower = os.openpty()
    watching = subprocess.Popen(
        [*KEEPLIT, "status", "--watch"], stdin=follower, stdout=follower, stderr=follower, env=desk.environ
    )
    os.close(follower)
    shown = bytearray()

    def said(words: bytes) -> bool:
        if select.select([leader], [], [], 0.1)[0]:
            shown.extend(os.read(leader, 65536))
        return words in shown

    try:
        until(lambda: said(b"acme"), what="the status")
        desk.daemon()
        until(lambda: said(b"\x1b]777;notify;Sign in to acme;You are not signed in.\x07"), what="the notice")
        assert desk.start("login").stdout is not None
        until(lambda: said(b"Allow it only if it shows the code"), what="the page")
        code = desk.record().page.user_code.encode()
        until(lambda: said(code), what="its code")
    finally:
        watching.kill()
        watching.wait()
        os.close(leader)

    assert shown.count(b"\x1b]777;notify;Sign in to acme;") == 1
    assert shown.count(b"\x1b]777;notify;Signing in to acme: look at your browser;") == 1
    assert code.decode() not in written(desk, ".local")


def test_a_service_that_is_slow_or_begins_again_holds_nothing_up(desk: Machine, desktop: Bed) -> None:
    """The daemon goes on after three seconds; the next service's buttons work."""
    address = desktop.environment["DBUS_SESSION_BUS_ADDRESS"]
    with Recorder(address) as slow:
        slow.service.slow = 20.0
        desk.daemon()
        until(lambda: "no_notices" in desk.codes(), what="the trouble")
        (trouble,) = (one for one in desk.status()["troubles"] if one["code"] == "no_notices")
    with Recorder(address) as service:
        desk.laptop.sign_in(seconds(20))
        until(desk.is_fresh)
        assert desk.laptop.sandbox.sessions.revoke(ACME) == 1
        service.press(titled(service, "Signing in to acme in 20 s"), "Sign in")
        titled(service, "Signed in to acme")

    assert trouble["detail"] == "The notification service did not answer the last time."
    assert desk.tabs == 1
