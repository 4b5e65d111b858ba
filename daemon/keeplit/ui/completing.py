"""What Tab offers for a value: names out of the files at hand. AWS is not asked, and whatever is wrong is silent.

Law: Tab is pressed to type less, not to learn of troubles: a file that cannot be read offers nothing, and neither does
a name that would steer the terminal, or end the line in which the shell gets it.
"""

import os
from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from keeplit.adapters.paths import Paths

Offered = Iterable[tuple[str, str]]
Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
ALIASES = (("opus", ""), ("sonnet", ""), ("haiku", ""), ("default", "what Claude Code chooses"))


def _offering(find: "Callable[[Paths], Offered]") -> Complete:
    """Return what click calls for the values that `find` gives, each with a word about it."""

    @wraps(find)
    def complete(_context: click.Context, _option: click.Parameter, begun: str) -> list[CompletionItem]:
        from keeplit.adapters import paths

        try:
            found = list(find(paths.find(os.environ)))
        except Exception:  # noqa: BLE001  # Tab never prints a traceback into the line that is typed
            return []
        return [
            CompletionItem(name, help=about if about and about.isprintable() else None)
            for name, about in found
            if name.startswith(begun) and name.isprintable()
        ]

    return complete


@_offering
def profiles(_paths: "Paths") -> Offered:
    """Give the profiles of the AWS config, with their accounts."""
    from keeplit.adapters import aws_config

    for profile in aws_config.read(os.environ).profiles:
        yield profile.name, " ".join(part for part in (profile.account, profile.role) if part)


@_offering
def sessions(_paths: "Paths") -> Offered:
    """Give the sso-sessions and legacy profiles of the AWS config, with their start URLs."""
    from keeplit.adapters import aws_config

    for session in aws_config.read(os.environ).sessions:
        yield session.name, session.start_url


@_offering
def presets(paths: "Paths") -> Offered:
    """Give the presets of config.toml, with their profiles."""
    from keeplit.adapters import config

    for preset in config.read(paths.config_file).presets:
        if preset.name:
            yield preset.name, preset.profile


@_offering
def regions(_paths: "Paths") -> Offered:
    """Give AWS's regions."""
    from keeplit.adapters import aws_regions

    for region in aws_regions.known():
        yield region, ""


@_offering
def models(paths: "Paths") -> Offered:
    """Give the aliases, and the profiles of the list that was asked last."""
    from keeplit.engine import models as engine

    yield from ALIASES
    listing = engine.cached(paths, os.environ, None, engine.region(paths, os.environ))
    for one in listing.profiles:
        yield one.id, one.name
