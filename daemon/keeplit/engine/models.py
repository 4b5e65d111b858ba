"""Which models a region has for a profile: AWS's list, or the last one with its age; and the answer to who wants one.

Law: a list that is younger than an hour is taken as it is; an older one is asked for again, and serves, with why, where
AWS cannot be asked. An alias is answered from the list alone. A refusal out of a kept list is looked up afresh first.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from keeplit.adapters import aws_regions, bedrock, claude_settings, clock, config
from keeplit.adapters.bedrock import Known
from keeplit.adapters.identity_center import IdentityCenter
from keeplit.adapters.paths import Paths
from keeplit.core import model_list
from keeplit.core.answers import is_the_network
from keeplit.core.deeds import Outcome, Result
from keeplit.core.exit_codes import FAILED, SIGN_IN
from keeplit.core.model_list import Listing, Refused, Resolved
from keeplit.core.models import is_region
from keeplit.engine import credentials, whose
from keeplit.engine.credentials import Got
from keeplit.engine.standing import OFFLINE
from keeplit.engine.whose import Meant, Unclear, nearest

HOLDS = timedelta(hours=1)
NOT_A_REGION = "not_a_region"
DEFAULT_REGION = "us-east-1"  # Claude Code's own, where nothing names one
REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
PLAIN = frozenset({"not_a_model", "not_anthropic"})
"""Refusals that no list could change."""


def region(paths: Paths, environ: Mapping[str, str], profile: str | None = None) -> str:
    """Return the region that Claude Code calls: of config.toml, its settings, the environment, or the profile."""
    sources = whose.read(paths, environ, profile)
    ours = config.read(paths.config_file, None)
    said = [ours.claude_region]
    for variable in REGIONS:
        said += [claude_settings.value(sources.environ, ours.settings, variable), sources.environ.get(variable, "")]
    said += [one.region for one in sources.aws.profiles if one.name == sources.name]
    return next((one for one in said if one), DEFAULT_REGION)


def no_region(region: str) -> str:
    """Return why a text is no region, with the nearest one; empty where it is one, or that cannot be known."""
    known = aws_regions.known()
    if region in known or (not known and is_region(region)):
        return ""
    near = nearest(region.lower(), list(known))
    like = "" if near.endswith("?") else " One looks like us-east-1"
    return f"AWS has no region {region[:40]!r}{near}{like}"


def listing(
    paths: Paths, environ: Mapping[str, str], profile: str | None, region: str, *, refresh: bool = False
) -> Listing:
    """Return the models that a profile's account has in a region; it asks AWS where the kept list is old.

    It takes a second or two where it asks, and a minute at most; nothing is raised, and no browser is opened.
    """
    meant = _meant(paths, environ, profile, region)
    if isinstance(meant, Listing):
        return meant
    kept = _kept(paths, meant, region)
    if not refresh and kept.age is not None and kept.code == "":
        return kept
    got = (credentials.on_top if meant.profile.assumes else credentials.obtain)(paths, meant)
    fresh = _asked(paths, meant, region, got)
    if not fresh.code:
        return fresh
    return replace(kept, code=fresh.code, fault=fresh.fault, exit_code=fresh.exit_code)


def cached(paths: Paths, environ: Mapping[str, str], profile: str | None, region: str) -> Listing:
    """Return the list that is kept, whatever its age; AWS is not asked. Its code is ``old``, or ``never_asked``."""
    meant = _meant(paths, environ, profile, region)
    return meant if isinstance(meant, Listing) else _kept(paths, meant, region)


def resolve(listing: Listing, asked: str, region: str) -> Resolved | Refused:
    """Return the id to write for what was asked for (an id, an ARN, an alias), or why not, with the nearest right one.

    A listing of another region counts as none.
    """
    here = listing if listing.region == region else Listing(region)
    return model_list.resolve(here, asked, clock.now())


def answer(
    paths: Paths, environ: Mapping[str, str], profile: str | None, region: str, asked: str
) -> Resolved | Refused:
    """Return the id to write for what was asked for: from the kept list, and before it is refused from a fresh one."""
    first = listing(paths, environ, profile, region)
    said = resolve(first, asked, region)
    if not isinstance(said, Refused) or said.code in PLAIN or first.code or not first.age:
        return said
    return resolve(listing(paths, environ, profile, region, refresh=True), asked, region)


def _meant(paths: Paths, environ: Mapping[str, str], profile: str | None, region: str) -> Meant | Listing:
    """Return the profile that is meant, or an empty listing that says why there is none."""
    if not is_region(region):
        return unknown(region)
    meant = whose.meant(paths, environ, profile)
    if isinstance(meant, Unclear):
        return Listing(region, code=meant.code, fault=meant.sentence, exit_code=meant.exit_code)
    return meant


def unknown(region: str, exit_code: int = FAILED) -> Listing:
    """Return an empty listing that says that AWS has no such region, and with what a command then ends."""
    return Listing(region, code=NOT_A_REGION, fault=no_region(region), exit_code=exit_code)


def _account(meant: Meant) -> str:
    """Return the account that is asked: the profile's, or that of the role on top."""
    return meant.profile.assumes.split(":")[4] if meant.profile.assumes.count(":") > 4 else meant.profile.account  # noqa: PLR2004 - an ARN's fifth part


