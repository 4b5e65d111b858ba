from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from keeplit.adapters import backups, clock, notebook
from keeplit.core.memory import Memory
from keeplit.core.settings_model import Agreed, SettingsMemory
from keeplit.engine.living import prepare
from tests.engine.written_by_commands import ODD, PROFILE, REGION, Desk, desk
from tests.ui.typing_person import Typist

GOOD = b'{"env": {"AWS_PROFILE": "work", "AWS_REGION": "eu-west-1"}}'
SECRET = "env.ANTHROPIC_AUTH_TOKEN"
AGES = re.compile(r"\d+ s ago \(\d\d:\d\d\)")


@pytest.fixture
def mine(person: Typist, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give the settings of the person, oddly spelled, and no config.toml."""
    monkeypatch.setattr(clock, "sleep", lambda _: None)
    found = desk()
    found.config.unlink()
    return found


def agreed(mine: Desk, says: bytes = GOOD, last_good: str = "") -> None:
    """Let the daemon have agreed on two keys and on a secret, and the file say something."""
    prepare(mine.paths)
    keys = {PROFILE: Agreed("work"), REGION: Agreed("eu-west-1"), SECRET: Agreed("sk-a-secret")}
    settings = SettingsMemory(path=str(mine.settings), agreed=keys, last_good=last_good)
    notebook.write_memory(mine.paths.memory, Memory(settings=settings))
    mine.says(says)


def test_an_undo_says_what_it_did(person: Typist, mine: Desk) -> None:
    """`undo` says the command, when it was, and in each file each key with its values."""
    mine.use("first", profile="work", region="eu-west-1", config="work")
    said = person.types("undo")
    assert (said.code, said.err) == (0, "")
    assert AGES.sub("AGO", said.out).splitlines() == [
        "Took back `keeplit use`, AGO.",
        f"{mine.settings}: byte for byte as it was",
        "  env.AWS_PROFILE: work → home",
        "  env.AWS_REGION: eu-west-1 → (absent)",
        "  keeplit keeps again, as before: env.AWS_PROFILE",
        f"{mine.config}: removed, since keeplit had made it and nothing else was in it",
        "  claude.profile: work → (absent)",
    ]
    said = person.types("undo")
    assert (said.code, said.out) == (1, "")
    assert "there is nothing to undo" in said.err


def test_an_undo_names_what_it_leaves(person: Typist, mine: Desk) -> None:
    """A key that someone else changed is named; where nothing else was to be done the command ends with 1."""
    mine.use("first", profile="work", region="eu-west-1")
    mine.replaces(b'"work"', b'"theirs"')
    said = person.types("undo", "1")
    assert (said.code, said.err) == (0, "")
    assert "  env.AWS_PROFILE: left alone, because someone else changed it since\n" in said.out
    mine.use("second", profile="work")
    mine.replaces(b'"work"', b'"theirs again"')
    said = person.types("undo")
    assert (said.code, said.out) == (1, "")
    assert f"env.AWS_PROFILE in {mine.settings} is left alone" in said.err
    assert "keeplit undo --list" in said.err


def test_an_undo_of_what_is_back_already_is_no_failure(person: Typist, mine: Desk) -> None:
    """Where the old values are back already it says so, and the next undo is of the command before."""
    mine.use("first", profile="work")
    mine.says()
    said = person.types("undo")
    assert (said.code, said.err) == (0, "")
    assert "nothing is written" in said.out
    assert person.types("undo").code == 1


def test_an_undo_that_a_broken_file_stops_says_where(person: Typist, mine: Desk) -> None:
    """A broken file is named with its line; a number that is too large says how many there are."""
    mine.use("first", profile="work")
    mine.says(b"{]")
    said = person.types("undo")
    assert (said.code, said.out) == (1, "")
    assert f"keeplit: {mine.settings}, line 1, column 2" in said.err
    mine.says()
    mine.use("second", profile="work")
    assert "only 2 can be undone" in person.types("undo", "7").err


def test_half_an_undo_is_a_failure(person: Typist, mine: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only one of two files could be written, both are told, and the command ends with 1."""
    from keeplit.adapters import config_edit

    mine.use("first", profile="work", config="work")
    mine.config.write_bytes(b"# mine\n" + mine.config.read_bytes())

    def refuse(*_: object) -> bytes:
        raise config_edit.NotToml("it is written in a way of its own")

    monkeypatch.setattr(config_edit, "change", refuse)
    said = person.types("undo")
    assert (said.code, "work → home" in said.out, "a way of its own" in said.err) == (1, True, True)


def test_commands_are_listed(person: Typist, mine: Desk) -> None:
    """`undo --list` numbers what can be undone, names what the daemon did by itself, and says what is undone."""
    assert person.types("undo", "--list").out == "keeplit changed no file yet.\n"
    mine.use("first", profile="work", config="work")
    mine.use("second", region="eu-west-1")
    mine.use("third", "rule", "missing", region="eu-west-2")
    person.types("undo", "2")
    said = person.types("undo", "--list")
    assert (said.code, said.err) == (0, "")
    assert AGES.sub("AGO", said.out).splitlines() == [
        "     1  keeplit by itself (missing), AGO: env.AWS_REGION",
        f"        {mine.settings}",
        "     2  keeplit use, AGO: env.AWS_REGION",
        f"        {mine.settings}",
        "     3  keeplit use, AGO: claude.profile, env.AWS_PROFILE",
        f"        {mine.config}",
        f"        {mine.settings}",
        "Take one back: keeplit undo NUMBER",
    ]
    person.types("undo", "1")
    told = person.types("undo", "--list", "--json").json
    assert told["schema"] == 1
    assert [(one["number"], one["undone"], one["command"], one["keys"]) for one in told["commands"]] == [
        (None, True, "rule", [REGION]),
        (1, False, "use", [REGION]),
        (2, False, "use", ["claude.profile", PROFILE]),
    ]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told["commands"][0]["at"])
    assert told["commands"][2]["files"] == [str(mine.config), str(mine.settings)]


