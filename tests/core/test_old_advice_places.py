from __future__ import annotations

from typing import Any

import pytest

from keeplit.core.old_advice_evidence import Evidence
from keeplit.core.old_advice_places import places, vscode


def test_folders_that_are_not_read() -> None:
    """Each folder of older guides is named, with the file that is read instead."""
    (check,) = places(Evidence(foreign=("~/.config/claude-code",)))
    assert check.sentence == (
        "Claude Code does not read ~/.config/claude-code: its settings are in ~/.claude/settings.json."
    )


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"claudeCode.environmentVariables": [{"name": "AWS_PROFILE", "value": "work"}]}, "AWS_PROFILE"),
        ({"claude-code.environmentVariables": [{"name": "ANTHROPIC_MODEL"}, {}, 3]}, "ANTHROPIC_MODEL"),
        ({"claudeCode.env": {"CLAUDE_CODE_USE_BEDROCK": "1", "EDITOR": "vi"}}, "CLAUDE_CODE_USE_BEDROCK"),
        ({"claudeCode.environmentVariables": "broken"}, ""),
        ({"claudeCode.environmentVariables": [{"name": "EDITOR"}]}, ""),
        (None, ""),
    ],
)
def test_settings_inside_vscode(settings: dict[str, Any] | None, names: str) -> None:
    """Variables that the extension would read from Claude Code's own settings are named; others are its business."""
    checks = list(vscode(Evidence(vscode=settings)))
    assert [f"sets {names}:" in check.sentence for check in checks] == [True] * bool(names)
