"""A release: what may be one, and the workflow that makes it, read as GitHub reads it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

import keeplit
from installers import freezing
from installers.macos.formula import pins
from installers.release_check import main, notes
from tests.end_to_end.packages import INSTALLERS, LOCK, ROOT, tool

WORKFLOWS = ROOT / ".github" / "workflows"
RELEASE_LOCK = ROOT / ".ci" / "release.txt"
CHANGELOG = """\
# Changelog

## [Unreleased]

## [1.2.3] - 2026-11-21

### Added

- A flame.

## [1.2.2] - 2026-11-01

- A spark.

## [1.2.1]

- No date.

## [1.2.0] - 2026-10-01

Nothing.
"""


def test_a_release_says_what_changed() -> None:
    """It is told what its section says, and nothing of the others; the oldest section ends with the file."""
    assert notes("v1.2.3", "1.2.3", CHANGELOG) == "### Added\n\n- A flame.\n"
    assert notes("v1.2.2", "1.2.2", CHANGELOG) == "- A spark.\n"


@pytest.mark.parametrize(
    ("tag", "version", "complaint"),
    [
        ("v1.2.4", "1.2.3", "the tag is v1.2.4, and the package says 1.2.3"),
        ("1.2.3", "1.2.3", "they must be the same"),
        ("v1.2.4", "1.2.4", r"has no section \[1.2.4\]"),
        ("vUnreleased", "Unreleased", "is no version of a release"),
        ("v1.2.1", "1.2.1", r"\[1.2.1\] has no date"),
        ("v1.2.0", "1.2.0", r"\[1.2.0\] says nothing"),
    ],
)
def test_what_is_no_release_is_refused(tag: str, version: str, complaint: str) -> None:
    """Each reason is said."""
    with pytest.raises(SystemExit, match=complaint):
        notes(tag, version, CHANGELOG)


def test_the_tag_is_held_to_this_tree() -> None:
    """The command reads the package's version and the changelog; it wants one tag."""
    with pytest.raises(SystemExit, match=f"the tag is v0.0.0, and the package says {keeplit.__version__}"):
        main(["v0.0.0"])
    with pytest.raises(SystemExit, match="name one tag"):
        main([])


def test_there_is_one_version() -> None:
    """What packages are built with is the package's own version; no other file of theirs says one."""
    assert freezing.version() == keeplit.__version__
    texts = [path for folder in (INSTALLERS, WORKFLOWS) for path in folder.rglob("*") if path.suffix != ".pyc"]
    saying = re.compile(rf"(?<![\w.]){re.escape(keeplit.__version__)}(?![\w.])".encode())
    assert [path.name for path in texts if path.is_file() and saying.search(path.read_bytes())] == []


def test_the_readme_names_files_that_are_there() -> None:
    """Each file of a system that is named lies where it is said to."""
    named = re.findall(r"`((?:linux|macos|windows)[/\\][\w.-]+)`", (INSTALLERS / "README.md").read_text("utf-8"))
    assert len(named) >= 10
    assert [name for name in named if not (INSTALLERS / name.replace("\\", "/")).exists()] == []


