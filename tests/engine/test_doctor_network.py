"""What is seen of the way to AWS, and what AWS is asked."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from keeplit.core.deeds import Result
from keeplit.engine import doctor_network
from keeplit.engine.doctor_scene import Scene
from keeplit.sandbox.faults import Fault
from tests.engine.lit_laptop import Laptop, laptop, write

ENV = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_PROFILE": "work", "AWS_REGION": "us-east-1"}
SHUT = "http://127.0.0.1:9"


@pytest.fixture
def mine(own_home: Path) -> Iterator[Laptop]:
    """Give a laptop with settings."""
    with laptop(own_home) as found:
        write(own_home / ".claude" / "settings.json", {"env": ENV})
        yield found


def scene(mine: Laptop, **environ: str) -> Scene:
    """Return the scene of a laptop."""
    return Scene(mine.paths, {**mine.environ, **environ}, None)


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({}, []),
        ({"HTTPS_PROXY": "http://p:1"}, []),
        ({"HTTPS_PROXY": "p:1"}, ["HTTPS_PROXY"]),
        ({"HTTPS_PROXY": "http://p:1", "https_proxy": "http://p:1"}, []),
        ({"HTTPS_PROXY": "http://p:1", "https_proxy": "http://q:1"}, ["HTTPS_PROXY"]),
    ],
)
def test_odd_proxies_are_named(environ: dict[str, str], names: list[str]) -> None:
    """Without a scheme, or two that differ."""
    assert [name for name, _ in doctor_network.proxies(environ)] == names


def test_bundles_are_tried(tmp_path: Path) -> None:
    """One that is not there, and one that holds no certificate; the system's own is good."""
    (tmp_path / "odd").write_text("no certificate")
    good = ssl.get_default_verify_paths().openssl_cafile
    environ = {"AWS_CA_BUNDLE": str(tmp_path / "none"), "SSL_CERT_FILE": str(tmp_path / "odd")}
    if Path(good).is_file():
        environ["REQUESTS_CA_BUNDLE"] = good
    found = dict(doctor_network.bundles(environ))

    assert found.keys() == {"AWS_CA_BUNDLE", "SSL_CERT_FILE"}
    assert "no such file" in found["AWS_CA_BUNDLE"]


def test_a_bundle_that_several_variables_name_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes longer than all else that is asked of nobody."""
    read: list[str] = []
    monkeypatch.setattr(ssl, "create_default_context", lambda *, cafile: read.append(cafile))
    several = {"AWS_CA_BUNDLE": "/a", "SSL_CERT_FILE": "/a", "NODE_EXTRA_CA_CERTS": "/b"}

    assert (doctor_network.bundles(several), read) == ((), ["/a", "/b"])


def test_each_service_is_asked_where_claude_code_goes(mine: Laptop) -> None:
    """Bedrock by what the settings say, the others by the shell's environment."""
    write(mine.home / ".claude" / "settings.json", {"env": {**ENV, "ANTHROPIC_BEDROCK_BASE_URL": SHUT}})
    seen = doctor_network.way(scene(mine), asks=True)

    assert {one.service: one.failure for one in seen.reached} == {
        "sso-oidc": "",
        "sso": "",
        "sts": "",
        "bedrock": "",
        "bedrock-runtime": "network",
    }
    assert doctor_network.way(scene(mine), asks=False).reached == ()


def test_an_address_in_the_clear_is_not_asked(mine: Laptop) -> None:
    """It would get tokens."""
    seen = doctor_network.way(scene(mine, AWS_ENDPOINT_URL_SSO="http://elsewhere.example"), asks=True)

    assert [one.failure for one in seen.reached if one.service == "sso"] == ["endpoint"]


@pytest.mark.parametrize(
    ("environ", "asks", "said"),
    [
        ({}, False, "AWS was not asked."),
        ({}, True, "Nobody is signed in."),
        ({"AWS_ENDPOINT_URL_SSO": SHUT}, True, "The access portal cannot be reached."),
    ],
)
def test_where_nobody_would_answer_nothing_is_asked(
    mine: Laptop, environ: dict[str, str], *, asks: bool, said: str
) -> None:
    """And why is said."""
    look = scene(mine, **environ)
    found = doctor_network.answers(look, doctor_network.way(look, asks=asks))

    assert (found.role, found.why_not, mine.calls("GetRoleCredentials")) == (None, said, [])


def test_without_a_profile_nothing_is_asked(mine: Laptop) -> None:
    """There is no role to ask for."""
    write(mine.home / ".claude" / "settings.json", {"env": {**ENV, "AWS_PROFILE": "none"}})
    look = scene(mine)

    assert doctor_network.answers(look, doctor_network.way(look, asks=False)).why_not.startswith("No profile")


def test_role_identity_and_models_are_asked(mine: Laptop) -> None:
    """The role once, then the two others side by side."""
    mine.sign_in()
    look = scene(mine)
    found = doctor_network.answers(look, doctor_network.way(look, asks=True))

    assert (found.role and found.role.result, found.identity and found.identity.result) == (Result.DONE, Result.DONE)
    assert found.identity_account == "111122223333"
    assert found.listing is not None
    assert found.listing.profiles
    assert found.listing.age == timedelta(0)
    assert mine.calls("GetRoleCredentials") == ["200"]


def test_a_refused_role_is_asked_no_more(mine: Laptop) -> None:
    """Nothing else could be said with it."""
    mine.sign_in()
    mine.sandbox.faults.inject("GetRoleCredentials", Fault("forbidden"))
    look = scene(mine)
    found = doctor_network.answers(look, doctor_network.way(look, asks=True))

    assert (found.role and found.role.result, found.identity, found.listing) == (Result.FORBIDDEN, None, None)


def test_a_folder_of_ours_that_is_none_is_said(mine: Laptop) -> None:
    """What asks AWS keeps its answer there; the check of the folders names what is wrong."""
    mine.sign_in()
    mine.paths.own.symlink_to(mine.home)
    look = scene(mine)
    found = doctor_network.answers(look, doctor_network.way(look, asks=True))

    assert (found.role, str(mine.paths.own) in found.why_not) == (None, True)
