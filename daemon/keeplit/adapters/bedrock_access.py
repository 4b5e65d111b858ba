"""Bedrock's answers to whether a model may be used: availability and the use-case form, and one call of one token.

Law: the first two cost nothing and change nothing; the call costs a token or two, so only whoever asks for it by name
gets it, and it goes where Claude Code's calls go. Nothing is raised: each is an `Answer`, judged in `core`.
"""

from collections.abc import Callable, Mapping, Sequence

from keeplit.core.answers import Answer
from keeplit.core.aws_environment import EVERY, VARIABLES, override
from keeplit.core.secrets import RoleCredentials
from keeplit.core.signed_call import begin

RUNTIME = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"
CLAUDE_CODES = "ANTHROPIC_BEDROCK_BASE_URL"
AVAILABILITY, FORM, CALL = "get_foundation_model_availability", "get_use_case_for_model_access", "converse"
SHORT = {"messages": [{"role": "user", "content": [{"text": "."}]}], "inferenceConfig": {"maxTokens": 1}}

Ask = Callable[[Sequence[Mapping[str, object]]], Sequence[Answer]]


def availability(
    ask: Ask, environ: Mapping[str, str], region: str, credentials: RoleCredentials, base: str
) -> tuple[Answer, Answer]:
    """Ask what stands between the account and a model (by its base id), and for the account's use-case form."""
    named = override(environ, "bedrock")
    if named is not None and not named.allowed:
        return Answer(failure="endpoint"), Answer(failure="endpoint")
    where = begin("bedrock", region, named.url if named else None, credentials)
    first, second = ask(
        [
            {**where, "operation": AVAILABILITY, "parameters": {"modelId": base}},
            {**where, "operation": FORM, "parameters": {}},
        ]
    )
    return first, second


def call(ask: Ask, environ: Mapping[str, str], region: str, credentials: RoleCredentials, model: str) -> Answer:
    """Call a model for one token, by the id that Claude Code would call it by. It costs next to nothing.

    Converse needs the same permission as Claude Code's own InvokeModel, and its answer is no stream.
    """
    url = environ.get(CLAUDE_CODES, "") or environ.get(RUNTIME, "")
    runtime = {name: value for name, value in environ.items() if name != VARIABLES["bedrock"]}
    named = override({**runtime, EVERY: url or environ.get(EVERY, "")}, "bedrock")
    if named is not None and not named.allowed:
        return Answer(failure="endpoint")
    where = begin("bedrock-runtime", region, named.url if named else None, credentials)
    (answer,) = ask([{**where, "operation": CALL, "parameters": {"modelId": model, **SHORT}}])
    return answer
