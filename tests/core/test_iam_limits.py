from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from keeplit.core.iam_limits import Wrong, limits
from keeplit.core.iam_policy import Limits

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def made(**said: Any) -> Limits:
    """Return limits, all that is not said being none."""
    nothing: dict[str, Any] = {"source_ips": (), "vpces": (), "tags": (), "until": "", "tls_only": False, "now": NOW}
    return limits(**{**nothing, **said})


def test_limits_are_read() -> None:
    """Addresses become networks, tags pairs, a day its end."""
    assert made() == Limits()
    assert made(source_ips=("8.8.8.8", "2600:1f00::/24")).source_ips == ("8.8.8.8/32", "2600:1f00::/24")
    assert made(vpces=("vpce-0123456789abcdef0",)).vpces == ("vpce-0123456789abcdef0",)
    assert made(tags=("team=web", "cost center=")).principal_tags == (("team", "web"), ("cost center", ""))
    assert made(until="2026-06-30").until == datetime(2026, 7, 1, tzinfo=UTC)
    assert made(until="2026-06-30T08:00:00+02:00").until == datetime(
        2026, 6, 30, 8, tzinfo=timezone(timedelta(hours=2))
    )
    assert made(tls_only=True).tls_only


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"source_ips": ("10.0.0.0/8",)}, "--vpce"),
        ({"source_ips": ("192.168.1.7",)}, "private range"),
        ({"source_ips": ("fd00::/8",)}, "private range"),
        ({"source_ips": ("100.64.0.1",)}, "private range"),
        ({"source_ips": ("0.0.0.0/0",)}, "no limit"),
        ({"source_ips": ("office",)}, "no address"),
        ({"source_ips": ("8.8.8.8",), "vpces": ("vpce-01234567",)}, "exclude each other"),
        ({"vpces": ("vpc-01234567",)}, "no VPC endpoint"),
        ({"tags": ("team",)}, "no tag"),
        ({"tags": ("te*am=x",)}, "no tag"),
        ({"tags": ("team=${x}",)}, "no tag"),
        ({"until": "soon"}, "no date"),
        ({"until": "2026-05-31"}, "past"),
    ],
)
def test_what_no_policy_should_have_is_refused(said: dict[str, Any], why: str) -> None:
    """A limit that would allow nothing, or everything, is refused with what to write instead."""
    with pytest.raises(Wrong, match=why):
        made(**said)
