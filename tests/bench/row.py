"""What one tool came to on one laptop: browser tabs, calls, and the minutes in which work stood still.

Law: standing is measured afterwards, from when credentials were held, not by the tool's own events.
"""

from dataclasses import dataclass, field

from tests.bench.laptop import Life
from tests.bench.spans import MINUTE, NEVER, Spans

NOTICE = 20.0  # a browser is told of so many seconds before
UNTOUCHED = 60.0  # who touched something so short ago has just got up: no desk can know it sooner
NOBODY_THERE = (
    f"the person was gone for the whole of the {NOTICE:.0f} s in which a notice stands before a tab, "
    f"and had touched nothing for {UNTOUCHED:.0f} s"
)
EARLY = 5 * MINUTE  # Claude Code asks for new credentials so long before the old ones end


@dataclass(slots=True)
class Row:
    """One tool on one laptop."""

    life: Life
    held: list[tuple[float, float]] = field(default_factory=list)
    tabs: list[float] = field(default_factory=list)
    calls: int = 0
    log: list[tuple[float, str]] = field(default_factory=list)

    def standing(self) -> Spans:
        """Return when work stood still: wanted, online, the person there, and no credentials."""
        return self.life.need.without(Spans.of(self.held))

    @property
    def minutes(self) -> float:
        """How long work stood still, in minutes."""
        return self.standing().total() / MINUTE

    def alone(self) -> int:
        """Return how many tabs opened with nobody there, as `NOBODY_THERE` says it."""
        there, inputs = self.life.there, self.life.inputs
        return sum(there.last(at) < at - NOTICE and inputs.last(at) < at - UNTOUCHED for at in self.tabs)

    def note(self, at: float, what: str) -> None:
        """Note what happened, for the trace of an incident."""
        self.log.append((at, what))


@dataclass(slots=True)
class ClaudeCode:
    """Claude Code: holds role credentials until shortly before their end, asks again when it runs."""

    row: Row
    until: float = -NEVER
    blocked: bool = False

    def asks_at(self, at: float) -> float:
        """Return when it asks next: while it runs, as soon as what it holds is used up."""
        return NEVER if self.blocked else self.row.life.running.first(max(at, self.until))

    def gets(self, at: float, end: float | None) -> bool:
        """Take credentials that live until `end`, or stand still for want of them."""
        self.blocked = end is None or end - EARLY <= at
        if end is not None and not self.blocked:
            self.until = end - EARLY
            self.row.held.append((at, self.until))
        return not self.blocked
