"""Notices: the interface, and the backend for where none can be shown.

Law: showing never blocks and never raises; a notice that could not be shown is an outcome.
"""

from typing import Protocol

from keeplit.core.deeds import Action, Outcome, Result


class Notifier(Protocol):
    """What shows notices."""

    def show(self, action: Action, title: str, text: str, buttons: tuple[str, ...]) -> Outcome:
        """Show a notice; a pressed button becomes a wish."""


class Nowhere:
    """The notifier of a machine without notices: `status` shows what they would have said."""

    def show(self, action: Action, title: str, text: str, buttons: tuple[str, ...]) -> Outcome:
        """Show nothing."""
        del action, title, text, buttons
        return Outcome(Result.NOT_SHOWN, "no_notifier")


def find() -> Notifier:
    """Return the best backend for this machine; there is only `Nowhere` yet."""
    return Nowhere()
