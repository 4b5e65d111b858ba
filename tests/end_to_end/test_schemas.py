"""What each command prints with --json is what the schema says that is shipped for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.engine.lit_laptop import write
from tests.ui.typing_person import Typist, typist

MODEL = "us.anthropic.claude-opus-5"
COMMANDS = {
    "status": "status --json",
    "profiles": "profiles --json",
    "models": "models --json",
    "models_check": f"models --check {MODEL} --json",
    "models_where": f"models --where {MODEL} --json",
    "use": "use --region us-west-2 --json",
    "autostart": "autostart status --json",
    "undo_list": "undo --list --json",
    "repair": "repair --json",
    "reset": "reset --json",
    "explain": "explain --json AccessDeniedException",
    "doctor": "doctor --offline --json",
    "refused": "use --profile nobody --json",
}


def schema(name: str) -> dict[str, Any]:
    """Return a schema of the package."""
    told: dict[str, Any] = json.loads(resources.files("keeplit").joinpath(f"schemas/{name}.json").read_text())
    return told


@pytest.fixture
def person(own_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Typist]:
    """Give somebody signed in, whose settings are kept."""
    with typist(own_home, monkeypatch, capsys) as found:
        found.laptop.sign_in()
        env = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_PROFILE": "work", "AWS_REGION": "us-east-1"}
        write(own_home / ".claude" / "settings.json", {"env": env})
        yield found


@pytest.mark.parametrize("name", COMMANDS)
def test_an_object_is_what_its_schema_says(person: Typist, name: str) -> None:
    """With something in it: a change was made, so that there is one to list, to repair and to take back."""
    if name in {"undo_list", "repair", "reset"}:
        assert person.types("use", "--region", "us-west-2").code == 0
    said = person.types(*COMMANDS[name].split())

    jsonschema.validate(said.json, schema(name), jsonschema.Draft202012Validator)


FAULTS = {
    "models": "models --region mars-1 --json",
    "models_check": "models --check anthropic.claude-foo --json",
    "repair": "repair --json",
    "explain": "explain --json unheard-of",
    "profiles": "profiles --json",
}


@pytest.mark.parametrize("name", FAULTS)
def test_an_object_that_says_a_fault_is_what_its_schema_says_too(person: Typist, name: str) -> None:
    """The list of models named its fault in an object, and its schema wanted a string."""
    (person.laptop.home / ".claude" / "settings.json").unlink()
    if name == "profiles":
        person.laptop.configure("[profile keys]\nregion = us-east-1\n")
    said = person.types(*FAULTS[name].split())

    jsonschema.validate(said.json, schema(name), jsonschema.Draft202012Validator)


def test_every_schema_is_one_and_is_tried() -> None:
    """A file that no test reads would say what it likes."""
    names = {one.name.removesuffix(".json") for one in resources.files("keeplit").joinpath("schemas").iterdir()}
    texts = [path.read_text("utf-8") for path in Path(__file__).parents[1].rglob("test_*.py")]

    assert names >= set(COMMANDS)
    assert [name for name in names if not any(name in text for text in texts)] == []
    for name in names:
        jsonschema.Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_schema_refuses_what_is_not_whole(name: str) -> None:
    """Each names what has to be there."""
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": 1}, schema(name), jsonschema.Draft202012Validator)
