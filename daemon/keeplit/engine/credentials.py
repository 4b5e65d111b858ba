"""`keeplit credentials`: a profile's role credentials, out of the AWS CLI's own cache or fresh from AWS.

Law: cached ones with over 15 min left are served as they are; else fresh ones are taken, with the token and, for a
role on top of the session's, with that role; and where that cannot be, the cached ones are served to their end: the
bridge, on which work goes on while nobody has signed in. Fresh ones go into the AWS CLI's cache, so that both profit.
Nothing but the credentials is written to standard output.
"""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import TextIO

from keeplit import __version__
from keeplit.adapters import assumed_role, clock, files, notebook, role_cache, token_cache
from keeplit.adapters.assumed_role import Assumed
from keeplit.adapters.identity_center import IdentityCenter
from keeplit.adapters.paths import Paths
from keeplit.core.answers import in_passing
from keeplit.core.deeds import Do, Outcome, Result
from keeplit.core.exit_codes import DONE, FAILED, SIGN_IN
from keeplit.core.model import Reading
from keeplit.core.secrets import RoleCredentials, Secrets
from keeplit.engine import warm, whose
from keeplit.engine.standing import OFFLINE, Side, Standing, renewed
from keeplit.engine.whose import Meant, Unclear

ENOUGH = timedelta(seconds=warm.ENOUGH_SECONDS)
RENEWED_WITHIN = 30.0
BRIDGED_WITHIN = 3.0  # where cached credentials live, nobody waits longer than this for the renewal of a token
LOCK_WITHIN = 40.0
TORN_LOOKS, TORN_EVERY = 4, 0.5


@dataclass(frozen=True, slots=True)
class Got:
    """Role credentials, or the exit code and the sentence that say why there are none; `file` is their cache's name."""

    credentials: RoleCredentials | None
    exit_code: int = DONE
    sentence: str = ""
    file: str = ""


def run(paths: Paths, environ: Mapping[str, str], profile: str | None, form: str, out: TextIO, err: TextIO) -> int:
    """Print the profile's role credentials as `form` (claude, process or env) and return the exit code."""
    meant = whose.meant(paths, environ, profile)
    if isinstance(meant, Unclear):
        print(f"keeplit: {meant.sentence}", file=err)
        return meant.exit_code
    whose.note_use(paths, meant)
    got = (on_top if meant.profile.assumes else obtain)(paths, meant)
    if got.credentials is None:
        print(f"keeplit: {got.sentence}", file=err)
        return got.exit_code
    print(printed(form, got.credentials), file=out, flush=True)
    if got.credentials.expires_at - clock.now() > ENOUGH:
        index(paths, environ, profile, meant, got.file)
    return DONE


