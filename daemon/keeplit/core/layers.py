"""Which layer of Claude Code's settings wins for a key, which lose, and who sees a change. Pure.

Law: layers are ordered as Claude Code orders them (facts: settings files): managed, the project's local file, the
project's, the user's, then the shell's environment, which the ``env`` block of any file overrides. They are merged key
by key. A value is said only where it can be no secret: of a credential, a command, or a key of a person's own it is
said that it is there.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from keeplit.core.settings_keys import (
    AUTH_REFRESH,
    BEARER_TOKEN,
    CREDENTIAL_EXPORT,
    KEPT,
    LAUNCH_MODEL,
    MODEL,
    RIVALS,
    rivals,
    seen_by,
)

# What keeplit keeps or speaks of, as people look for it.
ON_REQUEST = ("env.CLAUDE_CODE_MAX_OUTPUT_TOKENS", "env.MAX_THINKING_TOKENS", "env.DISABLE_PROMPT_CACHING")
KEYS = (*KEPT, *ON_REQUEST, *RIVALS)
SHOWN = frozenset(KEYS) - {BEARER_TOKEN, AUTH_REFRESH, CREDENTIAL_EXPORT}
SIGNED_URL = re.compile(r"://[^/?#]*@")
# A variable that decides over a setting, wherever either stands.
STRONGER: Mapping[str, str] = {MODEL: LAUNCH_MODEL}
HIDDEN = "(not shown)"
ON = "true"  # a switch of the settings, as the adapter spells it


class Level(StrEnum):
    """A layer of the settings, the strongest first."""

    MANAGED = "managed"
    LOCAL = "local"
    PROJECT = "project"
    USER = "user"
    SHELL = "shell"


WORDS: Mapping[Level, str] = {
    Level.MANAGED: "the managed settings",
    Level.LOCAL: "the project's local settings",
    Level.PROJECT: "the project's settings",
    Level.USER: "the user's settings",
    Level.SHELL: "the shell's environment",
}


@dataclass(frozen=True, slots=True)
class Layer:
    """One file of settings, or the shell's environment, with its texts by key."""

    level: Level
    path: str = ""
    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """Return the layer as a sentence names it."""
        return f"{WORDS[self.level]} ({self.path})" if self.path else WORDS[self.level]


@dataclass(frozen=True, slots=True)
class Found:
    """What one layer says of a key, its value where that can be no secret."""

    layer: str
    level: Level
    path: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Row:
    """One key: the layer that wins, and those that lose, the strongest first. `seen_by` is ``running`` or ``new``."""

    key: str
    wins: Found
    loses: tuple[Found, ...]
    seen_by: str


def explain(layers: Sequence[Layer], keys: Iterable[str]) -> tuple[Row, ...]:
    """Return a row for each of the keys that any layer sets; `layers` stand in their order, the strongest first."""
    rows = []
    for key in keys:
        names = (STRONGER[key], key) if key in STRONGER else (key,)
        found = [_found(layer, name) for name in names for layer in layers if name in layer.values]
        if any(one.key == key for one in found):
            rows.append(Row(key, found[0], tuple(found[1:]), seen_by(key)))
    return tuple(rows)


def shadowed(layers: Sequence[Layer], path: str, values: Mapping[str, str]) -> Mapping[str, Found]:
    """Return what wins over the `values` of the file at `path`, for each key that so comes to another value.

    A file that is none of the layers, such as one that is given with ``--settings``, loses to the managed ones alone.
    """
    all_of_them = placed(layers, path, values)
    texts = {layer.path: layer.values for layer in all_of_them}
    won = {row.key: row.wins for row in explain(all_of_them, values)}
    return {key: one for key, one in won.items() if one.path != path and texts[one.path][one.key] != values[key]}


def placed(layers: Sequence[Layer], path: str, values: Mapping[str, str]) -> Sequence[Layer]:
    """Return the layers with what the file at `path` says; one that is none of them stands under the managed ones."""
    file = Layer(Level.USER, path, values)
    if any(layer.path == path for layer in layers):
        return [file if layer.path == path else layer for layer in layers]
    managed = [layer for layer in layers if layer.level is Level.MANAGED]
    return [*managed, file, *layers[len(managed) :]]


def switched_by(layers: Sequence[Layer], key: str) -> str:
    """Return the layer that decides on a switch, where it turns it on; else nothing."""
    won = next((layer for layer in layers if key in layer.values), None)
    return won.name if won is not None and won.values[key] == ON else ""


def rivals_of(layers: Sequence[Layer]) -> Mapping[str, str]:
    """Return the credentials in `layers` that bypass the profile, each with the name of the layer that sets it."""
    won = {key: layer for layer in reversed(layers) for key in layer.values}
    return {key: won[key].name for key in rivals({key: layer.values[key] for key, layer in won.items()})}


def _found(layer: Layer, key: str) -> Found:
    value = layer.values[key]
    shown = key in SHOWN and not SIGNED_URL.search(value)
    return Found(layer.name, layer.level, layer.path, key, value if shown else HIDDEN)
