"""The catalogue's part about files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import keeplit
from keeplit.core.catalogue import CATALOGUE, Severity
from keeplit.core.catalogue_files import FILES
from keeplit.core.deeds import Trouble
from keeplit.core.view import in_words

PACKAGE = Path(keeplit.__file__).parent
# Codes that are worked out: one of two of config.toml, which another test names, and doctor's own for a profile.
WORKED_OUT = {"adapters/config.py": "code", "engine/doctor_local.py": "unclear.code"}


def made() -> Iterator[tuple[str, str, bool]]:
    """Give each `Problem(...)` of the package: its module, its code as far as it stands there, and whether it does."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        known = {
            ast.unparse(line.targets[0]): line.value.value
            for line in tree.body
            if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                (given, *_) = [*node.args, *(word.value for word in node.keywords if word.arg == "code")]
                spelled = ast.unparse(given)
                code = given.value if isinstance(given, ast.Constant) else known.get(spelled)
                yield path.relative_to(PACKAGE).as_posix(), str(code or spelled), code is not None


def test_every_problem_that_is_made_is_in_the_catalogue() -> None:
    """Otherwise a person reads its code."""
    codes = {code for _, code, stands in made() if stands}
    assert len(codes) > 10
    assert codes - set(CATALOGUE) == set()
    assert {place: spelled for place, spelled, stands in made() if not stands} == WORKED_OUT


def test_nothing_stands_here_that_nobody_makes() -> None:
    """A code that is gone takes its words with it."""
    assert set(FILES) - {code for _, code, stands in made() if stands} == {"config_unknown"}


@pytest.mark.parametrize("code", FILES)
def test_a_problem_of_a_file_has_a_title_for_people(code: str) -> None:
    """The sentence and the next step are those of its reader; without a step there is one of the catalogue."""
    said = in_words(Trouble(code, "work", "line 3: so.", "do so"))
    assert (said["detail"], said["fix"]) == ("line 3: so.", "do so")
    assert code.replace("_", " ").capitalize() not in said["title"]
    assert said["severity"] in {str(severity) for severity in Severity}
    assert in_words(Trouble(code, "work", "line 3: so."))["fix"]
