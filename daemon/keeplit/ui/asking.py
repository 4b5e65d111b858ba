"""Questions in the terminal: by arrow keys, by numbers where it is too small for them, none where it is no terminal.

Law: every answer has a flag. Without a terminal, and with ``--yes``, the default is taken, and where there is none,
`NeedsAnswer` names the flag. Ctrl-C at any question is `click.Abort`: nothing has been written by then. A question that
comes again proposes what was answered before, where that was not what is proposed anyway, and unless another answer has
changed the proposal since: a name for one account is none for another.
"""

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import click

from keeplit.ui.looking import printable

FEWEST_LINES, FEWEST_COLUMNS = 10, 60
SEARCHED_FROM = 10
CALM = ("validation-toolbar", "noinherit fg:ansiyellow")  # not white on red: half a word is no mistake
Fault = Callable[[str], str]
Taken = TypeVar("Taken")


class NeedsAnswer(Exception):  # noqa: N818  # it becomes wrong usage
    """A question without a default that nobody can be asked; its text names the flag."""

    def __init__(self, question: str, flag: str) -> None:
        """Name the question and the flag that answers it."""
        said = question.rstrip(":")
        end = "" if said.endswith("?") else "."
        super().__init__(f"nobody can be asked here: {said[:1].lower()}{said[1:]}{end} Say it: {flag}")


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be chosen, and how it is shown."""

    value: str
    title: str


def no_fault(_: str) -> str:
    """Find nothing wrong in any text."""
    return ""


@dataclass(frozen=True, slots=True)
class Asker:
    """Whoever asks; `asks` is False where defaults are taken."""

    asks: bool
    # By the question: what was proposed, and what a person said of their own.
    before: dict[str, tuple[str | bool | None, str | bool]] = field(default_factory=dict)

    @classmethod
    def here(cls, *, yes: bool) -> "Asker":
        """Return the one for this process's terminal, if it has one."""
        return cls(asks=not yes and sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty())

    def afresh(self) -> "Asker":
        """Return one that proposes nothing of what was answered before."""
        return replace(self, before={})

    def choose(self, question: str, choices: Sequence[Choice], *, default: str | None, flag: str) -> str:
        """Return the value of the choice that a person takes."""
        if not self.asks:
            return _taken(question, default, flag)
        values = {one.value for one in choices}
        said = self._again(question, default)
        preset = str(said) if said in values else default if default in values else None
        return self._noted(question, default, _chosen(question, choices, preset))

    def text(self, question: str, *, default: str | None, flag: str, fault: Fault = no_fault) -> str:
        """Return what a person types; `fault` says why a text cannot be taken, below it, with each key."""
        if not self.asks:
            return _taken(question, default, flag)
        said = self._again(question, default)
        return self._noted(question, default, _typed(question, None if said is None else str(said), fault))

    def confirm(self, question: str, *, default: bool | None, flag: str) -> bool:
        """Return whether a person says yes."""
        if not self.asks:
            return _taken(question, default, flag)
        said = self._again(question, default)
        return self._noted(question, default, _confirmed(question, None if said is None else bool(said)))

    def _again(self, question: str, proposed: str | bool | None) -> str | bool | None:  # noqa: FBT001  # as it is asked
        was, said = self.before.get(question, (proposed, proposed))
        return said if was == proposed else proposed

    def _noted(self, question: str, proposed: Taken | None, answer: Taken) -> Taken:
        self.before.pop(question, None)
        if answer != proposed and isinstance(answer, str | bool) and isinstance(proposed, str | bool | None):
            self.before[question] = proposed, answer
        return answer


def _chosen(question: str, choices: Sequence[Choice], preset: str | None) -> str:
    if not _roomy():
        return _by_number(question, choices, preset)
    import questionary  # late: a quarter of a second, and the question before it is on the screen by then

    many = len(choices) >= SEARCHED_FROM
    asked = questionary.select(
        question,
        choices=[questionary.Choice(printable(one.title), value=one.value) for one in choices],
        default=preset,
        instruction="(arrow keys, type to search)" if many else "(arrow keys)",
        use_search_filter=many,
        use_jk_keys=False,
        **_colours(),
    )
    return str(_answer(asked))


def _typed(question: str, default: str | None, fault: Fault) -> str:
    if not _roomy():
        return _in_a_line(question, default, fault)
    import questionary

    room = shutil.get_terminal_size().columns - 1

    def judged(text: str) -> bool | str:
        return textwrap.shorten(fault(text.strip()), room, placeholder=" …") or True  # the library has one line for it

    asked = questionary.text(
        question,
        default=default or "",
        validate=judged,
        validate_while_typing=True,
        style=questionary.Style([CALM]),
        **_colours(),
    )
    return str(_answer(asked)).strip()


def _confirmed(question: str, default: bool | None) -> bool:  # noqa: FBT001  # as it is asked
    if not _roomy():
        return click.confirm(printable(question), default=default)
    import questionary

    return bool(_answer(questionary.confirm(question, default=default is not False, **_colours())))


def _taken(question: str, default: Taken | None, flag: str) -> Taken:
    if default is None:
        raise NeedsAnswer(question, flag)
    return default


def _answer(asked: "object") -> object:
    try:
        return asked.unsafe_ask()  # type: ignore[attr-defined]  # a questionary.Question
    except (KeyboardInterrupt, EOFError):
        raise click.Abort from None


def _colours() -> dict[str, Any]:
    """Return what keeps a terminal that wants no colours without them (NO_COLOR: no-color.org)."""
    if not os.environ.get("NO_COLOR"):
        return {}
    from prompt_toolkit.output import ColorDepth

    return {"color_depth": ColorDepth.MONOCHROME}


def _roomy() -> bool:
    """Whether the terminal has room for a list, whose lines it cuts off, and moves its cursor."""
    size = shutil.get_terminal_size()
    return (
        size.lines >= FEWEST_LINES and size.columns >= FEWEST_COLUMNS and os.environ.get("TERM", "") not in {"", "dumb"}
    )


def _by_number(question: str, choices: Sequence[Choice], default: str | None) -> str:
    for number, one in enumerate(choices, 1):
        click.echo(printable(f"{number:>3}  {one.title}"))
    preset = next((number for number, one in enumerate(choices, 1) if one.value == default), None)
    number = click.prompt(printable(question), prompt_suffix=" ", type=click.IntRange(1, len(choices)), default=preset)
    return choices[int(number) - 1].value


def _in_a_line(question: str, default: str | None, fault: Fault) -> str:
    while True:
        text = str(
            click.prompt(printable(question), prompt_suffix=" ", default=default, show_default=bool(default))
        ).strip()
        wrong = fault(text)
        if not wrong:
            return text
        click.echo(printable(f"keeplit: {wrong}"), err=True)
