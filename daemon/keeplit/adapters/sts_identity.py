"""Whom STS takes role credentials for: one GetCallerIdentity by the worker process, which needs no permission."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from keeplit.core.answers import Answer, broken, judged
from keeplit.core.aws_environment import override
from keeplit.core.deeds import Outcome, Result
from keeplit.core.secrets import RoleCredentials
from keeplit.core.signed_call import begin

Ask = Callable[[Sequence[Mapping[str, object]]], Sequence[Answer]]
DEAD = frozenset({"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"})
REJECTED = "AWS does not accept the role credentials."
SKEWED = "AWS does not accept the signature: look at this machine's clock."


@dataclass(frozen=True, slots=True)
class Identity:
    """The account, and the last part of the ARN: role and session name."""

    account: str
    name: str


def ask_for(
    ask: Ask, environ: Mapping[str, str], region: str, credentials: RoleCredentials
) -> tuple[Outcome, Identity | None]:
    """Return whom STS in a region takes the credentials for."""
    named = override(environ, "sts")
    if named is not None and not named.allowed:
        return broken("endpoint"), None
    call = begin("sts", region, named.url if named else None, credentials)
    return _read(ask([{**call, "operation": "get_caller_identity", "parameters": {}}])[0])


def _read(answer: Answer) -> tuple[Outcome, Identity | None]:
    """Read an answer: who it is, or what the refusal means."""
    account, arn = answer.fields.get("Account"), answer.fields.get("Arn")
    if answer.good and isinstance(account, str) and isinstance(arn, str):
        return Outcome(Result.DONE), Identity(account, arn.rpartition(":")[2].removeprefix("assumed-role/"))
    if answer.error in DEAD and not answer.page:
        return Outcome(Result.REJECTED, answer.error, REJECTED), None
    if answer.error == "SignatureDoesNotMatch" and not answer.page:
        return Outcome(Result.REFUSED, answer.error, SKEWED), None
    outcome = judged(answer)
    return (broken() if outcome.result is Result.DONE else outcome), None
