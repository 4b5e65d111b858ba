"""What `keeplit doctor` says of the sign-ins in use: kind, scopes, token, both clocks, registration. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from shlex import quote

from keeplit.core.aws_profiles import head
from keeplit.core.check import Check
from keeplit.core.clocks import (
    DEFAULT_LENGTH,
    Case,
    Certainty,
    alive,
    end_of_sign_in,
    refused,
    registration_dead,
    rejected,
    renewable,
)
from keeplit.core.doctor_marks import fail, skipped, together, warn
from keeplit.core.model import ACCOUNT_ACCESS, Kind, Reading
from keeplit.core.words import span

SOON = timedelta(minutes=30)
NONE = "No sign-in is in use."
WHO = "an administrator of IAM Identity Center can change it (Settings, Authentication, session duration)"


@dataclass(frozen=True, slots=True)
class SignIns:
    """The sessions in use; what differs is by the session's key."""

    cases: tuple[Case, ...]
    registrations: Mapping[str, str] = field(default_factory=dict)  # why one makes a login fail
    open_files: tuple[str, ...] = ()  # token files that others can read


def legacy(seen: SignIns) -> Check:
    """Judge whether a start URL stands inside a profile: then nothing is ever renewed."""
    if not seen.cases:
        return skipped("legacy", NONE)
    found = [
        warn(
            "legacy",
            f"{one.seen.session.name} is a legacy profile: its token lives 8 h and nothing renews it.",
            f"keeplit setup --upgrade --profile={quote(one.seen.session.name)}",
        )
        for one in seen.cases
        if one.seen.session.kind is Kind.LEGACY
    ]
    return together("legacy", "No profile in use is a legacy one.", found)


def scopes(seen: SignIns) -> Check:
    """Judge whether a sign-in brings a refresh token: it takes the scope, or a PKCE login."""
    if not seen.cases:
        return skipped("scopes", NONE)
    found = [
        warn(
            "scopes",
            f"[sso-session {one.seen.session.name}] lacks the scope {ACCOUNT_ACCESS}, so its tokens are not renewed.",
            f"add `sso_registration_scopes = {ACCOUNT_ACCESS}` to {head('sso-session', one.seen.session.name)}, then: "
            f"{_login(one)}",
        )
        for one in seen.cases
        if one.seen.session.kind is Kind.SSO_SESSION
        and ACCOUNT_ACCESS not in one.seen.session.scopes
        and not (one.token is not None and one.token.refreshable)
    ]
    return together("scopes", "Tokens of the sessions in use can be renewed silently.", found)


def token(seen: SignIns) -> Check:
    """Judge the tokens: there, whole, of this start URL, alive, and renewable."""
    if not seen.cases:
        return skipped("token", NONE)
    found = [one for one in map(_token, seen.cases) if one is not None]
    lives = ", ".join(
        f"{one.seen.session.name} {span(one.token.expires_at - one.now)}" for one in seen.cases if one.token
    )
    return together("token", f"Signed in; the token lives: {lives}.", found)


def _token(case: Case) -> Check | None:
    name, reading = case.seen.session.name, case.seen.reading
    if reading is Reading.TORN:
        return fail("token", f"The token file of {name} is empty, half written or not JSON.", _login(case))
    if reading is Reading.FOREIGN:
        sentence = f"The token file of {name} belongs to another start URL or region, so no AWS tool uses it."
        return fail("token", sentence, _login(case))
    if case.token is None:
        return fail("token", f"There is no sign-in for {name}.", _login(case))
    if refused(case) or rejected(case):
        return fail("token", f"AWS does not accept the sign-in of {name} any more.", _login(case))
    if not alive(case):
        if renewable(case):
            sentence = f"The token of {name} has ended, and has not been renewed, though it could be without a browser."
            return fail("token", sentence, "let keeplit run (keeplit autostart enable), or sign in: " + _login(case))
        return fail("token", f"The token of {name} has ended.", _login(case))
    if case.seen.session.kind is Kind.SSO_SESSION and not case.token.refreshable and _has_scope(case):
        return warn("token", f"The token of {name} cannot be renewed silently: it has no refresh token.", _login(case))
    return None


