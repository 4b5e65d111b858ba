"""The bundle holds what helps, and no secret; what cannot be read is left out."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from keeplit.core.doctor_marks import fail, ok
from keeplit.engine import doctor_bundle
from tests.engine.lit_laptop import Laptop, laptop, write

FOUND = (ok("home", "Well."), fail("token", "There is no sign-in.", "keeplit login"))


@pytest.fixture
def mine(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop, signed in, with role credentials."""
    with laptop(own_home) as found:
        found.sign_in()
        found.cache_role(timedelta(hours=1))
        yield found


def packed(mine: Laptop) -> Mapping[str, str]:
    """Write a bundle and return its texts by name."""
    with zipfile.ZipFile(doctor_bundle.write(mine.paths, mine.environ, FOUND)) as bundle:
        return {name: bundle.read(name).decode() for name in bundle.namelist()}


def test_it_holds_what_helps(mine: Laptop) -> None:
    """The checks, the versions, the environment by its names, the settings that keeplit knows."""
    write(mine.home / ".claude" / "settings.json", {"env": {"AWS_REGION": "us-west-2", "TEAM": "lamp"}})
    mine.environ["AWS_SESSION_TOKEN"] = "hidden-token"
    found = packed(mine)

    assert json.loads(found["doctor.json"])["checks"][1]["code"] == "token"
    assert json.loads(found["settings.json"]) == {"env.AWS_REGION": "us-west-2", "env.TEAM": "(hidden)"}
    assert json.loads(found["environment.json"])["AWS_SESSION_TOKEN"] == "(hidden)"
    assert json.loads(found["versions.json"]).keys() == {"keeplit", "python", "platform", "kind"}
    assert json.loads(found["status.json"])["schema"] == 1
    assert "[sso-session acme]" in found["aws-config.txt"]
    assert "sso_account_id = ........3333" in found["aws-config.txt"]


def test_every_secret_is_known(mine: Laptop) -> None:
    """Of the caches, of an answer that could not be written, of the credentials file, of the environment."""
    mine.paths.own.mkdir(parents=True, mode=0o700)
    (mine.paths.own / "x.answer").write_text('digest\n{"accessToken": "kept-answer"}')
    (mine.paths.own / "x.lock").write_text("")
    (mine.home / ".aws" / "credentials").write_text("[a]\naws_secret_access_key = of-a-file\nregion = eu\n")
    mine.environ["GATEWAY_TOKEN"] = "of-a-gateway"

    found = set(doctor_bundle.known_secrets(mine.paths, mine.environ))

    token = mine.token
    assert {token["accessToken"], token["refreshToken"], token["clientSecret"], "kept/secret'key"} <= found
    assert {"kept-answer", "of-a-file", "of-a-gateway"} <= found
    assert "eu" not in found


def test_a_broken_home_has_a_bundle_too(mine: Laptop) -> None:
    """What cannot be read is left out or empty."""
    (mine.home / ".aws" / "config").write_bytes(b"\xff\xfe")
    mine.configure("[claude\n")
    (mine.home / ".claude").mkdir()
    (mine.home / ".claude" / "settings.json").write_text("{")
    mine.token_file.write_text("{")
    found = packed(mine)

    assert found.keys() >= {"doctor.json", "versions.json", "log.txt"}
    assert found["log.txt"] == ""