@pytest.mark.parametrize(
    "arguments",
    [("undo", "--json"), ("undo", "--list", "2"), ("undo", "0"), ("repair", "--accept", "--last-good"), ("reset", "x")],
)
def test_wrong_usage_changes_nothing(person: Typist, mine: Desk, arguments: tuple[str, ...]) -> None:
    """What makes no sense ends with 2."""
    mine.use("first", profile="work")
    before = mine.settings.read_bytes()
    said = person.types(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err
    assert mine.settings.read_bytes() == before


def test_a_reset_says_what_it_did(person: Typist, mine: Desk) -> None:
    """`reset` says each file and key, and how to take it back; once more there is nothing to do."""
    assert person.types("reset").out.startswith("There is nothing to reset")
    mine.use("first", profile="work", config="work")
    said = person.types("reset")
    assert (said.code, said.err, mine.settings.read_bytes()) == (0, "", ODD)
    assert said.out.splitlines() == [
        f"{mine.settings}: byte for byte as it was",
        "  env.AWS_PROFILE: work → home",
        f"{mine.config}: removed, since keeplit had made it and nothing else was in it",
        "  claude.profile: work → (absent)",
        "keeplit keeps none of the keys that went back until you ask for it: keeplit use. Take it back: keeplit undo",
    ]
    assert person.types("reset").code == 0


def test_a_reset_refuses_what_others_changed(person: Typist, mine: Desk) -> None:
    """A key of somebody else is named; where there is nothing else the command ends with 1."""
    mine.use("first", profile="work", region="eu-west-1")
    mine.replaces(b'"work"', b'"theirs"')
    told = person.types("reset", "--json").json
    assert told == {
        "schema": 1,
        "files": [
            {
                "file": str(mine.settings),
                "state": "changed",
                "keys": [{"key": REGION, "before": "eu-west-1", "after": None}],
                "left": [PROFILE],
                "let_go": [],
                "fault": "",
                "fix": "",
            }
        ],
    }
    said = person.types("reset")
    assert (said.code, "env.AWS_PROFILE: left alone" in said.out, "Take it back" in said.out) == (1, True, False)


def test_a_reset_lets_go_of_settings_that_are_gone(person: Typist, mine: Desk) -> None:
    """It says so, makes no file, ends with 0, and the trouble that named it is over."""
    agreed(mine)
    mine.says(None)
    known = notebook.read_memory(mine.paths.memory)[0].settings
    since = clock.now() - timedelta(minutes=1)
    notebook.write_memory(mine.paths.memory, Memory(settings=replace(known, seen="absent", since=since)))
    troubles = person.types("status", "--json").json["troubles"]
    assert [one["fix"] for one in troubles if one["code"] == "settings_gone"] == [
        "`keeplit use --profile NAME` makes a new one, `keeplit reset` lets go of the old one"
    ]
    said = person.types("reset")
    assert (said.code, said.err, mine.settings.exists()) == (0, "", False)
    assert said.out.splitlines() == [
        f"{mine.settings}: somebody removed it, so keeplit lets go of it. A new one: keeplit use --profile NAME",
        "  not there, and not kept any more: env.ANTHROPIC_AUTH_TOKEN, env.AWS_PROFILE, env.AWS_REGION",
    ]
    shown = person.types("status", "--json").json
    assert "settings_gone" not in [one["code"] for one in shown["troubles"]]
    assert (shown["settings"]["state"], shown["settings"]["missing"]) == ("unmanaged", [])
    assert person.types("reset").out.startswith("There is nothing to reset")


def test_a_reset_past_a_broken_file_is_a_failure(person: Typist, mine: Desk) -> None:
    """config.toml waits for the settings, both are on stderr, and nothing is said to be let go; it ends with 1."""
    mine.use("first", profile="work", config="work")
    mine.says(b"{]")
    said = person.types("reset")
    assert (said.code, said.out, mine.config.exists()) == (1, "", True)
    assert "line 1, column 2" in said.err
    assert f"{mine.config} is left as it is" in said.err
    assert [one["state"] for one in person.types("reset", "--json").json["files"]] == ["failed", "failed"]


def test_a_file_that_cannot_be_read_is_not_said_to_hold_nothing(person: Typist, mine: Desk) -> None:
    """After a reset too: nobody knows what is in it."""
    mine.use("first", profile="work")
    person.types("reset")
    mine.says(b"{]")
    said = person.types("reset")
    assert (said.code, said.out, "line 1, column 2" in said.err) == (1, "", True)


def test_a_bare_undo_skips_what_keeplit_did_by_itself(person: Typist, mine: Desk) -> None:
    """Where there is nothing else it names the list."""
    mine.use("by itself", "rule", "missing", profile="work")
    said = person.types("undo")
    assert (said.code, said.out, "keeplit undo --list" in said.err) == (1, "", True)
    assert person.types("undo", "1").code == 0
    assert mine.settings.read_bytes() == ODD


@pytest.mark.parametrize(
    ("command", "reason", "words"),
    [("use", "", "a later `keeplit use`"), ("rule", "config", "keeplit by itself (config)")],
)
def test_what_keeplit_wrote_later_is_not_somebody_elses(
    person: Typist, mine: Desk, command: str, reason: str, words: str
) -> None:
    """It says what is to be undone first."""
    mine.use("first", profile="work", region="eu-west-1")
    mine.use("second", command, reason, profile="play")
    said = person.types("undo", "2")
    assert said.code == 0
    assert f"  env.AWS_PROFILE: left alone, because {words} changed it" in said.out
    assert "undo that first" in said.out
    assert "someone else" not in said.out + said.err


def test_a_repair_says_what_it_wrote(person: Typist, mine: Desk) -> None:
    """`repair` names each key with its values, a secret without; once more there is nothing to do."""
    agreed(mine, GOOD.replace(b'"AWS_REGION": "eu-west-1"', b'"X": "y"'))
    said = person.types("repair")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        f"Repaired {mine.settings}. Take it back: keeplit undo",
        "  env.AWS_REGION: (absent) → eu-west-1",
        "  env.ANTHROPIC_AUTH_TOKEN: (absent) → (hidden)",
    ]
    assert b"sk-a-secret" in mine.settings.read_bytes()
    said = person.types("repair")
    assert (said.code, said.out.startswith("There is nothing to repair")) == (0, True)
    said = person.types("undo", "--list", "--json")
    assert "sk-a-secret" not in said.out + person.types("undo").out


