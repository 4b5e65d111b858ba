"""What a pressed button of a notice asks for. Pure; the words of the buttons stand in `keeplit.core.words`."""

from datetime import timedelta

from keeplit.core.model import Verb

LATER = timedelta(minutes=15)
RESTORE, KEEP, SHOW = "Restore", "Keep as it is", "Show"
ASKED: dict[str, tuple[Verb, timedelta | None]] = {
    "Sign in": (Verb.SIGN_IN, None),
    "Extend": (Verb.EXTEND, None),
    "In 15 min": (Verb.LATER, LATER),
    "Not today": (Verb.NOT_TODAY, None),
}
