from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

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


def test_whoever_has_observed_knows_the_config(lit: Laptop) -> None:
    """`observed` gives the parsed AWS config and the profile in use."""
    world = observed(lit.paths, lit.environ)
    assert world.aws is not None
    assert world.profile in {profile.name for profile in world.aws.profiles}


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
    environ = {**os.environ, **lit.environ}
    ended = subprocess.run(command, env=environ, capture_output=True, check=True, timeout=60)
    loaded = set(json.loads(ended.stdout))
    assert "keeplit.core.plan" in loaded
    assert "keeplit.core.settings" in loaded
    assert set() == (SLOW | ACTS | SELDOM) & loaded
