"""What a person may say of a policy's limits, read and refused with the next step. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

from keeplit.core.iam_policy import Limits

VPCE = re.compile(r"vpce-[0-9a-f]{8,17}")
TAG = re.compile(r"[\w .:/=+@-]{1,128}")
VALUE = re.compile(r"[\w .:/=+@-]{0,256}")


class Wrong(ValueError):  # noqa: N818  # it becomes a sentence
    """A limit that no policy should have; its text says why and what to write instead."""


def limits(  # each is an option
    *, source_ips: Sequence[str], vpces: Sequence[str], tags: Sequence[str], until: str, tls_only: bool, now: datetime
) -> Limits:
    """Return the limits that a person named. Raises `Wrong`."""
    if source_ips and vpces:
        raise Wrong(
            "--source-ip and --vpce exclude each other: through a VPC endpoint there is no public address. Name "
            "one of them"
        )
    return Limits(
        tuple(address(one) for one in source_ips),
        tuple(endpoint(one) for one in vpces),
        tuple(tag(one) for one in tags),
        end(until, now) if until else None,
        tls_only,
    )


def address(text: str) -> str:
    """Return a public address or range. Raises `Wrong`."""
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError:
        raise Wrong(f"{text!r} is no address: write for example 203.0.113.0/24") from None
    if not network.prefixlen:
        raise Wrong(f"{text!r} is every address, and so no limit: leave --source-ip out")
    if not network.is_global:
        raise Wrong(
            f"{text!r} is a private range, which AWS never sees as a caller's address: name the VPC endpoint with "
            "--vpce vpce-..., or the public address of your network"
        )
    return str(network)


def endpoint(text: str) -> str:
    """Return the id of a VPC endpoint. Raises `Wrong`."""
    if not VPCE.fullmatch(text):
        raise Wrong(f"{text!r} is no VPC endpoint: write for example vpce-0123456789abcdef0")
    return text


def tag(text: str) -> tuple[str, str]:
    """Return a tag of the principal as key and value. Raises `Wrong`."""
    key, equals, value = text.partition("=")
    if not equals or not TAG.fullmatch(key) or not VALUE.fullmatch(value):
        raise Wrong(f"{text!r} is no tag: write --principal-tag team=platform")
    return key, value


def end(text: str, now: datetime) -> datetime:
    """Return when a policy ends: the moment that is named, or the end of the day. Raises `Wrong`."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Wrong(f"{text!r} is no date: write for example 2027-06-30") from None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    if len(text.strip()) == len("2027-06-30"):
        moment += timedelta(days=1)
    if moment <= now:
        raise Wrong(f"{text!r} is past: a policy that ends there allows nothing")
    return moment
