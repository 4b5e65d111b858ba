"""Edits of the AWS config on a person's behalf: options are set and removed, all else stays as the person wrote it.

Law: text in, text out; what comes out is parsed again, and means what was asked for and nothing else. Where that cannot
be, or a name is taken for something else, nothing is changed, and `Unwritable` says why.
"""

import io
import shlex
from collections.abc import Mapping
from configparser import Error, RawConfigParser
from typing import TYPE_CHECKING

from keeplit.core.aws_profiles import REGION, START_URL, head
from keeplit.core.model import ACCOUNT_ACCESS, portal

if TYPE_CHECKING:
    from configupdater import ConfigUpdater

BOM = "\ufeff"
SCOPES = "sso_registration_scopes"
DEFAULT = "default"
KINDS = ("profile", "sso-session")
Sections = dict[str, dict[str, str]]


class Unwritable(Exception):  # noqa: N818  # it is said to a person
    """Why the config is left as it is: one sentence with what to do."""


def add_session(text: str, *, name: str, start_url: str, region: str) -> str:
    """Return the text with an sso-session; the same text where it is there with these values."""
    wanted = {START_URL: start_url, REGION: region, SCOPES: ACCOUNT_ACCESS}
    return _added(text, "sso-session", name, wanted, may_lack=frozenset({SCOPES}))


def add_profile(text: str, *, name: str, session: str, account: str, role: str, region: str) -> str:
    """Return the text with a profile of an sso-session; the same text where it is there with these values."""
    wanted = {"sso_session": session, "sso_account_id": account, "sso_role_name": role, "region": region}
    return _added(text, "profile", name, {key: value for key, value in wanted.items() if value})


def upgrade_legacy(text: str, *, profile: str, session: str) -> str:
    """Return the text with a profile's own start URL moved into an sso-session, which can be renewed silently."""
    sections = read(text)
    header = _header(sections, "profile", profile)
    own = sections.get(header, {})
    start_url, region = own.get(START_URL, ""), own.get(REGION, "")
    if not start_url or not region:
        raise Unwritable(f"{head('profile', profile)} has no {START_URL} and {REGION} of its own: nothing to upgrade")
    with_session = add_session(text, name=session, start_url=portal(start_url), region=region)
    return change(with_session, {(header, START_URL): None, (header, REGION): None, (header, "sso_session"): session})


def read(text: str) -> Sections:
    """Return what the text says by section, as configparser has it. Raises `Unwritable`."""
    parser = RawConfigParser()
    try:
        parser.read_string(text.removeprefix(BOM))
    except (Error, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = f", line {line}" if isinstance(line, int) else ""
        raise Unwritable(f"the AWS config cannot be understood{where}. Correct it, then try again") from None
    return {header: dict(parser.items(header)) for header in parser.sections()}


def differences(before: str, after: str) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    """Return each option that differs, by section and name: before and after (None: absent). Raises `Unwritable`."""
    old, new = _flat(read(before)), _flat(read(after))
    return {key: (old.get(key), new.get(key)) for key in {**old, **new} if old.get(key) != new.get(key)}


def change(text: str, changes: Mapping[tuple[str, str], str | None]) -> str:
    """Return the text with these options, by section and name, set or removed (None). Raises `Unwritable`.

    A section that an option needs is added at the end; one that loses its last option goes.
    """
    wanted = read(text)
    for (header, key), value in changes.items():
        if value is not None:
            wanted.setdefault(header, {})[key] = value
        else:
            wanted.get(header, {}).pop(key, None)
    if _filled(wanted) == _filled(read(text)):
        return text
    edited = _edited(text, changes)
    if _filled(read(edited)) != _filled(wanted):
        raise Unwritable("the AWS config is written in a way that cannot be edited safely; change it there yourself")
    return edited


def _added(text: str, kind: str, name: str, wanted: Mapping[str, str], may_lack: frozenset[str] = frozenset()) -> str:
    """Return the text with a section; what it may lack is added where it has all the rest."""
    sections = read(text)
    header = _header(sections, kind, name)
    there = sections.get(header)
    if there:
        other = [key for key, value in wanted.items() if there.get(key) != value and key not in may_lack]
        if other:
            raise Unwritable(f"{head(kind, name)} is there already, with another {other[0]}. Take another name for it")
    missing = {(header, key): value for key, value in wanted.items() if key not in (there or {})}
    return change(text, missing)


def _header(sections: Sections, kind: str, name: str) -> str:
    """Return the header of a section that is there, however it is quoted, else how it is to be written."""
    if kind == "profile" and name == DEFAULT and f"profile {DEFAULT}" not in sections:
        return DEFAULT
    found = (header for header in sections if _named(header) == (kind, name))
    return next(found, head(kind, name)[1:-1])


def _named(header: str) -> tuple[str, str] | None:
    try:
        kind, name = shlex.split(header)
    except ValueError:
        return None
    return kind, name


def _flat(sections: Sections) -> dict[tuple[str, str], str]:
    return {(header, key): value for header, options in sections.items() for key, value in options.items()}


def _filled(sections: Sections) -> Sections:
    return {header: options for header, options in sections.items() if options}


def _edited(text: str, changes: Mapping[tuple[str, str], str | None]) -> str:
    from configupdater import ConfigUpdater  # late: whoever only adds up what is there needs none of it

    plain = text.removeprefix(BOM)
    windows = "\r\n" in plain and "\n" not in plain.replace("\r\n", "")
    plain = plain.replace("\r\n", "\n") if windows else plain
    if plain and not plain.endswith("\n"):
        plain += "\n"
    document = ConfigUpdater()
    try:
        document.read_file(io.StringIO(plain))
        for (header, key), value in sorted(changes.items(), key=lambda one: one[1] is None):
            if value is None:
                _remove(document, header, key)
            else:
                _set(document, header, key, value)
        edited = str(document)
    except (Error, ValueError, LookupError, AttributeError):
        raise Unwritable("the AWS config is written in a way that cannot be edited; change it there yourself") from None
    edited = edited.replace("\n", "\r\n") if windows else edited
    return (BOM if text.startswith(BOM) else "") + edited


def _set(document: "ConfigUpdater", header: str, key: str, value: str) -> None:
    if not document.has_section(header):
        _end_with_blank(document)
        document.add_section(header)
    section = document[header]
    if key in section:
        section[key].value = value
        return
    last = next((option for option in reversed(list(section.iter_options()))), None)
    if last is None:
        section[key] = value
    else:  # before the comments and blank lines that lead to the next section
        last.add_after.option(key, value)


def _end_with_blank(document: "ConfigUpdater") -> None:
    text = str(document)
    last = next((block for block in reversed(list(document.iter_blocks()))), None)
    if last is not None and not text.endswith("\n\n"):
        last.add_after.space(1)


def _remove(document: "ConfigUpdater", header: str, key: str) -> None:
    if not document.has_section(header):
        return
    section = document[header]
    if key in section:
        del section[key]
    if not section.options() and not any(str(block).strip() for block in section.iter_blocks()):
        document.remove_section(header)