def test_the_lock_of_releases_is_that_of_the_tests() -> None:
    """What is frozen is what was tested: each library has the same version and hashes in both locks."""
    tested, released = pins(LOCK.read_text("utf-8")), pins(RELEASE_LOCK.read_text("utf-8"))
    both = tested.keys() & released.keys()
    assert {name: released[name].hashes for name in both} == {name: tested[name].hashes for name in both}
    assert {"pyinstaller", "botocore", "msgspec", "watchdog"} <= released.keys()
    frozen_alone = {"altgraph", "macholib", "pefile", "pyinstaller", "pyinstaller-hooks-contrib", "pywin32-ctypes"}
    assert released.keys() - tested.keys() <= frozen_alone | {"setuptools"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a workflow's job."""

    job: str
    name: str
    said: Mapping[str, Any]

    @property
    def run(self) -> str:
        """Return its script; empty where it has none."""
        return str(self.said.get("run", ""))


def workflow(name: str) -> dict[Any, Any]:
    """Read a workflow."""
    found: dict[Any, Any] = yaml.safe_load((WORKFLOWS / name).read_text("utf-8"))
    return found


def steps(found: Mapping[str, Any]) -> Iterator[Step]:
    """Give the steps of all jobs."""
    for job, said in found["jobs"].items():
        for number, step in enumerate(said["steps"], 1):
            yield Step(job, str(step.get("name", step.get("uses", number))), step)


NAMES = sorted(path.name for path in WORKFLOWS.glob("*.yml"))
SCRIPTS = [
    pytest.param(step, id=f"{name}-{step.job}-{step.name}")
    for name in NAMES
    for step in steps(workflow(name))
    if step.run
]
PINNED = re.compile(r"(actions/[\w-]+@v\d+|pypa/gh-action-pypi-publish@release/v1|[\w./-]+@[0-9a-f]{40})")


@pytest.mark.parametrize("step", SCRIPTS)
def test_a_script_of_a_workflow_is_sound(step: Step, tmp_path: Path) -> None:
    """Shellcheck finds nothing in it; what GitHub puts in is a word there."""
    script = tmp_path / "script"
    script.write_text("#!/bin/bash\nset -e\n" + re.sub(r"\$\{\{.*?\}\}", "word", step.run), "utf-8")
    done = subprocess.run([tool("shellcheck"), str(script)], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == ""


@pytest.mark.parametrize("step", SCRIPTS)
def test_a_loop_does_not_swallow_a_failure(step: Step) -> None:
    """What fails within the words of a loop is seen by nobody, and the loop then does nothing: they are made before."""
    assert re.findall(r"\bfor \w+ in [^;\n]*\$\(.*", step.run) == []


@pytest.mark.parametrize("step", SCRIPTS)
def test_what_comes_from_outside_is_no_part_of_a_script(step: Step) -> None:
    """A tag's name could hold a command: what people choose reaches a script through its environment alone."""
    assert re.findall(r"\$\{\{\s*(?:github|inputs|env)\.[^}]*\}\}", step.run) == []


@pytest.mark.parametrize("name", NAMES)
def test_actions_are_pinned_and_may_do_little(name: str) -> None:
    """Each action is at a release, and the token may read alone where a job does not say more."""
    found = workflow(name)
    used = [step.said["uses"] for step in steps(found) if "uses" in step.said]
    assert [one for one in used if not PINNED.fullmatch(one)] == []
    assert found["permissions"] in ({}, {"contents": "read"})
    assert [job for job, said in found["jobs"].items() if "timeout-minutes" not in said] == []


def test_the_release_names_files_that_are_there() -> None:
    """Each path and module of the repository that the workflow names exists."""
    text = (WORKFLOWS / "release.yml").read_text("utf-8")
    named = set(re.findall(r"(?<![\w/.-])((?:installers|\.ci|tests|\.github)/[\w./-]+)", text))
    modules = {f"{one.replace('.', '/')}.py" for one in re.findall(r"-m (installers[\w.]+)", text)}
    assert len(named) + len(modules) >= 5
    assert [path for path in sorted(named | modules) if "$" not in path and not (ROOT / path).exists()] == []
    for system in ("linux", "macos", "windows"):
        assert (ROOT / "installers" / system / "keeplit.spec").is_file()


def test_nothing_is_published_that_was_not_checked() -> None:
    """Publishing waits for the check of the version, every build and the signed provenance."""
    jobs = workflow("release.yml")["jobs"]

    def before(job: str) -> set[str]:
        needs = jobs[job].get("needs", [])
        direct = {needs} if isinstance(needs, str) else set(needs)
        return direct.union(*(before(one) for one in direct)) if direct else set()

    builds = {"check", "python", "debian", "frozen", "sign"}
    assert builds <= before("publish")
    assert builds <= before("index")
    asks = {job: said.get("permissions", {}) for job, said in jobs.items()}
    assert asks["sign"] == {"attestations": "write", "contents": "read", "id-token": "write"}
    assert asks["index"] == {"id-token": "write"}
    assert [job for job, may in asks.items() if may.get("contents") == "write"] == ["publish"]


def test_a_version_starts_it() -> None:
    """The pattern takes versions and nothing else that a branch or a note could be called."""
    on = workflow("release.yml")[True]  # YAML 1.1 reads the key `on` so
    assert on == {"push": {"tags": ["v[0-9]+.[0-9]+.[0-9]+*"]}}
