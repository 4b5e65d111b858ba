"""The layers of Claude Code's settings put together: which one decides each key, for `status`, `doctor` and the daemon.

Law: nothing is written, and nothing in a layer is an error here. A daemon has no working folder and not the person's
shell, so it knows of the managed files alone.
"""

import os
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from keeplit.adapters import claude_settings, config, settings_layers
from keeplit.adapters.paths import Paths
from keeplit.adapters.settings_layers import HOOKS_OFF, STATUS_LINE
from keeplit.core.model import Problem
from keeplit.core.settings_model import ENV

if TYPE_CHECKING:
    from keeplit.core.layers import Found, Layer, Row
    from keeplit.core.own_statusline import Hidden


@dataclass(frozen=True, slots=True)
class Explained:
    """Each key's row; what wins over the kept file, by key, and what that file says; what could not be read."""

    path: str
    rows: "tuple[Row, ...]"
    shadowed: "Mapping[str, Found]"
    problems: tuple[Problem, ...]
    row_hidden: "Hidden | None" = None  # why keeplit's row, which is in that file, is not shown


def explain(paths: Paths, environ: Mapping[str, str], folder: Path | None = None) -> Explained:
    """Return which layer decides each key in the working folder `folder`: ours, then those of ``[claude.env]``."""
    from keeplit.core import layers

    known = config.read(paths.config_file)
    found = {**known.environment, **environ}
    user, kept = claude_settings.path(found), claude_settings.path(found, known.settings)
    managed, files = settings_layers.managed(), settings_layers.of_project(folder, user)
    own = next((layer for layer in files.layers if settings_layers.same(Path(layer.path), kept)), None)
    alone = settings_layers.one(kept) if own is None else settings_layers.Layers()
    values = own.values if own is not None else next((layer.values for layer in alone.layers), {})
    stack = (*managed.layers, *files.layers, settings_layers.shell(environ))
    keys = tuple(dict.fromkeys((*layers.KEYS, *(f"{ENV}{name}" for name in known.claude.env))))
    mine = {key: values[key] for key in keys if key in values}
    path = own.path if own is not None else str(kept)
    return Explained(
        str(kept),
        layers.explain(stack, keys),
        layers.shadowed(stack, path, mine),
        (*managed.problems, *files.problems, *alone.problems),
        _row_hidden(stack, path, values),
    )


def _row_hidden(stack: "Sequence[Layer]", path: str, values: Mapping[str, str]) -> "Hidden | None":
    """Return why keeplit's row in the kept file is not shown: another one wins, or all are off."""
    mine = values.get(STATUS_LINE)
    if mine is None:
        return None
    from keeplit.core import layers
    from keeplit.core.own_statusline import hidden, read

    if not read({"command": mine}).ours:
        return None
    won = layers.shadowed(stack, path, {STATUS_LINE: mine}).get(STATUS_LINE)
    shown = next((layer.values[STATUS_LINE] for layer in stack if won is not None and layer.path == won.path), mine)
    theirs = won.layer if won is not None and not read({"command": shown}).ours else ""
    return hidden(theirs, layers.switched_by(layers.placed(stack, path, values), HOOKS_OFF))


@dataclass(frozen=True, slots=True)
class Above:
    """What the managed settings decide, each by key with the name of its layer."""

    shadowed: Mapping[str, str] = field(default_factory=dict)  # keys of the kept file that they overrule
    bypassed: Mapping[str, str] = field(default_factory=dict)  # credentials that are used instead of the profile


def above(values: Mapping[str, str], further: Container[str] = ()) -> Above:
    """Return what the managed settings decide of our keys, and `further` ones; `values` is what the kept file says.

    Without managed settings this costs two looks at folders that are not there.
    """
    managed = settings_layers.managed().layers
    if not managed:
        return Above()
    from keeplit.core import layers  # late: most machines have no managed settings

    mine = {key: value for key, value in values.items() if key in layers.KEYS or key in further}
    found = layers.shadowed(managed, "", mine)
    return Above({key: one.layer for key, one in found.items()}, layers.rivals_of(managed))


def working_folder() -> Path | None:
    """Return the folder in which a command runs; None where it is gone."""
    try:
        return Path(os.getcwd())  # noqa: PTH109
    except OSError:
        return None
