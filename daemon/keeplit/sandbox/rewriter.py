"""Claude Code's own hand on its settings, played: it rewrites the whole file from memory, in place, and loses a key.

What it does is what people report of it: the file is truncated and written in pieces, so that a reader may meet half of
it; keys that others need are gone afterwards; and what it adds itself is there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

TORN_SECONDS = 0.15
LOST = "AWS_REGION"
KEPT: dict[str, Any] = {
    "$schema": "https://json.schemastore.org/claude-code-settings.json",
    "permissions": {"allow": ["Bash(make test)", "Read(~/notes/**)"], "deny": ["Read(.env)"]},
    "env": {
        "CLAUDE_CODE_USE_BEDROCK": "1",
        "AWS_PROFILE": "work",
        LOST: "eu-central-1",
        "BASH_DEFAULT_TIMEOUT_MS": "120000",
    },
    "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "printf '\\a'"}]}]},
    "cleanupPeriodDays": 30,
}


@dataclass(slots=True)
class Rewriter:
    """A Claude Code that holds one settings file in its memory."""

    path: Path
    memory: dict[str, Any] = field(default_factory=lambda: json.loads(json.dumps(KEPT)))

    def furnish(self) -> None:
        """Write the file as the person had it before anything happened."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.memory, indent=2) + "\n", encoding="utf-8")

    def forget(self) -> None:
        """Rewrite the file from memory without one key of `env`, with a change of its own; for a moment it is torn."""
        del self.memory["env"][LOST]
        self.memory["effortLevel"] = "high"
        text = json.dumps(self.memory, indent=2)
        with self.path.open("w", encoding="utf-8") as file:
            file.write(text[: len(text) // 2])
            file.flush()
            Event().wait(TORN_SECONDS)
            file.write(text[len(text) // 2 :])

    def repaired(self) -> bool:
        """Tell whether the lost key is back with its value."""
        return bool(self._read().get("env", {}).get(LOST) == KEPT["env"][LOST])

    def untouched(self) -> bool:
        """Tell whether everything else is what this Claude Code wrote, in its order."""
        return json.dumps(_without(self._read())) == json.dumps(_without(self.memory))

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def _without(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document without the key that is lost and put back, the order kept."""
    env = {name: value for name, value in document.get("env", {}).items() if name != LOST}
    return {name: env if name == "env" else value for name, value in document.items()}
