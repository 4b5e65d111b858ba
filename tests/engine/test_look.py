from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from keeplit.adapters import clock, files, notebook
from keeplit.core.memory import Memory, Unshown
from keeplit.engine.living import prepare
from keeplit.engine.look import look, observed
from tests.engine.lit_laptop import Laptop, laptop

SLOW = {"asyncio", "configparser", "filelock", "logging", "msgspec", "platformdirs"}
ACTS = {"keeplit.core.json_edit", "keeplit.core.learn", "keeplit.core.secrets", "keeplit.engine.guarded"}
ACTS |= {"keeplit.engine.turn"}
# Where all is well there is nothing to say, to take in, or to point to.
SELDOM = {"keeplit.core.catalogue", "keeplit.core.json_fault", "keeplit.core.json_text", "keeplit.core.wishes"}
SELDOM |= {"keeplit.core.settings_questions"}


@pytest.fixture
def lit(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop on a sandbox, its profile in use."""
    with laptop(own_home) as mine:
        mine.configure('[claude]\nprofile = "work"\n')
        yield mine


def test_a_look_changes_nothing(lit: Laptop) -> None:
    """`look` observes and plans: nothing is performed, published or remembered, not even a folder is made."""
    lit.sign_in(timedelta(minutes=1))
    before = lit.token
    seen = look(lit.paths, lit.environ)
    assert (seen.running, [one["state"] for one in seen.status["sessions"]]) == (False, ["renewing"])
    assert lit.token == before
    assert not lit.paths.state.exists()
    assert lit.sandbox.log.since() == ()


def test_what_is_wrong_with_the_desk_is_the_daemons_word(lit: Laptop) -> None:
    """A command connects to no desktop: that it knows nothing of one is no trouble while a daemon does."""
    lit.sign_in(timedelta(minutes=-1), refreshToken=None)
    prepare(lit.paths)
    unshown = Unshown("ended:r1", clock.now(), why="no_answer")
    notebook.write_memory(lit.paths.memory, Memory(unshown=(unshown,)))
    alone = look(lit.paths, lit.environ).status
    words = {"severity": "info", "title": "x", "detail": "y", "fix": "z"}
    troubles = [{"code": code, **words} for code in ("no_notices", "network")]
    notebook.write_status(lit.paths.status, {**alone, "troubles": troubles})
    with files.lock(lit.paths.daemon_lock, timeout=5):
        beside = look(lit.paths, lit.environ).status

    codes = [one["code"] for one in alone["troubles"]]
    assert "presence_unknown" in codes
    assert "no_notices" not in codes
    assert [one["code"] for one in beside["troubles"]] == [
        *(code for code in codes if code != "presence_unknown"),
        "no_notices",
    ]


def test_whoever_has_observed_knows_the_config(lit: Laptop) -> None:
    """`observed` gives the parsed AWS config and the profile in use."""
    world = observed(lit.paths, lit.environ)
    assert world.aws is not None
    assert world.profile in {profile.name for profile in world.aws.profiles}


def test_an_address_that_is_not_awss_is_shown(lit: Laptop) -> None:
    """Service and host of an endpoint override are named, as no more than an information; and none where none is."""
    lit.environ["AWS_ENDPOINT_URL_BEDROCK"] = "https://vpce.example/path?secret"
    seen = look(lit.paths, lit.environ).status["troubles"]
    told = next(one for one in seen if one["code"] == "endpoint_override")
    assert (told["severity"], told["title"]) == ("info", "Calls to AWS go to another address")
    assert told["detail"].endswith(": sso-oidc, sso, sts to 127.0.0.1; bedrock to vpce.example.")
    assert "endpoint_override" not in [one["code"] for one in look(lit.paths, plain(lit.environ)).status["troubles"]]


def plain(environ: dict[str, str]) -> dict[str, str]:
    """Return an environment as most people's: no address of AWS stands in it."""
    return {name: value for name, value in environ.items() if not name.startswith("AWS_ENDPOINT_URL")}


def test_a_look_imports_nothing_that_it_does_not_need(lit: Laptop) -> None:
    """Half of a look is importing: what only acts or writes, and the slow libraries, stay away."""
    lit.sign_in()
    lit.cache_role(timedelta(hours=1))
    settings = lit.home / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"env": {"AWS_PROFILE": "work"}, "model": "opus"}')
    code = "import json, os; from keeplit.ui import fast; fast.looked(os.environ); print(json.dumps([*sys.modules]))"
    # Without `site`: an editable install of the developer's own may import what a person's does not.
    folders = [folder for folder in sys.path if folder]
    command = [sys.executable, "-S", "-c", f"import sys; sys.path += {folders!r}; {code}"]
    environ = plain({**os.environ, **lit.environ})
    ended = subprocess.run(command, env=environ, capture_output=True, check=True, timeout=60)
    loaded = set(json.loads(ended.stdout))
    assert "keeplit.core.plan" in loaded
    assert "keeplit.core.settings" in loaded
    assert set() == (SLOW | ACTS | SELDOM) & loaded
