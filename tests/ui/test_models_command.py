from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keeplit.adapters import bedrock
from keeplit.core.model_list import InferenceProfile, Lifecycle, Listing
from keeplit.core.models import parse
from keeplit.sandbox.clockwork import wall
from keeplit.sandbox.faults import Fault
from keeplit.ui.models_command import document, screen
from tests.ui.typing_person import Typist

SHAPE = {"schema", "region", "account", "asked_at", "age", "fault", "unknown", "models"}
OF_A_MODEL = {"id", "name", "family", "version", "date", "prefix", "application", "regions", "everywhere"} | {
    "lifecycle",
    "legacy_at",
    "ends_at",
}
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
OWN = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6"


def sound(told: dict[str, Any]) -> bool:
    """Check the document against its contract."""
    assert set(told) == SHAPE
    assert all(set(one) == OF_A_MODEL for one in told["models"])
    assert {one["lifecycle"] for one in told["models"]} <= {"active", "legacy", "unknown"}
    times = [told["asked_at"], *(one[name] for one in told["models"] for name in ("legacy_at", "ends_at"))]
    assert all(datetime.fromisoformat(one).tzinfo is not None for one in times if one is not None)
    return True


def test_models_are_listed_by_family_the_newest_first(person: Typist) -> None:
    """With where requests run, what is near its end, what the account made, and how old the list is."""
    person.laptop.sign_in()

    said = person.types("models")

    lines = said.out.splitlines()
    assert (said.code, said.err) == (0, "")
    assert lines[0] == "Models of us-east-1, account 111122223333, asked 0 s ago"
    assert [line for line in lines if not line.startswith(" ")][1:] == [
        "Opus",
        "Sonnet",
        "Haiku",
        "Made by the account",
    ]
    assert lines[2].split() == ["us.anthropic.claude-opus-5", "us-east-1", "us-east-2", "us-west-2"]
    assert lines[3].split() == ["global.anthropic.claude-opus-5", "any", "commercial", "region"]
    assert any("claude-3-haiku" in line and "legacy, ends 20" in line for line in lines)
    assert lines[-4].strip() == OWN
    assert lines[-3].split()[:2] == ["team-lamp:", "anthropic.claude-sonnet-4-5-20250929-v1:0,"]


def test_models_as_json_are_one_object(person: Typist) -> None:
    """`--json` prints the documented object and nothing else."""
    person.laptop.sign_in()

    said = person.types("models", "--json", "--region", "eu-central-1")

    assert (said.code, said.err, sound(said.json)) == (0, "", True)
    told = said.json
    assert (told["schema"], told["region"], told["account"], told["age"]) == (1, "eu-central-1", "111122223333", 0)
    assert (told["fault"], told["unknown"]) == (None, [])
    assert told["models"][0] == {
        "id": "eu.anthropic.claude-opus-5",
        "name": "EU Anthropic Claude Opus 5",
        "family": "opus",
        "version": "5",
        "date": None,
        "prefix": "eu",
        "application": False,
        "regions": ["eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3"],
        "everywhere": False,
        "lifecycle": "active",
        "legacy_at": None,
        "ends_at": None,
    }
    assert {one["version"] for one in told["models"] if one["family"] == "sonnet"} == {"4.5", "4.6", "5"}


def test_the_list_is_asked_once_and_again_when_asked_to(person: Typist) -> None:
    """`--refresh` asks AWS, however young the list is."""
    person.laptop.sign_in()
    for arguments in ([], [], ["--refresh"]):
        person.types("models", *arguments)

    assert len(person.laptop.calls("ListFoundationModels")) == 2


