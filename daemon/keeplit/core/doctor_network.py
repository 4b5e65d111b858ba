"""What `keeplit doctor` says of the way to AWS: endpoints, proxy, CA bundle, and each service that was asked. Pure.

Law: what is asked is what Claude Code asks, under the addresses that it uses.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

from keeplit.core.answers import FAILURES
from keeplit.core.aws_environment import EVERY, Override, override
from keeplit.core.check import Check
from keeplit.core.doctor_marks import fail, ok, skipped, together, warn

RUNTIME = "bedrock-runtime"
WORDS = {
    "sso-oidc": "the sign-in service (oidc)",
    "sso": "the access portal",
    "sts": "STS",
    "bedrock": "Bedrock's lists",
    RUNTIME: "Bedrock",
}
CODES = {
    "sso-oidc": "reach_oidc",
    "sso": "reach_portal",
    "sts": "reach_sts",
    "bedrock": "reach_bedrock_lists",
    RUNTIME: "reach_bedrock",
}
BASES = ("ANTHROPIC_BEDROCK_BASE_URL", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", EVERY)
ON_THE_WAY = frozenset({"network", "timeout", "tls", "proxy"})
CHECK_NETWORK = "check the network, the VPN and the proxy; then: keeplit doctor"
FIXES = {
    "tls": "let AWS_CA_BUNDLE (and NODE_EXTRA_CA_CERTS for Claude Code) name your organisation's CA file",
    "proxy": "correct HTTPS_PROXY, or name the host in NO_PROXY",
}
SLOW = timedelta(seconds=2)
MADE_BY_A_GATEWAY = 500


@dataclass(frozen=True, slots=True)
class Reached:
    """One service that was asked: `failure` is empty where something answered, else as in `keeplit.core.answers`."""

    service: str
    host: str
    failure: str = ""
    status: int = 0
    took: timedelta = timedelta(0)
    skew: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """What the environment says of the way to AWS."""

    overrides: tuple[tuple[str, Override], ...] = ()  # by service
    proxies: tuple[tuple[str, str], ...] = ()  # the variable, and what is wrong with it
    bundles: tuple[tuple[str, str], ...] = ()  # as `proxies`
    reached: tuple[Reached, ...] = ()  # empty: nothing was asked


def endpoints(seen: Way) -> Check:
    """Judge the addresses that are named instead of AWS's own, and name those that were forgotten."""
    code = "endpoints"
    found = [
        fail(
            code,
            f"{one.variable} is neither https nor this machine, so no token is sent there.",
            f"correct {one.variable}",
        )
        for one in dict.fromkeys(one for _, one in seen.overrides)
        if not one.allowed
    ]
    own = {service for service, _ in seen.overrides}
    shut = [one.service for one in seen.reached if one.failure in ON_THE_WAY]
    forgotten = [service for service in WORDS if service in shut and service not in own]
    if RUNTIME in own and RUNTIME not in shut and forgotten:
        names = ", ".join(WORDS[service] for service in forgotten)
        fix = "give those an endpoint too (AWS_ENDPOINT_URL_SSO_OIDC, _SSO, _STS, _BEDROCK), or let them out"
        found.append(fail(code, f"Bedrock has an endpoint of its own, and these were forgotten: {names}.", fix))
    names = ", ".join(dict.fromkeys(one.variable for _, one in seen.overrides))
    return together(code, f"Other endpoints than AWS's are used: {names}." if names else "AWS's own are used.", found)


def proxy(seen: Way) -> Check:
    """Judge the proxy's variables."""
    found = [warn("proxy", f"{name} {wrong}.", f"correct {name}, or unset it") for name, wrong in seen.proxies]
    return together("proxy", "The proxy's variables say nothing odd.", found)


def ca_bundle(seen: Way) -> Check:
    """Judge the files of certificates that the environment names."""
    found = [fail("ca_bundle", f"{name} {wrong}.", f"correct {name}, or unset it") for name, wrong in seen.bundles]
    return together("ca_bundle", "Each CA bundle that is named can be read.", found)


def network(seen: Way) -> Check:
    """Judge whether anything answers at all."""
    code = "network"
    if not seen.reached:
        return skipped(code, "The network was not asked.")
    if is_down(seen) and seen.bundles:
        return skipped(code, "See the check 'ca_bundle'.")
    if is_down(seen):
        failure = seen.reached[0].failure
        why = "" if failure == "network" else f" {_why(failure)}"  # which says the same once more
        return fail(code, f"Nothing of AWS can be reached.{why}", FIXES.get(failure, CHECK_NETWORK))
    return ok(code, "The network is up.")


def is_down(seen: Way) -> bool:
    """Whether nothing at all answered."""
    return bool(seen.reached) and all(one.failure in ON_THE_WAY for one in seen.reached)


def reach(seen: Way) -> tuple[Check, ...]:
    """Judge each service that was asked."""
    if not seen.reached:
        return tuple(skipped(code, "The network was not asked.") for code in CODES.values())
    if is_down(seen):
        return tuple(skipped(CODES[one.service], "The network is down.") for one in seen.reached)
    return tuple(map(_reached, seen.reached))


def _reached(one: Reached) -> Check:
    code, what = CODES[one.service], f"{WORDS[one.service]} at {one.host}"
    if one.failure:
        fix = FIXES.get(one.failure, CHECK_NETWORK)
        return fail(code, f"{_capital(what)} cannot be reached: {_why(one.failure)}", fix)
    if one.status > MADE_BY_A_GATEWAY:
        sentence = f"{_capital(what)} answers {one.status}: it, or something on the way, has trouble of its own."
        return warn(code, sentence, "try again in a moment: keeplit doctor")
    if one.took > SLOW:
        sentence = f"{_capital(what)} answers slowly ({one.took.total_seconds():.1f} s)."
        return warn(code, sentence, "take a nearer region (keeplit use --region R), or look at the VPN and the proxy")
    return ok(code, f"{_capital(what)} answers in {round(one.took.total_seconds() * 1000)} ms.")


def skew(reached: Iterable[Reached]) -> timedelta | None:
    """Return how far AWS's clock is ahead by the quickest answer; None where nobody said."""
    said = sorted((one.took, one.skew) for one in reached if one.skew is not None)
    return said[0][1] if said else None


def address(service: str, region: str) -> str:
    """Return AWS's own address of a service in a region (AWS general reference, service endpoints)."""
    hosts = {"sso-oidc": "oidc", "sso": "portal.sso"}
    ending = ".cn" if region.startswith("cn-") else ""
    return f"https://{hosts.get(service, service)}.{region}.amazonaws.com{ending}/"


def runtime(environ: Mapping[str, str]) -> Override | None:
    """Return what Claude Code calls instead of Bedrock; its own variable comes first."""
    for variable in BASES:
        url = environ.get(variable, "").strip()
        found = override({EVERY: url}, "bedrock") if url else None
        if found is not None:
            return replace(found, variable=variable)
    return None


def host(url: str) -> str:
    """Return the host of an address, without what could be secret beside it."""
    try:
        return urlsplit(url).hostname or "an address without a host"
    except ValueError:
        return "an address that cannot be read"


def _why(failure: str) -> str:
    known = FAILURES.get(failure)
    return known[1] if known is not None else "an error that was not foreseen."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


CHECKS = (endpoints, proxy, ca_bundle, network)
