import ast
from pathlib import Path

from keeplit.core import exit_codes

NAMES = ("DONE", "FAILED", "USAGE", "SIGN_IN", "NOT_SET_UP")
PACKAGE = Path(exit_codes.__file__).parent.parent


def numbers(module: Path) -> set[str]:
    """Return the names of exit codes that a module makes numbers of by itself."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Assign):
            held = [one for one in ast.walk(node.value) if isinstance(one, ast.Constant)]
            names = {one.id for target in node.targets for one in ast.walk(target) if isinstance(one, ast.Name)}
            found |= names & set(NAMES) if held and all(isinstance(one.value, int) for one in held) else set()
    return found


def test_scripts_depend_on_these_numbers() -> None:
    """They are those of the design, and change for nobody."""
    assert tuple(getattr(exit_codes, name) for name in NAMES) == (0, 1, 2, 3, 4)


def test_they_are_written_down_once() -> None:
    """A second list of them could say something else."""
    found = {path.relative_to(PACKAGE).as_posix(): numbers(path) for path in PACKAGE.rglob("*.py")}
    assert {path: names for path, names in found.items() if names} == {"core/exit_codes.py": set(NAMES)}
