"""Claude Code's settings as variables of a shell: for tools that read no settings file, and for a look at them.

Law: the same values as in the settings, and what config.toml wants before what they say. No credential that bypasses
the profile is given out: it is none of ours.
"""

from collections.abc import Mapping

from keeplit.adapters.paths import Paths
from keeplit.core.layers import KEYS
from keeplit.core.settings_keys import LAUNCH_MODEL, MODEL, PROFILE, RIVALS, wanted
from keeplit.core.settings_model import ENV
from keeplit.engine.choosing import Refused
from keeplit.engine.using import look


def variables(paths: Paths, environ: Mapping[str, str]) -> Mapping[str, str | None] | Refused:
    """Return each variable with its value, None for one that is to be unset; or why nothing can be said."""
    found = look(paths, environ)
    if isinstance(found, Refused):
        return found
    ours = found.ours.claude
    want = wanted(ours, found.values, {})
    said = {**{key: found.values[key] for key in KEYS if key in found.values}, **want}
    if ours.isolate and ours.profile:
        said[PROFILE] = None  # the shell may have one of its own
    if model := said.get(LAUNCH_MODEL) or said.get(MODEL):
        said[LAUNCH_MODEL] = model
    hidden = {*RIVALS} - want.keys()
    return {key.removeprefix(ENV): said[key] for key in said if key.startswith(ENV) and key not in hidden}
