"""Whether Claude Code may use a model: asked without cost first, and by one call where a person wants that.

Law: without `call` no model is invoked and nothing costs. What cannot be asked is unknown, never "no access".
"""

from collections.abc import Mapping

from keeplit.adapters import bedrock_access
from keeplit.adapters.identity_center import IdentityCenter
from keeplit.adapters.paths import Paths
from keeplit.core.answers import Answer
from keeplit.core.check import Check, State
from keeplit.core.exit_codes import SIGN_IN
from keeplit.core.model_access import Access, judge
from keeplit.core.model_list import Refused, Resolved
from keeplit.core.models import parse
from keeplit.core.secrets import RoleCredentials
from keeplit.engine import credentials, models, whose
from keeplit.engine.whose import Meant, Unclear

NOT_ACCEPTED = frozenset(
    {"ExpiredTokenException", "ExpiredToken", "UnrecognizedClientException", "InvalidClientTokenId"}
)


def look(
    paths: Paths, environ: Mapping[str, str], *, region: str, model: str, profile: str | None = None, call: bool = False
) -> Access:
    """Return whether a profile may use a model (id, ARN or alias) from a region; nothing is raised.

    The first check says which model was looked at, or why none could be: ``models_list``, ``credentials``.
    """
    meant = whose.meant(paths, environ, profile)
    if isinstance(meant, Unclear):
        return Access((Check("credentials", State.FAIL, f"{meant.sentence[:1].upper()}{meant.sentence[1:]}"),))
    found = models.answer(paths, environ, profile, region, model)
    login = whose.login_command(meant.profile.name)
    if isinstance(found, Refused):
        state = State.SKIPPED if found.code == "unknown_list" else State.FAIL
        check = Check("model_listed", state, f"{found.sentence}.".replace("..", "."), _nearest(found, region))
        first = Check("credentials", State.FAIL, "Nobody is signed in.", login)
        return Access((check, *[first] * (found.exit_code == SIGN_IN)), None if state is State.SKIPPED else False)
    listed = _listed(found, region)
    got = (credentials.on_top if meant.profile.assumes else credentials.obtain)(paths, meant)
    if got.credentials is None:
        fix = login if got.exit_code == SIGN_IN else ""
        return Access((listed, Check("credentials", State.FAIL, f"No credentials: {got.sentence}.", fix)))
    ready = _accepted(paths, meant, region, got.credentials, found)
    answer = _call(meant, region, ready[2], found.id) if call else None
    judged = judge(found.id, region, ready[0], ready[1], answer)
    return Access((listed, *judged.states), judged.allowed)


def _nearest(found: Refused, region: str) -> str:
    return f"keeplit models --check {found.nearest}" if found.nearest else f"keeplit models --region {region}"


def _listed(found: Resolved, region: str) -> Check:
    if not found.checked:
        return Check(
            "model_listed", State.SKIPPED, f"Whether {region} lists {found.id} is not known. {found.note}".strip()
        )
    note = f" {found.note}" if found.note else ""
    return Check("model_listed", State.OK, f"{region} lists {found.id}.{note}")


def _accepted(
    paths: Paths, meant: Meant, region: str, first: RoleCredentials, found: Resolved
) -> tuple[Answer, Answer, RoleCredentials]:
    """Ask what costs nothing, once more with fresh credentials where AWS does not accept the cached ones."""
    ask = IdentityCenter(dict(meant.environ)).asked
    base = found.profile.model.base if found.profile is not None else parse(found.id).base
    told = bedrock_access.availability(ask, meant.environ, region, first, base or found.id)
    if told[0].error not in NOT_ACCEPTED or meant.profile.assumes:
        return *told, first
    fresh = credentials.take(paths, meant, credentials.RENEWED_WITHIN).credentials
    if fresh is None:
        return *told, first
    return *bedrock_access.availability(ask, meant.environ, region, fresh, base or found.id), fresh


def _call(meant: Meant, region: str, keys: RoleCredentials, model: str) -> Answer:
    ask = IdentityCenter(dict(meant.environ)).asked
    return bedrock_access.call(ask, meant.environ, region, keys, parse(model).text)
