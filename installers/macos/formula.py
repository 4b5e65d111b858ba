"""Prints a Homebrew formula: keeplit's own source, and as resources the locked libraries that a Mac needs.

Law: versions and hashes are the lock's; where a file lies is asked of the index at release time, and one whose hash the
lock does not name is not taken. Nothing here is kept in the repository: it is true for one release.

    python -m installers.macos.formula --sdist FILE --at ADDRESS --homepage ADDRESS --index ADDRESS > keeplit.rb
"""

import argparse
import hashlib
import json
import re
import sys
import urllib.request
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from importlib import metadata
from pathlib import Path
from urllib.parse import urldefrag, urljoin

from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

LOCK = Path(__file__).resolve().parents[2] / ".ci" / "requirements.txt"
PYTHON = "3.13"
MAC = {
    "platform_machine": "arm64",
    "platform_python_implementation": "CPython",
    "sys_platform": "darwin",
    "platform_system": "Darwin",
    "os_name": "posix",
    "python_version": PYTHON,
    "python_full_version": f"{PYTHON}.0",
}
ELSEWHERE = {**MAC, "sys_platform": "linux", "platform_system": "Linux"}
HOMEBREWS = frozenset({"pillow"})  # Homebrew has it built, with the libraries that it wants
HASHES = r"(?P<hashes>(?: +--hash=sha256:\w{64})+)"
PIN = re.compile(r"(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?: ; (?P<marker>[^:]+?))?" + HASHES)
PURE_WHEEL = re.compile(r"[.-]py3[^-]*-none-any\.whl$")  # what Homebrew installs where there is no source package
JSON = "application/vnd.pypi.simple.v1+json"
ACCEPT = f"{JSON}, text/html;q=0.5"
PATIENCE = 60.0

FORMULA = """\
# Made by installers/macos/formula.py for this release; changes belong there.
class Keeplit < Formula
  include Language::Python::Virtualenv

  desc "Keeps AWS sign-ins lit while Claude Code runs on Amazon Bedrock"
  homepage "{homepage}"
  url "{url}"
  sha256 "{sha256}"
  license "Apache-2.0"

  depends_on :macos
  depends_on "pillow"
  depends_on "python@{python}"
{resources}
  def install
    virtualenv_install_with_resources
  end

  def caveats
    <<~EOS
      Start it now and at each login:
        keeplit autostart enable
      It signs in through AWS CLI v2; without it you type a code instead:
        brew install awscli
      Before `brew uninstall keeplit`, bring your files back to what they were:
        keeplit uninstall
    EOS
  end

  test do
    assert_equal "keeplit, version #{{version}}", shell_output("#{{bin}}/keeplit --version").strip
    assert_match "\\"schema\\": 1", shell_output("#{{bin}}/keeplit status --json")
  end
end
"""
RESOURCE = """
  resource "{name}" do
    url "{url}"
    sha256 "{sha256}"
  end
"""


@dataclass(frozen=True, slots=True)
class Pin:
    """One line of the lock."""

    name: str
    version: str
    hashes: frozenset[str]
    marker: Marker | None = None

    def holds(self, environment: Mapping[str, str]) -> bool:
        """Whether a system needs it."""
        return self.marker is None or self.marker.evaluate(dict(environment))


@dataclass(frozen=True, slots=True)
class File:
    """One file that an index lists."""

    name: str
    url: str
    sha256: str


def pins(text: str) -> dict[str, Pin]:
    """Return the lines of a lock by their canonical names. Raises `SystemExit` for one that is none."""
    found: dict[str, Pin] = {}
    for line in text.replace("\\\n", "").splitlines():
        pin = PIN.fullmatch(line.strip())
        if pin is None:
            raise SystemExit(f"formula: the lock has a line that pins nothing: {line[:60]!r}")
        name = canonicalize_name(pin["name"])
        marker = Marker(pin["marker"]) if pin["marker"] else None
        found[name] = Pin(name, pin["version"], frozenset(re.findall(r"sha256:(\w{64})", pin["hashes"])), marker)
    return found