def _has_scope(case: Case) -> bool:
    """Whether the session's config is right, so that another sign-in mends it; else that is what is said."""
    return ACCOUNT_ACCESS in case.seen.session.scopes


def sign_in_end(seen: SignIns) -> Check:
    """Say when each sign-in ends, as far as that is known."""
    if not seen.cases:
        return skipped("sign_in_end", NONE)
    found = []
    known = []
    for case in seen.cases:
        end, certainty = end_of_sign_in(case)
        if end is None or not alive(case):
            continue
        left = end - case.now
        how = "" if certainty is Certainty.KNOWN else f" ({certainty})"
        known.append(f"{case.seen.session.name} in {span(left)}{how}")
        if left <= SOON and certainty is not Certainty.ESTIMATED:
            sentence = f"The sign-in of {case.seen.session.name} ends in {span(left)}{how}."
            found.append(warn("sign_in_end", sentence, f"keeplit extend --session={quote(case.seen.session.name)}"))
    if not known:
        return skipped("sign_in_end", "When the sign-in ends is not known; it is learned when it does.")
    return together("sign_in_end", f"The sign-in ends: {', '.join(known)}.", found)


def registration(seen: SignIns) -> Check:
    """Judge the client registrations: a broken one makes every login of the AWS CLI fail."""
    if not seen.cases:
        return skipped("registration", NONE)
    found = [
        fail(
            "registration",
            f"The client registration of {one.seen.session.name} {seen.registrations[one.seen.session.key]}.",
            f"{_login(one)} (it removes that file first)",
        )
        for one in seen.cases
        if one.seen.session.key in seen.registrations
    ]
    found += [
        warn("registration", f"The client registration of {one.seen.session.name} has ended.", _login(one))
        for one in seen.cases
        if one.seen.session.key not in seen.registrations and registration_dead(one)
    ]
    return together("registration", "The client registrations are whole.", found)


def token_cache(seen: SignIns) -> Check:
    """Judge whether the token cache can be written, and is read by nobody else."""
    if not seen.cases:
        return skipped("token_cache", NONE)
    fix = "make it yours (after `sudo aws`: chown -R $USER ~/.aws), or free disk space"
    found = [
        fail("token_cache", "~/.aws/sso/cache cannot be written, so no token can be renewed.", fix)
        for one in seen.cases
        if not one.seen.writable
    ]
    found += [
        warn("token_cache", f"Other users of this machine can read {file}.", f"chmod 600 {file}")
        for file in seen.open_files
    ]
    return together("token_cache", "The token cache can be written, and only you can read it.", found)


def asked_often(seen: SignIns) -> Check:
    """Answer "why am I asked so often?" from what was learned of each session."""
    code = "asked_often"
    if not seen.cases:
        return skipped(code, NONE)
    found = []
    told = []
    for case in seen.cases:
        name, length = case.seen.session.name, case.memory.length
        if case.seen.session.kind is Kind.LEGACY:
            told.append(f"{name} asks every 8 h, since it is a legacy profile")
        elif case.token is not None and not case.token.refreshable:
            told.append(f"{name} asks every hour, since its token is not renewed")
        elif length is None:
            told.append(f"{name} asks when your organisation's limit is over, by default after 8 h")
        else:
            told.append(f"{name} asks every {span(length)}: your organisation's limit")
            if length < DEFAULT_LENGTH:
                sentence = f"Your organisation ends every sign-in of {name} after {span(length)} (learned)."
                found.append(warn(code, sentence, f"nothing on this machine moves it; {WHO}"))
    return together(code, f"{'; '.join(told)}.", found)


def _login(case: Case) -> str:
    return f"keeplit login --session={quote(case.seen.session.name)}"


CHECKS = (legacy, scopes, token, sign_in_end, registration, token_cache, asked_often)
