"""The AWS config and credentials files: their profiles and sessions, as botocore reads them.

Law: botocore's own parser and precedence, so that we never keep what no AWS tool would use. Nothing is guessed from a
file that botocore refuses: the last good reading stands, and a problem with its line says what to do. The reading is
kept by the files' content.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO, TextIOWrapper
from pathlib import Path

from keeplit.adapters import files as disk
from keeplit.core.aws_profiles import Section, head, profiles_of, sessions_of
from keeplit.core.model import Problem, Profile, Session

MOST_BYTES = 8 << 20
BOM = b"\xef\xbb\xbf"
HOME = "USERPROFILE" if os.name == "nt" else "HOME"
OPTION, HEADER = re.compile(r"([A-Za-z0-9_]+)[ \t]*=(.*)"), re.compile(r"\[([^\[\]]+)\][ \t]*")
DEFAULTS = "DEFAULT"  # the section that configparser takes to belong to all
QUOTING = re.compile(r"[\"'\\]")
WORDS = re.compile(r"[^ \t\r\n]+")  # where nothing is quoted, this is what shlex finds, in a tenth of its time


@dataclass(frozen=True, slots=True)
class AwsConfig:
    """Both files, read; `digest` tells one content from another."""

    sessions: tuple[Session, ...] = ()
    profiles: tuple[Profile, ...] = ()
    problems: tuple[Problem, ...] = ()
    digest: str = ""


class Broken(Exception):  # noqa: N818  # it becomes a Problem
    """A file that botocore refuses whole; its text says where and why, and shows none of the file, which holds keys."""

    def __init__(self, path: Path, line: int | None, why: str) -> None:
        """Name the file, the line where it is known, and what is wrong there."""
        super().__init__(f"{path}, line {line}: {why}." if line else f"{path}: {why}.")
        self.path = path


def files(environ: Mapping[str, str]) -> tuple[Path, Path]:
    """Return the config file and the credentials file, by the environment or in ``~/.aws``."""
    config = _place(environ, environ.get("AWS_CONFIG_FILE") or "~/.aws/config")
    return config, _place(environ, environ.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials")


def _place(environ: Mapping[str, str], named: str) -> Path:
    """Return a path as botocore expands it, by the home of `environ`."""
    path = os.path.expandvars(named)
    if path.replace(os.sep, "/").partition("/")[0] != "~":
        return Path(path)
    return Path(environ.get(HOME) or Path("~").expanduser(), path[2:])


def read(environ: Mapping[str, str], kept: AwsConfig | None = None) -> AwsConfig:
    """Return both files, read; `kept` itself where neither has changed. Raises nothing for bad content."""
    paths = files(environ)
    try:
        contents = [disk.read(path, MOST_BYTES) for path in paths]
    except disk.FileTrouble as trouble:
        problem = Problem("aws_config_unreadable", f"{trouble}.", "make it readable for you", str(paths[0]))
        return replace(kept or AwsConfig(), problems=(problem,), digest="")
    digest = sha256(b"\0".join(content or b"" for content in contents)).hexdigest()
    if kept is not None and kept.digest == digest:
        return kept
    config_path, credentials_path = paths
    try:
        raw = _parsed(config_path, contents[0])
        keys = _parsed(credentials_path, contents[1])
    except Broken as broken:
        fix = "correct that line: no AWS tool can read the file; what was read before it stands here, if anything"
        problem = Problem("aws_config_broken", str(broken), fix, str(broken.path))
        return replace(kept or AwsConfig(), problems=(problem,), digest=digest)
    return replace(_read(raw, keys), digest=digest)


def _parsed(path: Path, content: bytes | None) -> Mapping[str, Section]:
    """Return the sections of a file, from its bytes, as ``botocore.configloader.raw_config_parse`` does. `Broken`.

    Not by that function: it reads the file again, which may say something else by then, and takes five times as long.
    """
    if not content:
        return {}
    if content.startswith(BOM):
        raise Broken(path, 1, "the file begins with a byte order mark; save it as UTF-8 without one")
    try:
        text = TextIOWrapper(BytesIO(content)).read()  # decoded as a file that is opened: the locale says how
    except UnicodeDecodeError as error:
        raise Broken(path, _line(error, content), _why(error)) from None
    plain = _plain(text)
    return plain if plain is not None else _odd(path, text, content)


def _odd(path: Path, text: str, content: bytes) -> Mapping[str, Section]:
    """Return what configparser itself makes of a file. Raises `Broken`."""
    from configparser import Error, RawConfigParser  # late: most files are plain, and it is slow to import

    try:
        parser = RawConfigParser()
        parser.read_string(text)
        return {header: {key: _value(value) for key, value in parser.items(header)} for header in parser.sections()}
    except Error as error:
        raise Broken(path, _line(error, content), _why(error)) from None
    except ValueError:
        raise Broken(path, None, "a line of a nested block has no '='") from None


def _plain(text: str) -> Mapping[str, Section] | None:
    """Return what configparser makes of the plainest files; None for one that holds anything else, or an error."""
    sections: dict[str, dict[str, str]] = {}
    section: dict[str, str] | None = None
    for line in text.split("\n"):
        if (option := OPTION.fullmatch(line)) is not None:
            key = option[1].lower()
            if section is None or key in section:
                return None
            section[key] = option[2].strip()
        elif (header := HEADER.fullmatch(line)) is not None:
            if header[1] in sections or header[1] == DEFAULTS:
                return None
            section = sections[header[1]] = {}
        elif line.strip(" \t") and line[0] not in "#;":
            return None
    return sections


def _value(text: str) -> str | Mapping[str, str]:
    """Return a value, or the nested block that begins on a line of its own. Raises ValueError for a broken one."""
    if not text.startswith("\n"):
        return text
    pairs = [line.split("=", 1) for line in map(str.strip, text.splitlines()) if line]
    return {key.strip(): value.strip() for key, value in pairs}


def _line(error: Exception, content: bytes) -> int | None:
    """Return the line that an error of configparser means, where it means one."""
    if isinstance(error, UnicodeDecodeError):
        lines = content.splitlines()
        return next(
            (at for at, line in enumerate(lines, 1) if "\ufffd" in line.decode(error.encoding, "replace")), None
        )
    said = [getattr(error, "lineno", None), *(at for at, _ in getattr(error, "errors", ()))]
    return next((line for line in said if isinstance(line, int)), None)


def _why(error: Exception) -> str:
    said = {
        "DuplicateSectionError": "this section stands twice",
        "DuplicateOptionError": "this key stands twice in its section",
        "MissingSectionHeaderError": "there is text before the first [section]",
        "UnicodeDecodeError": "it is not UTF-8",
    }
    return said.get(type(error).__name__, "it cannot be parsed")


def _read(raw: Mapping[str, Section], keys: Mapping[str, Section]) -> AwsConfig:
    """Return what the sections mean."""
    profiles, sessions, problems = _sorted(raw, keys)
    found, wrong_sessions = sessions_of(sessions, profiles)
    read_profiles, wrong_profiles = profiles_of(profiles, found)
    return AwsConfig(found, read_profiles, (*problems, *wrong_sessions, *wrong_profiles))


def sections(environ: Mapping[str, str]) -> tuple[Mapping[str, Section], Mapping[str, Section]]:
    """Return the profiles' and the sso-sessions' sections as they stand, by bare name; none where a file is broken."""
    try:
        raw, keys = (_parsed(path, disk.read(path, MOST_BYTES)) for path in files(environ))
    except (disk.FileTrouble, Broken):
        return {}, {}
    return _sorted(raw, keys)[:2]


def _sorted(
    raw: Mapping[str, Section], keys: Mapping[str, Section]
) -> tuple[dict[str, Section], dict[str, Section], list[Problem]]:
    """Return profiles and sessions; a section whose name cannot be split is dropped, as botocore does, but said."""
    profiles: dict[str, Section] = {}
    sessions: dict[str, Section] = {}
    problems: list[Problem] = []
    for header, section in raw.items():
        kind = next((word for word in ("profile", "sso-session") if header.startswith(word)), "")
        if header == "default":
            profiles["default"] = section
            continue
        name = _name(header) if kind else None
        if not kind and any(key.startswith("sso_") for key in section):
            problems.append(_no_profile(header))
        if kind and not name:
            problems.append(_dropped(header, kind))
        if name:
            (profiles if kind == "profile" else sessions)[name] = section
    for name, section in keys.items():
        profiles[name] = {**profiles.get(name, {}), **section}
    return profiles, sessions, problems


def _name(header: str) -> str | None:
    try:
        parts = _unquoted(header) if QUOTING.search(header) else WORDS.findall(header)
    except ValueError:
        return None
    return parts[1] if len(parts) == 2 else None  # noqa: PLR2004  # the kind and the name


def _unquoted(header: str) -> list[str]:
    import shlex  # late: seldom is a name quoted

    return shlex.split(header)


def _no_profile(header: str) -> Problem:
    return Problem(
        "section_dropped",
        f"AWS tools see no profile in the section [{header}], since its name does not begin with that word.",
        f"write [profile {header}]",
        header,
    )


def _dropped(header: str, kind: str) -> Problem:
    name = header.removeprefix(kind).strip()
    return Problem(
        "section_dropped",
        f"AWS tools drop the section [{header}] without a word, since its name is not one word.",
        f"put the name in quotes, {head(kind, name)}, or better: take one without spaces and quotes",
        header,
    )
