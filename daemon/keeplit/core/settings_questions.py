"""The questions that a settings file raises, in words. Pure.

Law: keys are named and values are not, for one of them may be a secret.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from keeplit.core.settings_model import Why

MOST_NAMES = 4
QUESTIONS = {
    Why.GONE: "All of keeplit's keys are gone from the settings file ({keys}).",
    Why.OFF: "The settings file switches Bedrock off.",
    Why.RIVAL: "The settings file now has another credential for Bedrock ({keys}), and the profile is not used.",
    Why.CHANGED: "Several keys changed at once in the settings file ({keys}).",
    Why.BOTH: "config.toml and the settings file both changed, each in its own way ({keys}).",
    Why.DAMAGED: "In the settings file keys are missing, or hold what was replaced ({keys}).",
}
UNSET = "config.toml names what the settings file does not have ({keys}); nothing is written unasked."
STOPPED = (
    "keeplit has put {keys} back three times within an hour, and stops: something, or somebody, takes it out again."
)
LEFT = "In the settings file keys are missing, or hold what was replaced ({keys}), and keeplit repairs nothing unasked."
FIXES = {Why.RIVAL: "take it out of the settings file, or let it stand: `keeplit repair --accept`"}


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked, about which keys; `cause` is the same as long as the answer would be."""

    why: Why
    keys: tuple[str, ...]
    cause: str


def said(question: Question) -> str:
    """Return a question in a sentence."""
    return QUESTIONS[question.why].format(keys=names(question.keys))


def fix_of(question: Question) -> str:
    """Return how a question is answered, where that is not by the catalogue's own words."""
    return FIXES.get(question.why, "")


def names(keys: Iterable[str]) -> str:
    """Return the names of keys as a person reads them: without ``env.``, and not all of many."""
    found = [key.removeprefix("env.") for key in keys]
    more = f" and {len(found) - MOST_NAMES} more" if len(found) > MOST_NAMES else ""
    return ", ".join(found[:MOST_NAMES]) + more
