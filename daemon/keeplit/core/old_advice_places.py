"""Old advice about places: folders that Claude Code does not read, and settings inside VS Code. Pure."""

from collections.abc import Iterator, Mapping

from keeplit.core.check import Check
from keeplit.core.doctor_marks import warn
from keeplit.core.old_advice_evidence import Evidence

# As the extension names it today, and as it and guides named it before.
VSCODE = ("claudeCode.environmentVariables", "claude-code.environmentVariables", "claudeCode.env", "claude-code.env")
OURS = ("AWS_", "CLAUDE_CODE_", "ANTHROPIC_")


def places(seen: Evidence) -> Iterator[Check]:
    """Folders that guides name and Claude Code does not read."""
    for place in seen.foreign:
        sentence = f"Claude Code does not read {place}: its settings are in {seen.settings_path}."
        fix = "keeplit use --profile NAME writes them there, into `env`; then delete the folder"
        yield warn("advice_places", sentence, fix)


def vscode(seen: Evidence) -> Iterator[Check]:
    """Variables for the extension of VS Code: it reads Claude Code's settings by itself."""
    for key in VSCODE:
        names = [name for name in _names((seen.vscode or {}).get(key)) if name.startswith(OURS)]
        if names:
            sentence = f"{key} ({seen.vscode_path}) sets {', '.join(names)}: the extension reads {seen.settings_path}."
            yield warn("advice_vscode", sentence, f"remove {key}; what it says belongs into `env` there: keeplit use")


def _names(value: object) -> list[str]:
    """Return the variables that a setting of VS Code names: in a list of names and values, or in an object."""
    if isinstance(value, Mapping):
        return [str(name) for name in value]
    listed = value if isinstance(value, list) else []
    return [str(one["name"]) for one in listed if isinstance(one, Mapping) and "name" in one]


RULES = (places, vscode)
