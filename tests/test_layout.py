"""The shape of the repository, checked: each rule is a function from a tree to complaints, and is seen to fail."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import conftest

ROOT = Path(__file__).parent.parent
LAYERS = ("core", "adapters", "engine", "ui")
LONGEST = 260
VAGUE = re.compile(r"(^|_)(base|common|helpers?|managers?|misc|shared|utils?)($|_)")
AT_THE_ROOT = frozenset(
    {
        ".ci",
        ".claude-plugin",
        ".github",
        ".gitignore",
        "CHANGELOG.md",
        "LICENSE",
        "Makefile",
        "README.md",
        "assets",
        "daemon",
    }
    | {"installers", "pyproject.toml", "tests"}
)
PURE = re.compile(
    r"(__future__|base64|bisect|calendar|collections|dataclasses|datetime|decimal|email\.utils|enum|fractions|functools|hashlib"
    r"|heapq|ipaddress|itertools|json|keeplit|math|operator|re|shlex|string|textwrap|types|typing|unicodedata|urllib\.parse)"
    r"(\..+)?"
)
NOT_OURS = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|proxy\.golang\.org|crates\.io"
    r"|(?<![\w.~/-])/(?:root|work|opt/pypi)/[\w.]"
)

Rule = Callable[[Path], Iterator[str]]


def modules(root: Path, *layers: str) -> Iterator[Path]:
    """Give the package's modules, those of some layers or all, without `__init__`."""
    for folder in [root / "daemon" / "keeplit" / layer for layer in layers] or [root / "daemon" / "keeplit"]:
        yield from (path for path in sorted(folder.rglob("*.py")) if path.stem != "__init__")


def files(root: Path) -> Iterator[Path]:
    """Give the files that are, or would be, in version control; those of a planted tree are simply all."""
    if root != ROOT:
        yield from sorted(path for path in root.rglob("*") if path.is_file())
        return
    conftest.real_part("a git checkout", found=(root / ".git").exists())
    # The checkout may belong to another user than the one who tests, as in a container.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout
    yield from (root / name for name in os.fsdecode(listed).split("\0") if name and (root / name).is_file())


def mirrored(root: Path) -> Iterator[str]:
    """Each module of a layer has a test file of its name."""
    for layer in LAYERS:
        for path in modules(root, layer):
            inside = path.relative_to(root / "daemon" / "keeplit")
            mirror = root / "tests" / inside.with_name(f"test_{path.name}")
            if not mirror.is_file():
                yield f"{inside.as_posix()} has no {mirror.relative_to(root).as_posix()}"


def short(root: Path) -> Iterator[str]:
    """A module is one idea, and fits its limit."""
    for path in modules(root):
        lines = len(path.read_text("utf-8").splitlines())
        if lines > LONGEST:
            yield f"{path.name} has {lines} lines"


def named(root: Path) -> Iterator[str]:
    """No module has a name that would fit anything."""
    return (path.name for path in modules(root) if VAGUE.search(path.stem))


