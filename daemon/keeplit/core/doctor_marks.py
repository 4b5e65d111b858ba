"""How a check is made: well, to be looked at, wrong, or not made; and several findings of one check as one. Pure."""

from collections.abc import Callable, Iterable

from keeplit.core.check import Check, State

WORST = (State.FAIL, State.WARN, State.SKIPPED, State.OK)
Judge = Callable[..., Check]


def ok(code: str, sentence: str) -> Check:
    """Return a check that found nothing to do."""
    return Check(code, State.OK, sentence)


def warn(code: str, sentence: str, fix: str) -> Check:
    """Return a check of what works, and could stop to."""
    return Check(code, State.WARN, sentence, fix)


def fail(code: str, sentence: str, fix: str) -> Check:
    """Return a check of what keeps Claude Code, or keeplit, from working."""
    return Check(code, State.FAIL, sentence, fix)


def skipped(code: str, sentence: str, fix: str = "") -> Check:
    """Return a check that was not made, and why."""
    return Check(code, State.SKIPPED, sentence, fix)


def rank(state: State) -> int:
    """Return where a state stands among all, the worst first."""
    return WORST.index(state)


def together(code: str, well: str, found: Iterable[Check]) -> Check:
    """Return several findings as one check, the worst of them first; `well` is said where there is none."""
    ordered = sorted(found, key=lambda one: rank(one.state))
    if not ordered:
        return ok(code, well)
    worst = [one for one in ordered if one.state is ordered[0].state]
    sentences = dict.fromkeys(one.sentence for one in worst)
    fixes = dict.fromkeys(one.fix for one in worst if one.fix)
    return Check(code, ordered[0].state, " ".join(sentences), "; ".join(fixes))
