"""The facts of the doctor's checks that ask AWS: each address at once, then role, identity and models, side by side.

Law: Claude Code's own addresses are asked; whatever needs a token goes only where the shell's environment says. A place
that does not answer is asked nothing more, so that a machine without a network is judged at once.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from keeplit.adapters.files import FileTrouble
from keeplit.core.aws_environment import Override, Service, override
from keeplit.core.clocks import alive
from keeplit.core.deeds import Outcome, Result
from keeplit.core.doctor_aws import Answers
from keeplit.core.doctor_network import RUNTIME, WORDS, Reached, Way, address, host, runtime
from keeplit.core.model_list import Listing
from keeplit.engine import models, whose
from keeplit.engine.doctor_local import pins
from keeplit.engine.doctor_scene import Scene
from keeplit.engine.whose import Meant

if TYPE_CHECKING:
    from keeplit.adapters.sts_identity import Identity

OF_TOOLS: tuple[Service, ...] = ("sso-oidc", "sso", "sts", "bedrock")
WITHIN = 20.0
PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
BUNDLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")


def way(scene: Scene, *, asks: bool) -> Way:
    """Return what is known of the way to AWS; with `asks` every service is asked, all at once."""
    overrides = _overrides(scene)
    known = Way(tuple(overrides.items()), proxies(scene.variables), bundles(scene.variables))
    if not asks:
        return known
    region = scene.region
    home = scene.meant.session.region if isinstance(scene.meant, Meant) else region
    places = {service: home if service in {"sso-oidc", "sso"} else region for service in WORDS}
    with ThreadPoolExecutor(len(places)) as pool:
        asked = {
            service: pool.submit(_reach, service, where, overrides.get(service), scene)
            for service, where in places.items()
        }
        return replace(known, reached=tuple(one.result() for one in asked.values()))


def _overrides(scene: Scene) -> Mapping[str, Override]:
    found: dict[str, Override | None] = {service: override(scene.environ, service) for service in OF_TOOLS}
    found[RUNTIME] = runtime(scene.variables)
    return {service: named for service, named in found.items() if named is not None}


def _reach(service: str, region: str, named: Override | None, scene: Scene) -> Reached:
    url = named.url if named is not None else address(service, region)
    if named is not None and not named.allowed:
        return Reached(service, host(url), "endpoint")
    from keeplit.adapters import reach  # late, as all that speaks to the network: a doctor offline needs none of it

    answer = reach.ask(url, scene.variables)
    return Reached(service, host(url), answer.failure, answer.status, answer.took, answer.skew)


def proxies(environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what is odd about the proxy's variables."""
    found: list[tuple[str, str]] = []
    for name in PROXIES:
        value = environ.get(name, "")
        if value and "://" not in value:
            found.append((name, "has no http:// before its host, which some tools need"))
        other = environ.get(name.lower() if name.isupper() else name.upper(), "")
        if value and name.isupper() and other and other != value:
            found.append((name, f"and {name.lower()} name two proxies"))
    return tuple(found)


def bundles(environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return which CA bundles cannot be used; one that several variables name is read once, which takes 20 ms."""
    named = {name: environ[name] for name in BUNDLES if environ.get(name)}
    faults = {place: _of_bundle(place) for place in dict.fromkeys(named.values())}
    return tuple((name, faults[place]) for name, place in named.items() if faults[place])


def _of_bundle(place: str) -> str:
    import ssl

    try:
        ssl.create_default_context(cafile=place)
    except FileNotFoundError:
        return f"names {place}, and there is no such file"
    except (OSError, ValueError):
        return f"names {place}, which is no file of certificates that can be read"
    return ""


def answers(scene: Scene, seen: Way) -> Answers:
    """Return what AWS says of role, identity and models; nothing is asked where nobody would answer."""
    known = Answers(
        scene.now,
        region=scene.region,
        no_region=bool(models.no_region(scene.region)),
        on_bedrock=scene.on_bedrock,
        pins=pins(scene),
    )
    meant = scene.meant
    if not isinstance(meant, Meant):
        return replace(known, why_not="No profile with a sign-in is in use.")
    known = replace(
        known,
        role_name=meant.profile.role,
        account=meant.profile.account,
        role_fix=whose.login_command(meant.profile.name),
        kept=models.cached(scene.paths, scene.tools, meant.profile.name, scene.region),
    )
    shut = {one.service for one in seen.reached if one.failure}
    if not seen.reached or "sso" in shut:
        return replace(known, why_not="The access portal cannot be reached." if seen.reached else known.why_not)
    case = next((one for one in scene.cases if one.key == meant.session.key), None)
    if case is None or case.token is None or not alive(case):
        return replace(known, why_not="Nobody is signed in.")
    from keeplit.engine import probe

    try:
        role = probe.accepted(scene.paths, meant, case.token.digest, WITHIN)
    except FileTrouble as trouble:
        return replace(known, why_not=f"{trouble}.")
    known = replace(known, role=role)
    if role.result is not Result.DONE:
        return known
    with ThreadPoolExecutor(2) as pool:
        listing = pool.submit(_listing, scene, meant) if "bedrock" not in shut and not known.no_region else None
        identity = pool.submit(_identity, scene, meant) if "sts" not in shut else None
        if identity is not None:
            outcome, who = identity.result()
            account, name = (who.account, who.name) if who is not None else ("", "")
            known = replace(known, identity=outcome, identity_account=account, identity_name=name)
        return replace(known, listing=listing.result() if listing is not None else None)


def _listing(scene: Scene, meant: Meant) -> Listing:
    return models.listing(scene.paths, scene.tools, meant.profile.name, scene.region, refresh=True)


def _identity(scene: Scene, meant: Meant) -> "tuple[Outcome, Identity | None]":
    from keeplit.adapters import sts_identity
    from keeplit.adapters.identity_center import IdentityCenter
    from keeplit.engine import credentials

    taken = credentials.lookup(scene.paths, meant)
    if taken is None:
        return Outcome(Result.TRANSIENT, "no_credentials", "the role cache was emptied meanwhile"), None
    region = scene.region if not models.no_region(scene.region) else meant.session.region
    return sts_identity.ask_for(IdentityCenter(dict(meant.environ)).asked, meant.environ, region, taken)
