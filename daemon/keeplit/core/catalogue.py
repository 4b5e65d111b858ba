"""The catalogue of what can be wrong: its words, how much it matters, and the next step. Pure.

Law: every trouble that the rules find stands here; what differs (a name, the service's own sentence) fills its words.
What only a daemon does is promised in one of `PROMISES`, so that it can be left out where none runs.
"""

from dataclasses import dataclass
from enum import StrEnum

from keeplit.core.catalogue_files import FILES


class Severity(StrEnum):
    """How much a trouble matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Entry:
    """A catalogue entry. `title`, `text` and `fix` may hold ``{session}`` and ``{detail}``."""

    severity: Severity
    title: str
    text: str
    fix: str
    marks_tray: bool = True


LOGIN = "keeplit login --session {session}"
AGAIN = " It is tried again by itself."
AGAIN_LATER = " It is tried again every 5 minutes."
PROMISES = (AGAIN, AGAIN_LATER)
CATALOGUE: dict[str, Entry] = {
    "signed_out": Entry(Severity.ERROR, "Signed out of {session}", "There is no sign-in for {session}.", LOGIN),
    "session_over": Entry(
        Severity.WARNING,
        "The sign-in of {session} is over",
        "AWS ended the sign-in session; a person has to sign in again.",
        LOGIN,
    ),
    "ends_soon": Entry(
        Severity.WARNING,
        "The sign-in of {session} ends soon",
        "It cannot be renewed silently; a person has to sign in.",
        LOGIN,
    ),
    "token_rejected": Entry(
        Severity.ERROR, "AWS rejected the token of {session}", "The token was ended before its time.", LOGIN
    ),
    "token_file_foreign": Entry(
        Severity.ERROR,
        "The token file of {session} belongs to another start URL or region",
        "The config and the cached token differ, so AWS tools do not use it.",
        LOGIN,
    ),
    "token_file_unreadable": Entry(
        Severity.ERROR,
        "The token file of {session} cannot be read",
        "It is empty, half written or not JSON, and stays so.",
        LOGIN,
    ),
    "registration_dead": Entry(
        Severity.WARNING,
        "The client registration of {session} has ended",
        "Tokens cannot be renewed with it; a new sign-in registers anew.",
        LOGIN,
    ),
    "not_refreshable": Entry(
        Severity.WARNING,
        "{session} cannot be renewed silently",
        "Its token has no refresh token, since the sso-session lacks the scope sso:account:access.",
        "add `sso_registration_scopes = sso:account:access` to [sso-session {session}], then: " + LOGIN,
    ),
    "no_refresh_token": Entry(
        Severity.WARNING,
        "{session} cannot be renewed silently",
        "Its token has no refresh token, though its sso-session has the scope: the next sign-in brings one.",
        LOGIN,
    ),
    "legacy_profile": Entry(
        Severity.INFO,
        "{session} is a legacy profile",
        "Its start URL stands inside the profile, so its token lives 8 h and is never renewed.",
        "keeplit setup --upgrade --profile {session}",
        marks_tray=False,
    ),
    "network": Entry(
        Severity.WARNING,
        "AWS cannot be reached for {session}",
        "The renewal failed: {detail}." + AGAIN,
        "check the network, the proxy and the VPN",
    ),
    "throttled": Entry(
        Severity.INFO,
        "AWS asks {session} to slow down",
        "The renewal has to wait." + AGAIN,
        "nothing to do",
        marks_tray=False,
    ),
    "refresh_refused": Entry(
        Severity.ERROR,
        "AWS refuses to renew {session}",
        "The answer: {detail}. Often the sso_region is wrong, or a policy forbids it." + AGAIN_LATER,
        "compare sso_start_url and sso_region with your access portal; then: " + LOGIN,
    ),
    "cache_not_writable": Entry(
        Severity.ERROR,
        "The token cache cannot be written",
        "Nothing was renewed, so that no refresh token is lost: {detail}.",
        "make ~/.aws/sso/cache writable for you (after `sudo aws`: chown -R $USER ~/.aws), or free disk space",
    ),
    "role_forbidden": Entry(
        Severity.WARNING,
        "A role of {session} is not assigned to you",
        "The answer: {detail}.",
        "ask your administrator for the assignment, or correct sso_account_id and sso_role_name",
    ),
    "sign_in_impossible": Entry(Severity.ERROR, "No sign-in could be started for {session}", "{detail}.", LOGIN),
    "presence_unknown": Entry(
        Severity.INFO,
        "Whether you are there cannot be known here",
        "{detail} So no browser opens by itself; you are asked instead.",
        'set `presence = "always"` under [sign_in] in config.toml where that is right',
        marks_tray=False,
    ),
    "no_notices": Entry(
        Severity.INFO,
        "Notices cannot be shown on this desktop",
        "{detail}",
        "on Linux start a notification service (your desktop's own, dunst or mako), on a Mac use the signed app; "
        "a terminal shows them too: keeplit status --watch",
        marks_tray=False,
    ),
    "offline": Entry(
        Severity.INFO,
        "The network is down",
        "Nothing is asked of you until it is back.",
        "nothing to do",
        marks_tray=False,
    ),
    "endpoint_override": Entry(
        Severity.INFO,
        "Calls to AWS go to another address",
        "The environment names it (AWS_ENDPOINT_URL…): {detail}.",
        "nothing to do where that is right; else unset those variables, and start keeplit again",
        marks_tray=False,
    ),
    "clock_skew": Entry(
        Severity.WARNING,
        "This machine's clock is wrong",
        "Your clock is {detail}, so ends and renewals come at the wrong time.",
        "let the system set the time by itself (Linux: timedatectl set-ntp true), or set it by hand",
    ),
    "settings_question": Entry(
        Severity.WARNING,
        "Claude Code's settings wait for your answer",
        "{detail}",
        "`keeplit repair` puts ours back, `keeplit repair --accept` keeps what the file says",
    ),
    "settings_fight": Entry(
        Severity.WARNING,
        "Claude Code's settings keep being undone",
        "{detail}",
        "find out what writes the file; then `keeplit repair`, or `keeplit repair --accept` to keep what the file says",
    ),
    "settings_left": Entry(
        Severity.INFO,
        "Claude Code's settings are not as agreed",
        "{detail}",
        "`keeplit repair` puts ours back, `keeplit repair --accept` keeps what the file says",
        marks_tray=False,
    ),
    "settings_unreadable": Entry(
        Severity.ERROR,
        "Claude Code's settings cannot be read",
        "{detail}",
        "correct the file",
    ),
    "settings_gone": Entry(
        Severity.ERROR,
        "Claude Code's settings file is gone",
        "keeplit does not create it unasked.",
        "`keeplit use --profile NAME` makes a new one, `keeplit reset` lets go of the old one",
    ),
    "settings_bypassed": Entry(
        Severity.INFO,
        "Claude Code does not use your sign-in",
        "It uses {detail}, which nobody but the one who manages this machine can change.",
        "ask them whether that is right; your sign-in is kept all the same",
        marks_tray=False,
    ),
    "settings_not_writable": Entry(
        Severity.ERROR,
        "Claude Code's settings cannot be written",
        "{detail}." + AGAIN,
        "make the file and its folder writable for you, or free disk space",
    ),
    "unexpected": Entry(
        Severity.ERROR,
        "Something unexpected happened with {session}",
        "It failed ({detail})." + AGAIN,
        "keeplit logs",
    ),
    **{code: Entry(Severity(level), title, "{detail}", fix) for code, (level, title, fix) in FILES.items()},
}