def test_an_accepted_file_is_told(person: Typist, mine: Desk) -> None:
    """`repair --accept` says what is kept from now on; once more there is nothing to do."""
    agreed(mine, b'{"env": {"AWS_PROFILE": "theirs"}}')
    said = person.types("repair", "--accept")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[:2] == [
        f"{mine.settings} stays as it is, and that is what keeplit keeps from now on.",
        "  env.AWS_PROFILE: work → theirs",
    ]
    assert person.types("repair", "--accept").out.startswith("There is nothing to accept")


def test_a_broken_file_is_offered_its_last_good_copy(person: Typist, mine: Desk) -> None:
    """A broken file ends with 1, says line and column and what can be done; then it is done."""
    agreed(mine, b"{]")
    agreed(mine, b"{]", last_good=backups.keep_backup(mine.paths, GOOD))
    said = person.types("repair")
    assert (said.code, said.out) == (1, "")
    assert f"keeplit: {mine.settings}, line 1, column 2" in said.err
    assert "keeplit repair --last-good" in said.err
    told = person.types("repair", "--last-good", "--json").json
    assert (told["schema"], told["state"], told["file"], told["fault"]) == (1, "restored", str(mine.settings), "")
    assert mine.settings.read_bytes() == GOOD
    assert "can be read" in person.types("repair", "--last-good").out
    assert person.types("undo", "--list").out.splitlines()[0].endswith(": the whole file")


def test_a_repair_that_cannot_be_is_told_as_an_object_too(person: Typist, mine: Desk) -> None:
    """With `--json` there is one object on stdout whatever happens, and the exit code is the same."""
    agreed(mine)
    mine.settings.unlink()
    said = person.types("repair", "--json")
    assert (said.code, said.json["state"], said.json["fix"]) == (4, "not_set_up", "keeplit setup")
    assert person.types("repair").code == 4


def test_a_rival_is_named_beside_what_was_written(person: Typist, mine: Desk) -> None:
    """A repair that leaves another credential in the file ends with 1 and names it, never its value."""
    agreed(mine, b'{"env": {"AWS_PROFILE": "work", "AWS_BEARER_TOKEN_BEDROCK": "sk-rival"}}', last_good="x")
    said = person.types("repair")
    assert (said.code, "env.AWS_REGION: (absent) → eu-west-1" in said.out) == (1, True)
    assert "env.AWS_BEARER_TOKEN_BEDROCK wins over the profile" in said.err
    assert "sk-rival" not in said.out + said.err