def printed(form: str, credentials: RoleCredentials) -> str:
    """Return role credentials as standard output shows them."""
    return warm.printed(
        form,
        credentials.access_key_id,
        credentials.secret_access_key,
        credentials.session_token,
        credentials.expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def obtain(paths: Paths, meant: Meant, within: float = RENEWED_WITHIN) -> Got:
    """Return the session's role: cached, fresh, or the cached one to its end."""
    key = role_cache.path(paths.cli_cache, meant.session, meant.profile.account, meant.profile.role).stem
    return once(paths, key, lambda: lookup(paths, meant), lambda seconds: take(paths, meant, seconds), within)


def on_top(paths: Paths, meant: Meant) -> Got:
    """Return the role that the profile assumes with the session's: cached, fresh, or the cached one to its end."""
    first = assume(paths, meant, None)
    if first.credentials is not None:
        return Got(first.credentials, file=f"{first.key}.json")
    if not first.key:
        return Got(None, *why_not_on_top(meant, first.outcome))

    def fresh(within: float) -> Got:
        if first.outcome.code != assumed_role.NO_SOURCE:
            return Got(None, *why_not_on_top(meant, first.outcome))
        return take_on_top(paths, meant, within)

    return once(paths, first.key, lambda: assumed_role.read(paths.cli_cache, first.key), fresh, RENEWED_WITHIN)


def once(
    paths: Paths, key: str, look: Callable[[], RoleCredentials | None], fresh: Callable[[float], Got], within: float
) -> Got:
    """Return what is cached and lives long enough, else what `fresh` brings, asked by one window of ten at a time."""
    cached = look()
    if left(cached) > ENOUGH:
        return Got(cached, file=f"{key}.json")
    lives = left(cached) > timedelta(0)
    held = alone(paths, key, BRIDGED_WITHIN if lives else LOCK_WITHIN)
    if held is None:
        got = Got(None, FAILED, "AWS did not answer yet; another process is asking it. Try again")
    else:
        with held:
            again = look()
            if left(again) > ENOUGH or (again != cached and left(again) > timedelta(0)):
                return Got(again, file=f"{key}.json")
            got = fresh(min(within, BRIDGED_WITHIN) if lives else within)
    if got.credentials is not None:
        return replace(got, file=f"{key}.json")
    cached = look()
    return Got(cached, file=f"{key}.json") if left(cached) > timedelta(0) else got


def lookup(paths: Paths, meant: Meant) -> RoleCredentials | None:
    """Return what the AWS CLI's cache holds for the profile's role."""
    return role_cache.read(paths.cli_cache, meant.session, meant.profile.account, meant.profile.role)


def left(credentials: RoleCredentials | None) -> timedelta:
    """Return how long credentials still live; zero for none."""
    return timedelta(0) if credentials is None else credentials.expires_at - clock.now()


def alone(paths: Paths, key: str, wait: float) -> "files.Held | nullcontext[None] | None":
    """Return the lock by which ten windows ask once, None where another holds it; no lock where none can be written."""
    try:
        return files.try_lock(files.private_folder(paths.own) / f"{key}.role.lock", wait=wait)
    except files.FileTrouble:
        return nullcontext()


def take(paths: Paths, meant: Meant, within: float) -> Got:
    """Take fresh credentials with the token, renewed first where it does not work, and put them into the cache."""
    outcome = Outcome(Result.REJECTED, "no_token")
    for first in (True, False):
        look, secrets = settled_secrets(paths, meant)
        if secrets is None or look.token is None:
            break
        if look.token.expires_at > clock.now():
            asked = (meant.session, meant.profile.account, meant.profile.role, secrets.access_token)
            outcome, credentials = IdentityCenter(dict(meant.environ)).role_credentials(*asked)
            if credentials is not None:
                role_cache.write(paths.cli_cache, *asked[:3], credentials)
                return Got(credentials)
        if outcome.result is not Result.REJECTED or not first:
            break
        side = Side(paths, meant.environ, meant.session, frozenset({Do.REFRESH}))
        standing = renewed(side, look.token.digest, within)
        if standing.standing in {Standing.OFFLINE, Standing.FAILED, Standing.RENEWING}:
            outcome = standing.outcome
        if standing.standing is not Standing.WORKS:
            break
    return Got(None, *why_not(meant, outcome))


def take_on_top(paths: Paths, meant: Meant, within: float) -> Got:
    """Assume the profile's role with the session's, which is taken anew, once, where AWS does not accept it."""
    got = obtain(paths, meant, within)
    if got.credentials is None:
        return got
    found = assume(paths, meant, got.credentials)
    if found.outcome.result is Result.REJECTED:
        got = take(paths, meant, within)
        if got.credentials is None:
            return got
        found = assume(paths, meant, got.credentials)
    return Got(found.credentials) if found.credentials else Got(None, *why_not_on_top(meant, found.outcome))


def assume(paths: Paths, meant: Meant, source: RoleCredentials | None) -> Assumed:
    """Have the worker process assume the profile's role with `source`; without, it only looks."""
    ask = IdentityCenter(dict(meant.environ)).asked
    return assumed_role.assume(ask, meant.environ, paths.cli_cache, meant.profile, meant.session.region, source)


def settled_secrets(paths: Paths, meant: Meant) -> tuple[token_cache.Look, Secrets | None]:
    """Read the token file; one that is torn is read again over 2 s, since other tools write it in place."""
    found = token_cache.secrets(paths.sso_cache, paths.own, meant.session)
    for _ in range(TORN_LOOKS):
        if found[0].reading is not Reading.TORN:
            break
        clock.sleep(TORN_EVERY)
        found = token_cache.secrets(paths.sso_cache, paths.own, meant.session)
    return found


def why_not(meant: Meant, outcome: Outcome) -> tuple[int, str]:
    """Return the exit code and the sentence for credentials that could not be taken."""
    profile = meant.profile
    if outcome.result is Result.REJECTED:
        return SIGN_IN, f"you need to sign in to {meant.session.name}: {whose.login_command(profile.name)}"
    if outcome.result is Result.FORBIDDEN:
        return FAILED, whose.forbidden(profile)
    if outcome.result in OFFLINE:
        return FAILED, in_passing(outcome, "try again in a moment")
    reason = outcome.detail or outcome.code or str(outcome.result)
    return FAILED, f"AWS gave no credentials for profile {profile.name!r} ({reason}). See: keeplit status"


def why_not_on_top(meant: Meant, outcome: Outcome) -> tuple[int, str]:
    """Return the exit code and the sentence for a role on top that could not be assumed."""
    name = meant.profile.name
    if outcome.result in OFFLINE or not outcome.detail:
        return why_not(meant, outcome)
    if outcome.result is Result.FORBIDDEN:
        return FAILED, f"{outcome.detail}. Signing in again will not help; ask your administrator"
    if outcome.code == assumed_role.MFA:
        by = f"aws configure export-credentials --profile={whose.quoted(name)}"
        return FAILED, f"{outcome.detail}, and keeplit never asks you. Type: {by}  (keeplit then serves what it caches)"
    return (
        FAILED,
        f"no credentials for profile {name!r}: {outcome.detail.rstrip('.')} ({outcome.code}). See: keeplit status",
    )


def index(paths: Paths, environ: Mapping[str, str], profile: str | None, meant: Meant, role: str) -> None:
    """Note what led to this answer, so that the next one need read no configuration; a failure costs only time.

    The configuration is read once more between two looks at its files: an entry tells of a state that truly was.
    """
    now = clock.now()
    if not warm.repeatable(environ) or not all(path.is_absolute() for path in meant.files):
        return
    names = [str(path) for path in meant.files]
    before = warm.stamps(names)
    again = whose.meant(paths, environ, profile)
    if again != meant or warm.stamps(names) != before or not warm.settled(before, now.timestamp()):
        return
    asked = str(notebook.asked_file(paths.asked, meant.profile.name))
    entry = {"profile": meant.profile.name, "role": role, "asked": asked, "files": before}
    file = paths.own / warm.INDEX
    try:
        files.private_folder(paths.own)
        with files.lock(file.with_suffix(".lock"), timeout=1.0):
            old = files.read_own(file, warm.LIMIT)
            files.replace_if_changed(file, warm.indexed(old, __version__, warm.request(profile, environ), entry))
    except files.FileTrouble:
        return
