"""What is seen of the machine and of keeplit itself."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from keeplit.adapters import autostart, files, notify
from keeplit.adapters.autostart.xdg import Xdg
from keeplit.adapters.paths import NoHome
from keeplit.core.view import SCHEMA, SessionStatus, Status
from keeplit.engine import doctor_machine, published
from keeplit.engine.doctor_scene import Scene
from tests.engine.lit_laptop import Laptop, laptop

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="rights and folders are POSIX's")


@pytest.fixture
def mine(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop."""
    with laptop(own_home) as found:
        yield found


def scene(mine: Laptop, **environ: str) -> Scene:
    """Return the scene of a laptop."""
    return Scene(mine.paths, {**mine.environ, **environ}, None)


def test_an_ordinary_home_is_seen_as_it_is(mine: Laptop) -> None:
    """With its disk and its folders."""
    seen = doctor_machine.machine(scene(mine, SSH_TTY="/dev/pts/1"))

    assert (seen.home, seen.home_is_anothers, seen.unusable, seen.over_ssh) == (str(mine.home), False, (), True)
    assert (seen.free_bytes or 0) > 0


def test_a_name_in_config_toml_that_nothing_has_is_seen(mine: Laptop) -> None:
    """Beside the mistakes of the file itself; of the AWS config's problems there is none among them."""
    mine.configure('[claude]\nprofile = "wrok"\n[sign_in]\nmode = "at noon"\n')
    (mine.home / ".aws" / "config").open("a").write("[work2]\nsso_session = acme\n")
    seen = doctor_machine.keeper(scene(mine))

    assert [one.code for one in seen.problems] == ["config_wrong", "config_names_nothing"]


def test_no_home_is_seen(mine: Laptop) -> None:
    """With why, and without the next step, which the check has."""
    seen = doctor_machine.machine(Scene(NoHome("there is none; set HOME"), mine.environ, None))

    assert (seen.no_home, seen.home) == ("there is none", "")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives a folder away")
def test_anothers_home_and_folder_are_seen(mine: Laptop) -> None:
    """As after sudo."""
    mine.paths.state.mkdir(parents=True, mode=0o700)
    shutil.chown(mine.paths.state, 12345)
    shutil.chown(mine.home, 12345)
    seen = doctor_machine.machine(scene(mine))

    assert seen.home_is_anothers
    assert "belongs to another user" in seen.unusable[0].sentence


def test_a_folder_that_cannot_be_written_is_seen(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is there stands for those that would be made in it."""
    monkeypatch.setattr(os, "access", lambda *_: False)

    assert [one.sentence.split()[0] for one in doctor_machine.unusable(mine.paths)] == [
        str(mine.home),
        str(mine.home),
        str(mine.paths.aws),
    ]


def test_what_the_service_lacks_is_named(mine: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of the shell that config.toml does not have, or has otherwise."""
    monkeypatch.setattr(autostart, "find", lambda *_: (Xdg(mine.home, mine.environ),))
    mine.configure('[environment]\nHTTPS_PROXY = "http://one:1"\nAWS_CA_BUNDLE = "/same.pem"\n')
    seen = doctor_machine.keeper(scene(mine, HTTPS_PROXY="http://two:2", AWS_CA_BUNDLE="/same.pem"))

    assert "HTTPS_PROXY" in seen.not_recorded
    assert "AWS_CA_BUNDLE" not in seen.not_recorded
    assert (seen.enabled, seen.running, seen.published_version) == (False, False, "")


def test_without_a_sign_in_nothing_is_to_be_kept(mine: Laptop) -> None:
    """Nobody is told to start a daemon that would have nothing to renew."""
    before = doctor_machine.keeper(scene(mine)).keeps
    mine.configure('[claude]\nprofile = "work"\n')

    assert (before, doctor_machine.keeper(scene(mine)).keeps) == (False, True)


def test_a_daemon_that_runs_says_its_version(mine: Laptop) -> None:
    """As it published it, which is another release's after an update."""
    mine.paths.state.mkdir(parents=True, mode=0o700)
    mine.paths.status.write_text(json.dumps({**published.NOTHING, "daemon": {"running": True, "version": "0.0.1"}}))
    held = files.try_lock(mine.paths.daemon_lock)
    assert held is not None
    with held:
        seen = doctor_machine.keeper(scene(mine))

    assert (seen.running, seen.published_version, SCHEMA) == (True, "0.0.1", 1)


@pytest.mark.parametrize(
    ("due", "overdue"),
    [
        (None, timedelta(0)),
        ("2026-03-02T12:05:00Z", timedelta(0)),
        ("2026-03-02T11:48:00Z", timedelta(minutes=12)),
    ],
)
def test_what_a_daemon_left_undone_is_measured(due: str | None, overdue: timedelta) -> None:
    """By the next step that it published: the file itself is only written when something changes."""
    session = cast("SessionStatus", {"next_action_at": due})
    status: Status = {**published.NOTHING, "sessions": [session]}

    assert doctor_machine.overdue(status, datetime(2026, 3, 2, 12, tzinfo=UTC)) == overdue


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere the system shows notices")
def test_notices_need_a_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one it is not asked."""
    monkeypatch.setattr(notify, "served", lambda _: "")

    assert doctor_machine.notices({}) is None
    assert doctor_machine.notices({"DISPLAY": ":0"}) is False
