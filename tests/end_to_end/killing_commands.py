"""Whole commands that are killed at a step: ``python -m tests.end_to_end.killing_commands``, orders as killing.py's."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from tests.end_to_end import killing


def run_command(order: dict[str, Any]) -> int:
    """Run one keeplit command, saying nothing."""
    os.environ.clear()
    os.environ.update(order["environ"])
    sys.argv = ["keeplit", *order["arguments"]]
    from keeplit.ui import cli

    nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # open to the end of this process
    sys.stdout = sys.stderr = nowhere
    return cli.main()


def main() -> None:
    """Load once what the commands need, then obey."""
    import keeplit.engine.use
    import keeplit.ui.mending
    import keeplit.ui.switching  # noqa: F401  # loaded once, for every child

    killing.DEEDS["command"] = run_command
    killing.main()


if __name__ == "__main__":
    main()
