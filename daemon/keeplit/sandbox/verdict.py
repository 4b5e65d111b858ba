"""The verdict on a play: did every session stay lit, and was no tab opened that was not needed? Pure.

Law: it is kind to nobody. A dark second, a second tab for one ended sign-in, an unasked tab without its notice, an act
that was never seen: each is a complaint, and one complaint is a failure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from keeplit.sandbox.claude import Second
from keeplit.sandbox.happenings import SESSIONS, Happening, What

NOTICE = timedelta(seconds=19)
"""The 20 s of an unasked sign-in's notice, less what reading it here may take."""
UNASKED = "unasked"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was seen, in figures, and every complaint."""

    seconds: Mapping[str, tuple[Second, ...]]
    happenings: tuple[Happening, ...]
    complaints: tuple[str, ...]

    @property
    def lit(self) -> bool:
        """Tell whether there is nothing to complain of."""
        return not self.complaints

    def count(self, what: What, detail: str = "") -> int:
        """Count the happenings of a kind, or those of it with one detail."""
        return sum(one.what is what and detail in {"", one.detail} for one in self.happenings)


def judge(
    happenings: Sequence[Happening],
    seconds: Mapping[str, tuple[Second, ...]],
    broken: Sequence[str],
    needed: Mapping[str, int],
) -> Verdict:
    """Judge a play. ``needed`` is how many sign-ins each session needed; ``broken`` is what broke the play off."""
    complaints = dict.fromkeys([*broken, *dark(seconds), *tabs(happenings, needed)])
    return Verdict(seconds, tuple(happenings), tuple(complaints))


def dark(seconds: Mapping[str, tuple[Second, ...]]) -> list[str]:
    """Return a complaint for each profile that was ever dark, or never counted."""
    found = [f"Claude Code never worked on {profile}." for profile, counted in seconds.items() if not counted]
    for profile, counted in seconds.items():
        bad = [second for second in counted if not second.lit]
        if bad:
            found.append(f"{profile} was dark for {len(bad)} of {len(counted)} s: {bad[0].why or 'no credentials'}.")
    return found


def tabs(happenings: Sequence[Happening], needed: Mapping[str, int]) -> list[str]:
    """Return a complaint for each tab that should not have opened, or not so soon."""
    found: list[str] = []
    for session in SESSIONS:
        mine = [one for one in happenings if one.session == session]
        waiting = False
        announced: datetime | None = None
        for one in mine:
            match one.what:
                case What.ANNOUNCED:
                    announced = one.at
                case What.SIGNED_IN:
                    waiting, announced = False, None
                case What.TAB:
                    if waiting:
                        found.append(f"A second tab opened for one sign-in of {session}.")
                    unasked = one.detail == UNASKED
                    if unasked and (announced is None or one.at - announced < NOTICE):
                        found.append(f"A tab of {session} opened without a notice 20 s before it.")
                    waiting = True
                case _:
                    pass
        opened = sum(one.what is What.TAB for one in mine)
        if opened > needed.get(session, 0):
            found.append(f"{opened} tabs opened for {session}, which needed {needed.get(session, 0)}.")
    return found
