from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from keeplit.adapters import clock, files, notebook, sign_in_files
from keeplit.core.deeds import Action, Do, Notice, Plan, Result
from keeplit.core.memory import Answer, Memory
from keeplit.core.model import Facts, Reading, SignIn, Verb, Wish
from keeplit.core.settings_model import Edit, SettingsMemory
from keeplit.engine.living import prepare
from keeplit.engine.turn import turn
from keeplit.engine.watching import watched
from keeplit.engine.world import RealWorld, real_world
from keeplit.sandbox.clients import ACME, BETA
from tests.engine.lit_laptop import Laptop, laptop


@pytest.fixture
def lit(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop on a sandbox, its profile in use."""
    with laptop(own_home) as mine:
        mine.configure('[claude]\nprofile = "work"\n')
        prepare(mine.paths)
        yield mine


def world_of(lit: Laptop, *, publishes: bool = True) -> RealWorld:
    """Return the world of a laptop."""
    return RealWorld(lit.paths, lit.environ, publishes=publishes)


def observed(lit: Laptop) -> Facts:
    """Return what is seen now."""
    world = world_of(lit)
    return world.observe(world.now())


def wrong(facts: Facts) -> list[str]:
    """Return the codes of the problems, without the sandbox's own address, which is told too."""
    return [problem.code for problem in facts.problems if problem.code != "endpoint_override"]


def names(facts: Facts) -> list[str]:
    """Return the names of the sessions in use."""
    return [seen.session.name for seen in facts.sessions]


def test_the_profile_in_use_brings_its_session(lit: Laptop) -> None:
    """The profile of config.toml is in use, with its token and its role."""
    lit.sign_in()
    lit.cache_role(timedelta(hours=1))
    (seen,) = observed(lit).sessions
    assert (seen.session.name, seen.reading, seen.writable) == ("acme", Reading.PRESENT, True)
    assert [(role.profile, role.expires_at is not None) for role in seen.roles] == [("work", True)]


def test_what_is_kept_or_asked_for_is_in_use_too(lit: Laptop) -> None:
    """Sessions that config.toml keeps, and profiles that were asked for in the last 24 h, are in use."""
    lit.configure('[claude]\nprofile = "work"\n[sessions]\nkeep = ["old"]\n')
    notebook.touch_asked(lit.paths.asked, "client", clock.now())
    notebook.touch_asked(lit.paths.asked, "play", clock.now() - timedelta(hours=30))
    facts = observed(lit)
    assert sorted(names(facts)) == ["acme", "beta", "old"]
    acme = next(seen for seen in facts.sessions if seen.session.name == "acme")
    assert [role.profile for role in acme.roles] == ["work"]


def test_a_name_that_nothing_has_is_a_trouble_and_no_notice(lit: Laptop) -> None:
    """It is shown with the other mistakes of config.toml: a warning; what is named rightly goes on."""
    lit.sign_in()
    lit.configure('[claude]\nprofile = "work"\n[sessions]\nkeep = ["nope"]\n')
    world, now = world_of(lit), clock.now()
    facts = world.observe(now)
    assert (wrong(facts), names(facts)) == (["config_names_nothing"], ["acme"])
    turned = turn(world)
    assert [action.do for action, _ in turned.performed if action.do is Do.NOTIFY] == []
    shown = world.status(facts, turned.memory, turned.plan, now, running=True)
    told = next(one for one in shown["troubles"] if one["code"] == "config_names_nothing")
    assert (told["severity"], "line 4: sessions.keep names 'nope'" in told["detail"]) == ("warning", True)
    lit.configure('[claude]\nprofile = "work"\n')
    assert wrong(world.observe(now)) == []


def test_the_environment_of_the_config_counts(lit: Laptop, tmp_path: Path) -> None:
    """What [environment] of config.toml names is read and watched, since a service does not have it."""
    moved = tmp_path / "elsewhere" / "config"
    moved.parent.mkdir()
    moved.write_text((lit.home / ".aws" / "config").read_text().replace("acme", "moved"))
    lit.configure(f'[claude]\nprofile = "work"\n[environment]\nAWS_CONFIG_FILE = {json.dumps(str(moved))}\n')
    environ = {name: value for name, value in lit.environ.items() if name != "AWS_CONFIG_FILE"}
    world = RealWorld(lit.paths, environ)
    assert names(world.observe(world.now())) == ["moved"]
    assert watched(world)[moved.parent] == frozenset({"config"})


def test_a_complete_token_is_kept_by_the_daemon_alone(lit: Laptop) -> None:
    """The daemon keeps a private copy of a complete token, once; a command that looks writes nothing."""
    lit.sign_in()
    kept = lit.paths.own / f"{lit.token_file.stem}.token.json"
    looking = world_of(lit, publishes=False)
    looking.observe(looking.now())
    assert not lit.paths.own.exists()
    world = world_of(lit)
    world.observe(world.now())
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.unlink()
    world.observe(world.now())
    assert not kept.exists()


def test_a_copy_that_cannot_be_kept_stops_nothing(lit: Laptop, caplog: pytest.LogCaptureFixture) -> None:
    """Where our own folder is not to be had the session is seen all the same, and the log says so once."""
    lit.sign_in()
    lit.paths.own.parent.mkdir(parents=True, exist_ok=True)
    lit.paths.own.write_text("a file where the folder should be")
    world = world_of(lit)
    for _ in range(3):
        assert names(world.observe(world.now())) == ["acme"]
    assert caplog.text.count("no copy of the token") == 1


def test_a_sign_in_of_a_session_that_is_not_in_use_is_seen(lit: Laptop) -> None:
    """A sign-in that runs for another session is among the others, since it may have our start URL."""
    world = world_of(lit)
    world.observe(world.now())
    assert world.aws is not None
    beta = next(session for session in world.aws.sessions if session.name == "beta")
    sign_in_files.write(lit.paths.own, SignIn("id", beta.key, BETA, clock.now()))
    with files.lock(sign_in_files.sign_in_lock(lit.paths.own, BETA), timeout=1.0):
        assert [record.session for record in observed(lit).other_sign_ins] == [beta.key]
    assert observed(lit).other_sign_ins == ()


def test_memory_is_read_once_by_the_daemon_and_afresh_by_commands(lit: Laptop) -> None:
    """The daemon's memory is its own; a command reads what stands in the file now."""
    daemon, command = world_of(lit), world_of(lit, publishes=False)
    assert daemon.recall() == command.recall() == Memory()
    later = Memory(answers=(Answer("w", "done"),))
    notebook.write_memory(lit.paths.memory, later)
    assert (daemon.recall(), command.recall()) == (Memory(), later)


def test_memory_is_written_only_where_it_changed(lit: Laptop) -> None:
    """An unchanged memory is not written again; one whose file is gone is."""
    world = world_of(lit)
    world.remember(world.recall())
    first = lit.paths.memory.stat()
    world.remember(Memory())
    assert lit.paths.memory.stat().st_mtime_ns == first.st_mtime_ns
    lit.paths.memory.unlink()
    world.remember(Memory())
    assert lit.paths.memory.exists()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="folders that cannot be written, for a person")
