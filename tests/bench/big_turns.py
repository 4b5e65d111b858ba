"""How long a turn takes with 1,000 profiles and 200 sessions, and with a tenth: ``python tests/bench/big_turns.py``."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[2]))  # so that it runs as a script too

from keeplit.adapters import clock, files
from keeplit.adapters import paths as places
from keeplit.core.aws_dates import write_date
from keeplit.core.aws_profiles import cache_key
from keeplit.engine.living import prepare
from keeplit.engine.turn import turn
from keeplit.engine.world import RealWorld

ROUNDS = 15
MILLISECONDS = 1000.0
SETTLED = 60.0  # seconds since another tool wrote the tokens
SESSION = """\
[sso-session s{0}]
sso_start_url = https://d-{0:010d}.awsapps.com/start
sso_region = us-east-1
sso_registration_scopes = sso:account:access
"""
PROFILE = """\
[profile p{0}]
sso_session = s{1}
sso_account_id = 111122223333
sso_role_name = Developer
region = us-east-1
"""


@dataclass(frozen=True, slots=True)
class Turns:
    """The median milliseconds of one turn at a size, with the AWS config unchanged and changed."""

    profiles: int
    sessions: int
    unchanged: float
    changed: float


@contextmanager
def many(profiles: int, sessions: int) -> Iterator[RealWorld]:
    """Give a world whose sessions are all kept and signed in."""
    with tempfile.TemporaryDirectory() as folder:
        home = {"HOME": folder, "PATH": os.environ.get("PATH", "")}
        with mock.patch.dict(os.environ, home, clear=True):
            paths = places.find(os.environ)
            for each in (paths.config_file.parent, paths.sso_cache):
                each.mkdir(parents=True)
            config_text(paths, profiles, sessions)
            kept = ", ".join(f'"s{n}"' for n in range(sessions))
            paths.config_file.write_text(f'[claude]\nprofile = "p0"\n[sessions]\nkeep = [{kept}]\n')
            ends = write_date(clock.now() + timedelta(minutes=55))
            for n in range(sessions):
                token = {
                    "startUrl": f"https://d-{n:010d}.awsapps.com/start",
                    "region": "us-east-1",
                    "accessToken": f"token-{n}",
                    "expiresAt": ends,
                    "clientId": "client",
                    "clientSecret": "secret",
                    "refreshToken": f"refresh-{n}",
                    "registrationExpiresAt": write_date(clock.now() + timedelta(days=80)),
                }
                place = paths.sso_cache / f"{cache_key(f's{n}')}.json"
                files.replace(place, json.dumps(token).encode())
                os.utime(place, (place.stat().st_mtime - SETTLED, place.stat().st_mtime - SETTLED))
            prepare(paths)
            yield RealWorld(paths, os.environ, publishes=True)


def config_text(paths: places.Paths, profiles: int, sessions: int, comment: str = "") -> None:
    """Write the AWS config, the same in all but a comment."""
    text = "".join(SESSION.format(n) for n in range(sessions)) + "".join(
        PROFILE.format(n, n % sessions) for n in range(profiles)
    )
    (paths.aws / "config").write_text(f"# {comment}\n{text}")


def measure(rounds: int = ROUNDS) -> tuple[Turns, ...]:
    """Return the figures for a tenth of the size and for the whole."""
    found: list[Turns] = []
    for profiles, sessions in ((100, 20), (1000, 200)):
        with many(profiles, sessions) as world:
            turn(world)
            unchanged = [timed(world) for _ in range(rounds)]
            changed: list[float] = []
            for number in range(rounds):
                config_text(world.paths, profiles, sessions, str(number))
                changed.append(timed(world))
            found.append(Turns(profiles, sessions, median(unchanged), median(changed)))
    return tuple(found)


def timed(world: RealWorld) -> float:
    """Return the milliseconds of one turn."""
    began = perf_counter()
    turn(world)
    return (perf_counter() - began) * MILLISECONDS


def main() -> None:
    """Print the figures."""
    for row in measure():
        print(
            f"{row.profiles} profiles, {row.sessions} sessions: "
            f"{row.unchanged:.1f} ms with the config unchanged, {row.changed:.1f} ms changed"
        )


if __name__ == "__main__":
    main()
