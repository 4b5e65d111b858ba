"""The person's desk as the daemon meets it: who is there, and notices whose buttons become wishes.

Law: the desktop may come after the daemon, go and come back; what names it is read afresh, and its display and buses
are connected anew when that changes. Whoever only looks connects to nothing.
"""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from keeplit.adapters import clock, notebook, presence, sign_in_files
from keeplit.adapters.paths import Paths
from keeplit.core.causes import in_browser
from keeplit.core.deeds import Action, Notice, Outcome
from keeplit.core.model import Desk, Session, Verb, Wish
from keeplit.core.permission import PRESENT_FOR

if TYPE_CHECKING:
    from keeplit.adapters.notify import Notifier

NAMES = (
    *("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"),
    *("XDG_RUNTIME_DIR", "XDG_SESSION_TYPE", "XDG_SESSION_ID"),
)


def nothing() -> None:
    """Knock nowhere."""


class RealDesk:
    """The desk of this machine; `acts` is the daemon, which looks and shows."""

    def __init__(self, paths: Paths, *, acts: bool, wake: clock.WakeWatch | None = None) -> None:
        """Connect to nothing yet."""
        self.paths = paths
        self.acts = acts
        self.knock: Callable[[], None] = nothing
        self.environ: Mapping[str, str] = {}
        self._wake = wake or clock.WakeWatch()
        self._presence = presence.find(self._wake)
        self._named: tuple[str, ...] | None = None

    def lacking(self, environ: Mapping[str, str]) -> Mapping[str, str]:
        """Return what a service lacks of the desktop's variables; nothing for a command that a person types."""
        return self._manager.lacking(environ) if self.acts else {}

    def look(self, environ: Mapping[str, str]) -> Desk:
        """Return what is known of the desk now; `environ` names the display and the buses."""
        if self.acts:
            self._follow(environ)
        return self._presence.look()

    def _follow(self, environ: Mapping[str, str]) -> None:
        named = tuple(environ.get(name, "") for name in NAMES)
        if named == self._named:
            return
        self._named, self.environ = named, dict(environ)
        # The notification library finds its bus by the process's own environment alone.
        os.environ.update({name: environ[name] for name in NAMES if environ.get(name)})
        self._presence.stop()
        self._presence = presence.find(self._wake, environ, lambda: self.knock())  # noqa: PLW0108  # it is set later

    @cached_property
    def _manager(self) -> "Manager":
        from keeplit.adapters.desktop_environment import Manager

        return Manager()

    @cached_property
    def notifier(self) -> "Notifier":
        """Return what shows notices here; looked for when there is one to show."""
        from keeplit.adapters import notify

        if not self.acts:
            return notify.find()
        return notify.find(self.pressed, lambda: notify.served(self.environ))

    def pressed(self, action: Action, button: str) -> None:
        """Do what a pressed button asks for: a wish about the notice's session, or an answer about the settings."""
        import uuid  # late: whoever only looks is asked for nothing

        from keeplit.core.buttons import ASKED, KEEP, RESTORE, SHOW
        from keeplit.core.wishes import WISH_LIFE

        if button == SHOW:
            self._show_more(action)
            return
        if button in {RESTORE, KEEP}:
            from keeplit.engine.repair import Way, repair

            repair(self.paths, self.environ, Way.ACCEPT if button == KEEP else Way.WRITE)
            return
        verb, length = ASKED[button]
        until = clock.now() + WISH_LIFE if verb in {Verb.SIGN_IN, Verb.EXTEND} else None
        notebook.write_wish(self.paths.wishes, Wish(uuid.uuid4().hex, verb, action.session, length, "", until))

    def _show_more(self, action: Action) -> None:
        """Open in a terminal what says more of a notice; where there is none, another notice says what to type."""
        from keeplit.adapters import own_command, programs

        words = ["undo", "--list"] if action.notice is Notice.SETTINGS_REPAIRED else ["status"]
        typed = " ".join(("keeplit", *words))
        program = own_command.program(self.environ)
        wrong = programs.in_terminal([program, *words], self.environ) if program else f"Type in a terminal: {typed}"
        if wrong:
            self.notifier.show(action, typed, wrong, ())

    def show(self, action: Action, session: Session | None, now: datetime) -> Outcome:
        """Show a notice, about Claude Code's settings where it is about no session."""
        from keeplit.core.words import notice_text

        page = None
        if action.notice is Notice.IN_BROWSER and session is not None:
            joined = sign_in_files.look(self.paths.own, session.key)  # read now, kept nowhere
            page = joined.page if joined is not None and in_browser(joined.sign_in.id) == action.reason else None
        title, text, buttons = notice_text(action, session.name if session is not None else "", now, page)
        return self.notifier.show(action, title, text, tuple(buttons))

    def stop(self) -> None:
        """Let go of the desktop."""
        self._presence.stop()
        if "notifier" in self.__dict__:
            self.notifier.stop()


def is_empty(environ: Mapping[str, str]) -> bool:
    """Whether the desk is known to be empty just now: locked, or nothing was touched for five minutes."""
    found = presence.find(clock.WakeWatch(), environ)
    try:
        seen = found.look()
    finally:
        found.stop()
    return seen.locked or (seen.last_input_at is not None and clock.now() - seen.last_input_at >= PRESENT_FOR)


if TYPE_CHECKING:
    from keeplit.adapters.desktop_environment import Manager
