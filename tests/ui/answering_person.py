"""A person who answers questions by their first words, in the order of the questions, without a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from keeplit.core.setup_answers import Found
from keeplit.engine import setup_look
from keeplit.engine.setup_look import Draft
from keeplit.ui.asking import Asker, Choice, Fault, no_fault
from tests.engine.lit_laptop import Laptop

TAKES = "\0takes what is proposed"


@dataclass(frozen=True, slots=True)
class Answering(Asker):
    """It asks this person; a question nobody foresaw takes what is proposed, or fails the test."""

    asks: bool = True
    answers: dict[str, str | bool] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    offered: dict[str, list[str]] = field(default_factory=dict)

    def choose(self, question: str, choices: Sequence[Choice], *, default: str | None, flag: str) -> str:
        self.offered[question] = [one.title for one in choices]
        taken = str(self._answer(question, default))
        assert taken in {one.value for one in choices}, (question, taken)
        return taken

    def text(self, question: str, *, default: str | None, flag: str, fault: Fault = no_fault) -> str:
        typed = str(self._answer(question, default))
        assert not fault(typed), fault(typed)
        return typed

    def confirm(self, question: str, *, default: bool | None, flag: str) -> bool:
        return bool(self._answer(question, default))

    def _answer(self, question: str, default: object) -> object:
        self.heard.append(question)
        said = next((said for words, said in self.answers.items() if question.startswith(words)), TAKES)
        if said != TAKES:
            return said
        assert default is not None, f"nobody foresaw the question {question!r}"
        return default


@contextmanager
def drafted(mine: Laptop, answers: dict[str, str | bool], *, asks: bool) -> Iterator[tuple[Draft, Answering, Found]]:
    """Give what a half of setup is made of on a laptop: a draft, this person, and what was found there.

    An answer stands by the first words of its question, with a line below for each space.
    """
    draft = Draft.begin(mine.paths, mine.environ)
    assert isinstance(draft, Draft)
    with draft:
        found = setup_look.look(mine.paths, draft)
        assert isinstance(found, Found)
        said = {words.replace("_", " "): answer for words, answer in answers.items()}
        yield draft, Answering(asks=asks, answers=said), found


def heard(asker: Asker) -> list[str]:
    """Return the questions that this person was asked."""
    assert isinstance(asker, Answering)
    return asker.heard
