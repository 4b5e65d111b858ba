"""What a person asks `use` for, checked before anything is written: the preset, the profile, the region, the models.

Law: what comes out works as far as can be known here: a profile that can sign in, a region that exists, ids that stand
in the region's own list. What does not is refused with the nearest right one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from keeplit.adapters.paths import Paths
from keeplit.core import model_list, switching
from keeplit.core.exit_codes import FAILED, USAGE
from keeplit.core.models import may_work, parse
from keeplit.core.settings_keys import HAIKU, MODEL, PROFILE, Claude, Preset, in_effect, model_key
from keeplit.core.settings_model import ENV
from keeplit.core.switching import OPTIONS, PINS, Asked
from keeplit.engine import models, whose
from keeplit.engine.whose import Unclear, nearest


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing is changed: a sentence with the next step, and the command's exit code."""

    sentence: str
    exit_code: int = FAILED


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was asked for with its ids as they are to be written; the profile and the region that are used then."""

    asked: Asked
    profile: str
    region: str
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Unfit:
    """A model that cannot be taken, as it was asked for, and why."""

    wanted: str
    answer: model_list.Refused


def of_preset(asked: Asked, name: str, presets: tuple[Preset, ...], lines: tuple[int, ...] = ()) -> Asked | Refused:
    """Return what was asked for with a preset of config.toml, or why there is none, or more than one, of that name.

    `lines` is where presets of that name begin.
    """
    if len(lines) > 1:
        at = " and ".join(map(str, lines))
        return Refused(f"config.toml has the preset {name!r} {len(lines)} times, in the lines {at}. Rename all but one")
    found = next((preset for preset in presets if preset.name == name), None)
    if found is not None:
        return switching.with_preset(asked, found)
    known = [preset.name for preset in presets if preset.name]
    there = f" There are: {', '.join(map(repr, known))}." if known else " config.toml has no [[preset]] with a name."
    return Refused(f"there is no preset {name!r}{nearest(name, known)}{there}")


def choose(
    paths: Paths, environ: Mapping[str, str], asked: Asked, claude: Claude, values: Mapping[str, str], typed: Asked
) -> Chosen | Refused:
    """Return what is to be used, for settings that say `values`; `claude` is config.toml's table as it is now.

    `typed` is what the command line itself says: what is no region or no model there is wrong usage; in a preset or in
    the settings it is not.
    """
    wrong = next((said for said in (switching.wrong_variable(*one) for one in asked.env.items()) if said), "")
    if wrong:
        return Refused(wrong, USAGE)
    asked = switching.with_old_haiku(asked, values)
    profile, said, _ = in_effect(claude, values)
    profile = asked.profile or profile
    notes = []
    if asked.profile or asked.isolate is not None or not values.get(PROFILE):
        meant = whose.meant(paths, environ, profile or None)
        if isinstance(meant, Unclear):
            return Refused(meant.sentence.replace(" (named by --profile)", ""), meant.exit_code)
        profile, own = meant.profile.name, meant.profile.region
        if asked.profile and not asked.region and own not in {"", said or own}:
            notes.append(f"The region stays {said}; the profile's own is {own}: keeplit use --region {own}")
    if asked.region and (unknown := models.no_region(asked.region)):
        return Refused(unknown, USAGE if asked.region == typed.region else FAILED)
    region = asked.region or said or models.region(paths, environ, profile)
    found = _with_models(paths, environ, asked, profile, region)
    if isinstance(found, Unfit):
        elsewhere = found.wanted not in {typed.model, typed.haiku, *typed.env.values()}
        code = found.answer.exit_code
        return Refused(found.answer.sentence, FAILED if code == USAGE and elsewhere else code)
    stuck = _stuck(paths, environ, found[0], profile, region, values) if asked.region else ""
    return Refused(stuck) if stuck else Chosen(found[0], profile, region, (*notes, *found[1]))


def _with_models(
    paths: Paths, environ: Mapping[str, str], asked: Asked, profile: str, region: str
) -> tuple[Asked, list[str]] | Unfit:
    """Return what was asked for with each model as the region's list has it, and what is to be known of them."""
    pins = {name: value for name, value in asked.env.items() if f"{ENV}{name}" in PINS and value}
    ids: dict[str, str] = {}
    notes: list[str] = []
    for name, wanted in {"model": asked.model, "haiku": asked.haiku, **pins}.items():
        if not wanted:
            continue
        answer = models.answer(paths, environ, profile, region, wanted)
        if isinstance(answer, model_list.Refused):
            return Unfit(wanted, answer)
        ids[name] = answer.id
        notes += [f"{answer.id}: {answer.note}"] if answer.note else []
    env = {name: ids.get(name, value) for name, value in asked.env.items()}
    return replace(asked, model=ids.get("model", ""), haiku=ids.get("haiku", ""), env=env), notes


def _stuck(
    paths: Paths, environ: Mapping[str, str], asked: Asked, profile: str, region: str, values: Mapping[str, str]
) -> str:
    """Return which models of the settings cannot work from `region`, and what to say too; empty where all can."""
    launch = model_key(values)
    replaced = {launch: asked.model, HAIKU: asked.haiku, **{f"{ENV}{name}": value for name, value in asked.env.items()}}
    stuck: list[str] = []
    options: list[str] = []
    for key in (launch, HAIKU, *PINS):
        held = values.get(key, "")
        if not held or replaced.get(key) or may_work(parse(held), region):
            continue
        answer = models.answer(paths, environ, profile, region, held)
        near = (answer.nearest if isinstance(answer, model_list.Refused) else "") or "ID"
        option = "--model" if key == MODEL else OPTIONS.get(key, "")
        stuck.append(f"{key.removeprefix(ENV)} ({held})")
        options.append(f"{option} {near}" if option else f"--env {key.removeprefix(ENV)}={near}")
    if not stuck:
        return ""
    see = f" (see: keeplit models --region {region})" if any(option.endswith("ID") for option in options) else ""
    return f"what does not work from {region}: {', '.join(stuck)}. Say too: {' '.join(options)}{see}"
