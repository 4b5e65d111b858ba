"""The doctor against prepared faults: each is named rightly, by its check alone, and nothing else is named."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from importlib import resources
from pathlib import Path
from time import monotonic

import jsonschema
import pexpect
import pytest

from keeplit.core.check import State
from tests.end_to_end.machine import KEEPLIT, Machine
from tests.end_to_end.sick_home import LOCAL, ONLINE, Home, Sick, not_well, well_home

ALWAYS = {"daemon": State.WARN, "autostart": State.WARN}
"""What is so in every home here: nothing is started for a test."""


@pytest.fixture
def home(own_home: Path) -> Iterator[Home]:
    """Give a home in which all is well, on a machine without programs of its own."""
    with well_home(own_home) as found:
        yield found


def test_a_home_in_which_all_is_well(home: Home) -> None:
    """Nothing is named but that no daemon runs here; each check has a name of its own."""
    found = home.examined(network=True)

    assert not_well(found) == ALWAYS
    assert len({one.code for one in found}) == len(found)


@pytest.mark.parametrize("fault", LOCAL, ids=lambda fault: fault.name)
def test_a_fault_of_the_machine_is_named(home: Home, fault: Sick) -> None:
    """Without the network: the one check that it is about says so, and none other."""
    fault.make(home)

    found = not_well(home.examined(network=False))

    assert {code: state for code, state in found.items() if code not in ALWAYS} == fault.named


@pytest.mark.parametrize("fault", ONLINE, ids=lambda fault: fault.name)
def test_a_fault_of_the_way_or_of_aws_is_named(home: Home, fault: Sick) -> None:
    """With the network: the one check that it is about says so, and none other."""
    fault.make(home)

    found = not_well(home.examined(network=True))

    assert {code: state for code, state in found.items() if code not in ALWAYS} == fault.named


def test_there_are_at_least_forty_faults() -> None:
    """The table is as long as it has to be, and no fault stands in it twice."""
    names = [fault.name for fault in (*LOCAL, *ONLINE)]

    assert len(names) >= 40
    assert len(set(names)) == len(names)


def typed(home: Home, *arguments: str) -> tuple[int, dict[str, object]]:
    """Type `keeplit doctor --json` in a home, and return its exit code and its object, checked by its schema."""
    home.examined(network=False)  # it writes the settings
    said = Machine(home.laptop).run("doctor", "--json", *arguments, cwd=home.laptop.home / "project")
    assert said.stderr == ""
    told: dict[str, object] = json.loads(said.stdout)
    schema = json.loads(resources.files("keeplit").joinpath("schemas/doctor.json").read_text())
    jsonschema.validate(told, schema, jsonschema.Draft202012Validator)
    return said.returncode, told


def test_the_command_says_the_same(home: Home) -> None:
    """Its object is what its schema says, and it exits 0 while no check fails."""
    code, told = typed(home, "--offline")

    assert (code, told["schema"], "fixed" in told) == (0, 1, False)


def test_what_can_be_mended_is_mended_and_taken_back(home: Home) -> None:
    """A helper that opens a tab each time and one that is gone give way to ours; undo brings the old ones back."""
    home.settings.update(awsAuthRefresh="aws sso login --profile work", awsCredentialExport="/gone/keeplit credentials")
    code, told = typed(home, "--offline", "--fix")

    after = json.loads(home.settings_file.read_text())
    assert (code, [one["done"] for one in told["fixed"]]) == (0, [True, True])  # type: ignore[attr-defined]
    assert after["awsAuthRefresh"].endswith("keeplit login --for-claude")
    assert "/gone/" not in after["awsCredentialExport"]
    machine = Machine(home.laptop)
    assert [machine.run("undo").returncode for _ in told["fixed"]] == [0, 0]  # type: ignore[attr-defined]
    assert json.loads(home.settings_file.read_text()) == home.settings


def secrets_of(home: Home) -> set[str]:
    """Return every secret that lies in a home or its environment."""
    names = (
        "accessToken",
        "refreshToken",
        "clientSecret",
        "clientId",
        "AccessKeyId",
        "SecretAccessKey",
        "SessionToken",
    )
    found: set[str] = set()
    for place in home.laptop.home.rglob("*.json"):
        text = place.read_text(errors="replace")
        document = json.loads(text) if text.startswith("{") else {}
        several = (document, document.get("Credentials", {}))
        found |= {str(one[name]) for one in several if isinstance(one, dict) for name in names if one.get(name)}
    return found


def test_the_bundle_holds_no_secret(home: Home) -> None:
    """Whatever is in the caches, the settings, the config, the log and the environment: none of it goes along."""
    own = {"sk-ant-mine", "gateway-password", "bearer-of-mine", "AKIAABCDEFGHIJKLMNOP", "very/secret+key", "proxy-word"}
    home.settings["apiKeyHelper"] = "cat gateway-password"
    home.env.update(ANTHROPIC_API_KEY="sk-ant-mine", AWS_BEARER_TOKEN_BEDROCK="bearer-of-mine")
    home.environ.update(AWS_SECRET_ACCESS_KEY="very/secret+key", HTTPS_PROXY="http://me:proxy-word@127.0.0.1:9")
    home.config.write_text(home.config.read_text() + "\n[profile keys]\naws_access_key_id = AKIAABCDEFGHIJKLMNOP\n")
    (home.laptop.home / ".aws" / "credentials").write_text("[keys]\naws_secret_access_key = very/secret+key\n")
    home.laptop.configure('[claude.env]\nGATEWAY_TOKEN = "gateway-password"\n')
    home.laptop.cache_role(timedelta(hours=1))
    home.state_file("keeplit.log", f"2026 I somewhere: {home.laptop.token['accessToken']} of sam@acme.example\n")
    secrets = {*secrets_of(home), *own}

    _, told = typed(home, "--offline", "--bundle")

    place = Path(str(told["bundle"]))
    with zipfile.ZipFile(place) as bundle:
        packed = {name: bundle.read(name).decode() for name in bundle.namelist()}
    whole = "\n".join(packed.values())
    assert place.stat().st_mode & 0o777 == 0o600
    assert [secret for secret in sorted(secrets | secrets_of(home)) if secret in whole] == []
    assert "sam@acme.example" not in whole
    assert "111122223333" not in whole
    assert len(secrets) > 10
    assert {"doctor.json", "status.json", "settings.json", "log.txt", "config.toml"} <= packed.keys()
    assert "us.anthropic.claude-opus-5" in packed["settings.json"]


@pytest.mark.parametrize("variables", [{"HOME": "", "PATH": ""}, {"HOME": "\x01"}])
def test_a_poor_environment_is_no_traceback(home: Home, variables: dict[str, str]) -> None:
    """Without a home, or programs, the command still says what is wrong."""
    home.environ.update(variables)
    said = Machine(home.laptop).run("doctor", "--offline")

    assert "Traceback" not in said.stdout + said.stderr
    assert said.stdout.splitlines()[0].endswith("well.")


def test_without_a_network_it_answers_at_once(home: Home) -> None:
    """Nothing is waited for: within a second on a machine that has nothing else to do."""
    home.environ.update({name: "http://127.0.0.1:9" for name in home.environ if name.startswith("AWS_ENDPOINT_URL")})
    home.examined(network=False)
    began = monotonic()
    home.examined(network=True)

    assert monotonic() - began < 3.0  # the machine that tests is shared


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
def test_a_real_terminal_is_filled_and_no_more(home: Home) -> None:
    """Colours in a terminal, none with NO_COLOR; sentences fit its width."""
    home.examined(network=False)
    shown = {}
    for name, environ in (("coloured", home.environ), ("plain", {**home.environ, "NO_COLOR": "1"})):
        terminal = pexpect.spawn(
            KEEPLIT[0],
            [*KEEPLIT[1:], "doctor", "--offline"],
            env=environ,
            dimensions=(24, 50),
            encoding="utf-8",
            timeout=60,
        )
        terminal.expect(pexpect.EOF)
        terminal.close()
        shown[name] = terminal.before
    lines = [line for line in shown["plain"].splitlines() if "Do:" not in line]

    assert ("\x1b[" in shown["coloured"], "\x1b[" in shown["plain"]) == (True, False)
    assert max(map(len, lines)) <= 50
    assert lines[0].endswith("checks are well.")