def test_a_state_that_a_person_cannot_write(lit: Laptop) -> None:
    """A state folder without the right to write is a trouble, told once there is a way."""
    lit.paths.state.chmod(0o500)
    world = world_of(lit)
    world.remember(Memory())
    lit.paths.state.chmod(0o700)
    assert wrong(world.observe(world.now())) == ["state_not_writable"]


def test_state_that_cannot_be_written_is_a_trouble_of_the_daemon(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The daemon goes on with its memory, says what is wrong, and writes once it can; a command fails."""
    later = Memory(answers=(Answer("w", "done"),))

    def full(path: Path, memory: Memory) -> bool:
        raise files.NotWritable(f"{path} cannot be written: No space left on device")

    daemon, command = world_of(lit), world_of(lit, publishes=False)
    with monkeypatch.context() as broken:
        broken.setattr(notebook, "write_memory", full)
        for world in (daemon, command):
            world.recall()
        daemon.remember(later)
        with pytest.raises(files.NotWritable):
            command.remember(later)
        assert daemon.recall() == later
        problem, _ = daemon.observe(daemon.now()).problems
        assert (problem.code, "No space left" in problem.sentence) == ("state_not_writable", True)
    daemon.remember(later)
    assert notebook.read_memory(lit.paths.memory)[0] == later
    assert wrong(daemon.observe(daemon.now())) == []


def test_a_memory_that_cannot_be_read_is_told(lit: Laptop) -> None:
    """What could not be read of memory.json is among the problems of the next look."""
    files.replace(lit.paths.memory, b"{")
    world = world_of(lit)
    assert world.recall() == Memory()
    assert wrong(world.observe(world.now())) == ["memory_unreadable"]


def test_answered_wishes_alone_are_forgotten(lit: Laptop) -> None:
    """A wish whose answer is not in memory stays in its folder."""
    wishes = (Wish("w1", Verb.PAUSE), Wish("w2", Verb.PAUSE))
    for wish in wishes:
        notebook.write_wish(lit.paths.wishes, wish)
    world_of(lit).forget_wishes(Facts(wishes=wishes), Memory(answers=(Answer("w1", "done"),)))
    assert [path.name for path in lit.paths.wishes.iterdir()] == ["w2.json"]


def test_only_the_daemon_publishes(lit: Laptop) -> None:
    """A command's turn leaves status.json alone."""
    for publishes in (False, True):
        world = world_of(lit, publishes=publishes)
        facts = world.observe(world.now())
        world.publish(facts, Memory(), Plan((), clock.now()), world.now())
        assert lit.paths.status.exists() is publishes
    told = json.loads(lit.paths.status.read_text())
    assert (told["profile"], told["region"]) == ("work", "us-east-1")


def test_each_action_goes_where_it_belongs(lit: Laptop) -> None:
    """Refresh, bridge, sign-out and notice are done, each for the session in use; another session's is stale."""
    lit.sign_in(timedelta(minutes=5))
    world = world_of(lit)
    facts = world.observe(world.now())
    (seen,) = facts.sessions
    assert seen.token is not None

    def perform(do: Do, session: str = seen.session.key, token: str = seen.token.digest) -> Result:
        action = Action(do, session, "due", "Sentence.", token, notice=Notice.EXPIRING, about=clock.now())
        return world.perform(action, world.observe(world.now())).result

    assert perform(Do.REFRESH, session="f" * 40) is Result.STALE
    assert perform(Do.NOTIFY) is Result.NOT_SHOWN
    assert perform(Do.BRIDGE) is Result.DONE
    assert lit.role_file.exists()
    assert perform(Do.REFRESH) is Result.DONE
    assert perform(Do.REFRESH) is Result.STALE
    assert perform(Do.LOGOUT) is Result.DONE
    assert not lit.token_file.exists()
    assert lit.calls("Logout") == ["200"]


def claude_settings(lit: Laptop, text: str) -> Path:
    """Write Claude Code's settings."""
    file = lit.home / ".claude" / "settings.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return file


def test_the_settings_say_what_is_used(lit: Laptop) -> None:
    """Profile, region and model: of the file, else of config.toml; the region last of the profile."""
    lit.configure('[claude]\nprofile = "work"\nmodel = "m1"\n')
    claude_settings(lit, '{"model": "m2", "env": {"AWS_PROFILE": "client"}}')
    world = world_of(lit)
    facts = world.observe(world.now())
    assert sorted(names(facts)) == ["acme", "beta"]
    shown = world.status(facts, Memory(), Plan((), clock.now()), world.now(), running=True)
    assert (shown["profile"], shown["model"], shown["region"]) == ("client", "m2", "eu-central-1")
    assert shown["settings"]["path"] == str(lit.home / ".claude" / "settings.json")


def test_the_settings_are_written_by_the_world(lit: Laptop) -> None:
    """And a question about them is shown, though it is about no session."""
    file = claude_settings(lit, '{"env": {}}')
    world = world_of(lit)
    facts = world.observe(world.now())
    edit = Action(Do.EDIT_SETTINGS, "", "missing", "…", facts.settings.digest, edits=(Edit("model", "m", "missing"),))
    assert world.perform(edit, facts).result is Result.DONE
    assert json.loads(file.read_text()) == {"env": {}, "model": "m"}
    assert world.perform(edit, facts).result is Result.STALE
    ask = Action(Do.NOTIFY, "", "gone", "…", notice=Notice.SETTINGS_QUESTION)
    assert world.perform(ask, facts).result is Result.NOT_SHOWN


def test_the_last_good_settings_are_kept_once_by_the_daemon(lit: Laptop) -> None:
    """When they become the last good ones; a command keeps nothing."""
    claude_settings(lit, "{}")
    for publishes in (False, True):
        world = world_of(lit, publishes=publishes)
        world.recall()
        good = Memory(settings=SettingsMemory(last_good=world.observe(world.now()).settings.digest))
        world.remember(good)
        kept = list(lit.paths.backups.iterdir()) if lit.paths.backups.exists() else []
        assert [path.read_bytes() for path in kept] == ([b"{}"] if publishes else [])
        for path in kept:
            path.unlink()
        world.remember(replace(good, answers=(Answer("w", "done"),)))
        assert not lit.paths.backups.exists() or not list(lit.paths.backups.iterdir())
        lit.paths.memory.unlink()


def test_draws_are_numbers_of_the_unit_interval(lit: Laptop) -> None:
    """A draw lies in [0, 1), and two differ."""
    drawn = {world_of(lit).draw() for _ in range(50)}
    assert len(drawn) > 1
    assert all(0 <= number < 1 for number in drawn)


def test_the_real_world_is_this_processs_own(lit: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The world of a command has the process's environment."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(lit.home / ".aws" / "config"))
    world = real_world(lit.paths)
    assert world.environ["AWS_CONFIG_FILE"] == str(lit.home / ".aws" / "config")
    assert ACME in {seen.session.start_url for seen in world.observe(world.now()).sessions}
