"""The outside as it is: all adapters put together for `turn`. The composition root; nothing is decided here.

Law: whatever can be asked of the facts is read afresh in `observe`; what is kept between turns (parsed files, by their
content) changes speed and nothing else.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from keeplit import __version__
from keeplit.adapters import (
    aws_config,
    clock,
    config,
    files,
    notebook,
    role_cache,
    sign_in_files,
    token_cache,
)
from keeplit.adapters.paths import Paths
from keeplit.core.deeds import SETTINGS_NOTICES, Action, Do, Outcome, Plan, Result
from keeplit.core.in_use import ASKED_FOR, concerns, in_use
from keeplit.core.memory import Memory
from keeplit.core.model import Facts, Problem, Profile, Role, Seen, Session, SignIn
from keeplit.core.service_environment import completed
from keeplit.core.settings_keys import in_effect
from keeplit.core.view import Status, Surroundings, status
from keeplit.engine.desk import RealDesk
from keeplit.engine.guard import Guard
from keeplit.engine.named import Names

DRAWN_BYTES = 6
DRAWN_FROM = float(1 << 8 * DRAWN_BYTES)


class RealWorld:
    """The machine we run on, as `keeplit.engine.turn.World` wants it; `publishes` is the daemon's alone."""

    def __init__(self, paths: Paths, environ: Mapping[str, str], *, publishes: bool = False) -> None:
        """Read nothing yet; `environ` is the environment that AWS's and our own settings are taken from."""
        self.paths = paths
        self.environ = dict(environ)
        self.publishes = publishes
        self.desk = RealDesk(paths, acts=publishes)
        self.config: config.Config | None = None
        self.aws: aws_config.AwsConfig | None = None
        self.started = False
        self.memory: Memory | None = None
        self.memory_problem: Problem | None = None
        self.unwritten: dict[Path, Problem] = {}
        self.fault: Problem | None = None
        self.profile = self.region = self.model = ""
        self.guard = Guard(paths)
        self.names = Names(paths.config_file)
        self._kept: dict[str, str] = {}

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment with what config.toml and the desktop add: a service lacks what a shell has."""
        noted = self.config.environment if self.config is not None else {}
        return completed(noted, self.desk.lacking({**noted, **self.environ}), self.environ, os.pathsep)

    def now(self) -> datetime:
        """Return the wall clock's time."""
        return clock.now()

    def draw(self) -> float:
        """Return a number drawn from [0, 1)."""
        return int.from_bytes(os.urandom(DRAWN_BYTES), "big") / DRAWN_FROM

    def observe(self, now: datetime) -> Facts:
        """Read the config, the token cache, the wishes, the records of sign-ins, and who is there."""
        self.config = config.read(self.paths.config_file, self.config)
        self.aws = aws_config.read(self.environment, self.aws)
        claude = self.config.claude
        settings = self.guard.look(self.environment, claude, whole=self.publishes, recall=self.recall)
        self.profile, self.region, self.model = in_effect(claude, settings.values)
        wanted = self.profiles_wanted(now)
        used = in_use(self.aws.sessions, self.aws.profiles, wanted, self.config.keep)
        keys = {session.key for session, _ in used}
        wishes = notebook.read_wishes(self.paths.wishes)
        own = (self.memory_problem, *self.unwritten.values(), self.fault, self.guard.problem, self._elsewhere())
        names = frozenset({*wanted, *self.config.keep, *(session.name for session, _ in used)})
        of_aws = [problem for problem in self.aws.problems if concerns(problem, names)]
        of_config = (*self.config.problems, *self.names.unknown(self.config, self.aws))
        problems = [*of_config, *of_aws, *(problem for problem in own if problem is not None)]
        facts = Facts(
            sessions=self.see(used),
            desk=self.desk.look(self.environment),
            policy=self.config.policy,
            wishes=wishes.wishes,
            problems=tuple(problems),
            other_sign_ins=self._other_sign_ins(keys),
            starting=not self.started,
            settings=settings,
        )
        self.started = True
        return facts

    def profiles_wanted(self, now: datetime) -> frozenset[str]:
        """Return the profiles in use: Claude Code's, those that config.toml names, and those asked for lately."""
        if self.aws is None or self.config is None:
            return frozenset()
        names = [profile.name for profile in self.aws.profiles if profile.session]
        asked = notebook.asked_since(self.paths.asked, names, now - ASKED_FOR)
        return frozenset({self.profile, *self.config.profiles, *asked})

    def see(self, used: Sequence[tuple[Session, tuple[Profile, ...]]]) -> tuple[Seen, ...]:
        """Return what is seen of the sessions in use; what is true of all of them is looked up once."""
        if not used:
            return ()
        writable, recorded = token_cache.is_writable(self.paths.sso_cache), sign_in_files.recorded(self.paths.own)
        return tuple(self._see(session, profiles, recorded, writable=writable) for session, profiles in used)

    def _see(
        self, session: Session, profiles: tuple[Profile, ...], recorded: frozenset[str], *, writable: bool
    ) -> Seen:
        """Return what is seen of one session; a complete token is kept beside the cache, for the day it is stripped."""
        look = token_cache.look(self.paths.sso_cache, self.paths.own, session)
        digest = look.token.digest if look.token is not None else ""
        if self.publishes and digest and self._kept.get(session.key) != digest:
            self._keep(session, digest)
        roles = tuple(
            Role(p.name, p.account, p.role, role_cache.look(self.paths.cli_cache, session, p.account, p.role))
            for p in profiles
            if p.account and p.role
        )
        record = sign_in_files.read(self.paths.own, session.key) if session.key in recorded else None
        return Seen(session, look.reading, look.token, roles, record, writable)

    def _keep(self, session: Session, digest: str) -> None:
        try:
            token_cache.keep(self.paths.own, self.paths.sso_cache, session)
        except files.FileTrouble as trouble:
            _warn("no copy of the token of %s is kept: %s", session.name, trouble)  # the token itself is no worse
        self._kept[session.key] = digest

    def _elsewhere(self) -> Problem | None:
        """Return that the environment sends calls to another address than AWS's; most environments do not."""
        environ = self.environment
        if not any(name.startswith("AWS_ENDPOINT_URL") for name in environ):
            return None
        from keeplit.core.aws_environment import elsewhere

        moved = elsewhere(environ)
        return Problem("endpoint_override", moved, "") if moved else None

    def _other_sign_ins(self, keys: set[str]) -> tuple[SignIn, ...]:
        sessions = self.aws.sessions if self.aws is not None else ()
        running = sign_in_files.running(self.paths.own)
        known = {session.key for session in sessions} - keys
        return tuple(record for record in running if record.session in known)

    def recall(self) -> Memory:
        """Return the memory: the daemon's own, else what the file says."""
        if self.memory is None or not self.publishes:
            self.memory, self.memory_problem = notebook.read_memory(self.paths.memory)
        return self.memory

    def remember(self, memory: Memory) -> None:
        """Write the memory where it changed; a daemon that cannot goes on with the one that it has."""
        path = self.paths.memory
        if memory == self.memory and path not in self.unwritten and path.exists():
            return
        good = memory.settings.last_good
        if self.publishes and good and (self.memory is None or good != self.memory.settings.last_good):
            self._write(self.paths.backups, lambda: self.guard.keep_backup(good))
        self._write(path, lambda: notebook.write_memory(path, memory))
        self.memory = memory

    def _write(self, path: Path, write: Callable[[], object]) -> None:
        """Write a file of ours: a disk that is full must not keep the daemon from a renewal that is due."""
        try:
            write()
        except files.FileTrouble as trouble:
            if not self.publishes:
                raise
            if path not in self.unwritten:
                _warn("%s", trouble)
            fix = f"free disk space, or make {path.parent} yours"
            self.unwritten[path] = Problem("state_not_writable", f"{trouble}.", fix)
        else:
            self.unwritten.pop(path, None)

    def forget_wishes(self, facts: Facts, memory: Memory) -> None:
        """Delete the wishes that have their answer."""
        answered = {answer.id for answer in memory.answers}
        done = [wish.id for wish in facts.wishes if wish.id in answered]
        if done:
            notebook.drop_wishes(self.paths.wishes, done)

    def status(self, facts: Facts, memory: Memory, planned: Plan, now: datetime, *, running: bool) -> Status:
        """Return the status document of this moment."""
        profiles = self.aws.profiles if self.aws is not None else ()
        mine = next((p for p in profiles if p.name == self.profile), None)
        around = Surroundings(
            __version__,
            running=running,
            profile=self.profile,
            region=self.region or (mine.region if mine else ""),
            model=self.model,
            profiles=profiles,
        )
        return status(facts, memory, planned, around, now)

    def publish(self, facts: Facts, memory: Memory, planned: Plan, now: datetime) -> None:
        """Publish the status; only the daemon does."""
        if self.publishes:
            shown = self.status(facts, memory, planned, now, running=True)
            self._write(self.paths.status, lambda: notebook.write_status(self.paths.status, shown))
            self._say(shown, now)

    def _say(self, shown: Status, now: datetime) -> None:
        """Say in a line how it is, to whoever looks at the service."""
        from keeplit.adapters import readiness
        from keeplit.core.words import headline

        readiness.said(headline(shown, now))

    def perform(self, action: Action, facts: Facts) -> Outcome:
        """Do one outward action, for one session in use or for Claude Code's settings."""
        from keeplit.engine import extend, renew, sign_in  # whoever only looks needs none of these

        if action.do is Do.EDIT_SETTINGS:
            return self.guard.write(action, facts.settings.path)
        if action.notice in SETTINGS_NOTICES:
            return self.desk.show(action, None, self.now())
        seen = next((seen for seen in facts.sessions if seen.session.key == action.session), None)
        if seen is None:
            return Outcome(Result.STALE, "not_in_use")
        environ = self.environment
        match action.do:
            case Do.REFRESH:
                return renew.refresh(self.paths, environ, seen.session, action.token)
            case Do.BRIDGE:
                return renew.bridge(self.paths, environ, seen, action.token)
            case Do.SIGN_IN | Do.EXTEND:
                method = self.config.method if self.config else "auto"
                return sign_in.begin(self.paths, environ, sign_in.request(seen.session, action, method))
            case Do.LOGOUT:
                return extend.logout(self.paths, environ, seen.session)
            case Do.NOTIFY:
                return self.desk.show(action, seen.session, self.now())


def _warn(said: str, *told: object) -> None:
    import logging  # whoever only looks has nothing to say

    logging.getLogger(__name__).warning(said, *told)


def real_world(paths: Paths, *, publishes: bool = False) -> RealWorld:
    """Return the world of this process's own environment."""
    return RealWorld(paths, os.environ, publishes=publishes)
