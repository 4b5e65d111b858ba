from __future__ import annotations

import json
from pathlib import Path
from threading import Thread

import pytest

from keeplit.sandbox.rewriter import LOST, Rewriter
from tests.desktop.bed import until


@pytest.fixture
def claude(tmp_path: Path) -> Rewriter:
    """Give a Claude Code whose settings are as the person had them."""
    made = Rewriter(tmp_path / ".claude" / "settings.json")
    made.furnish()
    return made


def test_the_persons_settings_name_bedrock_and_more(claude: Rewriter) -> None:
    """There is what keeplit keeps, and what is none of its business."""
    found = json.loads(claude.path.read_text())

    assert found["env"] | {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_PROFILE": "work"} == found["env"]
    assert {"permissions", "hooks"} <= set(found)
    assert (claude.repaired(), claude.untouched()) == (True, True)


def test_a_rewrite_loses_one_key_and_is_torn_for_a_moment(claude: Rewriter) -> None:
    """A reader who comes at the wrong time meets half a file."""
    writing = Thread(target=claude.forget)
    writing.start()

    def torn() -> bool:
        try:
            json.loads(claude.path.read_text())
        except ValueError:
            return True
        return False

    until(torn, what="half a file")
    writing.join(10)
    found = json.loads(claude.path.read_text())

    assert LOST not in found["env"]
    assert found["effortLevel"] == "high"
    assert (claude.repaired(), claude.untouched()) == (False, True)


def test_a_repair_that_touches_nothing_else_is_seen(claude: Rewriter) -> None:
    """The key is back, in whatever place of `env`."""
    claude.forget()
    found = json.loads(claude.path.read_text())
    found["env"] = {LOST: "eu-central-1", **found["env"]}
    claude.path.write_text(json.dumps(found, separators=(",", ":")))

    assert (claude.repaired(), claude.untouched()) == (True, True)


@pytest.mark.parametrize(
    "damage",
    [
        lambda found: found.pop("hooks"),
        lambda found: found["permissions"]["allow"].pop(),
        lambda found: found.update(model="opus"),
        lambda found: found["env"].pop("BASH_DEFAULT_TIMEOUT_MS"),
    ],
)
def test_a_repair_that_touches_more_is_seen_too(claude: Rewriter, damage: object) -> None:
    """What is none of keeplit's business must be what Claude Code wrote."""
    claude.forget()
    found = json.loads(claude.path.read_text())
    found["env"][LOST] = "eu-central-1"
    assert callable(damage)
    damage(found)
    claude.path.write_text(json.dumps(found))

    assert not claude.untouched()


@pytest.mark.parametrize("content", ["", "{", "[]", None])
def test_a_file_that_is_no_settings_is_not_repaired(claude: Rewriter, content: str | None) -> None:
    """Nor is one that is gone."""
    if content is None:
        claude.path.unlink()
    else:
        claude.path.write_text(content)

    assert (claude.repaired(), claude.untouched()) == (False, False)