def explained(root: Path) -> Iterator[str]:
    """Each test says in a sentence what it holds to."""
    for path in sorted((root / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    if name.startswith("test_") and not ast.get_docstring(node):
                        yield f"{path.name}: {name}"


def pure(root: Path) -> Iterator[str]:
    """Core imports nothing but itself and what computes."""
    for path in modules(root, "core"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or "." * node.level]
            yield from (f"{path.name}: {name}" for name in names if not PURE.fullmatch(name))


def bare(root: Path) -> Iterator[str]:
    """The root holds only what belongs there."""
    return iter(sorted({path.relative_to(root).parts[0] for path in files(root)} - AT_THE_ROOT))


def portable(root: Path) -> Iterator[str]:
    """No file names a package index or the machine on which it was written."""
    for path in files(root):
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if NOT_OURS.search(line):
                yield f"{path.relative_to(root).as_posix()}:{number}"


def locked(root: Path) -> Iterator[str]:
    """Every dependency is pinned by version and hash in the locks, which name no place to get it from."""
    texts = [path.read_text("utf-8").replace("\\\n", "") for path in sorted((root / ".ci").glob("*.txt"))]
    pins = {}
    for line in (line for text in texts for line in text.splitlines() if not line.startswith("#")):
        pin = re.fullmatch(r"([\w.-]+)==[^\s;]+( ; [^:]+?)?((?: +--hash=sha256:[0-9a-f]{64})+) *", line)
        if pin is None:
            yield line[:60]
        else:
            pins[pin[1].lower()] = pin
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    wanted = list(project["project"]["dependencies"])
    for group in project.get("dependency-groups", {}).values():
        wanted += group
    for requirement in wanted:
        name = re.split(r"[^\w.-]", requirement)[0].lower()
        if name not in pins:
            yield f"{name} is not locked"


RULES: tuple[Rule, ...] = (mirrored, short, named, explained, pure, bare, portable, locked)

BROKEN: dict[Rule, tuple[str, str, str]] = {
    mirrored: ("daemon/keeplit/ui/lamp.py", "", "ui/lamp.py has no tests/ui/test_lamp.py"),
    short: ("daemon/keeplit/core/lamp.py", "\n" * 261, "lamp.py has 261 lines"),
    named: ("daemon/keeplit/core/lamp_helpers.py", "", "lamp_helpers.py"),
    explained: ("tests/core/test_lamp.py", "def test_it_burns(): pass", "test_lamp.py: test_it_burns"),
    pure: ("daemon/keeplit/core/lamp.py", "def burn():\n    from os.path import join", "lamp.py: os.path"),
    bare: ("notes.txt", "", "notes.txt"),
    portable: ("README.md", "Lamps\nsee https://" + "pypi" + ".org/lamp", "README.md:2"),
    locked: (".ci/requirements.txt", "lamp @ file:lamps", "lamp @ file:lamps"),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_repository_keeps_its_rules(rule: Rule) -> None:
    """The repository gives no cause for complaint."""
    assert list(rule(ROOT)) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_broken_rule_is_seen(rule: Rule, tmp_path: Path) -> None:
    """One planted fault is one complaint."""
    name, text, complaint = BROKEN[rule]
    root = tmp_path / "tree"
    for path, content in {"pyproject.toml": "project.dependencies = []", name: text}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, "utf-8")

    assert list(rule(root)) == [complaint]


@pytest.mark.parametrize(
    ("text", "complaints"),
    [
        ("sees /" + "work/main/x", 1),
        ("sees /" + "root/.aws", 1),
        ("a profile named work/main, in work/x and sso/work/x", 0),
    ],
)
def test_paths_of_a_machine_are_told_from_names(text: str, complaints: int, tmp_path: Path) -> None:
    """A path of the machine is a complaint, a word that looks like one is not."""
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "README.md").write_text(text, "utf-8")
    assert len(list(portable(tmp_path / "tree"))) == complaints


def test_a_dependency_missing_from_the_lock_is_seen(tmp_path: Path) -> None:
    """A dependency added without `make lock` is a complaint."""
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "requirements.txt").write_text("wick==1 \\\n    --hash=sha256:" + "0" * 64 + "\n", "utf-8")
    (tmp_path / "pyproject.toml").write_text('project.dependencies = ["wick>=1", "Lamp[oil]>=2"]', "utf-8")
    assert list(locked(tmp_path)) == ["lamp is not locked"]


def test_a_missing_real_part_is_a_skip_or_where_required_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """KEEPLIT_REQUIRE_REAL=1 turns the skip into a failure, and a part that is there is neither."""
    conftest.real_part("the lamp", found=True)
    monkeypatch.setattr(conftest, "REQUIRE_REAL", False)
    with pytest.raises(pytest.skip.Exception, match="the lamp is not on this machine"):
        conftest.real_part("the lamp", found=False)
    monkeypatch.setattr(conftest, "REQUIRE_REAL", True)
    with pytest.raises(pytest.fail.Exception, match="KEEPLIT_REQUIRE_REAL=1 asks for it"):
        conftest.real_part("the lamp", found=False)


def test_no_test_sees_the_persons_home(own_home: Path) -> None:
    """The home folder of a test is an empty one of its own, and nothing of AWS or Claude Code is in its environment."""
    assert Path.home() == own_home
    assert list(own_home.iterdir()) == []
    assert [name for name in os.environ if name.startswith(("AWS_", "CLAUDE"))] == []
