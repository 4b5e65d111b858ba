"""How long a connection to Bedrock takes from here, region by region.

Law: it connects and says nothing, so it costs nothing. Where the environment sends calls elsewhere, nothing is
measured: the time would be that of the gateway.
"""

import socket
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from keeplit.adapters import clock

HOST = "bedrock-runtime.{}.amazonaws.com"
PORT = 443
WITHIN = 1.5
ELSEWHERE = ("ANTHROPIC_BEDROCK_BASE_URL", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL")
PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


def to_bedrock(regions: Iterable[str], environ: Mapping[str, str]) -> Mapping[str, timedelta]:
    """Return the time of one connection for each region that answers within 1.5 s; they are made side by side."""
    if any(environ.get(name) for name in (*ELSEWHERE, *PROXIES)):
        return {}
    names = tuple(regions)
    if not names:
        return {}
    with ThreadPoolExecutor(len(names)) as pool:
        found = dict(zip(names, pool.map(lambda name: connection(HOST.format(name), PORT), names), strict=True))
    return {name: time for name, time in found.items() if time is not None}


def connection(host: str, port: int) -> timedelta | None:
    """Return how long a connection takes once the name is known; None where there is none in time."""
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        began = clock.monotonic()
        with socket.create_connection((str(places[0][4][0]), port), WITHIN):
            return timedelta(seconds=clock.monotonic() - began)
    except (OSError, UnicodeError, IndexError):
        return None
