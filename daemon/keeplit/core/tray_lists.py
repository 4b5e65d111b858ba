"""The long lists of the flame's menu: profiles, presets, models, regions; each fits a screen. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from keeplit.core.labels import label, name
from keeplit.core.models import LONG_CONTEXT
from keeplit.core.tray_entries import LINE, Choices, Click, Entry, ProfileChoice
from keeplit.core.view import Status
from keeplit.core.words import STATES, span

MOST_FLAT = 15  # a longer list of profiles is grouped by session
MOST_TOGETHER = 25  # and what is longer still goes on under "More"
NO_SESSION = "without a session"


def switching(status: Status, choices: Choices, now: datetime) -> list[Entry]:
    """Return the entries that choose what Claude Code uses."""
    entries: list[Entry] = []
    if choices.profiles:
        entries.append(Entry("Profile", children=_profiles(status, choices.profiles)))
    if choices.presets:
        presets = tuple(_radio(Click.PRESET, preset, name(preset), choices.preset) for preset in choices.presets)
        entries.append(Entry("Preset", children=together(presets)))
    entries.append(Entry("Model (new sessions)", children=_models(status, choices, now)))
    if choices.regions:
        regions = tuple(_radio(Click.REGION, region, name(region), status["region"]) for region in choices.regions)
        entries.append(Entry("Region", children=together(regions)))
    return entries


def _radio(click: Click, value: str, said: str, chosen: str) -> Entry:
    return Entry(label(said), click, value, value == chosen, radio=True)


def _profiles(status: Status, profiles: Sequence[ProfileChoice]) -> tuple[Entry, ...]:
    """Return the profiles as a radio list; a long one by session, the current profile's first."""
    states = {session["name"]: STATES.get(session["state"], "") for session in status["sessions"]}
    entries = [(profile.session, _profile(profile, states, status["profile"])) for profile in profiles]
    if len(profiles) <= MOST_FLAT:
        return tuple(entry for _, entry in entries)
    groups: dict[str, list[Entry]] = {}
    for session, entry in entries:
        groups.setdefault(session or NO_SESSION, []).append(entry)
    if len(groups) == 1:
        return together(tuple(entry for _, entry in entries))
    ordered = sorted(groups.items(), key=lambda group: not any(entry.checked for entry in group[1]))
    return together(tuple(Entry(label(name(one)), children=together(tuple(inside))) for one, inside in ordered))


def _profile(profile: ProfileChoice, states: Mapping[str, str], chosen: str) -> Entry:
    parts = (name(profile.name), name(profile.account), states.get(profile.session, ""))
    return _radio(Click.PROFILE, profile.name, " · ".join(part for part in parts if part), chosen)


def together(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Return a list that fits the screen: what is too much goes on under "More", as deep as needed.

    No list begins or ends with a line.
    """
    ends = [number for number, entry in enumerate(entries) if entry != LINE]
    entries = entries[ends[0] : ends[-1] + 1] if ends else ()
    if len(entries) <= MOST_TOGETHER:
        return entries
    here, rest = together(entries[:MOST_TOGETHER]), together(entries[MOST_TOGETHER:])
    return (*here, Entry("More", children=rest))


def _models(status: Status, choices: Choices, now: datetime) -> tuple[Entry, ...]:
    """Return the models by family with a line between, before them one that is in use and in no list."""
    mine = status["model"].removesuffix(LONG_CONTEXT)
    parts: dict[str, list[Entry]] = {}
    if mine and mine not in {model.id for model in choices.models}:
        parts[""] = [Entry(label(name(status["model"])), checked=True, radio=True)]
    for model in choices.models:
        said = name(f"{model.name}  {model.id}" if model.name else model.id)
        parts.setdefault(model.family, []).append(_radio(Click.MODEL, model.id, said, mine))
    age = f" ({span(now - choices.models_at)} old)" if choices.models_at is not None else ""
    refresh = Entry(f"Refresh the list{age}" if choices.models_at else "Get the list", Click.REFRESH_MODELS)
    listed = [entry for inside in parts.values() for entry in (*inside, LINE)]
    return (*together(tuple(listed[:-1])), *listed[-1:], refresh)
