"""What a document of a person says by key, as the journal names keys. Pure.

Law: a key that keeplit writes is one key here: the members of `env`, any other member of the settings whole, and a
dotted name of config.toml.
"""

from collections.abc import Mapping

from keeplit.core.settings_model import ENV


def flattened(document: Mapping[str, object], before: str = "") -> dict[str, object]:
    """Return what a document says by dotted key; an empty table below the top is a value of its own, but for `env`."""
    found: dict[str, object] = {}
    for name, value in document.items():
        if isinstance(value, Mapping) and (value or f"{before}{name}." == ENV):
            found |= flattened(value, f"{before}{name}.")
        else:
            found[f"{before}{name}"] = value
    return found


def by_key(document: Mapping[str, object]) -> dict[str, object]:
    """Return what Claude Code's settings say by key: each member of `env`, and every other member whole."""
    env = document.get("env")
    found = {f"{ENV}{name}": value for name, value in env.items()} if isinstance(env, Mapping) else {}
    return found | {name: value for name, value in document.items() if name != "env"}