def _kept(paths: Paths, meant: Meant, region: str) -> Listing:
    account = _account(meant)
    known = bedrock.read(paths.state, account, region)
    if known is None:
        fault = f"nobody has asked {region} for its models yet"
        return Listing(region, code="never_asked", fault=fault, exit_code=FAILED, account=account)
    age = clock.now() - known.asked_at  # below zero where the clock was set back
    told = _told(region, account, known, max(timedelta(0), age))
    if timedelta(0) <= age < HOLDS:
        return told
    return replace(told, code="old", fault="the list is not of this hour")


def _told(region: str, account: str, known: Known, age: timedelta) -> Listing:
    return Listing(
        region=region,
        profiles=model_list.ordered(known.profiles, region),
        age=age,
        account=account,
        unknown=known.unknown,
        asked_at=known.asked_at,
        on_demand=known.on_demand,
    )


def _asked(paths: Paths, meant: Meant, region: str, got: Got, *, again: bool = True) -> Listing:
    """Ask AWS, once more where it does not accept the credentials that were cached; a good list is kept."""
    if got.credentials is None:
        code = "sign_in" if got.exit_code == SIGN_IN else "no_credentials"
        return Listing(region, code=code, fault=got.sentence, exit_code=got.exit_code)
    ask = IdentityCenter(dict(meant.environ)).asked
    outcome, told = bedrock.ask_for(ask, meant.environ, region, got.credentials)
    if told is not None:
        now, account = clock.now(), _account(meant)
        bedrock.write(paths.state, account, region, told, now)
        return _told(region, account, bedrock.known(told, now), timedelta(0))
    if outcome.result is Result.REJECTED and again and not meant.profile.assumes:  # a role on top comes from its cache
        return _asked(paths, meant, region, credentials.take(paths, meant, credentials.RENEWED_WITHIN), again=False)
    return Listing(region, code=outcome.code or str(outcome.result), fault=_why_not(region, outcome), exit_code=FAILED)


def _why_not(region: str, outcome: Outcome) -> str:
    """Return why Bedrock gave no list, and what to do."""
    why = f"Bedrock in {region}: {outcome.detail.rstrip('.')} ({outcome.code})"
    if outcome.result is Result.FORBIDDEN:
        return f"{why}. Ask your administrator for that permission, or name a model by its full id"
    if outcome.code == "network":  # a region without Bedrock has no such host
        return f"{why}. Check the network, and that {region} has Bedrock"
    if outcome.result in OFFLINE:
        return f"{why}. {'Check the network; try' if is_the_network(outcome) else 'Try'} again in a moment"
    return f"{why}. See: keeplit status"
