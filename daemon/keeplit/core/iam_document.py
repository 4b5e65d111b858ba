"""IAM policy documents, read: their statements, and whether these match an action on a resource. Pure.

Law: conditions are not evaluated, only known to be there, because who calls from where is not known here.
Source: the IAM User Guide, "IAM JSON policy elements" (matching of wildcards, NotAction, NotResource).
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

AROUND = ("PolicyVersion", "Document", "PolicyDocument", "InlinePolicy", "Policy")


class Unreadable(ValueError):  # noqa: N818  # it becomes a sentence
    """A text that is no policy; it says why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One statement; `condition` is empty where it has none."""

    allow: bool
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    condition: Mapping[str, object] = field(default_factory=dict, hash=False)
    sid: str = ""

    def speaks_of(self, action: str) -> bool:
        """Whether the statement speaks of an action, on whatever resource."""
        if self.actions:
            return _any(self.actions, action, fold=True)
        return not _any(self.not_actions, action, fold=True)

    def matches(self, action: str, resource: str) -> bool:
        """Whether the statement speaks of an action on a resource, its conditions aside."""
        if not self.speaks_of(action):
            return False
        return _any(self.resources, resource) if self.resources else not _any(self.not_resources, resource)


def read(text: str) -> tuple[Rule, ...]:
    """Return the statements of a policy document, of several in a list, or of what AWS's tools print around one.

    Raises `Unreadable`.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("it is no JSON") from None
    documents = document if isinstance(document, list) else [document]
    found = [rule for one in documents for rule in _rules(_bare(one))]
    if not found:
        raise Unreadable("it has no Statement")
    return tuple(found)


def allowed(rules: Iterable[Rule], action: str, resource: str) -> tuple[Rule, ...]:
    """Return the statements that allow an action on a resource; none where one without conditions forbids it."""
    speak = [rule for rule in rules if rule.matches(action, resource)]
    if any(not rule.allow and not rule.condition for rule in speak):
        return ()
    return tuple(rule for rule in speak if rule.allow)


def texts(value: object) -> tuple[str, ...]:
    """Return the texts of an element that may be one or a list."""
    listed = value if isinstance(value, list) else [value]
    return tuple(one for one in listed if isinstance(one, str))


def _bare(document: object) -> object:
    """Return a document without what ``aws iam get-policy-version`` and its like put around it."""
    for _ in AROUND:
        inner = (
            next((document[name] for name in AROUND if name in document), None)
            if isinstance(document, Mapping)
            else None
        )
        if inner is None:
            return document
        document = _parsed(inner)
    return document


def _parsed(inner: object) -> object:
    """Return what a text holds that is JSON itself, as an inline policy is printed."""
    if not isinstance(inner, str):
        return inner
    try:
        return json.loads(inner)
    except (ValueError, RecursionError):
        return inner


def _rules(document: object) -> list[Rule]:
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    listed = statements if isinstance(statements, list) else [statements]
    return [_rule(one) for one in listed if isinstance(one, Mapping)]


def _rule(statement: Mapping[str, object]) -> Rule:
    condition = statement.get("Condition")
    sid = statement.get("Sid")
    return Rule(
        allow=statement.get("Effect") == "Allow",
        actions=texts(statement.get("Action")),
        not_actions=texts(statement.get("NotAction")),
        resources=texts(statement.get("Resource")),
        not_resources=texts(statement.get("NotResource")),
        condition=condition if isinstance(condition, Mapping) else {},
        sid=sid if isinstance(sid, str) else "",
    )


def _any(patterns: Sequence[str], text: str, *, fold: bool = False) -> bool:
    return any(_compiled(one, fold).fullmatch(text) is not None for one in patterns)


@lru_cache(512)
def _compiled(written: str, fold: bool) -> "re.Pattern[str]":  # noqa: FBT001
    pattern = re.escape(written).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(pattern, re.IGNORECASE if fold else 0)
