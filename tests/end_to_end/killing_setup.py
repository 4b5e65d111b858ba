"""The writing half of setup, killed at a step: ``python -m tests.end_to_end.killing_setup``, orders as killing.py's."""

from __future__ import annotations

import os
from typing import Any

from tests.end_to_end import killing, killing_commands

ACCOUNT = {"name": "mine", "session": "acme", "account": "111122223333", "role": "ClaudeCode", "region": "us-east-1"}


def run_setup(order: dict[str, Any]) -> int:
    """Write what setup has asked for: a new profile, keeplit's configuration, the settings and the status line."""
    os.environ.clear()
    os.environ.update(order["environ"])
    from keeplit.adapters import aws_config_edit, paths
    from keeplit.core.setup_answers import Answers, Found, Way
    from keeplit.engine import setup, setup_look
    from keeplit.engine.setup import Applied, Planned
    from keeplit.sandbox.clients import ACME

    where = paths.find(os.environ)
    draft = setup_look.Draft.begin(where, os.environ)
    assert isinstance(draft, setup_look.Draft)
    with draft:
        text = aws_config_edit.add_session(draft.before, name="acme", start_url=ACME, region="us-east-1")
        draft.put(aws_config_edit.add_profile(text, **ACCOUNT))
        found = setup_look.look(where, draft)
        assert isinstance(found, Found)
        answers = Answers(profile="mine", region="us-east-1", model="opus", isolate=False, statusline=True)
        planned = setup.planned(where, draft, answers, found, Way.NEW)
        assert isinstance(planned, Planned)
        return 0 if isinstance(setup.apply(where, draft, planned, found), Applied) else 1


def main() -> None:
    """Load once what setup needs, then obey."""
    import keeplit.engine.setup
    import keeplit.engine.setup_look  # noqa: F401  # loaded once, for every child

    killing.DEEDS["setup"] = run_setup
    killing_commands.main()


if __name__ == "__main__":
    main()