def test_an_old_list_is_shown_with_why(person: Typist) -> None:
    """It is better than none; whoever asked for a fresh one is told that there is none."""
    person.laptop.sign_in()
    person.types("models")
    kept = bedrock.path(person.laptop.paths.state, "111122223333", "us-east-1")
    assert kept is not None
    asked_at = wall() - timedelta(hours=26)
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "asked_at": asked_at.isoformat()}))
    person.laptop.sandbox.faults.inject("ListInferenceProfiles", Fault("drop"))

    said = person.types("models")
    told = person.types("models", "--json")
    refreshed = person.types("models", "--refresh")

    assert (said.code, told.code, refreshed.code) == (0, 0, 1)
    assert "asked 26 h 00 min ago" in said.out
    assert said.err.startswith("keeplit: Bedrock in us-east-1: AWS could not be reached (network). Check the network")
    assert (sound(told.json), told.json["fault"]["code"], told.err) == (True, "network", "")
    assert len(told.json["models"]) > 10


@pytest.mark.parametrize("as_json", [False, True])
def test_without_a_list_the_exit_code_says_why(person: Typist, *, as_json: bool) -> None:
    """Signed out 3, a wrong region 2; the sentence is on stderr, or in the object."""
    more = ["--json"] if as_json else []
    for arguments, code, word in ([], 3, "keeplit login"), (["--region", "../x"], 2, "no region '../x'"):
        said = person.types("models", *arguments, *more)
        assert said.code == code
        assert word in (said.json["fault"]["detail"] if as_json else said.err)
        assert (said.err if as_json else said.out) == ""
        assert not as_json or (sound(said.json) and said.json["models"] == [] and said.json["age"] is None)
    assert person.laptop.tabs == ()


@pytest.mark.parametrize("region", ["us-esat-1", "mars-north-1", "nonsense"])
def test_models_and_use_say_the_same_of_an_unknown_region(person: Typist, region: str) -> None:
    """One sentence with the nearest region, one exit code; AWS is not asked."""
    person.laptop.sign_in()

    listed = person.types("models", "--region", region)
    used = person.types("use", "--region", region)

    assert (listed.code, listed.out) == (2, "")
    assert (used.code, used.err) == (listed.code, listed.err)
    assert listed.err.startswith(f"keeplit: AWS has no region '{region}'")
    assert person.laptop.calls("ListFoundationModels") == []


def test_a_region_without_models_says_so(person: Typist) -> None:
    """An empty list is an answer, with what to try."""
    person.laptop.sign_in()

    said = person.types("models", "--region", "af-south-1")

    assert said.code == 0
    assert said.out.splitlines()[1] == (
        "None: Bedrock has no Claude model there, or none for this account. Another: --region R"
    )


def one(name: str, life: Lifecycle | None = None, own: str = "", title: str = "") -> InferenceProfile:
    """Return a profile of one region."""
    return InferenceProfile(
        own or name, title or name, parse(name), ("us-east-1",), application=bool(own), lifecycle=life
    )


def test_what_aws_did_not_say_is_said_to_be_unknown() -> None:
    """A legacy model without a date, one that is over, and words of others that cannot steer the terminal."""
    found = Listing(
        "us-east-1",
        (
            one("us.anthropic.claude-opus-5", Lifecycle(legacy=True)),
            one("us.anthropic.claude-wick-5", Lifecycle(legacy=True, ends_at=NOON)),
            one("anthropic.claude-opus-5", own=OWN, title="team\x1b[2J"),
        ),
        age=timedelta(minutes=3),
        unknown=("application", "lifecycle"),
    )

    shown = screen(found)

    assert "claude-opus-5  us-east-1\x1b[33m  legacy\x1b[0m" in shown
    assert "Other\n  us.anthropic.claude-wick-5  us-east-1\x1b[31m  over\x1b[0m" in shown
    assert "team\\x1b[2J: anthropic.claude-opus-5, us-east-1" in shown
    assert shown.splitlines()[-2:] == [
        "Whether the account has profiles of its own is not known: AWS did not say.",
        "When each model ends is not known: AWS did not say.",
    ]
    assert sound(document(found))
    assert [model["lifecycle"] for model in list(document(found)["models"])] == ["legacy", "legacy", "unknown"]  # type: ignore[call-overload]
