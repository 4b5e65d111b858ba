"""What a turn reads, by folder and name: what may knock. A link is watched where it lies and where it leads."""

from pathlib import Path
from typing import TYPE_CHECKING

from keeplit.adapters import aws_config, sign_in_files
from keeplit.engine.world import RealWorld

if TYPE_CHECKING:
    from keeplit.adapters.watch import Names


def watched(world: RealWorld) -> "dict[Path, Names]":
    """Return the folders and the names in them that a turn reads: what may knock."""
    paths, contents = world.paths, world.guard.contents
    places = [paths.config_file, paths.journal, contents.path, contents.target, *aws_config.files(world.environment)]
    places += [paths.sso_cache / f"{session.key}.json" for session in (world.aws.sessions if world.aws else ())]
    names: dict[Path, set[str]] = {}
    for path in places:
        names.setdefault(path.parent, set()).add(path.name)
    found: dict[Path, Names] = {folder: frozenset(inside) for folder, inside in names.items()}
    return {**found, paths.wishes: is_wish, paths.asked: is_asked, paths.own: is_record}


def is_wish(name: str) -> bool:
    """Whether a file of the wishes' folder is a wish, and not one that is being written."""
    return name.endswith(".json") and not name.startswith(".")


def is_asked(name: str) -> bool:
    """Whether a file says that a profile was asked for."""
    return not name.startswith(".")


def is_record(name: str) -> bool:
    """Whether a file of our own folder beside AWS's cache is the record of a sign-in."""
    return name.endswith(sign_in_files.RECORD) and not name.startswith(".")