def needed(requirements: Sequence[str], locked: Mapping[str, Pin]) -> list[Pin]:
    """Return what a Mac needs of the lock: these requirements and theirs, as far as their metadata is installed here.

    On another system the libraries that only a Mac has are not installed; the lock says which they are. Raises
    `SystemExit` where one is not locked.
    """
    environment: dict[str, str] = {**{name: str(value) for name, value in default_environment().items()}, **MAC}
    wanted = [one for one in map(Requirement, requirements) if _holds(one, environment)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while wanted:
        one = wanted.pop()
        name, extras = canonicalize_name(one.name), frozenset(one.extras)
        if name not in locked:
            raise SystemExit(f"formula: {name} is not locked; do: make lock")
        if (name, extras) not in seen:
            seen.add((name, extras))
            wanted += [theirs for theirs in map(Requirement, _requires(name)) if _holds(theirs, environment, extras)]
    found = {name for name, _ in seen}
    found |= {
        name for name, pin in locked.items() if pin.holds(environment) and not pin.holds({**environment, **ELSEWHERE})
    }
    return [locked[name] for name in sorted(found - HOMEBREWS)]


def _requires(name: str) -> list[str]:
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []


def _holds(one: Requirement, environment: Mapping[str, str], extras: Collection[str] = ()) -> bool:
    return one.marker is None or any(one.marker.evaluate({**environment, "extra": it}) for it in ("", *extras))


class Page(HTMLParser):
    """A project's page as PEP 503 has it."""

    def __init__(self, where: str) -> None:
        """Be ready to be fed with what lies at an address."""
        super().__init__()
        self.where = where
        self.files: list[File] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link."""
        href = dict(attrs).get("href") if tag == "a" else None
        if href:
            url, fragment = urldefrag(urljoin(self.where, href))
            self.files.append(File(url.rsplit("/", 1)[-1], url, fragment.removeprefix("sha256=")))


def listed(index: str, name: str) -> list[File]:
    """Return the files that an index has of a project (PEP 691, or PEP 503 where it knows no JSON)."""
    where = f"{index.rstrip('/')}/{name}/"
    if not where.startswith(("https://", "http://127.0.0.1:")):
        raise SystemExit(f"formula: {index} is no https address")
    asked = urllib.request.Request(where, headers={"Accept": ACCEPT})  # noqa: S310  # checked above
    with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310  # as above
        text, where = answer.read().decode(), answer.url
        if JSON.split("/")[1] in answer.headers.get_content_type():
            told = json.loads(text)["files"]
            return [File(one["filename"], urljoin(where, one["url"]), one["hashes"].get("sha256", "")) for one in told]
    page = Page(where)
    page.feed(text)
    return page.files


def source(pin: Pin, files: Sequence[File]) -> File:
    """Return a library's locked source package, or else its wheel for any machine. Raises `SystemExit`."""
    ours = sorted((one for one in files if one.sha256 in pin.hashes and _is(pin, one.name)), key=_is_wheel)
    if not ours:
        raise SystemExit(f"formula: the index has no source of {pin.name} {pin.version} with a locked hash")
    if not ours[0].url.startswith("https://"):
        raise SystemExit(f"formula: {ours[0].url} is no https address")
    return ours[0]


def _is(pin: Pin, file: str) -> bool:
    try:
        found = parse_wheel_filename(file)[:2] if _is_wheel_name(file) else parse_sdist_filename(file)
    except (InvalidSdistFilename, InvalidWheelFilename):
        return False
    return found[0] == pin.name and str(found[1]) == pin.version


def _is_wheel(file: File) -> bool:
    return _is_wheel_name(file.name)


def _is_wheel_name(name: str) -> bool:
    return PURE_WHEEL.search(name) is not None


def resources(locked: Sequence[Pin], index: str) -> Iterator[str]:
    """Give the resource of each library."""
    for pin in locked:
        file = source(pin, listed(index, pin.name))
        yield RESOURCE.format(name=pin.name, url=file.url, sha256=file.sha256)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the formula."""
    parser = argparse.ArgumentParser(description="Print keeplit's Homebrew formula for one release.")
    parser.add_argument("--sdist", type=Path, required=True, help="keeplit's own source package")
    parser.add_argument("--at", required=True, help="the address where that will lie")
    parser.add_argument("--homepage", required=True, help="the address of the project")
    parser.add_argument("--index", required=True, help="the address of a simple package index (PEP 503, PEP 691)")
    parser.add_argument("--lock", type=Path, default=LOCK, help="the lock; default: .ci/requirements.txt")
    asked = parser.parse_args(arguments)
    project = metadata.requires("keeplit") or []
    found = needed([one for one in project if "extra ==" not in one], pins(asked.lock.read_text("utf-8")))
    sys.stdout.write(
        FORMULA.format(
            homepage=asked.homepage,
            url=asked.at,
            sha256=hashlib.sha256(asked.sdist.read_bytes()).hexdigest(),
            python=PYTHON,
            resources="".join(resources(found, asked.index)),
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
