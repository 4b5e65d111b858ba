"""Times in seconds and spans of them: sorted, disjoint, and asked for by bisection.

Law: a span holds its start and not its end. What has no next or last time answers `NEVER` or minus `NEVER`.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

NEVER = float("inf")
MINUTE = 60.0
HOUR = 3600.0
DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Spans:
    """Sorted, disjoint spans of time."""

    starts: tuple[float, ...]
    ends: tuple[float, ...] = field(repr=False)

    @classmethod
    def of(cls, pairs: Iterable[tuple[float, float]]) -> Self:
        """Return the union of `pairs`; an empty or backward one counts for nothing."""
        merged: list[list[float]] = []
        for start, end in sorted(pair for pair in pairs if pair[1] > pair[0]):
            if merged and start <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], end)
            else:
                merged.append([start, end])
        return cls(tuple(start for start, _ in merged), tuple(end for _, end in merged))

    def __iter__(self) -> Iterator[tuple[float, float]]:
        return iter(zip(self.starts, self.ends, strict=True))

    def __contains__(self, at: object) -> bool:
        assert isinstance(at, float | int)
        index = bisect_right(self.starts, at) - 1
        return index >= 0 and at < self.ends[index]

    def first(self, at: float) -> float:
        """Return the first moment from `at` on that lies in a span."""
        index = bisect_right(self.starts, at) - 1
        if index >= 0 and at < self.ends[index]:
            return at
        return self.starts[index + 1] if index + 1 < len(self.starts) else NEVER

    def last(self, at: float) -> float:
        """Return the last moment up to `at` that lies in a span, or at the end of one."""
        index = bisect_right(self.starts, at) - 1
        return min(at, self.ends[index]) if index >= 0 else -NEVER

    def start(self, at: float) -> float:
        """Return when the span that holds `at`, or the last one before it, began."""
        index = bisect_right(self.starts, at) - 1
        return self.starts[index] if index >= 0 else -NEVER

    def both(self, other: "Spans") -> "Spans":
        """Return the spans that lie in both."""
        return other.without(self.gaps())

    def gaps(self) -> "Spans":
        """Return the spans between, before and after these."""
        return Spans((-NEVER, *self.ends), (*self.starts, NEVER))

    def without(self, other: "Spans") -> "Spans":
        """Return the spans of these that no span of `other` covers."""
        left: list[tuple[float, float]] = []
        for start, end in self:
            index = max(0, bisect_right(other.starts, start) - 1)
            at = start
            while index < len(other.starts) and other.starts[index] < end:
                if other.starts[index] > at:
                    left.append((at, other.starts[index]))
                at = max(at, other.ends[index])
                index += 1
            if at < end:
                left.append((at, end))
        return Spans.of(left)

    def total(self) -> float:
        """Return how long the spans are together."""
        return sum(self.ends) - sum(self.starts)
