"""Says whether this tree may be released as a tag says, and prints what the release is to say of itself.

Law: there is one version, that of the package; a release has a dated section in CHANGELOG.md with something in it.

    python -m installers.release_check v1.2.3 > notes.md
"""

import re
import sys
from collections.abc import Sequence
from datetime import date

from installers.freezing import ROOT, version

RELEASE = re.compile(r"\d+\.\d+\.\d+((a|b|rc)\d+)?")
HEADING = re.compile(r"^## \[(?P<name>[^\]]+)\](?: - (?P<date>\S+))?[ \t]*$", re.MULTILINE)
CHANGE = re.compile(r"^- \S", re.MULTILINE)


def notes(tag: str, version: str, changelog: str) -> str:
    """Return what CHANGELOG.md says of a version. Raises `SystemExit` with a sentence where it may not be released."""
    if tag != f"v{version}":
        raise SystemExit(f"release: the tag is {tag}, and the package says {version}: they must be the same")
    if not RELEASE.fullmatch(version):
        raise SystemExit(f"release: {version} is no version of a release; write for example 1.2.3 or 1.2.3rc1")
    headings = list(HEADING.finditer(changelog))
    found = next((place for place, one in enumerate(headings) if one["name"] == version), None)
    if found is None:
        raise SystemExit(f"release: CHANGELOG.md has no section [{version}]; move what is unreleased into one")
    try:
        date.fromisoformat(headings[found]["date"] or "")
    except ValueError:
        raise SystemExit(f"release: the section [{version}] has no date; write: ## [{version}] - 2026-01-31") from None
    end = headings[found + 1].start() if found + 1 < len(headings) else len(changelog)
    section = changelog[headings[found].end() : end].strip()
    if not CHANGE.search(section):
        raise SystemExit(f"release: the section [{version}] says nothing")
    return section + "\n"


def main(arguments: Sequence[str]) -> int:
    """Print the notes of the release that a tag names."""
    if len(arguments) != 1:
        raise SystemExit("release: name one tag, for example v1.2.3")
    sys.stdout.write(notes(arguments[0], version(), (ROOT / "CHANGELOG.md").read_text("utf-8")))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
