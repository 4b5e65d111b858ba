"""A small evaluator of IAM policies: what a document allows, conditions included. It knows what ours are made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any

Context = Mapping[str, str]


def _like(pattern: str, text: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), text) is not None


OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, seen: wanted == seen,
    "StringLike": _like,
    "ArnLike": _like,
    "IpAddress": lambda wanted, seen: ip_address(seen) in ip_network(wanted),
    "DateLessThan": lambda wanted, seen: datetime.fromisoformat(seen) < datetime.fromisoformat(wanted),
    "Bool": lambda wanted, seen: wanted == seen,
}


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _holds(condition: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Whether all conditions hold; a key that the context lacks makes its condition false."""
    return all(
        key in context and any(OPERATORS[operator](wanted, context[key]) for wanted in _listed(values))
        for operator, block in condition.items()
        for key, values in block.items()
    )


def allows(document: Mapping[str, Any], action: str, resource: str, context: Context | None = None) -> bool:
    """Whether a document allows an action on a resource, in a context; a Deny wins."""
    effects = {
        statement["Effect"]
        for statement in document["Statement"]
        if any(_like(one, action) for one in _listed(statement["Action"]))
        and any(_like(one, resource) for one in _listed(statement.get("Resource", "*")))
        and _holds(statement.get("Condition", {}), context or {})
    }
    return "Allow" in effects and "Deny" not in effects
